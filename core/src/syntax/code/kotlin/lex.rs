//! Kotlin's tokens, each opening one with the one that closes it.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// A character between single quotes.
    Character,
    /// The quotes before a text.
    Quote,
    /// Letters of a text, as they are written.
    Letters,
    /// `$name` in a text.
    Inserted,
    /// `${` in a text.
    Template,
    /// The quotes after a text.
    Unquote,
    /// Anything else.
    Sign,
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    /// It begins a line.
    pub(super) first: bool,
    /// The index of the token that closes this one; behind the last where nothing does.
    pub(super) closed_by: usize,
}

/// Signs of several characters, the longer ones first.
const SIGNS: &[&str] = &[
    "===", "!==", "..<", "?.", "?:", "!!", "::", "->", "..", "&&", "||", "==", "!=", "<=", ">=", "+=", "-=",
    "*=", "/=", "%=", "++", "--",
];

/// Where the lexer is: in code within `${`, with so many braces open, or in a text.
enum Mode {
    Template(usize),
    Text { raw: bool },
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    first: bool,
    modes: Vec<Mode>,
    tokens: Vec<Token>,
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, first: true, modes: Vec::new(), tokens: Vec::new() };
    while lexer.at < text.len() {
        match lexer.modes.last() {
            Some(Mode::Text { raw }) => {
                let raw = *raw;
                lexer.letters(raw);
            }
            _ => lexer.code(),
        }
    }
    pair(text, &mut lexer.tokens);
    lexer.tokens
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let range = self.at..self.at + length;
        self.at = range.end;
        self.tokens.push(Token { kind, range, first: self.first, closed_by: usize::MAX });
        self.first = false;
    }

    fn code(&mut self) {
        let rest = self.rest();
        let Some(next) = rest.chars().next() else { return };
        if next.is_whitespace() {
            self.first |= next == '\n';
            self.at += next.len_utf8();
        } else if rest.starts_with("//") || (rest.starts_with("#!") && self.at == 0) {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            let length = comment(rest);
            self.first |= rest.get(..length).is_some_and(|c| c.contains('\n'));
            self.at += length;
        } else if rest.starts_with("\"\"\"") {
            self.push(Kind::Quote, 3);
            self.modes.push(Mode::Text { raw: true });
        } else if next == '"' {
            self.push(Kind::Quote, 1);
            self.modes.push(Mode::Text { raw: false });
        } else if next == '\'' {
            let length = character(rest);
            self.push(Kind::Character, length);
        } else if next == '`' {
            let inner = rest.get(1..).unwrap_or_default();
            let end = inner.find(['`', '\n']).unwrap_or(inner.len());
            let length = 1 + end + usize::from(inner.get(end..).is_some_and(|r| r.starts_with('`')));
            self.push(Kind::Word, length);
        } else if next.is_ascii_digit() {
            let length = number(rest);
            self.push(Kind::Number, length);
        } else if next.is_alphabetic() || next == '_' {
            let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            self.push(Kind::Word, length);
        } else {
            self.sign(next);
        }
    }

    fn sign(&mut self, next: char) {
        let length = match SIGNS.iter().find(|s| self.rest().starts_with(**s)) {
            Some(sign) => sign.len(),
            None => next.len_utf8(),
        };
        if let Some(Mode::Template(open)) = self.modes.last_mut() {
            match (next, *open) {
                ('{', _) => *open += 1,
                ('}', 0) => {
                    self.modes.pop();
                }
                ('}', _) => *open -= 1,
                _ => {}
            }
        }
        self.push(Kind::Sign, length);
    }

    /// The next part of a text.
    fn letters(&mut self, raw: bool) {
        let rest = self.rest();
        let stops: &[char] = if raw { &['"', '$'] } else { &['"', '$', '\\', '\n'] };
        let mut end = 0;
        loop {
            let Some(at) = rest.get(end..).and_then(|r| r.find(stops)) else {
                self.push(Kind::Letters, rest.len());
                return;
            };
            end += at;
            let found = rest.get(end..).unwrap_or_default();
            if found.starts_with('\\') {
                let escaped = found.chars().nth(1).map_or(0, char::len_utf8);
                end += 1 + escaped;
                continue;
            }
            if let Some(after) = found.strip_prefix('$') {
                let word = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
                let name = if after.starts_with(|c: char| c.is_ascii_digit()) { 0 } else { word };
                if name == 0 && !after.starts_with('{') {
                    end += 1;
                    continue;
                }
                self.some_letters(end);
                if name > 0 {
                    self.push(Kind::Inserted, 1 + name);
                } else {
                    self.push(Kind::Template, 2);
                    self.modes.push(Mode::Template(0));
                }
                return;
            }
            let quotes = found.bytes().take_while(|b| *b == b'"').count();
            if raw && quotes < 3 {
                end += quotes;
                continue;
            }
            // More than three quotes: those before the last three belong to the text.
            end += if raw { quotes - 3 } else { 0 };
            let length = match (found.starts_with('\n'), raw) {
                (true, _) => 0,
                (_, true) => 3,
                (_, false) => 1,
            };
            self.some_letters(end);
            self.push(Kind::Unquote, length);
            self.modes.pop();
            return;
        }
    }

    fn some_letters(&mut self, length: usize) {
        if length > 0 {
            self.push(Kind::Letters, length);
        }
    }
}

/// The length of a comment; comments lie in comments.
fn comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut open) = (0, 0usize);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (at, open) = (at + 2, open + 1),
            Some(b"*/") => {
                (at, open) = (at + 2, open.saturating_sub(1));
                if open == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn character(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return at,
            '\'' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

/// `1_000L`, `0xFF`, `2.5f`, `1e3`; `10.seconds` and `1..3` begin with a number.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let word = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
    };
    let whole = word(0);
    let fraction = bytes.get(whole) == Some(&b'.') && bytes.get(whole + 1).is_some_and(u8::is_ascii_digit);
    if fraction { whole + 1 + word(whole + 1) } else { whole }
}

/// Says of every opening token which one closes it. A closing one that nothing opened is passed over.
fn pair(text: &str, tokens: &mut [Token]) {
    let behind = tokens.len();
    let mut open: Vec<(usize, u8)> = Vec::new();
    let mut counts = [0usize; 4];
    for index in 0..tokens.len() {
        let Some(token) = tokens.get(index) else { break };
        let first = text.as_bytes().get(token.range.start).copied().unwrap_or_default();
        let (class, opens) = match (token.kind, first) {
            (Kind::Quote, _) => (0, true),
            (Kind::Unquote, _) => (0, false),
            (Kind::Template, _) | (Kind::Sign, b'{') => (1, true),
            (Kind::Sign, b'}') => (1, false),
            (Kind::Sign, b'(') => (2, true),
            (Kind::Sign, b')') => (2, false),
            (Kind::Sign, b'[') => (3, true),
            (Kind::Sign, b']') => (3, false),
            _ => continue,
        };
        if opens {
            open.push((index, class));
            counts[usize::from(class)] += 1;
        } else if counts[usize::from(class)] > 0 {
            while let Some((opened, other)) = open.pop() {
                counts[usize::from(other)] -= 1;
                if let Some(token) = tokens.get_mut(opened) {
                    token.closed_by = index;
                }
                if other == class {
                    break;
                }
            }
        }
    }
    for token in tokens {
        token.closed_by = token.closed_by.min(behind);
    }
}
