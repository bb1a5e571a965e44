//! HCL, the language of Terraform: blocks with labels, attributes, and values as far as they are literal.
//!
//! Expressions are not evaluated. A reference, a call or an operation becomes a plain scalar with its text as written,
//! which no reader takes for a value.

use std::ops::Range;

use super::{Data, Entry, MAX_DEPTH, MAX_NODES, Node, Notice, Scalar, Style};
use crate::source::{Span, View};

/// An attribute of a block: `name = value`.
#[derive(Clone, Debug)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: View<'a>,
    /// Its value.
    pub value: Node<'a>,
}

/// A block, or the file as a whole.
#[derive(Clone, Debug, Default)]
pub struct Block<'a> {
    /// The word it begins with; nothing for the file.
    pub kind: Option<View<'a>>,
    /// The words between that and the brace, without quotes.
    pub labels: Vec<View<'a>>,
    /// Its attributes, in file order.
    pub attributes: Vec<Attribute<'a>>,
    /// The blocks in it, in file order.
    pub blocks: Vec<Block<'a>>,
}

impl<'a> Block<'a> {
    /// The text of a label, empty if there are fewer.
    pub fn label(&self, index: usize) -> &str {
        self.labels.get(index).map_or("", |l| &l.text)
    }

    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.attributes.iter().find(|a| a.name.text == name).map(|a| &a.value)
    }

    /// The blocks in it that begin with a word.
    pub fn inner<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block<'a>> {
        self.blocks.iter().filter(move |b| b.kind.as_ref().is_some_and(|k| k.text == kind))
    }

    /// Where it is introduced.
    pub fn span(&self) -> Option<Span> {
        let last = self.labels.last().or(self.kind.as_ref())?;
        Some(self.kind.as_ref()?.full_span().to(last.full_span()))
    }
}

/// Reads a file. A line that is no attribute and begins no block is passed over with a notice.
pub fn parse<'v>(view: &'v View<'_>) -> (Block<'v>, Vec<Notice>) {
    let mut reader = Reader { view, text: &view.text, at: 0, nodes: 0, notices: Vec::new() };
    let mut root = Block::default();
    reader.body(&mut root, 0);
    (root, reader.notices)
}

struct Reader<'v> {
    view: &'v View<'v>,
    text: &'v str,
    at: usize,
    nodes: usize,
    notices: Vec<Notice>,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

