//! The words of PromQL.

use std::ops::Range;

use super::{Fault, refused};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Duration,
    Text,
    Name,
    Sign,
    /// A variable of Grafana that stands for a duration.
    Variable,
}

/// A token; texts without quotes and unescaped.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// Signs of two bytes, then those of one.
const PAIRS: &[&str] = &["==", "!=", ">=", "<=", "=~", "!~"];
const SIGNS: &str = "+-*/%^=<>(){}[],:@";

/// Splits an expression into tokens.
pub(super) fn tokens(text: &str, most: usize) -> Result<Vec<Token>, Fault> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if found.len() >= most {
            return Err(Fault::Open);
        }
        let start = at;
        let (kind, end) = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = text[at..].find('\n').map_or(text.len(), |n| at + n);
                continue;
            }
            b'"' | b'\'' | b'`' => {
                let (content, end) = string(text, at)?;
                found.push(Token { kind: Kind::Text, text: content, at: start..end });
                at = end;
                continue;
            }
            b'0'..=b'9' | b'.' => number(text, at),
            b'$' => {
                let end = run(text, at + 1, |b| b.is_ascii_alphanumeric() || b == b'_');
                match &text[at..end] {
                    "$__rate_interval" | "$__interval" | "$__range" => (Kind::Variable, end),
                    _ => return Err(Fault::Open),
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                (Kind::Name, run(text, at, |b| b.is_ascii_alphanumeric() || b == b'_' || b == b':'))
            }
            b':' if bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
                && !matches!(found.last(), Some(Token { kind: Kind::Duration | Kind::Variable, .. })) =>
            {
                (Kind::Name, run(text, at, |b| b.is_ascii_alphanumeric() || b == b'_' || b == b':'))
            }
            _ if PAIRS.iter().any(|p| text[at..].starts_with(p)) => (Kind::Sign, at + 2),
            _ if SIGNS.as_bytes().contains(&byte) => (Kind::Sign, at + 1),
            b'!' => (Kind::Sign, at + 1),
            _ => {
                let end = at + text[at..].chars().next().map_or(1, char::len_utf8);
                return refused(start..end, format!("`{}` means nothing in PromQL", &text[start..end]));
            }
        };
        let word = &text[start..end];
        // Operators and keywords are the same in capitals.
        let lower = word.to_ascii_lowercase();
        let keyword = matches!(
            lower.as_str(),
            "and"
                | "or"
                | "unless"
                | "by"
                | "without"
                | "on"
                | "ignoring"
                | "group_left"
                | "group_right"
                | "offset"
                | "bool"
                | "atan2"
        );
        found.push(Token { kind, text: if keyword { lower } else { word.to_owned() }, at: start..end });
        at = end;
    }
    Ok(found)
}

fn run(text: &str, from: usize, fits: impl Fn(u8) -> bool) -> usize {
    text.as_bytes().iter().skip(from).position(|b| !fits(*b)).map_or(text.len(), |n| from + n)
}

fn number(text: &str, at: usize) -> (Kind, usize) {
    let bytes = text.as_bytes();
    let mut end = run(text, at, |b| b.is_ascii_digit() || b == b'.' || b == b'_');
    let next = bytes.get(end).copied().unwrap_or_default();
    if text[at..end] == *"0" && matches!(next, b'x' | b'X') {
        return (Kind::Number, run(text, end + 1, |b| b.is_ascii_hexdigit()));
    }
    let sign = bytes.get(end + 1).copied().unwrap_or_default();
    if matches!(next, b'e' | b'E') && (sign.is_ascii_digit() || matches!(sign, b'+' | b'-')) {
        end = run(text, end + 2, |b| b.is_ascii_digit());
        return (Kind::Number, end);
    }
    let whole = run(text, at, |b| b.is_ascii_alphanumeric());
    match duration(&text[at..whole]) {
        Some(_) if whole > end => (Kind::Duration, whole),
        _ => (Kind::Number, end),
    }
}

fn string(text: &str, at: usize) -> Result<(String, usize), Fault> {
    let mut chars = text[at..].char_indices();
    let Some((_, quote)) = chars.next() else { return Err(Fault::Open) };
    let mut content = String::new();
    while let Some((offset, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((content, at + offset + c.len_utf8())),
            '\\' if quote != '`' => match chars.next() {
                Some((_, 'n')) => content.push('\n'),
                Some((_, 't')) => content.push('\t'),
                Some((_, c)) => content.push(c),
                None => break,
            },
            c => content.push(c),
        }
    }
    refused(at..text.len(), "the text has no closing quote")
}

/// Units of durations in milliseconds, longest first, in the order in which they must be written.
const UNITS: &[(&str, i64)] = &[
    ("y", 31_536_000_000),
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Milliseconds of a duration such as `1h30m`; `None` if it is none.
pub fn duration(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let (mut rest, mut total, mut last) = (text, 0i64, None);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let place = UNITS.iter().position(|(unit, _)| rest.get(..letters) == Some(unit))?;
        if last.is_some_and(|before| place <= before) {
            return None;
        }
        last = Some(place);
        total = total.checked_add(number.checked_mul(UNITS.get(place)?.1)?)?;
        rest = rest.get(letters..)?;
    }
    Some(total)
}
