//! A certificate, read from DER into plain values.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::signature_algorithm::SignatureAlgorithm;
use x509_parser::x509::{AlgorithmIdentifier, X509Name};

use super::oids;

/// A certificate with more extensions or names than this is cut off there: the largest in public use have a thousand names.
const MAX_NAMES: usize = 5_000;

/// What a certificate says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of the whole, in lower-case hex.
    pub fingerprint: String,
    /// Version as written on paper: 1, 2 or 3.
    pub version: u32,
    /// Serial number, big-endian two's complement as encoded.
    pub serial: Vec<u8>,
    /// Subject for people.
    pub subject: String,
    /// Issuer for people.
    pub issuer: String,
    /// Subject in a form that equal names share.
    pub subject_key: String,
    /// Issuer in the same form.
    pub issuer_key: String,
    /// The last common name of the subject, where it is text.
    pub common_name: Option<String>,
    /// Organisation of the issuer.
    pub issuer_organization: Option<String>,
    /// First second of validity, since 1970.
    pub not_before: i64,
    /// Last second of validity, since 1970.
    pub not_after: i64,
    /// Signature algorithm named outside of the signed part.
    pub signature: Signature,
    /// The public key.
    pub key: Key,
    /// True if the subject alternative name extension is there.
    pub has_san: bool,
    /// DNS names, as written.
    pub dns: Vec<String>,
    /// IP addresses.
    pub ips: Vec<IpAddr>,
    /// Names of other sorts: `email:…`, `uri:…`.
    pub other_names: Vec<String>,
    /// Forms of alternative names that are not read: `otherName`, `registeredID`, `x400Address`, `ediPartyName`.
    pub unread_names: Vec<&'static str>,
    /// Basic constraints: whether it is a CA; `None` without the extension.
    pub ca: Option<bool>,
    /// Most CAs that may stand below it, self-issued ones and the leaf not counted.
    pub path_length: Option<u32>,
    /// Key usages; `None` without the extension.
    pub key_usage: Option<Vec<&'static str>>,
    /// Extended key usages; `None` without the extension.
    pub extended_key_usage: Option<Vec<String>>,
    /// Subject key identifier.
    pub subject_key_id: Option<Vec<u8>>,
    /// Authority key identifier.
    pub authority_key_id: Option<Vec<u8>>,
    /// Names that certificates below may have.
    pub permitted: Vec<Subtree>,
    /// Names that certificates below may not have.
    pub excluded: Vec<Subtree>,
    /// True if a publicly trusted authority issued it, by its policy (CA/Browser Forum) or its CT timestamps.
    pub publicly_issued: bool,
    /// True for a precertificate of certificate transparency, which no client accepts.
    pub precertificate: bool,
    /// True if it says where or how its revocation is told (CRL or OCSP).
    pub has_revocation: bool,
    /// What is odd about its form: word and detail.
    pub oddities: Vec<(&'static str, String)>,
    /// The part that is signed.
    pub signed: Vec<u8>,
    /// The signature.
    pub signature_value: Vec<u8>,
}

/// How something is signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Name as OpenSSL writes it, or the object identifier.
    pub name: String,
    /// Hash: `sha256`; empty where the scheme has its own.
    pub hash: String,
}

/// A public key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// `rsa`, `ec`, `ed25519`, `ed448`, `dsa`, `ml-dsa`, or the object identifier.
    pub kind: String,
    /// Size in bits, where the type has more than one.
    pub bits: Option<i64>,
    /// Modulus, big-endian without leading zeros.
    pub modulus: Vec<u8>,
    /// Public exponent of RSA, as far as 63 bits hold it.
    pub exponent: Option<i64>,
    /// Curve: `P-256`.
    pub curve: Option<String>,
    /// The key's bits, without its algorithm.
    pub public: Vec<u8>,
    /// The whole SubjectPublicKeyInfo.
    pub info: Vec<u8>,
}

/// A name constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subtree {
    /// A DNS name and all below it.
    Dns(String),
    /// Address and mask.
    Ip(Vec<u8>),
    /// A directory name, in the form that equal names share.
    Directory(String),
    /// A mail address, a host and its mailboxes, or a dot and all hosts below.
    Mail(String),
    /// The host of a URI, or a dot and all hosts below.
    Uri(String),
    /// A form that is not read, by its name.
    Other(&'static str),
}

