//! RabbitMQ's release series, how long they are supported, and the Erlang/OTP releases they run on.
//!
//! Support dates: rabbitmq-website, docusaurus.config.js (releaseBranches; without a date of its own a series ends
//! with the month in which the next appeared), and Makefile `release_series_eol_date` at the tags of 3.9, 3.10 and
//! 3.12. Erlang versions: <https://www.rabbitmq.com/docs/which-erlang>. Both as of August 2026.

use crate::facts::kinds::rabbitmq::{erlang, release};
use crate::facts::{Fact, Said, Value, Version, parse_time};
use crate::source::Span;

/// A release series.
#[derive(Debug)]
pub struct Series {
    /// Major and minor number.
    pub name: &'static str,
    /// The day community support ended or ends.
    pub community: &'static str,
    /// The day commercial support ends; empty if there was none beyond the community's.
    pub commercial: &'static str,
}

const fn series(name: &'static str, community: &'static str, commercial: &'static str) -> Series {
    Series { name, community, commercial }
}

/// The series, oldest first.
pub static SERIES: [Series; 10] = [
    series("3.8", "2022-07-31", ""),
    series("3.9", "2023-01-31", "2023-07-31"),
    series("3.10", "2023-07-31", "2023-12-31"),
    series("3.11", "2023-12-31", "2024-06-30"),
    series("3.12", "2024-02-29", "2025-06-30"),
    series("3.13", "2024-09-30", "2029-12-31"),
    series("4.0", "2025-04-30", "2026-09-30"),
    series("4.1", "2026-01-31", "2027-04-30"),
    series("4.2", "2026-07-31", "2030-06-30"),
    series("4.3", "2026-11-30", "2028-04-30"),
];

/// First patch of a series, and the lowest and highest Erlang/OTP version it supports from there on.
type ErlangRow = ([u32; 3], &'static str, &'static str);

/// A highest version with two numbers stands for all its patches.
static ERLANG: [ErlangRow; 26] = [
    ([3, 8, 0], "21.3", "22"),
    ([3, 8, 4], "21.3", "23"),
    ([3, 8, 9], "22.3", "23"),
    ([3, 8, 16], "23.2", "24.2"),
    ([3, 8, 29], "23.2", "24.3"),
    ([3, 9, 0], "23.2", "24.2"),
    ([3, 9, 15], "23.3", "24.3"),
    ([3, 9, 22], "24.2", "24.3"),
    ([3, 9, 28], "24.3.4.2", "25.2"),
    ([3, 10, 0], "23.2", "24.3"),
    ([3, 10, 5], "23.2", "25.2"),
    ([3, 10, 8], "24.2", "25.2"),
    ([3, 10, 14], "24.3", "25.2"),
    ([3, 10, 19], "24.3.4.8", "25.3"),
    ([3, 11, 0], "25.0", "25.3"),
    ([3, 12, 0], "25.0", "26.0"),
    ([3, 12, 5], "25.0", "26.1"),
    ([3, 12, 10], "25.0", "26.2"),
    ([3, 13, 0], "26.0", "26.2"),
    ([4, 0, 1], "26.2", "26.2"),
    ([4, 0, 4], "26.2", "27"),
    ([4, 1, 0], "26.2", "27"),
    ([4, 2, 0], "26.2", "27"),
    ([4, 2, 9], "27.0", "27"),
    ([4, 3, 0], "26.2", "27"),
    ([4, 3, 3], "27.0", "27"),
];

/// The index of a version's series in [`SERIES`].
pub fn series_of(version: Version) -> Option<usize> {
    let name = version.series();
    (version.written > 1).then(|| SERIES.iter().position(|s| s.name == name))?
}

/// The lowest and highest Erlang/OTP version that a RabbitMQ release supports. A version without patch stands for the
/// whole series: the lowest of its first and the highest of its last release.
pub fn erlang_range(version: Version) -> Option<(&'static str, &'static str)> {
    if version.written < 2 {
        return None;
    }
    let of_series = |row: &&ErlangRow| row.0[..2] == version.parts[..2];
    let mut rows = ERLANG.iter().filter(of_series);
    if version.written == 2 {
        let first = rows.next()?;
        return Some((first.1, rows.next_back().unwrap_or(first).2));
    }
    rows.rfind(|row| row.0[2] <= version.parts[2]).map(|row| (row.1, row.2))
}

/// Whether an Erlang/OTP version lies in a range of [`erlang_range`].
pub fn erlang_fits(version: Version, (min, max): (&str, &str)) -> Option<bool> {
    let (min, max) = (Version::parse(min)?, Version::parse(max)?);
    // What is not written of a version cannot be outside.
    let written = usize::from(version.written);
    let low = version.parts[..written].cmp(&min.parts[..written]).is_ge();
    let compared = written.min(usize::from(max.written));
    let high = version.parts[..compared].cmp(&max.parts[..compared]).is_le();
    Some(low && high)
}

