//! How RabbitMQ reads a value: the data types of its configuration schema, and the units of its limits.
//!
//! A schema's data type may have changed between release series (`integer | {integer, positive}`); a value is wrong
//! only when every one of them refuses it.

use super::addresses::address;
use super::amounts::{Amount, amount};
use crate::facts::{KeyDef, Type, Value};
use crate::nearest::nearest;

/// Whether a value has the form its key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In every series.
    Good,
    /// In some series, or the form is not one that can be judged.
    Open,
    /// In none.
    Bad {
        /// The right form, in words.
        expected: String,
        /// A value of the right form that means what was written.
        suggestion: Option<String>,
    },
}

/// Judges a value against a key's data type.
pub fn judge(key: &KeyDef, value: &str) -> Verdict {
    if key.form.is_empty() {
        return Verdict::Open;
    }
    let forms: Vec<&str> = key.form.split(" | ").collect();
    let accepted = forms.iter().filter(|form| accepts(form, value)).count();
    if accepted == forms.len() {
        return Verdict::Good;
    }
    if accepted > 0 {
        return Verdict::Open;
    }
    let newest = forms.last().copied().unwrap_or_default();
    Verdict::Bad { expected: in_words(newest, unit(key)), suggestion: suggest(newest, unit(key), value) }
}

/// The unit that the key table's note gives for a bare number.
pub fn unit(key: &KeyDef) -> &'static str {
    word(key, "unit=")
}

/// The place of the key's value in advanced.config: application and keys, joined by dots.
pub fn erlang_path(key: &KeyDef) -> &'static str {
    word(key, "erlang=")
}

fn word(key: &KeyDef, name: &str) -> &'static str {
    key.note.split(' ').find_map(|w| w.strip_prefix(name)).unwrap_or_default()
}

