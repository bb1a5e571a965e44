//! A summary in Markdown, for the page of a job or a comment on a change.

use std::fmt::Write as _;

use super::{Counts, Shown};
use crate::findings::Finding;

/// A page of a job holds a mebibyte and a comment 64 KiB; a reader gives up long before.
const MAX_ROWS: usize = 100;

/// What was found in numbers, and a table of it.
pub fn render(shown: &Shown<'_>) -> String {
    let findings = &shown.report.findings;
    let mut out = format!("## connlint\n\n{}\n", Counts::of(shown.report).sentence(shown.sources.len()));
    if !findings.is_empty() {
        out.push_str("\n| | Finding | Place |\n|---|---|---|\n");
    }
    findings.iter().take(MAX_ROWS).for_each(|finding| row(shown, finding, &mut out));
    if findings.len() > MAX_ROWS {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "\n{} more are not shown.", findings.len() - MAX_ROWS);
    }
    out
}

fn row(shown: &Shown<'_>, finding: &Finding, out: &mut String) {
    let source = shown.sources.get(finding.span.file);
    let at = source.position(finding.span.start as usize);
    let rule = match shown.url(&finding.rule) {
        Some(url) => format!("[{}]({url})", plain(&finding.rule)),
        None => plain(&finding.rule),
    };
    let _ = writeln!(
        out,
        "| {} | {}<br>{rule} | {}:{}:{} |",
        finding.severity,
        plain(&finding.message),
        plain(&source.name),
        at.line,
        at.column,
    );
}

/// Values come from files: nothing in them may act as markup, and back quotes around values stay readable.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '#' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
