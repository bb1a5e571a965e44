//! A Kubernetes secret: its whole text, and bytes in its place for a certificate.
#![no_main]

use connlint_core::syntax::pem;
use connlint_fuzz::judge;
use libfuzzer_sys::fuzz_target;

const BEGIN: &str = "secret.yaml\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n";

fuzz_target!(|bytes: &[u8]| {
    let base64: String = pem::encode("X", bytes).lines().filter(|l| !l.starts_with('-')).collect();
    judge(&format!("{BEGIN}  tls.crt: {base64}\n  tls.key: {base64}\n"));
    judge(&format!("{BEGIN}{}", String::from_utf8_lossy(bytes)));
});
