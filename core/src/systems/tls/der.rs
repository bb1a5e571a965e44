//! Just enough DER to tell things apart and to find the public half of a private key.

use super::oids;

/// The parts of a DER element.
#[derive(Clone, Copy)]
pub(super) struct Element<'d> {
    pub(super) tag: u8,
    pub(super) content: &'d [u8],
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// The first element and what follows it.
pub(super) fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    // Four bytes of length are 4 GiB.
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0usize, |n, b| n << 8 | usize::from(*b)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

/// The elements of a sequence's content, up to the first that is none.
pub(super) fn elements(mut bytes: &[u8]) -> Vec<Element<'_>> {
    // No structure looked at here has more.
    const MOST: usize = 64;
    let mut found = Vec::new();
    while let Some((next, rest)) = element(bytes) {
        found.push(next);
        bytes = rest;
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// What DER bytes are, by their structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A certificate.
    Certificate,
    /// A certificate request (PKCS#10).
    Request,
    /// A revocation list.
    Crl,
    /// A private key in any form.
    PrivateKey,
    /// An encrypted private key (PKCS#8).
    EncryptedKey,
    /// A public key.
    PublicKey,
    /// Signed data (PKCS#7), which may hold certificates.
    Pkcs7,
    /// A key store (PKCS#12).
    Pkcs12,
    /// A Java key store (JKS or JCEKS).
    JavaStore,
}

/// Magic numbers of sun.security.provider.JavaKeyStore and com.sun.crypto.provider.JceKeyStore.
pub(super) fn is_java_store(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) || bytes.starts_with(&[0xce, 0xce, 0xce, 0xce])
}

/// Tells what bytes are; `None` for nothing known.
pub(super) fn content(bytes: &[u8]) -> Option<Content> {
    if is_java_store(bytes) {
        return Some(Content::JavaStore);
    }
    let (outer, _) = element(bytes)?;
    if outer.tag != SEQUENCE {
        return None;
    }
    let parts = elements(outer.content);
    let tags: Vec<u8> = parts.iter().map(|p| p.tag).collect();
    let first = parts.first()?;
    match tags.as_slice() {
        [OID, 0xa0] => Some(Content::Pkcs7),
        [SEQUENCE, BIT_STRING] => Some(Content::PublicKey),
        [SEQUENCE, OCTET_STRING] => Some(Content::EncryptedKey),
        // PFX: version 3, then the content.
        [INTEGER, SEQUENCE, ..] if first.content == [3] => Some(Content::Pkcs12),
        [INTEGER, SEQUENCE, OCTET_STRING, ..] => Some(Content::PrivateKey),
        [INTEGER, OCTET_STRING, ..] => Some(Content::PrivateKey),
        [INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, ..] => Some(Content::PrivateKey),
        [SEQUENCE, SEQUENCE, BIT_STRING] => signed(first.content),
        _ => None,
    }
}

/// What a signed structure with an algorithm and a signature holds.
fn signed(inner: &[u8]) -> Option<Content> {
    let tags: Vec<u8> = elements(inner).iter().map(|p| p.tag).collect();
    let is_time = |t: &u8| matches!(t, 0x17 | 0x18);
    match tags.as_slice() {
        [0xa0, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, ..] => Some(Content::Certificate),
        // The version is left out for the first one.
        [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, ..] => Some(Content::Certificate),
        [INTEGER, SEQUENCE, SEQUENCE, ..] => Some(Content::Request),
        [SEQUENCE, SEQUENCE, time, ..] if is_time(time) => Some(Content::Crl),
        [INTEGER, ..] => Some(Content::Crl),
        _ => None,
    }
}

/// What can be seen of a private key without keeping it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyFace {
    pub(super) kind: Option<&'static str>,
    pub(super) bits: Option<i64>,
    /// SHA-256 of the public half: of the modulus for RSA, else of the key's bits.
    pub(super) public: Option<String>,
}

