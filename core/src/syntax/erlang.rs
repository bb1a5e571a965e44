//! Erlang terms, as in `advanced.config`, `rabbitmq.config` and `enabled_plugins`.

use super::{Data, Entry, MAX_DEPTH, MAX_NODES, Node, Notice, Scalar, Style, escape, quoted, template};
use crate::source::View;
use std::ops::Range;

/// More notices than this about single places say nothing new.
const MAX_NOTICES: usize = 20;

/// Reads all terms of a text, each ended by a full stop. What cannot be read is passed over as far as the next line.
pub fn parse<'v>(view: &'v View<'_>) -> (Vec<Node<'v>>, Vec<Notice>) {
    let text: &'v str = view.text.as_ref();
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader {
        view,
        text,
        at,
        template: template::detect(text),
        nodes: 0,
        stack: Vec::new(),
        terms: Vec::new(),
        ended: true,
        notices: Vec::new(),
    };
    reader.run();
    (reader.terms, reader.notices)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Tuple,
    List,
    Map,
    Binary,
}

/// A bracket that is still open.
struct Frame<'v> {
    kind: Kind,
    start: usize,
    items: Vec<Node<'v>>,
}

struct Reader<'v, 't> {
    view: &'v View<'t>,
    text: &'v str,
    at: usize,
    template: Option<usize>,
    nodes: usize,
    stack: Vec<Frame<'v>>,
    terms: Vec<Node<'v>>,
    /// True if the last term was ended by its full stop.
    ended: bool,
    notices: Vec<Notice>,
}

