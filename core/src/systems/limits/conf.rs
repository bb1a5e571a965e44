//! `limits.conf` and files of `limits.d`, as pam_limits reads them.

use std::collections::BTreeMap;

use crate::facts::kinds::host::limit;
use crate::facts::{Fact, Said, Value};
use crate::nearest::nearest;
use crate::source::{Source, Span, View};
use crate::syntax::template;
use crate::systems::{FileKind, Match, Reading};

/// Limits of users.
pub static LIMITS_CONF: FileKind = FileKind {
    name: "limits.conf",
    doc: "Limits of users: limits.conf and files of limits.d.",
    recognise,
    read,
};

/// Resources that limits.conf(5) names.
const ITEMS: &[&str] = &[
    "as",
    "chroot",
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "maxlogins",
    "maxsyslogins",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nonewprivs",
    "nproc",
    "priority",
    "rss",
    "rtprio",
    "sigpending",
    "stack",
];

const KINDS: &[&str] = &["soft", "hard", "-"];

/// Users that distributions' packages run a server under, as a systemd service.
const SERVICE_USERS: &[&str] = &[
    "rabbitmq",
    "postgres",
    "mysql",
    "nginx",
    "haproxy",
    "redis",
    "valkey",
    "mongodb",
    "mongod",
    "kafka",
    "zookeeper",
    "etcd",
    "envoy",
    "pgbouncer",
    "elasticsearch",
    "cassandra",
    "activemq",
    "mosquitto",
    "nats",
    "www-data",
];

/// A file is recognised by so many bytes at its start.
const SEARCHED: usize = 32 * 1024;

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    // A drop-in of a unit may be named after what it sets.
    if source.directory().ends_with(".service.d") {
        return Match::No;
    }
    if name == "limits.conf" || source.name.contains("limits.d/") && name.ends_with(".conf") {
        return Match::Sure;
    }
    if !name.contains("limits") || !name.contains(".conf") {
        return Match::No;
    }
    let text = source.text.get(..crate::source::floor_boundary(&source.text, SEARCHED)).unwrap_or_default();
    let fits = text.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.len() == 4 && KINDS.contains(&words[1]) && ITEMS.contains(&words[2])
    });
    if fits { Match::Likely } else { Match::No }
}

struct Line {
    fact: Fact,
    key: (String, String),
    kind: String,
    value: Option<i64>,
    at: Option<Span>,
}

fn read(view: &View<'_>, out: &mut Reading) {
    let text = view.text.as_ref();
    let is_template = template::detect(text).is_some();
    let mut lines = Vec::new();
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let from = start;
        start += raw.len();
        // A `#` starts a comment wherever it stands.
        let line = raw.split('#').next().unwrap_or_default();
        if line.trim().is_empty() || is_template && template::is_control_line(raw) {
            continue;
        }
        lines.extend(entry(view, from, line));
    }
    link(&mut lines);
    for line in lines {
        out.facts.add(line.fact);
    }
}

fn entry(view: &View<'_>, from: usize, line: &str) -> Option<Line> {
    let mut words: Vec<(&str, Span)> = Vec::new();
    let mut at = 0;
    // Template constructs may hold blanks; they are one word.
    while let Some(rest) = line.get(at..).filter(|r| !r.trim_start().is_empty()) {
        at += rest.len() - rest.trim_start().len();
        let rest = line.get(at..)?;
        let end = template::construct(rest)
            .unwrap_or_else(|| rest.find(char::is_whitespace).unwrap_or(rest.len()))
            .clamp(1, rest.len());
        words.push((rest.get(..end)?, view.span(from + at..from + at + end)));
        at += end;
    }
    let first = words.first()?.1;
    let span = words.iter().fold(first, |s, w| s.to(w.1));
    let mut fact = Fact::new(&limit::KIND, span);
    fact.derive(limit::fields, Value::Int(words.len() as i64));
    let word = |i: usize| words.get(i).copied();
    let (domain, domain_at) = word(0)?;
    fact.write(limit::domain, Value::text(domain), domain_at);
    if SERVICE_USERS.contains(&domain) {
        fact.derive(limit::service_user, Value::text(domain));
    }
    let mut problem: Option<(&str, Span, Option<&str>)> = None;
    let mut note = |what, at, meant| problem = problem.or(Some((what, at, meant)));
    if words.len() != 4 {
        // `user -` alone switches every limit off for a user, and is right.
        if !(words.len() == 2 && word(1).is_some_and(|w| w.0 == "-")) {
            note("fields", span, None);
        }
    }
    let bare_uid = domain.bytes().all(|b| b.is_ascii_digit());
    if bare_uid || domain.contains(',') || domain.contains('=') {
        note("domain", domain_at, None);
    }
    let mut kind = String::new();
    if let Some((text, at)) = word(1) {
        kind = text.to_ascii_lowercase();
        fact.write(limit::kind, Value::text(&kind), at);
        if words.len() == 4 && !KINDS.contains(&kind.as_str()) {
            note("type", at, nearest(text, KINDS.iter().copied()));
        }
    }
    let mut item = String::new();
    if let Some((text, at)) = word(2) {
        item = text.to_ascii_lowercase();
        fact.write(limit::item, Value::text(&item), at);
        if words.len() == 4 && !ITEMS.contains(&item.as_str()) && !text.contains(['{', '<', '$']) {
            note("item", at, nearest(text, ITEMS.iter().copied()));
        }
    }
    let mut number = None;
    if let Some((text, at)) = word(3) {
        fact.write(limit::written, Value::text(text), at);
        let unlimited =
            matches!(text, "unlimited" | "infinity" | "-1") && !matches!(item.as_str(), "nice" | "priority");
        fact.write(limit::unlimited, Value::Bool(unlimited), at);
        let sign = usize::from(text.starts_with('-'));
        let digits = text.get(sign..)?.find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |d| d + sign);
        number = text.get(..digits)?.parse::<i64>().ok().filter(|_| !unlimited);
        if let Some(n) = number {
            fact.write(limit::value, Value::Int(n), at);
        }
        let suffix = text.get(digits..).unwrap_or_default();
        let dynamic = text.contains(['{', '<', '$']);
        if number.is_some() && !suffix.is_empty() && !dynamic {
            fact.write(limit::suffix, Value::text(suffix), at);
        } else if number.is_none() && !unlimited && !dynamic && item != "chroot" {
            note("value", at, None);
        }
    }
    if let Some((what, at, meant)) = problem {
        fact.write(limit::problem, Value::text(what), at);
        if let Some(meant) = meant {
            fact.derive(limit::meant, Value::text(meant));
        }
    }
    let at = word(3).map(|w| w.1);
    Some(Line { fact, key: (domain.to_owned(), item), kind, value: number, at })
}

