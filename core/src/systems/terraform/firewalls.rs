//! Security groups and firewall rules: what they let in, and from where.

use crate::facts::kinds::cloud::{group as cloud_group, ingress};
use crate::facts::{Fact, Said, Value};
use crate::firewall::{Class, PORTS};
use crate::source::Span;
use crate::syntax::Node;
use crate::syntax::hcl::Block;
use crate::systems::Reading;
use crate::systems::containers::nodes;

use super::{GROUP, Resource, literal, number, references, texts};

/// Sources that are everybody, as AWS, Google Cloud and Azure write them.
const WORLD: [&str; 6] = ["0.0.0.0/0", "::/0", "*", "Internet", "0.0.0.0", "any"];

pub(super) fn read(all: &[Resource<'_, '_>], out: &mut Reading) {
    for &resource in all {
        let block = resource.block;
        match resource.sort() {
            "aws_security_group" | "aws_default_security_group" => {
                let own = (resource.sort() == GROUP).then(|| resource.name());
                // `ingress = [...]` and blocks that are made say more than is read.
                let mut open = block.get("ingress").is_some()
                    || block.inner("dynamic").any(|made| made.label(0) == "ingress");
                for rule in block.inner("ingress") {
                    let sources = [rule.get("cidr_blocks"), rule.get("ipv6_cidr_blocks")];
                    let ports = aws_ports(rule, "protocol");
                    open |= !ports.settled(rule, "protocol");
                    add(resource, own, &ports, &sources, out);
                }
                if let (Some(name), Some(span)) = (own, resource.span()) {
                    group(resource.sort(), name, open, span, out);
                }
            }
            "aws_security_group_rule" if !is(block, "type", &["egress"]) => {
                let sources = [block.get("cidr_blocks"), block.get("ipv6_cidr_blocks")];
                let certain = is(block, "type", &["ingress"]) && !repeated(block);
                of_group(resource, "protocol", certain, &sources, out);
            }
            "aws_vpc_security_group_ingress_rule" => {
                let sources = [block.get("cidr_ipv4"), block.get("cidr_ipv6")];
                of_group(resource, "ip_protocol", !repeated(block), &sources, out);
            }
            "google_compute_firewall" if is(block, "direction", &["INGRESS"]) => {
                for allow in block.inner("allow") {
                    for ports in google_ports(allow) {
                        add(resource, None, &ports, &[block.get("source_ranges"), None], out);
                    }
                }
            }
            "azurerm_network_security_rule" => azure(resource, block, out),
            "azurerm_network_security_group" => {
                block.inner("security_rule").for_each(|rule| azure(resource, rule, out));
            }
            _ => {}
        }
    }
}

/// True if an attribute has one of these values, the first of which holds when it is not written.
fn is(block: &Block<'_>, name: &str, values: &[&str]) -> bool {
    match block.get(name) {
        Some(node) => literal(node).is_some_and(|t| values.iter().any(|v| v.eq_ignore_ascii_case(&t))),
        None => name == "direction",
    }
}

/// Ports that a rule lets in.
enum Let {
    /// All, of every protocol or of TCP.
    All(Option<Span>),
    /// From the first to the last.
    Range(i64, i64, Span),
    /// None of TCP, or not known.
    Nothing,
}

impl Let {
    /// True if it is known what a rule lets in: `Nothing` for a protocol that is not TCP only.
    fn settled(&self, rule: &Block<'_>, protocol: &str) -> bool {
        !matches!(self, Let::Nothing)
            || rule
                .get(protocol)
                .and_then(literal)
                .is_some_and(|p| !matches!(p.as_str(), "tcp" | "6" | "TCP"))
    }
}

fn aws_ports(block: &Block<'_>, protocol: &str) -> Let {
    let Some(node) = block.get(protocol) else { return Let::Nothing };
    match literal(node).as_deref() {
        Some("-1" | "all") => Let::All(Some(nodes::span(node))),
        Some("tcp" | "6" | "TCP") => {
            let (Some(first), Some(last)) = (block.get("from_port"), block.get("to_port")) else {
                return Let::Nothing;
            };
            match (number(first), number(last)) {
                (Some(0 | 1), Some(65_535)) => Let::All(Some(nodes::span(first))),
                (Some(from), Some(to)) => Let::Range(from, to, nodes::span(first)),
                _ => Let::Nothing,
            }
        }
        _ => Let::Nothing,
    }
}

/// `N` or `N-M`.
fn range(node: &Node<'_>) -> Let {
    let Some(text) = literal(node) else { return Let::Nothing };
    let (first, last) = text.split_once('-').unwrap_or((&text, &text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(0 | 1), Ok(65_535)) => Let::All(Some(nodes::span(node))),
        (Ok(first), Ok(last)) => Let::Range(first, last, nodes::span(node)),
        _ if text == "*" => Let::All(Some(nodes::span(node))),
        _ => Let::Nothing,
    }
}

