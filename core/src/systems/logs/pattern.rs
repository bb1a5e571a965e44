//! Patterns of log messages: fixed text with holes.
//!
//! `user '{user}' - invalid credentials` captures what stands between the quotes. A hole is named after a field of
//! `log.event`; `{_}` captures nothing. `{timeout:s}` has a unit, `{subject:line}` reaches to the end of the line. The
//! last hole of a pattern ends at a blank, a quote or a bracket. `{{` and `}}` stand for braces.

use std::ops::Range;

use crate::facts::kinds::log::event;
use crate::facts::{Type, Value};
use crate::source::floor_boundary;

/// What a hole takes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Text up to what follows.
    Text,
    /// Text up to the end of the line.
    Line,
    /// A whole number.
    Number,
    /// A whole number of this many milliseconds.
    Duration(i64),
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Fixed(String),
    /// The index of a field of `log.event`; absent for what is not kept.
    Hole(Option<usize>, Form),
}

/// A pattern, ready to be looked for.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    parts: Vec<Part>,
}

/// What a hole captured: the field's index, the value and where it stands.
pub(super) type Capture = (usize, Value, Range<usize>);

/// A place where a pattern fits.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) captures: Vec<Capture>,
}

/// A captured text is at most this long: names of queues and users are limited to 255 bytes.
const LONGEST_CAPTURE: usize = 255;

/// A pattern is tried at this many places of an entry.
const STARTS: usize = 4;

impl Pattern {
    /// Reads a pattern, or says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Pattern, String> {
        let mut parts = Vec::new();
        let mut fixed = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(tail) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
                fixed.push(c);
                rest = tail;
            } else if let Some(tail) = rest.strip_prefix('{') {
                let (name, tail) = tail.split_once('}').ok_or("a brace is never closed")?;
                if !fixed.is_empty() {
                    parts.push(Part::Fixed(std::mem::take(&mut fixed)));
                } else if !parts.is_empty() {
                    return Err("two holes have nothing between them".into());
                }
                parts.push(hole(name)?);
                rest = tail;
            } else {
                fixed.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        if !fixed.is_empty() {
            parts.push(Part::Fixed(fixed));
        }
        match parts.first() {
            Some(Part::Fixed(_)) => Ok(Pattern { parts }),
            _ => Err("a pattern begins with fixed text".into()),
        }
    }

    /// The longest fixed text in it that is written alike in JSON: what the log is searched for.
    pub(super) fn anchor(&self) -> &str {
        let fixed = self.parts.iter().filter_map(|part| match part {
            Part::Fixed(text) => Some(text.as_str()),
            Part::Hole(..) => None,
        });
        fixed.flat_map(|text| text.split(['"', '\\'])).max_by_key(|t| t.len()).unwrap_or_default()
    }

    /// The first place where it fits.
    pub(super) fn find(&self, text: &str) -> Option<Found> {
        let Some(Part::Fixed(first)) = self.parts.first() else { return None };
        text.match_indices(first.as_str()).take(STARTS).find_map(|(at, _)| self.at(text, at))
    }

    fn at(&self, text: &str, start: usize) -> Option<Found> {
        let mut at = start;
        let mut captures = Vec::new();
        for (i, part) in self.parts.iter().enumerate() {
            let rest = text.get(at..)?;
            match part {
                Part::Fixed(fixed) => at += rest.strip_prefix(fixed.as_str()).map(|_| fixed.len())?,
                Part::Hole(field, form) => {
                    let next = match self.parts.get(i + 1) {
                        Some(Part::Fixed(next)) => Some(next.as_str()),
                        _ => None,
                    };
                    let (length, value) = fill(rest, *form, next)?;
                    captures.extend(field.map(|f| (f, value, at..at + length)));
                    at += length;
                }
            }
        }
        Some(Found { range: start..at, captures })
    }
}

