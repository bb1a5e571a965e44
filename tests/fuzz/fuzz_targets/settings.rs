//! A `connlint.toml`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = connlint_core::settings::file::parse(text);
});
