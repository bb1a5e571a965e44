//! Object identifiers by name, and small readings of bytes.

use sha2::{Digest, Sha256};

pub(super) const COMMON_NAME: &str = "2.5.4.3";
pub(super) const ORGANIZATION: &str = "2.5.4.10";
pub(super) const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub(super) const CRL_POINTS: &str = "2.5.29.31";
pub(super) const AUTHORITY_INFO: &str = "1.3.6.1.5.5.7.1.1";
pub(super) const PSS: &str = "1.2.840.113549.1.1.10";
/// Certificate transparency (RFC 6962): timestamps, and the mark of a precertificate.
pub(super) const TIMESTAMPS: &str = "1.3.6.1.4.1.11129.2.4.2";
pub(super) const POISON: &str = "1.3.6.1.4.1.11129.2.4.3";
/// Policies of the CA/Browser Forum (Baseline Requirements section 7.1.6.1).
pub(super) const POLICY_EV: &str = "2.23.140.1.1";
pub(super) const POLICY_BASELINE: &str = "2.23.140.1.2.";

/// Extensions that RFC 5280 sections 4.2.1.1, 4.2.1.2 and 4.2.2.1 forbid to be critical.
pub(super) const NEVER_CRITICAL: &[&str] = &["2.5.29.35", "2.5.29.14", AUTHORITY_INFO];

fn find<T: Copy>(table: &[(&str, T)], oid: &str) -> Option<T> {
    table.iter().find(|(o, _)| *o == oid).map(|(_, name)| *name)
}

/// Name of an extension that clients know; one that is critical and not here stops them.
pub(super) fn extension_name(oid: &str) -> Option<&'static str> {
    find(
        &[
            ("2.5.29.9", "subjectDirectoryAttributes"),
            ("2.5.29.14", "subjectKeyIdentifier"),
            ("2.5.29.15", "keyUsage"),
            ("2.5.29.16", "privateKeyUsagePeriod"),
            (SUBJECT_ALT_NAME, "subjectAltName"),
            ("2.5.29.18", "issuerAltName"),
            ("2.5.29.19", "basicConstraints"),
            ("2.5.29.30", "nameConstraints"),
            (CRL_POINTS, "cRLDistributionPoints"),
            ("2.5.29.32", "certificatePolicies"),
            ("2.5.29.33", "policyMappings"),
            ("2.5.29.35", "authorityKeyIdentifier"),
            ("2.5.29.36", "policyConstraints"),
            ("2.5.29.37", "extKeyUsage"),
            ("2.5.29.46", "freshestCRL"),
            ("2.5.29.54", "inhibitAnyPolicy"),
            (AUTHORITY_INFO, "authorityInfoAccess"),
            ("1.3.6.1.5.5.7.1.3", "qcStatements"),
            ("1.3.6.1.5.5.7.1.11", "subjectInfoAccess"),
            ("1.3.6.1.5.5.7.1.24", "tlsFeature"),
            ("1.3.6.1.5.5.7.48.1.5", "ocspNoCheck"),
            (TIMESTAMPS, "signedCertificateTimestamps"),
            (POISON, "precertificatePoison"),
            ("2.16.840.1.113730.1.1", "nsCertType"),
            ("2.16.840.1.113730.1.13", "nsComment"),
        ],
        oid,
    )
}

pub(super) fn attribute_name(oid: &str) -> Option<&'static str> {
    find(
        &[
            (COMMON_NAME, "CN"),
            ("2.5.4.4", "SN"),
            ("2.5.4.5", "serialNumber"),
            ("2.5.4.6", "C"),
            ("2.5.4.7", "L"),
            ("2.5.4.8", "ST"),
            ("2.5.4.9", "street"),
            (ORGANIZATION, "O"),
            ("2.5.4.11", "OU"),
            ("2.5.4.12", "title"),
            ("2.5.4.42", "GN"),
            ("2.5.4.97", "organizationIdentifier"),
            ("0.9.2342.19200300.100.1.1", "UID"),
            ("0.9.2342.19200300.100.1.25", "DC"),
            ("1.2.840.113549.1.9.1", "emailAddress"),
        ],
        oid,
    )
}

/// Name of a signature algorithm as OpenSSL writes it, and its hash.
pub(super) fn signature_name(oid: &str) -> Option<(&'static str, &'static str)> {
    find(SIGNATURES, oid)
}

