//! Network policies between a client's pod and the pods of the service that it names.

use std::sync::Arc;

use crate::facts::kinds::kubernetes::{container, network_policy, service, service_port, workload};
use crate::facts::kinds::path::admission;
use crate::facts::kinds::{amqp, store};
use crate::facts::{Fact, FactId, Facts, Field, Said, Value};
use crate::firewall::{
    Admission, Label, Labels, Missing, Pod, PodPolicy, PodPort, PolicyRule, PortTest, Transport, Way, admits,
};

use super::names::{numbers, record, texts};
use super::pods::{Spaces, pod_labels};
use super::{Index, Link, Links};

/// A client may name a service of many workloads; more pairs than this are not looked at.
const MOST_ADMISSIONS: usize = 10_000;

/// A client's fields, whichever protocol it speaks.
struct Caller {
    id: FactId,
    host: Field,
    port: Field,
}

/// A pod with what it needs to be asked about.
struct Known {
    namespace: Option<String>,
    space: (Vec<Label>, bool),
    labels: (Vec<Label>, bool),
}

impl Known {
    fn new(facts: &Facts, spaces: &Spaces, group: u32, id: FactId) -> Known {
        let fact = facts.get(id);
        let namespace = fact.text(workload::namespace).map(str::to_owned);
        let space = spaces.labels(group, namespace.as_deref());
        Known { namespace, space, labels: pod_labels(fact) }
    }

    fn pod(&self) -> Pod<'_> {
        Pod {
            namespace: self.namespace.as_deref(),
            space: Labels { list: &self.space.0, complete: self.space.1 },
            labels: Labels { list: &self.labels.0, complete: self.labels.1 },
        }
    }
}

/// Adds a fact for each way that a client's connection has to pass policies (`meets`).
pub(super) fn link(policies: &[PodPolicy], facts: &mut Facts, index: &Index, links: &mut Links) {
    let spaces = Spaces::new(facts, links);
    let mut found: Vec<(FactId, Fact)> = Vec::new();
    for caller in callers(facts) {
        let client = facts.get(caller.id);
        let group = links.number(client.span.file);
        let homes: Vec<FactId> = links
            .from("lives_in", caller.id)
            .map(|l| l.to)
            .filter(|h| std::ptr::eq(facts.get(*h).kind, &workload::KIND))
            .collect();
        let services = links.from("names", caller.id).map(|l| l.to);
        let services: Vec<FactId> =
            services.filter(|s| std::ptr::eq(facts.get(*s).kind, &service::KIND)).collect();
        let own: Vec<&PodPolicy> = policies.iter().filter(|p| links.number(p.span.file) == group).collect();
        for &home in &homes {
            for &service in &services {
                let pair = Pair { caller: &caller, home, service, group };
                found.extend(
                    pair.judge(&own, &spaces, facts, index, links).into_iter().map(|f| (caller.id, f)),
                );
            }
        }
        if found.len() > MOST_ADMISSIONS {
            break;
        }
    }
    for (client, fact) in found {
        let to = facts.add(fact);
        links.add("meets", Link { from: client, to, assumed: None });
    }
}

fn callers(facts: &Facts) -> Vec<Caller> {
    let amqp = facts.of(&amqp::client::KIND).map(|(id, _)| Caller {
        id,
        host: amqp::client::host,
        port: amqp::client::port,
    });
    let stores = facts.of(&store::uri::KIND).map(|(id, _)| Caller {
        id,
        host: store::uri::host,
        port: store::uri::port,
    });
    amqp.chain(stores).collect()
}

/// A client in a workload and a service that it names.
struct Pair<'a> {
    caller: &'a Caller,
    home: FactId,
    service: FactId,
    group: u32,
}

