//! PEM files, PEM within other texts, and what stands in for binary ones.

use super::certificate::Certificate;
use super::der::{self, Content};
use super::facts::{Placed, PlacedKey, add};
use crate::facts::kinds::tls::pem_block;
use crate::facts::{Fact, FactId, Value};
use crate::source::{Source, View};
use crate::syntax::pem::{self, Block, Fault};
use crate::systems::{FileKind, Match, Reading};

/// A file of PEM blocks.
pub static PEM: FileKind = FileKind {
    name: "pem",
    doc: "Certificates and keys: PEM blocks, or the base64 of a certificate.",
    recognise: recognise_pem,
    read: |view, out| {
        read(view, out, true);
    },
};

/// Endings of files that hold PEM.
const ENDINGS: &[&str] = &[
    ".pem",
    ".crt",
    ".cer",
    ".cert",
    ".key",
    ".csr",
    ".crl",
    ".ca-bundle",
    ".chain",
    ".p7b",
    ".p7c",
    ".der",
    ".p12",
    ".pfx",
    ".jks",
];

/// Base64 of a certificate without its lines is at least this long: the smallest have 300 bytes.
const LEAST_BASE64: usize = 400;

/// A file of base64 alone is no longer than this; hundreds of certificates fit.
const MOST_BASE64: usize = 1 << 20;

fn recognise_pem(source: &Source) -> Match {
    let text = source.text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("-----BEGIN ") && text.lines().next().is_some_and(|l| l.trim_end().ends_with("-----"))
    {
        return Match::Sure;
    }
    let name = source.base_name();
    if ENDINGS.iter().any(|e| name.ends_with(e))
        && (text.contains("-----BEGIN ") || !pem::odd_dashes(text).is_empty())
    {
        return Match::Sure;
    }
    // What OpenSSL prints before the block that it belongs to.
    let printed =
        ["Certificate:", "Bag Attributes", "subject=", "issuer="].iter().any(|p| text.starts_with(p));
    if printed && text.lines().any(|l| l.starts_with("-----BEGIN CERTIFICATE-----")) {
        return Match::Likely;
    }
    if naked(text).is_some() { Match::Likely } else { Match::No }
}

/// The bytes of a text that is nothing but base64 of DER, or of PEM as in Kubernetes secrets.
fn naked(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let long = (LEAST_BASE64..MOST_BASE64).contains(&text.len());
    // DER of two length bytes begins `MII`, PEM begins `LS0tLS1CRUdJTi`.
    if !long || !(text.starts_with("MII") || text.starts_with("LS0tLS1CRUdJTi")) {
        return None;
    }
    let base64: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    pem::decode(&base64)
}

/// Reads the certificates and keys of a text that carries them: a Kubernetes secret already decoded, a value of a
/// configuration, source code. How the lines are indented or quoted is the carrier's affair.
pub fn read_pem(view: &View<'_>, out: &mut Reading) -> Vec<FactId> {
    read(view, out, false)
}

fn read(view: &View<'_>, out: &mut Reading, own_file: bool) -> Vec<FactId> {
    let text: &str = &view.text;
    let blocks = pem::blocks(text);
    if blocks.is_empty()
        && let Some(bytes) = naked(text)
    {
        return base64_alone(view, &bytes, out);
    }
    let mut found = Found::default();
    found.take(view, &blocks, own_file, out);
    if own_file {
        for range in pem::odd_dashes(text) {
            let mut fact = Fact::new(&pem_block::KIND, view.span(range));
            fact.derive(pem_block::fault, Value::text(Fault::Dashes.as_str()));
            fact.derive(pem_block::content, Value::text("certificate"));
            out.facts.add(fact);
        }
    }
    let with_certificates = !found.certificates.is_empty();
    for fact in &mut found.blocks {
        fact.derive(pem_block::with_certificates, Value::Bool(with_certificates));
    }
    for fact in found.blocks {
        out.facts.add(fact);
    }
    add(found.certificates, found.keys, false, out)
}

/// A text of base64 alone: its first line stands for all of it.
fn base64_alone(view: &View<'_>, bytes: &[u8], out: &mut Reading) -> Vec<FactId> {
    let range = view.trim_range(0..view.text.len());
    let line = view.text.get(range.clone()).and_then(|t| t.find('\n')).unwrap_or(range.len());
    let span = view.span(range.start..range.start + line.min(64));
    if bytes.starts_with(b"-----BEGIN ") {
        let Ok(inner) = std::str::from_utf8(bytes) else { return Vec::new() };
        // Places within base64 cannot be pointed at; the secret of a key is all of it.
        let blocks = pem::blocks(inner);
        if blocks.iter().any(Block::is_private) {
            out.secrets.push(view.span(range));
        }
        let mut found = Found::default();
        for block in &blocks {
            found.block(block, span, false);
        }
        return add(found.certificates, found.keys, false, out);
    }
    match der::content(bytes) {
        Some(Content::Certificate) => match Certificate::parse(bytes) {
            Some((certificate, trailing)) => {
                return add(vec![Placed { certificate, span, trailing }], Vec::new(), false, out);
            }
            None => out.notice(span, "this base64 begins like a certificate and cannot be read as one"),
        },
        Some(Content::PrivateKey | Content::EncryptedKey) => out.secrets.push(view.span(range)),
        _ => {}
    }
    Vec::new()
}

#[derive(Default)]
struct Found {
    certificates: Vec<Placed>,
    keys: Vec<PlacedKey>,
    blocks: Vec<Fact>,
}