/// The hash of a signature algorithm by its OpenSSL name.
pub(super) fn signature_hash(name: &str) -> Option<&'static str> {
    SIGNATURES.iter().find(|(_, (n, _))| n.eq_ignore_ascii_case(name)).map(|(_, (_, hash))| *hash)
}

const SIGNATURES: &[(&str, (&str, &str))] = &[
    ("1.2.840.113549.1.1.2", ("md2WithRSAEncryption", "md2")),
    ("1.2.840.113549.1.1.4", ("md5WithRSAEncryption", "md5")),
    ("1.2.840.113549.1.1.5", ("sha1WithRSAEncryption", "sha1")),
    ("1.3.14.3.2.29", ("sha1WithRSA", "sha1")),
    ("1.2.840.113549.1.1.11", ("sha256WithRSAEncryption", "sha256")),
    ("1.2.840.113549.1.1.12", ("sha384WithRSAEncryption", "sha384")),
    ("1.2.840.113549.1.1.13", ("sha512WithRSAEncryption", "sha512")),
    ("1.2.840.113549.1.1.14", ("sha224WithRSAEncryption", "sha224")),
    ("1.2.840.10040.4.3", ("dsaWithSHA1", "sha1")),
    ("2.16.840.1.101.3.4.3.2", ("dsa_with_SHA256", "sha256")),
    ("1.2.840.10045.4.1", ("ecdsa-with-SHA1", "sha1")),
    ("1.2.840.10045.4.3.1", ("ecdsa-with-SHA224", "sha224")),
    ("1.2.840.10045.4.3.2", ("ecdsa-with-SHA256", "sha256")),
    ("1.2.840.10045.4.3.3", ("ecdsa-with-SHA384", "sha384")),
    ("1.2.840.10045.4.3.4", ("ecdsa-with-SHA512", "sha512")),
    ("1.3.101.112", ("ED25519", "")),
    ("1.3.101.113", ("ED448", "")),
    ("2.16.840.1.101.3.4.3.17", ("ML-DSA-44", "")),
    ("2.16.840.1.101.3.4.3.18", ("ML-DSA-65", "")),
    ("2.16.840.1.101.3.4.3.19", ("ML-DSA-87", "")),
];

pub(super) fn hash_name(oid: &str) -> Option<&'static str> {
    find(
        &[
            ("1.3.14.3.2.26", "sha1"),
            ("2.16.840.1.101.3.4.2.4", "sha224"),
            ("2.16.840.1.101.3.4.2.1", "sha256"),
            ("2.16.840.1.101.3.4.2.2", "sha384"),
            ("2.16.840.1.101.3.4.2.3", "sha512"),
        ],
        oid,
    )
}

pub(super) fn key_name(oid: &str) -> Option<&'static str> {
    find(
        &[
            ("1.2.840.113549.1.1.1", "rsa"),
            (PSS, "rsa-pss"),
            ("1.2.840.10045.2.1", "ec"),
            ("1.3.101.112", "ed25519"),
            ("1.3.101.113", "ed448"),
            ("1.3.101.110", "x25519"),
            ("1.3.101.111", "x448"),
            ("1.2.840.10040.4.1", "dsa"),
            ("1.2.840.10046.2.1", "dh"),
            ("2.16.840.1.101.3.4.3.17", "ml-dsa"),
            ("2.16.840.1.101.3.4.3.18", "ml-dsa"),
            ("2.16.840.1.101.3.4.3.19", "ml-dsa"),
        ],
        oid,
    )
}

pub(super) fn curve_name(oid: &str) -> Option<&'static str> {
    find(
        &[
            ("1.2.840.10045.3.1.1", "P-192"),
            ("1.3.132.0.33", "P-224"),
            ("1.2.840.10045.3.1.7", "P-256"),
            ("1.3.132.0.34", "P-384"),
            ("1.3.132.0.35", "P-521"),
            ("1.3.132.0.10", "secp256k1"),
            ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
            ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
            ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
        ],
        oid,
    )
}

pub(super) fn curve_bits(curve: &str) -> Option<i64> {
    let digits: String =
        curve.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    if curve.starts_with(|c: char| c.is_ascii_digit()) { None } else { digits.parse().ok() }
}

/// Bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// A number without its leading zeros.
pub(super) fn unpadded(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// Bits of a number without leading zeros.
pub(super) fn bits(bytes: &[u8]) -> i64 {
    let top = bytes.first().map_or(0, |b| 8 - i64::from(b.leading_zeros()));
    (i64::try_from(bytes.len()).unwrap_or(i64::MAX).saturating_sub(1)).saturating_mul(8) + top
}
