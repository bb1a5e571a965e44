//! Signatures, where the build has the algorithms (cargo feature `verify`) or its host answers for them.

use std::sync::OnceLock;

pub use connlint_signatures::{Check, Signed};

use super::certificate::{Certificate, Key};

static HOST: OnceLock<Check> = OnceLock::new();

/// Lets the host answer where the build has no algorithms; the first host stays.
pub fn check_signatures_by(host: Check) {
    let _ = HOST.set(host);
}

fn check(signed: &Signed<'_>) -> Option<bool> {
    match HOST.get() {
        Some(host) => host(signed),
        #[cfg(feature = "verify")]
        None => connlint_signatures::check(signed),
        #[cfg(not(feature = "verify"))]
        None => None,
    }
}

/// Whether a key made a certificate's signature; `None` where that was not checked: nobody can, or the algorithm is not
/// among RSA (PKCS#1 v1.5), ECDSA over P-256 and P-384, and Ed25519.
pub(super) fn verify(certificate: &Certificate, key: &Key) -> Option<bool> {
    let of_rsa = certificate.signature.name.ends_with("WithRSAEncryption");
    let of_ecdsa = certificate.signature.name.starts_with("ecdsa-with-");
    let of_ed25519 = certificate.signature.name == "ED25519";
    let (public, exponent) = match key.kind.as_str() {
        "rsa" if of_rsa => (&key.modulus, u32::try_from(key.exponent?).ok()?),
        "ec" if of_ecdsa => (&key.public, 0),
        "ed25519" if of_ed25519 => (&key.public, 0),
        // A key of another type cannot have made it.
        "rsa" if of_ecdsa => return Some(false),
        "ec" if of_rsa => return Some(false),
        _ => return None,
    };
    check(&Signed {
        kind: &key.kind,
        curve: key.curve.as_deref().unwrap_or_default(),
        key: public,
        exponent,
        hash: &certificate.signature.hash,
        message: &certificate.signed,
        signature: &certificate.signature_value,
    })
}
