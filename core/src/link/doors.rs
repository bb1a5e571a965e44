//! What a host shows of the ports that clients dial on it (`finds`).
//!
//! A list of listening sockets says which ports have nobody behind them, if it is the list of the host that is dialled
//! and shows the program at all: a broker that is merely stopped, or runs elsewhere, says nothing about a client.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::compose::port as published;
use crate::facts::kinds::host::socket;
use crate::facts::kinds::{amqp, kafka, path, proxy, store};
use crate::facts::{Fact, FactId, Facts, Said, Value};
use crate::hosts;
use crate::source::{FileId, Sources};
use crate::systems::services;

use super::ways::is_proxied;
use super::{Index, Link, Links};

/// Programs, as the system shows them, and the protocol that they speak.
const PROGRAMS: [(&str, &str); 13] = [
    ("beam.smp", "amqp"),
    ("memcached", "memcached"),
    ("mariadbd", "mysql"),
    ("mongod", "mongodb"),
    ("mongos", "mongodb"),
    ("mosquitto", "mqtt"),
    ("mysqld", "mysql"),
    ("nats-server", "nats"),
    ("pgbouncer", "postgresql"),
    ("postgres", "postgresql"),
    ("postmaster", "postgresql"),
    ("redis-server", "redis"),
    ("valkey-server", "redis"),
];

/// What RabbitMQ's ports are known for: other programs run on the same Erlang machine.
const RABBITMQ: [&str; 4] = ["amqp", "rabbitmq-management", "rabbitmq-cluster", "rabbitmq-stream"];

/// More clients than this in a deployment, lists and sockets of one list are not looked at: a host listens on hundreds.
const MOST_CALLERS: usize = 1_000;
const MOST_LISTS: usize = 100;
const MOST_SOCKETS: usize = 1_000;

/// Somebody who dials a port.
struct Caller {
    file: FileId,
    host: String,
    host_said: Said,
    port: i64,
    port_said: Said,
    protocol: String,
    /// A name that no file explains.
    unknown: bool,
    local: bool,
}

/// The sockets of one list.
struct List<'f> {
    file: FileId,
    /// Its name in lower case.
    name: String,
    sockets: Vec<(FactId, &'f Fact)>,
    addresses: BTreeSet<&'f str>,
}

/// Adds what each list of sockets says to the clients that dial its host.
pub(super) fn link(sources: &Sources, facts: &mut Facts, index: &Index, links: &mut Links) {
    let groups: BTreeSet<u32> = facts.of(&socket::KIND).map(|(_, f)| links.number(f.span.file)).collect();
    let mut found: Vec<(Fact, FactId, Option<String>)> = Vec::new();
    for group in groups {
        let mut lists: BTreeMap<FileId, List<'_>> = BTreeMap::new();
        for &id in index.here(&socket::KIND, group) {
            let fact = facts.get(id);
            let file = fact.span.file;
            if fact.text(socket::protocol) != Some("tcp")
                || lists.len() == MOST_LISTS && !lists.contains_key(&file)
            {
                continue;
            }
            let list = lists.entry(file).or_insert_with(|| List {
                file,
                name: sources.get(file).name.to_ascii_lowercase(),
                sockets: Vec::new(),
                addresses: BTreeSet::new(),
            });
            if list.sockets.len() < MOST_SOCKETS {
                list.sockets.push((id, fact));
                list.addresses.extend(fact.text(socket::address));
            }
        }
        let callers = callers(facts, index, links, group);
        // The one host that is dialled for a protocol by a name that no file explains.
        let mut hosts: BTreeMap<&str, Option<String>> = BTreeMap::new();
        for caller in callers.iter().filter(|c| c.unknown) {
            let host = caller.host.to_ascii_lowercase();
            let known = hosts.entry(&caller.protocol).or_insert_with(|| Some(host.clone()));
            if known.as_ref() != Some(&host) {
                *known = None;
            }
        }
        // What was cut off may be what a client dials.
        let lists: Vec<List<'_>> =
            lists.into_values().filter(|list| list.sockets.len() < MOST_SOCKETS).collect();
        for caller in &callers {
            let one = hosts.get(caller.protocol.as_str()).is_some_and(Option::is_some);
            for list in &lists {
                if let Some(note) = list.is_of(sources, links, caller, one, lists.len() == 1)
                    && let Some((door, socket)) = list.door(caller)
                {
                    found.push((door, socket, note));
                }
            }
        }
    }
    for (door, socket, assumed) in found {
        let from = facts.add(door);
        links.add("finds", Link { from, to: socket, assumed });
    }
}

