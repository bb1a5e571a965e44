//! Output of `openssl x509 -text`, read and judged.
#![no_main]

use connlint_fuzz::judge;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| judge(&format!(
    "dump.txt\n{text}\nCertificate:\n    Data:\n        Issuer: CN = a\n        Not Before: Jan  1 00:00:00 2026 GMT\n        Subject Public Key Info:"
)));
