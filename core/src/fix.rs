//! From findings with fixes to new texts.
//!
//! A fix is made as a whole or not at all. Fixes that touch each other are not made together: the caller lints the
//! new texts and plans again, until nothing is left to do or [`MAX_ROUNDS`] is reached.

use std::collections::BTreeMap;

use crate::engine::read;
use crate::findings::{Edit, Finding, Fix, Report, Safety};
use crate::render::Mask;
use crate::settings::Settings;
use crate::source::{FileId, Source, Sources, Span};

/// How often texts are linted and mended anew. Each round makes every fix that does not touch another, and no rule's
/// fix calls for more than two others.
pub const MAX_ROUNDS: usize = 10;

/// What to do about the findings of a run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The new texts of the files that change.
    pub texts: Vec<(FileId, String)>,
    /// The edits that make them.
    pub edits: Vec<Edit>,
    /// How many findings are mended.
    pub made: usize,
    /// Fixes that are not made.
    pub left: Vec<Left>,
}

/// A fix that is not made, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The finding's rule.
    pub rule: String,
    /// The finding's place.
    pub span: Span,
    /// The reason, as the end of a sentence.
    pub why: String,
}

/// Plans the fixes of a report up to a safety. `refuses` says why a file may not be changed.
pub fn plan(
    report: &Report,
    sources: &Sources,
    mask: &Mask,
    settings: &Settings,
    safety: Safety,
    refuses: &dyn Fn(FileId) -> Option<String>,
) -> Plan {
    let mut plan = Plan::default();
    let mut chosen: Vec<(&Finding, &Fix)> = Vec::new();
    let mut taken: Vec<Span> = Vec::new();
    for finding in &report.findings {
        let Some(fix) = &finding.fix else { continue };
        if fix.safety == Safety::Unsafe && safety == Safety::Safe {
            continue;
        }
        let refused = fix.edits.iter().find_map(|edit| {
            let quoting = !fix.verbatim && needs_quoting(sources.slice(edit.span), &edit.text);
            if mask.touches(edit.span) {
                Some("it would change a secret".to_owned())
            } else if quoting {
                Some("its text would need quotes here".to_owned())
            } else {
                refuses(edit.span.file)
            }
        });
        match refused {
            Some(why) => plan.left.push(Left { rule: finding.rule.clone(), span: finding.span, why }),
            // One that touches another waits for the next round.
            None if fix.edits.iter().any(|e| taken.iter().any(|t| touch(*t, e.span))) => {}
            None => {
                taken.extend(fix.edits.iter().map(|e| e.span));
                chosen.push((finding, fix));
            }
        }
    }
    let broken = broken_files(&chosen, sources, settings);
    if !broken.is_empty() {
        // Each is tried alone; those that break a file stay out, and if the others still do so together, they too.
        chosen.retain(|&(finding, fix)| {
            let breaks = fix.edits.iter().any(|e| broken.contains(&e.span.file))
                && !broken_files(&[(finding, fix)], sources, settings).is_empty();
            keep(!breaks, finding, &mut plan.left)
        });
        let broken = broken_files(&chosen, sources, settings);
        chosen.retain(|&(finding, fix)| {
            let breaks = fix.edits.iter().any(|e| broken.contains(&e.span.file));
            keep(!breaks, finding, &mut plan.left)
        });
    }
    plan.made = chosen.len();
    plan.edits = chosen.iter().flat_map(|(_, fix)| fix.edits.iter().cloned()).collect();
    plan.texts = texts(&chosen, sources);
    plan
}

fn keep(good: bool, finding: &Finding, left: &mut Vec<Left>) -> bool {
    if !good {
        let why = "the file could not be read afterwards".to_owned();
        left.push(Left { rule: finding.rule.clone(), span: finding.span, why });
    }
    good
}

/// Insertions have no length, so spans that meet are taken to overlap.
fn touch(a: Span, b: Span) -> bool {
    a.file == b.file && a.start <= b.end && b.start <= a.end
}

/// Whether a new text holds what would end or change the value it stands in, in any of the syntaxes: quotes, escapes,
/// line ends, comments, and the separators of YAML.
fn needs_quoting(old: &str, new: &str) -> bool {
    let special = |c: char| matches!(c, '"' | '\'' | '`' | '\\') || c.is_control();
    let ends_value = |text: &str| text.contains(" #") || text.contains(": ") || text.ends_with(':');
    new.chars().any(|c| special(c) && !old.contains(c)) || ends_value(new) && !ends_value(old)
}

