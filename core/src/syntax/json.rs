//! JSON, with the comments, trailing commas and template placeholders that files called `.json` hold in practice.

use super::{Data, Entry, MAX_DEPTH, MAX_NODES, Node, Notice, Scalar, Style, escape, quoted, template};
use crate::source::View;
use std::ops::Range;

/// More notices than this about single lines say nothing new.
const MAX_LINE_NOTICES: usize = 20;

/// Reads a value. After something that is no JSON it goes on at the next line.
pub fn parse<'v>(view: &'v View<'_>) -> (Option<Node<'v>>, Vec<Notice>) {
    let text: &'v str = view.text.as_ref();
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader {
        view,
        text,
        at,
        template: template::detect(text),
        nodes: 0,
        stack: Vec::new(),
        notices: Vec::new(),
    };
    let root = reader.document();
    (root, reader.notices)
}

/// An object or array that is still open.
struct Frame<'v> {
    start: usize,
    kind: Kind<'v>,
}

enum Kind<'v> {
    Object { entries: Vec<Entry<'v>>, key: Option<(Scalar<'v>, usize)> },
    Array(Vec<Node<'v>>),
}

struct Reader<'v, 't> {
    view: &'v View<'t>,
    text: &'v str,
    at: usize,
    template: Option<usize>,
    nodes: usize,
    stack: Vec<Frame<'v>>,
    notices: Vec<Notice>,
}

