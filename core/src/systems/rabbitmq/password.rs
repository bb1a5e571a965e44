//! Password hashes of definitions files: base64 of a 4-byte salt and the hash of salt and password
//! (<https://www.rabbitmq.com/docs/passwords>).

use data_encoding::BASE64;
use sha2::{Digest, Sha256, Sha512};

/// Passwords that scanners try first. A hash can be tested against them because its salt stands beside it.
const WELL_KNOWN: [&str; 24] = [
    "guest",
    "admin",
    "password",
    "rabbitmq",
    "rabbit",
    "123456",
    "12345678",
    "secret",
    "test",
    "user",
    "root",
    "changeme",
    "default",
    "pass",
    "administrator",
    "qwerty",
    "1234",
    "12345",
    "123456789",
    "welcome",
    "letmein",
    "rabbitmq123",
    "admin123",
    "password123",
];

/// How a password is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    /// Salted SHA-256.
    Sha256,
    /// Salted SHA-512.
    Sha512,
    /// Salted MD5.
    Md5,
    /// No base64.
    NotBase64,
    /// Base64 of some other length.
    Other,
}

impl Hash {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Hash::Sha256 => "sha256",
            Hash::Sha512 => "sha512",
            Hash::Md5 => "md5",
            Hash::NotBase64 => "not base64",
            Hash::Other => "other",
        }
    }
}

/// Bytes of the salt before the hash.
const SALT: usize = 4;
/// No hash of any module is longer; a longer text is not decoded.
const LONGEST: usize = 1024;

/// What a hash is, and whether it is of a well-known password or of the user's own name.
pub(super) fn examine(text: &str, user: &str) -> (Hash, bool) {
    let Some(bytes) = decode(text) else { return (Hash::NotBase64, false) };
    let hash = match bytes.len() {
        36 => Hash::Sha256,
        68 => Hash::Sha512,
        20 => Hash::Md5,
        _ => return (Hash::Other, false),
    };
    let matches = |password: &str| password_fits(text, password) == Some(true);
    (hash, WELL_KNOWN.into_iter().chain([user]).any(matches))
}

/// Whether a hash was made of this password; `None` for hashes that cannot be told (MD5, broken ones).
pub fn password_fits(text: &str, password: &str) -> Option<bool> {
    let bytes = decode(text)?;
    let (salt, wanted) = bytes.split_at_checked(SALT)?;
    match bytes.len() {
        36 => Some(Sha256::new().chain_update(salt).chain_update(password).finalize().as_slice() == wanted),
        68 => Some(Sha512::new().chain_update(salt).chain_update(password).finalize().as_slice() == wanted),
        _ => None,
    }
}

/// True for a password in clear that everybody tries first.
pub(super) fn is_well_known(password: &str, user: &str) -> bool {
    WELL_KNOWN.contains(&password) || password == user
}

/// The standard alphabet with padding, as Erlang's base64:decode/1 wants it.
fn decode(text: &str) -> Option<Vec<u8>> {
    (text.len() <= LONGEST).then(|| BASE64.decode(text.as_bytes()).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(password: &str) -> String {
        let mut bytes = vec![1, 2, 3, 4];
        let digest = Sha256::new().chain_update(&bytes).chain_update(password).finalize();
        bytes.extend_from_slice(&digest);
        BASE64.encode(&bytes)
    }

    #[test]
    fn hashes_of_well_known_passwords_are_recognised() {
        assert_eq!(examine(&hash_of("guest"), "x"), (Hash::Sha256, true));
        assert_eq!(examine(&hash_of("orders"), "orders"), (Hash::Sha256, true));
        assert_eq!(examine(&hash_of("kCx7vJ0yqTz1n4wR"), "orders"), (Hash::Sha256, false));
        assert_eq!(examine("no base64!", "x").0, Hash::NotBase64);
        assert_eq!(examine("AAAA", "x").0, Hash::Other);
    }
}
