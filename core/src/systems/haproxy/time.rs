//! Durations as HAProxy reads them (`configuration.txt`, "Time format").

/// The longest duration that HAProxy can count: 2^31 - 1 milliseconds.
const LONGEST_MS: i64 = 2_147_483_647;

/// A duration in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Time {
    /// The number.
    pub(super) number: i64,
    /// The unit, empty for none.
    pub(super) unit: String,
    /// What follows the unit.
    pub(super) rest: String,
    /// In milliseconds; `None` if there is no number.
    pub(super) ms: Option<i64>,
}

impl Time {
    /// True if HAProxy cannot count so far.
    pub(super) fn overflows(&self) -> bool {
        self.ms.is_none_or(|ms| ms > LONGEST_MS)
    }
}

/// Reads a duration; a bare number counts `bare_ms` milliseconds. `None` if it does not start with a number.
pub(super) fn parse(text: &str, bare_ms: i64) -> Option<Time> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: i64 = text.get(..digits)?.parse().ok()?;
    let tail = text.get(digits..)?;
    const UNITS: [(&str, i64); 5] =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    if let Some(rest) = tail.strip_prefix("us") {
        return Some(Time { number, unit: "us".into(), rest: rest.into(), ms: Some(number / 1_000) });
    }
    if tail.is_empty() {
        return Some(Time {
            number,
            unit: String::new(),
            rest: String::new(),
            ms: number.checked_mul(bare_ms),
        });
    }
    for (unit, factor) in UNITS {
        if let Some(rest) = tail.strip_prefix(unit) {
            let ms = number.checked_mul(factor);
            return Some(Time { number, unit: unit.into(), rest: rest.into(), ms });
        }
    }
    Some(Time { number, unit: String::new(), rest: tail.into(), ms: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_unit_counts() {
        for (text, ms, rest) in [
            ("30", Some(30), ""),
            ("30s", Some(30_000), ""),
            ("1h30m", Some(3_600_000), "30m"),
            ("3min", Some(180_000), "in"),
            ("500us", Some(0), ""),
            ("30S", None, "S"),
            ("1.5s", None, ".5s"),
        ] {
            let time = parse(text, 1).unwrap();
            assert_eq!((time.ms, time.rest.as_str()), (ms, rest), "{text}");
        }
        assert!(parse("30d", 1).unwrap().overflows() && !parse("24d", 1).unwrap().overflows());
        assert!(parse("99999999999999999d", 1).unwrap().overflows());
        assert_eq!(parse("{{ t }}", 1), None);
    }
}
