//! Values of properties: placeholders, and the forms that Spring Boot converts.

use crate::facts::kinds::spring::placeholder;
use crate::facts::{Fact, KeyDef, Type, Value};
use crate::source::{Span, View};
use crate::systems::Reading;

/// Placeholders nested deeper are not followed.
const MAX_NESTING: usize = 4;

/// The value a program sees when no variable is set.
pub(super) struct Resolved {
    pub(super) text: String,
    pub(super) span: Span,
    /// True if some of it is the default of a placeholder.
    pub(super) by_default: bool,
}

/// A placeholder: its range, name and default.
struct Placeholder {
    whole: std::ops::Range<usize>,
    name: std::ops::Range<usize>,
    default: Option<std::ops::Range<usize>>,
}

/// The first placeholder at or behind `from`; braces inside it are balanced.
fn next(text: &str, from: usize) -> Option<Placeholder> {
    let start = from + text.get(from..)?.find("${")?;
    let mut depth = 0usize;
    let mut colon = None;
    for (i, byte) in text.bytes().enumerate().skip(start + 1) {
        match byte {
            b'{' => depth += 1,
            b':' if depth == 1 && colon.is_none() => colon = Some(i),
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(Placeholder {
                        whole: start..i + 1,
                        name: start + 2..colon.unwrap_or(i),
                        default: colon.map(|c| c + 1..i),
                    });
                }
            }
            _ => {}
        }
    }
    None
}

/// The value with the defaults of its placeholders; `None` if one has no default, or a template stands there.
pub(super) fn resolve(value: &View<'_>) -> Option<Resolved> {
    let range = value.trim_range(0..value.text.len());
    let value = value.sub(range);
    if ["{{", "<%", "@", "__"].iter().any(|sign| value.text.starts_with(sign)) {
        return None;
    }
    go(&value, MAX_NESTING)
}

fn go(value: &View<'_>, left: usize) -> Option<Resolved> {
    let text = value.text.as_ref();
    let Some(first) = next(text, 0) else {
        let open = text.contains("${") || text.contains("#{");
        let span = value.full_span();
        return (!open).then(|| Resolved { text: text.to_owned(), span, by_default: false });
    };
    let left = left.checked_sub(1)?;
    if first.whole == (0..text.len()) {
        let default = go(&value.sub(first.default?), left)?;
        return Some(Resolved { by_default: true, ..default });
    }
    let mut out = String::new();
    let mut at = 0;
    while let Some(found) = next(text, at) {
        out.push_str(text.get(at..found.whole.start)?);
        out.push_str(&go(&value.sub(found.default?), left)?.text);
        at = found.whole.end;
    }
    out.push_str(text.get(at..)?);
    Some(Resolved { text: out, span: value.full_span(), by_default: true })
}

