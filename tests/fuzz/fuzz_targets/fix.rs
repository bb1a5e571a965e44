//! Every fix that is offered, made again and again until nothing is left: it settles.
#![no_main]

use std::sync::LazyLock;

use connlint_core::findings::Safety;
use connlint_core::fix::{MAX_ROUNDS, plan};
use connlint_core::render::Mask;
use connlint_core::{RuleSet, lint};
use connlint_fuzz::{settings, sources};
use libfuzzer_sys::fuzz_target;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);

fuzz_target!(|input: &str| {
    let mut sources = sources(input);
    let settings = settings();
    for _ in 0..=MAX_ROUNDS {
        let outcomes = lint(&sources, &settings, &RULES);
        let mask = Mask::new(outcomes.secrets.iter().copied());
        let plan = plan(&outcomes.report, &sources, &mask, &settings, Safety::Unsafe, &|_| None);
        if plan.texts.is_empty() {
            return;
        }
        for (file, text) in plan.texts {
            sources.set_text(file, text);
        }
    }
});
