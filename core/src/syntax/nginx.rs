//! nginx's configuration: directives that end in `;` or open a block in braces.

use std::ops::Range;

use super::{MAX_DEPTH, MAX_NODES, Notice, assembly::Assembly, template};
use crate::source::{Span, View};

/// A word of a directive.
#[derive(Clone, Debug)]
pub struct Word<'a> {
    /// The word without quotes and escapes.
    pub view: View<'a>,
    /// True if it stood in quotes.
    pub quoted: bool,
    /// True if its value is known only when it is used: it holds a variable or a template.
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

/// A directive.
#[derive(Clone, Debug)]
pub struct Directive<'a> {
    /// Its name.
    pub name: Word<'a>,
    /// Its arguments.
    pub args: Vec<Word<'a>>,
    /// What stands in its braces, if it has any.
    pub block: Option<Vec<Directive<'a>>>,
    /// From its name to its last argument.
    pub span: Span,
}

impl<'a> Directive<'a> {
    /// The text of an argument, empty if there are fewer.
    pub fn arg(&self, index: usize) -> &str {
        self.args.get(index).map_or("", |w| w.text())
    }

    /// What stands in its braces.
    pub fn inner(&self) -> &[Directive<'a>] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// A file.
#[derive(Clone, Debug, Default)]
pub struct Document<'a> {
    /// The directives outside all blocks.
    pub directives: Vec<Directive<'a>>,
    /// True if another program renders it before nginx reads it.
    pub template: bool,
}

/// Reads a file.
pub fn parse<'v>(view: &'v View<'_>) -> (Document<'v>, Vec<Notice>) {
    let text = view.text.as_ref();
    let template = template::detect(text).is_some();
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { view, text, at, template, nodes: 0, line: (0..0, false), notices: Vec::new() };
    let mut directives = Vec::new();
    while reader.at < text.len() && reader.nodes < MAX_NODES {
        directives.extend(reader.block(0));
    }
    (Document { directives, template }, reader.notices)
}

struct Reader<'v, 't> {
    view: &'v View<'t>,
    text: &'v str,
    at: usize,
    template: bool,
    nodes: usize,
    /// The line that was looked at last, and whether it is a template's control line.
    line: (Range<usize>, bool),
    notices: Vec<Notice>,
}

/// What comes next.
enum Token<'a> {
    Word(Word<'a>),
    Semicolon,
    Open(usize),
    Close(usize),
    End,
}

