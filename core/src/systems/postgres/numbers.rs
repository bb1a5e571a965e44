//! How PostgreSQL reads values (src/backend/utils/misc/guc.c, `parse_int`; src/backend/utils/adt/bool.c,
//! `parse_bool_with_len`).

/// A truth value: any unique start of the words will do.
pub(super) fn truth(text: &str) -> Option<bool> {
    let word = text.to_ascii_lowercase();
    let starts = |full: &str, least: usize| word.len() >= least && full.starts_with(&word);
    if starts("true", 1) || starts("yes", 1) || word == "on" || word == "1" {
        return Some(true);
    }
    (starts("false", 1) || starts("no", 1) || starts("off", 2) || word == "0").then_some(false)
}

/// Units of time and size: how many of the smallest ones each is.
const UNITS: &[(&str, bool, f64)] = &[
    ("us", true, 0.001),
    ("ms", true, 1.0),
    ("s", true, 1_000.0),
    ("min", true, 60_000.0),
    ("h", true, 3_600_000.0),
    ("d", true, 86_400_000.0),
    ("B", false, 1.0),
    ("kB", false, 1_024.0),
    ("MB", false, 1_048_576.0),
    ("GB", false, 1_073_741_824.0),
    ("TB", false, 1_099_511_627_776.0),
];

/// A whole number in the key's own unit, rounded as the server does; units are case-sensitive.
pub(super) fn whole(text: &str, unit: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok();
    }
    if text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()) {
        return i64::from_str_radix(text, 8).ok();
    }
    let split = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || *at == 0 && matches!(c, '-' | '+')))
        .map_or(text.len(), |(at, _)| at);
    let (number, written) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    let written = written.trim();
    if written.is_empty() {
        return Some(number.round() as i64);
    }
    let (own_time, own) = match unit {
        "bytes" => (false, 1.0),
        "kB" => (false, 1_024.0),
        "8kB" => (false, 8_192.0),
        "MB" => (false, 1_048_576.0),
        "ms" => (true, 1.0),
        "s" => (true, 1_000.0),
        "min" => (true, 60_000.0),
        _ => return None,
    };
    let (_, _, each) = UNITS.iter().find(|(name, time, _)| *name == written && *time == own_time)?;
    Some((number * each / own).round() as i64)
}

/// True if a value needs no quotes: a name, a whole number with letters behind it, or a fraction (guc-file.l).
pub(super) fn stands_bare(value: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    if value.starts_with(letter) {
        return value
            .chars()
            .all(|c| letter(c) || c.is_ascii_digit() || matches!(c, '-' | '.' | '_' | ':' | '/'));
    }
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let rest = unsigned.get(digits..).unwrap_or_default();
    let whole = digits > 0 && rest.bytes().all(|b| b.is_ascii_alphanumeric());
    let fraction = rest
        .strip_prefix('.')
        .is_some_and(|r| r.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'e' | b'E' | b'-' | b'+')));
    whole || fraction
}

/// The value with the unit as PostgreSQL spells it.
pub(super) fn right_unit(value: &str, time: bool) -> Option<String> {
    let split = value.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = value.split_at(split);
    let right = match unit.trim().to_ascii_lowercase().as_str() {
        "m" if time => "min",
        "k" | "kb" | "kib" => "kB",
        "m" | "mb" | "mib" => "MB",
        "g" | "gb" | "gib" => "GB",
        "t" | "tb" | "tib" => "TB",
        "sec" | "secs" | "second" | "seconds" | "s" => "s",
        "mins" | "minute" | "minutes" | "min" => "min",
        "hour" | "hours" | "h" => "h",
        "day" | "days" | "d" => "d",
        "msec" | "ms" => "ms",
        _ => return None,
    };
    let of_time = matches!(right, "ms" | "s" | "min" | "h" | "d");
    (of_time == time).then(|| format!("{number}{right}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_server_reads_them() {
        for (text, unit, expected) in [
            ("128MB", "8kB", Some(16_384)),
            ("1.5GB", "kB", Some(1_572_864)),
            ("5min", "ms", Some(300_000)),
            ("30s", "ms", Some(30_000)),
            ("1h", "min", Some(60)),
            ("5m", "ms", None),
            ("128mb", "8kB", None),
            ("1GB", "ms", None),
            ("100", "", Some(100)),
            ("100MB", "", None),
            ("-1", "ms", Some(-1)),
            ("0x10", "", Some(16)),
            ("0777", "", Some(511)),
            ("ten", "", None),
        ] {
            assert_eq!(whole(text, unit), expected, "{text} {unit}");
        }
        for (word, expected) in
            [("t", Some(true)), ("of", Some(false)), ("o", None), ("ON", Some(true)), ("enabled", None)]
        {
            assert_eq!(truth(word), expected, "{word}");
        }
        assert_eq!(right_unit("4gb", false).as_deref(), Some("4GB"));
    }
}
