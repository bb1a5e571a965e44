//! HAProxy's configuration: a statement a line, gathered in sections that a keyword at a line's start opens.

use std::ops::Range;

use super::{Notice, assembly::Assembly, template};
use crate::source::{Span, View};

/// Words that open a section (`configuration.txt`, "Configuration file format" and the chapters of its sections).
pub const SECTIONS: &[&str] = &[
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "peers",
    "resolvers",
    "userlist",
    "mailers",
    "program",
    "http-errors",
    "ring",
    "log-forward",
    "cache",
    "fcgi-app",
    "crt-store",
    "traces",
    "log-profile",
    "acme",
];

/// A word of a line.
#[derive(Clone, Debug)]
pub struct Word<'a> {
    /// The word without quotes and escapes.
    pub view: View<'a>,
    /// True if its value is known only when the file is used: it holds an environment variable or a template.
    pub dynamic: bool,
}

impl Word<'_> {
    /// Its text.
    pub fn text(&self) -> &str {
        &self.view.text
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.view.full_span()
    }
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// Its words, one at least.
    pub words: Vec<Word<'a>>,
    /// From its first word to its last.
    pub span: Span,
    /// True if a condition of a template or an `.if` decides whether it stands there at all.
    pub conditional: bool,
}

impl<'a> Line<'a> {
    /// The text of a word, empty if there are fewer.
    pub fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", |w| w.text())
    }

    /// The word behind another (`maxconn` in a `server` line), searched from index `from` on.
    pub fn after(&self, name: &str, from: usize) -> Option<&Word<'a>> {
        let at = self.find(name, from)?;
        self.words.get(at + 1)
    }

    /// Index of a word at or after `from`.
    pub fn find(&self, name: &str, from: usize) -> Option<usize> {
        self.words.iter().skip(from).position(|w| w.text() == name).map(|i| i + from)
    }
}

/// A section.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// The line that opens it.
    pub head: Line<'a>,
    /// What it says.
    pub lines: Vec<Line<'a>>,
}

impl Section<'_> {
    /// The word that opens it.
    pub fn kind(&self) -> &str {
        self.head.word(0)
    }

    /// Its name, empty if it has none.
    pub fn name(&self) -> &str {
        self.head.word(1)
    }
}

/// A file.
#[derive(Clone, Debug, Default)]
pub struct Document<'a> {
    /// Its sections, in file order.
    pub sections: Vec<Section<'a>>,
    /// Lines before the first section.
    pub stray: Vec<Line<'a>>,
    /// True if the last line ends with a line feed, as HAProxy demands.
    pub final_newline: bool,
    /// True if another program renders it before HAProxy reads it.
    pub template: bool,
}

/// Reads a file.
pub fn parse<'v>(view: &'v View<'_>) -> (Document<'v>, Vec<Notice>) {
    let text = view.text.as_ref();
    let template = template::detect(text);
    let mut document = Document {
        final_newline: text.is_empty() || text.ends_with('\n'),
        template: template.is_some(),
        ..Document::default()
    };
    let mut reader = Reader { view, text, template: template.is_some(), depth: 0, notices: Vec::new() };
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while at < text.len() {
        let (line, next) = reader.line(at);
        at = next.max(at + 1);
        let Some(line) = line else { continue };
        if SECTIONS.contains(&line.word(0)) {
            document.sections.push(Section { head: line, lines: Vec::new() });
        } else if let Some(section) = document.sections.last_mut() {
            section.lines.push(line);
        } else {
            document.stray.push(line);
        }
    }
    (document, reader.notices)
}

struct Reader<'v, 't> {
    view: &'v View<'t>,
    text: &'v str,
    template: bool,
    /// How many conditions are open.
    depth: usize,
    notices: Vec<Notice>,
}

/// A word in the making.
#[derive(Default)]
struct Draft {
    text: Assembly,
    start: Option<usize>,
    dynamic: bool,
}

