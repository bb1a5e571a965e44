//! The findings that a project has agreed to live with for now: only new ones count.
//!
//! An entry is a file, a rule and a fingerprint, none of which changes when lines move. The file is sorted and holds
//! one entry a line, so that changes of it can be reviewed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::findings::{Finding, Fingerprint, Pardon, Report, Suppressed};
use crate::fingerprint::SCHEME;
use crate::source::{FileId, Sources};

/// The name of the file when none is given.
pub const FILE_NAME: &str = "connlint-baseline.json";

/// A known finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The file's path, relative to the baseline's directory.
    pub file: String,
    /// The rule's name.
    pub rule: String,
    /// See [`Fingerprint`].
    pub fingerprint: String,
    /// What was found, for people.
    pub message: String,
}

impl Entry {
    /// Whether both know the same finding; what it says of it may differ.
    pub fn is_same(&self, other: &Entry) -> bool {
        key(self) == key(other)
    }
}

/// Known findings, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The entries.
    pub entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    scheme: String,
    findings: Vec<Entry>,
}

impl Baseline {
    /// Reads a baseline's text.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let document: Document = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if document.scheme != SCHEME {
            return Err(format!("its fingerprints are of another kind than {SCHEME}; create it anew"));
        }
        if let Some(entry) = document.findings.iter().find(|e| Fingerprint::parse(&e.fingerprint).is_none()) {
            return Err(format!("`{}` is no fingerprint", entry.fingerprint));
        }
        let mut entries = document.findings;
        entries.sort();
        Ok(Baseline { entries })
    }

    /// The findings of a report that count; `name` gives a file's path as the baseline names it.
    pub fn of(report: &Report, name: impl Fn(FileId) -> String) -> Baseline {
        let mut entries: Vec<Entry> = report.findings.iter().map(|f| entry(f, &name)).collect();
        entries.sort();
        Baseline { entries }
    }

    /// The text of a baseline.
    pub fn render(&self) -> String {
        // Strings only: nothing in it could fail to serialize.
        let lines: Vec<String> = self
            .entries
            .iter()
            .map(|e| format!("\n    {}", serde_json::to_string(e).unwrap_or_default()))
            .collect();
        let end = if lines.is_empty() { "" } else { "\n  " };
        format!("{{\n  \"scheme\": \"{SCHEME}\",\n  \"findings\": [{}{end}]\n}}\n", lines.join(","))
    }

    /// Moves known findings to those that do not count, and says which entries of files that were read are not found.
    pub fn apply<'b>(
        &'b self,
        report: &mut Report,
        sources: &Sources,
        name: impl Fn(FileId) -> String,
    ) -> Vec<&'b Entry> {
        let mut known: BTreeMap<(String, String, String), (&Entry, bool)> =
            self.entries.iter().map(|e| (key(e), (e, false))).collect();
        let mut stand = Vec::new();
        for finding in std::mem::take(&mut report.findings) {
            match known.get_mut(&key(&entry(&finding, &name))) {
                Some((_, found)) => {
                    *found = true;
                    report.suppressed.push(Suppressed { finding, pardon: Pardon::Baseline });
                }
                None => stand.push(finding),
            }
        }
        report.findings = stand;
        report.suppressed.sort_by(|a, b| {
            (a.finding.span, &a.finding.rule, &a.finding.message).cmp(&(
                b.finding.span,
                &b.finding.rule,
                &b.finding.message,
            ))
        });
        let read: std::collections::BTreeSet<String> = sources.iter().map(|(id, _)| name(id)).collect();
        let gone = known.into_values().filter(|(e, found)| !found && read.contains(&e.file));
        gone.map(|(entry, _)| entry).collect()
    }
}

fn key(entry: &Entry) -> (String, String, String) {
    (entry.file.clone(), entry.rule.clone(), entry.fingerprint.clone())
}

fn entry(finding: &Finding, name: impl Fn(FileId) -> String) -> Entry {
    Entry {
        file: name(finding.span.file),
        rule: finding.rule.clone(),
        fingerprint: finding.fingerprint.to_string(),
        message: finding.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::{RuleSet, Settings, lint};

    fn run(text: &str) -> (Sources, Report) {
        let mut sources = Sources::new();
        sources.add(Source::new("rabbitmq.conf", text));
        let report = lint(&sources, &Settings::default(), &RuleSet::built_in()).report;
        (sources, report)
    }

    #[test]
    fn only_new_findings_count_and_entries_that_are_gone_are_told() {
        let name = |_| "conf/rabbitmq.conf".to_owned();
        let (_, report) = run("heartbeat = 0\nhartbeat = 1\n");
        let baseline = Baseline::of(&report, name);
        assert_eq!(Baseline::parse(&baseline.render()), Ok(baseline.clone()));

        let (sources, mut moved) = run("\nhartbeat = 1\n# more\nheartbeat = 0\nhartbeet = 1\n");
        let gone = baseline.apply(&mut moved, &sources, name);
        assert!(gone.is_empty());
        assert_eq!(moved.suppressed.len(), baseline.entries.len());
        assert!(moved.findings.iter().all(|f| f.message.contains("hartbeet")), "{:?}", moved.findings);
        assert!(!moved.findings.is_empty());

        let (sources, mut mended) = run("hartbeat = 1\n");
        assert_eq!(baseline.apply(&mut mended, &sources, name).len(), 1);
        assert!(baseline.apply(&mut mended, &sources, |_| "other".into()).is_empty());
    }

    #[test]
    fn a_text_that_is_no_baseline_is_refused() {
        let other = Baseline::default().render().replace("v1", "v9");
        for text in ["", "[]", "{\"scheme\": \"connlint/v1\"}", other.as_str()] {
            assert!(Baseline::parse(text).is_err(), "{text}");
        }
        assert_eq!(Baseline::parse(&Baseline::default().render()), Ok(Baseline::default()));
    }
}
