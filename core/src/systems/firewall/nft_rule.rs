//! One rule of nft: keys, values and statements.

use super::nft::{Names, Set};
use super::nft_lex::Token;
use crate::firewall::{
    Addresses, Block, Families, Family, Interface, Limit, Match, MatchFault, PortRange, Ports, Protocols,
    Rule, States, Verdict, service_port,
};
use crate::source::{Span, View};

/// Rules that one written rule with a map or a concatenation may stand for.
const MAX_VARIANTS: usize = 256;

/// Definitions that may lead to each other.
const MAX_DEFINES: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
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

struct Reader<'r> {
    tokens: &'r [Token],
    at: usize,
    names: &'r Names,
    view: &'r View<'r>,
    table: Option<Family>,
    rule: Rule,
    variants: Vec<(Match, Option<Verdict>)>,
    verdict: Option<Verdict>,
    limit: Option<Limit>,
    unknown: Vec<String>,
}

/// Reads a rule; one with a map or concatenation becomes several with the same place.
pub(super) fn read(
    tokens: &[Token],
    names: &Names,
    view: &View<'_>,
    table: Option<Family>,
    span: Span,
) -> Vec<Rule> {
    let mut reader = Reader {
        tokens,
        at: 0,
        names,
        view,
        table,
        rule: Rule::new(span, Verdict::Continue),
        variants: vec![(Match::default(), None)],
        verdict: None,
        limit: None,
        unknown: Vec::new(),
    };
    while reader.at < tokens.len() {
        let before = reader.at;
        reader.statement();
        reader.at = reader.at.max(before + 1);
    }
    let Reader { rule, variants, verdict, limit, unknown, .. } = reader;
    variants
        .into_iter()
        .map(|(mut matches, own)| {
            matches.limit = limit.clone();
            matches.unknown.extend(unknown.iter().cloned());
            let verdict = own.or(verdict.clone()).unwrap_or(Verdict::Continue);
            Rule { matches, verdict, ..rule.clone() }
        })
        .collect()
}

