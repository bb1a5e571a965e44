//! Workflow commands that GitHub shows as annotations beside the changed lines.
//!
//! GitHub shows ten of a severity for each step; SARIF, uploaded to code scanning, has no such limit.

use std::fmt::Write as _;

use super::Shown;
use crate::Severity;

/// One command a finding.
pub fn render(shown: &Shown<'_>) -> String {
    let mut out = String::new();
    for finding in &shown.report.findings {
        let source = shown.sources.get(finding.span.file);
        let (start, end) =
            (source.position(finding.span.start as usize), source.position(finding.span.end as usize));
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "::{command} title={},file={},line={},col={},endLine={}",
            property(&format!("connlint {}", finding.rule)),
            property(&source.name),
            start.line,
            start.column,
            end.line,
        );
        // Columns of an annotation over several lines are not shown, and an end column is then refused.
        if start.line == end.line {
            let _ = write!(out, ",endColumn={}", end.column);
        }
        let mut text = finding.message.clone();
        if !finding.help.trim().is_empty() {
            text.push_str("\n\n");
            text.push_str(finding.help.trim());
        }
        for label in &finding.related {
            let source = shown.sources.get(label.span.file);
            let line = source.position(label.span.start as usize).line;
            let _ = write!(text, "\n{}:{line}: {}", source.name, label.message);
        }
        let _ = writeln!(out, "::{}", data(&text));
    }
    out
}

/// The escapes of <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
