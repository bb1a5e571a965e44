//! A file of PEM blocks, read and judged.
#![no_main]

use connlint_fuzz::judge;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| judge(&format!("a.pem\n{text}")));