impl<'v> Reader<'v> {
    fn rest(&self) -> &'v str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn eat(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        if found {
            self.bump();
        }
        found
    }

    /// Skips blanks and comments, and line ends too if asked.
    fn skip(&mut self, lines: bool) {
        loop {
            let rest = self.rest();
            let blank = |c: char| c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n');
            self.at += rest.len() - rest.trim_start_matches(blank).len();
            let rest = self.rest();
            if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else {
                return;
            }
            if !lines && self.peek() == Some('\n') {
                return;
            }
        }
    }

    fn word(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let range = self.at..self.at + length;
        self.at = range.end;
        (length > 0).then_some(range)
    }

    fn full(&mut self) -> bool {
        self.nodes += 1;
        self.nodes > MAX_NODES
    }

    fn body(&mut self, block: &mut Block<'v>, depth: usize) {
        loop {
            self.skip(true);
            let start = self.at;
            match self.peek() {
                None => return,
                Some('}') => {
                    self.bump();
                    if depth > 0 {
                        return;
                    }
                    continue;
                }
                Some(_) => {}
            }
            let good = match self.word() {
                Some(name) => self.entry(name, block, depth),
                None => false,
            };
            if self.full() {
                return;
            }
            if !good {
                // At least one sign is passed over, so that every file comes to its end.
                let rest = self.rest();
                self.at += rest.find('\n').unwrap_or(rest.len());
                self.at = self.at.max(start + 1);
                let end = self.view.text.get(start..self.at).map_or(start, |t| start + t.trim_end().len());
                self.notices.push(Notice::new(
                    self.view.span(start..end),
                    "neither an attribute nor a block; passed over",
                ));
                while !self.text.is_char_boundary(self.at) {
                    self.at += 1;
                }
            }
        }
    }

    fn entry(&mut self, name: Range<usize>, block: &mut Block<'v>, depth: usize) -> bool {
        self.skip(false);
        if self.rest().starts_with('=') && !self.rest().starts_with("==") {
            self.bump();
            let value = self.value(depth + 1);
            block.attributes.push(Attribute { name: self.view.sub(name), value });
            return true;
        }
        let mut labels = Vec::new();
        loop {
            self.skip(false);
            match self.peek() {
                Some('"') => {
                    let range = self.quoted();
                    labels.push(self.view.sub(range));
                }
                Some('{') if depth + 1 < MAX_DEPTH => {
                    self.bump();
                    let mut inner = Block { kind: Some(self.view.sub(name)), labels, ..Block::default() };
                    self.body(&mut inner, depth + 1);
                    block.blocks.push(inner);
                    return true;
                }
                Some('{') => {
                    self.raw();
                    return false;
                }
                _ => match self.word() {
                    Some(range) => labels.push(self.view.sub(range)),
                    None => return false,
                },
            }
        }
    }

    /// A text in quotes; the range lies between them.
    fn quoted(&mut self) -> Range<usize> {
        self.bump();
        let start = self.at;
        let mut open = 0usize;
        let mut inside = false;
        while let Some(c) = self.peek() {
            match c {
                '\\' => self.bump(),
                '"' if open == 0 => break,
                '"' => inside = !inside,
                '\n' if open == 0 => break,
                '{' if open > 0 && !inside => open += 1,
                '}' if open > 0 && !inside => open -= 1,
                '$' | '%' if open == 0 && self.rest().get(1..2) == Some("{") => {
                    open = 1;
                    self.bump();
                }
                _ => {}
            }
            self.bump();
        }
        let range = start..self.at;
        self.eat('"');
        range
    }

    /// Passes over an expression up to the line's end, a comma or a closing bracket, those within brackets included.
    fn raw(&mut self) {
        let mut open = 0usize;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.quoted();
                    continue;
                }
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' if open == 0 => return,
                ')' | ']' | '}' => open -= 1,
                '\n' | ',' if open == 0 => return,
                '#' if open == 0 => return,
                '#' => {
                    self.skip(false);
                    continue;
                }
                '/' if self.rest().starts_with("//") || self.rest().starts_with("/*") => {
                    self.skip(false);
                    continue;
                }
                _ => {}
            }
            self.bump();
        }
    }

    fn scalar(&self, range: Range<usize>, style: Style, span: Range<usize>) -> Node<'v> {
        Node { data: Data::Scalar(Scalar { view: self.view.sub(range), style }), span: self.view.span(span) }
    }

    fn value(&mut self, depth: usize) -> Node<'v> {
        self.skip(false);
        let start = self.at;
        let literal = if depth >= MAX_DEPTH || self.full() { None } else { self.literal(depth) };
        let end = self.at;
        self.skip(false);
        // What goes on behind a literal is an operation on it.
        let ends = matches!(self.peek(), None | Some('\n' | ',' | ']' | '}' | ')' | ':'))
            || (self.peek() == Some('=') && !self.rest().starts_with("=="));
        match literal {
            Some(node) if ends || end == self.at && self.at == self.text.len() => node,
            _ => {
                self.at = start;
                self.raw();
                let trimmed = self.view.trim_range(start..self.at);
                self.scalar(trimmed.clone(), Style::Plain, trimmed)
            }
        }
    }

    fn literal(&mut self, depth: usize) -> Option<Node<'v>> {
        let start = self.at;
        match self.peek()? {
            '"' => {
                let range = self.quoted();
                Some(self.scalar(range, Style::Quoted, start..self.at))
            }
            '[' => {
                self.bump();
                self.items(start, depth)
            }
            '{' => {
                self.bump();
                self.object(start, depth)
            }
            '<' if self.rest().starts_with("<<") => {
                let range = self.heredoc()?;
                Some(self.scalar(range, Style::Block, start..self.at))
            }
            _ => {
                let rest = self.rest();
                let length = rest.find(|c| !is_word(c) && c != '.').unwrap_or(rest.len());
                let range = start..start + length;
                self.at = range.end;
                (length > 0).then(|| self.scalar(range.clone(), Style::Plain, range))
            }
        }
    }

    fn items(&mut self, start: usize, depth: usize) -> Option<Node<'v>> {
        let mut items = Vec::new();
        loop {
            self.skip(true);
            if self.eat(']') {
                break;
            }
            let before = self.at;
            items.push(self.value(depth + 1));
            self.skip(true);
            self.eat(',');
            if self.at == before {
                return None;
            }
        }
        Some(Node { data: Data::Seq(items), span: self.view.span(start..self.at) })
    }

    fn object(&mut self, start: usize, depth: usize) -> Option<Node<'v>> {
        let mut entries = Vec::new();
        loop {
            self.skip(true);
            if self.eat('}') {
                break;
            }
            let (range, style) = match self.peek()? {
                '"' => (self.quoted(), Style::Quoted),
                _ => (self.word()?, Style::Plain),
            };
            let key = Scalar { view: self.view.sub(range), style };
            self.skip(false);
            if !self.eat('=') && !self.eat(':') {
                return None;
            }
            let value = self.value(depth + 1);
            entries.push(Entry { key, value });
            self.skip(true);
            self.eat(',');
        }
        Some(Node { data: Data::Map(entries), span: self.view.span(start..self.at) })
    }

    /// `<<WORD` or `<<-WORD` up to the line that holds the word alone.
    fn heredoc(&mut self) -> Option<Range<usize>> {
        self.at += 2;
        self.eat('-');
        let word = self.word()?;
        let word = self.text.get(word)?;
        let rest = self.rest();
        let start = self.at + rest.find('\n')? + 1;
        let mut at = start;
        for line in self.text.get(start..)?.split_inclusive('\n') {
            if line.trim() == word {
                self.at = at + line.trim_end().len();
                return Some(start..at);
            }
            at += line.len();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Source};

    /// A value in one line: quotes around texts, `?` before what is not literal.
    fn shown(node: &Node<'_>) -> String {
        match &node.data {
            Data::Scalar(s) if s.style == Style::Quoted => format!("{:?}", s.view.text),
            Data::Scalar(s) => s.view.text.trim_end().replace('\n', "/"),
            Data::Map(entries) => {
                let each = entries.iter().map(|e| format!("{}:{}", e.key.view.text, shown(&e.value)));
                format!("{{{}}}", each.collect::<Vec<_>>().join(","))
            }
            Data::Seq(items) | Data::Tuple(items) => {
                format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(","))
            }
        }
    }

    #[test]
    fn values_are_read_as_far_as_they_are_literal() {
        for (text, expected) in [
            ("\"a\"", "\"a\""),
            ("350", "350"),
            ("true # yes", "true"),
            ("[1, \"b\",\n  c.d, # last\n]", "[1,\"b\",c.d]"),
            ("{a = 1, \"b\" : [2]\n c = x.y }", "{a:1,b:[2],c:x.y}"),
            ("aws_lb.mq.arn", "aws_lb.mq.arn"),
            ("aws_lb.mq[0].arn", "aws_lb.mq[0].arn"),
            ("var.x ? 1 : 2", "var.x ? 1 : 2"),
            ("\"a\" == var.b", "\"a\" == var.b"),
            ("concat([1], [2])", "concat([1], [2])"),
            ("[for s in var.x : s.id]", "[for s in var.x : s.id]"),
            ("\"${var.a[\"}\"]}-b\"", "\"${var.a[\\\"}\\\"]}-b\""),
            ("<<-EOT\n  one\n  two\n  EOT", "one/  two"),
            ("1 + 2", "1 + 2"),
            ("f(\n  1,\n  2\n)", "f(/  1,/  2/)"),
        ] {
            let text = format!("x = {text}\ny = 1\n");
            let source = Source::new("a.tf", text.as_str());
            let view = View::whole(FileId(0), &source);
            let (root, notices) = parse(&view);
            assert_eq!(notices, [], "{text}");
            assert_eq!(root.get("x").map(shown).as_deref().map(str::trim), Some(expected), "{text}");
            assert_eq!(root.get("y").map(shown).as_deref(), Some("1"), "{text}");
        }
    }

    #[test]
    fn blocks_hold_labels_attributes_and_blocks() {
        let text = "/* a */ resource \"aws_lb\" \"mq\" {\n  idle_timeout = 60 // s\n  a {\n    b = 1\n  }\n  a {}\n}\nlocals { c = 2 }\n";
        let source = Source::new("a.tf", text);
        let view = View::whole(FileId(0), &source);
        let (root, notices) = parse(&view);
        assert_eq!(notices, []);
        let [lb, locals] = &root.blocks[..] else { panic!("{root:?}") };
        assert_eq!((lb.label(0), lb.label(1), lb.label(2)), ("aws_lb", "mq", ""));
        let idle = lb.get("idle_timeout").map(|n| n.span.range());
        assert_eq!(idle.and_then(|r| text.get(r)), Some("60"));
        assert_eq!(lb.inner("a").count(), 2);
        assert_eq!(locals.get("c").map(shown).as_deref(), Some("2"));
        assert_eq!(lb.span().and_then(|s| text.get(s.range())), Some("resource \"aws_lb\" \"mq"));
    }

    #[test]
    fn a_bad_line_loses_one_line() {
        let source = Source::new("a.tf", "a = 1\n= ! é\n}\nb c\nd = 2\ne = [1, 2\n");
        let view = View::whole(FileId(0), &source);
        let (root, notices) = parse(&view);
        assert_eq!(notices.len(), 2, "{notices:?}");
        assert_eq!(root.get("d").map(shown).as_deref(), Some("2"));
    }

    #[test]
    fn hostile_files_are_read_without_harm() {
        let deep = |open: &str| format!("x = {}", open.repeat(5_000));
        for text in [
            deep("["),
            deep("{a="),
            deep("f("),
            deep("\"${"),
            "a {".repeat(5_000),
            "x = <<E\n".into(),
            "x = \"".into(),
            "x = {\"".into(),
            "\u{e9} = 1".into(),
            "x = [,,]".into(),
            "/*".into(),
            "x = \"\\".into(),
            "a \"".into(),
        ] {
            let source = Source::new("a.tf", text.as_str());
            parse(&View::whole(FileId(0), &source));
        }
    }
}
