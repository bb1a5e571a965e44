//! Findings for people: with source excerpts, or one line each.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::renderer::{
    DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_INFO_STYLE, DEFAULT_NOTE_STYLE,
    DEFAULT_WARNING_STYLE, Style,
};
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet,
};

use super::{Counts, Shown};
use crate::Severity;
use crate::findings::{Finding, Fix, Safety};
use crate::source::{FileId, Span, floor_boundary};

/// How text is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// With ANSI colours.
    pub color: bool,
    /// With terminal hyperlinks from rule names to their pages.
    pub links: bool,
    /// Columns to stay within.
    pub width: usize,
    /// Findings only, without notices and summary.
    pub brief: bool,
}

impl Default for Look {
    fn default() -> Self {
        Look { color: false, links: false, width: DEFAULT_WIDTH, brief: false }
    }
}

/// The width when the output is no terminal.
pub const DEFAULT_WIDTH: usize = 100;
/// Notes are not squeezed into less than this, however narrow the terminal.
const MIN_NOTE_WIDTH: usize = 24;
/// Places of one file that are further apart than this many lines are shown as separate excerpts.
const MAX_GAP: usize = 40;
/// Of a longer span only the first line is marked.
const MAX_MARKED_LINES: usize = 6;
/// An excerpt of more bytes is cut to what stands on either side of its place: a minified file of megabytes must not
/// be laid out once for each finding.
const MAX_EXCERPT_BYTES: usize = 32 * 1024;
/// So much is left on either side; more than a terminal is wide.
const CUT_SIDE: usize = 2_048;

/// Every finding with its excerpts and notes, the notices, and a closing summary.
pub fn full(shown: &Shown<'_>, look: Look) -> String {
    let renderer = if look.color { Renderer::styled().hyperlink(look.links) } else { Renderer::plain() };
    let renderer = renderer.term_width(look.width);
    let mut out = String::new();
    for finding in &shown.report.findings {
        out.push_str(&renderer.render(&groups(shown, finding, look.width)));
        out.push_str("\n\n");
    }
    if look.brief {
        return out;
    }
    notices(shown, look, &mut out);
    if !shown.report.notices.is_empty() && !shown.report.findings.is_empty() {
        out.push('\n');
    }
    summary(shown, look, &mut out);
    out
}

/// One line a finding: `path:line:column: severity[rule]: message`.
pub fn concise(shown: &Shown<'_>, look: Look) -> String {
    let mut out = String::new();
    for finding in &shown.report.findings {
        let word = paint(look, style(finding.severity), finding.severity.as_str());
        let place = place(shown, finding.span);
        line(&mut out, format_args!("{place}: {word}[{}]: {}", finding.rule, visible(&finding.message)));
    }
    if !look.brief {
        notices(shown, look, &mut out);
        summary(shown, look, &mut out);
    }
    out
}

fn notices(shown: &Shown<'_>, look: Look, out: &mut String) {
    for notice in &shown.report.notices {
        let word = paint(look, DEFAULT_NOTE_STYLE, "notice");
        line(out, format_args!("{}: {word}: {}", place(shown, notice.span), visible(&notice.message)));
    }
}

fn summary(shown: &Shown<'_>, look: Look, out: &mut String) {
    let sentence = Counts::of(shown.report).sentence(shown.sources.len());
    line(out, format_args!("{}", paint(look, DEFAULT_EMPHASIS_STYLE, &sentence)));
}

fn line(out: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(what);
    out.push('\n');
}

