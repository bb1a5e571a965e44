//! Units of systemd and drop-ins to them.

use crate::facts::kinds::host::{manager, unit, unit_setting};
use crate::facts::{Fact, Field, Said, Value};
use crate::nearest::nearest;
use crate::source::{Source, Span, View};
use crate::syntax::keyvalue::{self, Pair, dialects};
use crate::systems::{FileKind, Match, Reading};

/// Units of systemd.
pub static SYSTEMD_UNIT: FileKind =
    FileKind { name: "systemd", doc: "A unit of systemd or a drop-in to one.", recognise, read };

/// The manager's own configuration.
pub static SYSTEMD_MANAGER: FileKind = FileKind {
    name: "systemd-manager",
    doc: "The configuration of systemd's manager: system.conf and its drop-ins.",
    recognise: |source| {
        let drop_in = source.directory().ends_with("system.conf.d") && source.base_name().ends_with(".conf");
        let section = source.text.lines().any(|l| l.trim() == "[Manager]");
        if (source.base_name() == "system.conf" || drop_in) && section { Match::Sure } else { Match::No }
    },
    read: read_manager,
};

fn read_manager(view: &View<'_>, out: &mut Reading) {
    let (pairs, notices) = keyvalue::pairs(view, &dialects::SYSTEMD);
    out.notices.extend(notices);
    for pair in pairs.iter().filter(|p| section(p) == "Manager" && p.key.text == "DefaultLimitNOFILE") {
        let Some((soft, hard)) = limit(&pair.value.text) else { continue };
        let at = pair.value.full_span();
        let mut fact = Fact::new(&manager::KIND, pair.span);
        soft.map(|n| fact.write(manager::nofile, Value::Int(n), at));
        hard.map(|n| fact.write(manager::nofile_hard, Value::Int(n), at));
        out.facts.add(fact);
    }
}

/// A file is recognised by so many bytes at its start.
const SEARCHED: usize = 32 * 1024;

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    let stem = name
        .trim_end_matches(".j2")
        .trim_end_matches(".erb")
        .trim_end_matches(".txt")
        .trim_end_matches(".in");
    let drop_in = source.directory().ends_with(".service.d") && name.ends_with(".conf");
    let service = stem.ends_with(".service");
    if !service && !drop_in {
        return Match::No;
    }
    let text = source.text.get(..crate::source::floor_boundary(&source.text, SEARCHED)).unwrap_or_default();
    let section = text.lines().any(|l| matches!(l.trim(), "[Service]" | "[Unit]" | "[Install]"));
    if section { Match::Sure } else { Match::No }
}

/// Keys that decide about connections and are often mistyped, with the section they belong to.
#[rustfmt::skip]
const KEYS: &[(&str, &str)] = &[
    ("After", "Unit"), ("Before", "Unit"), ("BindsTo", "Unit"), ("Conflicts", "Unit"), ("Requires", "Unit"),
    ("Requisite", "Unit"), ("PartOf", "Unit"), ("Wants", "Unit"), ("StartLimitBurst", "Unit"), ("StartLimitIntervalSec", "Unit"),
    ("LimitAS", "Service"), ("LimitCORE", "Service"), ("LimitCPU", "Service"), ("LimitDATA", "Service"),
    ("LimitFSIZE", "Service"), ("LimitLOCKS", "Service"), ("LimitMEMLOCK", "Service"), ("LimitMSGQUEUE", "Service"),
    ("LimitNICE", "Service"), ("LimitNOFILE", "Service"), ("LimitNPROC", "Service"), ("LimitRSS", "Service"),
    ("LimitRTPRIO", "Service"), ("LimitRTTIME", "Service"), ("LimitSIGPENDING", "Service"), ("LimitSTACK", "Service"),
    ("TasksMax", "Service"), ("Restart", "Service"), ("RestartSec", "Service"), ("TimeoutStartSec", "Service"),
    ("TimeoutStopSec", "Service"), ("TimeoutSec", "Service"), ("ExecStart", "Service"), ("User", "Service"), ("Group", "Service"),
];

