//! SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, as code scanning reads it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Shown;
use crate::Severity;
use crate::findings::{Finding, Fix, Label, Pardon};
use crate::fingerprint::SCHEME;
use crate::source::{FileId, Span};

/// Where the form is described.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run with all findings; those that do not count are there too, marked as suppressed.
pub fn render(shown: &Shown<'_>) -> String {
    let report = shown.report;
    let all: Vec<(&Finding, Option<&Pardon>)> = report
        .findings
        .iter()
        .map(|f| (f, None))
        .chain(report.suppressed.iter().map(|s| (&s.finding, Some(&s.pardon))))
        .collect();
    let mut indices: BTreeMap<&str, usize> = all.iter().map(|(f, _)| (f.rule.as_str(), 0)).collect();
    indices.values_mut().enumerate().for_each(|(i, index)| *index = i);
    let rules: Vec<Value> = indices.keys().map(|id| rule(shown, id)).collect();
    let results: Vec<Value> = all
        .iter()
        .map(|(f, pardon)| result(shown, f, *pardon, indices.get(f.rule.as_str()).copied()))
        .collect();
    let notices: Vec<Value> = report
        .notices
        .iter()
        .map(|notice| {
            json!({
                "level": "note",
                "message": {"text": notice.message},
                "locations": [{"physicalLocation": place(shown, notice.span)}],
            })
        })
        .collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "connlint",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notices}],
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(shown: &Shown<'_>, id: &str) -> Value {
    let mut value = json!({"id": id});
    let Some(rule) = shown.rules.get(id) else { return value };
    value["shortDescription"] = json!({"text": rule.title()});
    if let Some(url) = shown.url(id) {
        value["helpUri"] = url.into();
    }
    if let Some(document) = rule.document() {
        value["defaultConfiguration"] = json!({"level": level(document.severity)});
        value["properties"] = json!({"tags": [document.category]});
        // Texts with values in them say something only of a finding.
        let general = |text: &str| (!text.contains('{')).then(|| json!({"text": text.trim()}));
        for (key, text) in [("fullDescription", &document.why), ("help", &document.help)] {
            if let Some(text) = general(text) {
                value[key] = text;
            }
        }
    }
    value
}

fn result(shown: &Shown<'_>, finding: &Finding, pardon: Option<&Pardon>, index: Option<usize>) -> Value {
    let mut text = escape(&finding.message);
    for part in [&finding.why, &finding.help].map(|t| t.trim()) {
        if !part.is_empty() {
            text.push_str("\n\n");
            text.push_str(&escape(part));
        }
    }
    for assumed in &finding.assumed {
        text.push_str("\n\nAssumed: ");
        text.push_str(&escape(assumed));
    }
    let mut related = Vec::new();
    for (id, Label { span, message }) in finding.related.iter().enumerate() {
        related.push(json!({
            "id": id,
            "message": {"text": message},
            "physicalLocation": place(shown, *span),
        }));
        let name = if message.is_empty() { &shown.sources.get(span.file).name } else { message };
        text.push_str(&format!("\n\n[{}]({id})", escape(name)));
    }
    let mut location = json!({"physicalLocation": place(shown, finding.span)});
    if !finding.label.is_empty() {
        location["message"] = json!({"text": finding.label});
    }
    let mut value = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {SCHEME: shown.fingerprint(finding)},
    });
    if let Some(index) = index {
        value["ruleIndex"] = index.into();
    }
    if !related.is_empty() {
        value["relatedLocations"] = related.into();
    }
    if let Some(fix) = finding.fix.as_ref().filter(|f| shown.mask.shows(shown.sources, f)) {
        value["fixes"] = json!([fix_of(shown, fix)]);
    }
    match pardon {
        None => {}
        Some(Pardon::Baseline) => {
            value["suppressions"] = json!([{"kind": "external", "justification": "known to the baseline"}]);
        }
        Some(Pardon::Comment(reason)) => {
            let text = shown.mask.text(shown.sources, reason.file, reason.range());
            value["suppressions"] = json!([{"kind": "inSource", "justification": text}]);
        }
    }
    value
}

fn fix_of(shown: &Shown<'_>, fix: &Fix) -> Value {
    let mut changes: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        changes.entry(edit.span.file).or_default().push(json!({
            "deletedRegion": region(shown, edit.span),
            "insertedContent": {"text": edit.text},
        }));
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(file, replacements)| {
            json!({
                "artifactLocation": {"uri": uri(&shown.sources.get(file).name)},
                "replacements": replacements,
            })
        })
        .collect();
    json!({"description": {"text": fix.title}, "artifactChanges": changes})
}

fn place(shown: &Shown<'_>, span: Span) -> Value {
    json!({
        "artifactLocation": {"uri": uri(&shown.sources.get(span.file).name)},
        "region": region(shown, span),
    })
}

fn region(shown: &Shown<'_>, span: Span) -> Value {
    let source = shown.sources.get(span.file);
    let (start, end) = (source.position(span.start as usize), source.position(span.end as usize));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// Brackets are links in a message's text.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A path as a URI reference: relative ones stay so, absolute ones become `file:` URIs.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let drive = matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic());
    let mut out = match path {
        _ if drive => "file:///".to_owned(),
        path if path.starts_with('/') => "file://".to_owned(),
        _ => String::new(),
    };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, uri};

    #[test]
    fn paths_are_uri_references_and_brackets_no_links() {
        let cases = [
            ("./a b/ü.conf", "a%20b/%C3%BC.conf"),
            ("/etc/x#1", "file:///etc/x%231"),
            ("C:/x", "file:///C%3A/x"),
            ("<stdin>", "%3Cstdin%3E"),
            ("a:b", "a%3Ab"),
            ("../x", "../x"),
        ];
        for (path, expected) in cases {
            assert_eq!(uri(path), expected);
        }
        assert_eq!(escape(r"[a](1) \"), r"\[a\](1) \\");
    }
}