impl<'v> Reader<'v, '_> {
    fn document(&mut self) -> Option<Node<'v>> {
        let mut root: Option<Node<'v>> = None;
        loop {
            self.skip_blanks();
            let Some(c) = self.peek() else { break };
            if self.nodes > MAX_NODES {
                self.note(self.at..self.at, "too many values; the text is read up to here");
                break;
            }
            let done = match c {
                '{' if self.construct().is_none() => {
                    self.open(Kind::Object { entries: Vec::new(), key: None })
                }
                '[' => self.open(Kind::Array(Vec::new())),
                '}' | ']' => self.close(c),
                ',' | ':' => {
                    self.at += 1;
                    None
                }
                _ => self.leaf(c),
            };
            if let Some(node) = done {
                if root.is_none() {
                    root = Some(node);
                } else {
                    let span = node.span;
                    if self.template.is_none() && self.notices.len() < MAX_LINE_NOTICES {
                        self.notices
                            .push(Notice::new(span, "text behind the end of the JSON value is passed over"));
                    }
                    break;
                }
            }
        }
        if !self.stack.is_empty() {
            let end = self.text.len();
            self.note(end..end, "the text ends inside an object or array");
        }
        while let Some(frame) = self.stack.pop() {
            let node = self.finish(frame);
            if let Some(node) = self.attach(node)
                && root.is_none()
            {
                root = Some(node);
            }
        }
        root
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn rest(&self) -> &'v str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// White space and comments.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            let len = if rest.starts_with("//") || rest.starts_with('#') {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |n| n + 2)
            } else if self.template.is_some() && rest.starts_with(['{', '<']) && self.is_statement() {
                template::construct(rest).unwrap_or(rest.len())
            } else {
                return;
            };
            self.at += len;
        }
    }

    /// The length of the template expression that starts here.
    fn construct(&self) -> Option<usize> {
        self.template.and_then(|_| template::construct(self.rest()))
    }

    fn is_statement(&self) -> bool {
        let rest = self.rest();
        template::construct(rest).is_some_and(|len| {
            !rest.starts_with("{{") || {
                let line = self.text.get(..self.at).unwrap_or_default().rfind('\n').map_or(0, |n| n + 1);
                let end = rest.find('\n').unwrap_or(rest.len()).max(len);
                self.text.get(line..self.at + end).is_some_and(template::is_control_line)
                    && !self
                        .stack
                        .last()
                        .is_some_and(|f| matches!(&f.kind, Kind::Object { key: Some(_), .. }))
            }
        })
    }

    fn open(&mut self, kind: Kind<'v>) -> Option<Node<'v>> {
        if self.stack.len() >= MAX_DEPTH {
            let start = self.at;
            self.skip_nested();
            self.note(start..start + 1, "nested too deeply; what is inside is passed over");
            return self.attach(self.empty(start));
        }
        self.stack.push(Frame { start: self.at, kind });
        self.at += 1;
        None
    }

    /// Passes over a bracket and everything in it.
    fn skip_nested(&mut self) {
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                '"' => {
                    self.at =
                        quoted::end(self.text, self.at, '"', self.template.is_some()).unwrap_or(self.at + 1);
                    continue;
                }
                _ => {}
            }
            self.at += c.len_utf8();
            if depth == 0 {
                return;
            }
        }
    }

    fn close(&mut self, bracket: char) -> Option<Node<'v>> {
        let is_object = bracket == '}';
        let matches = |f: &Frame<'_>| matches!(f.kind, Kind::Object { .. }) == is_object;
        if !self.stack.last().is_some_and(matches) {
            self.note(self.at..self.at + 1, "this bracket closes nothing that is open");
            // The bracket that is missing may be one further out.
            let above = self.stack.len().checked_sub(2).and_then(|i| self.stack.get(i));
            if !above.is_some_and(matches) {
                self.at += 1;
                return None;
            }
            let frame = self.stack.pop()?;
            let node = self.finish(frame);
            self.attach(node);
        }
        self.at += 1;
        let frame = self.stack.pop()?;
        let node = self.finish(frame);
        self.attach(node)
    }

    fn finish(&self, frame: Frame<'v>) -> Node<'v> {
        let data = match frame.kind {
            Kind::Array(items) => Data::Seq(items),
            Kind::Object { mut entries, key } => {
                if let Some((key, end)) = key {
                    entries.push(Entry { key, value: self.empty(end) });
                }
                Data::Map(entries)
            }
        };
        Node { data, span: self.view.span(frame.start..self.at) }
    }

    fn empty(&self, at: usize) -> Node<'v> {
        let view = self.view.sub(at..at);
        let span = view.full_span();
        Node { data: Data::Scalar(Scalar { view, style: Style::Plain }), span }
    }

    /// Puts a node into what is open; gives it back if nothing is.
    fn attach(&mut self, node: Node<'v>) -> Option<Node<'v>> {
        self.nodes += 1;
        let at = self.at;
        let Some(frame) = self.stack.last_mut() else { return Some(node) };
        match &mut frame.kind {
            Kind::Array(items) => items.push(node),
            Kind::Object { entries, key } => match (key.take(), node.data) {
                (Some((key, _)), data) => entries.push(Entry { key, value: Node { data, span: node.span } }),
                (None, Data::Scalar(scalar)) => *key = Some((scalar, at)),
                (None, _) => self.note(at..at, "there is a value without a key"),
            },
        }
        None
    }

    fn leaf(&mut self, c: char) -> Option<Node<'v>> {
        let start = self.at;
        if c == '"' {
            let Some(end) = quoted::end(self.text, start, '"', self.template.is_some()) else {
                self.bad_line("this text is not closed by a quote on its line");
                return None;
            };
            self.at = end;
            let view = quoted::content(self.view, start + 1..end - 1, unescape);
            let data = Data::Scalar(Scalar { view, style: Style::Quoted });
            return self.leaf_node(Node { data, span: self.view.span(start..end) });
        }
        // A bare word: number, literal, or a template expression with what is glued to it.
        let mut end = start;
        while let Some(rest) = self.text.get(end..) {
            let Some(c) = rest.chars().next() else { break };
            let construct = self.template.and_then(|_| template::construct(rest));
            match construct {
                Some(len) => end += len,
                None if c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_' | '$') => end += 1,
                None => break,
            }
        }
        let word = self.text.get(start..end).unwrap_or_default();
        let known = matches!(word, "true" | "false" | "null") || is_number(word) || word.contains("{{");
        if !known {
            self.bad_line(
                "this is neither text, number, object nor array; the rest of the line is passed over",
            );
            return None;
        }
        self.at = end;
        let data = Data::Scalar(Scalar { view: self.view.sub(start..end), style: Style::Plain });
        self.leaf_node(Node { data, span: self.view.span(start..end) })
    }

    /// Attaches a leaf as key or value: a text in key position that no colon follows stands for itself.
    fn leaf_node(&mut self, node: Node<'v>) -> Option<Node<'v>> {
        let wants_key = self.stack.last().is_some_and(|f| matches!(&f.kind, Kind::Object { key: None, .. }));
        if wants_key {
            let end = self.at;
            self.skip_blanks();
            if self.peek() != Some(':') {
                self.note(end..end, "there is no `:` and value behind this key");
                return None;
            }
            self.at += 1;
        }
        self.attach(node)
    }

    /// Passes over the rest of the line. A key that waits for its value gets an empty one.
    fn bad_line(&mut self, message: &str) {
        let start = self.at;
        let rest = self.rest();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        self.at += rest.find('\n').unwrap_or(rest.len()).max(first);
        self.note(start..start + first, message);
        if let Some(Frame { kind: Kind::Object { key: Some((_, end)), .. }, .. }) = self.stack.last() {
            let node = self.empty(*end);
            self.attach(node);
        }
    }

    fn note(&mut self, range: Range<usize>, message: &str) {
        if let Some(at) = self.template {
            if self.notices.is_empty() {
                self.notices.push(Notice::new(self.view.span(at..at + 2), template::NOTICE));
            }
        } else if self.notices.len() < MAX_LINE_NOTICES {
            self.notices.push(Notice::new(self.view.span(range), message));
        }
    }
}

