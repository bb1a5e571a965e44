//! nft's words: what stands between white space and punctuation.

use std::ops::Range;

/// A word, a quoted text, or a punctuation mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::systems::firewall) struct Token {
    /// Its text, quotes removed. A line end and `;` are both `;`.
    pub(super) text: String,
    /// It was quoted.
    pub(super) quoted: bool,
    /// Where it is.
    pub(super) range: Range<usize>,
}

/// Cuts a ruleset into words.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let Some(c) = rest.chars().next() else { break };
        let mut push = |length: usize, word: &str| {
            out.push(Token { text: word.into(), quoted: false, range: at..at + length });
            at + length
        };
        at = match c {
            '\n' => push(1, ";"),
            _ if c.is_whitespace() => at + c.len_utf8(),
            '\\' => {
                at + 1
                    + rest[1..]
                        .find('\n')
                        .map_or(0, |n| if rest[1..1 + n].trim().is_empty() { n + 1 } else { 0 })
            }
            '#' => at + rest.find('\n').unwrap_or(rest.len()),
            '!' if rest.starts_with("!=") => push(2, "!="),
            '=' if rest.starts_with("==") => push(2, "=="),
            '{' | '}' | ';' | ',' | '=' | '!' | '<' | '>' | '(' | ')' | '&' | '|' => push(1, &rest[..1]),
            ':' if !rest.starts_with("::") => push(1, ":"),
            '"' => {
                let end = rest[1..].find('"').map_or(rest.len(), |n| n + 2);
                let inner = rest[1..end].trim_end_matches('"');
                out.push(Token { text: inner.into(), quoted: true, range: at..at + end });
                at + end
            }
            _ => {
                let stop = |c: char| c.is_whitespace() || "{};,=!<>()\"#&|\\".contains(c);
                let mut end = rest.find(stop).unwrap_or(rest.len()).max(c.len_utf8());
                // A colon at the end belongs to the map, one inside to an IPv6 address.
                if rest[..end].ends_with(':') && !rest[..end].ends_with("::") {
                    end -= 1;
                }
                push(end, &rest[..end])
            }
        };
    }
    out
}
