//! Judges an outside corpus of real configuration in one run, as if it were one tree, and shows that nothing is paired
//! across its projects. Set `CONNLINT_CORPUS` to the folder (`kind/owner__repo/…`); without it nothing is run.

use std::collections::BTreeSet;

use connlint_core::link::RELATIONS;
use connlint_core::source::{FileId, Sources};
use connlint_core::{RuleSet, Settings, Source, judge, read};
use connlint_tests::outside;

/// The project that a file of the corpus is of: `kind/owner__repo`.
fn project(sources: &Sources, file: FileId) -> String {
    sources.get(file).name.split('/').take(2).collect::<Vec<_>>().join("/")
}

#[test]
fn no_two_projects_are_joined() {
    let Some(root) = outside::folder(outside::CORPUS) else { return };
    let paths = outside::files(&root);
    let mut sources = Sources::new();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
        if name.matches('/').count() >= 2 {
            sources.add(Source::new(name, text));
        }
    }
    let settings = Settings::default();
    let rules = RuleSet::built_in();
    let readings = sources.iter().map(|(id, _)| read(&sources, id, &settings)).collect();
    let outcomes = judge(&sources, readings, &settings, &rules);
    let mut wrong = BTreeSet::new();
    for finding in &outcomes.report.findings {
        let own = project(&sources, finding.span.file);
        for other in &finding.related {
            let other = project(&sources, other.span.file);
            if other != own {
                wrong.insert(format!("{}: {own} and {other}", finding.rule));
            }
        }
    }
    let mut pairs = 0;
    for relation in RELATIONS {
        for link in outcomes.links.of(relation.name) {
            pairs += 1;
            let place = |id| project(&sources, outcomes.facts.get(id).span.file);
            let (from, to) = (place(link.from), place(link.to));
            if from != to {
                wrong.insert(format!("{}: {from} and {to}", relation.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
    assert!(pairs > 0, "the corpus holds deployments whose files are paired");
}