/// Programs that are servers, by the name of the file that is run.
#[rustfmt::skip]
const SERVERS: &[(&str, &str)] = &[
    ("rabbitmq-server", "rabbitmq"), ("postgres", "postgresql"), ("postmaster", "postgresql"), ("patroni", "postgresql"),
    ("mysqld", "mysql"), ("mariadbd", "mysql"), ("mysqld_safe", "mysql"), ("nginx", "nginx"), ("haproxy", "haproxy"),
    ("envoy", "envoy"), ("redis-server", "redis"), ("valkey-server", "redis"), ("mongod", "mongodb"),
    ("kafka-server-start", "kafka"), ("kafka-server-start.sh", "kafka"), ("zookeeper-server-start.sh", "zookeeper"), ("zkServer.sh", "zookeeper"),
    ("etcd", "etcd"), ("pgbouncer", "pgbouncer"), ("nats-server", "nats"), ("mosquitto", "mosquitto"),
];

fn read(view: &View<'_>, out: &mut Reading) {
    let (pairs, notices) = keyvalue::pairs(view, &dialects::SYSTEMD);
    out.notices.extend(notices);
    let start = view.span(view.trim_range(0..view.text.find('\n').unwrap_or(view.text.len())));
    let head = pairs.first().and_then(|p| p.section.as_ref()).map_or(start, View::full_span);
    let service = pairs.iter().find(|p| section(p) == "Service").and_then(|p| p.section.as_ref());
    let mut fact = Fact::new(&unit::KIND, service.map_or(head, View::full_span));
    for pair in &pairs {
        take(pair, &mut fact);
        let dynamic = pair.value.text.contains("{{") || pair.value.text.contains("<%");
        if !dynamic {
            judge(pair, out);
        }
    }
    order(&pairs, &mut fact);
    out.facts.add(fact);
}

fn section<'p>(pair: &'p Pair<'_>) -> &'p str {
    pair.section.as_ref().map_or("", |s| s.text.as_ref())
}

/// A span of time as systemd reads it: numbers with units, a bare number for seconds.
fn duration(text: &str) -> Option<i64> {
    const UNITS: [(&[&str], i64); 7] = [
        (&["ms", "msec"], 1),
        (&["", "s", "sec", "second", "seconds"], 1_000),
        (&["m", "min", "minute", "minutes"], 60_000),
        (&["h", "hr", "hour", "hours"], 3_600_000),
        (&["d", "day", "days"], 86_400_000),
        (&["w", "week", "weeks"], 604_800_000),
        (&["us", "usec"], 0),
    ];
    let mut rest = text.trim();
    let mut total: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?.trim_start();
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let factor = UNITS.iter().find(|u| u.0.contains(&rest.get(..letters).unwrap_or_default()))?.1;
        total = total.checked_add(number.checked_mul(factor)?)?;
        rest = rest.get(letters..)?.trim_start();
    }
    Some(total)
}

fn list(pair: &Pair<'_>) -> Vec<Said> {
    pair.value
        .text
        .split_whitespace()
        .map(|w| Said::written(Value::text(w), pair.value.full_span()))
        .collect()
}

fn extend(fact: &mut Fact, field: Field, pair: &Pair<'_>) {
    let mut all = match fact.get(field).map(|s| &s.value) {
        Some(Value::List(items)) => items.clone(),
        _ => Vec::new(),
    };
    // A unit names dozens of others at most; the bound keeps repeated keys of a hostile file linear.
    const MOST: usize = 500;
    all.extend(list(pair));
    all.truncate(MOST);
    fact.write(field, Value::List(all), pair.value.full_span());
}

