//! Texts of rules: code between backticks, and holes where a finding has values.

use leptos::prelude::*;

/// A part of a template.
pub(crate) enum Piece {
    Text(String),
    /// The expression in braces.
    Hole(String),
}

/// The parts of a template; `{{` and `}}` are braces.
pub(crate) fn pieces(template: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut letters = template.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' if letters.peek() == Some(&letter) => {
                letters.next();
                text.push(letter);
            }
            '{' => {
                if !text.is_empty() {
                    out.push(Piece::Text(std::mem::take(&mut text)));
                }
                let mut hole = String::new();
                let mut quoted = false;
                for inner in letters.by_ref() {
                    match inner {
                        '}' if !quoted => break,
                        '"' => quoted = !quoted,
                        _ => {}
                    }
                    hole.push(inner);
                }
                out.push(Piece::Hole(hole));
            }
            _ => text.push(letter),
        }
    }
    if !text.is_empty() {
        out.push(Piece::Text(text));
    }
    out
}

/// An expression in words: the first path in it.
fn in_words(hole: &str) -> String {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let mut paths = hole.split(|c| !inside(c)).filter(|path| path.contains('.'));
    let path = paths.next().unwrap_or(hole);
    let path = path.split(".or").next().unwrap_or(path);
    path.replace(['.', '_'], " ")
}

/// A text with its code set as code.
pub(crate) fn prose(text: &str) -> AnyView {
    let parts = text.split('`').map(str::to_owned).enumerate();
    parts
        .map(|(n, part)| match n % 2 {
            0 => part.into_any(),
            _ => view! { <code>{part}</code> }.into_any(),
        })
        .collect_view()
        .into_any()
}

/// A template whose holes are named in words.
pub(crate) fn template(text: &str) -> AnyView {
    let mut code = false;
    let mut out: Vec<AnyView> = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Hole(hole) => out.push(view! { <em class="hole">{in_words(&hole)}</em> }.into_any()),
            Piece::Text(text) => {
                for (n, part) in text.split('`').enumerate() {
                    code ^= n > 0;
                    let part = part.to_owned();
                    out.push(if code { view! { <code>{part}</code> }.into_any() } else { part.into_any() });
                }
            }
        }
    }
    out.collect_view().into_any()
}
