//! Ways through HAProxy: a frontend with each of its backends.

use std::collections::BTreeSet;

use super::proxies::{Overview, Proxy, Set, backends};
use super::servers::servers;
use super::texts;
use crate::facts::kinds::proxy::path;
use crate::facts::{Fact, Said, Value};
use crate::source::Span;
use crate::syntax::haproxy::{Document, Word};
use crate::systems::{Reading, services};

/// A frontend with more backends than this is a routing table; the first ones stand for the rest.
const MOST_BACKENDS: usize = 200;

/// One fact for each frontend and backend that belong together.
pub(super) fn read(
    all: &[Proxy<'_, '_>],
    overview: &Overview<'_>,
    document: &Document<'_>,
    out: &mut Reading,
) {
    for front in all.iter().filter(|p| p.is_frontend()) {
        if front.section.kind() == "listen" {
            add(front, front, document, out);
        }
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for word in backends(front).into_iter().take(MOST_BACKENDS) {
            let Some(&index) = overview.backends.get(word.text()) else { continue };
            if let Some(back) = all.get(index).filter(|_| seen.insert(index)) {
                add(front, back, document, out);
            }
        }
    }
}

fn add(front: &Proxy<'_, '_>, back: &Proxy<'_, '_>, document: &Document<'_>, out: &mut Reading) {
    let members = servers(back);
    if members.is_empty() {
        return;
    }
    let mut fact = Fact::new(&path::KIND, front.section.head.span);
    fact.derive(path::program, Value::text("haproxy"));
    fact.derive(path::template, Value::Bool(document.template));
    if let Some(name) = front.section.head.words.get(1) {
        fact.write(path::name, Value::text(name.text()), name.span());
    }
    if let Some(name) = back.section.head.words.get(1) {
        fact.write(path::upstream, Value::text(name.text()), name.span());
    }
    fact.set(path::mode, front.settings.said_mode());
    let dialled = listen(front, &mut fact);
    let addresses: Vec<&Word<'_>> = members.iter().filter_map(|s| s.address()).collect();
    fact.derive(path::upstream_count, Value::Int(members.len() as i64));
    fact.derive(
        path::upstreams,
        texts(addresses.iter().map(|w| Said::written(Value::text(w.text()), w.span()))),
    );
    let hosts = addresses.iter().filter_map(|w| Some((services::host_port(w.text()).0?, w.span())));
    fact.derive(path::upstream_hosts, texts(hosts.map(|(h, s)| Said::written(Value::text(h), s))));
    let mut ports: Vec<i64> = Vec::new();
    let mut said = Vec::new();
    for word in &addresses {
        if let Some(port) = services::host_port(word.text()).1.filter(|p| !ports.contains(p)) {
            ports.push(port);
            said.push(Said::written(Value::Int(port), word.span()));
        }
    }
    fact.derive(path::upstream_ports, Value::List(said));
    // Servers on ports of their own: what clients dial tells.
    if let Some(service) = services::common(&ports).or_else(|| services::common(&dialled)) {
        fact.derive(path::service, Value::text(service));
    }
    let tls = members.iter().find_map(|s| s.flag("ssl"));
    flag(&mut fact, path::upstream_tls, tls.map(Word::span));
    if tls.is_some() {
        let unverified = members.iter().find_map(|s| s.value("verify").filter(|w| w.text() == "none"));
        match unverified {
            Some(word) => fact.write(path::upstream_verify, Value::Bool(false), word.span()),
            None => fact.derive(path::upstream_verify, Value::Bool(true)),
        };
    }
    times(front, back, &mut fact);
    flag(&mut fact, path::client_keepalive, front.settings.option("clitcpka"));
    flag(&mut fact, path::server_keepalive, back.settings.option("srvtcpka"));
    let independent =
        front.settings.option("independent-streams").or_else(|| back.settings.option("independent-streams"));
    flag(&mut fact, path::independent_streams, independent);
    flag(&mut fact, path::send_proxy, members.iter().find_map(|s| s.send_proxy()).map(Word::span));
    if let Some(maxconn) = front.settings.maxconn {
        fact.set(path::maxconn, maxconn.int());
    }
    match members.iter().find_map(|s| s.flag("check")) {
        Some(word) => {
            let (kind, span) = back.settings.check_kind().unwrap_or(("tcp", word.span()));
            fact.write(path::check, Value::text(kind), span);
        }
        None => drop(fact.derive(path::check, Value::text("none"))),
    }
    let interval = members.iter().find_map(|s| s.value("inter"));
    if let Some(word) = interval
        && let Some(ms) = super::time::parse(word.text(), 1).and_then(|t| t.ms)
    {
        fact.write(path::check_interval, Value::Duration(ms), word.span());
    } else {
        fact.set(path::check_interval, Said::default(Value::Duration(2_000), "HAProxy"));
    }
    fact.derive(path::resolved_once, Value::Bool(members.iter().all(|s| s.value("resolvers").is_none())));
    out.facts.add(fact);
}