fn take(pair: &Pair<'_>, fact: &mut Fact) {
    let text = pair.value.text.as_ref();
    let at = pair.value.full_span();
    let word = || Value::text(text);
    match (section(pair), pair.key.text.as_ref()) {
        ("Service", "ExecStart") if !text.is_empty() && fact.get(unit::exec).is_none() => {
            fact.write(unit::exec, word(), at);
            let command = text.trim_start_matches(['@', '-', ':', '+', '!', '|']);
            let path = command.split_whitespace().next().unwrap_or_default();
            let program = path.rsplit('/').next().unwrap_or_default();
            fact.write(unit::program, Value::text(program), at);
            if let Some(server) = SERVERS.iter().find(|s| s.0 == program) {
                fact.derive(unit::server, Value::text(server.1));
            }
        }
        ("Service", "User") => drop(fact.write(unit::user, word(), at)),
        ("Service", "Type") => drop(fact.write(unit::service_type, word(), at)),
        ("Service", "Restart") => drop(fact.write(unit::restart, word(), at)),
        ("Service", "RestartSec") => set_duration(fact, unit::restart_delay, text, at),
        ("Service", "TimeoutStartSec") => set_duration(fact, unit::start_timeout, text, at),
        ("Service", "TimeoutStopSec") => set_duration(fact, unit::stop_timeout, text, at),
        ("Service", "TimeoutSec") => {
            set_duration(fact, unit::start_timeout, text, at);
            set_duration(fact, unit::stop_timeout, text, at);
        }
        // systemd still takes the older places and names.
        ("Unit" | "Service", "StartLimitIntervalSec" | "StartLimitInterval") => {
            set_duration(fact, unit::start_limit_interval, text, at);
        }
        ("Unit" | "Service", "StartLimitBurst") => {
            if let Ok(n) = text.parse() {
                fact.write(unit::start_limit_burst, Value::Int(n), at);
            }
        }
        ("Service", "LimitNOFILE") => {
            if let Some((soft, hard)) = limit(text) {
                fact.write(unit::nofile_infinity, Value::Bool(soft.is_none()), at);
                soft.map(|n| fact.write(unit::nofile, Value::Int(n), at));
                hard.map(|n| fact.write(unit::nofile_hard, Value::Int(n), at));
            }
        }
        ("Service", "LimitNPROC") => {
            if let Some((Some(soft), _)) = limit(text) {
                fact.write(unit::nproc, Value::Int(soft), at);
            }
        }
        ("Service", "TasksMax") => {
            if let Ok(n) = text.parse() {
                fact.write(unit::tasks_max, Value::Int(n), at);
            }
        }
        ("Unit", "After") => extend(fact, unit::after, pair),
        ("Unit", "Requires" | "BindsTo" | "Requisite") => extend(fact, unit::requires, pair),
        ("Unit", "Wants") => extend(fact, unit::wants, pair),
        _ => {}
    }
}

fn set_duration(fact: &mut Fact, field: Field, text: &str, at: Span) {
    if let Some(ms) = duration(text) {
        fact.write(field, Value::Duration(ms), at);
    }
}

/// A number as C reads it: decimal, `0x` hexadecimal, or octal behind a zero.
fn number(text: &str) -> Option<i64> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16),
        None if text.len() > 1 && text.starts_with('0') => i64::from_str_radix(text, 8),
        None => text.parse(),
    };
    parsed.ok().filter(|n| *n >= 0)
}

/// `N`, `soft:hard` or `infinity`; `None` for what systemd ignores. A limit of `None` is infinity.
fn limit(text: &str) -> Option<(Option<i64>, Option<i64>)> {
    let one = |t: &str| {
        if t == "infinity" { Some(None) } else { number(t).map(Some) }
    };
    match text.split_once(':') {
        Some((soft, hard)) => {
            let (soft, hard) = (one(soft)?, one(hard)?);
            let above = match (soft, hard) {
                (Some(s), Some(h)) => s > h,
                (None, Some(_)) => true,
                _ => false,
            };
            (!above).then_some((soft, hard))
        }
        None => one(text).map(|n| (n, n)),
    }
}

