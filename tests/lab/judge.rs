//! What connlint says of the files of a proof, and whether rules and proofs name each other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use connlint_core::{RuleSet, Settings, Source, Sources};

use crate::bench::Scratch;
use crate::proof::{Case, Half, Proof};

/// What is wrong with the findings in a case's halves.
pub(crate) fn findings(
    proof: &Proof,
    number: usize,
    case: &Case,
    rules: &RuleSet,
    scratch: &Scratch,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, half, wanted) in [("faulty", &case.faulty, true), ("mended", &case.mended, false)] {
        match found(&format!("judge{number}-{name}"), proof, (case, half), rules, scratch) {
            Ok(found) => {
                wrong.extend(case.rules.iter().filter(|r| found.contains(*r) != wanted).map(|rule| {
                    let what = if wanted { "finds nothing in" } else { "finds something in" };
                    format!("{rule} {what} the {name} files; found there: {}", list(&found))
                }))
            }
            Err(why) => wrong.push(why),
        }
    }
    wrong
}

fn list(rules: &BTreeSet<String>) -> String {
    rules.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The rules that find something in a half.
fn found(
    name: &str,
    proof: &Proof,
    (case, half): (&Case, &Half),
    rules: &RuleSet,
    scratch: &Scratch,
) -> Result<BTreeSet<String>, String> {
    let place = scratch.lay_out(name, &[&proof.files, &half.files], &half.prepare)?;
    let names: BTreeSet<&String> = proof.files.keys().chain(half.files.keys()).chain(&half.made).collect();
    let mut sources = Sources::new();
    for file in names {
        let text = std::fs::read_to_string(place.join(file)).map_err(|e| format!("{file}: {e}"))?;
        sources.add(Source::new(file.as_str(), text));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?;
    let mut settings = Settings { now: i64::try_from(now.as_secs()).ok(), ..Settings::default() };
    // By their names, so that a rule in preview is judged too.
    settings.select.clone_from(&case.rules);
    let report = connlint_core::lint(&sources, &settings, rules).report;
    Ok(report.findings.into_iter().map(|f| f.rule).collect())
}

/// Where a rule does not name the proof that shows it, or names one that does not.
pub(crate) fn names(proofs: &[Proof], rules: &RuleSet) -> Vec<String> {
    let mut shown: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for proof in proofs {
        for rule in proof.cases.iter().flat_map(|c| &c.rules) {
            shown.entry(rule.as_str()).or_default().push(&proof.name);
        }
    }
    let mut wrong = Vec::new();
    for rule in rules.iter() {
        let named = rule.document().and_then(|d| d.proof.clone());
        let by = shown.remove(rule.id()).unwrap_or_default();
        match named {
            Some(named) if !by.contains(&named.as_str()) => {
                wrong.push(format!("{} names the proof {named}, which does not show it", rule.id()));
            }
            None if !by.is_empty() => {
                wrong.push(format!(
                    "{} is shown by {} and does not say so: proof: {}",
                    rule.id(),
                    by[0],
                    by[0]
                ));
            }
            _ => {}
        }
    }
    wrong.extend(shown.iter().map(|(rule, by)| format!("{}: there is no rule {rule}", by[0])));
    wrong
}
