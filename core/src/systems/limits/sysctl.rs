//! `sysctl.conf`, files of `sysctl.d`, and the output of `sysctl`.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::host::{setting, sysctl};
use crate::facts::tables::SYSCTL;
use crate::facts::{Fact, KeyDef, Said, Type, Value, Version};
use crate::nearest::nearest;
use crate::source::{Source, Span, View};
use crate::syntax::keyvalue::{self, Pair, dialects};
use crate::systems::{FileKind, Match, Reading, services};

/// Kernel settings.
pub static SYSCTL_CONF: FileKind = FileKind {
    name: "sysctl",
    doc: "Kernel settings: sysctl.conf, files of sysctl.d, and what `sysctl -a` shows.",
    recognise,
    read,
};

/// The first parts of names of kernel settings.
const ROOTS: &[&str] = &["net", "kernel", "vm", "fs", "dev", "abi", "user", "debug", "crypto", "sunrpc"];

/// A file is recognised by so many bytes at its start.
const SEARCHED: usize = 32 * 1024;

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    if name == "sysctl.conf" || source.name.contains("sysctl.d/") && name.ends_with(".conf") {
        return Match::Sure;
    }
    if name.ends_with(".md") || name.ends_with(".yml") || name.ends_with(".yaml") {
        return Match::No;
    }
    let text = source.text.get(..crate::source::floor_boundary(&source.text, SEARCHED)).unwrap_or_default();
    let named = name.contains("sysctl");
    let (mut ours, mut others) = (0, 0);
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with(['#', ';'])) {
        let key = line.trim_start_matches('-').split('=').next().unwrap_or_default().trim();
        let root = key.split(['.', '/']).next().unwrap_or_default();
        let fits = line.contains('=') && key.contains(['.', '/']) && ROOTS.contains(&root);
        *(if fits { &mut ours } else { &mut others }) += 1;
        if others > 0 && !named {
            return Match::No;
        }
    }
    match (ours > 0 && others == 0, named) {
        (true, true) => Match::Sure,
        (true, false) => Match::Likely,
        _ if ours > others && named => Match::Likely,
        _ => Match::No,
    }
}

/// A key as the kernel's documentation writes it. The first separator that occurs is the one that counts.
fn dotted(key: &str) -> String {
    match key.find(['.', '/']).and_then(|i| key.get(i..=i)) {
        Some("/") => key
            .chars()
            .map(|c| {
                if c == '/' {
                    '.'
                } else if c == '.' {
                    '/'
                } else {
                    c
                }
            })
            .collect(),
        _ => key.to_owned(),
    }
}

/// The kernel settings that a container or pod has of its own, from its list of `name=value`.
pub(crate) fn of_container(list: &Said) -> Option<Fact> {
    let Value::List(items) = &list.value else { return None };
    let mut host = Host { fact: Fact::new(&sysctl::KIND, list.span()?), values: BTreeMap::new() };
    host.fact.derive(sysctl::count, Value::Int(items.len() as i64));
    host.fact.derive(sysctl::output, Value::Bool(false));
    host.fact.derive(sysctl::in_container, Value::Bool(true));
    for item in items {
        if let (Value::Text(text), Some(span)) = (&item.value, item.span())
            && let Some((name, value)) = text.split_once('=')
        {
            host.take(&dotted(name.trim()), value.trim(), span);
        }
    }
    host.summarise();
    Some(host.fact)
}

struct Host {
    fact: Fact,
    values: BTreeMap<usize, (String, Span)>,
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (pairs, notices) = keyvalue::pairs(view, &dialects::SYSCTL);
    // `sysctl` sorts its output and shows everything there is; hand-written files hold a few dozen keys.
    const OUTPUT_KEYS: usize = 400;
    let output = pairs.len() > OUTPUT_KEYS;
    for notice in notices {
        let mut fact = Fact::new(&setting::KIND, notice.span);
        fact.write(setting::problem, Value::text("no-value"), notice.span);
        out.facts.add(fact);
    }
    let Some(first) = pairs.first() else { return };
    let mut host = Host { fact: Fact::new(&sysctl::KIND, first.span), values: BTreeMap::new() };
    host.fact.derive(sysctl::count, Value::Int(pairs.len() as i64));
    host.fact.derive(sysctl::output, Value::Bool(output));
    host.fact.derive(sysctl::in_container, Value::Bool(false));
    let mut later: BTreeMap<String, Said> = BTreeMap::new();
    let mut facts = Vec::new();
    for pair in pairs.iter().rev() {
        let name = dotted(&pair.key.text);
        let written = pair.value.text.as_ref();
        let dynamic = written.contains("{{") || written.contains("${");
        let mut fact = Fact::new(&setting::KIND, pair.span);
        fact.write(setting::name, Value::text(&name), pair.key.full_span());
        fact.write(setting::written, Value::text(written), pair.value.full_span());
        if let Ok(n) = written.parse() {
            fact.write(setting::value, Value::Int(n), pair.value.full_span());
        }
        let said = Said::written(Value::text(written), pair.value.full_span());
        match later.get(&name) {
            Some(other) if other.value != said.value => drop(fact.set(setting::replaced_by, other.clone())),
            Some(_) => {}
            None => drop(later.insert(name.clone(), said)),
        }
        if !dynamic && !output {
            judge(&name, pair, &mut fact);
        }
        facts.push(fact);
    }
    facts.reverse();
    for pair in &pairs {
        host.take(&dotted(&pair.key.text), pair.value.text.as_ref(), pair.value.full_span());
    }
    host.summarise();
    out.facts.add(host.fact);
    if !output {
        for fact in facts {
            out.facts.add(fact);
        }
    }
}

