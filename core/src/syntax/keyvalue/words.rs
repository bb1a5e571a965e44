//! Splits a value into words, as redis.conf and command lines do.

use super::{Quotes, value::unquote};
use crate::source::View;

/// A word of a value.
#[derive(Clone, Debug)]
pub struct Word<'a> {
    /// The word without its quotes.
    pub view: View<'a>,
    /// The quotes it stood in.
    pub quoted: Option<char>,
}

/// Splits a value at white space; `"…"` (with escapes) and `'…'` keep blanks in a word.
pub fn words<'v>(view: &'v View<'_>) -> Vec<Word<'v>> {
    let text = view.text.as_ref();
    let mut out = Vec::new();
    let mut at = 0;
    // An unclosed quote means the rest was searched in vain; later quotes of its kind need no second search.
    let mut unclosed: Vec<char> = Vec::new();
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start().len();
        let Some(first) = text.get(at..).and_then(|t| t.chars().next()) else { return out };
        if matches!(first, '"' | '\'') && !unclosed.contains(&first) {
            match unquote(text, at, |i| i, Quotes::Words) {
                Some((word, end)) => {
                    out.push(Word { view: word.finish(view, at + 1), quoted: Some(first) });
                    at = end;
                    continue;
                }
                None => unclosed.push(first),
            }
        }
        let rest = text.get(at..).unwrap_or_default();
        let end = at + rest.find(char::is_whitespace).unwrap_or(rest.len());
        out.push(Word { view: view.sub(at..end), quoted: None });
        at = end;
    }
}
