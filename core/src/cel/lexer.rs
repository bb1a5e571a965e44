//! Words and signs of a condition, one at a time.

use std::borrow::Cow;

use super::Fault;
use super::ast::At;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    End,
    Name(&'t str),
    /// Without sign; the parser knows whether a minus stands before it.
    Int(u64),
    Float(f64),
    Text(Cow<'t, str>),
    Sign(Sign),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    Dot,
    Question,
    Colon,
    Not,
    And,
    Or,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Lexer { text, at: 0 }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.at < self.text.len() && wanted(self.peek(0)) {
            self.at += 1;
        }
    }

    /// The text from `start` to the current place, which always stands behind an ASCII byte or a whole character.
    fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Result<(Token<'t>, At), Fault> {
        loop {
            self.skip_while(|b| b.is_ascii_whitespace());
            if self.peek(0) == b'/' && self.peek(1) == b'/' {
                self.skip_while(|b| b != b'\n');
            } else {
                break;
            }
        }
        let start = self.at;
        if start >= self.text.len() {
            return Ok((Token::End, At::new(start, start)));
        }
        let token = match self.peek(0) {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => {
                self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
                Token::Name(self.since(start))
            }
            b'0'..=b'9' => self.number(start)?,
            quote @ (b'"' | b'\'') => self.quoted(start, quote)?,
            _ => Token::Sign(self.sign(start)?),
        };
        Ok((token, At::new(start, self.at)))
    }

    fn sign(&mut self, start: usize) -> Result<Sign, Fault> {
        let (sign, length) = match (self.peek(0), self.peek(1)) {
            (b'&', b'&') => (Sign::And, 2),
            (b'|', b'|') => (Sign::Or, 2),
            (b'=', b'=') => (Sign::Eq, 2),
            (b'!', b'=') => (Sign::Ne, 2),
            (b'<', b'=') => (Sign::Le, 2),
            (b'>', b'=') => (Sign::Ge, 2),
            (b'(', _) => (Sign::Open, 1),
            (b')', _) => (Sign::Close, 1),
            (b'[', _) => (Sign::OpenList, 1),
            (b']', _) => (Sign::CloseList, 1),
            (b',', _) => (Sign::Comma, 1),
            (b'.', _) => (Sign::Dot, 1),
            (b'?', _) => (Sign::Question, 1),
            (b':', _) => (Sign::Colon, 1),
            (b'!', _) => (Sign::Not, 1),
            (b'<', _) => (Sign::Lt, 1),
            (b'>', _) => (Sign::Gt, 1),
            (b'+', _) => (Sign::Plus, 1),
            (b'-', _) => (Sign::Minus, 1),
            (b'*', _) => (Sign::Star, 1),
            (b'/', _) => (Sign::Slash, 1),
            (b'%', _) => (Sign::Percent, 1),
            (first, _) => {
                let message = match first {
                    b'=' => "`=` sets nothing here; write `==` to compare".to_string(),
                    b'&' => "`&` is no operator; write `&&`".to_string(),
                    b'|' => "`|` is no operator; write `||`".to_string(),
                    b'{' | b'}' => "maps are not supported".to_string(),
                    _ => {
                        let c = self.text.get(start..).and_then(|t| t.chars().next()).unwrap_or_default();
                        return Err(Fault::new(
                            At::new(start, start + c.len_utf8()),
                            format!("unexpected character `{}`", c.escape_debug()),
                        ));
                    }
                };
                return Err(Fault::new(At::new(start, start + 1), message));
            }
        };
        self.at += length;
        Ok(sign)
    }

    fn number(&mut self, start: usize) -> Result<Token<'t>, Fault> {
        if self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X') {
            self.at += 2;
            self.skip_while(|b| b.is_ascii_alphanumeric());
            let digits = self.since(start + 2);
            return u64::from_str_radix(digits, 16).map(Token::Int).map_err(|_| self.bad_number(start));
        }
        let digits = |b: u8| b.is_ascii_digit();
        self.skip_while(digits);
        let mut whole = true;
        if self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            whole = false;
            self.at += 1;
            self.skip_while(digits);
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                whole = false;
                self.at += 1 + sign;
                self.skip_while(digits);
            }
        }
        let end = self.at;
        self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
        let written = self.since(start);
        if self.at > end {
            let message = format!(
                "`{written}` is not a number; units are written as duration(\"30s\") or size(\"64KiB\")"
            );
            return Err(Fault::new(At::new(start, self.at), message));
        }
        if whole {
            written.parse().map(Token::Int).map_err(|_| self.bad_number(start))
        } else {
            match written.parse::<f64>() {
                Ok(n) if n.is_finite() => Ok(Token::Float(n)),
                _ => Err(self.bad_number(start)),
            }
        }
    }

    fn bad_number(&self, start: usize) -> Fault {
        Fault::new(
            At::new(start, self.at),
            format!("`{}` is not a number that 64 bits can hold", self.since(start)),
        )
    }

    fn quoted(&mut self, start: usize, quote: u8) -> Result<Token<'t>, Fault> {
        self.at += 1;
        let body = self.at;
        let mut owned: Option<String> = None;
        let mut plain = body;
        loop {
            self.skip_while(|b| b != quote && b != b'\\' && b != b'\n');
            match self.peek(0) {
                b if b == quote && self.at < self.text.len() => {
                    let last = self.since(plain);
                    self.at += 1;
                    return Ok(Token::Text(match owned {
                        None => Cow::Borrowed(last),
                        Some(mut text) => {
                            text.push_str(last);
                            Cow::Owned(text)
                        }
                    }));
                }
                b'\\' => {
                    let text = owned.get_or_insert_with(String::new);
                    text.push_str(self.text.get(plain..self.at).unwrap_or_default());
                    let c = self.escape()?;
                    text.push(c);
                    plain = self.at;
                }
                _ => {
                    let fault = At::new(start, self.at);
                    return Err(Fault::new(fault, "this text has no closing quote"));
                }
            }
        }
    }

    /// Reads an escape; the current place is its backslash.
    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        let hex = match self.peek(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            simple => {
                let c = match simple {
                    b'n' => '\n',
                    b'r' => '\r',
                    b't' => '\t',
                    b'\\' | b'"' | b'\'' | b'`' | b'?' => char::from(simple),
                    _ => {
                        let at = At::new(start, start + 1);
                        return Err(Fault::new(at, "unknown escape; write `\\\\` for a backslash"));
                    }
                };
                self.at += 2;
                return Ok(c);
            }
        };
        let digits = self.text.get(start + 2..start + 2 + hex);
        let c = digits.and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32);
        let Some(c) = c else {
            let at = At::new(start, start + 2);
            return Err(Fault::new(at, format!("this escape needs {hex} hexadecimal digits of a character")));
        };
        self.at += 2 + hex;
        Ok(c)
    }
}