/// What a key's note says.
struct Note {
    low: Option<i64>,
    high: Option<i64>,
    gone: Option<(&'static str, Version)>,
}

fn note(key: &KeyDef) -> Note {
    let mut note = Note { low: None, high: None, gone: None };
    for word in key.note.split(' ') {
        if let Some((low, high)) = word.split_once("..") {
            note.low = low.parse().ok();
            note.high = high.parse().ok();
        } else if let Some((how, since)) = word.split_once('=') {
            let how = if how == "removed" { "removed" } else { "dead" };
            note.gone = Version::parse(since).map(|v| (how, v));
        }
    }
    note
}

/// The number a kernel reads at the start of a value.
fn leading(text: &str) -> Option<i64> {
    let digits = text.trim_start_matches('-').find(|c: char| !c.is_ascii_digit());
    let sign = usize::from(text.starts_with('-'));
    text.get(..digits.map_or(text.len(), |d| d + sign))?.parse().ok()
}

fn judge(name: &str, pair: &Pair<'_>, fact: &mut Fact) {
    let at = pair.value.full_span();
    let written = pair.value.text.as_ref();
    let problem = |fact: &mut Fact, problem: &str, reason: String, at: Span| {
        fact.write(setting::problem, Value::text(problem), at);
        if !reason.is_empty() {
            fact.derive(setting::reason, Value::text(reason));
        }
    };
    let Some(key) = SYSCTL.find(name).and_then(|i| SYSCTL.keys().get(i)) else {
        // Only the two groups that the table knows well.
        let ours = name.starts_with("net.ipv4.tcp_")
            || name.starts_with("net.core.")
            || name.starts_with("net.netfilter.nf_conntrack_");
        if let Some(meant) =
            nearest(name, SYSCTL.keys().iter().map(|k| k.name)).filter(|m| ours && close(name, m))
        {
            problem(fact, "unknown", String::new(), pair.key.full_span());
            fact.derive(setting::meant, Value::text(meant));
        }
        return;
    };
    let note = note(key);
    if let Some((how, since)) = note.gone {
        problem(fact, how, String::new(), pair.key.full_span());
        fact.derive(setting::since, Value::Version(since));
        return;
    }
    if pair.prefix == Some("-") && !pair.assigned || written.is_empty() {
        return;
    }
    match key.form {
        "integer" | "seconds" => {
            // The kernel reads the number in front and takes a blank behind it for its end.
            let Some(n) = leading(written) else {
                return problem(fact, "unparsable", "a whole number stands here".into(), at);
            };
            let digits = n.to_string().len();
            if written.get(digits..).is_some_and(|t| t.starts_with(|c: char| !c.is_whitespace())) {
                return problem(fact, "unparsable", "a whole number stands here, without a unit".into(), at);
            }
            let most = note.high.unwrap_or(i64::MAX);
            if note.low.is_some_and(|low| n < low) || n > most {
                let low = note.low.unwrap_or(0);
                problem(fact, "range", format!("the kernel takes {low} to {most}"), at);
            }
        }
        "range" => {
            let numbers: Vec<Option<i64>> = written.split_whitespace().map(|w| w.parse().ok()).collect();
            match numbers.as_slice() {
                [Some(low), Some(high)] if low > high => {
                    problem(fact, "reversed", "the first port is above the last".into(), at);
                }
                [Some(low), Some(high)] if *low < 1 || *high > 65_535 => {
                    problem(fact, "range", "ports go from 1 to 65535".into(), at);
                }
                [Some(_), Some(_)] => {}
                _ => problem(fact, "unparsable", "two port numbers stand here".into(), at),
            }
        }
        _ => {}
    }
}

/// True if two names differ by a slip: the same length but for two, the same first part.
fn close(a: &str, b: &str) -> bool {
    let parts = |t: &str| t.rsplit_once('.').map(|(p, _)| p.to_owned());
    a.len().abs_diff(b.len()) <= 2 && parts(a) == parts(b) && {
        let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
        let tail = a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
        common + tail + 2 >= a.len().max(b.len())
    }
}

/// The kernel's constants for sending unacknowledged data again: the first wait and the longest, in milliseconds
/// (`TCP_RTO_MIN`, `TCP_RTO_MAX`).
const RTO_MIN_MS: i64 = 200;
const RTO_MAX_MS: i64 = 120_000;

/// How long `tcp_retries2` retransmissions last at least.
fn retries_timeout(retries: i64) -> i64 {
    let mut wait = RTO_MIN_MS;
    let mut total = 0;
    for _ in 0..=retries.clamp(0, 255) {
        total += wait;
        wait = (wait * 2).min(RTO_MAX_MS);
    }
    total
}

/// The first wait for an answer to a SYN (RFC 6298, 2.1).
const SYN_RTO_MS: i64 = 1_000;

/// How much longer it takes where the first four waits are alike (`tcp_syn_linear_timeouts`, since Linux 6.5).
const SYN_LINEAR_MS: i64 = 4_000;

/// How long a connection that nobody answers is tried at most, after so many repeated SYNs.
fn syn_timeout(retries: i64) -> i64 {
    let doublings = u32::try_from(retries.clamp(0, MAX_SYN_DOUBLINGS)).unwrap_or_default();
    (2_i64.pow(doublings + 1) - 1) * SYN_RTO_MS + SYN_LINEAR_MS
}

/// More repetitions than this come to more than a day.
const MAX_SYN_DOUBLINGS: i64 = 16;

impl Host {
    fn take(&mut self, name: &str, written: &str, span: Span) {
        let Some(index) = SYSCTL.find(name) else { return };
        let Some(key) = SYSCTL.keys().get(index) else { return };
        let target = if key.alias_of.is_empty() { index } else { SYSCTL.find(key.alias_of).unwrap_or(index) };
        let value = match (key.ty, leading(written)) {
            (Some(Type::Int), Some(n)) => Value::Int(n),
            (Some(Type::Size), Some(n)) => Value::Size(n),
            (Some(Type::Duration), Some(n)) => Value::Duration(n.saturating_mul(1_000)),
            (Some(Type::Text), _) => Value::text(written.split_whitespace().collect::<Vec<_>>().join(" ")),
            _ => return,
        };
        self.values.insert(target, (written.to_owned(), span));
        self.fact.set_key(target, Said::written(value, span));
    }

