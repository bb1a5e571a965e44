//! The forms of values: a key table's words for them, judged as the program reads them.
//!
//! A table's `form` is `bool`, `int 0..65535` (either end may be open), `float`, `enum A B`, `list A B` (any of them,
//! separated by commas) or `text`; its `note` holds `unit=`, `default=` and single words.

use crate::facts::{KeyDef, Said, Type, Value, Version};
use crate::nearest::nearest;

/// How a program writes its values.
#[derive(Debug)]
pub struct Writing {
    /// The truth value that a word stands for.
    pub truth: fn(&str) -> Option<bool>,
    /// The two words that people use for it, as a message shows them.
    pub truth_words: &'static str,
    /// A whole number in the key's own unit (the second argument), units included where the program takes them.
    pub number: fn(&str, &str) -> Option<i64>,
    /// Words of an `enum` are the same in upper and lower case.
    pub any_case: bool,
}

/// Whether a value has the form its key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has.
    Good,
    /// It has not.
    Bad {
        /// The right form, in words.
        expected: String,
        /// A value of the right form that means what was written.
        suggestion: Option<String>,
    },
}

/// A word of the note: the text behind `name=`.
pub fn note(key: &KeyDef, name: &str) -> Option<&'static str> {
    key.note.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

/// True if the note holds a word.
pub fn noted(key: &KeyDef, word: &str) -> bool {
    key.note.split(' ').any(|w| w == word)
}

/// The first version that knows the key, and the first that does not.
pub fn versions(key: &KeyDef) -> (Option<Version>, Option<Version>) {
    match key.series.split_once("..") {
        Some((from, to)) => (Version::parse(from), Version::parse(to)),
        None => (None, None),
    }
}

/// Judges a value.
pub fn judge(key: &KeyDef, value: &str, writing: &Writing) -> Verdict {
    let (head, rest) = key.form.split_once(' ').unwrap_or((key.form, ""));
    let unit = note(key, "unit").unwrap_or_default();
    let same = |a: &str, b: &str| if writing.any_case { a.eq_ignore_ascii_case(b) } else { a == b };
    let good = match head {
        "bool" => (writing.truth)(value).is_some(),
        "int" => (writing.number)(value, unit).is_some_and(|n| in_range(n, rest)),
        "float" => value.parse::<f64>().is_ok() || (writing.number)(value, unit).is_some(),
        "enum" => rest.split(' ').any(|word| same(word, value)),
        "list" => value
            .split(',')
            .map(str::trim)
            .filter(|v| !v.is_empty())
            .all(|v| rest.split(' ').any(|word| same(word, v))),
        _ => true,
    };
    if good {
        return Verdict::Good;
    }
    Verdict::Bad {
        expected: in_words(head, rest, unit, writing),
        suggestion: suggest(head, rest, unit, value, writing).filter(|s| s != value),
    }
}

fn in_range(number: i64, range: &str) -> bool {
    let (low, high) = range.split_once("..").unwrap_or(("", ""));
    low.parse().map_or(true, |low: i64| number >= low)
        && high.parse().map_or(true, |high: i64| number <= high)
}

fn in_words(head: &str, rest: &str, unit: &str, writing: &Writing) -> String {
    match head {
        "bool" => writing.truth_words.into(),
        "enum" | "list" => {
            let words: Vec<String> = rest.split(' ').take(MAX_WORDS).map(|w| format!("`{w}`")).collect();
            match words.as_slice() {
                [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
                _ => words.join(""),
            }
        }
        "float" => "a number".into(),
        _ => {
            let of = match unit {
                "ms" => " of milliseconds",
                "s" => " of seconds",
                "us" => " of microseconds",
                "min" => " of minutes",
                "h" => " of hours",
                "bytes" => " of bytes",
                "kB" => " of kilobytes",
                "MB" => " of megabytes",
                _ => "",
            };
            match rest.split_once("..") {
                Some((low, high)) if !low.is_empty() && !high.is_empty() => {
                    format!("a whole number{of} from {low} to {high}")
                }
                Some((low, _)) if !low.is_empty() => format!("a whole number{of}, {low} or more"),
                _ => format!("a whole number{of}"),
            }
        }
    }
}

/// A message shows so many words of a long list.
const MAX_WORDS: usize = 10;

fn suggest(head: &str, rest: &str, unit: &str, value: &str, writing: &Writing) -> Option<String> {
    let plain = value.trim_matches(['"', '\'']).trim();
    match head {
        "bool" => {
            let truth = match plain.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" | "enabled" | "enable" => true,
                "false" | "no" | "off" | "0" | "disabled" | "disable" => false,
                _ => return None,
            };
            let words: Vec<&str> = writing.truth_words.split('`').collect();
            words.get(if truth { 1 } else { 3 }).map(|w| (*w).to_owned())
        }
        "enum" => {
            let words = || rest.split(' ');
            let folded = plain.to_ascii_lowercase().replace('_', "-");
            words()
                .find(|w| w.to_ascii_lowercase().replace('_', "-") == folded)
                .or_else(|| nearest(plain, words()))
                .map(str::to_owned)
        }
        "int" => {
            let number = (writing.number)(plain, unit).or_else(|| measured(plain, unit))?;
            in_range(number, rest).then(|| number.to_string())
        }
        _ => None,
    }
}