fn paint(look: Look, style: Style, text: &str) -> String {
    if look.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => DEFAULT_ERROR_STYLE,
        Severity::Warning => DEFAULT_WARNING_STYLE,
        Severity::Info => DEFAULT_INFO_STYLE,
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

fn place(shown: &Shown<'_>, span: Span) -> String {
    let source = shown.sources.get(span.file);
    let at = source.position(span.start as usize);
    format!("{}:{}:{}", visible(&source.name), at.line, at.column)
}

/// Values and names come from files: what would steer a terminal is replaced.
fn visible(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || is_bidi_control(c);
    if text.contains(steers) {
        Cow::Owned(text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Embeddings, overrides and isolates, which make a line read differently from what it holds.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A place to mark.
struct Mark<'a> {
    span: Span,
    label: &'a str,
    primary: bool,
}

fn groups<'a>(shown: &Shown<'a>, finding: &'a Finding, width: usize) -> Vec<Group<'a>> {
    let marks = [Mark { span: finding.span, label: &finding.label, primary: true }]
        .into_iter()
        .chain(finding.related.iter().map(|l| Mark { span: l.span, label: &l.message, primary: false }));
    let excerpts = excerpts(shown, marks, |m| m.span);
    let gutter = excerpts.iter().map(|e| (e.last + 1).to_string().len()).max().unwrap_or(1);
    let mut title =
        level(finding.severity).primary_title(visible(&finding.message)).id(finding.rule.as_str());
    if let Some(url) = shown.url(&finding.rule) {
        title = title.id_url(url);
    }
    let mut group = title
        .elements(excerpts.iter().flat_map(|e| e.origin(shown).into_iter().chain([e.snippet(shown).into()])));
    let notes = [("why", &finding.why), ("help", &finding.help)];
    for (name, text) in notes.into_iter().chain(finding.assumed.iter().map(|a| ("assumed", a))) {
        if !text.trim().is_empty() {
            // ` = name: ` stands before the text.
            let room = width.saturating_sub(gutter + name.len() + 5).max(MIN_NOTE_WIDTH);
            group = group.element(Level::NOTE.with_name(name).message(wrap(&visible(text), room)));
        }
    }
    let fix = finding.fix.as_ref().map(|fix| fix_group(shown, fix));
    [group].into_iter().chain(fix).collect()
}

fn fix_group<'a>(shown: &Shown<'a>, fix: &'a Fix) -> Group<'a> {
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    };
    let title = format!("{} ({safety})", visible(&fix.title));
    let group = Group::with_title(Level::HELP.with_name("fix").secondary_title(title));
    if !shown.mask.shows(shown.sources, fix) {
        return group;
    }
    let excerpts = excerpts(shown, fix.edits.iter(), |e| e.span);
    group.elements(excerpts.iter().flat_map(|excerpt| {
        let patches =
            excerpt.marks.iter().map(|e| Patch::new(excerpt.range(shown, e.span), visible(&e.text)));
        excerpt.origin(shown).into_iter().chain([excerpt.frame(shown).patches(patches).into()])
    }))
}

/// Neighbouring lines of a file and the places in them.
struct Excerpt<M> {
    file: FileId,
    first: usize,
    last: usize,
    marks: Vec<M>,
    /// The bytes shown.
    bytes: Range<usize>,
    /// The place they were cut round, when they are not whole lines.
    cut_at: Option<u32>,
}

/// Gathers places into excerpts, in the order in which each is first named.
fn excerpts<M>(
    shown: &Shown<'_>,
    marks: impl Iterator<Item = M>,
    span: impl Fn(&M) -> Span,
) -> Vec<Excerpt<M>> {
    let mut list: Vec<Excerpt<M>> = Vec::new();
    for mark in marks {
        let place = clip(shown, span(&mark));
        let source = shown.sources.get(place.file);
        let (first, last) = (source.line_of(place.start as usize), source.line_of(place.end as usize));
        let bytes = source.line_range(first).start..source.line_range(last).end;
        let near = list.iter_mut().find(|e| {
            let size = e.bytes.end.max(bytes.end) - e.bytes.start.min(bytes.start);
            e.file == place.file
                && first <= e.last + MAX_GAP
                && e.first <= last + MAX_GAP
                && size <= MAX_EXCERPT_BYTES
        });
        match near {
            Some(e) => {
                e.first = e.first.min(first);
                e.last = e.last.max(last);
                e.bytes = e.bytes.start.min(bytes.start)..e.bytes.end.max(bytes.end);
                e.marks.push(mark);
            }
            None => {
                let (bytes, cut_at) = if bytes.len() > MAX_EXCERPT_BYTES {
                    (cut(&source.text, bytes, place), Some(place.start))
                } else {
                    (bytes, None)
                };
                list.push(Excerpt { file: place.file, first, last, marks: vec![mark], bytes, cut_at })
            }
        }
    }
    list
}

/// The part of `bytes` round a place.
fn cut(text: &str, bytes: Range<usize>, place: Span) -> Range<usize> {
    let start = floor_boundary(text, (place.start as usize).saturating_sub(CUT_SIDE)).max(bytes.start);
    start..floor_boundary(text, place.start as usize + CUT_SIDE).min(bytes.end)
}

/// A span that is not too long to be marked.
fn clip(shown: &Shown<'_>, span: Span) -> Span {
    let source = shown.sources.get(span.file);
    let first = source.line_of(span.start as usize);
    if source.line_of(span.end as usize) - first < MAX_MARKED_LINES {
        return span;
    }
    Span::new(span.file, span.start as usize, source.line_range(first).end.max(span.start as usize))
}

impl<M> Excerpt<M> {
    /// Where a span stands in the text shown.
    fn range(&self, shown: &Shown<'_>, span: Span) -> Range<usize> {
        let at = |offset: u32| {
            let offset = (offset as usize).clamp(self.bytes.start, self.bytes.end);
            shown.mask.offset(shown.sources, self.file, self.bytes.start, offset)
        };
        at(span.start)..at(span.end)
    }

    fn frame<'a, T: Clone>(&self, shown: &Shown<'a>) -> Snippet<'a, T> {
        let text = shown.mask.text(shown.sources, self.file, self.bytes.clone());
        let path = self.cut_at.is_none().then(|| visible(&shown.sources.get(self.file).name));
        Snippet::source(tame(text)).path(path).line_start(self.first + 1)
    }

    /// The line that names the file, where the drawing library would count columns from the cut.
    fn origin<'a>(&self, shown: &Shown<'a>) -> Option<Element<'a>> {
        let source = shown.sources.get(self.file);
        let at = source.position(self.cut_at? as usize);
        let origin = Origin::path(visible(&source.name)).line(at.line as usize);
        Some(origin.char_column(at.column as usize).into())
    }
}