    fn int(&self, name: &str) -> Option<(i64, Span)> {
        let (text, span) = self.values.get(&SYSCTL.find(name)?)?;
        Some((leading(text)?, *span))
    }

    fn summarise(&mut self) {
        let keepalive = ["time", "intvl", "probes"].map(|n| self.int(&format!("net.ipv4.tcp_keepalive_{n}")));
        if keepalive.iter().any(Option::is_some) {
            // What is not written keeps the kernel's default.
            let [time, interval, probes] = keepalive.map(|v| v.map(|(n, _)| n));
            let (time, interval, probes) =
                (time.unwrap_or(7_200), interval.unwrap_or(75), probes.unwrap_or(9));
            let total = interval.saturating_mul(probes).saturating_add(time).saturating_mul(1_000);
            let at = keepalive.iter().flatten().map(|(_, s)| *s).next();
            self.fact.set(sysctl::keepalive_detection, Said::derived(Value::Duration(total), at));
        }
        if let Some((n, span)) = self.int("net.ipv4.tcp_retries2") {
            let total = Said::derived(Value::Duration(retries_timeout(n)), Some(span));
            self.fact.set(sysctl::retries2_timeout, total);
        }
        if let Some((n, span)) = self.int("net.ipv4.tcp_syn_retries") {
            let total = Said::derived(Value::Duration(syn_timeout(n)), Some(span));
            self.fact.set(sysctl::syn_timeout, total);
        }
        let reserved =
            SYSCTL.find("net.ipv4.ip_local_reserved_ports").and_then(|k| self.values.get(&k)).cloned();
        let mut kept: Vec<(i64, i64)> = Vec::new();
        if let Some((text, span)) = &reserved {
            let parts: Vec<&str> = text.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
            let said = parts.iter().map(|p| Said::written(Value::text(p), *span)).collect();
            self.fact.write(sysctl::reserved_ports, Value::List(said), *span);
            kept.extend(parts.iter().filter_map(|p| {
                let (low, high) = p.split_once('-').unwrap_or((p, p));
                Some((low.parse().ok()?, high.parse().ok()?))
            }));
        }
        let range = SYSCTL.find("net.ipv4.ip_local_port_range").and_then(|k| self.values.get(&k)).cloned();
        let Some((text, span)) = range else { return };
        let numbers: Vec<i64> = text.split_whitespace().filter_map(|w| w.parse().ok()).collect();
        let [low, high] = numbers[..] else { return };
        if low > high {
            return;
        }
        self.fact.write(sysctl::port_low, Value::Int(low), span);
        self.fact.write(sysctl::port_high, Value::Int(high), span);
        self.fact.write(sysctl::port_count, Value::Int(high - low + 1), span);
        let at_risk: BTreeSet<i64> = services::known_ports()
            .filter(|p| (low..=high).contains(p) && !kept.iter().any(|(a, b)| (a..=b).contains(&p)))
            .collect();
        let at_risk = at_risk.into_iter().map(|p| Said::derived(Value::Int(p), Some(span))).collect();
        self.fact.write(sysctl::ports_at_risk, Value::List(at_risk), span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, Field};
    use crate::source::FileId;

    fn facts(text: &str) -> Facts {
        let source = Source::new("sysctl.conf", text);
        let mut out = Reading::default();
        read(&View::whole(FileId(0), &source), &mut out);
        out.facts
    }

    #[test]
    fn each_line_is_judged_as_the_kernel_does() {
        for (line, problem) in [
            ("net.ipv4.tcp_keepalive_time = 60", "-"),
            ("net/ipv4/tcp_keepalive_time=60   # trailing", "-"),
            ("net.ipv4.tcp_keepalive_time = 1m", "unparsable"),
            ("net.ipv4.tcp_keepalive_time = \"60\"", "unparsable"),
            ("net.ipv4.tcp_keepalive_probes = 300", "range"),
            ("net.ipv4.tcp_syn_retries = 0", "range"),
            ("net.ipv4.tcp_retries2 = 0", "-"),
            ("net.ipv4.ip_local_port_range = 60000 1024", "reversed"),
            ("net.ipv4.ip_local_port_range = 1024\t65000", "-"),
            ("net.ipv4.tcp_tw_recycle = 1", "removed"),
            ("net.ipv4.tcp_low_latency = 1", "dead"),
            ("net.ipv4.tcp_keepalive_tme = 60", "unknown"),
            ("net.ipv4.conf.all.rp_filter = 1", "-"),
            ("kernel.sysrq = 0", "-"),
            ("net.core.somaxconn 128", "no-value"),
        ] {
            let all = facts(line);
            let found =
                all.of(&setting::KIND).next().and_then(|(_, f)| f.text(setting::problem)).unwrap_or("-");
            assert_eq!(found, problem, "{line}");
        }
    }

    #[test]
    fn the_host_sums_up_what_belongs_together() {
        let text = "net.ipv4.tcp_keepalive_time=60\nnet.ipv4.tcp_keepalive_time=120\nnet.ipv4.tcp_keepalive_intvl=10\n\
            net.ipv4.tcp_retries2=8\nnet.ipv4.ip_local_port_range=1024 6000\nnet.ipv4.ip_local_reserved_ports=5672,3000-4000\n\
            net.ipv4.netfilter.ip_conntrack_max=5\n";
        let all = facts(text);
        let (_, host) = all.of(&sysctl::KIND).next().unwrap();
        let see = |f: Field| host.get(f).map_or("-".into(), Said::shown);
        assert_eq!(see(sysctl::keepalive_detection), "210 s");
        assert_eq!(see(sysctl::retries2_timeout), "102.2 s");
        assert_eq!(
            see(sysctl::ports_at_risk),
            "1433, 1521, 1883, 2181, 2379, 4222, 4369, 5432, 5551, 5552, 5671"
        );
        assert_eq!(host.setting("net.ipv4.tcp_keepalive_time").unwrap().shown(), "2 min");
        assert_eq!(host.setting("net.netfilter.nf_conntrack_max").unwrap().shown(), "5");
        let (_, first) = all.of(&setting::KIND).next().unwrap();
        assert_eq!(first.text(setting::replaced_by), Some("120"));
        // The kernel's documentation gives 924.6 s for the default.
        assert_eq!(retries_timeout(15), 924_600);
    }

    #[test]
    fn every_key_of_the_table_has_a_note_that_can_be_read() {
        for key in SYSCTL.keys() {
            let note = note(key);
            assert!(
                matches!(key.form, "integer" | "seconds" | "range" | "ports" | "triple" | "word"),
                "{}",
                key.name
            );
            assert!(note.low.is_some() || !matches!(key.form, "integer" | "seconds"), "{}", key.name);
        }
    }
}