impl Pair<'_> {
    /// What stands between them: one fact for each workload behind the service and each way, those of other faults of
    /// the pair included.
    fn judge(
        &self,
        policies: &[&PodPolicy],
        spaces: &Spaces,
        facts: &Facts,
        index: &Index,
        links: &Links,
    ) -> Vec<Fact> {
        let mut out = Vec::new();
        let client = facts.get(self.caller.id);
        let Some(port) = client.int(self.caller.port) else { return out };
        let mut start = self.fact(facts, port);
        let service = facts.get(self.service);
        if let Some(host) = client.text(self.caller.host) {
            let (own, theirs) =
                (facts.get(self.home).text(workload::namespace), service.text(service::namespace));
            if let (Some(own), Some(theirs)) = (own, theirs)
                && own != theirs
                && !host.trim_end_matches('.').contains('.')
            {
                start.derive(admission::other_namespace, Value::text(theirs));
            }
        }
        let ports = index.here(&service_port::KIND, self.group).iter().map(|p| facts.get(*p));
        let dialled: Vec<&Fact> = ports
            .filter(|p| record(p, service_port::service) == Some(self.service))
            .filter(|p| p.int(service_port::port) == Some(port))
            .collect();
        let listed = numbers(service, service::ports);
        let forwards = service.text(service::sort) != Some("ExternalName")
            && service.bool(service::headless) != Some(true)
            && service.bool(service::template) == Some(false);
        if forwards && !listed.is_empty() {
            start.derive(admission::on_service, Value::Bool(listed.contains(&port)));
        }
        // A headless service is dialled at the pod's own port.
        let target = match dialled[..] {
            [one] if service.bool(service::headless) != Some(true) => one.int(service_port::target),
            _ if service.bool(service::headless) == Some(true) => Some(port),
            _ => None,
        };
        let host_network = |w: FactId| facts.get(w).bool(workload::host_network) == Some(true);
        let servers = links.from("leads_to", self.service).map(|l| l.to);
        let servers: Vec<FactId> = servers.filter(|s| !host_network(*s) && *s != self.home).collect();
        if let Some(number) = target.and_then(|t| u16::try_from(t).ok())
            && !host_network(self.home)
        {
            let known = |w| Known::new(facts, spaces, self.group, w);
            let client = known(self.home);
            for server in servers {
                let behind = known(server);
                let named = named_ports(facts, index, self.group, server);
                let port = PodPort { number, transport: Transport::Tcp, named: named.as_deref() };
                for (way, pod, peer) in [(Way::Ingress, &behind, &client), (Way::Egress, &client, &behind)] {
                    let answer = admits(policies, &pod.pod(), way, &peer.pod(), &port);
                    let mut fact = start.clone();
                    fact.derive(admission::server, Value::Record(server));
                    fact.derive(admission::pod_port, Value::Int(number.into()));
                    fact.derive(admission::way, Value::text(way.as_str()));
                    decide(&mut fact, &answer, facts, way);
                    out.push(fact);
                }
            }
        }
        if out.is_empty() {
            out.push(start);
        }
        out
    }

    fn fact(&self, facts: &Facts, port: i64) -> Fact {
        let client = facts.get(self.caller.id);
        let mut fact = Fact::new(&admission::KIND, client.span);
        fact.copy(admission::host, client, self.caller.host);
        let said = Said::derived(Value::Int(port), client.get(self.caller.port).and_then(Said::span));
        fact.set(admission::port, said);
        fact.derive(admission::home, Value::Record(self.home));
        fact.derive(admission::service, Value::Record(self.service));
        fact
    }
}

/// The ports that a workload's containers name; `None` if a name stands for a number that is not known.
fn named_ports(facts: &Facts, index: &Index, group: u32, id: FactId) -> Option<Vec<(Arc<str>, u16)>> {
    let mut out = Vec::new();
    for &container in index.here(&container::KIND, group) {
        let fact = facts.get(container);
        if record(fact, container::workload) != Some(id) {
            continue;
        }
        match (&texts(fact, container::port_names)[..], &numbers(fact, container::ports)[..]) {
            ([], _) => {}
            (names, ports) if names.len() == ports.len() => {
                let pairs = names
                    .iter()
                    .zip(ports)
                    .filter_map(|(n, p)| Some((Arc::from(*n), u16::try_from(*p).ok()?)));
                out.extend(pairs);
            }
            _ => return None,
        }
    }
    Some(out)
}

fn decide(fact: &mut Fact, answer: &Admission<'_>, facts: &Facts, way: Way) {
    let word = match answer {
        Admission::Open | Admission::Yes(_) => "yes",
        Admission::No(..) => "no",
        Admission::Unknown => "unknown",
    };
    fact.derive(admission::reach, Value::text(word));
    match answer {
        Admission::Yes(rule) => {
            fact.write(admission::decided_by, Value::text("this rule"), rule.span);
        }
        Admission::No(policy, missing) => {
            let at = facts.of(&network_policy::KIND).find(|(_, f)| f.span == policy.span);
            if let Some((id, _)) = at {
                fact.derive(admission::policy, Value::Record(id));
            }
            let (word, rule) = match missing {
                Missing::Port(rule) => ("port", Some(*rule)),
                Missing::Peer(rule) => ("peer", Some(*rule)),
                Missing::Both => ("both", None),
            };
            let name = if policy.name.is_empty() { "this policy" } else { &policy.name };
            fact.write(admission::decided_by, Value::text(name), rule.map_or(policy.span, |r| r.span));
            fact.derive(admission::missing, Value::text(word));
            let rules: &[PolicyRule] = match (missing, rule) {
                (Missing::Port(_), Some(rule)) => std::slice::from_ref(rule),
                _ => policy.rules(way).unwrap_or_default(),
            };
            let ports = rules.iter().flat_map(|r| &r.ports).filter_map(|p| match p.port {
                PortTest::Range(range) if p.transport == Some(Transport::Tcp) => {
                    Some(Said::written(Value::Int(range.first.into()), p.span))
                }
                _ => None,
            });
            fact.set(admission::let_through, Said::derived(Value::List(ports.collect()), None));
        }
        Admission::Open | Admission::Unknown => {}
    }
}
