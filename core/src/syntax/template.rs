//! Recognises text that a program renders before anybody reads it as configuration: Helm and Go templates, Jinja,
//! ERB and EPP.
//!
//! Several real syntaxes look alike and are none: `{{ $labels.instance }}` of Prometheus rules and `{{.Name}}` of
//! Docker are filled in at run time, `{{badmatch,…` is an Erlang tuple in a tuple, `'<%u%%%d> '` is a PostgreSQL log
//! prefix.

use super::assembly::Assembly;
use crate::source::{Span, View};

/// What every reader says about a file that is a template and does not parse as it stands.
pub const NOTICE: &str = "this is a template; it is read as far as that goes without rendering it";

/// Comments and statements over several lines stay well below this in real charts; the bounds keep a search for a
/// closing sign that never comes from taking the whole text, time and again.
const LONGEST_STATEMENT: usize = 4000;
/// The same for an expression on one line.
const LONGEST_EXPRESSION: usize = 1000;

/// Words that open a statement in Go templates and Jinja.
const STATEMENTS: [&str; 16] = [
    "if", "else", "end", "range", "with", "define", "include", "template", "block", "toYaml", "for", "endif",
    "endfor", "elif", "set", "raw",
];

/// The first place that only makes sense as a template.
pub fn detect(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|t| t.find(['{', '<'])) {
        let at = from + found;
        let rest = text.get(at..).unwrap_or_default();
        if is_marker(rest, bytes.get(at.wrapping_sub(1)).copied()) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// The length of the template construct (`{{ … }}`, `{% … %}`, `{# … #}`, `<% … %>`) that `rest` starts with. It may
/// run over several lines only when it can be nothing else.
pub fn construct(rest: &str) -> Option<usize> {
    let close = match rest.as_bytes() {
        [b'{', b'{', ..] => "}}",
        [b'{', b'%', ..] => "%}",
        [b'{', b'#', ..] => "#}",
        [b'<', b'%', b' ' | b'-' | b'=' | b'#' | b'|', ..] => "%>",
        _ => return None,
    };
    let multi_line = rest.starts_with("{{-") || rest.starts_with("{{/*") || !rest.starts_with("{{");
    let longest = if multi_line { LONGEST_STATEMENT } else { LONGEST_EXPRESSION };
    let window = rest.get(2..crate::source::floor_boundary(rest, longest))?;
    let line = window.find('\n').unwrap_or(window.len());
    let end = window.find(close).filter(|&end| end < line || multi_line)?;
    let mut len = 2 + end + close.len();
    // `{{ {"a": {}} }}` and `{{{ x }}}`: the last of a row of braces closes.
    while close == "}}" && rest.as_bytes().get(len) == Some(&b'}') && rest.starts_with("{{{") {
        len += 1;
    }
    Some(len)
}

/// A text with its Jinja expressions (`{{ … }}`) and statements (`{% … %}`) replaced by what `meaning` gives for what
/// stands between the signs.
pub fn fill<'v>(view: &'v View<'_>, meaning: &mut dyn FnMut(&str) -> String) -> View<'v> {
    fill_some(view, &mut |inside, _| Some(meaning(inside)))
}

/// Like [`fill`], where what has no meaning stays as it stands; `meaning` gets the place of each construct too, and gives
/// ASCII.
pub fn fill_some<'v>(view: &'v View<'_>, meaning: &mut dyn FnMut(&str, Span) -> Option<String>) -> View<'v> {
    let text = view.text.as_ref();
    let mut out = Assembly::default();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|t| t.find('{')).map(|n| at + n) {
        let rest = text.get(open..).unwrap_or_default();
        let construct = construct(rest).filter(|_| rest.starts_with("{{") || rest.starts_with("{%"));
        let end = open + construct.unwrap_or(1);
        out.push_str(text.get(at..open).unwrap_or_default(), at);
        let inside = construct.and_then(|_| text.get(open + 2..end.saturating_sub(2)));
        match inside.and_then(|inside| meaning(inside, view.span(open..end))) {
            Some(instead) => out.push_instead(&instead, open, end - open),
            None => out.push_str(text.get(open..end).unwrap_or_default(), open),
        }
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or_default(), at);
    out.finish(view, 0)
}

/// True if a line holds template constructs and nothing else, so that rendering it gives lines of its own or none.
pub fn is_control_line(line: &str) -> bool {
    let mut rest = line.trim();
    if !rest.starts_with(['{', '<']) {
        return false;
    }
    while let Some(len) = construct(rest) {
        rest = rest.get(len..).unwrap_or_default().trim_start();
    }
    rest.is_empty()
}

fn is_marker(rest: &str, before: Option<u8>) -> bool {
    let Some(len) = construct(rest) else { return false };
    let inside = rest.get(2..len.saturating_sub(2)).unwrap_or_default();
    if rest.starts_with("{%") {
        // `${%s}` and the like stand for themselves.
        return before != Some(b'$')
            && inside.trim_matches(['-', '+', ' ', '\t']).starts_with(char::is_alphabetic);
    }
    if rest.starts_with("<%") {
        return true;
    }
    if rest.starts_with("{#") {
        return false;
    }
    if inside.starts_with("- ") || inside.ends_with(" -") || inside.starts_with("/*") {
        return true;
    }
    let word = inside.trim_start();
    let first = word.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    word.starts_with(".Values")
        || word.starts_with(".Release")
        || word.starts_with(".Chart")
        || STATEMENTS.contains(&first)
        // Jinja: a name between blanks. Erlang writes no blank there.
        || (inside.starts_with(' ') && inside.ends_with(' ') && word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_templates_from_their_look_alikes() {
        for text in [
            "{{- if .Values.x }}",
            "a: {{ include \"x\" . }}",
            "{% if a %}",
            "{%- for x in y -%}",
            "x = {{ var }}",
            "p {{ .Values.port }}",
            "<% if $x { -%>",
            "<%= @port %>",
            "{{range .Services}}",
        ] {
            assert!(detect(text).is_some(), "{text}");
        }
        for text in [
            "log_line_prefix = '<%u%%%d> '",
            "on {{ $labels.instance }}",
            "docker.{{.Name}}",
            "{{badmatch,{error,x}},[{a,b}]}",
            "{{{badmatch, 1}}}",
            "{a, {{b}}}",
            "${VAR:-x}",
            "a { b { c } }",
            "printf '{%s}'",
        ] {
            assert!(detect(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_control_line_holds_nothing_but_constructs() {
        for (line, control) in [
            ("  {{- end }}", true),
            ("{% if a %}{% endif %}", true),
            ("{{ a }}: b", false),
            ("- {{ a }}", false),
            ("", false),
            ("<% } -%>", true),
        ] {
            assert_eq!(is_control_line(line), control, "{line}");
        }
    }
}