impl<'v> Reader<'v, '_> {
    /// The statement that starts at `at`, and where the next line starts.
    fn line(&mut self, at: usize) -> (Option<Line<'v>>, usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        let stop = rest.find('\n').unwrap_or(rest.len());
        let line = rest.get(..stop).unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        let mut next = at + stop + 1;
        if self.template {
            let construct = template::construct(rest.get(indent..).unwrap_or_default()).unwrap_or(0);
            if indent + construct > stop || template::is_control_line(line) {
                let whole = rest.get(..(indent + construct).max(stop)).unwrap_or_default();
                self.conditions(whole);
                let end = at + whole.len();
                let tail = self.text.get(end..).unwrap_or_default();
                next = end + tail.find('\n').unwrap_or(tail.len()) + 1;
                return (None, next);
            }
        }
        match line.split_whitespace().next() {
            Some(".if") => self.depth += 1,
            Some(".endif") => self.depth = self.depth.saturating_sub(1),
            Some(word) if !(word.starts_with('.') && word.len() > 1) => {
                let (words, end) = self.words(at + indent);
                let Some(first) = words.first() else { return (None, next) };
                let span = words.iter().fold(first.span(), |span, w| span.to(w.span()));
                return (Some(Line { words, span, conditional: self.depth > 0 }), end);
            }
            _ => {}
        }
        (None, next)
    }

    /// Counts the conditions that a control line opens and closes.
    fn conditions(&mut self, line: &str) {
        let mut rest = line;
        while let Some(open) = rest.find(['{', '<']) {
            rest = rest.get(open..).unwrap_or_default();
            let Some(len) = template::construct(rest) else {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            };
            let inside = rest.get(2..len).unwrap_or_default().trim_start_matches(['-', '+', ' ', '\t']);
            let word = inside.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            match word {
                "if" | "for" | "range" | "with" | "define" => self.depth += 1,
                "end" | "endif" | "endfor" => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            rest = rest.get(len..).unwrap_or_default();
        }
    }

    /// The words from `at` to the end of the line, and where the next line starts. A backslash at a line's end takes
    /// the next line along.
    fn words(&mut self, at: usize) -> (Vec<Word<'v>>, usize) {
        let mut words = Vec::new();
        let mut draft = Draft::default();
        let mut quote: Option<(char, usize)> = None;
        let mut i = at;
        while let Some(c) = self.text.get(i..).and_then(|t| t.chars().next()) {
            let len = c.len_utf8();
            match (quote, c) {
                (_, '\n') => break,
                (_, '\r') if self.text.get(i..).is_some_and(|t| t.starts_with("\r\n")) => {}
                (None, '#') => {
                    i += self.text.get(i..).and_then(|t| t.find('\n')).unwrap_or(self.text.len() - i);
                    break;
                }
                (None, c) if c.is_whitespace() => self.finish(&mut draft, &mut words),
                (None, '"' | '\'') => {
                    draft.start.get_or_insert(i + 1);
                    quote = Some((c, i));
                }
                (Some((q, _)), c) if q == c => quote = None,
                (Some(('"', _)) | None, '\\') => {
                    i = self.escape(i, &mut draft, quote.is_some());
                    continue;
                }
                (_, '{' | '<') if self.template => {
                    let len = template::construct(self.text.get(i..).unwrap_or_default());
                    draft.dynamic |= len.is_some();
                    self.push(&mut draft, i..i + len.unwrap_or(1));
                    i += len.unwrap_or(1);
                    continue;
                }
                (q, c) => {
                    let name = self.text.get(i + 1..).and_then(|t| t.chars().next());
                    draft.dynamic |= c == '$'
                        && q.is_none_or(|(q, _)| q == '"')
                        && name.is_some_and(|n| n == '{' || n == '_' || n.is_ascii_alphabetic());
                    self.push(&mut draft, i..i + len);
                }
            }
            i += len;
        }
        if let Some((_, open)) = quote.filter(|_| !self.template) {
            let span = self.view.span(open..open + 1);
            self.notices.push(Notice::new(span, "this quote is not closed on its line"));
        }
        self.finish(&mut draft, &mut words);
        (words, i + 1)
    }

    fn push(&self, draft: &mut Draft, range: Range<usize>) {
        draft.start.get_or_insert(range.start);
        draft.text.push_str(self.text.get(range.clone()).unwrap_or_default(), range.start);
    }

    /// Reads an escape; says where to go on.
    fn escape(&self, at: usize, draft: &mut Draft, quoted: bool) -> usize {
        let rest = self.text.get(at + 1..).unwrap_or_default();
        let Some(c) = rest.chars().next() else {
            self.push(draft, at..at + 1);
            return at + 1;
        };
        // Inside double quotes only these are escapes (`configuration.txt`, "Quoting and escaping").
        if quoted && !matches!(c, '"' | '\\' | '$' | '\'') {
            self.push(draft, at..at + 1);
            return at + 1;
        }
        let newline = if rest.starts_with("\r\n") { 2 } else { usize::from(c == '\n') };
        if newline > 0 {
            return at + 1 + newline;
        }
        draft.start.get_or_insert(at);
        let (replacement, len) = match c {
            'n' => ('\n', 2),
            'r' => ('\r', 2),
            't' => ('\t', 2),
            'x' => match rest.get(1..3).and_then(|h| u8::from_str_radix(h, 16).ok()) {
                Some(code) => (char::from(code), 4),
                None => ('x', 2),
            },
            other => (other, 1 + other.len_utf8()),
        };
        draft.text.push_escape(replacement, at, len);
        at + len
    }

    fn finish(&self, draft: &mut Draft, words: &mut Vec<Word<'v>>) {
        let done = std::mem::take(draft);
        if let Some(start) = done.start {
            words.push(Word { view: done.text.finish(self.view, start), dynamic: done.dynamic });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Source};

    fn words(text: &str) -> Vec<Vec<String>> {
        let source = Source::new("haproxy.cfg", text);
        let view = View::whole(FileId(0), &source);
        let (document, _) = parse(&view);
        let heads = document.sections.iter().flat_map(|s| std::iter::once(&s.head).chain(&s.lines));
        document
            .stray
            .iter()
            .chain(heads)
            .map(|l| l.words.iter().map(|w| w.text().to_owned()).collect())
            .collect()
    }

    #[test]
    fn quotes_and_escapes_make_words() {
        for (line, expected) in [
            ("stats realm Haproxy\\ Statistics", &["stats", "realm", "Haproxy Statistics"][..]),
            ("a 'b c' \"d \\\"e\\\"\" f # g", &["a", "b c", "d \"e\"", "f"]),
            ("a \\#b \\x41 '\\n'", &["a", "#b", "A", "\\n"]),
            ("a \"\" b", &["a", "", "b"]),
            ("a \\\n  b", &["a", "b"]),
            ("user \"open", &["user", "open"]),
            ("# only a comment", &[]),
        ] {
            let found = words(line).concat();
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn sections_open_whatever_the_indentation_and_spans_lead_back() {
        let source =
            Source::new("haproxy.cfg", "stray 1\n  global\n maxconn 5\n\tlisten a\r\n  bind :1 # x\r\n");
        let view = View::whole(FileId(0), &source);
        let (document, notices) = parse(&view);
        assert!(notices.is_empty());
        assert_eq!(document.stray.len(), 1);
        let shape: Vec<_> = document.sections.iter().map(|s| (s.kind(), s.name(), s.lines.len())).collect();
        assert_eq!(shape, [("global", "", 1), ("listen", "a", 1)]);
        let bind = &document.sections[1].lines[0];
        assert_eq!(&source.text[bind.span.range()], "bind :1");
        assert!(document.final_newline);
    }

    #[test]
    fn templates_are_words_and_their_conditions_are_known() {
        let text =
            "global\n{% if a %}\n maxconn {{ n | int }}\n{% endif %}\n timeout client \"${T:-1m}\"\n x";
        let source = Source::new("haproxy.cfg.j2", text);
        let view = View::whole(FileId(0), &source);
        let (document, _) = parse(&view);
        let lines = &document.sections[0].lines;
        let seen: Vec<_> = lines
            .iter()
            .map(|l| (l.word(l.words.len() - 1), l.conditional, l.words.iter().any(|w| w.dynamic)))
            .collect();
        assert_eq!(seen, [("{{ n | int }}", true, true), ("${T:-1m}", false, true), ("x", false, false)]);
        assert!(document.template && !document.final_newline);
    }

    #[test]
    fn hostile_texts_are_read_to_their_end() {
        for text in
            ["\\", "\"", "'", "\\x", "\\\r\n", "{{", "a \\\n", "\u{feff}", "é\\é", "{{{{{{{", "\r\r\r", "$"]
        {
            let _ = words(&text.repeat(2000));
            let _ = words(&format!("listen a\n {text}\n{{{{ x }}}} {text}"));
        }
    }
}