impl Found {
    fn take(&mut self, view: &View<'_>, blocks: &[Block], own_file: bool, out: &mut Reading) {
        for block in blocks {
            if block.is_private() {
                out.secrets.push(view.span(block.body.clone()));
            }
            self.block(block, view.span(block.begin.clone()), own_file);
        }
    }

    fn block(&mut self, block: &Block, span: crate::source::Span, own_file: bool) {
        let content = content_word(block);
        let mut faults: Vec<&str> = block
            .faults
            .iter()
            // Indented and escaped PEM is right where another text carries it.
            .filter(|f| own_file || !matches!(f, Fault::Prefixed | Fault::OneLine | Fault::Glued))
            .map(|f| f.as_str())
            .collect();
        match content {
            "certificate" | "trusted_certificate" => {
                match Certificate::parse(&block.bytes) {
                    Some((certificate, trailing)) => {
                        // The trust settings of OpenSSL follow the certificate by design.
                        let trailing = if content == "trusted_certificate" { 0 } else { trailing };
                        self.certificates.push(Placed { certificate, span, trailing });
                    }
                    None if faults.is_empty() => faults.push("unreadable"),
                    None => {}
                }
            }
            "private_key" => {
                let face = if block.encrypted { Default::default() } else { der::key_face(&block.bytes) };
                let (format, encrypted) = match block.label.as_str() {
                    "ENCRYPTED PRIVATE KEY" => ("pkcs8", true),
                    "RSA PRIVATE KEY" => ("pkcs1", block.encrypted),
                    "EC PRIVATE KEY" => ("sec1", block.encrypted),
                    "DSA PRIVATE KEY" => ("dsa", block.encrypted),
                    "OPENSSH PRIVATE KEY" => ("openssh", openssh_encrypted(&block.bytes)),
                    _ => ("pkcs8", block.encrypted),
                };
                self.keys.push(PlacedKey { face, format, encrypted, span });
            }
            _ => {}
        }
        let conversion = conversion(content);
        if faults.is_empty() && (matches!(content, "certificate" | "private_key")) {
            return;
        }
        let faults = if faults.is_empty() { vec![""] } else { faults };
        for fault in faults {
            let mut fact = Fact::new(&pem_block::KIND, span);
            fact.derive(pem_block::label, Value::text(&block.label));
            fact.derive(pem_block::content, Value::text(content));
            if !fault.is_empty() {
                fact.derive(pem_block::fault, Value::text(fault));
            }
            if let Some(conversion) = conversion {
                fact.derive(pem_block::conversion, Value::text(conversion));
            }
            self.blocks.push(fact);
        }
    }
}

/// The cipher's name follows the magic word and its length (OpenSSH's PROTOCOL.key).
fn openssh_encrypted(bytes: &[u8]) -> bool {
    const HEAD: &[u8] = b"openssh-key-v1\0";
    bytes.strip_prefix(HEAD).and_then(|r| r.get(4..8)).is_none_or(|cipher| cipher != b"none")
}

fn content_word(block: &Block) -> &'static str {
    match block.label.as_str() {
        "CERTIFICATE" | "X509 CERTIFICATE" => "certificate",
        "TRUSTED CERTIFICATE" => "trusted_certificate",
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => "request",
        "X509 CRL" | "CRL" => "crl",
        "PKCS7" | "CMS" => "pkcs7",
        "PKCS12" => "pkcs12",
        "JAVA KEYSTORE" => "jks",
        "DH PARAMETERS" | "X9.42 DH PARAMETERS" => "dh_parameters",
        "EC PARAMETERS" => "ec_parameters",
        "PUBLIC KEY" | "RSA PUBLIC KEY" => "public_key",
        _ if block.is_private() => "private_key",
        _ => "other",
    }
}

/// The command that shows the certificates of something that holds more than them.
fn conversion(content: &str) -> Option<&'static str> {
    match content {
        "pkcs12" => Some("openssl pkcs12 -in FILE -nokeys -out certificates.pem"),
        "jks" => Some("keytool -list -rfc -keystore FILE > certificates.pem"),
        "pkcs7" => Some("openssl pkcs7 [-inform DER] -in FILE -print_certs -out certificates.pem"),
        "trusted_certificate" => Some("openssl x509 -in FILE -out certificate.pem"),
        _ => None,
    }
}

/// Whether a binary file begins as a certificate, key or key store does: DER with two bytes of length, or the magic
/// number of a Java key store. [`der_to_pem`] tells which of them it is.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x30, 0x82]) || der::is_java_store(bytes)
}

/// The text that stands for a binary file in the engine, which reads texts only: the PEM block of a certificate, a
/// request, a revocation list or PKCS#7, and for a key or key store the two lines without content, so that nothing
/// secret is carried along. `None` for bytes that are nothing of the sort.
pub fn der_to_pem(bytes: &[u8]) -> Option<String> {
    let empty = |label: &str| format!("-----BEGIN {label}-----\n-----END {label}-----\n");
    Some(match der::content(bytes)? {
        Content::Certificate => pem::encode("CERTIFICATE", bytes),
        Content::Request => pem::encode("CERTIFICATE REQUEST", bytes),
        Content::Crl => pem::encode("X509 CRL", bytes),
        Content::Pkcs7 => pem::encode("PKCS7", bytes),
        Content::PublicKey => pem::encode("PUBLIC KEY", bytes),
        Content::PrivateKey => empty("PRIVATE KEY"),
        Content::EncryptedKey => empty("ENCRYPTED PRIVATE KEY"),
        Content::Pkcs12 => empty("PKCS12"),
        Content::JavaStore => empty("JAVA KEYSTORE"),
    })
}
