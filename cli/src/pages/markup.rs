//! Texts as HTML. What is written is XML as well, so that a parser can tell whether anything slipped through.

use std::ops::Range;

/// A text for content and for attributes in double quotes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            // Neither HTML nor XML can hold them; these are the signs for them.
            '\0'..='\u{1f}' => out.extend(char::from_u32(c as u32 + 0x2400)),
            '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

/// A sentence of a rule: `code` in backticks, `{expression}` where a finding has a value.
pub(super) fn sentence(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.trim();
    while let Some(at) = rest.find(['`', '{']) {
        let (before, tail) = rest.split_at(at);
        let (close, tag) = if tail.starts_with('`') { ('`', "code") } else { ('}', "var") };
        let Some((inner, after)) = tail.get(1..).and_then(|t| t.split_once(close)) else { break };
        out.push_str(&escape(before));
        // In code an expression stands for a part of it.
        let inner = if tag == "code" { values(inner) } else { escape(inner) };
        out.push_str(&format!("<{tag}>{inner}</{tag}>"));
        rest = after;
    }
    out.push_str(&escape(rest));
    out
}

fn values(code: &str) -> String {
    match code.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
        Some((before, (inner, after))) => {
            format!("{}<var>{}</var>{}", escape(before), escape(inner), values(after))
        }
        None => escape(code),
    }
}

/// A text with places marked; each with its class and a few words.
pub(super) fn marked(text: &str, mut places: Vec<(Range<usize>, &str, &str)>) -> String {
    places.sort_by_key(|(range, ..)| (range.start, range.end));
    let mut out = String::new();
    let mut at = 0;
    for (range, class, words) in places {
        // An empty one is the place where something is missing.
        let Some(part) = text.get(range.clone()).filter(|_| range.start >= at) else { continue };
        out.push_str(&escape(text.get(at..range.start).unwrap_or_default()));
        let title = if words.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(words)) };
        out.push_str(&format!("<mark class=\"{class}\"{title}>{}</mark>", escape(part)));
        at = range.end;
    }
    out.push_str(&escape(text.get(at..).unwrap_or_default()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_become_markup() {
        for (text, html) in [
            ("a < b & \"c\"", "a &lt; b &amp; &quot;c&quot;"),
            ("set `x = <1>`.", "set <code>x = &lt;1&gt;</code>."),
            ("after {p.timeout}, or", "after <var>p.timeout</var>, or"),
            ("`a = {x.y}s`", "<code>a = <var>x.y</var>s</code>"),
            ("one ` alone {", "one ` alone {"),
            ("\u{1}\u{85}x", "\u{2401}\u{fffd}x"),
        ] {
            assert_eq!(sentence(text), html, "{text}");
        }
    }

    #[test]
    fn places_are_marked_once() {
        let places = vec![
            (4..5, "other", "b\""),
            (0..1, "here", ""),
            (4..6, "other", "twice"),
            (9..12, "x", ""),
            (6..6, "here", ""),
        ];
        assert_eq!(
            marked("a<b<c>", places),
            "<mark class=\"here\">a</mark>&lt;b&lt;<mark class=\"other\" title=\"b&quot;\">c</mark>&gt;<mark class=\"here\"></mark>"
        );
    }
}
