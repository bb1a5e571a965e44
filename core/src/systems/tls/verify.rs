//! Signatures, where the build has the algorithms (cargo feature `verify`).

use super::certificate::{Certificate, Key};

/// Whether a key made a certificate's signature; `None` where that was not checked: the build cannot, or the
/// algorithm is not among RSA (PKCS#1 v1.5), ECDSA over P-256 and P-384, and Ed25519.
#[cfg(not(feature = "verify"))]
pub(super) fn verify(_certificate: &Certificate, _key: &Key) -> Option<bool> {
    None
}

/// Whether a key made a certificate's signature; `None` where that was not checked: the algorithm is not among RSA
/// (PKCS#1 v1.5), ECDSA over P-256 and P-384, and Ed25519.
#[cfg(feature = "verify")]
pub(super) fn verify(certificate: &Certificate, key: &Key) -> Option<bool> {
    use sha2::{Digest, Sha256, Sha384, Sha512};
    let message = certificate.signed.as_slice();
    let signature = certificate.signature_value.as_slice();
    let hash = certificate.signature.hash.as_str();
    let of_rsa = certificate.signature.name.ends_with("WithRSAEncryption");
    let of_ecdsa = certificate.signature.name.starts_with("ecdsa-with-");
    match key.kind.as_str() {
        "rsa" if of_rsa => {
            // Below, weakness is the finding; above, checking costs more time than it is worth.
            const SIZES: std::ops::RangeInclusive<usize> = 512..=8_192;
            let exponent = key.exponent.and_then(|e| u64::try_from(e).ok())?;
            let n = rsa::BoxedUint::from_be_slice_vartime(&key.modulus);
            let public = rsa::PublicKey::new_with_size_limits(n, exponent.into(), SIZES).ok()?;
            let (scheme, digest) = match hash {
                "sha1" => (rsa::Pkcs1v15Sign::new::<sha1::Sha1>(), sha1::Sha1::digest(message).to_vec()),
                "sha256" => (rsa::Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(message).to_vec()),
                "sha384" => (rsa::Pkcs1v15Sign::new::<Sha384>(), Sha384::digest(message).to_vec()),
                "sha512" => (rsa::Pkcs1v15Sign::new::<Sha512>(), Sha512::digest(message).to_vec()),
                _ => return None,
            };
            Some(public.verify(scheme, &digest, signature).is_ok())
        }
        "ec" if of_ecdsa => {
            let digest = match hash {
                "sha256" => Sha256::digest(message).to_vec(),
                "sha384" => Sha384::digest(message).to_vec(),
                "sha512" => Sha512::digest(message).to_vec(),
                _ => return None,
            };
            match key.curve.as_deref()? {
                "P-256" => {
                    use p256::ecdsa::signature::hazmat::PrehashVerifier;
                    let public = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key.public).ok()?;
                    let signature = p256::ecdsa::Signature::from_der(signature);
                    Some(signature.is_ok_and(|s| public.verify_prehash(&digest, &s).is_ok()))
                }
                "P-384" => {
                    use p384::ecdsa::signature::hazmat::PrehashVerifier;
                    let public = p384::ecdsa::VerifyingKey::from_sec1_bytes(&key.public).ok()?;
                    let signature = p384::ecdsa::Signature::from_der(signature);
                    Some(signature.is_ok_and(|s| public.verify_prehash(&digest, &s).is_ok()))
                }
                _ => None,
            }
        }
        "ed25519" if certificate.signature.name == "ED25519" => {
            let public = <[u8; 32]>::try_from(key.public.as_slice()).ok()?;
            let public = ed25519_dalek::VerifyingKey::from_bytes(&public).ok()?;
            let signature = ed25519_dalek::Signature::from_slice(signature);
            Some(signature.is_ok_and(|s| public.verify_strict(message, &s).is_ok()))
        }
        // A key of another type cannot have made it.
        "rsa" if of_ecdsa => Some(false),
        "ec" if of_rsa => Some(false),
        _ => None,
    }
}
