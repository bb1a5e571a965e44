//! Single statements: timeouts, `bind` lines, TLS words, and keywords that HAProxy does not take.

use std::collections::{BTreeMap, BTreeSet};

use super::keywords::{self, HTTP_OPTIONS, OPTIONS, PROXY, REMOVED, TIMEOUTS};
use super::proxies::Proxy;
use super::time;
use crate::facts::kinds::haproxy::{bind, keyword, timeout};
use crate::facts::kinds::proxy::tls as tls_kind;
use crate::facts::kinds::tls_end::end;
use crate::facts::{Fact, Field, Said, Value, Version};
use crate::nearest::nearest;
use crate::source::Span;
use crate::syntax::haproxy::{Document, Line, Section, Word};
use crate::systems::{Reading, services};

/// One fact for each duration of a section.
pub(super) fn timeouts(proxy: &Proxy<'_, '_>, out: &mut Reading) {
    let section = proxy.section;
    let mut written: Vec<(String, Fact, bool)> = Vec::new();
    for line in &section.lines {
        let durations: Vec<(String, &Word<'_>, &str)> = match line.word(0) {
            "timeout" => {
                let value = line.words.get(2);
                value.map(|w| (line.word(1).to_owned(), w, "ms")).into_iter().collect()
            }
            "server" | "default-server" | "server-template" => {
                ["inter", "fastinter", "downinter", "slowstart"]
                    .iter()
                    .filter_map(|name| Some(((*name).to_owned(), line.after(name, 1)?, "ms")))
                    .collect()
            }
            name @ ("clitcpka-idle" | "clitcpka-intvl" | "srvtcpka-idle" | "srvtcpka-intvl") => {
                line.words.get(1).map(|w| (name.to_owned(), w, "s")).into_iter().collect()
            }
            _ => continue,
        };
        for (name, word, unit) in durations {
            if word.dynamic {
                continue;
            }
            let fact = duration(proxy, line, &name, word, unit);
            written.push((name, fact, line.word(0) == "timeout" && !line.conditional));
        }
    }
    // A later line of the same section wins without a word.
    let mut last: BTreeMap<String, Said> = BTreeMap::new();
    for (name, fact, counts) in written.iter_mut().rev() {
        let Some(value) = fact.get(timeout::value).cloned().filter(|_| *counts) else { continue };
        match last.get(name) {
            Some(later) if later.value != value.value => drop(fact.set(timeout::replaced_by, later.clone())),
            Some(_) => {}
            None => drop(last.insert(name.clone(), value)),
        }
    }
    for (_, fact, _) in written {
        out.facts.add(fact);
    }
}

fn duration(proxy: &Proxy<'_, '_>, line: &Line<'_>, name: &str, word: &Word<'_>, unit: &str) -> Fact {
    let section = proxy.section.kind();
    let mut fact = Fact::new(&timeout::KIND, line.span);
    fact.derive(timeout::name, Value::text(name));
    fact.derive(timeout::section, Value::text(section));
    fact.write(timeout::written, Value::text(word.text()), word.span());
    fact.derive(timeout::default_unit, Value::text(unit));
    fact.set(timeout::mode, proxy.settings.said_mode());
    let ignored = line.word(0) == "timeout" && !keywords::timeout_counts(name, section);
    fact.derive(timeout::ignored, Value::Bool(ignored));
    let parsed = time::parse(word.text(), if unit == "s" { 1_000 } else { 1 });
    let refused = parsed.as_ref().is_none_or(|t| t.unit.is_empty() && !t.rest.is_empty());
    fact.derive(timeout::invalid, Value::Bool(refused));
    let Some(parsed) = parsed.filter(|_| !refused) else { return fact };
    fact.derive(timeout::overflow, Value::Bool(parsed.overflows()));
    if let Some(ms) = parsed.ms {
        fact.write(timeout::value, Value::Duration(ms), word.span());
    }
    fact.derive(timeout::number, Value::Int(parsed.number));
    if !parsed.unit.is_empty() {
        fact.derive(timeout::unit, Value::text(&parsed.unit));
    }
    if !parsed.rest.is_empty() {
        fact.derive(timeout::rest, Value::text(&parsed.rest));
    }
    fact
}