fn hole(written: &str) -> Result<Part, String> {
    let (name, unit) = written.split_once(':').unwrap_or((written, ""));
    let field = event::KIND.field(name);
    let ty = match field.and_then(|f| event::KIND.fields.get(f)) {
        Some(def) => def.ty,
        None if name == "_" => Type::Text,
        None => return Err(format!("`log.event` has no field `{name}`")),
    };
    let form = match (ty, unit) {
        (Type::Text, "") => Form::Text,
        (Type::Text, "line") => Form::Line,
        (Type::Text, "int") if name == "_" => Form::Number,
        (Type::Int, "") => Form::Number,
        (Type::Duration, "ms") => Form::Duration(1),
        (Type::Duration, "s") => Form::Duration(1_000),
        (Type::Duration, "min") => Form::Duration(60_000),
        _ => return Err(format!("`{written}` does not fit a field of type {ty}")),
    };
    Ok(Part::Hole(field, form))
}

/// How much of a text a hole takes, and its value.
fn fill(rest: &str, form: Form, next: Option<&str>) -> Option<(usize, Value)> {
    match form {
        Form::Number | Form::Duration(_) => {
            let sign = usize::from(rest.starts_with(['-', '+']));
            let digits = rest.get(sign..)?.bytes().take_while(u8::is_ascii_digit).count();
            let number: i64 = rest.get(..sign + digits)?.parse().ok()?;
            let value = match form {
                Form::Duration(unit) => Value::Duration(number.checked_mul(unit)?),
                _ => Value::Int(number),
            };
            Some((sign + digits, value))
        }
        Form::Text | Form::Line => {
            let searched = rest.get(..floor_boundary(rest, LONGEST_CAPTURE)).unwrap_or_default();
            let searched = searched.split(['\n', '\r']).next().unwrap_or_default();
            let length = match next {
                Some(next) => {
                    // What follows may itself lie beyond the bound or on the next line.
                    let whole = rest.get(..floor_boundary(rest, searched.len() + next.len()))?;
                    whole.find(next)?
                }
                None if form == Form::Line => searched.trim_end().len(),
                None => {
                    let ends = |c: char| {
                        c.is_whitespace()
                            || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | ']' | ',' | ';')
                    };
                    let word = &searched[..searched.find(ends).unwrap_or(searched.len())];
                    word.trim_end_matches(['.', ':']).len()
                }
            };
            let text = rest.get(..length)?;
            (next.is_some() || !text.is_empty()).then(|| (length, Value::text(text)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Option<Vec<String>> {
        let found = Pattern::parse(pattern).unwrap().find(text)?;
        let name = |i: usize| event::KIND.fields[i].name;
        Some(
            found.captures.iter().map(|(f, v, r)| format!("{}={v} {}", name(*f), &text[r.clone()])).collect(),
        )
    }

    #[test]
    fn holes_take_what_stands_between() {
        let cases: [(&str, &str, Option<&[&str]>); 9] = [
            ("timeout: {timeout:s}s", "missed, timeout: 60s", Some(&["timeout=60 s 60"])),
            ("user '{user}' - invalid", "user 'a b' - invalid", Some(&["user=a b a b"])),
            ("user '{user}' - invalid", "user 'x\n' - invalid", None),
            (
                "to {host}:{port}",
                "to mq.internal:5672.",
                Some(&["host=mq.internal mq.internal", "port=5672 5672"]),
            ),
            (
                "lookup {host}",
                "dial tcp: lookup mq.internal: no such host",
                Some(&["host=mq.internal mq.internal"]),
            ),
            ("] {_}/{_:int} cD", "a] b] x/-1 cD", Some(&[])),
            (
                "{{handshake_timeout,{subject}}}",
                "{handshake_timeout,frame_header}",
                Some(&["subject=frame_header frame_header"]),
            ),
            ("error {subject:line}", "error a b (c)  \nd", Some(&["subject=a b (c) a b (c)"])),
            ("vhost {vhost} not found", "vhost  not found", Some(&["vhost= "])),
        ];
        for (pattern, text, expected) in cases {
            let expected = expected.map(|e| e.iter().map(|s| (*s).to_owned()).collect());
            assert_eq!(found(pattern, text), expected, "{pattern}");
        }
    }

    #[test]
    fn faults_of_patterns_are_told() {
        for pattern in ["{user} x", "a {user}{vhost}", "a {nobody}", "a {user:s}", "a {user", "a {timeout}"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