impl Certificate {
    /// Reads one; the second value is the number of bytes behind it.
    pub fn parse(der: &[u8]) -> Option<(Certificate, usize)> {
        let (rest, x509) = X509Certificate::from_der(der).ok()?;
        let whole = der.get(..der.len().checked_sub(rest.len())?)?;
        let tbs = &x509.tbs_certificate;
        let mut it = Certificate {
            fingerprint: oids::hex(&oids::sha256(whole)),
            version: x509.version().0.saturating_add(1),
            serial: x509.raw_serial().to_vec(),
            subject: shown(x509.subject()),
            issuer: shown(x509.issuer()),
            subject_key: comparable(x509.subject()),
            issuer_key: comparable(x509.issuer()),
            common_name: last_text(x509.subject(), oids::COMMON_NAME),
            issuer_organization: last_text(x509.issuer(), oids::ORGANIZATION),
            not_before: x509.validity().not_before.timestamp(),
            not_after: x509.validity().not_after.timestamp(),
            signature: signature(&x509.signature_algorithm),
            key: key(&x509),
            signed: tbs.as_ref().to_vec(),
            signature_value: x509.signature_value.data.to_vec(),
            ..Certificate::default()
        };
        if tbs.signature != x509.signature_algorithm {
            let inner = signature(&tbs.signature).name;
            it.odd("signature_algorithm_mismatch", format!("{inner} inside, {} outside", it.signature.name));
        }
        it.times(&x509);
        it.extensions(&x509);
        Some((it, rest.len()))
    }

    fn odd(&mut self, word: &'static str, detail: impl Into<String>) {
        let oddity = (word, detail.into());
        if !self.oddities.contains(&oddity) {
            self.oddities.push(oddity);
        }
    }

    /// RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on.
    fn times(&mut self, x509: &X509Certificate<'_>) {
        const YEAR_2050: i64 = 2_524_608_000;
        let validity = x509.validity();
        for (name, time) in [("notBefore", validity.not_before), ("notAfter", validity.not_after)] {
            let late = time.timestamp() >= YEAR_2050;
            if late == time.is_utctime() {
                let (is, should) =
                    if late { ("UTCTime", "GeneralizedTime") } else { ("GeneralizedTime", "UTCTime") };
                self.odd("time_encoding", format!("{name} is a {is} where {should} belongs"));
            }
        }
    }

    fn extensions(&mut self, x509: &X509Certificate<'_>) {
        let mut seen: Vec<String> = Vec::new();
        for extension in x509.extensions().iter().take(MAX_NAMES) {
            let oid = extension.oid.to_id_string();
            let name = oids::extension_name(&oid);
            let shown = name.unwrap_or(&oid).to_owned();
            if seen.contains(&oid) {
                self.odd("extension_duplicate", shown.clone());
            }
            let critical = extension.critical;
            if critical && name.is_none() {
                self.odd("critical_unknown", shown.clone());
            }
            if critical && oids::NEVER_CRITICAL.contains(&oid.as_str()) {
                self.odd("critical_forbidden", shown.clone());
            }
            match oid.as_str() {
                oids::POISON => self.precertificate = true,
                oids::TIMESTAMPS => self.publicly_issued = true,
                oids::CRL_POINTS | oids::AUTHORITY_INFO => self.has_revocation = true,
                _ => {}
            }
            self.extension(&oid, &shown, critical, extension.parsed_extension());
            seen.push(oid);
        }
        if self.version < 3 && !seen.is_empty() {
            self.odd("extensions_in_old_version", format!("version {}", self.version));
        }
        if self.has_san && self.subject_key.is_empty() && !self.oddities.iter().any(|o| o.0 == "san_critical")
        {
            self.odd("san_not_critical", "");
        }
        self.oddities.retain(|o| o.0 != "san_critical");
        let signs = self.key_usage.as_ref().is_none_or(|all| all.contains(&"keyCertSign"));
        if self.ca == Some(true) && self.path_length.is_some() && !signs {
            self.odd("path_length_without_signing", "");
        }
        if self.issuer_key.is_empty() {
            self.odd("issuer_empty", "");
        }
        if self.ca == Some(true) && self.subject_key.is_empty() {
            self.odd("authority_subject_empty", "");
        }
    }