impl<'v> Reader<'v, '_> {
    fn notice(&mut self, range: Range<usize>, message: &str) {
        // More than a handful of them means that the file is something else.
        const MOST: usize = 20;
        if self.notices.len() < MOST && !self.template {
            self.notices.push(Notice::new(self.view.span(range), message));
        }
    }

    /// Directives up to the brace that closes the block, or to the end.
    fn block(&mut self, depth: usize) -> Vec<Directive<'v>> {
        let mut out = Vec::new();
        let mut words: Vec<Word<'v>> = Vec::new();
        loop {
            if self.nodes >= MAX_NODES {
                self.notice(self.at..self.at, "the file is too large; what follows is not read");
                return out;
            }
            self.nodes += 1;
            match self.token() {
                Token::Word(word) => words.push(word),
                Token::Semicolon => out.extend(directive(std::mem::take(&mut words), None)),
                Token::Open(at) => {
                    let lua = words.first().is_some_and(|w| w.text().ends_with("_by_lua_block"));
                    let inner = if lua || depth + 1 >= MAX_DEPTH {
                        if !lua {
                            self.notice(at..at + 1, "blocks are nested too deep; this one is not read");
                        }
                        self.skip_block();
                        Vec::new()
                    } else {
                        self.block(depth + 1)
                    };
                    out.extend(directive(std::mem::take(&mut words), Some(inner)));
                }
                Token::Close(at) => {
                    self.unfinished(&mut words, &mut out);
                    if depth == 0 {
                        self.notice(at..at + 1, "this brace closes nothing");
                    }
                    return out;
                }
                Token::End => {
                    self.unfinished(&mut words, &mut out);
                    if depth > 0 {
                        let end = self.text.len();
                        self.notice(end..end, "a block is not closed at the end of the file");
                    }
                    return out;
                }
            }
        }
    }

    /// A directive whose `;` is missing.
    fn unfinished(&mut self, words: &mut Vec<Word<'v>>, out: &mut Vec<Directive<'v>>) {
        if let Some(found) = directive(std::mem::take(words), None) {
            if !self.template {
                self.notices.push(Notice::new(found.span, "no `;` ends this directive"));
            }
            out.push(found);
        }
    }

    /// Passes over a block in another language, whose quotes may hold braces.
    fn skip_block(&mut self) {
        let mut depth = 1usize;
        let mut quote: Option<char> = None;
        let mut escaped = false;
        for (i, c) in self.text.get(self.at..).unwrap_or_default().char_indices() {
            match (quote, c) {
                _ if escaped => escaped = false,
                (Some(_), '\\') => escaped = true,
                (Some(q), c) if q == c || c == '\n' => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '{') => depth += 1,
                (None, '}') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at += i + 1;
                return;
            }
        }
        self.at = self.text.len();
    }

    fn rest(&self) -> &'v str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn token(&mut self) -> Token<'v> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { return Token::End };
            let at = self.at;
            if self.template && self.skip_control() {
                continue;
            }
            match c {
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                ';' => {
                    self.at += 1;
                    return Token::Semicolon;
                }
                '{' if !(self.template && template::construct(rest).is_some()) => {
                    self.at += 1;
                    return Token::Open(at);
                }
                '}' => {
                    self.at += 1;
                    return Token::Close(at);
                }
                '"' | '\'' => return Token::Word(self.quoted(c)),
                _ => return Token::Word(self.bare()),
            }
        }
    }

    /// Passes over a template statement, which renders to nothing or to other lines.
    fn skip_control(&mut self) -> bool {
        let rest = self.rest();
        let Some(len) = template::construct(rest) else { return false };
        if !self.line.0.contains(&self.at) {
            let start = self.text.get(..self.at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
            let line = self.text.get(start..).and_then(|t| t.lines().next()).unwrap_or_default();
            self.line = (start..start + line.len(), template::is_control_line(line));
        }
        let statement = !rest.starts_with("{{") && !rest.starts_with("<%=");
        let long = self.line.0.end < self.at + len;
        let skip = statement || long || self.line.1 || rest.starts_with("{{/*");
        if skip {
            self.at += len;
        }
        skip
    }

    fn quoted(&mut self, quote: char) -> Word<'v> {
        let open = self.at;
        let mut draft = Assembly::default();
        let mut dynamic = false;
        let mut i = open + 1;
        let mut chars = self.text.get(i..).unwrap_or_default().chars().peekable();
        while let Some(c) = chars.next() {
            if c == quote {
                self.at = i + 1;
                return Word { view: draft.finish(self.view, open + 1), quoted: true, dynamic };
            }
            let escaped = chars.peek().copied().filter(|n| c == '\\' && matches!(n, '"' | '\'' | '\\'));
            if let Some(next) = escaped {
                draft.push_escape(next, i, 2);
                chars.next();
                i += 2;
                continue;
            }
            dynamic |= c == '$';
            draft.push_str(self.text.get(i..i + c.len_utf8()).unwrap_or_default(), i);
            i += c.len_utf8();
        }
        // Without its partner the quote is a sign like any other, and costs no more than its line.
        self.notice(open..open + 1, "this quote is not closed");
        let line = self.rest().find('\n').unwrap_or(self.rest().len());
        self.at = open + line;
        Word { view: self.view.sub(open + 1..self.at.max(open + 1)), quoted: true, dynamic }
    }

    fn bare(&mut self) -> Word<'v> {
        let start = self.at;
        let mut draft = Assembly::default();
        let mut dynamic = false;
        let mut i = start;
        while let Some(c) = self.text.get(i..).and_then(|t| t.chars().next()) {
            let rest = self.text.get(i..).unwrap_or_default();
            if !self.template {
                // Most of a word is nothing special, and is taken at once.
                let plain = |b: &u8| b.is_ascii_graphic() && !matches!(b, b';' | b'{' | b'$' | b'\\');
                let run = rest.bytes().take_while(plain).count();
                if run > 0 {
                    draft.push_str(rest.get(..run).unwrap_or_default(), i);
                    i += run;
                    continue;
                }
            }
            let construct = if self.template { template::construct(rest) } else { None };
            if let Some(len) = construct {
                dynamic = true;
                draft.push_str(rest.get(..len).unwrap_or_default(), i);
                i += len;
                continue;
            }
            match c {
                ';' => break,
                '{' => break,
                c if c.is_whitespace() => break,
                '$' if rest.starts_with("${") => {
                    dynamic = true;
                    // A variable's name is short; looking further would cost the whole text each time.
                    let name = rest.get(..crate::source::floor_boundary(rest, 256)).unwrap_or_default();
                    let len = match name.find(['}', '\n', ';']) {
                        Some(n) => n + usize::from(name.as_bytes().get(n) == Some(&b'}')),
                        None => 2,
                    };
                    draft.push_str(rest.get(..len).unwrap_or_default(), i);
                    i += len;
                    continue;
                }
                '\\' => {
                    let next = rest.chars().nth(1);
                    if let Some(next) =
                        next.filter(|n| matches!(n, '"' | '\'' | '\\' | ' ' | ';' | '{' | '#'))
                    {
                        draft.push_escape(next, i, 2);
                    } else {
                        let len = 1 + next.map_or(0, char::len_utf8);
                        draft.push_str(rest.get(..len).unwrap_or_default(), i);
                    }
                    i += 1 + next.map_or(0, char::len_utf8);
                    continue;
                }
                _ => {}
            }
            dynamic |=
                c == '$' && rest.len() > 1 && !rest[1..].starts_with(|c: char| c.is_whitespace() || c == ';');
            draft.push_str(rest.get(..c.len_utf8()).unwrap_or_default(), i);
            i += c.len_utf8();
        }
        self.at = i.max(start + 1);
        Word { view: draft.finish(self.view, start), quoted: false, dynamic }
    }
}

