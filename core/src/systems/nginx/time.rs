//! Durations as nginx reads them (nginx.org, "Configuration file measurement units").

const UNITS: [(&str, i64); 8] = [
    ("y", 365 * 86_400_000),
    ("M", 30 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads a duration in milliseconds: numbers with units from large to small, a bare number at the end for seconds.
/// Directives that count milliseconds know neither months nor years.
pub(super) fn parse(text: &str, fine: bool) -> Option<i64> {
    let mut rest = text.trim();
    let mut total: i64 = 0;
    let mut next = if fine { 2 } else { 0 };
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let (factor, len, place) = if rest.is_empty() || rest.starts_with(' ') {
            (1_000, 0, UNITS.len())
        } else {
            // `ms` before `m`, which it starts with.
            let (place, unit) = UNITS
                .iter()
                .enumerate()
                .rev()
                .find(|(_, (u, _))| rest.starts_with(u))
                .filter(|(i, _)| *i >= next)?;
            (unit.1, unit.0.len(), place)
        };
        total = total.checked_add(number.checked_mul(factor)?)?;
        next = place + 1;
        rest = rest.get(len..)?.trim_start_matches(' ');
    }
    Some(total)
}

/// What was probably meant by a text that nginx refuses.
pub(super) fn meant(text: &str, fine: bool) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let digits = lower.len() - lower.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, word) = lower.split_at_checked(digits)?;
    let unit = match word.trim() {
        "sec" | "secs" | "second" | "seconds" | "s" => "s",
        "min" | "mins" | "minute" | "minutes" | "m" => "m",
        "hour" | "hours" | "hr" | "hrs" | "h" => "h",
        "day" | "days" | "d" => "d",
        "msec" | "ms" => "ms",
        _ => return None,
    };
    let fixed = format!("{number}{unit}");
    parse(&fixed, fine).map(|_| fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_go_from_large_to_small() {
        for (text, ms) in [
            ("60", Some(60_000)),
            ("10m", Some(600_000)),
            ("1h30m", Some(5_400_000)),
            ("1h30", Some(3_630_000)),
            ("1h 30m", Some(5_400_000)),
            ("500ms", Some(500)),
            ("0", Some(0)),
            ("10min", None),
            ("1.5h", None),
            ("5S", None),
            ("1H", None),
            ("30s1h", None),
            ("30s30s", None),
            ("-1", None),
            ("10M", None),
            ("1y", None),
            ("", None),
            ("99999999999999999d", None),
        ] {
            assert_eq!(parse(text, true), ms, "{text}");
        }
        assert_eq!(parse("1y", false), Some(31_536_000_000));
        assert_eq!(meant("10min", true).as_deref(), Some("10m"));
        assert_eq!(meant("5S", true).as_deref(), Some("5s"));
        assert_eq!(meant("soon", true), None);
    }
}
