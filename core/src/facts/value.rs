//! Values of facts, with their units in the type.

use std::fmt;
use std::sync::Arc;

use super::FactId;
use crate::calendar::{civil_from_days, days_from_civil};
use crate::source::Span;

/// The type of a fact's field. Conditions are checked against it when a rule is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number without unit.
    Int,
    /// A number with a fraction.
    Float,
    /// A text.
    Text,
    /// A span of time, in milliseconds.
    Duration,
    /// An amount of data, in bytes.
    Size,
    /// A moment, in seconds since 1970-01-01 UTC.
    Time,
    /// A program's version.
    Version,
    /// Another fact of this kind (see [`super::Kind::name`]).
    Record(&'static str),
    /// Several values.
    List(&'static Type),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("float"),
            Type::Text => f.write_str("text"),
            Type::Duration => f.write_str("duration"),
            Type::Size => f.write_str("size"),
            Type::Time => f.write_str("time"),
            Type::Version => f.write_str("version"),
            Type::Record(kind) => f.write_str(kind),
            Type::List(item) => write!(f, "list of {item}"),
        }
    }
}

/// A program's version: up to three numbers. `4.1` stands for the series: it compares equal to none of its patches
/// but orders before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Major, minor, patch.
    pub parts: [u32; 3],
    /// How many of them were written, 1 to 3.
    pub written: u8,
}

impl Version {
    /// Reads the leading `N[.N[.N]]` of a text (a leading `v` is skipped); what follows must not be a digit.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.trim().trim_start_matches(['v', 'V']);
        let mut parts = [0; 3];
        let mut written = 0;
        let mut rest = text;
        while written < 3 {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let Ok(number) = rest[..digits].parse() else { break };
            parts[written] = number;
            written += 1;
            rest = &rest[digits..];
            match rest.strip_prefix('.') {
                Some(more) if more.starts_with(|c: char| c.is_ascii_digit()) => rest = more,
                _ => break,
            }
        }
        (written > 0).then_some(Version { parts, written: written as u8 })
    }

    /// `major.minor`, the series that release and support dates are given for.
    pub fn series(self) -> String {
        format!("{}.{}", self.parts[0], self.parts[1])
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts.iter().take(self.written as usize).enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// See [`Type::Bool`].
    Bool(bool),
    /// See [`Type::Int`].
    Int(i64),
    /// See [`Type::Float`].
    Float(f64),
    /// See [`Type::Text`].
    Text(Arc<str>),
    /// See [`Type::Duration`].
    Duration(i64),
    /// See [`Type::Size`].
    Size(i64),
    /// See [`Type::Time`].
    Time(i64),
    /// See [`Type::Version`].
    Version(Version),
    /// See [`Type::Record`].
    Record(FactId),
    /// See [`Type::List`].
    List(Vec<Said>),
}

impl Value {
    /// A text value.
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(text.as_ref().into())
    }

    /// True if a value of this sort may stand in a field of type `ty`.
    pub fn fits(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Value::Bool(_), Type::Bool)
            | (Value::Int(_), Type::Int)
            | (Value::Float(_), Type::Float)
            | (Value::Text(_), Type::Text)
            | (Value::Duration(_), Type::Duration)
            | (Value::Size(_), Type::Size)
            | (Value::Time(_), Type::Time)
            | (Value::Version(_), Type::Version)
            | (Value::Record(_), Type::Record(_)) => true,
            (Value::List(items), Type::List(item)) => items.iter().all(|i| i.value.fits(item)),
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    /// For people: units are said, and chosen so that the number stays short and exact.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(b) => write!(f, "{b}"),
            Value::Int(n) => write!(f, "{n}"),
            Value::Float(n) => write!(f, "{n}"),
            Value::Text(t) => f.write_str(t),
            Value::Duration(ms) => f.write_str(&show_duration(*ms)),
            Value::Size(bytes) => f.write_str(&show_size(*bytes)),
            Value::Time(seconds) => f.write_str(&show_time(*seconds)),
            Value::Version(v) => write!(f, "{v}"),
            Value::Record(_) => f.write_str("(fact)"),
            Value::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    f.write_str(&item.shown())?;
                }
                Ok(())
            }
        }
    }
}

/// A duration in milliseconds with the largest unit that keeps it a whole number; from two minutes on seconds are
/// left only where they are needed.
pub fn show_duration(ms: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    if ms == 0 {
        return "0 s".into();
    }
    for (unit, name) in UNITS {
        let least = if name == "s" || name == "h" { 1 } else { 2 };
        if ms % unit == 0 && (ms / unit).abs() >= least {
            return format!("{} {name}", ms / unit);
        }
    }
    if ms.abs() >= 1_000 && ms % 100 == 0 {
        return format!("{}.{} s", ms / 1_000, (ms % 1_000 / 100).abs());
    }
    format!("{ms} ms")
}