    fn extension(&mut self, oid: &str, name: &str, critical: bool, parsed: &ParsedExtension<'_>) {
        match parsed {
            ParsedExtension::ParseError { .. } => {
                self.has_san |= oid == oids::SUBJECT_ALT_NAME;
                self.odd("extension_unreadable", name);
            }
            ParsedExtension::SubjectAlternativeName(san) => {
                self.has_san = true;
                if critical {
                    self.odd("san_critical", "");
                }
                if san.general_names.is_empty() {
                    self.odd("san_empty", "");
                }
                for general in san.general_names.iter().take(MAX_NAMES) {
                    self.name(general);
                }
            }
            ParsedExtension::BasicConstraints(basic) => {
                self.ca = Some(basic.ca);
                self.path_length = basic.path_len_constraint;
                if basic.ca && !critical {
                    self.odd("not_critical", name);
                }
                if !basic.ca && basic.path_len_constraint.is_some() {
                    self.odd("path_length_without_ca", "");
                }
            }
            ParsedExtension::KeyUsage(usage) => {
                let flags = [
                    (usage.digital_signature(), "digitalSignature"),
                    (usage.non_repudiation(), "nonRepudiation"),
                    (usage.key_encipherment(), "keyEncipherment"),
                    (usage.data_encipherment(), "dataEncipherment"),
                    (usage.key_agreement(), "keyAgreement"),
                    (usage.key_cert_sign(), "keyCertSign"),
                    (usage.crl_sign(), "cRLSign"),
                    (usage.encipher_only(), "encipherOnly"),
                    (usage.decipher_only(), "decipherOnly"),
                ];
                let named: Vec<&str> = flags.into_iter().filter(|f| f.0).map(|f| f.1).collect();
                if named.is_empty() {
                    self.odd("usage_empty", name);
                }
                self.key_usage = Some(named);
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                let flags = [
                    (usage.any, "anyExtendedKeyUsage"),
                    (usage.server_auth, "serverAuth"),
                    (usage.client_auth, "clientAuth"),
                    (usage.code_signing, "codeSigning"),
                    (usage.email_protection, "emailProtection"),
                    (usage.time_stamping, "timeStamping"),
                    (usage.ocsp_signing, "OCSPSigning"),
                ];
                let mut names: Vec<String> =
                    flags.into_iter().filter(|f| f.0).map(|f| f.1.to_owned()).collect();
                names.extend(usage.other.iter().map(|o| o.to_id_string()));
                if names.is_empty() {
                    self.odd("usage_empty", name);
                }
                self.extended_key_usage = Some(names);
                if critical && !usage.time_stamping {
                    self.odd("usage_critical", name);
                }
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|k| k.0.to_vec());
            }
            ParsedExtension::CertificatePolicies(policies) => {
                let public = |id: String| id == oids::POLICY_EV || id.starts_with(oids::POLICY_BASELINE);
                self.publicly_issued |= policies.iter().any(|p| public(p.policy_id.to_id_string()));
            }
            ParsedExtension::NameConstraints(constraints) => {
                let read = |trees: &Option<Vec<_>>| trees.iter().flatten().map(subtree).collect::<Vec<_>>();
                self.permitted = read(&constraints.permitted_subtrees);
                self.excluded = read(&constraints.excluded_subtrees);
                if self.permitted.is_empty() && self.excluded.is_empty() {
                    self.odd("constraints_empty", "");
                }
                if !critical {
                    self.odd("not_critical", name);
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, general: &GeneralName<'_>) {
        match general {
            GeneralName::DNSName(name) => self.dns.push((*name).to_owned()),
            GeneralName::IPAddress(bytes) => match address(bytes) {
                Some(ip) => self.ips.push(ip),
                None => self.odd("address_length", format!("{} bytes", bytes.len())),
            },
            GeneralName::RFC822Name(mail) => self.other_names.push(format!("email:{mail}")),
            GeneralName::URI(uri) => self.other_names.push(format!("uri:{uri}")),
            GeneralName::Invalid(..) => self.odd("name_unreadable", ""),
            other => self.unread_names.extend(form(other).filter(|f| !self.unread_names.contains(f))),
        }
    }

    /// True if issuer and subject are the same name.
    pub fn self_issued(&self) -> bool {
        self.subject_key == self.issuer_key
    }

    /// True if it is signed with its own key, as far as names and key identifiers tell.
    pub fn self_signed(&self) -> bool {
        let same_key = match (&self.authority_key_id, &self.subject_key_id) {
            (Some(authority), Some(subject)) => authority == subject,
            _ => true,
        };
        self.self_issued() && same_key
    }

    /// True if basic constraints make it a CA, or it is one of the first version that signed itself.
    pub fn is_ca(&self) -> bool {
        self.ca == Some(true) || self.version == 1 && self.self_issued()
    }

    /// All names for people: DNS names, addresses, others.
    pub fn names(&self) -> Vec<String> {
        let ips = self.ips.iter().map(IpAddr::to_string);
        self.dns.iter().cloned().chain(ips).chain(self.other_names.iter().cloned()).collect()
    }

    /// True if the extended key usages name it.
    pub fn lists(&self, usage: &str) -> bool {
        self.extended_key_usage.as_ref().is_some_and(|all| all.iter().any(|u| u == usage))
    }

    /// True if the extended key usages allow it; without the extension everything is.
    pub fn may(&self, usage: &str) -> bool {
        let listed = |u: &str| u == usage || u == "anyExtendedKeyUsage";
        self.extended_key_usage.as_ref().is_none_or(|all| all.iter().any(|u| listed(u)))
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(four)));
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| IpAddr::V6(Ipv6Addr::from(sixteen)))
}

