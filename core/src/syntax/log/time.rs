//! Moments as programs write them at the head of a log's lines.

use crate::calendar::days_from_civil;

/// A moment read from a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Milliseconds: since 1970 when `absolute`, else since a moment that the stamps of one form share.
    pub millis: i64,
    /// True if the date is there with its year.
    pub absolute: bool,
    /// How many bytes it takes.
    pub len: usize,
}

const DAY: i64 = 86_400_000;

/// A year with a 29th of February, for dates that say none.
const YEAR_UNSAID: i64 = 1972;

struct Cursor<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|b| set.contains(b))?;
        self.at += 1;
        Some(byte)
    }

    /// A number of `least` to `most` digits.
    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let mut n = 0;
        let start = self.at;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit)
            && self.at - start < most
        {
            n = n * 10 + i64::from(digit - b'0');
            self.at += 1;
        }
        (self.at - start >= least).then_some(n)
    }

    fn within(&mut self, least: usize, most: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        self.number(least, most).filter(|n| range.contains(n))
    }

    fn month(&mut self) -> Option<i64> {
        const MONTHS: [&[u8]; 12] =
            [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
        let word = self.bytes.get(self.at..self.at + 3)?;
        let index = MONTHS.iter().position(|m| *m == word)?;
        self.at += 3;
        Some(index as i64 + 1)
    }

    /// `hh:mm:ss` with a fraction or without.
    fn clock(&mut self) -> Option<i64> {
        let hours = self.within(1, 2, 0..=23)?;
        self.one_of(b":")?;
        let minutes = self.within(2, 2, 0..=59)?;
        self.one_of(b":")?;
        let seconds = self.within(2, 2, 0..=60)?;
        let mut millis = 0;
        if matches!(self.peek(), Some(b'.' | b','))
            && self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit)
        {
            self.at += 1;
            let mut unit = 100;
            while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
                millis += i64::from(digit - b'0') * unit;
                unit /= 10;
                self.at += 1;
            }
        }
        Some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis)
    }

    /// Milliseconds east of UTC: `Z`, `+01:00`, ` +0100`; none is taken for UTC, which alters no difference.
    fn zone(&mut self) -> i64 {
        let before = self.at;
        if self.peek() == Some(b'Z') {
            self.at += 1;
            return 0;
        }
        if self.peek() == Some(b' ') {
            self.at += 1;
        }
        let offset = (|| {
            let sign = if self.one_of(b"+-")? == b'+' { 1 } else { -1 };
            let hours = self.within(2, 2, 0..=14)?;
            self.one_of(b":");
            let minutes = self.within(2, 2, 0..=59)?;
            Some(sign * (hours * 60 + minutes) * 60_000)
        })();
        if offset.is_none() {
            self.at = before;
        }
        offset.unwrap_or_default()
    }

    fn stamp(&self, year: Option<i64>, month: i64, day: i64, clock: i64, zone: i64) -> Stamp {
        let days = days_from_civil(year.unwrap_or(YEAR_UNSAID), month, day);
        Stamp { millis: days * DAY + clock - zone, absolute: year.is_some(), len: self.at }
    }
}

