//! How often each rule found something.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Counts, Shown};
use crate::Severity;

/// One line a rule, the most frequent first, and the sum.
pub fn render(shown: &Shown<'_>) -> String {
    let mut counts: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
    for finding in &shown.report.findings {
        *counts.entry((&finding.rule, finding.severity)).or_default() += 1;
    }
    let mut rows: Vec<((&str, Severity), usize)> = counts.into_iter().collect();
    rows.sort_by(|(a, n), (b, m)| m.cmp(n).then(a.cmp(b)));
    let width = rows.first().map_or(1, |(_, n)| n.to_string().len());
    let names = rows.iter().map(|((rule, _), _)| rule.len()).max().unwrap_or_default();
    let mut out = String::new();
    for ((rule, severity), n) in rows {
        let title = shown.rules.get(rule).map_or("", |r| r.title());
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{n:width$}  {:7}  {rule:names$}  {title}", severity.as_str());
    }
    out.push_str(&Counts::of(shown.report).sentence(shown.sources.len()));
    out.push('\n');
    out
}
