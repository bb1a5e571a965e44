//! Comments that allow a finding: `# connlint: allow RULE -- reason`.
//!
//! A comment behind a value covers its own line, one on a line of its own covers the next line that is no comment.
//! `allow-start` covers all lines up to `allow-end`, `allow-file` covers the file. The reason is part of the form: without one the comment does nothing and says so.

use std::ops::Range;

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
    /// The lines it covers, from 0.
    lines: Range<usize>,
    /// Where the reason stands.
    reason: Span,
    rules: Vec<(String, Span, bool)>,
}

/// Finds the comments of a source. Faulty ones become notices.
pub fn scan(file: FileId, source: &Source, notices: &mut Vec<Notice>) -> Vec<Allow> {
    let mut found: Vec<Allow> = Vec::new();
    // Blocks that have not ended yet.
    let mut open = Vec::new();
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
        let (scope, names) = what.split_once(char::is_whitespace).unwrap_or((what, ""));
        let scope = match scope {
            "allow" => Scope::Line,
            "allow-file" => Scope::File,
            "allow-start" => Scope::Block,
            "allow-end" if names.is_empty() => {
                match open.pop().and_then(|at| found.get_mut(at)) {
                    Some(Allow { lines, .. }) => lines.end = line,
                    None => {
                        notices.push(Notice::new(span, "there is no `connlint: allow-start` for this end"))
                    }
                }
                continue;
            }
            _ => {
                let message = "write `connlint: allow RULE -- reason` (or `allow-file`, or `allow-start` and \
                               `allow-end`); this comment does nothing";
                notices.push(Notice::new(span, message));
                continue;
            }
        };
        if names.trim().is_empty() {
            notices.push(Notice::new(span, "this comment names no rule, so it allows nothing"));
            continue;
        }
        if reason.trim().is_empty() {
            let message =
                "this comment gives no reason, so it allows nothing; add ` -- why it is right here`";
            notices.push(Notice { span, message: message.into() });
            continue;
        }
        let alone = before.trim_end_matches(leader).trim().is_empty();
        let lines = match scope {
            Scope::File => 0..usize::MAX,
            Scope::Block => {
                open.push(found.len());
                line..usize::MAX
            }
            Scope::Line => {
                let covered = if alone { next_code_line(source, line) } else { line };
                covered..covered + 1
            }
        };
        let rules = names
            .split(',')
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .map(|name| {
                let offset = text[at..].find(name).map_or(at, |n| at + n) + range.start;
                (name.to_owned(), Span::new(file, offset, offset + name.len()), false)
            })
            .collect();
        found.push(Allow { file, span, lines, reason: reason_span, rules });
    }
    // Whoever forgets the end did not mean the rest of the file.
    for at in open.into_iter().rev() {
        let allow = found.remove(at);
        notices
            .push(Notice::new(allow.span, "this block has no `connlint: allow-end`, so it allows nothing"));
    }
    found
}

/// What a comment covers.
enum Scope {
    Line,
    Block,
    File,
}

/// A line that allows a rule on a line of a source, up to the reason, which a person has to write; `None` for files
/// without comments.
pub fn comment(source: &Source, line: usize, rule: &str) -> Option<String> {
    let base = source.base_name();
    let leader = match base.rsplit('.').next().unwrap_or_default() {
        "json" => return None,
        "js" | "mjs" | "cjs" | "ts" | "go" | "java" | "kt" | "rs" | "cs" | "c" | "cpp" | "swift"
        | "scala" => "//",
        "erl" | "config" => "%",
        "ini" => ";",
        "xml" | "html" | "md" => return None,
        _ => "#",
    };
    let text = &source.text[source.line_range(line)];
    let indentation = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
    Some(format!("{indentation}{leader} {MARK} allow {rule} -- \n"))
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
        for allow in allows.iter_mut().filter(|a| a.file == place.file && a.lines.contains(&line)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::{RuleSet, Settings, lint};

    /// Lines of findings that stand, and notices.
    fn run(text: &str) -> (Vec<usize>, Vec<String>) {
        let mut sources = Sources::new();
        let file = sources.add(Source::new("rabbitmq.conf", text));
        let report = lint(&sources, &Settings::default(), &RuleSet::built_in()).report;
        let lines =
            report.findings.iter().map(|f| sources.get(file).line_of(f.span.start as usize)).collect();
        (lines, report.notices.into_iter().map(|n| n.message).collect())
    }

    #[test]
    fn a_block_covers_its_lines_and_an_open_one_nothing() {
        let rule = "rabbitmq/unknown-key";
        let faulty = "hartbeat = 1\n";
        let (lines, notices) = run(&format!(
            "{faulty}# connlint: allow-start {rule} -- why\n{faulty}{faulty}# connlint: allow-end\n{faulty}"
        ));
        assert!(lines.contains(&0) && lines.contains(&5), "{lines:?}");
        assert!(!lines.contains(&2) && !lines.contains(&3), "{lines:?}");
        assert!(notices.is_empty(), "{notices:?}");

        let (lines, notices) = run(&format!("# connlint: allow-start {rule} -- why\n{faulty}"));
        assert_eq!(lines, [1]);
        assert_eq!(notices, ["this block has no `connlint: allow-end`, so it allows nothing"]);
        let (_, notices) = run(&format!("{faulty}# connlint: allow-end\n"));
        assert_eq!(notices, ["there is no `connlint: allow-start` for this end"]);
        let (_, notices) = run("# connlint: allow -- why\nheartbeat = 30\n");
        assert_eq!(notices, ["this comment names no rule, so it allows nothing"]);
    }

    #[test]
    fn the_comment_for_a_line_asks_for_a_reason() {
        let source = Source::new("a.yaml", "a:\n  b: 1\n");
        let comment = comment(&source, 1, "amqp/x").unwrap();
        assert_eq!(comment, "  # connlint: allow amqp/x -- \n");
        let (_, notices) = run(&format!("{comment}hartbeat = 1\n"));
        assert!(notices[0].contains("gives no reason"), "{notices:?}");
        assert_eq!(super::comment(&Source::new("a.json", "{}"), 0, "amqp/x"), None);
    }
}
