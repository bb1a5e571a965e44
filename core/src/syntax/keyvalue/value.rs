//! Reads the value of a line: quotes, escapes, and the comment behind it.

use super::{Assembly, Dialect, Quotes, Trailing};
use crate::source::View;
use std::borrow::Cow;
use std::ops::Range;

/// A line after continuation, with the way back to the view.
pub(super) struct Logical<'v> {
    text: Cow<'v, str>,
    /// `(offset in the line, offset in the view)` where the mapping jumps.
    pieces: Vec<(u32, u32)>,
}

impl<'v> Logical<'v> {
    pub(super) fn plain(text: &'v str, start: usize) -> Self {
        Self { text: Cow::Borrowed(text), pieces: vec![(0, start as u32)] }
    }

    pub(super) fn joined(assembly: Assembly) -> Self {
        let (text, pieces) = assembly.into_parts();
        Self { text: Cow::Owned(text), pieces }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a byte of the line stands in the view.
    pub(super) fn at(&self, offset: usize) -> usize {
        let piece = self.pieces.partition_point(|p| p.0 as usize <= offset).saturating_sub(1);
        self.pieces.get(piece).map_or(offset, |p| p.1 as usize + (offset - p.0 as usize))
    }

    /// A part of the line as a view of its own.
    pub(super) fn part(&self, view: &'v View<'_>, range: Range<usize>) -> View<'v> {
        if self.pieces.len() == 1 {
            return view.sub(self.at(range.start)..self.at(range.end));
        }
        let mut out = Assembly::default();
        self.copy(&mut out, range.clone());
        out.finish(view, self.at(range.start))
    }

    fn copy(&self, out: &mut Assembly, range: Range<usize>) {
        let mut from = range.start;
        while from < range.end {
            let next = self.pieces.partition_point(|p| p.0 as usize <= from);
            let to = self.pieces.get(next).map_or(range.end, |p| (p.0 as usize).min(range.end));
            out.push_str(self.text.get(from..to).unwrap_or_default(), self.at(from));
            from = to.max(from + 1);
        }
    }
}

/// A value as read.
pub(super) struct Value<'v> {
    pub(super) view: View<'v>,
    pub(super) quoted: Option<char>,
    pub(super) padded: bool,
    pub(super) comment: Option<View<'v>>,
    /// Where it ends in the view, its closing quote and comment included.
    pub(super) end: usize,
}

/// Reads the value that starts at `start` of the line.
pub(super) fn read<'v>(
    view: &'v View<'_>,
    line: &Logical<'v>,
    start: usize,
    dialect: &Dialect,
    no_close: &mut [bool; 2],
) -> Value<'v> {
    if let Some(value) = quoted(view, line, start, dialect, no_close) {
        return value;
    }
    let text = line.text();
    let rest = text.get(start..).unwrap_or_default();
    let stop = start + unquoted_end(rest, start > 0 && text.get(..start).is_some_and(ends_blank), dialect);
    let value_text = text.get(start..stop).unwrap_or_default();
    let trimmed = value_text.trim_end();
    let range = start..start + trimmed.len();
    let tail = text.get(stop..).unwrap_or_default();
    let comment = tail.trim_start().starts_with('#').then(|| {
        let from = stop + (tail.len() - tail.trim_start().len());
        line.part(view, from..text.trim_end().len().max(from))
    });
    Value {
        view: if dialect.escapes { unescape_java(view, line, range) } else { line.part(view, range) },
        quoted: None,
        padded: dialect.escapes && trimmed.len() < value_text.len(),
        comment: comment.filter(|_| dialect.trailing != Trailing::None),
        end: line.at(text.trim_end().len()),
    }
}

fn ends_blank(text: &str) -> bool {
    text.ends_with(char::is_whitespace)
}

/// Where an unquoted value ends, in bytes from its start.
fn unquoted_end(rest: &str, blank_before: bool, dialect: &Dialect) -> usize {
    if dialect.trailing == Trailing::None {
        return rest.len();
    }
    // Quotes inside hide a comment sign, except where quotes mean nothing.
    let quotes_hide = matches!(dialect.quotes, Quotes::Shell | Quotes::Sql | Quotes::Wrapped);
    let mut open: Option<char> = None;
    let mut blank = blank_before;
    for (at, c) in rest.char_indices() {
        match open {
            Some(quote) => open = Some(quote).filter(|&q| q != c),
            None if quotes_hide && matches!(c, '"' | '\'') => open = Some(c),
            None if c == '#' && (blank || dialect.trailing == Trailing::Anywhere) => return at,
            None if dialect.quotes == Quotes::Shell
                && (c.is_whitespace() || matches!(c, ';' | '&' | '|')) =>
            {
                return at;
            }
            None => {}
        }
        blank = c.is_whitespace();
    }
    match open {
        // A quote that never closes hides nothing.
        Some(_) if dialect.trailing == Trailing::Anywhere => rest.find('#').unwrap_or(rest.len()),
        _ => rest.len(),
    }
}