fn directive<'v>(words: Vec<Word<'v>>, block: Option<Vec<Directive<'v>>>) -> Option<Directive<'v>> {
    let mut words = words.into_iter();
    let name = words.next()?;
    let args: Vec<Word<'v>> = words.collect();
    let span = args.iter().fold(name.span(), |span, w| span.to(w.span()));
    Some(Directive { name, args, block, span })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Source};

    /// A file as nested words, without white space of its own.
    fn shape(text: &str) -> (String, usize) {
        fn show(directives: &[Directive<'_>]) -> String {
            directives
                .iter()
                .map(|d| {
                    let words: Vec<_> = std::iter::once(&d.name).chain(&d.args).map(|w| w.text()).collect();
                    let block = d.block.as_ref().map_or(";".into(), |b| format!("{{{}}}", show(b)));
                    words.join("|") + &block
                })
                .collect()
        }
        let source = Source::new("nginx.conf", text);
        let view = View::whole(FileId(0), &source);
        let (document, notices) = parse(&view);
        (show(&document.directives), notices.len())
    }

    #[test]
    fn blocks_directives_quotes_and_comments() {
        for (text, expected, notices) in [
            ("a b; # c;\nd 'e;f' \"g\\\"h\";", "a|b;d|e;f|g\"h;", 0),
            ("stream { server{listen 1;} }", "stream{server{listen|1;}}", 0),
            ("location ~ \\.php$ { x ${y}z; }", "location|~|\\.php${x|${y}z;}", 0),
            ("map $a $b { default 1; }", "map|$a|$b{default|1;}", 0),
            ("content_by_lua_block { if x then y = '}' end } a 1;", "content_by_lua_block{}a|1;", 0),
            ("http { a 1;", "http{a|1;}", 1),
            ("a 1; } b 2;", "a|1;b|2;", 1),
            ("events { worker_connections 5 }", "events{worker_connections|5;}", 1),
            ("a 'open; b\nc 1;", "a|open; b|c|1;", 1),
            (
                "proxy_pass {{ host }}:80;\n{% if x %}\nlisten 1;\n{% endif %}",
                "proxy_pass|{{ host }}:80;listen|1;",
                0,
            ),
        ] {
            assert_eq!(shape(text), (expected.to_owned(), notices), "{text}");
        }
    }

    #[test]
    fn spans_lead_back_to_the_text() {
        let source = Source::new("nginx.conf", "stream {\n  proxy_timeout 10m;\n}\n");
        let view = View::whole(FileId(0), &source);
        let (document, _) = parse(&view);
        let inner = &document.directives[0].inner()[0];
        assert_eq!(&source.text[inner.span.range()], "proxy_timeout 10m");
        assert_eq!(&source.text[inner.args[0].span().range()], "10m");
    }

    #[test]
    fn hostile_texts_are_read_to_their_end() {
        for text in [
            "{",
            "}",
            ";",
            "a{",
            "\"",
            "'",
            "\\",
            "${",
            "$",
            "{{",
            "{%",
            "a_by_lua_block {",
            "é\\é",
            "#",
            "\u{feff}",
        ] {
            let _ = shape(&text.repeat(5000));
            let _ = shape(&format!("{{{{ x }}}}{}", text.repeat(5000)));
        }
    }
}