impl<'v> Reader<'v, '_> {
    fn rest(&self) -> &'v str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn run(&mut self) {
        loop {
            self.skip_blanks();
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { break };
            if self.nodes > MAX_NODES {
                self.note(self.at..self.at, "too many terms; the text is read up to here");
                break;
            }
            if let Some(len) = self.placeholder() {
                self.word(len, Style::Plain);
                continue;
            }
            match c {
                '{' => self.open(Kind::Tuple, 1),
                '[' => self.open(Kind::List, 1),
                '#' if rest.starts_with("#{") => self.open(Kind::Map, 2),
                '<' if rest.starts_with("<<") => self.open(Kind::Binary, 2),
                '}' => self.close(&[Kind::Tuple, Kind::Map], 1),
                ']' => self.close(&[Kind::List], 1),
                '>' if rest.starts_with(">>") => self.close(&[Kind::Binary], 2),
                ',' | '|' => self.at += 1,
                '=' if rest.starts_with("=>") => self.at += 2,
                '/' if self.stack.last().is_some_and(|f| f.kind == Kind::Binary) => {
                    self.at += self.binary_type()
                }
                '.' => self.full_stop(),
                '"' | '\'' => self.quoted(c),
                c if c.is_ascii_digit() || matches!(c, '-' | '+') || c == '$' => self.number(),
                c if c.is_alphabetic() || c == '_' => {
                    let atom = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@');
                    self.word(rest.find(|c| !atom(c)).unwrap_or(rest.len()), Style::Plain);
                }
                _ => self.bad_line(),
            }
        }
        if !self.stack.is_empty() {
            self.note(self.at..self.at, "the text ends inside a bracket that is still open");
        } else if !self.ended {
            self.note(self.at..self.at, "the last term is not ended by a full stop");
        }
        while let Some(frame) = self.stack.pop() {
            let node = self.finish(frame);
            self.attach(node);
        }
    }

    /// White space, comments, and template statements.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            let statement = ["{%", "<%", "{{-", "{# "].iter().any(|s| rest.starts_with(s));
            self.at += if rest.starts_with('%') {
                rest.find('\n').unwrap_or(rest.len())
            } else if self.template.is_some() && statement {
                template::construct(rest).unwrap_or(0).max(1)
            } else {
                return;
            };
        }
    }

    /// The length of a template expression that stands for a term. Two braces alone are a tuple in a tuple: an
    /// expression begins with a blank and a name, and no Erlang term does that and ends in blank and two braces too.
    fn placeholder(&self) -> Option<usize> {
        self.template?;
        let rest = self.rest();
        if !rest.starts_with("{{") || rest.starts_with("{{{") {
            return None;
        }
        let len = template::construct(rest)?;
        let inside = rest.get(2..len.checked_sub(2)?)?;
        (inside.starts_with(' ') && inside.ends_with(' ')).then_some(len)
    }

    fn open(&mut self, kind: Kind, len: usize) {
        let start = self.at;
        if self.stack.len() >= MAX_DEPTH {
            self.skip_nested();
            self.note(start..start + 1, "nested too deeply; what is inside is passed over");
            return;
        }
        self.at += len;
        self.stack.push(Frame { kind, start, items: Vec::new() });
    }

    /// Passes over a bracket and everything in it.
    fn skip_nested(&mut self) {
        let mut depth = 0_usize;
        while let Some(c) = self.rest().chars().next() {
            match c {
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                '%' => {
                    let rest = self.rest();
                    self.at += rest.find('\n').unwrap_or(rest.len());
                    continue;
                }
                '"' | '\'' => {
                    self.at =
                        quoted::end(self.text, self.at, c, self.template.is_some()).unwrap_or(self.at + 1);
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

    fn close(&mut self, kinds: &[Kind], len: usize) {
        let fits = |f: &Frame<'_>| kinds.contains(&f.kind);
        if !self.stack.last().is_some_and(fits) {
            self.note(self.at..self.at + 1, "this bracket closes nothing that is open");
            // The bracket that is missing may be the inner one.
            let outer = self.stack.len().checked_sub(2).and_then(|i| self.stack.get(i));
            if !outer.is_some_and(fits) {
                self.at += len;
                return;
            }
            self.pop();
        }
        self.at += len;
        self.pop();
    }

    fn pop(&mut self) {
        if let Some(frame) = self.stack.pop() {
            let node = self.finish(frame);
            self.attach(node);
        }
    }

    fn finish(&self, frame: Frame<'v>) -> Node<'v> {
        let span = self.view.span(frame.start..self.at.max(frame.start));
        let mut items = frame.items;
        let data = match frame.kind {
            Kind::Tuple => Data::Tuple(items),
            Kind::List => Data::Seq(items),
            // A binary of one text is that text; others (`<<1,2>>`) are lists of numbers.
            Kind::Binary => match items.pop() {
                Some(only)
                    if items.is_empty()
                        && matches!(&only.data, Data::Scalar(s) if s.style == Style::Quoted) =>
                {
                    only.data
                }
                Some(last) => {
                    items.push(last);
                    Data::Seq(items)
                }
                None => {
                    let view = self.view.sub(frame.start + 2..frame.start + 2);
                    Data::Scalar(Scalar { view, style: Style::Quoted })
                }
            },
            Kind::Map => {
                let mut entries = Vec::with_capacity(items.len() / 2);
                let mut parts = items.into_iter();
                while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
                    if let Data::Scalar(key) = key.data {
                        entries.push(Entry { key, value });
                    }
                }
                Data::Map(entries)
            }
        };
        Node { data, span }
    }

    fn attach(&mut self, node: Node<'v>) {
        self.nodes += 1;
        match self.stack.last_mut() {
            Some(frame) => frame.items.push(node),
            None => {
                self.terms.push(node);
                self.ended = false;
            }
        }
    }

    /// A full stop ends a term; inside a bracket it shows that a closing one is missing, if nothing follows on its
    /// line.
    fn full_stop(&mut self) {
        let rest = self.rest().get(1..).unwrap_or_default();
        let ends = rest.is_empty() || rest.starts_with(char::is_whitespace) || rest.starts_with('%');
        if ends && !self.stack.is_empty() {
            self.note(self.at..self.at + 1, "this full stop stands inside a bracket that is still open");
            while !self.stack.is_empty() {
                self.pop();
            }
        }
        self.at += 1;
        self.ended = true;
    }

    fn leaf(&mut self, range: Range<usize>, view: View<'v>, style: Style) {
        let span = self.view.span(range.clone());
        self.at = range.end;
        self.attach(Node { data: Data::Scalar(Scalar { view, style }), span });
    }

    fn word(&mut self, len: usize, style: Style) {
        let range = self.at..self.at + len;
        self.leaf(range.clone(), self.view.sub(range), style);
    }

    fn number(&mut self) {
        let rest = self.rest();
        if let Some(code) = rest.strip_prefix('$') {
            // `$a`, `$\n`: a character stands for its code.
            let escaped = usize::from(code.starts_with('\\'));
            let len = code.get(escaped..).and_then(|r| r.chars().next()).map_or(0, char::len_utf8);
            self.word(1 + escaped + len, Style::Plain);
            return;
        }
        let sign = usize::from(rest.starts_with(['-', '+']));
        let body = rest.get(sign..).unwrap_or_default();
        let mut end = 0;
        let bytes = body.as_bytes();
        while let Some(&b) = bytes.get(end) {
            let next_digit = bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
            let exponent =
                matches!(b, b'+' | b'-') && matches!(bytes.get(end.wrapping_sub(1)), Some(b'e' | b'E'));
            if b.is_ascii_alphanumeric()
                || b == b'_'
                || (next_digit && (matches!(b, b'.' | b'#') || exponent))
            {
                end += 1;
            } else {
                break;
            }
        }
        if end == 0 { self.bad_line() } else { self.word(sign + end, Style::Plain) }
    }

    fn quoted(&mut self, quote: char) {
        let start = self.at;
        let Some(end) = quoted::end(self.text, start, quote, self.template.is_some()) else {
            self.note(start..start + 1, "this text is not closed by a quote");
            let rest = self.rest();
            self.at += rest.find('\n').unwrap_or(rest.len()).max(1);
            return;
        };
        let view = quoted::content(self.view, start + 1..end - 1, unescape);
        let style = if quote == '"' { Style::Quoted } else { Style::Plain };
        self.leaf(start..end, view, style);
    }

    /// The length of a type behind a part of a binary (`/utf8`).
    fn binary_type(&self) -> usize {
        let rest = self.rest().get(1..).unwrap_or_default();
        1 + rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len())
    }

    fn bad_line(&mut self) {
        let rest = self.rest();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        self.note(self.at..self.at + first, "this is no Erlang term; the rest of the line is passed over");
        self.at += rest.find('\n').unwrap_or(rest.len()).max(first);
    }

    fn note(&mut self, range: Range<usize>, message: &str) {
        if let Some(at) = self.template {
            if self.notices.is_empty() {
                self.notices.push(Notice::new(self.view.span(at..at + 2), template::NOTICE));
            }
        } else if self.notices.len() < MAX_NOTICES {
            self.notices.push(Notice::new(self.view.span(range), message));
        }
    }
}

fn unescape(escaped: &str) -> Option<(char, usize)> {
    if escaped.starts_with("\\x") {
        return Some(hexadecimal(escaped));
    }
    quoted::letter(escaped, &[('n', '\n'), ('r', '\r'), ('t', '\t'), ('s', ' ')])
}

/// `\xHH` or `\x{H…}`.
fn hexadecimal(escaped: &str) -> (char, usize) {
    let braced = escaped.strip_prefix("\\x{").and_then(|r| r.find('}').map(|end| (r.get(..end), end + 4)));
    let (digits, len) = braced.unwrap_or((escaped.get(2..4), 4));
    let c = digits.and_then(escape::hex).and_then(char::from_u32);
    c.map_or((char::REPLACEMENT_CHARACTER, 2), |c| (c, len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Source};

    fn short(node: &Node<'_>) -> String {
        let list = |items: &[Node<'_>]| items.iter().map(short).collect::<Vec<_>>().join(",");
        match &node.data {
            Data::Scalar(s) if s.style == Style::Quoted => format!("{:?}", s.view.text),
            Data::Scalar(s) => s.view.text.to_string(),
            Data::Map(entries) => {
                let all: Vec<_> =
                    entries.iter().map(|e| format!("{}=>{}", e.key.view.text, short(&e.value))).collect();
                format!("#{{{}}}", all.join(","))
            }
            Data::Seq(items) => format!("[{}]", list(items)),
            Data::Tuple(items) => format!("{{{}}}", list(items)),
        }
    }

    fn read(text: &str) -> (String, usize) {
        let source = Source::new("t", text);
        let view = View::whole(FileId(0), &source);
        let (terms, notices) = parse(&view);
        for term in &terms {
            term.walk(&mut |path, leaf| {
                assert!(path.len() <= MAX_DEPTH);
                assert!(text.get(leaf.view.full_span().range()).is_some());
            });
        }
        (terms.iter().map(short).collect::<Vec<_>>().join(" "), notices.len())
    }

    #[test]
    fn reads_terms_and_recovers() {
        let cases = [
            (
                "[{rabbit, [{heartbeat, 60}, {x, undefined}]}].",
                "[{rabbit,[{heartbeat,60},{x,undefined}]}]",
                0,
            ),
            (
                "%% c\n[a,\n 'b.c', \"d\\ne\", <<\"f\">>, <<\"é\"/utf8>>, <<>>, <<1,2>>].\n",
                "[a,b.c,\"d\\ne\",\"f\",\"é\",\"\",[1,2]]",
                0,
            ),
            ("[-1, 1.5e-3, 16#ff, 1_000, $a, $\\n].", "[-1,1.5e-3,16#ff,1_000,$a,$\\n]", 0),
            ("#{a => 1, \"b\" => [#{}]}. x.", "#{a=>1,b=>[#{}]} x", 0),
            ("[{{badmatch,{error,x}},[{a,b}]}].", "[{{badmatch,{error,x}},[{a,b}]}]", 0),
            (
                "[{k, {{ var }}}, {p, \"{{ x | y(\"z\") }}\"}].",
                "[{k,{{ var }}},{p,\"{{ x | y(\\\"z\\\") }}\"}]",
                0,
            ),
            ("{# c #}\n[{a, {% raw %}{{% endraw %}{{ x | f('y') }}}}].\n", "[{a,{{{ x | f('y') }}}}]", 0),
            ("{% if a %}\n[{a, 1}].\n{% endif %}", "[{a,1}]", 0),
            ("[{a, 1},\n {b, ?? },\n {c, 3}].", "[{a,1},{b,{c,3}}]", 2),
            ("[{a, 1}, {b, 2].", "[{a,1},{b,2}]", 1),
            ("[{a, 1}.\n[{b, 2}].", "[{a,1}] [{b,2}]", 1),
            ("[{a, \"open},\n {b, 2}}].", "[{a,{b,2}}]", 1),
            ("[a]", "[a]", 1),
            ("", "", 0),
        ];
        for (text, expected, notices) in cases {
            assert_eq!(read(text), (expected.to_owned(), notices), "{text:?}");
        }
    }

    #[test]
    fn a_proplist_is_read_by_key_with_exact_places() {
        let text = "[\n  {rabbit, [\n    {tcp_listeners, [{\"::1\", 5672}]}, % é\n    {default_pass, <<\"s\\\"x\">>}\n  ]}\n].\n";
        let source = Source::new("t", text);
        let view = View::whole(FileId(0), &source);
        let (terms, notices) = parse(&view);
        assert!(notices.is_empty());
        let listener = &terms[0].at(&["rabbit", "tcp_listeners"]).unwrap().items()[0];
        assert_eq!(&text[listener.span.range()], "{\"::1\", 5672}");
        let pass = terms[0].at(&["rabbit", "default_pass"]).unwrap();
        assert_eq!((pass.text(), &text[pass.span.range()]), (Some("s\"x"), "<<\"s\\\"x\">>"));
        assert_eq!(&text[pass.scalar().unwrap().view.full_span().range()], "s\\\"x");
    }

    #[test]
    fn hostile_texts_stay_within_bounds() {
        for text in [
            "[".repeat(100_000),
            "{{".repeat(100_000),
            "<<".repeat(100_000),
            "\"".repeat(1 << 20),
            "'a\n".repeat(1 << 16),
            "{{ ".repeat(1 << 16) + "}}",
            "]}".repeat(1 << 16),
            "$".to_owned(),
            "$\\".to_owned(),
            "\"\\x{110000}\\x\\\"".to_owned(),
            "\0é<%\r.".to_owned(),
        ] {
            read(&text);
        }
    }
}
