//! A rule file of a user's own: read, checked, its examples tried.
#![no_main]

use connlint_core::rules::load;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(document) = load::parse(text) {
        load::try_examples("a/b", text, &document);
    }
});
