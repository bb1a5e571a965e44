//! Services of a Compose file that dial a broker of the same file: which listener they come to, and where it sends them
//! on to.

use std::collections::BTreeMap;

use super::environment::record;
use crate::facts::kinds::compose::service;
use crate::facts::kinds::container::variable;
use crate::facts::kinds::kafka::{broker, dial, listener};
use crate::facts::{Fact, FactId, Facts, Said, Value};
use crate::hosts;
use crate::source::Span;
use crate::systems::services::host_port;

/// More brokers in one variable, or in one run, are not looked at.
const MAX_BROKERS: usize = 16;
const MAX_SERVERS: usize = 200;

struct Listener {
    name: String,
    host: Option<String>,
    port: i64,
    advertised: bool,
    controller: bool,
    protocol: Option<String>,
    span: Span,
}

struct Broker {
    id: FactId,
    home: FactId,
    listeners: Vec<Listener>,
    /// Every listener is known.
    whole: bool,
}

/// Adds what variables of `facts` dial among the brokers of `found`.
pub(super) fn add(facts: &Facts, found: &mut Facts) {
    let brokers = brokers(facts, found);
    if brokers.is_empty() {
        return;
    }
    let mut dials = Vec::new();
    for (_, fact) in facts.of(&variable::KIND) {
        let Some(home) = record(fact, variable::service) else { continue };
        let Some(name) = fact.text(variable::name) else { continue };
        let named = ["BOOTSTRAP", "BROKER", "KAFKA"].iter().any(|n| name.contains(n));
        // What a broker advertises, where its controllers are and where it serves other protocols is nothing that a
        // client of Kafka dials.
        let told = ["LISTENER", "QUORUM", "VOTERS", "METADATA_SERVER", "JMX", "REST", "ZOOKEEPER"]
            .iter()
            .any(|n| name.contains(n));
        let own = facts.get(home).text(service::network_mode) == Some("host");
        if !named || told || own || fact.bool(variable::placeholder) == Some(true) {
            continue;
        }
        let Some((Value::Text(text), Some(span))) =
            fact.get(variable::value).filter(|s| !s.secret).map(|s| (&s.value, s.span()))
        else {
            continue;
        };
        for part in text.split(',').take(MAX_BROKERS) {
            let part = part.trim();
            // Addresses within other texts, as of JAAS, are not the client's own.
            if part.contains(|c: char| c.is_whitespace() || matches!(c, '"' | ';' | '=')) {
                continue;
            }
            let (scheme, address) = part.split_once("://").unwrap_or(("", part));
            if scheme.starts_with("http") {
                continue;
            }
            let (Some(host), Some(port)) = host_port(address) else { continue };
            let mut all = brokers.iter().filter(|b| {
                b.home != home
                    && facts.get(b.home).span.file == fact.span.file
                    && bears(facts.get(b.home), host)
            });
            // Two services of one name are two ways to answer.
            if let (Some(broker), None) = (all.next(), all.next()) {
                dials.extend(one(broker, host, port, span));
            }
        }
    }
    for dial in dials {
        found.add(dial);
    }
}

fn brokers(facts: &Facts, found: &Facts) -> Vec<Broker> {
    let mut all: BTreeMap<FactId, Broker> = BTreeMap::new();
    for (id, fact) in found.of(&broker::KIND) {
        let Some(home) = record(fact, broker::service) else { continue };
        let open = facts.get(home).bool(service::partial) == Some(true);
        let filled = ["listeners", "advertised.listeners"].iter().any(|key| {
            matches!(fact.get(broker::filled_in).map(|s| &s.value),
                Some(Value::List(keys)) if keys.iter().any(|k| k.shown() == *key))
        });
        all.insert(id, Broker { id, home, listeners: Vec::new(), whole: !open && !filled });
    }
    for (_, fact) in found.of(&listener::KIND) {
        let Some(owner) = record(fact, listener::broker) else { continue };
        if let (Some(broker), Some(name), Some(port)) =
            (all.get_mut(&owner), fact.text(listener::name), fact.int(listener::port))
        {
            broker.listeners.push(Listener {
                name: name.to_owned(),
                host: fact.text(listener::host).map(str::to_owned),
                port,
                advertised: fact.bool(listener::advertised) == Some(true),
                controller: fact.bool(listener::controller) == Some(true),
                protocol: fact.text(listener::protocol).map(str::to_owned),
                span: fact.span,
            });
        }
    }
    all.into_values().take(MAX_SERVERS).collect()
}

/// True if a service answers to a name on its networks.
fn bears(fact: &Fact, host: &str) -> bool {
    let aliases = match fact.get(service::aliases).map(|s| &s.value) {
        Some(Value::List(items)) => items.iter().any(|i| i.shown() == host),
        _ => false,
    };
    aliases
        || [service::name, service::container_name, service::hostname]
            .iter()
            .any(|field| fact.text(*field) == Some(host))
}

fn one(broker: &Broker, host: &str, port: i64, span: Span) -> Option<Fact> {
    let mut fact = Fact::new(&dial::KIND, span);
    fact.write(dial::host, Value::text(host), span);
    fact.write(dial::port, Value::Int(port), span);
    fact.derive(dial::broker, Value::Record(broker.id));
    let heard: Vec<&Listener> = broker.listeners.iter().filter(|l| !l.advertised).collect();
    // Without `listeners` the images listen on the ports that are advertised.
    let all: Vec<&Listener> = if heard.is_empty() { broker.listeners.iter().collect() } else { heard };
    if all.is_empty() || !broker.whole {
        return None;
    }
    let ports: Vec<Said> =
        all.iter().filter(|l| !l.controller).map(|l| Said::written(Value::Int(l.port), l.span)).collect();
    let here = all.iter().find(|l| l.port == port);
    fact.derive(dial::listened, Value::Bool(here.is_some()));
    fact.derive(dial::ports, Value::List(ports));
    let Some(here) = here else { return Some(fact) };
    fact.derive(dial::listener, Value::text(&here.name));
    fact.derive(dial::controller, Value::Bool(here.controller));
    if let Some(protocol) = &here.protocol {
        fact.derive(dial::protocol, Value::text(protocol));
    }
    let told = broker.listeners.iter().find(|l| l.advertised && l.name == here.name);
    if let Some(told) = told {
        if let Some(host) = &told.host {
            fact.write(dial::advertised_host, Value::text(host), told.span);
            let loopback = Said::derived(Value::Bool(hosts::is_loopback(host)), Some(told.span));
            fact.set(dial::advertised_loopback, loopback);
        }
        fact.write(dial::advertised_port, Value::Int(told.port), told.span);
    }
    Some(fact)
}