/// Inner parts of `[a, b]` or `{a, b}`, split at the commas of the outermost level.
fn parts(inner: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0usize, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(inner[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(inner[start..].trim());
    found
}

pub(super) fn between(text: &str, open: char, close: char) -> Option<&str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

fn accepts(form: &str, value: &str) -> bool {
    let form = form.trim();
    if let Some(inner) = between(form, '[', ']') {
        return parts(inner).into_iter().any(|f| accepts(f, value));
    }
    if let Some(inner) = between(form, '{', '}') {
        let parts = parts(inner);
        return match parts.as_slice() {
            ["enum", members] => members_of(members).any(|m| m == value),
            ["atom", atom] => *atom == value,
            ["integer", range] => value.parse::<i64>().is_ok_and(|n| in_range(n, range)),
            ["float", _] => float(value).is_some_and(|n| n > 0.0 && n < 1.0),
            ["duration", _] => duration(value).is_some(),
            // Lists of anything, and whatever else a schema may say.
            _ => true,
        };
    }
    match form {
        "integer" => value.parse::<i64>().is_ok(),
        "byte" => value.parse::<u8>().is_ok(),
        "float" => float(value).is_some(),
        "boolean" => matches!(value, "true" | "false"),
        "flag" => matches!(value, "on" | "off" | "true" | "false"),
        "bytesize" => bytesize(value).is_some(),
        "ip" => address(value).is_ok(),
        _ => true,
    }
}

fn members_of(list: &str) -> impl Iterator<Item = &str> {
    parts(between(list, '[', ']').unwrap_or(list)).into_iter().map(|m| m.trim_matches('\''))
}

fn in_range(number: i64, range: &str) -> bool {
    match range {
        "positive" => number > 0,
        "non_negative" => number >= 0,
        _ => parts(between(range, '[', ']').unwrap_or(range)).into_iter().all(|bound| {
            match parts(between(bound, '{', '}').unwrap_or(bound)).as_slice() {
                ["min", n] => n.parse().is_ok_and(|n: i64| number >= n),
                ["max", n] => n.parse().is_ok_and(|n: i64| number <= n),
                _ => true,
            }
        }),
    }
}

/// Erlang wants digits on both sides of the dot.
fn float(value: &str) -> Option<f64> {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let (whole, rest) = digits.split_once('.')?;
    let fraction_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let exponent = &rest[fraction_end..];
    let sound = !whole.is_empty()
        && whole.bytes().all(|b| b.is_ascii_digit())
        && fraction_end > 0
        && (exponent.is_empty() || exponent.starts_with(['e', 'E']));
    if sound { value.parse().ok() } else { None }
}

/// Bytes of a `bytesize`: a number with nothing, KB, MB or GB behind it, in units of 1024.
fn bytesize(value: &str) -> Option<i64> {
    let split = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let (number, unit) = value.split_at(split);
    let factor = match unit {
        "" => 1,
        "KB" | "kb" => 1 << 10,
        "MB" | "mb" => 1 << 20,
        "GB" | "gb" => 1 << 30,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

/// Milliseconds of a cuttlefish duration (`1h30m`, `500ms`).
fn duration(value: &str) -> Option<i64> {
    if value.is_empty() {
        return None;
    }
    let (mut rest, mut sum) = (value, 0.0);
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..number].parse().ok()?;
        rest = &rest[number..];
        let unit = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        sum += amount * milliseconds(&rest[..unit])? as f64;
        rest = &rest[unit..];
    }
    Some(sum as i64)
}

/// Milliseconds in a unit of time as cuttlefish names it; `f` is a fortnight.
fn milliseconds(unit: &str) -> Option<i64> {
    Some(match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        "f" => 1_209_600_000,
        _ => return None,
    })
}

/// The value as the type of its key; `None` if it has not that form, or means "no limit".
pub fn typed(key: &KeyDef, value: &str) -> Option<Value> {
    let number = || value.parse::<i64>().ok();
    Some(match key.ty? {
        Type::Bool => Value::Bool(match value {
            "true" | "on" => true,
            "false" | "off" => false,
            _ => return None,
        }),
        Type::Int => Value::Int(number()?),
        Type::Float => Value::Float(float(value)?),
        Type::Duration => Value::Duration(match unit(key) {
            "s" => number()?.saturating_mul(1_000),
            _ => number().or_else(|| duration(value))?,
        }),
        Type::Size => Value::Size(match unit(key) {
            "info" => match amount(value) {
                Amount::Bytes(n) | Amount::Since313(n) | Amount::Ambiguous(_, n) => n,
                Amount::Unparsable => return None,
            },
            "bytesize" => bytesize(value)?,
            _ => number()?,
        }),
        Type::List(_) => return None,
        _ => Value::text(value),
    })
}

fn in_words(form: &str, unit: &str) -> String {
    let form = form.trim();
    let measured = match unit {
        "s" => " of seconds",
        "ms" => " of milliseconds",
        "bytes" => " of bytes",
        _ => "",
    };
    if let Some(inner) = between(form, '[', ']') {
        let words: Vec<String> = parts(inner).into_iter().map(|f| in_words(f, unit)).collect();
        return words.join(" or ");
    }
    if let Some(inner) = between(form, '{', '}') {
        return match parts(inner).as_slice() {
            ["enum", members] => {
                let members: Vec<String> = members_of(members).map(|m| format!("`{m}`")).collect();
                match members.as_slice() {
                    [one] => one.clone(),
                    [first @ .., last] => format!("{} or {last}", first.join(", ")),
                    [] => "nothing".into(),
                }
            }
            ["atom", atom] => format!("`{atom}`"),
            ["integer", "positive"] => format!("a whole number{measured} above 0"),
            ["integer", "non_negative"] => format!("a whole number{measured}, 0 or more"),
            ["integer", range] => match parts(between(range, '[', ']').unwrap_or(range)).as_slice() {
                [min, max] => {
                    let number = |t: &&str| t.trim_matches(|c: char| !c.is_ascii_digit()).to_owned();
                    format!("a whole number{measured} from {} to {}", number(min), number(max))
                }
                _ => format!("a whole number{measured}"),
            },
            ["float", _] => "a number between 0 and 1 with a decimal point".into(),
            ["duration", _] => "a duration such as `30s`, `5m` or `1h`".into(),
            _ => form.into(),
        };
    }
    match form {
        "integer" => format!("a whole number{measured} without a unit"),
        "byte" => "a whole number from 0 to 255".into(),
        "float" => "a number with a decimal point, such as `2.0`".into(),
        "boolean" => "`true` or `false`".into(),
        "flag" => "`on` or `off`".into(),
        "bytesize" => "a whole number of bytes, or of KB, MB or GB".into(),
        "ip" => "an IP address and a port".into(),
        other => other.into(),
    }
}

fn suggest(form: &str, unit: &str, value: &str) -> Option<String> {
    let form = form.trim();
    if let Some(inner) = between(form, '[', ']') {
        return parts(inner).into_iter().find_map(|f| suggest(f, unit, value));
    }
    if let Some(inner) = between(form, '{', '}') {
        return match parts(inner).as_slice() {
            ["enum", members] => {
                let members: Vec<&str> = members_of(members).collect();
                let plain = value.trim_matches(['"', '\'']).to_ascii_lowercase();
                members.iter().find(|m| **m == plain).copied().map(str::to_owned).or_else(|| {
                    if members == ["true", "false"] {
                        return suggest("boolean", unit, value);
                    }
                    let by_start = members.iter().find(|m| plain.len() > 2 && m.starts_with(&plain));
                    by_start.copied().or_else(|| nearest(&plain, members.iter().copied())).map(str::to_owned)
                })
            }
            ["integer", _] => suggest("integer", unit, value),
            _ => None,
        };
    }
    match form {
        "integer" => whole_number(unit, value),
        "float" => {
            let number = value.replace(',', ".");
            match number.strip_suffix('%') {
                Some(share) => share.trim().parse::<f64>().ok().map(|n| format!("{:.2}", n / 100.0)),
                None => number.parse::<i64>().ok().map(|n| format!("{n}.0")),
            }
        }
        "boolean" => match value.trim_matches(['"', '\'']).to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some("true".into()),
            "false" | "no" | "off" | "0" => Some("false".into()),
            _ => None,
        },
        "ip" => address(value).err().and_then(|fault| fault.suggestion),
        "bytesize" => match amount(value) {
            Amount::Bytes(n) | Amount::Ambiguous(n, _) | Amount::Since313(n) => Some(n.to_string()),
            Amount::Unparsable => None,
        },
        _ => None,
    }
}

