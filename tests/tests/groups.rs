//! Files may be judged a group at a time: what is found is the same as when all are judged together.

use std::sync::Arc;

use connlint_core::engine::{judge_by, look, one_after_the_other, read_as};
use connlint_core::link::Places;
use connlint_core::source::{FileId, Sources};
use connlint_core::{Report, RuleSet, Settings, Source, lint};
use connlint_tests::outside;

/// Compares both ways; says how many groups there are.
fn compare(sources: &Sources) -> usize {
    let (settings, rules) = (Settings::default(), RuleSet::built_in());
    let looked: Vec<_> = sources.iter().map(|(id, _)| look(sources, id, &settings)).collect();
    let kinds: Vec<_> = looked.iter().map(|known| known.kind).collect();
    let places = Arc::new(Places::new(sources, &kinds, &settings));
    let reads = |id: FileId| looked[id.0 as usize].beside.all().collect();
    let groups = places.groups(sources, &kinds, reads);
    let mut parts = Report::default();
    for group in &groups {
        let files = group.iter().map(|id| read_as(looked[id.0 as usize].clone(), sources, *id)).collect();
        let places = Arc::clone(&places);
        let judged = judge_by(sources, places, files, &settings, &rules, &one_after_the_other);
        parts.append(judged.report);
    }
    parts.sort();
    let whole = lint(sources, &settings, &rules).report;
    let shown = |report: &Report| -> Vec<String> {
        let findings = report.findings.iter().map(|f| format!("{}: {f:?}", sources.get(f.span.file).name));
        findings.chain(report.notices.iter().map(|n| format!("{n:?}"))).collect()
    };
    let (parts, whole) = (shown(&parts), shown(&whole));
    let differing = parts.iter().zip(&whole).find(|(a, b)| a != b);
    assert_eq!(differing, None);
    assert_eq!(parts.len(), whole.len());
    groups.len()
}

#[test]
fn examples_of_rules_side_by_side_are_judged_alike() {
    let mut sources = Sources::new();
    let mut projects = 0;
    for rule in RuleSet::built_in().iter() {
        let examples = rule.examples().expect("a rule has examples");
        for example in examples.bad.into_iter().take(1).chain(examples.good.into_iter().take(1)) {
            projects += 1;
            for (name, text) in example.files {
                sources.add(Source::new(
                    format!("projects/{projects:04}/{}", name.trim_start_matches('/')),
                    text,
                ));
            }
        }
    }
    assert!(compare(&sources) > projects / 2, "most of them are groups of their own");
}

#[test]
fn a_corpus_is_judged_alike() {
    let Some(root) = outside::folder(outside::CORPUS) else { return };
    let mut sources = Sources::new();
    for path in outside::files(&root) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        sources.add(Source::new(path.strip_prefix(&root).unwrap_or(&path).to_string_lossy(), text));
    }
    compare(&sources);
}