/// What a limit that systemd ignores most likely means.
fn plain_number(text: &str) -> Option<String> {
    let text = text.trim_matches('"');
    let joined: String = text.chars().filter(|c| *c != ',' && *c != '_').collect();
    if matches!(text, "unlimited" | "-1") {
        return Some("infinity".into());
    }
    let digits = joined.len() - joined.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: i64 = joined.get(..digits)?.parse().ok()?;
    match joined.get(digits..)? {
        "" => Some(number.to_string()),
        "k" | "K" => number.checked_mul(1024).map(|n| n.to_string()),
        "m" | "M" => number.checked_mul(1024 * 1024).map(|n| n.to_string()),
        _ => None,
    }
}

fn judge(pair: &Pair<'_>, out: &mut Reading) {
    let key = pair.key.text.as_ref();
    let text = pair.value.text.as_ref();
    let mut add = |problem: &str, at: Span, instead: Option<String>| {
        let mut fact = Fact::new(&unit_setting::KIND, pair.span);
        fact.write(unit_setting::name, Value::text(key), pair.key.full_span());
        fact.derive(unit_setting::section, Value::text(section(pair)));
        fact.write(unit_setting::written, Value::text(text), pair.value.full_span());
        fact.write(unit_setting::problem, Value::text(problem), at);
        if let Some(instead) = instead {
            fact.derive(unit_setting::instead, Value::text(instead));
        }
        out.facts.add(fact);
    };
    let known = KEYS.iter().find(|k| k.0 == key);
    let Some((_, home)) = known else {
        if let Some(right) = KEYS.iter().find(|k| k.0.eq_ignore_ascii_case(key)) {
            add("case", pair.key.full_span(), Some(right.0.to_owned()));
        } else if key.starts_with("Limit")
            && matches!(section(pair), "Service")
            && let Some(meant) = nearest(key, KEYS.iter().map(|k| k.0).filter(|k| k.starts_with("Limit")))
        {
            add("unknown", pair.key.full_span(), Some(meant.to_owned()));
        }
        return;
    };
    let here = section(pair);
    // Other sorts of units (Socket, Mount, Slice) take limits too.
    let foreign = match *home {
        "Service" => matches!(here, "Unit" | "Install"),
        // systemd still takes these two in [Service], where they once stood.
        _ => matches!(here, "Service" | "Install") && !key.starts_with("StartLimit"),
    };
    if foreign {
        add("section", pair.key.full_span(), Some(format!("[{home}]")));
        return;
    }
    let at = pair.value.full_span();
    let counted = matches!(key, "LimitNOFILE" | "LimitNPROC");
    if (counted || key == "TasksMax") && text.contains(" #") || text.contains(" ;") && counted {
        let clean = text.split([' ', '\t']).next().map(str::to_owned);
        add("comment", at, clean);
        return;
    }
    if counted && limit(text).is_none() {
        let soft_hard =
            text.split_once(':').and_then(|(s, h)| Some((s.parse::<i64>().ok()?, h.parse::<i64>().ok()?)));
        match soft_hard {
            Some((_, hard)) => add("soft-above-hard", at, Some(hard.to_string())),
            None => add("value", at, plain_number(text)),
        }
    }
    let tasks = key == "TasksMax" && !text.is_empty();
    if tasks
        && text != "infinity"
        && text.trim_end_matches('%').parse::<u64>().is_err()
        && !text.ends_with(['K', 'M', 'G'])
    {
        add("value", at, plain_number(text));
    }
}

/// Units that come for free early in every boot: nobody orders after them.
const EARLY: &[&str] =
    &["-.mount", "sysinit.target", "basic.target", "local-fs.target", "systemd-journald.socket"];

