//! The text that `openssl x509 -text` prints, where the certificate itself is not there.

use std::net::IpAddr;

use super::certificate::{Certificate, Key, Signature};
use super::facts::{Placed, add};
use super::oids;
use crate::source::{Source, View};
use crate::systems::{FileKind, Match, Reading};

/// The text form of a certificate.
pub static X509_TEXT: FileKind = FileKind {
    name: "openssl-x509-text",
    doc: "Output of `openssl x509 -text` without the certificate itself",
    recognise: |source: &Source| {
        let text = &source.text;
        // `-certopt` leaves single parts out.
        let parts = ["Signature Algorithm:", "Subject Public Key Info", "X509v3 ", "Issuer:"];
        let dump = text.contains("Certificate:\n    Data:")
            && text.contains("Not Before")
            && parts.iter().filter(|p| text.contains(**p)).count() > 1;
        match (dump, text.contains("-----BEGIN CERTIFICATE-----")) {
            (true, false) => Match::Sure,
            // The certificate says the same, and more.
            _ => Match::No,
        }
    },
    read,
};

/// Certificates in one text.
const MOST: usize = 500;

fn read(view: &View<'_>, out: &mut Reading) {
    let mut all: Vec<Placed> = Vec::new();
    let mut extension = String::new();
    let mut at = 0;
    for raw in view.text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim();
        if line == "Certificate:" && all.len() < MOST {
            let indent = raw.find("Certificate:").unwrap_or_default();
            let span = view.span(start + indent..start + indent + line.len());
            let certificate = Certificate { version: 1, ..Certificate::default() };
            all.push(Placed { certificate, span, trailing: 0 });
            extension.clear();
            continue;
        }
        if let Some(placed) = all.last_mut() {
            take(&mut placed.certificate, line, &mut extension);
        }
    }
    for (i, placed) in all.iter_mut().enumerate() {
        // Two texts are the same certificate only if all is the same; the place stands in for what is not printed.
        let it = &mut placed.certificate;
        it.fingerprint = oids::hex(&oids::sha256(format!("{i} {}", it.subject).as_bytes()));
        it.serial = if it.serial.is_empty() { vec![1] } else { std::mem::take(&mut it.serial) };
    }
    add(all, Vec::new(), false, out);
}

fn take(it: &mut Certificate, line: &str, extension: &mut String) {
    let value = |label: &str| line.strip_prefix(label).map(str::trim);
    if let Some(rest) = value("Version:") {
        it.version = rest.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(3);
    } else if let Some(rest) = value("Serial Number:") {
        let number = rest.split(' ').next().and_then(|n| n.parse::<i64>().ok());
        it.serial = number.map(|n| n.to_be_bytes().to_vec()).unwrap_or_default();
        let leading = it
            .serial
            .windows(2)
            .take_while(|w| w.first() == Some(&0) && w.get(1).is_some_and(|b| b & 0x80 == 0));
        let zeros = leading.count();
        it.serial.drain(..zeros);
    } else if let Some(rest) = value("Signature Algorithm:") {
        let hash = oids::signature_hash(rest).unwrap_or_default();
        it.signature = Signature { name: rest.to_owned(), hash: hash.to_owned() };
    } else if let Some(rest) = value("Issuer:") {
        (it.issuer, it.issuer_key) = (rest.to_owned(), key_of(rest));
    } else if let Some(rest) = value("Subject:") {
        (it.subject, it.subject_key) = (rest.to_owned(), key_of(rest));
        it.common_name = common_name(rest);
    } else if let Some(time) = value("Not Before:").and_then(moment) {
        it.not_before = time;
    } else if let Some(time) = value("Not After :").and_then(moment) {
        it.not_after = time;
    } else if let Some(rest) = value("Public Key Algorithm:") {
        let kind = match rest {
            "rsaEncryption" => "rsa",
            "id-ecPublicKey" => "ec",
            "ED25519" => "ed25519",
            "ED448" => "ed448",
            "dsaEncryption" => "dsa",
            other => other,
        };
        it.key = Key { kind: kind.to_owned(), ..Key::default() };
    } else if let Some((_, rest)) = line.split_once("Public-Key: (") {
        it.key.bits = rest.split(' ').next().and_then(|n| n.parse().ok());
    } else if let Some(rest) = value("Exponent:") {
        it.key.exponent = rest.split(' ').next().and_then(|n| n.parse().ok());
    } else if let Some(rest) = value("NIST CURVE:") {
        it.key.curve = Some(rest.to_owned());
    } else if let Some(rest) = value("ASN1 OID:") {
        it.key.curve.get_or_insert_with(|| match rest {
            "prime256v1" => "P-256".to_owned(),
            "secp384r1" => "P-384".to_owned(),
            "secp521r1" => "P-521".to_owned(),
            other => other.to_owned(),
        });
    } else if line.starts_with("X509v3 ") && line.contains(':') {
        *extension = line.split(':').next().unwrap_or_default().to_owned();
    } else if !line.is_empty() {
        content(it, extension, line);
    }
}

