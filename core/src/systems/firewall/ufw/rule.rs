//! One ufw command line, word by word (ufw(8)).

use super::*;

pub(super) struct RuleReader<'w> {
    words: &'w [Word],
    at: usize,
    pub(super) rule: Rule,
    pub(super) delete: bool,
    pub(super) prepend: bool,
    v4: bool,
    v6: bool,
    many: bool,
}

impl<'w> RuleReader<'w> {
    pub(super) fn new(words: &'w [Word], span: Span) -> Self {
        let rule = Rule::new(span, Verdict::Continue);
        RuleReader { words, at: 0, rule, delete: false, prepend: false, v4: false, v6: false, many: false }
    }

    fn next(&mut self) -> Option<&'w Word> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    fn peek(&self) -> &str {
        self.words.get(self.at).map_or("", |w| w.text.as_str())
    }

    fn fault(&mut self, code: &'static str, word: &Word, reason: impl Into<String>) {
        let span = word.span;
        self.rule.fault.get_or_insert(MatchFault { code, span, reason: reason.into() });
    }

    fn unknown(&mut self, what: &str) {
        self.rule.matches.unknown.push(what.into());
    }

    pub(super) fn run(&mut self) -> Option<(Way, Option<usize>, Action)> {
        let mut way = Way::In;
        let mut position = None;
        let act = loop {
            let word = self.next()?;
            match word.text.as_str() {
                "rule" => {}
                "route" => way = Way::Routed,
                "delete" => self.delete = true,
                "insert" => position = Some(self.next()?.text.parse::<usize>().unwrap_or(0)),
                "prepend" => self.prepend = true,
                other => match action(other) {
                    Some(action) => break action,
                    None => {
                        if action(&other.to_ascii_lowercase()).is_some() {
                            self.fault("upper-case", word, "ufw takes its words in lower case only");
                            break action(&other.to_ascii_lowercase())?;
                        }
                        return None;
                    }
                },
            }
        };
        let mut to_source = false;
        let mut body = false;
        while let Some(word) = self.next() {
            match word.text.as_str() {
                "in" if !body => {
                    if self.peek() == "on" {
                        self.at += 1;
                        self.rule.matches.interface = self.interface();
                    }
                }
                "out" if !body => {
                    if way == Way::In {
                        way = Way::Out;
                    }
                    if self.peek() == "on" {
                        self.at += 1;
                        self.rule.matches.out_interface = self.interface();
                    }
                }
                "log" | "log-all" => {}
                "comment" => self.rule.comment = self.next().map(|w| w.text.clone()),
                "proto" => {
                    body = true;
                    if let Some(word) = self.next() {
                        self.protocol(word);
                    }
                }
                "from" | "to" => {
                    body = true;
                    to_source = word.text == "from";
                    if let Some(word) = self.next() {
                        self.address(word, to_source);
                    }
                }
                "port" => {
                    body = true;
                    if let Some(word) = self.next() {
                        self.ports(word, &word.text.clone(), to_source);
                    }
                }
                "app" => {
                    body = true;
                    if let Some(word) = self.next() {
                        self.application(word);
                    }
                }
                _ if !body => {
                    body = true;
                    self.short(word);
                }
                _ => self.fault("stray-word", word, format!("ufw does not expect {} here", word.text)),
            }
        }
        self.finish();
        (body || self.rule.matches.interface.is_some() || self.rule.matches.out_interface.is_some())
            .then_some((way, position, act))
    }

    pub(super) fn finish(&mut self) {
        if let (true, true) = (self.v4, self.v6) {
            let (span, reason) = (self.rule.span, "an IPv4 and an IPv6 address in one rule".to_string());
            self.rule.fault.get_or_insert(MatchFault { code: "mixed-families", span, reason });
        } else if self.v4 || self.v6 {
            self.rule.matches.families = Families { v4: self.v4, v6: self.v6 };
        }
        let m = &mut self.rule.matches;
        if (m.ports.is_some() || m.source_ports.is_some()) && m.protocols == Protocols::ALL {
            m.protocols = Protocols::TCP_UDP;
            if self.many {
                let span = self.rule.ports_span.unwrap_or(self.rule.span);
                let reason = "a list or range of ports needs /tcp or /udp".to_string();
                self.rule.fault.get_or_insert(MatchFault { code: "protocol-missing", span, reason });
            }
        }
    }

    fn interface(&mut self) -> Option<Interface> {
        let word = self.next()?;
        if word.open {
            self.unknown("the interface is a variable");
            return None;
        }
        let name = word.text.strip_suffix('+').map_or(word.text.clone(), |n| format!("{n}*"));
        Some(Interface { names: vec![name], negated: false })
    }

    fn protocol(&mut self, word: &Word) {
        match word.text.as_str() {
            _ if word.open => self.unknown("the protocol is a variable"),
            "tcp" | "udp" | "any" => self.rule.matches.protocols = Protocols::of(&word.text),
            "ah" | "esp" | "gre" | "vrrp" | "ipv6" | "igmp" => self.rule.matches.protocols = Protocols::OTHER,
            other => self.fault("protocol", word, format!("ufw does not know the protocol {other}")),
        }
    }

    fn address(&mut self, word: &Word, source: bool) {
        if word.open {
            return self.unknown("an address is a variable");
        }
        if source {
            self.rule.source_span = Some(word.span);
        }
        if word.text == "any" {
            return;
        }
        let Some(block) = Block::parse(&word.text) else {
            // A template's placeholder is no mistake of the rule.
            if word.text.contains(['<', '{', '_']) || word.text.is_empty() {
                return self.unknown("an address is a placeholder");
            }
            return self.fault("address", word, format!("{} is not an address", word.text));
        };
        self.v4 |= block.family == Family::V4;
        self.v6 |= block.family == Family::V6;
        if let Some(cut) = host_bits(&word.text, block) {
            self.rule.cut = Some((word.text.clone(), cut));
        }
        let addresses = Some(Addresses::of(vec![block]));
        match source {
            true => self.rule.matches.source = addresses,
            false => self.rule.matches.destination = addresses,
        }
    }

    /// `22`, `22/tcp`, `ssh`, `OpenSSH`.
    fn short(&mut self, word: &Word) {
        if word.open {
            self.rule.ports_span = Some(word.span);
            return self.unknown("the port is a variable");
        }
        let (ports, protocol) = match word.text.split_once('/') {
            Some((ports, protocol)) => (ports.to_string(), Some(protocol)),
            None => (word.text.clone(), None),
        };
        match protocol {
            Some(p @ ("tcp" | "udp")) => self.rule.matches.protocols = Protocols::of(p),
            Some(p) if p.contains(['<', '{']) => return self.unknown("the protocol is a placeholder"),
            Some(other) => {
                return self.fault("protocol", word, format!("ufw takes ports for tcp and udp, not {other}"));
            }
            None => {}
        }
        self.ports(word, &ports, false);
    }

    fn application(&mut self, word: &Word) {
        self.rule.ports_span = Some(word.span);
        let known = APPLICATIONS.iter().find(|a| a.0.eq_ignore_ascii_case(&word.text));
        match known {
            Some((_, ports)) => {
                self.rule.matches.protocols = Protocols::TCP;
                let ranges = ports.iter().map(|p| PortRange::one(*p)).collect();
                self.rule.matches.ports = Some(Ports::of(ranges));
            }
            None => self.unknown("the ports of this application profile are not in this file"),
        }
    }

    fn ports(&mut self, word: &Word, text: &str, source: bool) {
        if word.open {
            return self.unknown("the port is a variable");
        }
        let place = word.span;
        let mut ranges = Vec::new();
        let mut count = 0;
        for part in text.split(',') {
            let (first, last) = match part.split_once(':') {
                Some((a, b)) => {
                    count += 2;
                    (a.parse::<u16>().ok(), b.parse::<u16>().ok())
                }
                None => {
                    count += 1;
                    let port = part.parse::<u16>().ok();
                    (port, port)
                }
            };
            match (first, last) {
                (Some(first), Some(last)) if first != 0 && first <= last => {
                    ranges.push(PortRange { first, last })
                }
                (Some(_), Some(_)) => {
                    return self.fault("port", word, format!("{part} is not a port or range"));
                }
                _ if part.starts_with(|c: char| c.is_ascii_digit()) || part.is_empty() => {
                    return self.fault("port", word, format!("{part} is not a port or range"));
                }
                _ if part.contains(['<', '{', '_', '%']) => return self.unknown("the port is a placeholder"),
                _ => match service_port(part) {
                    Some(service) => {
                        ranges.push(PortRange::one(service.port));
                        if self.rule.matches.protocols == Protocols::ALL {
                            let udp = service.transports.contains(&crate::firewall::Transport::Udp);
                            let tcp = service.transports.contains(&crate::firewall::Transport::Tcp);
                            self.rule.matches.protocols = Protocols { tcp, udp, other: false };
                        }
                    }
                    None if part.eq_ignore_ascii_case(text) => return self.name(word, part),
                    None => return self.fault("port", word, format!("{part} is not a port")),
                },
            }
        }
        if count > MAX_PORTS {
            let reason = format!("ufw takes at most {MAX_PORTS} ports in a rule, a range counts twice");
            self.fault("too-many-ports", word, reason);
        }
        self.many |= count > 1;
        match source {
            true => self.rule.matches.source_ports = Some(Ports::of(ranges)),
            false => {
                self.rule.ports_span = Some(place);
                self.rule.matches.ports = Some(Ports::of(ranges));
            }
        }
    }

    /// A name that is no service: an application profile, or one that does not exist.
    fn name(&mut self, word: &Word, name: &str) {
        const NO_SUCH: &[&str] = &[
            "mqtt",
            "mqtts",
            "kafka",
            "stomp",
            "nats",
            "mongodb",
            "mongo",
            "memcached",
            "etcd",
            "zookeeper",
            "rabbitmq",
        ];
        if NO_SUCH.contains(&name) {
            let reason = format!("neither a service nor an application profile is called {name}");
            return self.fault("unknown-service", word, reason);
        }
        self.application(word);
    }
}

/// Application profiles that packages of Debian and Ubuntu bring, and their TCP ports.
pub(super) const APPLICATIONS: &[(&str, &[u16])] = &[
    ("OpenSSH", &[22]),
    ("SSH", &[22]),
    ("Nginx Full", &[80, 443]),
    ("Nginx HTTP", &[80]),
    ("Nginx HTTPS", &[443]),
    ("Apache", &[80]),
    ("Apache Full", &[80, 443]),
    ("Apache Secure", &[443]),
    ("WWW", &[80]),
    ("WWW Full", &[80, 443]),
    ("WWW Secure", &[443]),
];