impl<'m> Excerpt<Mark<'m>> {
    fn snippet<'a>(&self, shown: &Shown<'a>) -> Snippet<'a, Annotation<'a>>
    where
        'm: 'a,
    {
        self.frame(shown).annotations(self.marks.iter().map(|mark| {
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let range = self.range(shown, clip(shown, mark.span));
            kind.span(range).label((!mark.label.is_empty()).then(|| visible(mark.label)))
        }))
    }
}

/// Replaces the control characters that the drawing library passes through, length by length: those from U+0080 to
/// U+009F steer some terminals.
fn tame(text: Cow<'_, str>) -> Cow<'_, str> {
    let steers = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
    if text.contains(steers) { Cow::Owned(text.replace(steers, "\u{b7}")) } else { text }
}

/// Breaks a text into lines of at most `width` characters where it can. Lines that belong to one paragraph are joined; blank
/// lines, list items and indented lines stay.
pub fn wrap(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for line in text.trim().lines() {
        let own_line = line.trim().is_empty() || line.starts_with([' ', '-', '*']) || column == usize::MAX;
        if own_line && !out.is_empty() {
            out.push('\n');
            column = 0;
        }
        if line.trim().is_empty() {
            column = usize::MAX;
            continue;
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        if column == 0 {
            out.push_str(indent);
            column = indent.chars().count();
        }
        for word in line.split_whitespace() {
            let length = word.chars().count();
            let starts_line = out.is_empty() || out.ends_with('\n') || out.ends_with(' ');
            if !starts_line && column + 1 + length > width {
                out.push('\n');
                column = 0;
            } else if !starts_line {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Report;
    use crate::findings::{Edit, Label};
    use crate::render::Mask;
    use crate::rules::RuleSet;
    use crate::source::{Source, Sources};
    use crate::syntax::Notice;

    fn span(sources: &Sources, file: FileId, text: &str) -> Span {
        let at = sources.get(file).text.find(text).expect("text is there");
        Span::new(file, at, at + text.len())
    }

    fn finding(span: Span) -> Finding {
        Finding {
            rule: "amqp/heartbeat-slow".into(),
            severity: Severity::Error,
            message: "a heartbeat of 60 s outlasts the proxy".into(),
            why: String::new(),
            help: String::new(),
            span,
            label: "60 s".into(),
            related: Vec::new(),
            fix: None,
            assumed: Vec::new(),
            fingerprint: Default::default(),
        }
    }

    fn draw(sources: &Sources, findings: Vec<Finding>, secrets: Vec<Span>, look: Look) -> String {
        let report = Report { findings, ..Report::default() };
        full(&Shown { report: &report, sources, mask: &Mask::new(secrets), rules: &RuleSet::empty() }, look)
    }

    #[test]
    fn a_finding_across_files_is_drawn_with_masked_text_and_all_notes() {
        let mut sources = Sources::new();
        let env = sources.add(Source::new("app/.env", "X=1\nURL=amqp://u:größe@mq/?heartbeat=60\n"));
        let proxy = sources.add(Source::new("haproxy.cfg", "listen mq\n  timeout client 30s\n"));
        let heartbeat = span(&sources, env, "60");
        let timeout = span(&sources, proxy, "30s");
        let finding = Finding {
            why: "The proxy closes connections that are idle for 30 s.\nHeartbeats come too late.".into(),
            help: "Ask for a heartbeat of 10 s.".into(),
            related: vec![Label { span: timeout, message: "closes after 30 s".into() }],
            fix: Some(Fix {
                title: "set heartbeat to 10".into(),
                safety: Safety::Unsafe,
                verbatim: false,
                edits: vec![Edit { span: heartbeat, text: "10".into() }],
            }),
            assumed: vec!["mq is the proxy's listener".into()],
            ..finding(heartbeat)
        };
        let drawn = draw(
            &sources,
            vec![finding],
            vec![span(&sources, env, "größe")],
            Look { width: 60, ..Look::default() },
        );
        let expected = "\
error[amqp/heartbeat-slow]: a heartbeat of 60 s outlasts the proxy
 --> app/.env:2:34
  |
2 | URL=amqp://u:*****@mq/?heartbeat=60
  |                                  ^^ 60 s
  |
 ::: haproxy.cfg:2:18
  |
2 |   timeout client 30s
  |                  --- closes after 30 s
  |
  = why: The proxy closes connections that are idle for 30
         s. Heartbeats come too late.
  = help: Ask for a heartbeat of 10 s.
  = assumed: mq is the proxy's listener
fix: set heartbeat to 10 (unsafe)
  |
2 - URL=amqp://u:*****@mq/?heartbeat=60
2 + URL=amqp://u:*****@mq/?heartbeat=10
  |

1 error in 2 files
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn odd_places_are_drawn() {
        let long = format!("{}heartbeat=60{}", "é=1&".repeat(50_000), "&x=2".repeat(50_000));
        let block = format!("key: |\n{}end\n", "  line\n".repeat(300));
        let cases: [(&str, &str, &str, &str); 6] = [
            ("empty at the end", "a=1\n", "", "f:2:1"),
            ("no line end", "a=heartbeat", "heartbeat", "f:1:3"),
            ("after a tab and a wide letter", "\té=60", "60", "f:1:4"),
            ("windows line ends", "a=1\r\nb=60\r\n", "60", "f:2:3"),
            ("a very long line", &long, "60", "f:1:200011"),
            (
                "many lines",
                &block,
                "key: |\n  line\n  line\n  line\n  line\n  line\n  line\n  line\n",
                "f:1:1",
            ),
        ];
        for (name, text, place, at) in cases {
            let mut sources = Sources::new();
            let file = sources.add(Source::new("f", text));
            let span = if place.is_empty() {
                Span::new(file, text.len(), text.len())
            } else {
                span(&sources, file, place)
            };
            let drawn = draw(&sources, vec![finding(span)], vec![], Look::default());
            assert!(drawn.contains(&format!("{at}\n")), "{name}:\n{drawn}");
            assert!(drawn.len() < 2_000, "{name}: {} bytes", drawn.len());
        }
    }

    #[test]
    fn nothing_from_a_file_steers_the_terminal() {
        let mut sources = Sources::new();
        let file = sources.add(Source::new("f\u{1b}[2J", "a=\u{1b}[31m\u{9b}2J\u{202e}60"));
        let evil = "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}";
        let finding = Finding {
            message: format!("m{evil}"),
            why: format!("w{evil}"),
            help: format!("h{evil}"),
            label: format!("l{evil}"),
            assumed: vec![format!("a{evil}")],
            fix: Some(Fix {
                title: format!("t{evil}"),
                safety: Safety::Safe,
                verbatim: false,
                edits: vec![Edit { span: span(&sources, file, "60"), text: evil.into() }],
            }),
            ..finding(span(&sources, file, "60"))
        };
        let notice = Notice { span: finding.span, message: evil.into() };
        let report = Report { findings: vec![finding], notices: vec![notice], suppressed: Vec::new() };
        let shown =
            Shown { report: &report, sources: &sources, mask: &Mask::default(), rules: &RuleSet::empty() };
        for drawn in [full(&shown, Look::default()), concise(&shown, Look::default())] {
            let steering: Vec<char> =
                drawn.chars().filter(|c| c.is_control() && *c != '\n' || is_bidi_control(*c)).collect();
            assert!(steering.is_empty(), "{steering:?} in {drawn:?}");
        }
    }

    #[test]
    fn notes_are_wrapped_by_paragraph() {
        let cases = [
            ("one two three", 9, "one two\nthree"),
            ("one\ntwo\n\nthree\n", 20, "one two\n\nthree"),
            ("do:\n- this\n- that thing\n", 8, "do:\n- this\n- that\nthing"),
            ("unbreakable-word x", 4, "unbreakable-word\nx"),
        ];
        for (text, width, wrapped) in cases {
            assert_eq!(wrap(text, width), wrapped, "{text:?}");
        }
    }
}
