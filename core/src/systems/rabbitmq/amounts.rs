//! The information units of the memory and disk limits.

/// An amount as the memory and disk limits read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many bytes in every series.
    Bytes(i64),
    /// A bare K, M, G or P: 1024-based up to 3.12 (as given first), 1000-based from 3.13 (second).
    Ambiguous(i64, i64),
    /// Understood from 3.13 on.
    Since313(i64),
    /// Understood by no series: the limit falls back to its default.
    Unparsable,
}

/// Reads an information unit (rabbit_resource_monitor_misc.erl at v3.10.25, v3.13.0 and v4.3.5).
pub fn amount(value: &str) -> Amount {
    let split = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let (number, unit) = value.split_at(split);
    let Ok(number) = number.parse::<i64>() else { return Amount::Unparsable };
    let times = |factor: i64| number.saturating_mul(factor);
    let power = |letter: &str| match letter {
        "k" | "K" => Some(1),
        "m" | "M" => Some(2),
        "g" | "G" => Some(3),
        "t" | "T" => Some(4),
        "p" | "P" => Some(5),
        _ => None,
    };
    match unit {
        "" => return Amount::Bytes(number),
        "ki" | "Ki" => return Amount::Since313(times(1 << 10)),
        "Mi" | "Gi" | "Ti" | "Pi" => {
            let exponent = power(&unit[..1]).unwrap_or(0);
            return Amount::Since313(times(1i64 << (10 * exponent)));
        }
        "k" | "K" | "m" | "M" | "g" | "G" => {
            let exponent = power(unit).unwrap_or(0);
            return Amount::Ambiguous(times(1i64 << (10 * exponent)), times(1_000i64.pow(exponent)));
        }
        "p" | "P" => return Amount::Since313(times(1_000i64.pow(5))),
        _ => {}
    }
    let (Some(letter), Some(rest)) = (unit.get(..1), unit.get(1..)) else { return Amount::Unparsable };
    let Some(exponent) = power(letter) else { return Amount::Unparsable };
    let lower = letter.chars().all(|c| c.is_ascii_lowercase());
    let bytes = match rest {
        "B" if !lower || letter == "k" => times(1_000i64.pow(exponent)),
        "b" => times(1_000i64.pow(exponent)),
        "iB" if !lower || letter == "k" => times(1i64 << (10 * exponent)),
        "ib" if lower => times(1i64 << (10 * exponent)),
        "IB" if !lower => times(1i64 << (10 * exponent)),
        _ => return Amount::Unparsable,
    };
    if exponent > 3 { Amount::Since313(bytes) } else { Amount::Bytes(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_depend_on_the_version() {
        assert_eq!(amount("50"), Amount::Bytes(50));
        assert_eq!(amount("2GB"), Amount::Bytes(2_000_000_000));
        assert_eq!(amount("2GiB"), Amount::Bytes(2 << 30));
        assert_eq!(amount("4G"), Amount::Ambiguous(4 << 30, 4_000_000_000));
        assert_eq!(amount("2Gi"), Amount::Since313(2 << 30));
        assert_eq!(amount("900TB"), Amount::Since313(900_000_000_000_000));
        for never in ["2 GB", "1.5GB", "2T", "2mi", "2gi", "lots", "mB", "1giB"] {
            assert_eq!(amount(never), Amount::Unparsable, "{never}");
        }
    }
}