fn flag(fact: &mut Fact, field: crate::facts::Field, at: Option<Span>) {
    match at {
        Some(span) => fact.write(field, Value::Bool(true), span),
        None => fact.derive(field, Value::Bool(false)),
    };
}

/// What a frontend binds; the ports that clients dial.
fn listen(front: &Proxy<'_, '_>, fact: &mut Fact) -> Vec<i64> {
    let mut all = Vec::new();
    let mut ports: Vec<Said> = Vec::new();
    let mut dialled = Vec::new();
    let mut tls = None;
    let mut accept_proxy = None;
    // Before 2.1 the address could stand behind the section's name.
    let head =
        front.section.head.words.get(2).filter(|w| w.text().contains(':')).map(|w| (&front.section.head, w));
    let binds = front.lines("bind").filter_map(|l| Some((l, l.words.get(1)?)));
    for (line, word) in head.into_iter().chain(binds) {
        // `bind` takes several addresses between commas.
        for address in word.text().split(',').filter(|a| !a.is_empty()) {
            let (host, port) = services::host_port(address);
            all.push(Said::written(Value::text(address), word.span()));
            if let Some(port) = port {
                ports.push(Said::written(Value::Int(port), word.span()));
                dialled.push(port);
            }
            if let Some(host) = host.filter(|_| all.len() == 1 && !word.dynamic) {
                fact.write(path::listen_host, Value::text(host), word.span());
            }
        }
        tls = tls.or(line.find("ssl", 2).and_then(|i| line.words.get(i)).map(Word::span));
        accept_proxy =
            accept_proxy.or(line.find("accept-proxy", 2).and_then(|i| line.words.get(i)).map(Word::span));
    }
    if let Some(first) = ports.first() {
        fact.set(path::listen_port, first.clone());
    }
    fact.derive(path::listen, Value::List(all));
    fact.derive(path::listen_ports, Value::List(ports));
    flag(fact, path::listen_tls, tls);
    flag(fact, path::accept_proxy, accept_proxy);
    dialled
}

fn times(front: &Proxy<'_, '_>, back: &Proxy<'_, '_>, fact: &mut Fact) {
    let client = front.settings.timeout("client");
    let server = back.settings.timeout("server");
    let tunnel = back.settings.timeout("tunnel");
    let sides =
        [(path::client_timeout, client), (path::server_timeout, server), (path::tunnel_timeout, tunnel)];
    for (field, set) in sides.into_iter().chain([(path::connect_timeout, back.settings.timeout("connect"))]) {
        if let Some(set) = set {
            fact.set(field, set.duration());
        }
    }
    // What a template fills in, or what another file's `defaults` may say, is not known.
    let unclear = ["client", "server", "tunnel"]
        .iter()
        .any(|n| if *n == "client" { front.settings.unclear(n) } else { back.settings.unclear(n) });
    if unclear || (front.fragment && (client.is_none() || server.is_none())) {
        return;
    }
    let finite = |set: Option<Set<i64>>| set.filter(|s| s.value > 0);
    // Once data flows in TCP mode, `timeout tunnel` replaces both others.
    let deciding = match tunnel {
        Some(tunnel) if !front.settings.http() => finite(Some(tunnel)),
        _ => match (finite(client), finite(server)) {
            (Some(c), Some(s)) => Some(if s.value < c.value { s } else { c }),
            (one, other) => one.or(other),
        },
    };
    if let Some(set) = deciding {
        fact.set(path::idle_timeout, set.duration());
    }
    fact.derive(path::idle_unlimited, Value::Bool(deciding.is_none()));
}
