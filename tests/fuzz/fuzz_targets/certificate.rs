//! Bytes of a certificate, read and judged.
#![no_main]

use connlint_core::syntax::pem;
use connlint_fuzz::judge;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| judge(&format!("a.pem\n{}", pem::encode("CERTIFICATE", bytes))));
