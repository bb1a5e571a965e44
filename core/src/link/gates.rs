//! Firewalls in front of brokers.
//!
//! A firewall's file does not say which host it guards. It is paired only where a deployment has one firewall, and that
//! firewall speaks of messaging ports itself or lies beside the settings of the only broker; the finding says what was
//! taken for granted.

use crate::facts::kinds::{amqp, compose, firewall, kubernetes, path, rabbitmq};
use crate::facts::{Fact, FactId, Facts, Said, Value};
use crate::firewall::{Block, Family, Query, Reach, Refusal, Ruleset, Sender, Transport, reach};
use crate::source::{FileId, Sources};

use super::ways::is_proxied;
use super::{Index, Link, Links};

/// Classes of ports that show that a firewall guards a broker.
const MESSAGING: [&str; 3] = ["broker", "broker-tls", "cluster"];

/// Pairs clients (`passes`) and listeners (`stands_behind`) with the firewall between them and the world.
pub(super) fn link(
    sources: &Sources,
    facts: &mut Facts,
    rulesets: &[Ruleset],
    index: &Index,
    links: &mut Links,
) {
    let mut found: Vec<(&'static str, FactId, Fact, String)> = Vec::new();
    let groups: std::collections::BTreeSet<u32> =
        rulesets.iter().map(|r| links.number(r.span.file)).collect();
    for group in groups {
        let mut own = rulesets.iter().filter(|r| links.number(r.span.file) == group);
        let (Some(ruleset), None) = (own.next(), own.next()) else { continue };
        let [wall] = index.here(&firewall::firewall::KIND, group) else { continue };
        let is = |field| facts.get(*wall).bool(field);
        if is(firewall::firewall::enabled) == Some(false) || is(firewall::firewall::image_build) == Some(true)
        {
            continue;
        }
        let ports: Vec<&Fact> =
            index.here(&firewall::port::KIND, group).iter().map(|p| facts.get(*p)).collect();
        let named = index.here(&firewall::rule::KIND, group).iter().map(|r| facts.get(*r));
        let named: Vec<&Fact> = named
            .filter(|r| r.text(firewall::rule::service_class).is_some_and(|c| MESSAGING.contains(&c)))
            .collect();
        let messaging = |p: &&Fact| p.text(firewall::port::class).is_some_and(|c| MESSAGING.contains(&c));
        let speaks = !named.is_empty() || ports.iter().any(messaging);
        if !speaks && !beside_broker(sources, facts, ruleset.span.file, group, index) {
            continue;
        }
        let let_in = named
            .iter()
            .filter(|r| r.text(firewall::rule::action) == Some("accept"))
            .filter_map(|r| r.text(firewall::rule::ports)?.parse().ok());
        let mut open: Vec<i64> = ports
            .iter()
            .filter(|p| p.text(firewall::port::class).is_some_and(|c| MESSAGING.contains(&c)))
            .filter(|p| p.text(firewall::port::reach) != Some("no"))
            .filter_map(|p| p.int(firewall::port::port))
            .chain(let_in)
            .collect();
        open.sort_unstable();
        open.dedup();
        let note = format!("`{}` is taken to guard the broker's host", sources.get(ruleset.span.file).name);
        let from = links.places.named.get(&group).and_then(|d| Block::parse(d.from.as_deref()?));
        let mut ask = |relation, id: FactId, port: Option<i64>| {
            let Some(port) = port.and_then(|p| u16::try_from(p).ok()).filter(|p| *p > 0) else { return };
            if let Some(gate) = gate(*wall, ruleset, from, port, &open) {
                found.push((relation, id, gate, note.clone()));
            }
        };
        for &client in index.here(&amqp::client::KIND, group) {
            let fact = facts.get(client);
            // What a container dials by service name never leaves Docker's own network.
            let outside = matches!(fact.text(amqp::client::resolves_to), Some("unknown"));
            if outside && !is_proxied(facts, links, client) {
                ask("passes", client, fact.int(amqp::client::port));
            }
        }
        for &listener in index.here(&rabbitmq::listener::KIND, group) {
            let fact = facts.get(listener);
            // A host that lets no messaging in may well have its broker for itself.
            if speaks && fact.bool(rabbitmq::listener::loopback_only) != Some(true) {
                ask("stands_behind", listener, fact.int(rabbitmq::listener::port));
            }
        }
    }
    for (relation, from, gate, note) in found {
        let to = facts.add(gate);
        links.add(relation, Link { from, to, assumed: Some(note) });
    }
}

/// True if a firewall's file lies in the folder of all broker listeners of its deployment, and nothing of it runs in
/// containers, whose published ports pass a host's own rules.
fn beside_broker(sources: &Sources, facts: &Facts, wall: FileId, group: u32, index: &Index) -> bool {
    let folder = sources.get(wall).directory();
    let listeners = index.here(&rabbitmq::listener::KIND, group);
    let beside = |id: &FactId| sources.get(facts.get(*id).span.file).directory() == folder;
    let contained = [&compose::service::KIND, &kubernetes::workload::KIND];
    !listeners.is_empty()
        && listeners.iter().all(beside)
        && contained.iter().all(|kind| index.here(kind, group).is_empty())
}

/// What a firewall does to connections to a port from where clients sit; whoever opens them, if nobody says where.
fn gate(wall: FactId, ruleset: &Ruleset, from: Option<Block>, port: u16, open: &[i64]) -> Option<Fact> {
    let from = from.unwrap_or(Block::all(Family::V4));
    let query = Query {
        sender: Sender::Block(from),
        port,
        transport: Transport::Tcp,
        family: from.family,
        destination: None,
        interface: None,
    };
    let answer = reach(ruleset, &query);
    let mut fact = Fact::new(&path::gate::KIND, ruleset.span);
    fact.derive(path::gate::firewall, Value::Record(wall));
    fact.derive(path::gate::tool, Value::text(ruleset.tool));
    fact.derive(path::gate::port, Value::Int(i64::from(port)));
    fact.derive(path::gate::reach, Value::text(answer.as_str()));
    let items = open.iter().map(|p| Said::derived(Value::Int(*p), None)).collect();
    fact.derive(path::gate::open_ports, Value::List(items));
    match &answer {
        Reach::No { by, refusal } => {
            fact.write(path::gate::decided_by, Value::text(by_text(ruleset)), by.span);
            let word = if *refusal == Refusal::Drop { "drop" } else { "reject" };
            fact.derive(path::gate::refusal, Value::text(word));
        }
        Reach::Limited { by, limit } => {
            fact.write(path::gate::decided_by, Value::text(by_text(ruleset)), by.span);
            fact.derive(path::gate::limit, Value::text(limit));
        }
        _ => return None,
    }
    Some(fact)
}

fn by_text(ruleset: &Ruleset) -> String {
    format!("the {} rules", ruleset.tool)
}