/// An amount of bytes with the binary or decimal unit that keeps it exact, else in bytes.
pub fn show_size(bytes: i64) -> String {
    const UNITS: [(i64, &str); 8] = [
        (1 << 40, "TiB"),
        (1_000_000_000_000, "TB"),
        (1 << 30, "GiB"),
        (1_000_000_000, "GB"),
        (1 << 20, "MiB"),
        (1_000_000, "MB"),
        (1 << 10, "KiB"),
        (1_000, "kB"),
    ];
    if bytes != 0 {
        for (unit, name) in UNITS {
            if bytes % unit == 0 {
                return format!("{} {name}", bytes / unit);
            }
        }
        for (unit, name) in UNITS {
            // A tenth is exact enough to be read and short enough to be said.
            if unit.count_ones() == 1 && bytes.abs() >= unit && (bytes % unit * 10) % unit == 0 {
                return format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit);
            }
        }
    }
    if bytes == 1 { "1 byte".into() } else { format!("{bytes} bytes") }
}

/// A moment as `YYYY-MM-DD hh:mm:ss UTC`, the time of day left out at midnight.
pub fn show_time(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil_from_days(days);
    if rest == 0 {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    let (h, m, s) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02} {h:02}:{m:02}:{s:02} UTC")
}

/// Seconds since 1970 of an RFC 3339 date or date and time, `None` if it is neither.
pub fn parse_time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |r: std::ops::Range<usize>| text.get(r)?.parse::<i64>().ok();
    if !text.is_ascii() || bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = days_from_civil(year, month, day) * 86_400;
    if bytes.len() == 10 {
        return Some(date);
    }
    if bytes.len() < 20 || !matches!(bytes[10], b'T' | b't' | b' ') || bytes[13] != b':' || bytes[16] != b':'
    {
        return None;
    }
    let (h, m, s) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if h > 23 || m > 59 || s > 60 {
        return None;
    }
    let zone = text[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let minutes = zone[1..3].parse::<i64>().ok()? * 60 + zone[4..6].parse::<i64>().ok()?;
            if *sign == b'+' { minutes * 60 } else { -minutes * 60 }
        }
        _ => return None,
    };
    Some(date + h * 3_600 + m * 60 + s - offset)
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is written at this place.
    Written(Span),
    /// Nobody said it; the program named here uses it (`"pika"`, `"RabbitMQ 4.1"`).
    Default(Arc<str>),
    /// It follows from something written at this place, or from several things.
    Derived(Option<Span>),
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The value.
    pub value: Value,
    /// Where from.
    pub origin: Origin,
    /// A password, token or key: never shown, in any output.
    pub secret: bool,
}

impl Said {
    /// A value written at a place.
    pub fn written(value: Value, span: Span) -> Said {
        Said { value, origin: Origin::Written(span), secret: false }
    }

    /// A value that a program uses when nothing is said.
    pub fn default(value: Value, whose: &str) -> Said {
        Said { value, origin: Origin::Default(whose.into()), secret: false }
    }

    /// A value that follows from what is written.
    pub fn derived(value: Value, span: Option<Span>) -> Said {
        Said { value, origin: Origin::Derived(span), secret: false }
    }

    /// The same, kept out of every output.
    pub fn secret(mut self) -> Said {
        self.secret = true;
        self
    }

    /// The place, if it has one.
    pub fn span(&self) -> Option<Span> {
        match self.origin {
            Origin::Written(span) => Some(span),
            Origin::Derived(span) => span,
            Origin::Default(_) => None,
        }
    }

    /// What may be shown of it.
    pub fn shown(&self) -> String {
        if self.secret { "***".into() } else { self.value.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_chosen_to_stay_exact() {
        let durations = [(0, "0 s"), (500, "500 ms"), (1_500, "1.5 s"), (60_000, "60 s"), (90_000, "90 s")];
        for (ms, shown) in
            durations.into_iter().chain([(120_000, "2 min"), (1_800_000, "30 min"), (3_600_000, "1 h")])
        {
            assert_eq!(show_duration(ms), shown);
        }
        let sizes = [(50, "50 bytes"), (50_000_000, "50 MB"), (131_072, "128 KiB"), (1 << 30, "1 GiB")];
        for (bytes, shown) in sizes.into_iter().chain([(1_610_612_736, "1536 MiB")]) {
            assert_eq!(show_size(bytes), shown);
        }
    }

    #[test]
    fn times_round_trip() {
        for text in ["1970-01-01", "2000-02-29", "2026-11-25 10:00:01 UTC", "1949-12-31 23:59:59 UTC"] {
            let rfc = text.replacen(' ', "T", 1).replace(" UTC", "Z");
            assert_eq!(show_time(parse_time(&rfc).unwrap()), text);
        }
        assert_eq!(parse_time("2026-01-01T01:00:00+01:00"), parse_time("2026-01-01"));
        assert_eq!(parse_time("2026-13-01"), None);
        assert_eq!(parse_time("yesterday"), None);
    }

    #[test]
    fn versions_read_what_image_tags_hold() {
        let tags =
            [("3.13-management", "3.13"), ("v4.1.2", "4.1.2"), ("4", "4"), ("3.10.8-1+deb12u1", "3.10.8")];
        for (tag, shown) in tags {
            assert_eq!(Version::parse(tag).unwrap().to_string(), shown);
        }
        assert_eq!(Version::parse("latest"), None);
        assert!(Version::parse("4.1").unwrap() < Version::parse("4.1.2").unwrap());
    }
}