/// True if an edit leaves a program a program: values of configuration are plain texts, those of source code are only
/// where they stand between quotes, or where a number or a truth value takes the place of one. In Go a number may count
/// nanoseconds.
pub(crate) fn fits_code(source: &Source, edit: &Edit) -> bool {
    let ending = source.name.rsplit('.').next().unwrap_or_default();
    const CODE: &[&str] = &["py", "go", "java", "kt", "kts", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts"];
    if !CODE.contains(&ending) || edit.text.is_empty() {
        return true;
    }
    let line = source.line_range(source.line_of(edit.span.start as usize));
    let before = source.text.get(line.start..edit.span.start as usize).unwrap_or_default();
    let mut open = None;
    for c in before.chars().filter(|c| matches!(c, '"' | '\'' | '`')) {
        match open {
            None => open = Some(c),
            Some(quote) if quote == c => open = None,
            Some(_) => {}
        }
    }
    let old = source.text.get(edit.span.range()).unwrap_or_default();
    let number = |text: &str| text.parse::<i64>().is_ok();
    let truth = |text: &str| matches!(text, "true" | "false" | "True" | "False");
    open.is_some()
        || (number(old) && number(&edit.text) && ending != "go")
        || (truth(old) && truth(&edit.text))
}

/// The files that could not be read as well as before, were these fixes made.
fn broken_files(chosen: &[(&Finding, &Fix)], sources: &Sources, settings: &Settings) -> Vec<FileId> {
    let mut broken = Vec::new();
    for (file, text) in texts(chosen, sources) {
        let source = sources.get(file);
        let before = complaints(Source::new(source.name.as_str(), source.text.as_str()), settings);
        let after = complaints(Source::new(source.name.as_str(), text), settings);
        if after.iter().any(|(message, n)| before.get(message).is_none_or(|b| b < n)) {
            broken.push(file);
        }
    }
    broken
}

/// What the reader of a file says of it, and how often.
fn complaints(source: Source, settings: &Settings) -> BTreeMap<String, usize> {
    let mut sources = Sources::new();
    let file = sources.add(source);
    let mut counts = BTreeMap::new();
    for notice in read(&sources, file, settings).reading.notices {
        *counts.entry(notice.message).or_default() += 1;
    }
    counts
}

fn texts(chosen: &[(&Finding, &Fix)], sources: &Sources) -> Vec<(FileId, String)> {
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in chosen.iter().flat_map(|(_, fix)| &fix.edits) {
        edits.entry(edit.span.file).or_default().push(edit);
    }
    edits.into_iter().map(|(file, edits)| (file, edited(&sources.get(file).text, edits))).collect()
}

/// A text with edits made that do not overlap; everything between them stays as it is.
pub fn edited<'e>(text: &str, edits: impl IntoIterator<Item = &'e Edit>) -> String {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    edits.sort_by_key(|e| e.span);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        if let Some(between) = text.get(at..range.start) {
            out.push_str(between);
            out.push_str(&edit.text);
            at = range.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &str, safety: Safety, edits: &[(usize, usize, &str)]) -> Finding {
        let edits: Vec<Edit> = edits
            .iter()
            .map(|(start, end, text)| Edit { span: Span::new(FileId(0), *start, *end), text: (*text).into() })
            .collect();
        Finding {
            rule: rule.into(),
            severity: crate::Severity::Warning,
            message: String::new(),
            why: String::new(),
            help: String::new(),
            span: edits[0].span,
            label: String::new(),
            related: Vec::new(),
            fix: Some(Fix { title: String::new(), safety, verbatim: false, edits }),
            assumed: Vec::new(),
            fingerprint: Default::default(),
        }
    }

    /// The new text and the reasons of what is left out.
    fn planned(
        name: &str,
        text: &str,
        findings: Vec<Finding>,
        secrets: &[(usize, usize)],
    ) -> (String, Vec<String>) {
        let mut sources = Sources::new();
        let file = sources.add(Source::new(name, text));
        let mask = Mask::new(secrets.iter().map(|(s, e)| Span::new(file, *s, *e)));
        let report = Report { findings, ..Report::default() };
        let plan = plan(&report, &sources, &mask, &Settings::default(), Safety::Safe, &|_| None);
        let text = plan.texts.into_iter().next().map_or_else(|| text.to_owned(), |(_, text)| text);
        (text, plan.left.into_iter().map(|l| format!("{}: {}", l.rule, l.why)).collect())
    }

    #[test]
    fn what_touches_waits_and_what_is_unsafe_or_secret_stays_out() {
        let text = "a = one # keep\nb = two\r\npass = x\n";
        let findings = vec![
            finding("first", Safety::Safe, &[(4, 7, "1"), (19, 22, "2")]),
            finding("touches", Safety::Safe, &[(7, 7, "!")]),
            finding("unsafe", Safety::Unsafe, &[(0, 1, "c")]),
            finding("secret", Safety::Safe, &[(31, 32, "y")]),
            finding("quotes", Safety::Safe, &[(15, 16, "\"b\"")]),
            finding("comment", Safety::Safe, &[(15, 16, "b #")]),
        ];
        let (text, left) = planned("x.txt", text, findings, &[(31, 32)]);
        assert_eq!(text, "a = 1 # keep\nb = 2\r\npass = x\n");
        let quotes = "its text would need quotes here";
        let expected = [
            "secret: it would change a secret".into(),
            format!("quotes: {quotes}"),
            format!("comment: {quotes}"),
        ];
        assert_eq!(left, expected);
    }

    #[test]
    fn a_fix_that_breaks_its_file_stays_out_and_the_others_are_made() {
        let text = "{\"heartbeat\": 0, \"vhost\": 1}\n";
        let findings = vec![
            finding("good", Safety::Safe, &[(14, 15, "30")]),
            finding("breaks", Safety::Safe, &[(26, 27, "{")]),
        ];
        let (text, left) = planned("a.json", text, findings, &[]);
        assert_eq!(text, "{\"heartbeat\": 30, \"vhost\": 1}\n");
        assert_eq!(left, ["breaks: the file could not be read afterwards"]);
    }
}