/// Sets each soft limit beside its hard one, and each line beside the later one that replaces it.
fn link(lines: &mut [Line]) {
    type Key = (String, String);
    let mut hard: BTreeMap<Key, (i64, Option<Span>)> = BTreeMap::new();
    let mut last: BTreeMap<(Key, String), (i64, Option<Span>)> = BTreeMap::new();
    for line in lines.iter() {
        let Some(value) = line.value else { continue };
        if matches!(line.kind.as_str(), "hard" | "-") {
            hard.insert(line.key.clone(), (value, line.at));
        }
    }
    let said = |(value, at): (i64, Option<Span>)| match at {
        Some(at) => Said::written(Value::Int(value), at),
        None => Said::derived(Value::Int(value), None),
    };
    for line in lines.iter_mut().rev() {
        if line.kind == "soft"
            && let Some(&found) = hard.get(&line.key)
        {
            line.fact.set(limit::hard, said(found));
        }
        let Some(value) = line.value else { continue };
        match last.get(&(line.key.clone(), line.kind.clone())) {
            Some(&later) if later.0 != value => drop(line.fact.set(limit::replaced_by, said(later))),
            Some(_) => {}
            None => drop(last.insert((line.key.clone(), line.kind.clone()), (value, line.at))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Field;
    use crate::source::FileId;

    fn shown(text: &str, field: Field) -> Vec<String> {
        let source = Source::new("limits.conf", text);
        let mut out = Reading::default();
        read(&View::whole(FileId(0), &source), &mut out);
        out.facts.of(&limit::KIND).map(|(_, f)| f.get(field).map_or("-".into(), Said::shown)).collect()
    }

    #[test]
    fn lines_that_are_ignored_are_told_from_those_that_count() {
        for (line, problem, suffix) in [
            ("rabbitmq - nofile 65536", "-", "-"),
            ("* soft nofile 64k # many", "-", "k"),
            ("* nofile 65536", "fields", "-"),
            ("* - nofile = 65536", "fields", "-"),
            ("a,b - nofile 5", "domain", "-"),
            ("65534 - nofile 5", "domain", "-"),
            (":65534 - nofile 5", "-", "-"),
            ("* sofd nofile 5", "type", "-"),
            ("* soft nofiles 5", "item", "-"),
            ("* soft NOFILE unlimited", "-", "-"),
            ("* soft nofile many", "value", "-"),
            ("root -", "-", "-"),
            ("a soft priority -11", "-", "-"),
            ("rabbitmq soft nofile <%= @file_limit %>", "-", "-"),
        ] {
            assert_eq!(
                (shown(line, limit::problem).concat(), shown(line, limit::suffix).concat()),
                (problem.into(), suffix.into()),
                "{line}"
            );
        }
    }

    #[test]
    fn soft_limits_meet_their_hard_ones() {
        let text = "a soft nofile 9000\na hard nofile 4000\nb soft nofile 5\na soft nofile 100\n";
        assert_eq!(shown(text, limit::hard), ["4000", "-", "-", "4000"]);
        assert_eq!(shown(text, limit::replaced_by), ["100", "-", "-", "-"]);
    }

    #[test]
    fn hostile_lines_are_read() {
        for text in
            ["{{", "<% ", "- - - -", "\u{fffd} é - 9", "99999999999999999999 - nofile 99999999999999999999"]
        {
            let _ = shown(&format!("{}\n", text.repeat(500)), limit::fields);
        }
    }
}
