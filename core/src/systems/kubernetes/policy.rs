//! Network policies, and the namespaces that they name.

use std::sync::Arc;

use crate::facts::kinds::kubernetes::{namespace, network_policy, policy_rule};
use crate::facts::{Fact, FactId, Said, Value};
use crate::firewall::{
    Peer, PodPolicy, PolicyPort, PolicyRule, PortRange, PortTest, Selector, Term, Test, Transport,
};
use crate::syntax::{Data, Node};
use crate::systems::Reading;
use crate::systems::containers::nodes;

/// Blocks that hold every address of their family.
const WORLD: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// The port on which names are asked for.
const DNS: u16 = 53;

pub(super) fn read_namespace(object: &Node<'_>, template: bool, out: &mut Reading) {
    let mut fact = Fact::new(&namespace::KIND, object.get("kind").map_or(object.span, nodes::span));
    nodes::put_text(&mut fact, namespace::name, object.at(&["metadata", "name"]));
    nodes::put_assignments(&mut fact, namespace::labels, object.at(&["metadata", "labels"]));
    fact.derive(namespace::template, Value::Bool(template));
    out.facts.add(fact);
}

pub(super) fn read(object: &Node<'_>, template: bool, out: &mut Reading) {
    let Some(spec) = object.get("spec") else { return };
    let policy = policy(object, spec, template);
    let mut fact = Fact::new(&network_policy::KIND, policy.span);
    nodes::put_text(&mut fact, network_policy::name, object.at(&["metadata", "name"]));
    nodes::put_text(&mut fact, network_policy::namespace, object.at(&["metadata", "namespace"]));
    let labels = spec.at(&["podSelector", "matchLabels"]);
    nodes::put_assignments(&mut fact, network_policy::selector, labels);
    fact.derive(network_policy::selects_all, Value::Bool(policy.selector.is_empty()));
    fact.derive(network_policy::isolates_ingress, Value::Bool(policy.ingress.is_some()));
    fact.derive(network_policy::isolates_egress, Value::Bool(policy.egress.is_some()));
    if let Some(rules) = &policy.egress {
        let to_pods = |r: &&PolicyRule| r.peers.iter().any(|p| matches!(p, Peer::Pods { .. }));
        fact.derive(network_policy::egress_to_pods, Value::Int(rules.iter().filter(to_pods).count() as i64));
        let dns = template || rules.iter().any(lets_dns_out);
        fact.derive(network_policy::egress_dns, Value::Bool(dns));
    }
    fact.derive(network_policy::template, Value::Bool(template));
    let id = out.facts.add(fact);
    for way in ["ingress", "egress"] {
        for node in spec.get(way).map(Node::items).unwrap_or_default() {
            out.facts.add(rule_fact(node, way, id));
        }
    }
    out.policies.push(policy);
}

fn lets_dns_out(rule: &PolicyRule) -> bool {
    rule.ports.is_empty()
        || rule.ports.iter().any(|p| match &p.port {
            PortTest::All | PortTest::Unknown => true,
            PortTest::Range(range) => range.has(DNS),
            PortTest::Named(name) => name.contains("dns"),
        })
}

fn policy(object: &Node<'_>, spec: &Node<'_>, template: bool) -> PodPolicy {
    let arc = |path: &[&str]| object.at(path).and_then(nodes::text).map(Arc::from);
    let types: Option<Vec<String>> =
        spec.get("policyTypes").map(|t| t.items().iter().filter_map(nodes::text).collect());
    // NetworkPolicySpec: without `policyTypes` a policy speaks of ingress, and of egress if it has that key.
    let speaks = |name: &str, otherwise: bool| match &types {
        Some(list) => list.iter().any(|t| t == name),
        None => otherwise,
    };
    let rules = |way: &str, peers: &str| -> Vec<PolicyRule> {
        let items = spec.get(way).map(Node::items).unwrap_or_default();
        items.iter().map(|i| rule(i, peers, template)).collect()
    };
    let ingress = speaks("Ingress", true).then(|| rules("ingress", "from"));
    let egress = speaks("Egress", spec.get("egress").is_some()).then(|| rules("egress", "to"));
    PodPolicy {
        name: arc(&["metadata", "name"]).unwrap_or_else(|| Arc::from("")),
        namespace: arc(&["metadata", "namespace"]),
        selector: spec.get("podSelector").map_or_else(Selector::default, |n| selector(n, template)),
        ingress,
        egress,
        open: template,
        span: object.get("kind").map_or(object.span, nodes::span),
    }
}

fn rule(node: &Node<'_>, peers: &str, template: bool) -> PolicyRule {
    let peers = node.get(peers).map(Node::items).unwrap_or_default();
    let ports = node.get("ports").map(Node::items).unwrap_or_default();
    PolicyRule {
        peers: peers.iter().map(|p| peer(p, template)).collect(),
        ports: ports.iter().map(port).collect(),
        span: node.span,
    }
}

fn peer(node: &Node<'_>, template: bool) -> Peer {
    if node.get("ipBlock").is_some() {
        return Peer::Block;
    }
    let part = |key: &str| node.get(key).map(|n| selector(n, template));
    match (part("namespaceSelector"), part("podSelector")) {
        (None, None) => Peer::Unknown,
        (namespaces, pods) => Peer::Pods { namespaces, pods },
    }
}