/// The bare number that a number with a unit means, in the unit of the key.
fn whole_number(unit: &str, value: &str) -> Option<String> {
    let plain = value.trim_matches(['"', '\'']).trim();
    if plain.parse::<i64>().is_ok() {
        return Some(plain.into());
    }
    let split = plain.find(|c: char| !c.is_ascii_digit())?;
    let (number, written) = plain.split_at(split);
    let number: i64 = number.parse().ok()?;
    let written = written.trim().to_ascii_lowercase();
    match unit {
        "s" | "ms" => {
            let each = match written.as_str() {
                "sec" | "secs" | "second" | "seconds" => 1_000,
                "min" | "mins" | "minute" | "minutes" => 60_000,
                other => milliseconds(other)?,
            };
            let total = number.checked_mul(each)?;
            match unit {
                "ms" => Some(total.to_string()),
                _ => (total % 1_000 == 0).then(|| (total / 1_000).to_string()),
            }
        }
        "bytes" => {
            let exponent = match written.as_str() {
                "b" => 0,
                "k" | "kb" | "kib" | "ki" => 1,
                "m" | "mb" | "mib" | "mi" => 2,
                "g" | "gb" | "gib" | "gi" => 3,
                _ => return None,
            };
            Some(number.checked_mul(1 << (10 * exponent))?.to_string())
        }
        _ => None,
    }
}

