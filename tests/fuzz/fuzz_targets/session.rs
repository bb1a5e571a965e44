//! Output of `openssl s_client`, read and judged.
#![no_main]

use connlint_fuzz::judge;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| judge(&format!(
    "s_client.txt\n{text}\nCONNECTED(00000003)\nVerify return code: 0 (ok)"
)));
