//! Whether a connection gets through, for people and for programs.

use std::fmt::Write as _;

use serde_json::json;

use super::Mask;
use crate::firewall::{Answer, Reply};
use crate::source::{Sources, Span};

/// The version of the JSON document's form.
pub const VERSION: u32 = 1;

/// An answer, in one word, and each firewall's part with the line that decides.
pub fn text(answer: Answer, replies: &[Reply], sources: &Sources, mask: &Mask) -> String {
    let mut out = format!("{}\n", answer.as_str());
    if replies.is_empty() {
        out.push_str("no firewall rules for this IP version were found\n");
    }
    for reply in replies {
        let (path, line, column, written) = place(reply.at, sources, mask);
        let (tool, word) = (reply.tool, reply.answer.as_str());
        let _ = writeln!(out, "{path}:{line}:{column}: {tool}: {word}: {}\n    {written}", reply.because);
    }
    out
}

/// The same as JSON.
pub fn json(answer: Answer, replies: &[Reply], sources: &Sources, mask: &Mask) -> String {
    let firewalls: Vec<_> = replies
        .iter()
        .map(|reply| {
            let (path, line, column, text) = place(reply.at, sources, mask);
            json!({
                "tool": reply.tool, "answer": reply.answer.as_str(), "because": reply.because,
                "path": path, "line": line, "column": column, "text": text,
            })
        })
        .collect();
    let document = json!({"version": VERSION, "answer": answer.as_str(), "firewalls": firewalls});
    format!("{document:#}\n")
}

fn place(at: Span, sources: &Sources, mask: &Mask) -> (String, u32, u32, String) {
    let source = sources.get(at.file);
    let start = source.position(at.range().start);
    let line = source.line_range(source.line_of(at.range().start));
    let text = mask.text(sources, at.file, line).trim().to_owned();
    (source.name.clone(), start.line, start.column, text)
}
