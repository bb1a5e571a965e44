//! Comments that allow a finding: `# connlint: allow RULE -- reason`.
//!
//! A comment behind a value covers its own line, one on a line of its own covers the next line that is no comment.
//! `allow-file` covers the file. The reason is part of the form: without one the comment does nothing and says so.

use crate::findings::{Finding, Pardon, Suppressed};
use crate::rules::selects;
use crate::source::{FileId, Source, Span};
use crate::syntax::Notice;

const MARK: &str = "connlint:";

/// Characters that begin a comment in the formats we read.
const LEADERS: &[&str] = &["#", "//", ";", "%", "--", "/*", "<!--", "!"];

/// One comment that allows rules.
#[derive(Clone, Debug)]
pub struct Allow {
    file: FileId,
    /// Where `connlint: …` stands.
    span: Span,
    /// The lines it covers, from 0; `None` for the whole file.
    line: Option<usize>,
    /// Where the reason stands.
    reason: Span,
    rules: Vec<(String, Span, bool)>,
}

/// Finds the comments of a source. Faulty ones become notices.
pub fn scan(file: FileId, source: &Source, notices: &mut Vec<Notice>) -> Vec<Allow> {
    let mut found = Vec::new();
    if !source.text.contains(MARK) {
        return found;
    }
    for line in 0..source.line_count() {
        let range = source.line_range(line);
        let text = &source.text[range.clone()];
        let Some(at) = text.find(MARK) else { continue };
        let before = text[..at].trim_end();
        let Some(leader) = LEADERS.iter().find(|l| before.ends_with(**l)) else { continue };
        let body =
            text[at + MARK.len()..].trim_end().trim_end_matches("*/").trim_end_matches("-->").trim_end();
        let span = Span::new(file, range.start + at, range.start + at + MARK.len() + body.len());
        let (what, reason) = body.split_once("--").unwrap_or((body, ""));
        let reason_end = span.end as usize - (reason.len() - reason.trim_end().len());
        let reason_span = Span::new(file, reason_end - reason.trim().len(), reason_end);
        let what = what.trim();
        let (whole_file, names) = match what.split_once(char::is_whitespace) {
            Some(("allow", names)) => (false, names),
            Some(("allow-file", names)) => (true, names),
            _ => {
                let message =
                    "write `connlint: allow RULE -- reason` (or `allow-file`); this comment does nothing";
                notices.push(Notice { span, message: message.into() });
                continue;
            }
        };
        if reason.trim().is_empty() {
            let message =
                "this comment gives no reason, so it allows nothing; add ` -- why it is right here`";
            notices.push(Notice { span, message: message.into() });
            continue;
        }
        let alone = before.trim_end_matches(leader).trim().is_empty();
        let covered = if alone { next_code_line(source, line) } else { line };
        let rules = names
            .split(',')
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .map(|name| {
                let offset = text[at..].find(name).map_or(at, |n| at + n) + range.start;
                (name.to_owned(), Span::new(file, offset, offset + name.len()), false)
            })
            .collect();
        found.push(Allow { file, span, line: (!whole_file).then_some(covered), reason: reason_span, rules });
    }
    found
}

fn next_code_line(source: &Source, from: usize) -> usize {
    (from + 1..source.line_count())
        .find(|&line| {
            let text = source.text[source.line_range(line)].trim_start();
            !text.is_empty() && !LEADERS.iter().any(|l| text.starts_with(l))
        })
        .unwrap_or(from)
}

/// Splits findings into those that stand and those that a comment allows; a comment at any place of a finding counts.
pub fn apply(
    findings: Vec<Finding>,
    allows: &mut [Allow],
    line_of: impl Fn(Span) -> usize,
) -> (Vec<Finding>, Vec<Suppressed>) {
    if allows.is_empty() {
        return (findings, Vec::new());
    }
    let mut stand = Vec::new();
    let mut suppressed = Vec::new();
    for finding in findings {
        match pardon(&finding, allows, &line_of) {
            Some(reason) => suppressed.push(Suppressed { finding, pardon: Pardon::Comment(reason) }),
            None => stand.push(finding),
        }
    }
    (stand, suppressed)
}

/// The reason of the first comment that allows a finding; all that do are used from now on.
fn pardon(finding: &Finding, allows: &mut [Allow], line_of: &impl Fn(Span) -> usize) -> Option<Span> {
    let mut reason = None;
    for place in std::iter::once(finding.span).chain(finding.related.iter().map(|l| l.span)) {
        let line = line_of(place);
        for allow in allows.iter_mut().filter(|a| a.file == place.file && a.line.is_none_or(|l| l == line)) {
            for (_, _, used) in allow.rules.iter_mut().filter(|(name, ..)| selects(name, &finding.rule)) {
                *used = true;
                reason = reason.or(Some(allow.reason));
            }
        }
    }
    reason
}

/// Notices for names that allowed nothing, as far as the rules they mean ran.
pub fn unused(allows: &[Allow], ran: impl Fn(&str) -> bool) -> Vec<Notice> {
    let mut notices = Vec::new();
    for allow in allows {
        for (name, span, used) in &allow.rules {
            if !used && ran(name) {
                let message = format!("`{name}` finds nothing here; this comment can go");
                notices
                    .push(Notice { span: if allow.rules.len() > 1 { *span } else { allow.span }, message });
            }
        }
    }
    notices
}
