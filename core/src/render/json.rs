//! One JSON document for programs; its form is `schemas/findings.v1.schema.json`.

use serde::Serialize;

use super::{Counts, Shown};
use crate::Severity;
use crate::findings::{Finding, Fix, Safety};
use crate::source::Span;

/// The version of the document's form. It changes when a field changes its meaning or goes, not when one is added.
pub const VERSION: u32 = 1;

/// The JSON Schema of the document.
pub const SCHEMA: &str = include_str!("../../schemas/findings.v1.schema.json");

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Entry<'a>>,
    notices: Vec<Place<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    help: &'a str,
    why: &'a str,
    url: Option<String>,
    #[serde(flatten)]
    range: Range<'a>,
    label: &'a str,
    related: Vec<Place<'a>>,
    fix: Option<FixEntry<'a>>,
    assumed: &'a [String],
    fingerprint: String,
}

/// A place in a file; lines and columns start at 1, columns count characters, the end is exclusive.
#[derive(Serialize)]
struct Range<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Place<'a> {
    #[serde(flatten)]
    range: Range<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    safety: Safety,
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
struct EditEntry<'a> {
    #[serde(flatten)]
    range: Range<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    notices: usize,
}

/// The document, indented, with a line end.
pub fn render(shown: &Shown<'_>) -> String {
    let counts = Counts::of(shown.report);
    let document = Document {
        version: VERSION,
        findings: shown.report.findings.iter().map(|f| entry(shown, f)).collect(),
        notices: shown.report.notices.iter().map(|n| place(shown, n.span, &n.message)).collect(),
        summary: Summary {
            files: shown.sources.len(),
            errors: counts.errors,
            warnings: counts.warnings,
            infos: counts.infos,
            suppressed: counts.suppressed,
            notices: shown.report.notices.len(),
        },
    };
    // Strings, numbers and lists only: there is nothing in it that could fail to serialize.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// JSON Lines: one finding a line, in the form that the document has under `findings`.
pub fn lines(shown: &Shown<'_>) -> String {
    let mut text = String::new();
    for finding in &shown.report.findings {
        text.push_str(&serde_json::to_string(&entry(shown, finding)).unwrap_or_default());
        text.push('\n');
    }
    text
}

fn entry<'a>(shown: &Shown<'a>, finding: &'a Finding) -> Entry<'a> {
    Entry {
        rule: &finding.rule,
        severity: finding.severity,
        message: &finding.message,
        help: &finding.help,
        why: &finding.why,
        url: shown.url(&finding.rule),
        range: range(shown, finding.span),
        label: &finding.label,
        related: finding.related.iter().map(|l| place(shown, l.span, &l.message)).collect(),
        fix: finding.fix.as_ref().and_then(|f| fix(shown, f)),
        assumed: &finding.assumed,
        fingerprint: shown.fingerprint(finding),
    }
}

/// A fix as a whole or not at all: applying one with a masked text would destroy the secret.
fn fix<'a>(shown: &Shown<'a>, fix: &'a Fix) -> Option<FixEntry<'a>> {
    shown.mask.shows(shown.sources, fix).then(|| FixEntry {
        title: &fix.title,
        safety: fix.safety,
        edits: fix.edits.iter().map(|e| EditEntry { range: range(shown, e.span), text: &e.text }).collect(),
    })
}

fn place<'a>(shown: &Shown<'a>, span: Span, message: &'a str) -> Place<'a> {
    Place { range: range(shown, span), message }
}

fn range<'a>(shown: &Shown<'a>, span: Span) -> Range<'a> {
    let source = shown.sources.get(span.file);
    let (start, end) = (source.position(span.start as usize), source.position(span.end as usize));
    Range {
        file: &source.name,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
