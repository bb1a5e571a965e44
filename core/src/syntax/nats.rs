//! The configuration of a NATS server: keys and values in blocks, close to JSON with fewer signs.
//!
//! A key is followed by `:`, `=` or nothing; entries are separated by line ends, commas or semicolons; `#` and `//`
//! begin comments. (conf/lex.go of nats-server.)

use crate::source::View;
use crate::syntax::{Data, Entry, Node, Notice, Scalar, Style};

/// How deep blocks may nest; nats-server's own accounts need four.
const MAX_DEPTH: usize = 32;

/// Reads a text; the root is always a map.
pub fn parse<'v>(view: &'v View<'_>) -> (Node<'v>, Vec<Notice>) {
    let mut reader = Reader { view, at: 0, depth: 0, notices: Vec::new() };
    let entries = reader.entries(false);
    (Node { data: Data::Map(entries), span: view.full_span() }, reader.notices)
}

struct Reader<'v, 'a> {
    view: &'v View<'a>,
    at: usize,
    depth: usize,
    notices: Vec<Notice>,
}

impl<'v> Reader<'v, '_> {
    fn text(&self) -> &'v str {
        &self.view.text
    }

    fn peek(&self) -> Option<u8> {
        self.text().as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'v str {
        self.text().get(self.at..).unwrap_or_default()
    }

    /// Passes over blanks and comments, and over `more` signs.
    fn skip(&mut self, more: &[u8]) {
        while let Some(byte) = self.peek() {
            if byte == b'#' || self.rest().starts_with("//") {
                self.at = self.rest().find('\n').map_or(self.text().len(), |n| self.at + n);
            } else if byte.is_ascii_whitespace() || more.contains(&byte) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    fn notice(&mut self, start: usize, message: &str) {
        self.notices
            .push(Notice { span: self.view.span(start..self.at.max(start)), message: message.into() });
    }

    fn entries(&mut self, inner: bool) -> Vec<Entry<'v>> {
        let mut entries = Vec::new();
        loop {
            self.skip(b",;");
            match self.peek() {
                None => {
                    if inner {
                        self.notice(self.at, "a block is not closed with `}`");
                    }
                    return entries;
                }
                Some(b'}') if inner => {
                    self.at += 1;
                    return entries;
                }
                Some(b'}' | b']' | b'{' | b'[' | b':' | b'=') => {
                    let start = self.at;
                    self.at += 1;
                    self.notice(start, "this sign stands where a key is expected");
                }
                Some(_) => {
                    let Some(key) = self.key() else { continue };
                    self.skip(b":=");
                    let value = self.value();
                    entries.push(Entry { key, value });
                }
            }
        }
    }

    fn key(&mut self) -> Option<Scalar<'v>> {
        let start = self.at;
        if let Some(quote @ (b'"' | b'\'')) = self.peek() {
            return Some(self.quoted(quote));
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, ':' | '=' | '{' | '[' | '}' | ']' | ',' | ';');
        let len = self.rest().find(ends).unwrap_or(self.rest().len());
        self.at += len.max(1);
        // A sign of several bytes that ends nothing.
        while !self.text().is_char_boundary(self.at) {
            self.at += 1;
        }
        (len > 0).then(|| self.scalar(start..start + len, Style::Plain))
    }

    fn scalar(&self, range: std::ops::Range<usize>, style: Style) -> Scalar<'v> {
        Scalar { view: self.view.sub(range), style }
    }

    fn quoted(&mut self, quote: u8) -> Scalar<'v> {
        let start = self.at;
        let mut end = start + 1;
        let bytes = self.text().as_bytes();
        while let Some(&byte) = bytes.get(end) {
            if byte == quote {
                self.at = end + 1;
                return self.scalar(start + 1..end, Style::Quoted);
            }
            end += if byte == b'\\' && quote == b'"' { 2 } else { 1 };
        }
        self.at = self.text().len();
        self.notice(start, "a text has no closing quote");
        self.scalar(start + 1..self.text().len().max(start + 1), Style::Quoted)
    }

    fn value(&mut self) -> Node<'v> {
        let start = self.at;
        match self.peek() {
            Some(open @ (b'{' | b'[')) => {
                self.at += 1;
                if self.depth >= MAX_DEPTH {
                    self.at = self.text().len();
                    self.notice(start, "blocks are nested too deeply to be read");
                    return self.node(Data::Map(Vec::new()), start);
                }
                self.depth += 1;
                let data = if open == b'{' { Data::Map(self.entries(true)) } else { Data::Seq(self.items()) };
                self.depth -= 1;
                self.node(data, start)
            }
            Some(quote @ (b'"' | b'\'')) => {
                let scalar = self.quoted(quote);
                self.node(Data::Scalar(scalar), start)
            }
            Some(b'(') => {
                let close = self.rest().find(')').map(|n| start + n);
                let end = close.unwrap_or(self.text().len());
                self.at = close.map_or(end, |at| at + 1);
                let scalar = self.scalar(start + 1..end, Style::Block);
                self.node(Data::Scalar(scalar), start)
            }
            _ => {
                let ends = |c: char| matches!(c, '\n' | '\r' | ',' | ';' | '}' | ']');
                let line = self.rest();
                let mut len = line.find(ends).unwrap_or(line.len());
                // A comment begins behind a blank; `//` is part of an address.
                for mark in [" #", "\t#", " //", "\t//"] {
                    len = line[..len].find(mark).unwrap_or(len);
                }
                let text = line[..len].trim_end();
                let end = start + text.len();
                self.at = start + len;
                let scalar = self.scalar(start..end, Style::Plain);
                let mut node = self.node(Data::Scalar(scalar), start);
                node.span = self.view.span(start..end);
                node
            }
        }
    }

    fn node(&self, data: Data<'v>, start: usize) -> Node<'v> {
        Node { data, span: self.view.span(start..self.at) }
    }

    fn items(&mut self) -> Vec<Node<'v>> {
        let mut items = Vec::new();
        loop {
            self.skip(b",;");
            match self.peek() {
                None => {
                    self.notice(self.at, "a list is not closed with `]`");
                    return items;
                }
                Some(b']') => {
                    self.at += 1;
                    return items;
                }
                Some(b'}') => {
                    let start = self.at;
                    self.at += 1;
                    self.notice(start, "`}` stands in a list");
                }
                Some(_) => items.push(self.value()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn blocks_lists_and_bare_values_are_read() {
        let text = "# head\nport: 4222 // tail\nhost = 0.0.0.0; name a-b\nauthorization {\n  users = [\n    {user: a, \
            password: \"x#y\"}\n    {user: b, password: $P}\n  ]\n}\ncluster: { routes: [nats://a:6222, nats-route://b:6222\n] }\n";
        let view = View::slice(FileId(0), text, 0);
        let (root, notices) = parse(&view);
        assert_eq!(notices, []);
        for (path, expected) in [(&["port"][..], "4222"), (&["host"], "0.0.0.0"), (&["name"], "a-b")] {
            let node = root.at(path).unwrap();
            assert_eq!(node.text(), Some(expected));
            assert_eq!(&text[node.span.range()], expected);
        }
        let users = root.at(&["authorization", "users"]).unwrap().items();
        assert_eq!(users[0].get("password").and_then(Node::text), Some("x#y"));
        assert_eq!(users[1].get("password").and_then(Node::text), Some("$P"));
        assert_eq!(root.at(&["cluster", "routes"]).unwrap().items().len(), 2);
    }

    #[test]
    fn broken_texts_are_read_to_their_end() {
        for text in ["a {", "a [", "a: \"x", "}", "a: (b", "a: (", "a: (é", "= =", "a: {b: [", "é: ü", "[{[{"]
        {
            let view = View::slice(FileId(0), text, 0);
            let _ = parse(&view);
        }
        let deep = "a {".repeat(10_000);
        let view = View::slice(FileId(0), &deep, 0);
        assert!(!parse(&view).1.is_empty());
    }
}