/// Those of a deployment who dial a port of a host, not of a container.
fn callers(facts: &Facts, index: &Index, links: &Links, group: u32) -> Vec<Caller> {
    let here = |kind| index.here(kind, group).iter().map(|id| (*id, facts.get(*id)));
    let mut all = Vec::new();
    let mut add =
        |fact: &Fact, host: Option<&Said>, port: Option<&Said>, protocol: &str, resolved: Option<&str>| {
            let (Some(host_said), Some(port_said)) = (host, port) else { return };
            let (Value::Text(host), Value::Int(port)) = (&host_said.value, &port_said.value) else { return };
            let local = hosts::is_loopback(host);
            if !local && resolved.is_some_and(|word| word != "unknown") {
                return;
            }
            all.push(Caller {
                file: fact.span.file,
                host: host.to_string(),
                host_said: host_said.clone(),
                port: *port,
                port_said: port_said.clone(),
                protocol: protocol.to_owned(),
                unknown: resolved == Some("unknown"),
                local,
            });
        };
    for (id, fact) in here(&amqp::client::KIND) {
        let contained = fact.bool(amqp::client::in_container) == Some(true);
        let lost = fact.bool(amqp::client::host_is_placeholder) == Some(true);
        if contained || lost || is_proxied(facts, links, id) {
            continue;
        }
        let word = fact.text(amqp::client::resolves_to);
        add(fact, fact.get(amqp::client::host), fact.get(amqp::client::port), "amqp", word);
    }
    for (id, fact) in here(&store::uri::KIND) {
        let contained = fact.bool(store::uri::in_container) == Some(true);
        let lost = fact.bool(store::uri::host_is_placeholder) == Some(true);
        if contained || lost || is_proxied(facts, links, id) {
            continue;
        }
        let word = fact.text(store::uri::resolves_to);
        let protocol = fact.text(store::uri::protocol).unwrap_or_default();
        add(fact, fact.get(store::uri::host), fact.get(store::uri::port), protocol, word);
    }
    for (id, fact) in here(&kafka::bootstrap::KIND) {
        let contained = fact.bool(kafka::bootstrap::in_container) == Some(true);
        if contained || is_proxied(facts, links, id) {
            continue;
        }
        let word = fact.text(kafka::bootstrap::resolves_to);
        add(fact, fact.get(kafka::bootstrap::host), fact.get(kafka::bootstrap::port), "kafka", word);
    }
    // Servers that a proxy expects on its own machine.
    for (_, fact) in here(&proxy::path::KIND) {
        let Some(protocol) = fact.text(proxy::path::service) else { continue };
        let Some(Value::List(items)) = fact.get(proxy::path::upstreams).map(|s| &s.value) else { continue };
        for item in items {
            let Value::Text(text) = &item.value else { continue };
            if let (Some(host), Some(port)) = services::host_port(text)
                && hosts::is_loopback(host)
                && fact.bool(proxy::path::template) != Some(true)
            {
                let host = Said::derived(Value::text(host), item.span());
                let port = Said::derived(Value::Int(port), item.span());
                add(fact, Some(&host), Some(&port), protocol, Some("loopback"));
            }
        }
    }
    all.truncate(MOST_CALLERS);
    let published: Vec<(i64, i64)> = here(&published::KIND)
        .filter_map(|(_, f)| {
            let first = f.int(published::published)?;
            Some((first, f.int(published::published_last).unwrap_or(first)))
        })
        .collect();
    // A container answers there once it runs.
    all.retain(|c| !published.iter().any(|(first, last)| (*first..=*last).contains(&c.port)));
    all
}

