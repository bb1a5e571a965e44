//! Bytes of a certificate, and texts that hold one: read and judged.
#![no_main]

use std::sync::LazyLock;

use connlint_core::syntax::pem;
use connlint_core::{RuleSet, lint};
use connlint_fuzz::{check_places, settings, sources};
use libfuzzer_sys::fuzz_target;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);

fuzz_target!(|bytes: &[u8]| {
    let certificate = pem::encode("CERTIFICATE", bytes);
    let text = String::from_utf8_lossy(bytes);
    for input in [format!("a.pem\n{certificate}"), format!("b.pem\n{text}")] {
        let sources = sources(&input);
        let outcomes = lint(&sources, &settings(), &RULES);
        check_places(&sources, &outcomes);
    }
});
