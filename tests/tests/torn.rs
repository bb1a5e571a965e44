//! A text that stops anywhere is read all the same: people paste what they have.

use connlint_core::source::{FileId, Source, Sources, floor_boundary};
use connlint_core::{RuleSet, Settings, read};

/// Cuts through each file of each rule's examples; more make the test slow and found nothing more.
const CUTS: usize = 12;

#[test]
fn examples_that_end_early_are_read() {
    let settings = Settings::default();
    let rules = RuleSet::built_in();
    let mut cuts = 0;
    for rule in rules.iter() {
        let examples = rule.examples().expect("a rule has examples");
        for (name, text) in examples.bad.iter().chain(&examples.good).flat_map(|e| &e.files) {
            for cut in 0..CUTS {
                let end = floor_boundary(text, text.len() * cut / CUTS);
                let mut sources = Sources::new();
                let id: FileId = sources.add(Source::new(name.as_str(), &text[..end]));
                let file = read(&sources, id, &settings);
                for span in file.reading.facts.iter().map(|(_, f)| f.span).chain(file.reading.secrets) {
                    let torn = &sources.get(id).text;
                    assert!(torn.get(span.range()).is_some(), "{}: {name} cut at {end}: {span:?}", rule.id());
                }
                cuts += 1;
            }
        }
    }
    assert!(cuts > 1_000);
}