fn content(it: &mut Certificate, extension: &str, line: &str) {
    let parts = || line.split(',').map(str::trim);
    match extension {
        "X509v3 Subject Alternative Name" => {
            it.has_san = true;
            for part in parts() {
                if let Some(name) = part.strip_prefix("DNS:") {
                    it.dns.push(name.to_owned());
                } else if let Some(ip) = part.strip_prefix("IP Address:") {
                    it.ips.extend(ip.parse::<IpAddr>().ok());
                } else if let Some(mail) = part.strip_prefix("email:") {
                    it.other_names.push(format!("email:{mail}"));
                }
            }
        }
        "X509v3 Basic Constraints" => {
            for part in parts() {
                match part.split_once(':') {
                    Some(("CA", word)) => it.ca = Some(word == "TRUE"),
                    Some(("pathlen", number)) => it.path_length = number.trim().parse().ok(),
                    _ => {}
                }
            }
        }
        "X509v3 Key Usage" => {
            const USAGES: [(&str, &str); 7] = [
                ("Digital Signature", "digitalSignature"),
                ("Non Repudiation", "nonRepudiation"),
                ("Key Encipherment", "keyEncipherment"),
                ("Data Encipherment", "dataEncipherment"),
                ("Key Agreement", "keyAgreement"),
                ("Certificate Sign", "keyCertSign"),
                ("CRL Sign", "cRLSign"),
            ];
            let word = |p: &str| USAGES.iter().find(|u| u.0 == p).map(|u| u.1);
            it.key_usage = Some(parts().filter_map(word).collect());
        }
        "X509v3 Extended Key Usage" => {
            let word = |p: &str| match p {
                "TLS Web Server Authentication" => "serverAuth".to_owned(),
                "TLS Web Client Authentication" => "clientAuth".to_owned(),
                "Any Extended Key Usage" => "anyExtendedKeyUsage".to_owned(),
                "Code Signing" => "codeSigning".to_owned(),
                other => other.to_owned(),
            };
            it.extended_key_usage = Some(parts().map(word).collect());
        }
        "X509v3 Subject Key Identifier" if it.subject_key_id.is_none() => it.subject_key_id = hex(line),
        "X509v3 Authority Key Identifier" if it.authority_key_id.is_none() => {
            it.authority_key_id = hex(line.strip_prefix("keyid:").unwrap_or(line));
        }
        _ => {}
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.trim().chars().filter(|c| *c != ':').collect();
    data_encoding::HEXUPPER_PERMISSIVE.decode(digits.as_bytes()).ok()
}

/// A name in a form that its spellings share: `C = US, CN = x`, `C=US, CN=x` and `/C=US/CN=x`.
fn key_of(name: &str) -> String {
    let parts = name.split([',', '/']).map(|p| p.split('=').map(str::trim).collect::<Vec<_>>().join("="));
    parts.filter(|p| !p.is_empty()).map(|p| p.to_lowercase() + "\n").collect()
}

fn common_name(name: &str) -> Option<String> {
    let part = name.split([',', '/']).rfind(|p| p.trim_start().starts_with("CN"))?;
    Some(part.split_once('=')?.1.trim().to_owned())
}

/// `Apr  1 00:00:00 2019 GMT`.
fn moment(text: &str) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<&str> = text.split_whitespace().collect();
    let [month, day, time, year, "GMT"] = words[..] else { return None };
    let month = MONTHS.find(month).filter(|n| n % 3 == 0)? / 3 + 1;
    let day: u32 = day.parse().ok()?;
    crate::facts::parse_time(&format!("{year}-{month:02}-{day:02}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_printed() {
        assert_eq!(moment("Apr  1 00:00:00 2019 GMT"), crate::facts::parse_time("2019-04-01"));
        assert_eq!(moment("Dec 31 23:59:59 2026 GMT"), crate::facts::parse_time("2026-12-31T23:59:59Z"));
        assert_eq!(moment("yesterday"), None);
    }

    #[test]
    fn names_are_compared_in_every_spelling() {
        let spellings = ["C = US, CN = x", "C=US, CN=x", "/C=US/CN=x"];
        assert!(spellings.iter().all(|s| key_of(s) == key_of(spellings[0])));
        assert_eq!(common_name(spellings[2]).as_deref(), Some("x"));
    }
}