/// The public face of an RSA key (PKCS#1), an EC key (SEC 1) or either within PKCS#8.
pub(super) fn key_face(bytes: &[u8]) -> KeyFace {
    let Some((outer, _)) = element(bytes) else { return KeyFace::default() };
    let parts = elements(outer.content);
    let tags: Vec<u8> = parts.iter().map(|p| p.tag).collect();
    match (tags.as_slice(), parts.as_slice()) {
        ([INTEGER, SEQUENCE, OCTET_STRING, ..], [_, algorithm, inner, rest @ ..]) => {
            let oid = elements(algorithm.content).first().map(|o| oid_text(o.content)).unwrap_or_default();
            let kind = oids::key_name(&oid);
            let mut face = match kind {
                Some("rsa" | "rsa-pss" | "ec") => key_face(inner.content),
                _ => KeyFace::default(),
            };
            // PKCS#8 version 2 carries the public key as [1] (RFC 5958).
            if face.public.is_none() {
                face.public = rest.iter().find(|p| p.tag == 0x81).and_then(|p| p.content.get(1..)).map(print);
            }
            KeyFace { kind, ..face }
        }
        ([INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, ..], [_, modulus, ..]) if parts.len() >= 9 => {
            let modulus = oids::unpadded(modulus.content);
            KeyFace { kind: Some("rsa"), bits: Some(oids::bits(modulus)), public: Some(print(modulus)) }
        }
        ([INTEGER, INTEGER, ..], _) => KeyFace { kind: Some("dsa"), ..KeyFace::default() },
        ([INTEGER, OCTET_STRING, ..], [_, secret, rest @ ..]) => {
            let public = rest.iter().find(|p| p.tag == 0xa1).and_then(|p| element(p.content));
            let public = public.and_then(|(bits, _)| bits.content.get(1..)).map(print);
            let bits = i64::try_from(secret.content.len()).ok().and_then(|n| n.checked_mul(8));
            KeyFace { kind: Some("ec"), bits, public }
        }
        _ => KeyFace::default(),
    }
}

/// What stands for a public key: the hash of the modulus or of the key's bits.
pub(super) fn print(public: &[u8]) -> String {
    oids::hex(&oids::sha256(public))
}

fn oid_text(bytes: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0u64;
    for byte in bytes {
        number = number.saturating_mul(128).saturating_add(u64::from(byte & 0x7f));
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    let Some((&first, rest)) = numbers.split_first() else { return String::new() };
    let (a, b) = if first < 80 { (first / 40, first % 40) } else { (2, first - 80) };
    let mut text = format!("{a}.{b}");
    for n in rest {
        text.push('.');
        text.push_str(&n.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_apart_by_their_structure() {
        let integer = |n: u8| vec![INTEGER, 1, n];
        let wrap = |tag: u8, inner: Vec<u8>| [vec![tag, inner.len() as u8], inner].concat();
        let sequence = |parts: Vec<Vec<u8>>| wrap(SEQUENCE, parts.concat());
        let empty = || sequence(vec![]);
        let cases = [
            (sequence(vec![integer(3), empty(), empty()]), Some(Content::Pkcs12)),
            (sequence(vec![integer(0), empty(), wrap(OCTET_STRING, vec![])]), Some(Content::PrivateKey)),
            (sequence(vec![empty(), wrap(OCTET_STRING, vec![])]), Some(Content::EncryptedKey)),
            (sequence(vec![empty(), wrap(BIT_STRING, vec![])]), Some(Content::PublicKey)),
            (sequence(vec![wrap(OID, vec![]), wrap(0xa0, vec![])]), Some(Content::Pkcs7)),
            (vec![0xfe, 0xed, 0xfe, 0xed, 0], Some(Content::JavaStore)),
            (vec![SEQUENCE, 0x82, 0xff, 0xff], None),
            (vec![SEQUENCE, 0x80], None),
            (vec![], None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(content(&bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_private_key_shows_its_public_half_only() {
        // RFC 8410 section 10.3: an Ed25519 key without and with its public half.
        let without = data_encoding::BASE64
            .decode(b"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC")
            .unwrap_or_default();
        let face = key_face(&without);
        assert_eq!((face.kind, face.public), (Some("ed25519"), None));
        assert_eq!(key_face(&[SEQUENCE, 0]), KeyFace::default());
    }
}
