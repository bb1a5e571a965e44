//! Signatures of certificates, as a module of its own: most people never show a certificate to the engine.

use connlint_signatures::Signed;
use wasm_bindgen::prelude::wasm_bindgen;

/// Whether a key made a signature; see [`Signed`].
#[wasm_bindgen]
pub fn check(
    kind: &str,
    curve: &str,
    key: &[u8],
    exponent: u32,
    hash: &str,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    connlint_signatures::check(&Signed { kind, curve, key, exponent, hash, message, signature })
}
