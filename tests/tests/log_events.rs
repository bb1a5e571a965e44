//! Every log event is found in its own examples, and nowhere in a log in which all is well.

use std::path::Path;

use connlint_core::facts::kinds::log::event;
use connlint_core::rules::load;
use connlint_core::{RuleSet, Settings, Source, Sources};

#[test]
fn every_event_is_found_in_its_examples() {
    let rules = RuleSet::built_in();
    let mut wrong = Vec::new();
    let mut count = 0;
    for rule in rules.iter().filter(|r| r.id().starts_with("logs/")) {
        count += 1;
        wrong.extend(load::name_fault(rule.id()));
        let Some(mut document) = rule.document().cloned() else { continue };
        document.examples = rule.examples().expect("a built-in rule has examples");
        let mistakes = load::try_examples(rule.id(), "", &document);
        wrong.extend(mistakes.into_iter().map(|m| format!("{}: {}", rule.id(), m.message)));
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 90, "{count} events");
}

/// `tests/logs/NAME.log` beside `NAME.expected`: the line, the event, and what is said of number, rhythm and peers.
#[test]
fn whole_logs_tell_what_happened() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("logs");
    let mut logs: Vec<_> = std::fs::read_dir(&directory)
        .expect("a directory of the project")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|e| e == "log"))
        .collect();
    logs.sort();
    assert!(!logs.is_empty());
    for path in logs {
        let read = |path: &Path| std::fs::read_to_string(path).expect("a case is UTF-8");
        let mut sources = Sources::new();
        let file = sources.add(Source::new("app.log", read(&path)));
        let reading = connlint_core::read(&sources, file, &Settings::default());
        assert_eq!(reading.kind.map(|k| k.name), Some("log"), "{}", path.display());
        assert!(reading.reading.notices.is_empty(), "{}", path.display());
        let mut found: Vec<(usize, String)> = reading
            .reading
            .facts
            .of(&event::KIND)
            .map(|(_, fact)| {
                let line = sources.get(file).line_of(fact.span.start as usize) + 1;
                let name = fact.text(event::name).unwrap_or_default();
                (line, format!("{name}{}", fact.text(event::summary).unwrap_or_default()))
            })
            .collect();
        found.sort();
        let found: String = found.iter().map(|(line, what)| format!("{line} {what}\n")).collect();
        assert_eq!(found, read(&path.with_extension("expected")), "{}", path.display());
    }
}