/// Milliseconds of a unit of time, bytes of a unit of size; a `factor` of nothing else.
pub fn factor(unit: &str) -> Option<i64> {
    Some(match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "bytes" => 1,
        "kB" => 1 << 10,
        "8kB" => 8 << 10,
        "MB" => 1 << 20,
        _ => return None,
    })
}

/// The bare number, in the key's unit, that a number with a unit means: `30s` for a key in milliseconds is 30000.
fn measured(text: &str, unit: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, written) = text.split_at(split);
    let written = written.trim().to_ascii_lowercase();
    let times = match unit {
        "ms" | "s" | "min" | "h" => match written.as_str() {
            "ms" => 1,
            "s" | "sec" | "secs" | "seconds" => 1_000,
            "m" | "min" | "minutes" => 60_000,
            "h" | "hours" => 3_600_000,
            "d" | "days" => 86_400_000,
            _ => return None,
        },
        "bytes" => match written.as_str() {
            "b" => 1,
            "k" | "kb" | "kib" => 1 << 10,
            "m" | "mb" | "mib" => 1 << 20,
            "g" | "gb" | "gib" => 1 << 30,
            _ => return None,
        },
        _ => return None,
    };
    let total = number.parse::<i64>().ok()?.checked_mul(times)?;
    let each = factor(unit)?;
    (total % each == 0).then_some(total / each)
}

/// The value as the type of its key; `None` if it has not that form.
pub fn typed(key: &KeyDef, value: &str, writing: &Writing) -> Option<Value> {
    let unit = note(key, "unit").unwrap_or_default();
    let number = || (writing.number)(value, unit);
    let measure = || number()?.checked_mul(factor(unit).unwrap_or(1));
    Some(match key.ty? {
        Type::Bool => Value::Bool((writing.truth)(value)?),
        Type::Int => Value::Int(number()?),
        Type::Float => Value::Float(value.parse().ok()?),
        Type::Duration => Value::Duration(measure()?),
        Type::Size => Value::Size(measure()?),
        Type::List(_) => Value::List(
            value
                .split(',')
                .map(str::trim)
                .filter(|v| !v.is_empty())
                .map(|v| Said::derived(Value::text(v), None))
                .collect(),
        ),
        _ if key.form.starts_with("enum") && writing.any_case => Value::text(value.to_ascii_lowercase()),
        _ => Value::text(value),
    })
}

/// True if another program fills the value in before this one reads it.
pub fn is_open(value: &str) -> bool {
    let name = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    crate::systems::rabbitmq::values::is_placeholder(value)
        || value.starts_with("{{")
        || value.contains("__") && value.trim_matches('_').len() + 4 <= value.len()
        || value.strip_prefix('$').is_some_and(name)
        || value.strip_prefix("%(").is_some_and(|rest| rest.contains(")s"))
}

/// True if a value stands for the key's own, in capitals: `MAX_CONNECTIONS` of `max_connections`, for `sed` to replace.
pub fn is_stand_in(key: &str, value: &str) -> bool {
    value.len() >= key.len()
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && value.ends_with(&key.to_ascii_uppercase().replace(['-', '.'], "_"))
}

/// True for a whole number and nothing else.
pub fn plain_number(value: &str, _unit: &str) -> Option<i64> {
    value.parse().ok()
}