/// One fact a `bind` line.
pub(super) fn binds(proxy: &Proxy<'_, '_>, document: &Document<'_>, out: &mut Reading) {
    for line in proxy.lines("bind") {
        let Some(word) = line.words.get(1) else { continue };
        let mut fact = Fact::new(&bind::KIND, line.span);
        fact.derive(bind::section, Value::text(proxy.section.name()));
        fact.set(bind::mode, proxy.settings.said_mode());
        let (host, port) = services::host_port(word.text());
        if let Some(host) = host.filter(|_| !word.dynamic) {
            fact.write(bind::host, Value::text(host), word.span());
        }
        if let Some(port) = port {
            fact.write(bind::port, Value::Int(port), word.span());
        }
        let ssl = line.find("ssl", 2).and_then(|i| line.words.get(i));
        fact.derive(bind::tls, Value::Bool(ssl.is_some()));
        fact.derive(bind::accept_proxy, Value::Bool(line.find("accept-proxy", 2).is_some()));
        if let Some(word) = line.after("backlog", 2)
            && let Ok(n) = word.text().parse()
        {
            fact.write(bind::backlog, Value::Int(n), word.span());
        }
        out.facts.add(fact);
        if ssl.is_some() && !document.template {
            tls(line, 2, "listen", out);
            out.facts.add(listening(line, document));
        }
    }
}

/// Words of a line that say how TLS is spoken, with their fields.
const TLS_WORDS: [(Field, &str); 4] = [
    (end::certificate_file, "crt"),
    (end::ca_file, "ca-file"),
    (end::ciphers, "ciphers"),
    (end::suites, "ciphersuites"),
];