impl Reader<'_> {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", |t| t.text.as_str())
    }

    fn next(&mut self) -> &str {
        self.at += 1;
        self.tokens.get(self.at - 1).map_or("", |t| t.text.as_str())
    }

    fn eat(&mut self, word: &str) -> bool {
        let yes = self.peek() == word;
        self.at += usize::from(yes);
        yes
    }

    fn fault(&mut self, code: &'static str, at: usize, reason: impl Into<String>) {
        let span = self.tokens.get(at).map_or(self.rule.span, |t| self.view.span(t.range.clone()));
        self.rule.fault.get_or_insert(MatchFault { code, span, reason: reason.into() });
    }

    fn statement(&mut self) {
        let start = self.at;
        let word = self.next().to_string();
        match word.as_str() {
            "accept" | "drop" | "return" | "continue" | "reject" | "jump" | "goto" | "queue" => {
                let verdict = self.verdict_of(&word);
                if self.verdict.is_some() {
                    self.fault("after-verdict", start, "a second verdict in one rule");
                }
                self.verdict.get_or_insert(verdict);
            }
            "counter" => {
                if self.eat("name") {
                    self.next();
                }
                while matches!(self.peek(), "packets" | "bytes") {
                    self.at += 2;
                }
            }
            "log" => {
                while matches!(
                    self.peek(),
                    "prefix" | "level" | "flags" | "group" | "snaplen" | "queue-threshold"
                ) {
                    self.at += 2;
                    while self.eat(",") {
                        self.at += 1;
                    }
                }
            }
            "comment" => self.rule.comment = Some(self.next().to_string()),
            "limit" => self.limit(false),
            "notrack" => self.verdict = Some(Verdict::Untrack),
            "masquerade" | "snat" => {
                self.at = self.tokens.len();
                self.verdict.get_or_insert(Verdict::Continue);
            }
            "dnat" | "tproxy" | "fwd" => {
                self.at = self.tokens.len();
                self.verdict.get_or_insert(Verdict::Elsewhere);
            }
            "redirect" => {
                let port = self
                    .tokens
                    .get(self.at..)
                    .unwrap_or_default()
                    .iter()
                    .find_map(|t| t.text.trim_start_matches(':').parse().ok());
                self.at = self.tokens.len();
                self.verdict.get_or_insert(Verdict::Redirect(port));
            }
            "add" | "update" | "meter" | "delete" => {
                // `add @seen { ip saddr limit rate over 10/minute }` counts each source by itself.
                while !matches!(self.peek(), "{" | "") {
                    self.at += 1;
                }
                let mut depth = 0;
                while self.at < self.tokens.len() {
                    match self.peek() {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        "limit" => {
                            self.at += 1;
                            self.limit(true);
                            continue;
                        }
                        "count" => {
                            self.at += 1;
                            self.count(true);
                            continue;
                        }
                        _ => {}
                    }
                    self.at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            }
            "meta" if self.is_set() => {}
            "mark" | "nftrace" | "ct" if self.is_set() => {}
            "ct" if self.peek() == "count" => {
                self.at += 1;
                self.count(false);
            }
            "flow" | "quota" | "dup" | "synproxy" | "numgen" | "jhash" => {
                self.at = self.tokens.len();
                self.unknown.push(format!("it uses {word}"));
            }
            _ => {
                if self.verdict.as_ref().is_some_and(|v| !matches!(v, Verdict::Continue | Verdict::Untrack)) {
                    self.fault("after-verdict", start, "nothing may follow a verdict in a rule");
                    self.at = self.tokens.len();
                    return;
                }
                self.at = start;
                self.expression();
            }
        }
    }

    /// `mark set 1`, `meta mark set ct mark`: changes the packet, asks for nothing.
    fn is_set(&mut self) -> bool {
        let ahead = self.tokens.get(self.at..).unwrap_or_default();
        let Some(set) = ahead.iter().take(2).position(|t| t.text == "set") else { return false };
        self.at += set + 2;
        true
    }

    fn verdict_of(&mut self, word: &str) -> Verdict {
        match word {
            "accept" => Verdict::Accept,
            "drop" => Verdict::Drop,
            "return" => Verdict::Return,
            "jump" => Verdict::Jump(self.next().into()),
            "goto" => Verdict::Goto(self.next().into()),
            "continue" => Verdict::Continue,
            "queue" => {
                self.at = self.tokens.len();
                Verdict::Unknown("a program decides".into())
            }
            _ => {
                let mut kind = String::from("icmp port-unreachable");
                if self.eat("with") {
                    kind = self.next().to_string();
                    if self.eat("type") || kind == "tcp" {
                        kind = format!("{kind} {}", self.next());
                    }
                }
                Verdict::Reject(kind.as_str().into())
            }
        }
    }

    fn limit(&mut self, per_source: bool) {
        if self.eat("name") {
            self.next();
            self.limit = Some(Limit { over: false, text: "a named limit".into(), per_source });
            return;
        }
        self.eat("rate");
        let over = self.eat("over");
        let mut text = self.next().to_string();
        while self.peek().starts_with('/') || self.peek() == "bytes" || self.peek().starts_with("bytes/") {
            text.push_str(self.next());
        }
        if self.eat("burst") {
            text = format!("{text} burst {}", self.next());
            let _ = self.eat("packets") || self.eat("bytes");
        }
        self.limit = Some(Limit { over, text, per_source });
    }

    fn count(&mut self, per_source: bool) {
        let over = self.eat("over");
        let text = format!("{} connections at once", self.next());
        self.limit = Some(Limit { over, text, per_source });
    }

    fn key(&mut self) -> Key {
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

    fn each(&mut self, change: impl Fn(&mut Match)) {
        self.variants.iter_mut().for_each(|v| change(&mut v.0));
    }

    fn restrict(&mut self, family: Family) {
        self.each(|m| m.families = m.families.and(Families::only(family)));
    }

    fn expression(&mut self) {
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
    fn elements(&mut self) -> Option<Vec<(Vec<Vec<String>>, Option<Verdict>)>> {
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
    fn fill(&mut self, list: &[Token], out: &mut Vec<Token>, depth: usize) -> bool {
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

    fn apply(&mut self, m: &mut Match, key: Key, values: &[String], negated: bool, at: usize) {
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