/// The value with the defaults of its placeholders; one without a default stays as it is written.
pub(super) fn partly(value: &View<'_>) -> String {
    let text = value.text.as_ref();
    let mut out = String::new();
    let mut at = 0;
    while let Some(found) = next(text, at) {
        out.push_str(text.get(at..found.whole.start).unwrap_or_default());
        let default = found.default.and_then(|d| go(&value.sub(d), MAX_NESTING));
        let written = text.get(found.whole.clone()).unwrap_or_default();
        out.push_str(default.as_ref().map_or(written, |d| &d.text));
        at = found.whole.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Adds a fact for each placeholder whose default begins with what a shell would take as an operator.
pub(super) fn placeholders(key: &str, value: &View<'_>, reading: &mut Reading) {
    let text = value.text.as_ref();
    let mut at = 0;
    while let Some(found) = next(text, at) {
        at = found.whole.end;
        let Some(default) = found.default else { continue };
        let inner = text.get(default.clone()).unwrap_or_default();
        let operator = match inner.as_bytes() {
            [b'?', ..] => ":?",
            // `-1` is a number, `-x` and a lone `-` are not.
            [b'-', next, ..] if !next.is_ascii_digit() => ":-",
            [b'=', ..] => ":=",
            _ => continue,
        };
        let mut fact = Fact::new(&placeholder::KIND, value.span(found.whole.clone()));
        fact.derive(placeholder::key, Value::text(key));
        let name = text.get(found.name.clone()).unwrap_or_default();
        fact.write(placeholder::name, Value::text(name), value.span(found.name));
        fact.write(
            placeholder::operator,
            Value::text(operator),
            value.span(default.start - 1..default.start + 1),
        );
        reading.facts.add(fact);
    }
}

/// What becomes of a value of a known property.
pub(super) enum Bound {
    Good(Value),
    Bad { expected: String, suggestion: Option<String> },
}

/// A word of the note of a table row: `unit=s`.
pub(super) fn note(def: &KeyDef, word: &str) -> Option<&'static str> {
    def.note.split(' ').find_map(|part| part.strip_prefix(word)?.strip_prefix('='))
}

/// Converts as Spring Boot does (DurationStyle.java, DataSize.java, StringToBooleanConverter.java).
pub(super) fn bind(def: &KeyDef, text: &str) -> Bound {
    let bad =
        |expected: &str, suggestion: Option<String>| Bound::Bad { expected: expected.into(), suggestion };
    match def.ty {
        Some(Type::Bool) => match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" | "1" => Bound::Good(Value::Bool(true)),
            "false" | "off" | "no" | "0" => Bound::Good(Value::Bool(false)),
            _ => bad("`true` or `false`", None),
        },
        Some(Type::Int) => match text.parse() {
            Ok(n) => Bound::Good(Value::Int(n)),
            Err(_) => bad("a whole number", None),
        },
        Some(Type::Float) => match text.parse() {
            Ok(n) => Bound::Good(Value::Float(n)),
            Err(_) => bad("a number", None),
        },
        Some(Type::Duration) => match duration(text, note(def, "unit").unwrap_or("ms")) {
            Some(ms) => Bound::Good(Value::Duration(ms)),
            None => bad("a duration such as `30s` or `500ms`", nearest_duration(text)),
        },
        Some(Type::Size) => match size(text) {
            Some(bytes) => Bound::Good(Value::Size(bytes)),
            None => bad("an amount such as `64MB`", None),
        },
        _ if def.form.contains('|') => {
            let folded = fold(text);
            match def.form.split('|').find(|word| fold(word) == folded) {
                Some(word) => Bound::Good(Value::text(word)),
                None => {
                    let words: Vec<String> = def.form.split('|').map(|w| format!("`{w}`")).collect();
                    let near = crate::nearest::nearest(text, def.form.split('|')).map(str::to_owned);
                    bad(&words.join(" or "), near)
                }
            }
        }
        _ => Bound::Good(Value::text(text)),
    }
}

fn fold(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Milliseconds of `30`, `30s` or `PT30S`.
pub(super) fn duration(text: &str, unit: &str) -> Option<i64> {
    if text.starts_with(['p', 'P']) {
        return iso_duration(text);
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let split = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (number, written) = digits.split_at(split);
    let number: i64 = number.parse().ok()?;
    let number = if text.starts_with('-') { -number } else { number };
    let unit = if written.is_empty() { unit } else { &written.to_ascii_lowercase() };
    match unit {
        "ns" => Some(number / 1_000_000),
        "us" => Some(number / 1_000),
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        "d" => number.checked_mul(86_400_000),
        _ => None,
    }
}

/// Milliseconds of an ISO 8601 duration of days and smaller.
fn iso_duration(text: &str) -> Option<i64> {
    let mut rest = text.get(1..)?;
    let mut in_time = false;
    let mut sum = 0.0;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix(['T', 't']) {
            in_time = true;
            rest = time;
            continue;
        }
        let split = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let number: f64 = rest.get(..split)?.parse().ok()?;
        let factor = match (in_time, rest.as_bytes().get(split)?.to_ascii_uppercase()) {
            (false, b'D') => 86_400_000.0,
            (true, b'H') => 3_600_000.0,
            (true, b'M') => 60_000.0,
            (true, b'S') => 1_000.0,
            _ => return None,
        };
        sum += number * factor;
        rest = rest.get(split + 1..)?;
    }
    Some(sum as i64)
}

/// `30 s`, `30sec` and `5min` as Spring Boot would take them.
fn nearest_duration(text: &str) -> Option<String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).filter(|&s| s > 0)?;
    let (number, unit) = text.split_at(split);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "ms" | "msec" | "millis" | "milliseconds" => "ms",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hour" | "hours" => "h",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

/// Bytes of `64MB`; Spring's units are powers of 1024.
fn size(text: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: i64 = number.parse().ok()?;
    let power = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "KB" => 10,
        "MB" => 20,
        "GB" => 30,
        "TB" => 40,
        _ => return None,
    };
    number.checked_mul(1 << power)
}