fn selector(node: &Node<'_>, template: bool) -> Selector {
    let mut terms = Vec::new();
    for (key, value) in node.get("matchLabels").map(Node::pairs).unwrap_or_default() {
        let test = nodes::text(value).map_or(Test::Unknown, |v| Test::In(vec![Arc::from(v)]));
        terms.push(Term { key: Arc::from(key.view.text.as_ref()), test });
    }
    for item in node.get("matchExpressions").map(Node::items).unwrap_or_default() {
        let items = item.get("values").map(Node::items).unwrap_or_default();
        let values: Vec<Arc<str>> = items.iter().filter_map(nodes::text).map(Arc::from).collect();
        let complete = values.len() == items.len();
        let Some(key) = item.get("key").and_then(nodes::text) else {
            terms.push(Term { key: Arc::from(""), test: Test::Unknown });
            continue;
        };
        let test = match item.get("operator").and_then(Node::text) {
            Some("In") if complete => Test::In(values),
            Some("NotIn") if complete => Test::NotIn(values),
            Some("Exists") => Test::Exists,
            Some("DoesNotExist") => Test::Absent,
            _ => Test::Unknown,
        };
        terms.push(Term { key: Arc::from(key), test });
    }
    Selector { terms, open: template }
}

fn port(node: &Node<'_>) -> PolicyPort {
    let transport = match node.get("protocol").map(nodes::text) {
        None => Some(Transport::Tcp),
        Some(Some(word)) if word == "TCP" => Some(Transport::Tcp),
        Some(Some(word)) if word == "UDP" => Some(Transport::Udp),
        Some(_) => None,
    };
    let (test, span) = match node.get("port") {
        None => (PortTest::All, node.span),
        Some(port) => (port_test(port, node.get("endPort")), nodes::span(port)),
    };
    PolicyPort { transport, port: test, span }
}

fn port_test(node: &Node<'_>, end: Option<&Node<'_>>) -> PortTest {
    let Some(text) = nodes::text(node) else { return PortTest::Unknown };
    let Ok(first) = text.trim().parse::<u16>() else { return PortTest::Named(Arc::from(text)) };
    match end.map(|e| nodes::text(e).and_then(|t| t.trim().parse::<u16>().ok())) {
        None => PortTest::Range(PortRange::one(first)),
        Some(Some(last)) => PortTest::Range(PortRange { first, last }),
        Some(None) => PortTest::Unknown,
    }
}

fn rule_fact(node: &Node<'_>, way: &str, policy: FactId) -> Fact {
    let mut fact = Fact::new(&policy_rule::KIND, node.span);
    fact.derive(policy_rule::policy, Value::Record(policy));
    fact.derive(policy_rule::way, Value::text(way));
    let list = node.get(if way == "ingress" { "from" } else { "to" });
    let peers = list.map(Node::items).unwrap_or_default();
    // A list that is there and holds nothing readable may come from a template.
    let anyone = peers.is_empty() && list.is_none_or(|l| matches!(&l.data, Data::Seq(_)));
    fact.derive(policy_rule::anyone, Value::Bool(anyone));
    let mut blocks = Vec::new();
    let mut world = Vec::new();
    for block in peers.iter().filter_map(|p| p.get("ipBlock")) {
        let Some(cidr) = block.get("cidr") else { continue };
        let Some(text) = nodes::text(cidr) else { continue };
        let said = Said::written(Value::text(&text), nodes::span(cidr));
        if WORLD.contains(&text.as_str()) && block.get("except").is_none() {
            world.push(said.clone());
        }
        blocks.push(said);
    }
    for (field, said) in [(policy_rule::blocks, blocks), (policy_rule::world, world)] {
        fact.set(field, Said::derived(Value::List(said), None));
    }
    let ports = node.get("ports").map(Node::items).unwrap_or_default();
    fact.derive(policy_rule::all_ports, Value::Bool(ports.is_empty()));
    let numbers = ports.iter().filter_map(|p| {
        let port = p.get("port")?;
        Some((nodes::text(port)?.trim().parse().ok()?, nodes::span(port)))
    });
    nodes::put_ints(&mut fact, policy_rule::ports, numbers.collect(), node.span);
    let alone =
        |key: &str, other: &str| peers.iter().find(|p| p.get(key).is_some() && p.get(other).is_none());
    for (field, key, other) in [
        (policy_rule::namespace_alone, "namespaceSelector", "podSelector"),
        (policy_rule::pod_alone, "podSelector", "namespaceSelector"),
    ] {
        let Some(selector) = alone(key, other).and_then(|p| p.get(key)) else { continue };
        let pairs = selector.get("matchLabels").map(Node::pairs).unwrap_or_default();
        let words: Vec<String> = pairs
            .iter()
            .map(|(k, v)| format!("{}={}", k.view.text, nodes::text(v).unwrap_or_default()))
            .collect();
        fact.write(field, Value::text(words.join(",")), selector.span);
    }
    fact
}

#[cfg(test)]
mod tests;
