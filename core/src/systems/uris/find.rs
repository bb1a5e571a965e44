//! Finding URIs in a text: where each begins, and where it ends.

use std::ops::Range;

use super::{Place, UriContext};
use crate::source::floor_boundary;
use crate::syntax::uri::{placeholder_length, scheme_length, schemes};

/// A URI is not looked for beyond this many bytes of one; the longest that clients take is far below.
const MAX_URI: usize = 4 * 1024;

/// More URIs of one text are not read.
const MAX_URIS: usize = 10_000;

/// Names that people write for `amqp`.
const MISSPELLINGS: &[&str] = &[
    "ampq", "ampqs", "aqmp", "aqmps", "amq", "amqp+ssl", "amqp+tls", "rabbit", "rabbits", "ammqp", "amqpp",
    "amqpss",
];

/// The ranges of all URIs.
pub(super) fn find(text: &str, context: &UriContext<'_>) -> Vec<Range<usize>> {
    let trimmed = text.trim();
    let begin = text.len() - text.trim_start().len();
    let is_value = context.place == Place::Value && !trimmed.contains('\n');
    if is_value && lacks_slashes(trimmed, context) {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(colon) = text[at..].find("://").map(|i| at + i) {
        let start = scheme_start(text, at, colon);
        at = colon + 3;
        if found.len() >= MAX_URIS || !wanted(&text[start..colon], context) || commented(text, start, context)
        {
            continue;
        }
        let whole = is_value && (start == begin || !found.is_empty());
        let quote = text[..start].chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`') && !whole);
        let limit = limit(text, at, quote, whole);
        let inside = whole || limit.closed;
        let end = end(text, start, at, limit.at, inside);
        let rest = &text[at..end];
        let hollow = rest.chars().all(|c| matches!(c, '.' | '…' | '*' | '/'));
        if (!whole && (hollow || (limit.closed && end == limit.at && continues(&text[end..]))))
            || (hollow && !rest.is_empty())
            || is_grammar(rest)
        {
            at = end.max(at);
            continue;
        }
        let from = if whole && found.is_empty() { 0 } else { start };
        // White space around a lone value is part of what the client is given.
        let to = if whole && text[end..].trim().is_empty() { text.len() } else { end };
        found.push(from..to);
        at = end.max(at);
    }
    found
}

/// True for a description of what may stand in a URI: `redis://[[user]:password@]host[:port][/db]`.
fn is_grammar(rest: &str) -> bool {
    rest.match_indices('[').any(|(i, _)| match rest.as_bytes()[i + 1..] {
        // The only addresses that begin with a colon begin with two.
        [b':', next, ..] => next != b':',
        [b'/' | b'?' | b',' | b'@' | b'[', ..] => true,
        _ => false,
    }) || rest.contains("@]")
}

/// `amqp:host/v`, where a URI is expected.
fn lacks_slashes(value: &str, context: &UriContext<'_>) -> bool {
    const WORDS: &[&str] = &["url", "uri", "broker", "address", "dsn", "amqp", "rabbit"];
    let expected = context.client.is_some()
        || context.key.is_some_and(|k| {
            let key = k.to_ascii_lowercase();
            WORDS.iter().any(|w| key.contains(w))
        });
    let Some((scheme, rest)) = value.split_once(':') else { return false };
    expected
        && !rest.starts_with("//")
        && !rest.is_empty()
        && schemes::find(scheme).is_some_and(|s| s.protocol == "amqp")
}

/// Where the scheme before `://` begins.
fn scheme_start(text: &str, from: usize, colon: usize) -> usize {
    /// No scheme in use is nearly as long.
    const MAX_SCHEME: usize = 64;
    let bytes = &text.as_bytes()[from.max(colon.saturating_sub(MAX_SCHEME))..colon];
    let back = |more: &[u8]| {
        let fits =
            |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'+' | b'.' | b'-') || more.contains(b);
        colon - bytes.iter().rev().take_while(fits).count()
    };
    let jdbc = back(b":");
    let start = if text[jdbc..colon].starts_with("jdbc:") { jdbc } else { back(b"") };
    // `-Durl.amqp://` has no URI, but `--url.amqp` has no letter in front either; a scheme begins with a letter.
    start + text[start..colon].bytes().take_while(|b| !b.is_ascii_alphabetic()).count()
}

/// True for schemes worth reading here.
pub(super) fn wanted(scheme: &str, context: &UriContext<'_>) -> bool {
    match schemes::find(scheme) {
        Some(known) => context.web || !matches!(known.protocol, "http" | "websocket" | "ldap"),
        None => scheme_is_mistaken(scheme),
    }
}

/// True for a scheme that is meant to be `amqp` or `amqps`.
pub(super) fn scheme_is_mistaken(scheme: &str) -> bool {
    MISSPELLINGS.iter().any(|m| m.eq_ignore_ascii_case(scheme))
}

/// True if a comment's mark stands before the URI on its line.
fn commented(text: &str, start: usize, context: &UriContext<'_>) -> bool {
    /// A mark farther away is not looked for.
    const MAX_BACK: usize = 1024;
    let Some(mark) = context.comment else { return false };
    let from = floor_boundary(text, start.saturating_sub(MAX_BACK));
    let before = &text[from..start];
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.match_indices(mark).any(|(i, _)| line[..i].chars().next_back().is_none_or(char::is_whitespace))
}

struct Limit {
    at: usize,
    /// The quote that opened before the URI closes here.
    closed: bool,
}

/// How far the URI can reach.
fn limit(text: &str, from: usize, quote: Option<char>, whole: bool) -> Limit {
    let far = floor_boundary(text, from + MAX_URI);
    let line = text[from..far].find('\n').filter(|_| !whole).map_or(far, |i| from + i);
    let Some(quote) = quote else { return Limit { at: line, closed: false } };
    let mut at = from;
    while at < line {
        if let Some(length) = placeholder_length(text, at).filter(|n| at + n <= line) {
            at += length;
        } else if text[at..].starts_with(quote) {
            // `\"` closes a string within a string.
            let at = if text[from..at].ends_with('\\') { at - 1 } else { at };
            return Limit { at, closed: true };
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    Limit { at: line, closed: false }
}

/// Where the URI ends. Inside quotes, or as a value of its own, it may hold white space where a password can.
fn end(text: &str, start: usize, from: usize, limit: usize, inside: bool) -> usize {
    let last_at = text[from..limit].rfind('@').map_or(from, |i| from + i);
    // A password with an `@` and white space is told from a sentence by the host behind its last `@`.
    let dials = text[last_at..limit].contains([':', '/']);
    let opener = text[..start].chars().next_back().filter(|_| !inside);
    let mut depth = 0i32;
    let mut seen_at = false;
    let mut at = from;
    while at < limit {
        if let Some(length) = placeholder_length(text, at).filter(|n| at + n <= limit) {
            at += length;
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        let stop = match c {
            ',' | ';' => scheme_length(text[at + 1..limit].trim_start()).is_some(),
            c if c.is_whitespace() => {
                !inside || (seen_at && !dials) || at >= last_at || text[at..last_at].contains("://")
            }
            '"' | '\'' | '`' | '<' | '>' | '\\' => !inside,
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth -= 1;
                depth < 0 && (opener == Some('(') || text[at + 1..limit].starts_with('?'))
            }
            '@' => {
                seen_at = true;
                false
            }
            _ => false,
        };
        if stop {
            break;
        }
        at += c.len_utf8();
    }
    if inside { at } else { from + without_punctuation(&text[from..at]) }
}

/// Length without what closes a sentence or a bracket that opened before.
fn without_punctuation(rest: &str) -> usize {
    /// More is not punctuation.
    const MAX_CLOSING: usize = 16;
    let mut kept = rest;
    for _ in 0..MAX_CLOSING {
        let Some(c) = kept.chars().next_back() else { break };
        let open = match c {
            ')' => '(',
            ']' => '[',
            '}' => '{',
            '.' if kept.ends_with("...") => break,
            '.' | ',' | ';' | ':' | '!' | '?' => '\0',
            _ => break,
        };
        if open != '\0' && kept.matches(open).count() >= kept.matches(c).count() {
            break;
        }
        kept = &kept[..kept.len() - c.len_utf8()];
    }
    kept.len()
}

/// True if a program puts the text together with more: `"amqp://u:" + password`.
fn continues(after: &str) -> bool {
    let after = after.trim_start_matches(['\\', '"', '\'', '`']).trim_start_matches([' ', '\t']);
    after.starts_with('+')
        || after.starts_with("..")
        || after.starts_with("<>")
        || after.starts_with("||")
        || after.starts_with("& ")
        || after.strip_prefix('.').is_some_and(|r| r.starts_with([' ', '$', '"', '\'']))
}