fn google_ports(allow: &Block<'_>) -> Vec<Let> {
    match allow.get("protocol").and_then(literal).as_deref() {
        Some("all") => vec![Let::All(allow.get("protocol").map(nodes::span))],
        Some("tcp" | "TCP" | "6") => match allow.get("ports") {
            None => vec![Let::All(allow.get("protocol").map(nodes::span))],
            Some(ports) => ports.items().iter().map(range).collect(),
        },
        _ => Vec::new(),
    }
}

fn azure(resource: Resource<'_, '_>, rule: &Block<'_>, out: &mut Reading) {
    let tcp = ["Tcp", "*"];
    if !is(rule, "direction", &["Inbound"]) || !is(rule, "access", &["Allow"]) || !is(rule, "protocol", &tcp)
    {
        return;
    }
    let sources = [rule.get("source_address_prefix"), rule.get("source_address_prefixes")];
    if let Some(one) = rule.get("destination_port_range") {
        add(resource, None, &range(one), &sources, out);
    }
    for each in rule.get("destination_port_ranges").map(Node::items).unwrap_or_default() {
        add(resource, None, &range(each), &sources, out);
    }
}

/// True if a resource is made several times, or perhaps not at all.
fn repeated(block: &Block<'_>) -> bool {
    block.get("for_each").is_some() || block.get("count").is_some()
}

/// A rule that stands beside its group.
fn of_group(
    resource: Resource<'_, '_>,
    protocol: &str,
    certain: bool,
    sources: &[Option<&Node<'_>>; 2],
    out: &mut Reading,
) {
    let block = resource.block;
    let named = block.get("security_group_id").and_then(|node| references(node, GROUP));
    let name = named.as_ref().and_then(|list| match &list.first()?.value {
        Value::Text(name) => Some(&**name),
        _ => None,
    });
    let ports = aws_ports(block, protocol);
    if let (Some(name), Some(span), false) =
        (name, resource.span(), certain && ports.settled(block, protocol))
    {
        group(resource.sort(), name, true, span, out);
    }
    if is(block, "type", &["ingress"]) || block.get("type").is_none() {
        add(resource, name, &ports, sources, out);
    }
}

/// A security group, or something beside it that leaves open what it lets in.
fn group(sort: &str, name: &str, open_ended: bool, span: Span, out: &mut Reading) {
    let mut fact = Fact::new(&cloud_group::KIND, span);
    fact.derive(cloud_group::resource, Value::text(sort));
    fact.write(cloud_group::name, Value::text(name), span);
    fact.derive(cloud_group::open_ended, Value::Bool(open_ended));
    out.facts.add(fact);
}

fn add(
    resource: Resource<'_, '_>,
    group: Option<&str>,
    ports: &Let,
    sources: &[Option<&Node<'_>>; 2],
    out: &mut Reading,
) {
    let Some(own) = resource.span() else { return };
    let (all, first, last, span) = match ports {
        Let::Nothing => return,
        Let::All(span) => (true, 0, 65_535, *span),
        Let::Range(first, last, span) => (false, *first, *last, Some(*span)),
    };
    let mut fact = Fact::new(&ingress::KIND, span.unwrap_or(own));
    fact.derive(ingress::resource, Value::text(resource.sort()));
    fact.derive(ingress::name, Value::text(resource.name()));
    if let Some(group) = group {
        fact.derive(ingress::group, Value::text(group));
    }
    fact.derive(ingress::all_ports, Value::Bool(all));
    if let Some(span) = span.filter(|_| !all) {
        fact.write(ingress::first, Value::Int(first), span);
        fact.write(ingress::last, Value::Int(last), span);
    }
    let from: Vec<Said> = sources.iter().flat_map(|s| texts(*s)).collect();
    let everybody = |said: &&Said| matches!(&said.value, Value::Text(t) if WORLD.contains(&&**t));
    let world: Vec<Said> = from.iter().filter(everybody).cloned().collect();
    let inside = |port: u16| (first..=last).contains(&i64::from(port));
    // Of several the one that opens most: a database, a node of a cluster, then a broker.
    let order =
        [Class::Cluster, Class::Database, Class::Management, Class::Broker, Class::BrokerTls, Class::Metrics];
    let port = order.iter().find_map(|c| PORTS.iter().find(|p| p.class == *c && inside(p.port)));
    if let Some(port) = port {
        fact.derive(ingress::port, Value::Int(port.port.into()));
        fact.derive(ingress::service, Value::text(port.name));
        fact.derive(ingress::class, Value::text(port.class.as_str()));
    }
    fact.set(ingress::sources, Said::derived(Value::List(from), None));
    let at = world.first().and_then(Said::span);
    fact.set(ingress::world, Said::derived(Value::List(world), at));
    out.facts.add(fact);
}
