//! What several whole-file tests share.

/// Certificates made on the spot.
pub mod authority;
/// Our verdict on certificates, in the words of other judges.
pub mod certificates;
pub mod fitted;
pub mod namespaces;
/// Files that are not part of the project: a corpus of real configuration, the suites of other programs.
pub mod outside;

use connlint_core::settings::Settings;
use connlint_core::source::{Source, Sources, View};
use connlint_core::systems::{self, Reading};

/// What one text says, as a file of this name.
pub fn read(name: &str, text: &str) -> Reading {
    let mut sources = Sources::new();
    let id = sources.add(Source::new(name, text));
    let source = sources.get(id);
    let mut reading = Reading::default();
    if let Some(kind) = systems::detect(source, &Settings::default()) {
        (kind.read)(&View::whole(id, source), &mut reading);
    }
    // Nobody else runs its tasks.
    if let Some(alone) = reading.alone.take() {
        reading.facts.append(alone.facts);
        reading.rulesets.extend(alone.rulesets);
    }
    reading
}