fn unescape(escaped: &str) -> Option<(char, usize)> {
    if escaped.starts_with("\\u") {
        return Some(escape::utf16(escaped).unwrap_or((char::REPLACEMENT_CHARACTER, 2)));
    }
    quoted::letter(escaped, &[('b', '\u{8}'), ('f', '\u{c}'), ('n', '\n'), ('r', '\r'), ('t', '\t')])
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || c == '-') && word.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Source};

    fn short(node: &Node<'_>) -> String {
        match &node.data {
            Data::Scalar(s) if s.style == Style::Quoted => format!("{:?}", s.view.text),
            Data::Scalar(s) => s.view.text.to_string(),
            Data::Map(entries) => {
                let all: Vec<_> =
                    entries.iter().map(|e| format!("{}:{}", e.key.view.text, short(&e.value))).collect();
                format!("{{{}}}", all.join(","))
            }
            Data::Seq(items) | Data::Tuple(items) => {
                format!("[{}]", items.iter().map(short).collect::<Vec<_>>().join(","))
            }
        }
    }

    fn read(text: &str) -> (String, usize) {
        let source = Source::new("t", text);
        let view = View::whole(FileId(0), &source);
        let (root, notices) = parse(&view);
        if let Some(root) = &root {
            root.walk(&mut |path, leaf| {
                assert!(path.len() <= MAX_DEPTH);
                assert!(text.get(leaf.view.full_span().range()).is_some());
            });
        }
        (root.map(|r| short(&r)).unwrap_or_default(), notices.len())
    }

    #[test]
    fn reads_what_files_hold_and_recovers_at_the_next_line() {
        let cases = [
            (r#"{"a": 1, "a": [true, null, -1.5e3], "b": {}}"#, r#"{a:1,a:[true,null,-1.5e3],b:{}}"#, 0),
            ("// c\n{\"a\": /* x */ [1, 2,], # y\n}", "{a:[1,2]}", 0),
            (r#"{"a": "x\u00e9\n\ud83d\ude00\"y"}"#, "{a:\"xé\\n😀\\\"y\"}", 0),
            ("{\"a\": what is this,\n\"b\": 2}", "{a:,b:2}", 1),
            ("{\"a\": \"open,\n\"b\": 2}", "{a:,b:2}", 1),
            ("{\"a\" 1,\n\"b\": 2}", "{b:2}", 2),
            ("{\"a\": [1, 2}", "{a:[1,2]}", 1),
            ("{\"a\": {\"b\": 1", "{a:{b:1}}", 1),
            (
                "{\"a\": {{ x }}, \"b\": \"{{ y | z(\"q\") }}:1\"}",
                "{a:{{ x }},b:\"{{ y | z(\\\"q\\\") }}:1\"}",
                0,
            ),
            ("{% if x %}\n{\"a\": 1}\n{% endif %}", "{a:1}", 0),
            ("{{- if .Values.x }}\n{\"a\": 1}\n{{ end }}", "{a:1}", 0),
            ("\u{feff}[1]\r\n", "[1]", 0),
            ("", "", 0),
            ("}", "", 1),
        ];
        for (text, expected, notices) in cases {
            assert_eq!(read(text), (expected.to_owned(), notices), "{text:?}");
        }
    }

    #[test]
    fn spans_are_exact() {
        let text = "{\"ä\": \"q\\tx\",\n \"n\": [1, 22]}";
        let source = Source::new("t", text);
        let view = View::whole(FileId(0), &source);
        let (root, _) = parse(&view);
        let root = root.unwrap();
        let node = root.get("ä").unwrap();
        assert_eq!(&text[node.span.range()], "\"q\\tx\"");
        assert_eq!(&text[node.scalar().unwrap().view.span(2..3).range()], "x");
        assert_eq!(&text[root.get("n").unwrap().span.range()], "[1, 22]");
        assert_eq!(&text[root.get("n").unwrap().items()[1].span.range()], "22");
    }

    #[test]
    fn hostile_texts_stay_within_bounds() {
        for text in [
            "[".repeat(100_000),
            "{\"a\":".repeat(100_000),
            "[".repeat(100_000) + &"]".repeat(100_000),
            "\"".repeat(1 << 20),
            "\\".repeat(1 << 20),
            "{{ ".repeat(1 << 16) + "}}",
            "}]".repeat(1 << 16),
            "\0".repeat(1000),
            "[1\r2]".to_owned(),
            "/*".repeat(1 << 16),
        ] {
            read(&text);
        }
    }
}