fn subtree(tree: &x509_parser::extensions::GeneralSubtree<'_>) -> Subtree {
    match &tree.base {
        GeneralName::DNSName(name) => Subtree::Dns((*name).to_owned()),
        GeneralName::IPAddress(bytes) => Subtree::Ip(bytes.to_vec()),
        GeneralName::DirectoryName(name) => Subtree::Directory(comparable(name)),
        GeneralName::RFC822Name(mail) => Subtree::Mail((*mail).to_owned()),
        GeneralName::URI(host) => Subtree::Uri((*host).to_owned()),
        other => Subtree::Other(form(other).unwrap_or("unknown")),
    }
}

/// A form of names that is not looked into.
fn form(name: &GeneralName<'_>) -> Option<&'static str> {
    match name {
        GeneralName::OtherName(..) => Some("otherName"),
        GeneralName::X400Address(_) => Some("x400Address"),
        GeneralName::EDIPartyName(_) => Some("ediPartyName"),
        GeneralName::RegisteredID(_) => Some("registeredID"),
        _ => None,
    }
}

/// A name as `CN=x, O=y`: the order of the certificate.
fn shown(name: &X509Name<'_>) -> String {
    let mut parts = Vec::new();
    for attribute in name.iter_attributes() {
        let oid = attribute.attr_type().to_id_string();
        let value = String::from_utf8_lossy(attribute.as_slice()).replace(char::is_control, "");
        parts.push(format!("{}={value}", oids::attribute_name(&oid).unwrap_or(&oid)));
    }
    parts.join(", ")
}

/// A name in a form that equal names share: RFC 5280 section 7.1 compares without case and with white space folded.
fn comparable(name: &X509Name<'_>) -> String {
    let mut key = String::new();
    for attribute in name.iter_attributes() {
        key.push_str(&attribute.attr_type().to_id_string());
        key.push('=');
        match attribute.as_str() {
            Ok(text) => {
                let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
                key.push_str(&words.join(" "));
            }
            Err(_) => key.push_str(&oids::hex(attribute.as_slice())),
        }
        key.push('\n');
    }
    key
}

fn last_text(name: &X509Name<'_>, oid: &str) -> Option<String> {
    let of = name.iter_attributes().filter(|a| a.attr_type().to_id_string() == oid);
    of.last().map(|a| String::from_utf8_lossy(a.as_slice()).into_owned())
}

fn signature(algorithm: &AlgorithmIdentifier<'_>) -> Signature {
    let oid = algorithm.algorithm.to_id_string();
    if oid == oids::PSS {
        let hash = match SignatureAlgorithm::try_from(algorithm) {
            Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) => {
                oids::hash_name(&parameters.hash_algorithm_oid().to_id_string()).unwrap_or("sha1")
            }
            _ => "",
        };
        return Signature { name: "rsassaPss".into(), hash: hash.into() };
    }
    match oids::signature_name(&oid) {
        Some((name, hash)) => Signature { name: name.into(), hash: hash.into() },
        None => Signature { name: oid, hash: String::new() },
    }
}

fn key(x509: &X509Certificate<'_>) -> Key {
    let info = x509.public_key();
    let oid = info.algorithm.algorithm.to_id_string();
    let mut key = Key {
        kind: oids::key_name(&oid).map_or(oid, str::to_owned),
        public: info.subject_public_key.data.to_vec(),
        info: info.raw.to_vec(),
        ..Key::default()
    };
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            key.modulus = oids::unpadded(rsa.modulus).to_vec();
            key.bits = Some(oids::bits(&key.modulus));
            key.exponent = rsa.try_exponent().ok().and_then(|e| i64::try_from(e).ok());
        }
        Ok(PublicKey::EC(_)) => {
            let curve = match info.algorithm.parameters() {
                Some(parameters) => match parameters.as_oid() {
                    Ok(oid) => {
                        let oid = oid.to_id_string();
                        oids::curve_name(&oid).map_or(oid, str::to_owned)
                    }
                    Err(_) => "explicit".to_owned(),
                },
                None => "unnamed".to_owned(),
            };
            key.bits = oids::curve_bits(&curve);
            key.curve = Some(curve);
        }
        _ => {}
    }
    key
}