impl List<'_> {
    /// Whether the list was taken on the host that a client dials: what has to be assumed for it, or `None` if it was
    /// not, for all that is known.
    fn is_of(
        &self,
        sources: &Sources,
        links: &Links,
        caller: &Caller,
        one: bool,
        only: bool,
    ) -> Option<Option<String>> {
        if links.role(self.file) != links.role(caller.file) {
            return None;
        }
        let name = &sources.get(self.file).name;
        if caller.local {
            return only
                .then(|| Some(format!("`{name}` is taken to be of the host that the client runs on")));
        }
        if self.addresses.contains(caller.host.as_str()) {
            return Some(None);
        }
        if !caller.unknown || hosts::is_ip(&caller.host) {
            return None;
        }
        let host = caller.host.to_ascii_lowercase();
        let label = host.split('.').next().unwrap_or_default();
        let mut words = self.name.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        if label.len() > 1 && words.any(|w| w == label) || self.name.contains(&host) {
            return Some(None);
        }
        (only && one).then(|| Some(format!("`{name}` is taken to be of `{}`", caller.host)))
    }

    /// What the list says to a client, if something is wrong: the fact, and a socket that tells why.
    fn door(&self, caller: &Caller) -> Option<(Fact, FactId)> {
        let speaks = |socket: &Fact| {
            let service = socket.text(socket::service);
            let program = socket.text(socket::process).and_then(|p| PROGRAMS.iter().find(|(n, _)| *n == p));
            match program {
                Some((_, protocol)) => *protocol == caller.protocol,
                None => service == Some(caller.protocol.as_str()),
            }
        };
        let mut own: Vec<&(FactId, &Fact)> = self.sockets.iter().filter(|(_, s)| speaks(s)).collect();
        let erlang = |s: &Fact| s.text(socket::process) == Some("beam.smp");
        let known = |s: &Fact| s.text(socket::service).is_some_and(|s| RABBITMQ.contains(&s));
        if !own.iter().any(|(_, s)| !erlang(s) || known(s)) {
            return None;
        }
        let on_port: Vec<&(FactId, &Fact)> =
            self.sockets.iter().filter(|(_, s)| s.int(socket::port) == Some(caller.port)).collect();
        let inward = |(_, s): &&(FactId, &Fact)| s.bool(socket::loopback_only) == Some(true);
        let loopback = !caller.local && !on_port.is_empty() && on_port.iter().all(inward);
        // A list of these sockets alone was asked for them, and may leave out those of other ports.
        if own.len() == self.sockets.len() && !loopback {
            return None;
        }
        let reached = |(_, s): &&(FactId, &Fact)| {
            s.bool(socket::any_address) == Some(true)
                || if caller.local {
                    s.bool(socket::loopback_only) == Some(true)
                } else {
                    // Of a name it is not known which address it has, but for those of loopback.
                    caller.unknown && !hosts::is_ip(&caller.host)
                        || s.text(socket::address) == Some(caller.host.as_str())
                }
        };
        if !loopback && on_port.iter().any(reached) {
            return None;
        }
        let mut fact =
            Fact::new(&path::door::KIND, caller.port_said.span().unwrap_or(self.sockets.first()?.1.span));
        fact.set(path::door::host, caller.host_said.clone());
        fact.set(path::door::port, caller.port_said.clone());
        fact.derive(path::door::protocol, Value::text(&caller.protocol));
        fact.derive(path::door::loopback, Value::Bool(loopback));
        fact.derive(path::door::other_address, Value::Bool(!on_port.is_empty()));
        if on_port.is_empty() {
            // A program may listen for other things as well: a broker's console, its cluster.
            let service = |s: &Fact| s.text(socket::service).is_none_or(|known| known == caller.protocol);
            let narrow: Vec<_> = own.iter().copied().filter(|(_, s)| service(s)).collect();
            own = if narrow.is_empty() { own } else { narrow };
        } else {
            own = on_port;
        }
        let list = |mut values: Vec<Said>| {
            values.dedup_by(|a, b| a.value == b.value);
            Value::List(values)
        };
        let mut ports: Vec<i64> = own.iter().filter_map(|(_, s)| s.int(socket::port)).collect();
        ports.sort_unstable();
        ports.dedup();
        let ports = ports.into_iter().map(|p| Said::derived(Value::Int(p), None)).collect();
        fact.derive(path::door::ports, list(ports));
        let addresses = own.iter().filter_map(|(_, s)| s.get(socket::address).cloned()).collect();
        fact.derive(path::door::addresses, list(addresses));
        Some((fact, own.first()?.0))
    }
}
