//! How inputs of the targets are written, and what must hold of every run.

use std::sync::LazyLock;

use connlint_core::findings::Finding;
use connlint_core::render::{Mask, Shown};
use connlint_core::source::{Source, Sources, Span};
use connlint_core::{Outcomes, RuleSet, Settings, lint, render};

/// Stands between the files of an input; each begins with a line that is its name.
pub const BETWEEN: char = '\0';

/// The files that an input holds.
pub fn sources(input: &str) -> Sources {
    let mut sources = Sources::new();
    for file in input.split(BETWEEN) {
        let (name, text) = file.split_once('\n').unwrap_or(("a", file));
        sources.add(Source::new(name, text));
    }
    sources
}

/// Stops if a span does not cut its text between characters.
pub fn check_span(sources: &Sources, span: Span) {
    let text = &sources.get(span.file).text;
    assert!(text.get(span.range()).is_some(), "{span:?} of a text of {} bytes", text.len());
}

/// Stops if a place that a run speaks of is not in its texts.
pub fn check_places(sources: &Sources, outcomes: &Outcomes) {
    let facts = outcomes.facts.iter().filter(|(_, fact)| fact.kind.name != "run.settings");
    let fields = facts.flat_map(|(_, fact)| {
        let fields = (0..fact.kind.fields.len()).filter_map(|i| fact.by_index(i));
        fields.filter_map(|said| said.span()).chain([fact.span])
    });
    let found = outcomes.report.findings.iter().flat_map(places);
    let notices = outcomes.report.notices.iter().map(|notice| notice.span);
    for span in fields.chain(found).chain(notices).chain(outcomes.secrets.iter().copied()) {
        check_span(sources, span);
    }
}

fn places(finding: &Finding) -> impl Iterator<Item = Span> {
    let edits = finding.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.span));
    finding.related.iter().map(|label| label.span).chain(edits).chain([finding.span])
}

/// Stops if a secret is shown. One that is short, or stands elsewhere too, is no proof and is passed over.
pub fn check_secrets(sources: &Sources, outcomes: &Outcomes, shown: &str) {
    const LONG_ENOUGH: usize = 12;
    for span in &outcomes.secrets {
        let secret = sources.slice(*span);
        let plain = secret.len() >= LONG_ENOUGH && secret.bytes().all(|b| b.is_ascii_alphanumeric());
        let times =
            || sources.iter().map(|(_, s)| s.text.matches(secret).count() + s.name.matches(secret).count());
        if plain && times().sum::<usize>() == 1 {
            assert!(!shown.contains(secret), "a secret at {span:?} is shown");
        }
    }
}

/// The run in every format there is.
pub fn rendered(sources: &Sources, outcomes: &Outcomes, rules: &RuleSet) -> String {
    let mask = Mask::new(outcomes.secrets.iter().copied());
    let shown = Shown { report: &outcomes.report, sources, mask: &mask, rules };
    [
        render::text::full(&shown, Default::default()),
        render::text::concise(&shown, Default::default()),
        render::json::render(&shown),
        render::sarif::render(&shown),
        render::github::render(&shown),
        render::gitlab::render(&shown),
        render::junit::render(&shown),
        render::checkstyle::render(&shown),
        render::markdown::render(&shown),
        render::facts::render(&outcomes.facts, &outcomes.kinds, sources, &mask),
        render::graph::deployments(&outcomes.facts, &outcomes.links, sources),
    ]
    .concat()
}

/// Reads and judges an input, and looks at every place that comes of it.
pub fn judge(input: &str) {
    static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);
    let sources = sources(input);
    let outcomes = lint(&sources, &settings(), &RULES);
    check_places(&sources, &outcomes);
}

/// Settings with a time, so that what depends on one is judged as well.
pub fn settings() -> Settings {
    Settings { now: connlint_core::facts::parse_time("2026-01-01"), ..Settings::default() }
}
