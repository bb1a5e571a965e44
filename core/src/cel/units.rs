//! Literals with a unit.

use crate::facts::{Value, Version, parse_time};

/// The value that `name("text")` stands for.
pub(super) fn read(name: &str, text: &str) -> Option<Value> {
    match name {
        "duration" => duration(text).map(Value::Duration),
        "size" => size(text).map(Value::Size),
        "version" => version(text).map(Value::Version),
        "time" => parse_time(text).map(Value::Time),
        _ => None,
    }
}

/// Splits digits from what follows them.
fn number(text: &str) -> Option<(i64, &str)> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let (digits, rest) = text.split_at(text.len() - rest.len());
    Some((digits.parse().ok()?, rest))
}

/// `30s`, `1h30m`; in milliseconds.
fn duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 5] =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    let mut rest = text;
    let mut total = 0i64;
    loop {
        let (count, after) = number(rest)?;
        let unit = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, after) = after.split_at(unit);
        let (_, ms) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(count.checked_mul(*ms)?)?;
        if after.is_empty() {
            return Some(total);
        }
        rest = after;
    }
}

/// `64KiB`; in bytes.
fn size(text: &str) -> Option<i64> {
    let (count, unit) = number(text)?;
    let bytes = match unit.trim_start() {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    count.checked_mul(bytes)
}

/// One to three numbers and nothing else.
fn version(text: &str) -> Option<Version> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.split('.').count() <= 3;
    let version = Version::parse(text)?;
    (plain && version.to_string() == text).then_some(version)
}
