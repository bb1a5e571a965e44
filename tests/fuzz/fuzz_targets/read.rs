//! One file of any kind: it is read, and every place lies in it.
#![no_main]

use connlint_fuzz::{check_span, settings, sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let sources = sources(input);
    let settings = settings();
    for (id, _) in sources.iter() {
        let file = connlint_core::read(&sources, id, &settings);
        let facts = file.reading.facts.iter().map(|(_, fact)| fact.span);
        let notices = file.reading.notices.iter().map(|notice| notice.span);
        for span in facts.chain(notices).chain(file.reading.secrets.iter().copied()) {
            check_span(&sources, span);
        }
    }
});
