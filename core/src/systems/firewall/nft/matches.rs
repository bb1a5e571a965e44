//! What an nft rule asks for: keys, their values, and sets of them.

use super::Set;
use super::lex::Token;
use super::rule::{MAX_DEFINES, MAX_VARIANTS, Reader};
use crate::firewall::{
    Addresses, Block, Families, Family, Interface, Match, MatchFault, PortRange, Ports, Protocols, States,
    Verdict, service_port,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Source(Option<Family>),
    Destination(Option<Family>),
    Protocol,
    Families,
    Port(Protocols),
    SourcePort(Protocols),
    In,
    Out,
    State,
    Icmp,
    Other,
}

impl Reader<'_> {
    pub(super) fn key(&mut self) -> Key {
        let start = self.at;
        match self.next().to_string().as_str() {
            head @ ("ip" | "ip6") => {
                let family = if head == "ip" { Family::V4 } else { Family::V6 };
                if self.table.is_some_and(|t| t != family) {
                    self.fault(
                        "other-family",
                        start,
                        format!("{head} does not occur in a table of the other IP version"),
                    );
                }
                let field = self.next().to_string();
                match field.as_str() {
                    "saddr" => return Key::Source(Some(family)),
                    "daddr" => return Key::Destination(Some(family)),
                    _ => {}
                }
                self.restrict(family);
                match field.as_str() {
                    "protocol" | "nexthdr" => Key::Protocol,
                    _ => Key::Other,
                }
            }
            head @ ("tcp" | "udp" | "th" | "sctp" | "dccp") => {
                let protocols = if head == "th" { Protocols::ALL } else { Protocols::of(head) };
                match self.next() {
                    "dport" => Key::Port(protocols),
                    "sport" => Key::SourcePort(protocols),
                    _ => {
                        self.each(|m| m.protocols = narrow(m.protocols, protocols));
                        Key::Other
                    }
                }
            }
            "meta" => match self.next() {
                "l4proto" => Key::Protocol,
                "nfproto" => Key::Families,
                "iif" | "iifname" => Key::In,
                "oif" | "oifname" => Key::Out,
                _ => Key::Other,
            },
            "iif" | "iifname" => Key::In,
            "oif" | "oifname" => Key::Out,
            "ct" => match self.next() {
                "state" => Key::State,
                "original" | "reply" => {
                    self.at += 1;
                    Key::Other
                }
                _ => Key::Other,
            },
            head @ ("icmp" | "icmpv6") => {
                self.restrict(if head == "icmp" { Family::V4 } else { Family::V6 });
                self.next();
                Key::Icmp
            }
            "fib" => {
                while matches!(self.tokens.get(self.at + 1).map(|t| t.text.as_str()), Some(".")) {
                    self.at += 2;
                }
                self.at += 2;
                Key::Other
            }
            "ether" | "vlan" | "arp" | "rt" | "socket" | "osf" | "ipsec" | "exthdr" | "frag" | "esp"
            | "ah" => {
                self.next();
                Key::Other
            }
            "pkttype" | "mark" | "skuid" | "skgid" | "cpu" | "time" | "day" | "hour" | "iiftype"
            | "iifgroup" | "cgroup" | "protocol" => Key::Other,
            "dport" | "sport" => {
                self.fault("bare-port", start, "a port needs its protocol before it: tcp dport");
                Key::Other
            }
            _ => Key::Other,
        }
    }

    pub(super) fn each(&mut self, change: impl Fn(&mut Match)) {
        self.variants.iter_mut().for_each(|v| change(&mut v.0));
    }

    pub(super) fn restrict(&mut self, family: Family) {
        self.each(|m| m.families = m.families.and(Families::only(family)));
    }

    pub(super) fn expression(&mut self) {
        let start = self.at;
        let mut keys = vec![self.key()];
        while self.eat(".") {
            keys.push(self.key());
        }
        let negated = self.eat("!=") || self.eat("!");
        let mut vague = false;
        while matches!(self.peek(), "==" | "<" | ">" | "=" | "&" | "|" | "and" | "or") {
            vague |= self.peek() != "==";
            self.at += 1;
        }
        let map = self.eat("vmap");
        let first = self.at;
        let Some(elements) = self.elements() else {
            let name = self
                .tokens
                .get(start..self.at.min(self.tokens.len()))
                .unwrap_or_default()
                .iter()
                .map(|t| t.text.as_str());
            let what = format!("it asks for {}", name.collect::<Vec<_>>().join(" "));
            self.each(|m| m.unknown.push(what.clone()));
            return;
        };
        // `tcp flags & (fin|syn) == syn` and the like: the rest of the comparison is passed over.
        while matches!(self.peek(), "/" | "==" | "&" | "|" | "<" | ">" | ",") {
            vague = true;
            self.at += 2;
        }
        if keys.contains(&Key::Other) {
            let syn = self.tokens.get(start..first).unwrap_or_default().iter().any(|t| t.text == "flags");
            let what = self
                .tokens
                .get(start..first)
                .unwrap_or_default()
                .iter()
                .map(|t| t.text.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            let plain_syn = syn && elements.first().is_some_and(|e| e.0.iter().flatten().any(|t| t == "syn"));
            // pkttype host: what is addressed to this host, as every connection is.
            let host =
                what == "pkttype" && elements.iter().any(|e| e.0.iter().flatten().any(|t| t == "host"));
            if negated || !(host || plain_syn) {
                self.each(|m| m.unknown.push(format!("it asks for {what}")));
            }
            if !map {
                return;
            }
        }
        if vague && !keys.contains(&Key::Other) {
            self.each(|m| m.unknown.push("it compares a value".into()));
            return;
        }
        if self.rule.ports_span.is_none() && keys.iter().any(|k| matches!(k, Key::Port(_))) {
            let (a, b) = (self.tokens.get(first), self.tokens.get(self.at.saturating_sub(1)));
            if let (Some(a), Some(b)) = (a, b) {
                self.rule.ports_span = Some(self.view.span(a.range.start..b.range.end.max(a.range.end)));
            }
        }
        if let ([key], false) = (keys.as_slice(), map) {
            let values: Vec<String> =
                elements.iter().flat_map(|e| e.0.first().cloned().unwrap_or_default()).collect();
            let mut variants = std::mem::take(&mut self.variants);
            for (m, _) in &mut variants {
                self.apply(m, *key, &values, negated, first);
            }
            self.variants = variants;
            return;
        }
        let variants = std::mem::take(&mut self.variants);
        for (base, _) in &variants {
            for (parts, verdict) in &elements {
                if self.variants.len() >= MAX_VARIANTS {
                    break;
                }
                let mut m = base.clone();
                for (key, part) in keys.iter().zip(parts) {
                    self.apply(&mut m, *key, part, negated, first);
                }
                self.variants.push((m, verdict.clone()));
            }
        }
        if map {
            self.verdict.get_or_insert(Verdict::Continue);
        }
    }

    /// The elements of a value, each in its parts, with the verdict of a map; `None` if they are not known.
    #[expect(clippy::type_complexity, reason = "element, part, alternatives")]
    pub(super) fn elements(&mut self) -> Option<Vec<(Vec<Vec<String>>, Option<Verdict>)>> {
        let mut list: Vec<Token> = Vec::new();
        if self.eat("{") {
            let mut depth = 1;
            while self.at < self.tokens.len() {
                match self.peek() {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    _ => {}
                }
                self.at += 1;
                if depth == 0 {
                    break;
                }
                list.extend(self.tokens.get(self.at.saturating_sub(1)).cloned());
            }
        } else {
            // One value, or a list without braces as `ct state` takes it.
            loop {
                let token = self.tokens.get(self.at)?.clone();
                self.at += 1;
                list.push(token);
                if self.eat(".") {
                    list.push(Token { text: ".".into(), quoted: false, range: 0..0 });
                } else if self.peek() == "," {
                    list.extend(self.tokens.get(self.at).cloned());
                    self.at += 1;
                } else {
                    break;
                }
            }
        }
        let mut full = Vec::new();
        if !self.fill(&list, &mut full, MAX_DEFINES) {
            return None;
        }
        let mut out = Vec::new();
        for element in full.split(|t| t.text == "," && !t.quoted) {
            let element: Vec<&Token> =
                element.iter().filter(|t| t.text != ";" && !matches!(t.text.as_str(), "{" | "}")).collect();
            if element.is_empty() {
                continue;
            }
            let colon = element.iter().position(|t| t.text == ":");
            let (left, right) = element.split_at(colon.unwrap_or(element.len()));
            let parts = left
                .split(|t| t.text == ".")
                .map(|p| p.iter().take(1).map(|t| t.text.clone()).collect())
                .collect();
            let verdict = right.get(1).map(|v| {
                let target = right.get(2).map_or("", |t| t.text.as_str());
                match v.text.as_str() {
                    "accept" => Verdict::Accept,
                    "drop" => Verdict::Drop,
                    "return" => Verdict::Return,
                    "continue" => Verdict::Continue,
                    "jump" => Verdict::Jump(target.into()),
                    "goto" => Verdict::Goto(target.into()),
                    _ => Verdict::Unknown("a map gives an unknown verdict".into()),
                }
            });
            out.push((parts, verdict));
        }
        Some(out)
    }

    /// Fills in definitions and named sets; false if one is not known.
    pub(super) fn fill(&mut self, list: &[Token], out: &mut Vec<Token>, depth: usize) -> bool {
        for token in list {
            let name = token.text.as_str();
            if let Some(variable) = name.strip_prefix('$').filter(|_| !token.quoted) {
                match self.names.defines.get(variable) {
                    Some(value) if depth > 0 && out.len() < 100_000 => {
                        if !self.fill(&value.clone(), out, depth - 1) {
                            return false;
                        }
                    }
                    Some(_) => return false,
                    None => {
                        if self.names.closed {
                            let span = self.view.span(token.range.clone());
                            let reason = format!("nothing defines ${variable}");
                            self.rule.fault.get_or_insert(MatchFault { code: "undefined", span, reason });
                        }
                        return false;
                    }
                }
            } else if let Some(set) = name.strip_prefix('@').filter(|_| !token.quoted) {
                match self.names.sets.get(set) {
                    Some(Set::Known(elements)) if depth > 0 => {
                        if !self.fill(&elements.clone(), out, depth - 1) {
                            return false;
                        }
                    }
                    Some(_) => return false,
                    None => {
                        if self.names.closed {
                            let span = self.view.span(token.range.clone());
                            let reason = format!("no set of this table is called {set}");
                            self.rule.fault.get_or_insert(MatchFault { code: "undefined", span, reason });
                        }
                        return false;
                    }
                }
            } else {
                out.push(token.clone());
            }
        }
        true
    }

    pub(super) fn apply(&mut self, m: &mut Match, key: Key, values: &[String], negated: bool, at: usize) {
        match key {
            Key::Source(family) | Key::Destination(family) => {
                let blocks: Vec<Block> = values.iter().filter_map(|v| Block::parse(v)).collect();
                if let Some(family) = family {
                    m.families = m.families.and(Families::only(family));
                    if blocks.iter().any(|b| b.family != family) {
                        self.fault("other-family", at, "an address of the other IP version");
                    }
                }
                if blocks.len() < values.len() {
                    return m.unknown.push("an address is a name".into());
                }
                let addresses = Some(Addresses { blocks, negated });
                match key {
                    Key::Source(_) => m.source = addresses,
                    _ => m.destination = addresses,
                }
            }
            Key::Protocol => {
                let mut all = Protocols { tcp: false, udp: false, other: false };
                for value in values {
                    let p = Protocols::of(value);
                    all = Protocols {
                        tcp: all.tcp || p.tcp,
                        udp: all.udp || p.udp,
                        other: all.other || p.other,
                    };
                }
                m.protocols = narrow(m.protocols, if negated { all.negate() } else { all });
            }
            Key::Families => {
                let v4 = values.iter().any(|v| v == "ipv4") != negated;
                let v6 = values.iter().any(|v| v == "ipv6") != negated;
                m.families = m.families.and(Families { v4, v6 });
            }
            Key::Port(protocols) | Key::SourcePort(protocols) => {
                m.protocols = narrow(m.protocols, protocols);
                let mut ranges = Vec::new();
                for value in values {
                    match range(value) {
                        Ok(range) => ranges.push(range),
                        Err(true) => m.unknown.push("a port is a name".into()),
                        Err(false) => self.fault("port", at, format!("{value} is not a port or range")),
                    }
                }
                let ports = Some(Ports { ranges, negated });
                match key {
                    Key::Port(_) => m.ports = ports,
                    _ => m.source_ports = ports,
                }
            }
            Key::In => m.interface = Some(Interface { names: values.to_vec(), negated }),
            Key::Out => m.out_interface = Some(Interface { names: values.to_vec(), negated }),
            Key::State => {
                let has = |name: &str| values.iter().any(|v| v == name);
                let states = States {
                    new: has("new"),
                    established: has("established"),
                    related: has("related"),
                    invalid: has("invalid"),
                    untracked: has("untracked"),
                };
                m.states = Some(if negated { states.negate() } else { states });
            }
            Key::Icmp => m.protocols = narrow(m.protocols, Protocols::OTHER),
            Key::Other => {}
        }
    }
}

fn narrow(a: Protocols, b: Protocols) -> Protocols {
    Protocols { tcp: a.tcp && b.tcp, udp: a.udp && b.udp, other: a.other && b.other }
}

/// A port or range; `Err(true)` for a name that may exist, `Err(false)` for what can be neither.
fn range(text: &str) -> Result<PortRange, bool> {
    let one = |t: &str| t.parse::<u16>().ok().or_else(|| service_port(t).map(|s| s.port));
    if let Some(port) = one(text) {
        return Ok(PortRange::one(port));
    }
    if let Some((Some(first), Some(last))) = text.split_once('-').map(|(a, b)| (one(a), one(b))) {
        return if first <= last { Ok(PortRange { first, last }) } else { Err(false) };
    }
    Err(text.starts_with(|c: char| c.is_ascii_alphabetic()))
}