/// Reads the moment that a text begins with.
pub fn stamp(text: &str) -> Option<Stamp> {
    // No form is longer; longer numbers are no times.
    const LONGEST: usize = 48;
    let bytes = text.as_bytes();
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    let read = |form: fn(&mut Cursor<'_>) -> Option<Stamp>| form(&mut Cursor { bytes, at: 0 });
    match bytes.first()? {
        b'0'..=b'9' => read(year_first).or_else(|| read(day_first)).or_else(|| read(clock_only)),
        b'I' | b'W' | b'E' | b'F' => read(klog).or_else(|| read(month_first)),
        b'A'..=b'Z' => read(month_first),
        b'[' => read(since_boot),
        _ => None,
    }
}

/// `2024-01-01 12:00:00.123456+00:00`, `2024/01/01 12:00:00`, `2024-01-01T12:00:00Z`.
fn year_first(c: &mut Cursor<'_>) -> Option<Stamp> {
    let year = c.number(4, 4)?;
    let separator = c.one_of(b"-/.")?;
    let month = c.within(2, 2, 1..=12)?;
    c.one_of(&[separator])?;
    let day = c.within(2, 2, 1..=31)?;
    c.one_of(b" T_")?;
    let clock = c.clock()?;
    let zone = c.zone();
    Some(c.stamp(Some(year), month, day, clock, zone))
}

/// `1-Jan-2020::12:00:00`, `25/Nov/2026:12:00:00.123 +0000`, `25 Nov 2026 12:00:00.123`.
fn day_first(c: &mut Cursor<'_>) -> Option<Stamp> {
    let day = c.within(1, 2, 1..=31)?;
    let separator = c.one_of(b"-/ ")?;
    let month = c.month()?;
    c.one_of(&[separator])?;
    let year = c.number(4, 4)?;
    c.one_of(b": ")?;
    c.one_of(b":");
    let clock = c.clock()?;
    let zone = c.zone();
    Some(c.stamp(Some(year), month, day, clock, zone))
}

/// `Nov 25 12:00:00`, `Wed Nov 25 12:00:00 2026`.
fn month_first(c: &mut Cursor<'_>) -> Option<Stamp> {
    if c.bytes.get(3) == Some(&b' ') && c.bytes.get(..3).is_some_and(|d| DAYS.contains(&d)) {
        c.at = 4;
    }
    let month = c.month()?;
    c.one_of(b" ")?;
    c.one_of(b" ");
    let day = c.within(1, 2, 1..=31)?;
    c.one_of(b" ")?;
    let clock = c.clock()?;
    let before = c.at;
    let year =
        c.one_of(b" ").and_then(|_| c.number(4, 4)).filter(|_| !c.peek().is_some_and(|b| b.is_ascii_digit()));
    if year.is_none() {
        c.at = before;
    }
    Some(c.stamp(year, month, day, clock, 0))
}

const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// Kubernetes' programs: `E1125 12:00:00.123456`.
fn klog(c: &mut Cursor<'_>) -> Option<Stamp> {
    c.one_of(b"IWEF")?;
    let month = c.within(2, 2, 1..=12)?;
    let day = c.within(2, 2, 1..=31)?;
    c.one_of(b" ")?;
    let clock = c.clock()?;
    Some(c.stamp(None, month, day, clock, 0))
}

/// `12:00:00.123`.
fn clock_only(c: &mut Cursor<'_>) -> Option<Stamp> {
    let clock = c.clock()?;
    Some(Stamp { millis: clock, absolute: false, len: c.at })
}

/// The kernel: `[12345.678901]`.
fn since_boot(c: &mut Cursor<'_>) -> Option<Stamp> {
    c.one_of(b"[")?;
    while c.one_of(b" ").is_some() {}
    let seconds = c.number(1, 10)?;
    c.one_of(b".")?;
    let micros = c.within(6, 6, 0..=999_999)?;
    c.one_of(b"]")?;
    Some(Stamp { millis: seconds * 1_000 + micros / 1_000, absolute: false, len: c.at })
}

/// The moment that a number of seconds or milliseconds since 1970 stands for, when it is one of this century.
pub(super) fn epoch(text: &str) -> Option<Stamp> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let whole: i64 = text.get(..digits)?.parse().ok()?;
    let fraction = text.get(digits..)?.strip_prefix('.').unwrap_or_default();
    let thousandths: String =
        fraction.chars().take_while(char::is_ascii_digit).chain("000".chars()).take(3).collect();
    let millis = match digits {
        10 => whole * 1_000 + thousandths.parse::<i64>().ok()?,
        13 => whole,
        _ => return None,
    };
    Some(Stamp { millis, absolute: true, len: digits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_tells_its_moment() {
        // 2026-11-25 12:00:00 UTC.
        const NOON: i64 = 1_795_608_000_000;
        let absolute = [
            ("2026-11-25 12:00:00.123456+00:00 [error] <0.1.0> x", NOON + 123, 32),
            ("2026-11-25 13:00:00.5+01:00", NOON + 500, 27),
            ("2026-11-25T12:00:00Z x", NOON, 20),
            ("2026-11-25 12:00:00,250 WARN", NOON + 250, 23),
            ("2026/11/25 12:00:00 [error]", NOON, 19),
            ("25-Nov-2026::12:00:00 ===", NOON, 21),
            ("25-Nov-2026::12:00:00.454863 ===", NOON + 454, 28),
            ("25/Nov/2026:12:00:00.007] x", NOON + 7, 24),
            ("25/Nov/2026:11:00:00 -0100] x", NOON, 26),
            ("25 Nov 2026 12:00:00.100 # x", NOON + 100, 24),
            ("Wed Nov 25 12:00:00 2026 x", NOON, 24),
        ];
        for (text, millis, len) in absolute {
            assert_eq!(stamp(text), Some(Stamp { millis, absolute: true, len }), "{text}");
        }
        assert_eq!(epoch("1795608000.25}").map(|s| s.millis), Some(NOON + 250));
        assert_eq!(epoch("1795608000250,").map(|s| s.millis), Some(NOON + 250));
    }

    #[test]
    fn forms_without_a_year_keep_their_distances() {
        for (early, late) in [
            ("Nov 25 12:00:00 mq", "Nov 25 12:01:00 mq"),
            ("Nov  5 12:00:00", "Nov  5 12:01:00"),
            ("E1125 12:00:00.000000", "E1125 12:01:00.000000"),
            ("12:00:00.000", "12:01:00.000"),
            ("[   60.000000] x", "[  120.000000] x"),
        ] {
            let (a, b) = (stamp(early).unwrap(), stamp(late).unwrap());
            assert_eq!((b.millis - a.millis, a.absolute), (60_000, false), "{early}");
        }
    }

    #[test]
    fn what_is_no_moment_is_left_alone() {
        for text in [
            "",
            "2026",
            "2026-13-01 00:00:00",
            "10.0.3.7:5672",
            "Error",
            "25:00:00",
            "2026-11-25",
            "[info]",
            "Info",
        ] {
            assert_eq!(stamp(text), None, "{text}");
        }
    }
}