/// Reads a value that stands in quotes as a whole.
fn quoted<'v>(
    view: &'v View<'_>,
    line: &Logical<'v>,
    start: usize,
    dialect: &Dialect,
    no_close: &mut [bool; 2],
) -> Option<Value<'v>> {
    let quote = line.text().get(start..)?.chars().next()?;
    let known = match dialect.quotes {
        Quotes::None => return None,
        Quotes::Single | Quotes::Sql => quote == '\'',
        Quotes::Dotenv | Quotes::Shell | Quotes::Wrapped | Quotes::Words => matches!(quote, '\'' | '"'),
    };
    if !known {
        return None;
    }
    if let Some((out, close)) = unquote(line.text(), start, |at| line.at(at), dialect.quotes) {
        let tail = line.text().get(close..).unwrap_or_default();
        let rest = tail.trim_start();
        let comment_at = close + (tail.len() - rest.len());
        let comment = match dialect.trailing {
            Trailing::None => None,
            _ if rest.starts_with('#') => {
                Some(line.part(view, comment_at..comment_at + rest.trim_end().len()))
            }
            _ => None,
        };
        if !rest.is_empty() && comment.is_none() {
            return None;
        }
        return Some(Value {
            view: out.finish(view, line.at(start + 1)),
            quoted: Some(quote),
            padded: false,
            comment,
            end: line.at(line.text().trim_end().len().max(close)),
        });
    }
    // Over several lines, where that is allowed.
    let flag = no_close.get_mut(usize::from(quote == '"'))?;
    if !matches!(dialect.quotes, Quotes::Dotenv | Quotes::Shell) || *flag {
        return None;
    }
    let from = line.at(start);
    let Some((out, close)) = unquote(&view.text, from, |at| at, dialect.quotes) else {
        *flag = true;
        return None;
    };
    Some(Value {
        view: out.finish(view, from + 1),
        quoted: Some(quote),
        padded: false,
        comment: None,
        end: close,
    })
}

/// Undoes the quotes that open at `start`; gives the text and where it goes on behind the closing quote.
pub(super) fn unquote(
    text: &str,
    start: usize,
    outer: impl Fn(usize) -> usize,
    quotes: Quotes,
) -> Option<(Assembly, usize)> {
    let quote = text.get(start..)?.chars().next()?;
    let escapes = match quotes {
        Quotes::None | Quotes::Single => false,
        Quotes::Dotenv | Quotes::Shell => quote == '"',
        Quotes::Sql | Quotes::Wrapped | Quotes::Words => true,
    };
    let mut out = Assembly::default();
    let mut at = start + quote.len_utf8();
    loop {
        let rest = text.get(at..)?;
        let stop = rest.find(|c| c == quote || (escapes && c == '\\'))?;
        let plain = rest.get(..stop)?;
        push_mapped(&mut out, plain, at, &outer);
        at += stop;
        if rest.get(stop..)?.starts_with(quote) {
            let doubled = quotes == Quotes::Sql && rest.get(stop + 1..)?.starts_with(quote);
            if !doubled {
                return Some((out, at + quote.len_utf8()));
            }
            out.push_escape(quote, outer(at), 2);
            at += 2;
            continue;
        }
        let (c, len) = escape(text.get(at..)?, quote, quotes)?;
        match c {
            Some(c) => out.push_escape(c, outer(at), len),
            None => push_mapped(&mut out, text.get(at..at + len)?, at, &outer),
        }
        at += len;
    }
}

fn push_mapped(out: &mut Assembly, part: &str, at: usize, outer: &impl Fn(usize) -> usize) {
    // A part is contiguous in the view unless a continued line was joined in it.
    if outer(at + part.len()) == outer(at) + part.len() {
        out.push_str(part, outer(at));
        return;
    }
    for (i, c) in part.char_indices() {
        out.push_str(c.encode_utf8(&mut [0; 4]), outer(at + i));
    }
}

/// What the escape at the start of `rest` stands for and its length; `None` for one that stands for itself.
fn escape(rest: &str, quote: char, quotes: Quotes) -> Option<(Option<char>, usize)> {
    let c = rest.get(1..)?.chars().next()?;
    let len = 1 + c.len_utf8();
    let meaning = match (quotes, c) {
        (Quotes::Words, _) if quote == '\'' => (c == '\'').then_some(c),
        (Quotes::Words, 'x') => {
            let code = rest.get(2..4).and_then(|hex| u8::from_str_radix(hex, 16).ok());
            return Some(code.map_or((Some('x'), 2), |code| (Some(char::from(code)), 4)));
        }
        (Quotes::Shell, '"' | '\\' | '$' | '`') => Some(c),
        (Quotes::Shell, _) => None,
        (Quotes::Dotenv, '"' | '\\' | '$' | '\'') => Some(c),
        (Quotes::Wrapped, '"' | '\'' | '\\') => Some(c),
        (Quotes::Wrapped, 's') => Some(' '),
        (_, 'n') => Some('\n'),
        (_, 'r') => Some('\r'),
        (_, 't') => Some('\t'),
        (Quotes::Sql | Quotes::Wrapped | Quotes::Words, 'b') => Some('\u{8}'),
        (Quotes::Dotenv | Quotes::Wrapped, _) => None,
        (_, c) => Some(c),
    };
    Some((meaning, len))
}

/// Undoes the escapes of Java properties.
pub(super) fn unescape_java<'v>(view: &'v View<'_>, line: &Logical<'v>, range: Range<usize>) -> View<'v> {
    let text = line.text().get(range.clone()).unwrap_or_default();
    if !text.contains('\\') {
        return line.part(view, range);
    }
    let mut out = Assembly::default();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        line.copy(&mut out, range.start + at..range.start + at + plain);
        at += plain;
        let Some(escape) = text.get(at..).filter(|r| !r.is_empty()) else { break };
        let outer = line.at(range.start + at);
        let Some(c) = escape.get(1..).and_then(|r| r.chars().next()) else { break };
        let (c, len) = match c {
            'u' => super::super::escape::utf16(escape).unwrap_or(('u', 2)),
            'n' => ('\n', 2),
            'r' => ('\r', 2),
            't' => ('\t', 2),
            'f' => ('\u{c}', 2),
            c => (c, 1 + c.len_utf8()),
        };
        out.push_escape(c, outer, len);
        at += len;
    }
    out.finish(view, line.at(range.start))
}
