//! Compares what connlint says of real HAProxy files with what HAProxy 2.6 itself says of them (`ORACLE.tsv` beside the
//! files). Set `CONNLINT_CORPUS` to the folder; without it nothing is run.

use connlint_core::rules::RuleSet;
use connlint_core::{Settings, Severity, Source, Sources, lint};
use connlint_tests::outside;

#[test]
fn connlint_refuses_what_haproxy_refuses() {
    let Some(root) = outside::folder(outside::CORPUS) else { return };
    let oracle = std::fs::read_to_string(root.join("ORACLE.tsv")).expect("the verdicts");
    let rules = RuleSet::built_in();
    let settings = Settings { select: vec!["haproxy".into()], ..Settings::default() };
    let mut wrong = Vec::new();
    for line in oracle.lines().filter(|l| l.starts_with("haproxy/")) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [path, _, verdict, ..] = cells.as_slice() else { continue };
        let Ok(text) = std::fs::read_to_string(root.join(path)) else { continue };
        let mut sources = Sources::new();
        sources.add(Source::new(*path, text));
        let report = lint(&sources, &settings, &rules).report;
        if !report.notices.is_empty() {
            wrong.push(format!("{path}: not all of it is read"));
        }
        let refused = report.findings.iter().any(|f| f.severity == Severity::Error);
        let expected = match *verdict {
            "rejected" => true,
            "ok" | "ok+warnings" | "rejected:environment" => false,
            // What a template renders to is not known.
            _ => continue,
        };
        if refused != expected {
            wrong.push(format!("{path}: HAProxy says {verdict}, the findings differ"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
