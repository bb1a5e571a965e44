//! Several files, all rules, all formats: places lie in the texts, and no secret is shown.
#![no_main]

use std::sync::LazyLock;

use connlint_core::{RuleSet, lint};
use connlint_fuzz::{check_places, check_secrets, rendered, settings, sources};
use libfuzzer_sys::fuzz_target;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);

fuzz_target!(|input: &str| {
    let sources = sources(input);
    let outcomes = lint(&sources, &settings(), &RULES);
    check_places(&sources, &outcomes);
    check_secrets(&sources, &outcomes, &rendered(&sources, &outcomes, &RULES));
});
