//! The texts of YAML scalars, read from the original with the way back to it.

use super::mask::Mask;
use crate::source::View;
use crate::syntax::assembly::Assembly;
use crate::syntax::escape::hex;
use std::ops::Range;

/// End of the line at `at` and start of the next.
fn line_end(text: &str, at: usize) -> (usize, usize) {
    let rest = text.get(at..).unwrap_or_default();
    match rest.find(['\n', '\r']) {
        None => (text.len(), text.len()),
        Some(n) if rest.get(n..).is_some_and(|r| r.starts_with("\r\n")) => (at + n, at + n + 2),
        Some(n) => (at + n, at + n + 1),
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// A plain or quoted scalar; `range` leaves the quotes out, `quote` says which they were.
pub(super) fn flow<'v>(
    view: &'v View<'_>,
    mask: &Mask,
    range: Range<usize>,
    quote: Option<char>,
) -> View<'v> {
    let text: &'v str = view.text.as_ref();
    let Some(part) = text.get(range.clone()) else { return view.sub(0..0) };
    let special = |c: char| {
        matches!(c, '\n' | '\r') || (c == '\\' && quote == Some('"')) || (c == '\'' && quote == Some('\''))
    };
    if !part.contains(special) {
        return view.sub(range);
    }
    let mut out = Assembly::default();
    let mut at = range.start;
    while let Some(rest) = text.get(at..range.end).filter(|r| !r.is_empty()) {
        let stop = rest.find(special).unwrap_or(rest.len());
        let plain = rest.get(..stop).unwrap_or_default();
        let next = rest.get(stop..).unwrap_or_default();
        if next.starts_with(['\n', '\r']) {
            out.push_str(plain.trim_end_matches(is_blank), at);
            at = fold(text, mask, at + stop, range.end, true, &mut out);
            continue;
        }
        out.push_str(plain, at);
        at += stop;
        if next.starts_with('\'') {
            out.push_escape('\'', at, next.len().min(2));
            at += 2;
        } else if next.starts_with('\\') {
            at = escape(text, mask, at, range.end, &mut out);
        }
    }
    out.finish(view, range.start)
}

/// Line ends inside a flow scalar: one is a blank (unless it is escaped), each further one a line end. Gives where the text goes on.
fn fold(text: &str, mask: &Mask, at: usize, end: usize, blank: bool, out: &mut Assembly) -> usize {
    let (_, mut next) = line_end(text, at);
    let mut breaks = 0;
    loop {
        let (stop, after) = line_end(text, next);
        if after >= end || !mask.is_blank(next..stop) || after <= next {
            break;
        }
        // A line that is blank only in the mask was taken out, so it is not an empty line.
        if text.get(next..stop).is_some_and(|l| l.trim().is_empty()) {
            out.push_escape('\n', next, after - next);
            breaks += 1;
        }
        next = after;
    }
    if breaks == 0 && blank {
        out.push_escape(' ', at, 1);
    }
    let rest = text.get(next..end).unwrap_or_default();
    next + (rest.len() - rest.trim_start_matches(is_blank).len())
}

/// An escape in double quotes; gives where the text goes on.
fn escape(text: &str, mask: &Mask, at: usize, end: usize, out: &mut Assembly) -> usize {
    let rest = text.get(at..end).unwrap_or_default();
    let Some(c) = rest.get(1..).and_then(|r| r.chars().next()) else { return end };
    let (value, len) = match c {
        '\n' | '\r' => {
            // The line end is escaped: no blank, and the indentation that follows is dropped.
            return fold(text, mask, at + 1, end, false, out);
        }
        '0' => ('\0', 2),
        'a' => ('\u{7}', 2),
        'b' => ('\u{8}', 2),
        't' => ('\t', 2),
        'n' => ('\n', 2),
        'v' => ('\u{b}', 2),
        'f' => ('\u{c}', 2),
        'r' => ('\r', 2),
        'e' => ('\u{1b}', 2),
        'N' => ('\u{85}', 2),
        '_' => ('\u{a0}', 2),
        'L' => ('\u{2028}', 2),
        'P' => ('\u{2029}', 2),
        'x' | 'u' | 'U' => {
            let digits = match c {
                'x' => 2,
                'u' => 4,
                _ => 8,
            };
            let pair = (c == 'u').then(|| crate::syntax::escape::utf16(rest)).flatten();
            let single = rest.get(2..2 + digits).and_then(hex).and_then(char::from_u32);
            pair.or(single.map(|c| (c, 2 + digits))).unwrap_or((char::REPLACEMENT_CHARACTER, 2))
        }
        c => (c, 1 + c.len_utf8()),
    };
    out.push_escape(value, at, len);
    at + len
}