fn order(pairs: &[Pair<'_>], fact: &mut Fact) {
    let names = |keys: &[&str]| -> Vec<(String, Span)> {
        let found = pairs.iter().filter(|p| section(p) == "Unit" && keys.contains(&p.key.text.as_ref()));
        found
            .flat_map(|p| {
                p.value
                    .text
                    .split_whitespace()
                    .map(|w| (w.to_owned(), p.value.full_span()))
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    let ordered: std::collections::BTreeSet<String> =
        names(&["After", "Before"]).into_iter().map(|(n, _)| n).collect();
    let unordered: Vec<Said> = names(&["Requires", "BindsTo", "Requisite"])
        .into_iter()
        .filter(|(n, _)| {
            // A socket unit orders itself before its service.
            !ordered.contains(n)
                && !n.contains(['{', '%'])
                && !EARLY.contains(&n.as_str())
                && !n.ends_with(".socket")
                && !n.ends_with(".slice")
        })
        .map(|(n, at)| Said::written(Value::text(n), at))
        .collect();
    if let Some(at) = unordered.first().and_then(Said::span) {
        fact.write(unit::unordered, Value::List(unordered), at);
    }
    let online = "network-online.target";
    let after = names(&["After"]).into_iter().find(|(n, _)| n == online);
    if let Some((_, at)) = after {
        let wanted = names(&["Wants", "Requires", "BindsTo"]).iter().any(|(n, _)| n == online);
        fact.write(unit::online_not_wanted, Value::Bool(!wanted), at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::source::FileId;

    fn facts(text: &str) -> Facts {
        let source = Source::new("a.service", text);
        let mut out = Reading::default();
        read(&View::whole(FileId(0), &source), &mut out);
        out.facts
    }

    #[test]
    fn settings_that_systemd_ignores_are_found() {
        for (line, problem, instead) in [
            ("[Service]\nLimitNOFILE=65536", "-", "-"),
            ("[Service]\nLimitNOFILE=1024:65536", "-", "-"),
            ("[Service]\nLimitNOFILE=infinity", "-", "-"),
            ("[Service]\nLimitNOFILE=64K", "value", "65536"),
            ("[Service]\nLimitNOFILE=unlimited", "value", "infinity"),
            ("[Service]\nLimitNOFILE=65,536", "value", "65536"),
            ("[Service]\nLimitNOFILE=\"65536\"", "value", "65536"),
            ("[Service]\nLimitNOFILE=65536 # mq", "comment", "65536"),
            ("[Service]\nLimitNOFILE=65536:1024", "soft-above-hard", "1024"),
            ("[Service]\nLimitNOFile=65536", "case", "LimitNOFILE"),
            ("[Service]\nLimitNOFILES=65536", "unknown", "LimitNOFILE"),
            ("[Unit]\nLimitNOFILE=65536", "section", "[Service]"),
            ("[Service]\nAfter=network.target", "section", "[Unit]"),
            ("[Service]\nTasksMax=unlimited", "value", "infinity"),
            ("[Service]\nTasksMax=80%", "-", "-"),
            ("[Service]\nLimitMEMLOCK=64M", "-", "-"),
            ("[Service]\nLimitNOFILE={{ nofile }}", "-", "-"),
        ] {
            let all = facts(line);
            let found = all.of(&unit_setting::KIND).next().map(|(_, f)| f);
            let see = |field| found.and_then(|f| f.text(field)).unwrap_or("-").to_owned();
            assert_eq!(
                (see(unit_setting::problem), see(unit_setting::instead)),
                (problem.into(), instead.into()),
                "{line}"
            );
        }
    }

    #[test]
    fn a_unit_is_summed_up() {
        let text = "[Unit]\nAfter=network-online.target a.service\nRequires=a.service b.service c.socket\n[Service]\n\
            ExecStart=-/usr/sbin/rabbitmq-server start\nLimitNOFILE=1024:65536\nRestartSec=1min 30s\n";
        let all = facts(text);
        let (_, fact) = all.of(&unit::KIND).next().unwrap();
        let see = |f: Field| fact.get(f).map_or("-".into(), Said::shown);
        assert_eq!(
            (see(unit::server), see(unit::nofile), see(unit::nofile_hard)),
            ("rabbitmq".into(), "1024".into(), "65536".into())
        );
        assert_eq!((see(unit::unordered), see(unit::restart_delay)), ("b.service".into(), "90 s".into()));
        assert_eq!(see(unit::online_not_wanted), "true");
    }
}
