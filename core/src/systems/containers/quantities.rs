//! Durations and amounts as Compose and Kubernetes write them.

/// `1m30s`, `500ms`, `1.5h`: Go's durations, in milliseconds. A number without unit is none.
pub fn go_duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, f64); 7] = [
        ("ns", 0.000_001),
        ("us", 0.001),
        ("µs", 0.001),
        ("ms", 1.0),
        ("s", 1_000.0),
        ("m", 60_000.0),
        ("h", 3_600_000.0),
    ];
    let mut rest = text.trim();
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = number(rest)?;
        let length = after.len() - after.trim_start_matches(char::is_alphabetic).len();
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == &after[..length])?;
        total += number * scale;
        rest = after[length..].trim_start();
    }
    whole(total)
}

/// `512m`, `2g`, `1gb`, `1048576`: Compose's amounts, in bytes; the units are powers of 1024.
pub fn compose_bytes(text: &str) -> Option<i64> {
    let (number, unit) = number(text.trim())?;
    let scale: i64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return None,
    };
    whole(number * scale as f64)
}

/// `512Mi`, `2G`, `1e9`, `1500m`: Kubernetes' quantities, in whole units.
pub fn quantity(text: &str) -> Option<i64> {
    whole(kubernetes(text)?)
}

/// A Kubernetes quantity in thousandths, for CPU: `500m`, `2`.
pub fn milli_quantity(text: &str) -> Option<i64> {
    whole(kubernetes(text)? * 1_000.0)
}

fn kubernetes(text: &str) -> Option<f64> {
    let (number, unit) = number(text.trim())?;
    let scale: f64 = match unit {
        "" => 1.0,
        "m" => 0.001,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => {
            let exponent: i32 = unit.strip_prefix(['e', 'E'])?.parse().ok()?;
            10f64.powi(exponent.clamp(-18, 18))
        }
    };
    Some(number * scale)
}

/// A number without sign and what follows it.
fn number(text: &str) -> Option<(f64, &str)> {
    let length = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    Some((text[..length].parse().ok()?, &text[length..]))
}

/// The nearest whole number, where it is exact enough to be one.
fn whole(number: f64) -> Option<i64> {
    // Beyond this a float no longer holds every whole number, and no real quantity comes near it.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    (number.is_finite() && (0.0..=LARGEST).contains(&number)).then(|| number.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_with_their_units() {
        for (text, ms) in [
            ("10s", Some(10_000)),
            ("1m30s", Some(90_000)),
            ("500ms", Some(500)),
            ("1.5h", Some(5_400_000)),
            ("0", Some(0)),
            ("10", None),
            ("", None),
            ("10 parsecs", None),
            ("${X}", None),
        ] {
            assert_eq!(go_duration(text), ms, "{text}");
        }
        for (text, bytes) in [
            ("512m", Some(512 << 20)),
            ("2g", Some(2 << 30)),
            ("1GB", Some(1 << 30)),
            ("100", Some(100)),
            ("x", None),
        ] {
            assert_eq!(compose_bytes(text), bytes, "{text}");
        }
        for (text, bytes) in [
            ("512Mi", Some(512 << 20)),
            ("2G", Some(2_000_000_000)),
            ("1e9", Some(1_000_000_000)),
            ("128974848000m", Some(128_974_848)),
            ("1.5Gi", Some(1_610_612_736)),
            ("5 Gi", None),
            ("9999999999999Ti", None),
        ] {
            assert_eq!(quantity(text), bytes, "{text}");
        }
        assert_eq!(milli_quantity("250m"), Some(250));
        assert_eq!(milli_quantity("2"), Some(2_000));
    }
}