/// A fact for a RabbitMQ version that a file names.
pub fn release(written: &str, origin: &str, span: Span) -> Option<Fact> {
    let version = Version::parse(written)?;
    let mut fact = Fact::new(&release::KIND, span);
    fact.write(release::version, Value::Version(version), span);
    fact.write(release::written, Value::text(written), span);
    fact.derive(release::origin, Value::text(origin));
    fact.derive(release::floating, Value::Bool(false));
    if version.written > 1 {
        fact.derive(release::series, Value::text(version.series()));
    }
    if let Some(series) = series_of(version).and_then(|at| SERIES.get(at)) {
        for (field, date) in
            [(release::supported_until, series.community), (release::commercial_until, series.commercial)]
        {
            if let Some(time) = parse_time(date) {
                fact.set(field, Said::default(Value::Time(time), "rabbitmq.com"));
            }
        }
    }
    Some(fact)
}

/// Image names that carry RabbitMQ and its version in their tag.
const IMAGES: [&str; 5] = [
    "rabbitmq",
    "library/rabbitmq",
    "bitnami/rabbitmq",
    "bitnamilegacy/rabbitmq",
    "rabbitmqoperator/default-rabbitmq",
];

/// A fact for a container image reference, if it is RabbitMQ's: `rabbitmq:3.13-management`,
/// `docker.io/bitnami/rabbitmq:4.1.2`.
pub fn from_image(reference: &str, span: Span) -> Option<Fact> {
    let reference = reference.split('@').next().unwrap_or_default();
    let (name, tag) = match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, "latest"),
    };
    let last: Vec<&str> = name.split('/').collect();
    let short = match last.as_slice() {
        [one] => (*one).to_owned(),
        [.., owner, image] if owner.contains(['.', ':']) => (*image).to_owned(),
        [.., owner, image] => format!("{owner}/{image}"),
        [] => return None,
    };
    if !IMAGES.contains(&short.as_str()) {
        return None;
    }
    if let Some(fact) = release(tag, "image", span) {
        return Some(fact);
    }
    let floating = ["latest", "management", "alpine", "management-alpine"].contains(&tag);
    if !floating {
        return None;
    }
    let mut fact = Fact::new(&release::KIND, span);
    fact.write(release::written, Value::text(tag), span);
    fact.derive(release::origin, Value::text("image"));
    fact.derive(release::floating, Value::Bool(true));
    Some(fact)
}

/// A fact for an Erlang/OTP version that a file names.
pub fn erlang(written: &str, origin: &str, span: Span) -> Option<Fact> {
    let version = Version::parse(written.trim_start_matches("OTP-"))?;
    let mut fact = Fact::new(&erlang::KIND, span);
    fact.write(erlang::version, Value::Version(version), span);
    fact.write(erlang::written, Value::text(written), span);
    fact.derive(erlang::origin, Value::text(origin));
    Some(fact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn erlang_versions_are_judged_by_the_matrix() {
        let cases = [
            ("4.3.5", "26.2", false),
            ("4.3.5", "27.3", true),
            ("4.3.5", "28.0", false),
            ("4.0.1", "27.0", false),
            ("4.0.4", "27.0", true),
            ("3.13.7", "26.2.5", true),
            ("3.13", "25.3", false),
            ("3.10.8", "25.2.3", true),
            ("3.12.0", "26.1", false),
            ("4.1", "26", true),
        ];
        for (rabbit, otp, fits) in cases {
            let range = erlang_range(version(rabbit)).unwrap();
            assert_eq!(erlang_fits(version(otp), range), Some(fits), "RabbitMQ {rabbit} on Erlang {otp}");
        }
        assert_eq!(erlang_range(version("5.0")), None);
    }

    #[test]
    fn every_series_has_an_end_and_an_erlang_range() {
        for series in &SERIES {
            assert!(parse_time(series.community).is_some(), "{}", series.name);
            assert!(
                series.commercial.is_empty() || parse_time(series.commercial).is_some(),
                "{}",
                series.name
            );
            assert!(erlang_range(version(series.name)).is_some(), "{}", series.name);
        }
    }

    #[test]
    fn image_names_give_the_version() {
        let span = Span::new(FileId(0), 0, 0);
        let cases = [
            ("rabbitmq:3.13-management", Some("3.13")),
            ("docker.io/library/rabbitmq:4.1.2-alpine", Some("4.1.2")),
            ("docker.io/bitnami/rabbitmq:4.1", Some("4.1")),
            ("registry.example.com:5000/rabbitmq:3.10", Some("3.10")),
            ("rabbitmq@sha256:0123", None),
        ];
        for (image, wanted) in cases {
            let fact = from_image(image, span).unwrap_or_else(|| panic!("{image}"));
            let found = fact.get(release::version).map(|s| s.value.to_string());
            assert_eq!(found.as_deref(), wanted, "{image}");
        }
        for other in ["redis:7", "acme/rabbitmq-exporter:1.0", "myteam/rabbitmq:17", "rabbitmq:3.13-alpin/x"]
        {
            assert!(from_image(other, span).is_none(), "{other}");
        }
    }
}
