//! firewalld: zone files and `firewall-cmd` lines.

mod commands;
mod rich;
mod zones;

pub(super) use commands::from_commands;

use zones::{Set, Stage, Told, ruleset};

use super::{Carrier, facts};
use crate::firewall::{
    Addresses, Block, Families, Limit, MatchFault, PortRange, Ports, Protocols, Rule, Ruleset, Verdict,
    service_port,
};
use crate::source::{Source, Span, View};
use crate::systems::{FileKind, Match};

/// A zone of firewalld.
pub static ZONE: FileKind = FileKind {
    name: "firewalld-zone",
    doc: "A zone file of firewalld.",
    recognise: |source: &Source| match source.text.contains("<zone") && source.text.contains("</zone>") {
        true => Match::Sure,
        false => Match::No,
    },
    read: |view, reading| {
        let ruleset = read_file(view, false);
        facts::add(ruleset, Carrier::File, reading);
    },
};

/// A policy of firewalld, which decides about traffic from zones to zones or to the host.
pub static POLICY: FileKind = FileKind {
    name: "firewalld-policy",
    doc: "A policy file of firewalld.",
    recognise: |source: &Source| {
        let text = &source.text;
        let tagged = text.contains("<policy") && text.contains("</policy>");
        match tagged && (text.contains("<ingress-zone") || text.contains("<egress-zone")) {
            true => Match::Sure,
            false => Match::No,
        }
    },
    read: |view, reading| {
        let ruleset = read_file(view, true);
        facts::add(ruleset, Carrier::File, reading);
    },
};

/// Services that firewalld ships, as far as brokers and databases are concerned; all of them TCP.
#[rustfmt::skip]
const SERVICES: &[(&str, &[u16])] = &[
    ("amqp", &[5672]), ("amqps", &[5671]), ("cockpit", &[9090]), ("elasticsearch", &[9200, 9300]),
    ("etcd-client", &[2379]), ("etcd-server", &[2380]), ("memcache", &[11211]), ("mongodb", &[27017]),
    ("mqtt", &[1883]), ("mqtt-tls", &[8883]), ("mssql", &[1433]), ("redis-sentinel", &[26379]),
];

/// Services that firewalld ships and that open no port of a broker or database.
#[rustfmt::skip]
const OTHER_SERVICES: &[&str] = &[
    "dhcp", "dhcpv6", "dhcpv6-client", "dns", "dns-over-tls", "mdns", "samba", "samba-client", "tftp", "synergy",
    "http3", "wireguard", "ipsec", "freeipa-ldap", "freeipa-ldaps", "rsct-ctrmc", "vnc-server", "libvirt", "mountd",
    "rpc-bind",
];

/// Names that firewalld has no service for.
const NO_SUCH: &[&str] = &["rabbitmq", "kafka", "nats", "stomp", "cassandra", "zookeeper"];

fn set_service(rule: &mut Rule, name: &str, span: Span) {
    rule.ports_span = Some(span);
    let ports = SERVICES.iter().find(|s| s.0 == name).map(|s| s.1.to_vec());
    if let Some(ports) = ports.or_else(|| service_port(name).map(|s| vec![s.port])) {
        rule.matches.protocols = Protocols::TCP;
        rule.matches.ports = Some(Ports::of(ports.into_iter().map(PortRange::one).collect()));
    } else if OTHER_SERVICES.contains(&name) {
        rule.matches.protocols = Protocols::OTHER;
    } else if NO_SUCH.contains(&name) {
        let reason = format!("firewalld has no service called {name}");
        rule.fault = Some(MatchFault { code: "unknown-service", span, reason });
    } else {
        rule.matches.unknown.push("the ports of this service are not in this file".into());
    }
}

fn set_port(rule: &mut Rule, port: &str, protocol: &str, span: Span) {
    rule.ports_span = Some(span);
    rule.matches.protocols = Protocols::of(protocol);
    let (a, b) = port.split_once('-').unwrap_or((port, port));
    match (a.parse::<u16>(), b.parse::<u16>()) {
        (Ok(first), Ok(last)) if first <= last => {
            rule.matches.ports = Some(Ports::of(vec![PortRange { first, last }]));
        }
        _ if port.starts_with(|c: char| c.is_ascii_digit()) => {
            let reason = format!("{port} is not one port or range");
            rule.fault = Some(MatchFault { code: "port", span, reason });
        }
        _ => rule.matches.unknown.push("a port is filled in elsewhere".into()),
    }
}

fn set_source(rule: &mut Rule, text: &str, negated: bool, span: Span) {
    rule.source_span = Some(span);
    match Block::parse(text) {
        Some(block) => {
            rule.matches.families = Families::only(block.family);
            rule.matches.source = Some(Addresses { blocks: vec![block], negated });
        }
        None => rule.matches.unknown.push("an address is filled in elsewhere".into()),
    }
}

fn set_rate(rule: &mut Rule, rate: &str) {
    rule.matches.limit = Some(Limit { over: false, text: rate.into(), per_source: false });
}

/// A tag: its name, its attributes with their places, and whether it closes at once or closes another.
struct Tag<'t> {
    name: &'t str,
    attributes: Vec<(&'t str, &'t str, usize)>,
    empty: bool,
    closing: bool,
    start: usize,
    end: usize,
}

impl Tag<'_> {
    fn get(&self, name: &str) -> Option<(&str, usize)> {
        self.attributes.iter().find(|a| a.0 == name).map(|a| (a.1, a.2))
    }
}

fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('<').map(|n| at + n) {
        if text[open..].starts_with("<!--") {
            at = text[open..].find("-->").map_or(text.len(), |n| open + n + 3);
            continue;
        }
        let Some(end) = text[open..].find('>').map(|n| open + n) else { break };
        let inner = &text[open + 1..end];
        at = end + 1;
        let closing = inner.starts_with('/');
        let body = inner.trim_start_matches('/').trim_end_matches('/');
        let name = body.split_whitespace().next().unwrap_or_default();
        let mut attributes = Vec::new();
        let base = body.as_ptr() as usize - text.as_ptr() as usize;
        let mut pos = name.len();
        while let Some(equal) = body[pos..].find('=').map(|n| pos + n) {
            let key = body[pos..equal].trim();
            let rest = &body[equal + 1..];
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
            let Some(length) = rest[1..].find(quote) else { break };
            attributes.push((key, &rest[1..1 + length], base + equal + 2));
            pos = equal + 1 + length + 2;
        }
        out.push(Tag { name, attributes, empty: inner.ends_with('/'), closing, start: open, end: at });
    }
    out
}

fn read_file(view: &View<'_>, is_policy: bool) -> Ruleset {
    let all = tags(&view.text);
    let root = if is_policy { "policy" } else { "zone" };
    let zone_tag = all.iter().find(|t| t.name == root && !t.closing);
    let span = zone_tag.map_or(view.span(0..0), |t| view.span(t.start..t.end));
    // The file's name is the zone's; it is not known here, so an unbound zone counts as public only by its own word.
    let public = view.text.contains("<short>Public</short>");
    let mut zone = Set::new(if public { "public" } else { root }, is_policy, span);
    if let Some(priority) = zone_tag.and_then(|t| t.get("priority")).and_then(|p| p.0.parse().ok()) {
        zone.priority = priority;
    }
    if let Some((target, at)) = zone_tag.and_then(|t| t.get("target")) {
        zone.target(target, view.span(at..at + target.len()));
    }
    let mut rich: Option<(i32, Rule)> = None;
    for tag in &all {
        let place = |key: &str| tag.get(key).map(|(v, at)| (v, view.span(at..at + v.len())));
        if tag.name == "rule" && tag.closing {
            if let Some((priority, rule)) = rich.take() {
                let stage = Stage::of(priority, &rule.verdict);
                zone.rules.push(Told::both(stage, rule));
            }
            continue;
        }
        if tag.closing {
            continue;
        }
        let own = Rule::new(view.span(tag.start..tag.end), Verdict::Accept);
        match (tag.name, &mut rich) {
            ("rule", _) if !tag.empty => {
                let priority = tag.get("priority").and_then(|p| p.0.parse().ok()).unwrap_or(0);
                let mut rule = own;
                rule.verdict = Verdict::Continue;
                match tag.get("family").map(|f| f.0) {
                    Some("ipv4") => rule.matches.families = Families::V4,
                    Some("ipv6") => rule.matches.families = Families::V6,
                    _ => {}
                }
                rich = Some((priority, rule));
            }
            ("source", Some((_, rule))) => {
                let negated = tag.get("invert").is_some_and(|i| i.0 != "false" && i.0 != "no");
                match place("address") {
                    Some((address, span)) => set_source(rule, address, negated, span),
                    None => rule.matches.unknown.push("it asks for a set of addresses".into()),
                }
            }
            ("source", None) => match place("address") {
                Some((address, _)) => zone.sources.extend(Block::parse(address)),
                None => zone.bound_elsewhere = true,
            },
            ("ingress-zone", _) => zone.ingress.extend(place("name").map(|p| p.0.to_string())),
            ("egress-zone", _) => zone.egress.extend(place("name").map(|p| p.0.to_string())),
            ("interface", None) => zone.interfaces.extend(place("name").map(|p| p.0.to_string())),
            ("destination", Some((_, rule))) => rule.matches.unknown.push("it asks for a destination".into()),
            ("service", current) => {
                let Some((name, span)) = place("name") else { continue };
                match current {
                    Some((_, rule)) => set_service(rule, name, span),
                    None => {
                        let mut rule = own;
                        set_service(&mut rule, name, span);
                        zone.rules.push(Told::both(Stage::Allow, rule));
                    }
                }
            }
            ("port", current) => {
                let (Some((port, span)), Some((protocol, _))) = (place("port"), place("protocol")) else {
                    continue;
                };
                match current {
                    Some((_, rule)) => set_port(rule, port, protocol, span),
                    None => {
                        let mut rule = own;
                        set_port(&mut rule, port, protocol, span);
                        zone.rules.push(Told::both(Stage::Allow, rule));
                    }
                }
            }
            ("protocol" | "icmp-type" | "icmp-block", Some((_, rule))) => {
                rule.matches.protocols = Protocols::OTHER
            }
            ("accept", Some((_, rule))) => rule.verdict = Verdict::Accept,
            ("drop", Some((_, rule))) => rule.verdict = Verdict::Drop,
            ("reject", Some((_, rule))) => rule.verdict = Verdict::Reject("port-unreachable".into()),
            // A limit inside of a log is about what is logged.
            ("limit", Some((_, rule))) if rule.verdict != Verdict::Continue => {
                if let Some((rate, _)) = place("value") {
                    set_rate(rule, rate);
                }
            }
            _ => {}
        }
    }
    let default = (public && !zone.is_bound()).then_some("public");
    ruleset(vec![zone], default, span)
}