/// What the end of a block scalar keeps.
#[derive(Clone, Copy, PartialEq)]
enum Chomp {
    Strip,
    Clip,
    Keep,
}

/// A line of a block scalar: where its text is (indentation left out), and where its end.
struct Line {
    text: Range<usize>,
    end: Range<usize>,
    blank: bool,
}

/// A block scalar whose header (`|`, `>`) stands at `start`; `parent` is the column of what holds it. Gives its text
/// and where it ends.
pub(super) fn block<'v>(
    view: &'v View<'_>,
    mask: &Mask,
    start: usize,
    parent: Option<usize>,
) -> (View<'v>, usize) {
    let text: &'v str = view.text.as_ref();
    let (header_end, first) = line_end(text, start);
    let header = text.get(start..header_end).unwrap_or_default();
    let signs = header.split([' ', '\t', '#']).next().unwrap_or_default();
    let folded = signs.starts_with('>');
    let chomp = match signs {
        s if s.contains('-') => Chomp::Strip,
        s if s.contains('+') => Chomp::Keep,
        _ => Chomp::Clip,
    };
    let explicit = signs.chars().find_map(|c| c.to_digit(10)).map(|d| parent.unwrap_or(0) + d as usize);
    let mut lines = lines(text, mask, first, parent, explicit);
    let content = lines.iter().rposition(|l| !l.blank).map_or(0, |last| last + 1);
    if chomp != Chomp::Keep {
        lines.truncate(content);
    }
    let end = lines.last().map_or(header_end, |l| l.text.end);
    let mut out = Assembly::default();
    let put = |out: &mut Assembly, line: &Line| {
        out.push_str(text.get(line.text.clone()).unwrap_or_default(), line.text.start)
    };
    let line_feed = |out: &mut Assembly, line: &Line| match line.end.len() {
        0 => {}
        1 if text.get(line.end.clone()) == Some("\n") => out.push_str("\n", line.end.start),
        len => out.push_escape('\n', line.end.start, len),
    };
    let is_indented = |line: &Line| text.get(line.text.clone()).is_some_and(|t| t.starts_with(is_blank));
    for (i, line) in lines.iter().enumerate() {
        put(&mut out, line);
        if i + 1 >= content {
            // The end: line ends as far as chomping keeps them.
            if chomp != Chomp::Strip {
                line_feed(&mut out, line);
            }
            continue;
        }
        let next = lines.get(i + 1);
        if !folded || line.blank {
            // In a folded text the line end before empty lines is dropped, those of the empty lines stay.
            line_feed(&mut out, line);
            continue;
        }
        let following = lines.iter().skip(i + 1).find(|l| !l.blank);
        if is_indented(line) || following.is_some_and(is_indented) {
            line_feed(&mut out, line);
        } else if next.is_some_and(|l| !l.blank) {
            out.push_escape(' ', line.end.start, line.end.len().max(1));
        }
    }
    (out.finish(view, header_end), end)
}

fn lines(text: &str, mask: &Mask, first: usize, parent: Option<usize>, explicit: Option<usize>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut indent = explicit;
    let mut at = first;
    while at < text.len() {
        let (stop, next) = line_end(text, at);
        let line = text.get(at..stop).unwrap_or_default();
        let own = line.len() - line.trim_start_matches(' ').len();
        let blank = line.trim_matches([' ', '\t']).is_empty();
        let masked_blank = mask.is_blank(at..stop);
        if !masked_blank {
            let needed = *indent.get_or_insert_with(|| own.max(parent.map_or(0, |p| p + 1)));
            let marker = own == 0
                && ["---", "..."].iter().any(|m| {
                    line.strip_prefix(m).is_some_and(|rest| rest.is_empty() || rest.starts_with(is_blank))
                });
            if own < needed || marker {
                break;
            }
        }
        let cut = indent.map_or(own, |n| n.min(own));
        match (blank, masked_blank) {
            (true, _) => lines.push(Line {
                text: at + cut..stop.max(at + cut),
                end: stop..next,
                blank: stop <= at + cut,
            }),
            // A template statement: part of the text if it is indented like the text, otherwise around it.
            (false, true) if indent.is_none_or(|n| own < n) => {}
            (false, _) => lines.push(Line { text: at + cut..stop, end: stop..next, blank: false }),
        }
        at = next;
    }
    lines
}
