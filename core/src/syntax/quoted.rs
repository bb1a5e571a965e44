//! Texts between quotes with backslash escapes, as JSON and Erlang terms write them.

use std::ops::Range;

use super::assembly::Assembly;
use super::template;
use crate::source::View;

/// One past the quote that closes the text which opens at `start`. Texts of real files do not run over lines, so a
/// quote that does is a missing one. Quotes within a template's expression do not close the text around it.
pub(super) fn end(text: &str, start: usize, quote: char, templated: bool) -> Option<usize> {
    let mut at = start + 1;
    loop {
        let rest = text.get(at..)?;
        let stop = rest.find([quote, '\\', '\n', '{'])?;
        at += stop;
        match rest.as_bytes().get(stop)? {
            b'\\' => at += 1 + text.get(at + 1..)?.chars().next()?.len_utf8(),
            b'{' if templated => at += template::construct(text.get(at..)?).unwrap_or(1),
            b'{' => at += 1,
            b'\n' => return None,
            _ => return Some(at + 1),
        }
    }
}

/// What is written between quotes; `escape` reads one escape, backslash included, and says how long it is.
pub(super) fn content<'v>(
    view: &'v View<'_>,
    range: Range<usize>,
    escape: impl Fn(&str) -> Option<(char, usize)>,
) -> View<'v> {
    let part = view.text.get(range.clone()).unwrap_or_default();
    if !part.contains('\\') {
        return view.sub(range);
    }
    let mut out = Assembly::default();
    let mut at = 0;
    while let Some(rest) = part.get(at..).filter(|r| !r.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        out.push_str(rest.get(..plain).unwrap_or_default(), range.start + at);
        at += plain;
        let Some((c, len)) = rest.get(plain..).and_then(&escape) else { break };
        out.push_escape(c, range.start + at, len);
        at += len;
    }
    out.finish(view, range.start)
}

/// The character behind a backslash stands for itself or for what `letters` say.
pub(super) fn letter(escaped: &str, letters: &[(char, char)]) -> Option<(char, usize)> {
    let c = escaped.get(1..)?.chars().next()?;
    let meant = letters.iter().find(|(letter, _)| *letter == c).map(|(_, meant)| *meant);
    Some((meant.unwrap_or(c), 1 + c.len_utf8()))
}