/// The end of TLS connections that a `bind` line listens with.
fn listening(line: &Line<'_>, document: &Document<'_>) -> Fact {
    let mut fact = Fact::new(&end::KIND, line.span);
    fact.derive(end::program, Value::text("HAProxy"));
    fact.derive(end::side, Value::text("listen"));
    fact.derive(end::part, Value::text(format!("bind {}", line.word(1))));
    if let Some(address) = line.words.get(1).filter(|w| !w.dynamic) {
        let ports = address.text().split(',').filter_map(|a| services::host_port(a).1);
        let ports = ports.map(|p| Said::written(Value::Int(p), address.span())).collect();
        fact.derive(end::ports, Value::List(ports));
    }
    let defaults = default_options(document, "ssl-default-bind-options");
    let lines: Vec<(&Line<'_>, usize)> = [(line, 2)].into_iter().chain(defaults.map(|l| (l, 1))).collect();
    if let Some(said) = offered(&lines) {
        fact.set(end::offered, said);
    }
    for (field, name) in TLS_WORDS {
        if let Some(word) = line.after(name, 2).filter(|w| !w.dynamic) {
            fact.write(field, Value::text(word.text()), word.span());
        }
    }
    let authorities = ["ca-file", "ca-verify-file", "crt-list"];
    fact.derive(end::ca_named, Value::Bool(authorities.iter().any(|n| line.find(n, 2).is_some())));
    match line.after("verify", 2).map(|w| (w.text(), w.span())) {
        Some((word @ ("none" | "optional" | "required"), span)) => {
            fact.write(end::verify, Value::text(word), span);
        }
        Some(_) => {}
        None => drop(fact.set(end::verify, Said::default(Value::text("none"), "HAProxy"))),
    }
    fact
}

/// The end of TLS connections that a line of the global section gives a list of suites.
pub(super) fn default_suites(line: &Line<'_>, out: &mut Reading) {
    let side = if line.word(0).contains("bind") { "listen" } else { "connect" };
    let Some(word) = line.words.get(1).filter(|w| !w.dynamic) else { return };
    let field = if line.word(0).ends_with("ciphersuites") { end::suites } else { end::ciphers };
    let mut fact = Fact::new(&end::KIND, line.span);
    fact.derive(end::program, Value::text("HAProxy"));
    fact.derive(end::side, Value::text(side));
    fact.derive(end::part, Value::text(line.word(0)));
    fact.write(field, Value::text(word.text()), word.span());
    out.facts.add(fact);
}

/// The end of TLS connections that a `server` line dials with.
pub(super) fn dialling(
    item: &super::servers::Server<'_, '_>,
    host: Option<&str>,
    verify: Option<&Said>,
    document: &Document<'_>,
) -> Fact {
    let mut fact = Fact::new(&end::KIND, item.line.span);
    fact.derive(end::program, Value::text("HAProxy"));
    fact.derive(end::side, Value::text("connect"));
    fact.derive(end::part, Value::text(format!("server {}", item.line.word(1))));
    for (field, name) in TLS_WORDS {
        if let Some(word) = item.value(name).filter(|w| !w.dynamic) {
            fact.write(field, Value::text(word.text()), word.span());
        }
    }
    fact.derive(end::ca_named, Value::Bool(item.value("ca-file").is_some()));
    if let (Some(host), Some(at)) = (host, item.address()) {
        fact.derive(end::hosts, Value::List(vec![Said::written(Value::text(host), at.span())]));
        if let Some(port) = services::host_port(at.text()).1 {
            let dialled = Said::written(Value::text(format!("{host}:{port}")), at.span());
            fact.derive(end::dials, Value::List(vec![dialled]));
        }
    }
    // The name that is asked for is the one that is expected, where there is no other.
    let sni = || item.value("sni")?.text().strip_prefix("str(")?.strip_suffix(')');
    let name = item.value("verifyhost").map(|w| (w, w.text())).or_else(|| Some((item.value("sni")?, sni()?)));
    if let Some((word, name)) = name.filter(|(w, _)| !w.dynamic) {
        fact.write(end::server_name, Value::text(name), word.span());
    }
    fact.derive(end::shows_none, Value::Bool(item.value("crt").is_none()));
    let defaults = default_options(document, "ssl-default-server-options");
    let lines = [(item.line, 3)].into_iter().chain(item.defaults.iter().rev().map(|l| (l, 1)));
    let lines: Vec<(&Line<'_>, usize)> = lines.chain(defaults.map(|l| (l, 1))).collect();
    if let Some(said) = offered(&lines) {
        fact.set(end::offered, said);
    }
    let named =
        ["verifyhost", "sni", "sni-auto"].iter().any(|n| item.value(n).is_some() || item.flag(n).is_some());
    if let Some(said) = verify {
        let word = match (&said.value, named) {
            (Value::Bool(false), _) => "none",
            (_, true) => "full",
            (_, false) => "chain",
        };
        fact.set(end::verify, Said { value: Value::text(word), ..said.clone() });
    }
    fact
}

/// Protocol versions with the word that takes each one out.
const VERSIONS: [(&str, [u32; 2], &str); 5] = [
    ("SSLv3", [0, 3], "no-sslv3"),
    ("TLSv1.0", [1, 0], "no-tlsv10"),
    ("TLSv1.1", [1, 1], "no-tlsv11"),
    ("TLSv1.2", [1, 2], "no-tlsv12"),
    ("TLSv1.3", [1, 3], "no-tlsv13"),
];

/// Which of the versions a line's words allow, and where they say so; nothing if they say nothing of them.
fn allowed(line: &Line<'_>, from: usize) -> Option<([bool; 5], Span)> {
    let place = |name: &str| VERSIONS.iter().position(|p| p.0.eq_ignore_ascii_case(name));
    let mut allowed = [true; 5];
    let mut at: Option<Span> = None;
    let mut touch = |word: &Word<'_>| at = Some(at.map_or(word.span(), |s| s.to(word.span())));
    let mut said_least = false;
    for (i, word) in line.words.iter().enumerate().skip(from) {
        let argument = line.words.get(i + 1);
        if let Some(bound @ ("ssl-min-ver" | "ssl-max-ver")) = Some(word.text()) {
            let Some(limit) = argument.and_then(|a| place(a.text())) else { continue };
            for (n, slot) in allowed.iter_mut().enumerate() {
                *slot &= if bound == "ssl-min-ver" { n >= limit } else { n <= limit };
            }
            said_least |= bound == "ssl-min-ver";
            argument.iter().for_each(|a| touch(a));
        } else if let Some(n) = VERSIONS.iter().position(|p| p.2 == word.text()) {
            if let Some(slot) = allowed.get_mut(n) {
                *slot = false;
            }
            said_least |= n == 1;
            touch(word);
        } else if let Some(n) = word
            .text()
            .strip_prefix("force-")
            .and_then(|v| VERSIONS.iter().position(|p| p.2.strip_prefix("no-") == Some(v)))
        {
            allowed = [false; 5];
            if let Some(slot) = allowed.get_mut(n) {
                *slot = true;
            }
            said_least = true;
            touch(word);
        }
    }
    let at = at?;
    // SSL 3 is compiled out of every OpenSSL that distributions ship; only a line that asks for it counts. Without a
    // lower bound HAProxy 2.2 and later start at TLS 1.2.
    if !said_least {
        allowed[..3].fill(false);
    } else if !line.words.iter().any(|w| w.text().eq_ignore_ascii_case("sslv3") || w.text() == "force-sslv3")
    {
        allowed[0] = false;
    }
    Some((allowed, at))
}

/// The versions that a line, or else the line of the global section for all such ends, leaves to one end.
fn offered(lines: &[(&Line<'_>, usize)]) -> Option<Said> {
    let (allowed, at) = lines.iter().find_map(|(line, from)| allowed(line, *from))?;
    let named =
        VERSIONS.iter().zip(allowed).filter(|(_, on)| *on).filter_map(|(p, _)| p.0.strip_prefix("TLSv"));
    Some(Said::written(Value::List(named.map(|v| Said::written(Value::text(v), at)).collect()), at))
}

/// The line of the global section with the options of all ends of a side.
pub(super) fn default_options<'d, 'a>(document: &'d Document<'a>, name: &str) -> Option<&'d Line<'a>> {
    let globals = document.sections.iter().filter(|s| s.kind() == "global");
    globals.flat_map(|s| &s.lines).rfind(|l| l.word(0) == name)
}

/// The protocol versions that a line's words allow, if they say anything about them.
pub(super) fn tls(line: &Line<'_>, from: usize, side: &str, out: &mut Reading) {
    let Some((allowed, at)) = allowed(line, from) else { return };
    let mut fact = Fact::new(&tls_kind::KIND, at);
    fact.derive(tls_kind::program, Value::text("haproxy"));
    fact.derive(tls_kind::side, Value::text(side));
    let offered: Vec<_> = VERSIONS.iter().zip(allowed).filter(|(_, on)| *on).map(|(p, _)| p).collect();
    let names = offered.iter().map(|p| Said::written(Value::text(p.0), at)).collect();
    fact.write(tls_kind::protocols, Value::List(names), at);
    if let Some(least) = offered.first() {
        let version = Version { parts: [least.1[0], least.1[1], 0], written: 2 };
        fact.write(tls_kind::min_version, Value::Version(version), at);
    }
    out.facts.add(fact);
}

/// Facts about keywords that HAProxy does not take or ignores.
pub(super) fn keywords(
    section: &Section<'_>,
    proxy: Option<&Proxy<'_, '_>>,
    document: &Document<'_>,
    out: &mut Reading,
) {
    let kind = section.kind();
    let mut add = |line: &Line<'_>, at: &Word<'_>, name: String, problem: &str, more: More| {
        let mut fact = Fact::new(&keyword::KIND, line.span);
        fact.write(keyword::name, Value::text(name), at.span());
        fact.derive(keyword::section, Value::text(kind));
        fact.derive(keyword::problem, Value::text(problem));
        if let Some(since) = more.since.and_then(Version::parse) {
            fact.derive(keyword::since, Value::Version(since));
        }
        if let Some(instead) = more.instead {
            fact.derive(keyword::instead, Value::text(instead));
        }
        if let Some(meant) = more.meant {
            fact.derive(keyword::meant, Value::text(meant));
        }
        out.facts.add(fact);
    };
    // `listen name address:port`: the address needs a `bind` line of its own.
    if matches!(kind, "listen" | "frontend")
        && let Some(address) =
            section.head.words.get(2).filter(|w| w.text() != "from" && w.text().contains(':'))
    {
        let more = More { instead: Some("bind"), ..More::default() };
        add(&section.head, address, kind.to_owned(), "misplaced", more);
    }
    let mut reported: BTreeSet<String> = BTreeSet::new();
    for line in &section.lines {
        // A template may leave a line to the versions that know it.
        let Some(first) = line.words.first().filter(|w| !w.dynamic && !line.conditional) else { continue };
        let word = first.text();
        let known_section = proxy.is_some() || kind == "global";
        if let Some(gone) = REMOVED.iter().find(|r| r.name == word && known_section) {
            let more = More { since: Some(gone.since), instead: Some(gone.instead), meant: None };
            add(line, first, word.to_owned(), "removed", more);
            continue;
        }
        let Some(proxy) = proxy else { continue };
        let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        // A word far from every known one may be newer than the list.
        if !PROXY.contains(&word)
            && plain
            && !document.template
            && let Some(meant) = nearest(word, PROXY.iter().copied())
            && reported.insert(word.to_owned())
        {
            add(line, first, word.to_owned(), "unknown", More { meant: Some(meant), ..More::default() });
        }
        let Some(second) = line.words.get(1).filter(|w| !w.dynamic) else { continue };
        let name = second.text();
        if word == "timeout" && !TIMEOUTS.contains(&name) {
            let meant = nearest(name, TIMEOUTS.iter().copied());
            add(line, second, format!("timeout {name}"), "unknown", More { meant, ..More::default() });
        }
        if word == "option"
            && !OPTIONS.contains(&name)
            && let Some(meant) = nearest(name, OPTIONS.iter().copied())
        {
            let more = More { meant: Some(meant), ..More::default() };
            add(line, second, format!("option {name}"), "unknown", more);
        }
        if word == "option" && HTTP_OPTIONS.contains(&name) && ignored(proxy) && !document.template {
            add(line, second, format!("option {name}"), "ignored", More::default());
        }
    }
}

#[derive(Default)]
struct More {
    since: Option<&'static str>,
    instead: Option<&'static str>,
    meant: Option<&'static str>,
}

/// True if an option for HTTP mode does nothing in a section: it is in TCP mode, and so is at least one proxy that
/// takes it over from `defaults`.
fn ignored(proxy: &Proxy<'_, '_>) -> bool {
    if proxy.settings.http() || proxy.fragment && proxy.settings.mode.is_none() {
        return false;
    }
    // The mode is a choice only where it is written; otherwise each heir may have its own.
    proxy.section.kind() != "defaults" || proxy.settings.mode.is_some() && proxy.tcp_heirs
}
