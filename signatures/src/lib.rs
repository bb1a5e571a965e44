//! Whether a key made a signature. The arithmetic is the feature `algorithms`; without it there is only the question,
//! which its host may answer with a module of its own.

/// A signature and the key that may have made it.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// `rsa`, `ec` or `ed25519`.
    pub kind: &'a str,
    /// The curve of an `ec` key: `P-256`, `P-384`.
    pub curve: &'a str,
    /// The modulus of an `rsa` key, big-endian; the public point of another.
    pub key: &'a [u8],
    /// The exponent of an `rsa` key.
    pub exponent: u32,
    /// The hash of the message: `sha256`.
    pub hash: &'a str,
    /// What was signed.
    pub message: &'a [u8],
    /// The signature.
    pub signature: &'a [u8],
}

/// Answers whether a key made a signature; `None` where it cannot tell.
pub type Check = fn(&Signed<'_>) -> Option<bool>;

/// Checks RSA (PKCS#1 v1.5), ECDSA over P-256 and P-384, and Ed25519.
#[cfg(feature = "algorithms")]
pub fn check(signed: &Signed<'_>) -> Option<bool> {
    use sha2::{Digest, Sha256, Sha384, Sha512};
    let Signed { key, message, signature, .. } = *signed;
    match signed.kind {
        "rsa" => {
            // Below, weakness is the finding; above, checking costs more time than it is worth.
            const SIZES: std::ops::RangeInclusive<usize> = 512..=8_192;
            let n = rsa::BoxedUint::from_be_slice_vartime(key);
            let exponent = u64::from(signed.exponent).into();
            let public = rsa::PublicKey::new_with_size_limits(n, exponent, SIZES).ok()?;
            let (scheme, digest) = match signed.hash {
                "sha1" => (rsa::Pkcs1v15Sign::new::<sha1::Sha1>(), sha1::Sha1::digest(message).to_vec()),
                "sha256" => (rsa::Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(message).to_vec()),
                "sha384" => (rsa::Pkcs1v15Sign::new::<Sha384>(), Sha384::digest(message).to_vec()),
                "sha512" => (rsa::Pkcs1v15Sign::new::<Sha512>(), Sha512::digest(message).to_vec()),
                _ => return None,
            };
            Some(public.verify(scheme, &digest, signature).is_ok())
        }
        "ec" => {
            let digest = match signed.hash {
                "sha256" => Sha256::digest(message).to_vec(),
                "sha384" => Sha384::digest(message).to_vec(),
                "sha512" => Sha512::digest(message).to_vec(),
                _ => return None,
            };
            match signed.curve {
                "P-256" => {
                    use p256::ecdsa::signature::hazmat::PrehashVerifier;
                    let public = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
                    let signature = p256::ecdsa::Signature::from_der(signature);
                    Some(signature.is_ok_and(|s| public.verify_prehash(&digest, &s).is_ok()))
                }
                "P-384" => {
                    use p384::ecdsa::signature::hazmat::PrehashVerifier;
                    let public = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
                    let signature = p384::ecdsa::Signature::from_der(signature);
                    Some(signature.is_ok_and(|s| public.verify_prehash(&digest, &s).is_ok()))
                }
                _ => None,
            }
        }
        "ed25519" => {
            let public = <[u8; 32]>::try_from(key).ok()?;
            let public = ed25519_dalek::VerifyingKey::from_bytes(&public).ok()?;
            let signature = ed25519_dalek::Signature::from_slice(signature);
            Some(signature.is_ok_and(|s| public.verify_strict(message, &s).is_ok()))
        }
        _ => None,
    }
}
