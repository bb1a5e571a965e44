//! What can be done about a finding: make its fix, make all safe fixes of the file, allow it with a comment.

use std::collections::BTreeMap;

use connlint_core::findings::{Edit, Finding, Safety};
use connlint_core::source::{FileId, Span};
use connlint_core::{Report, Sources, fix, suppress};
use serde_json::{Value, json};

use super::places::Encoding;
use super::workspace::{Judged, Workspace};

/// The kind of the action that editors can run when a file is saved.
pub(super) const FIX_ALL: &str = "source.fixAll.connlint";

pub(super) fn answer(workspace: &Workspace, encoding: Encoding, params: &Value) -> Option<Value> {
    let judged = workspace.judged()?;
    let (file, source) = workspace.file(judged, params["textDocument"]["uri"].as_str()?)?;
    let start = encoding.offset(source, &params["range"]["start"])?;
    let end = encoding.offset(source, &params["range"]["end"])?.max(start);
    let only: Option<Vec<&str>> =
        params["context"]["only"].as_array().map(|kinds| kinds.iter().filter_map(Value::as_str).collect());
    let wanted = |kind: &str| {
        let within =
            |asked: &str| kind == asked || kind.strip_prefix(asked).is_some_and(|r| r.starts_with('.'));
        only.as_ref().is_none_or(|only| only.iter().any(|asked| within(asked)))
    };
    let here = |span: Span| span.file == file && span.start as usize <= end && start <= span.end as usize;
    let report = &judged.outcomes.report;
    let mut actions = Vec::new();
    for finding in report.findings.iter().filter(|f| wanted("quickfix") && here(f.span)) {
        let diagnostic = workspace.diagnostic(judged, encoding, finding);
        for (title, edits, preferred) in ways_out(judged, finding) {
            actions.push(json!({
                "title": title,
                "kind": "quickfix",
                "diagnostics": [diagnostic],
                "isPreferred": preferred,
                "edit": edit(workspace, judged, encoding, &edits),
            }));
        }
    }
    if wanted(FIX_ALL) {
        let edits = safe_edits(judged, file);
        if !edits.is_empty() {
            actions.push(json!({
                "title": "Make all safe fixes in this file",
                "kind": FIX_ALL,
                "edit": edit(workspace, judged, encoding, &edits),
            }));
        }
    }
    Some(actions.into())
}

/// Titles, edits, and whether the editor may take them as the obvious choice.
fn ways_out(judged: &Judged, finding: &Finding) -> Vec<(String, Vec<Edit>, bool)> {
    let mut ways = Vec::new();
    if let Some(fix) = &finding.fix
        && !fix.edits.is_empty()
        && !fix.edits.iter().any(|e| judged.mask.touches(e.span))
    {
        ways.push((capitalised(&fix.title), fix.edits.clone(), fix.safety == Safety::Safe));
    }
    let source = judged.collected.sources.get(finding.span.file);
    let line = source.line_of(finding.span.start as usize);
    if let Some(comment) = suppress::comment(source, line, &finding.rule) {
        let at = source.line_range(line).start;
        let edit = Edit { span: Span::new(finding.span.file, at, at), text: comment };
        ways.push((format!("Allow {} here, with a reason", finding.rule), vec![edit], false));
    }
    ways
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The edits of all safe fixes that stay within a file.
fn safe_edits(judged: &Judged, file: FileId) -> Vec<Edit> {
    let inside =
        |f: &&Finding| f.fix.as_ref().is_some_and(|fix| fix.edits.iter().all(|e| e.span.file == file));
    let findings = judged.outcomes.report.findings.iter().filter(inside).cloned().collect();
    let report = Report { findings, ..Report::default() };
    let sources: &Sources = &judged.collected.sources;
    fix::plan(&report, sources, &judged.mask, judged.run.settings(), Safety::Safe, &|_| None).edits
}

fn edit(workspace: &Workspace, judged: &Judged, encoding: Encoding, edits: &[Edit]) -> Value {
    let mut changes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in edits {
        let source = judged.collected.sources.get(edit.span.file);
        changes.entry(workspace.uri(judged, edit.span.file)).or_default().push(json!({
            "range": encoding.range(source, edit.span.range()),
            "newText": edit.text,
        }));
    }
    json!({"changes": changes})
}