/// True for a text that another program fills in before RabbitMQ reads it.
pub fn is_placeholder(value: &str) -> bool {
    let wrapped =
        |open: &str, close: &str| value.find(open).is_some_and(|at| value[at + open.len()..].contains(close));
    wrapped("{{", "}}")
        || wrapped("{%", "%}")
        || wrapped("<%", "%>")
        || wrapped("${", "}")
        || wrapped("$(", ")")
        || (value.starts_with('<') && value.ends_with('>'))
        || (value.len() > 4 && value.starts_with("__") && value.ends_with("__"))
        || (value.len() > 2 && value.starts_with('@') && value.ends_with('@'))
        || matches!(value, "REDACTED" | "CHANGEME" | "CHANGE_ME" | "***")
        || is_token(value)
}

/// `RABBITMQ_DEFAULT_PASS` standing where its value belongs.
fn is_token(value: &str) -> bool {
    /// Shorter words in capitals are names (`PLAIN`, `NO_LOG`).
    const SHORTEST: usize = 10;
    // Java and TLS 1.3 name cipher suites so: `TLS_AES_128_GCM_SHA256`.
    let is_suite = value.starts_with("TLS_") && (value.contains("_SHA") || value.contains("_CCM"));
    value.len() >= SHORTEST
        && !is_suite
        && value.contains('_')
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tables::RABBITMQ;

    fn key(name: &str) -> &'static KeyDef {
        &RABBITMQ.keys()[RABBITMQ.find(name).unwrap_or_else(|| panic!("{name} is no key"))]
    }

    #[test]
    fn values_that_rabbitmq_3_10_takes_and_refuses() {
        let good = [
            ("heartbeat", "60"),
            ("handshake_timeout", "infinity"),
            ("frame_max", "128KB"),
            ("vm_memory_high_watermark.relative", "0.6"),
            ("disk_free_limit.absolute", "2GB"),
            ("listeners.tcp.default", "::1:5672"),
            ("listeners.tcp", "none"),
            ("log.console.level", "warning"),
        ];
        for (name, value) in good {
            assert_eq!(judge(key(name), value), Verdict::Good, "{name} = {value}");
        }
        let bad = [
            ("heartbeat", "60s", Some("60")),
            ("handshake_timeout", "10s", Some("10000")),
            ("consumer_timeout", "30m", Some("1800000")),
            ("max_message_size", "16MB", Some("16777216")),
            ("tcp_listen_options.sndbuf", "32KB", Some("32768")),
            ("vm_memory_high_watermark.relative", "1", Some("1.0")),
            ("vm_memory_high_watermark.relative", "60%", Some("0.60")),
            ("tcp_listen_options.nodelay", "yes", Some("true")),
            ("log.console.level", "warn", Some("warning")),
            ("cluster_partition_handling", "pause-minority", Some("pause_minority")),
            ("ssl_options.verify", "peer", None),
            ("listeners.tcp.default", "localhost:5672", Some("127.0.0.1:5672")),
            ("listeners.tcp.1", "[::1]:5672", Some("::1:5672")),
            ("listeners.tcp", "5672", None),
        ];
        for (name, value, meant) in bad {
            match judge(key(name), value) {
                Verdict::Bad { suggestion, .. } => {
                    assert_eq!(suggestion.as_deref(), meant, "{name} = {value}");
                }
                other => panic!("{name} = {value} is {other:?}"),
            }
        }
    }

    #[test]
    fn placeholders_are_not_judged() {
        for text in [
            "${PASSWORD}",
            "{{ port }}",
            "<password>",
            "__PORT__",
            "@PORT@",
            "$(PORT)",
            "RABBITMQ_DEFAULT_PASS",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["p@ss", "<x", "a{b}c", "_a_", "EXTERNAL", "rabbit_auth_backend"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
