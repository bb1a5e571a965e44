//! ufw: command lines, `ufw status`, and the tuples of `user.rules`.

use super::facts;
use super::iptables_rule::host_bits;
use crate::firewall::{
    Addresses, Base, Block, Chain, Families, Family, Hook, Interface, Limit, MatchFault, Policy, PortRange,
    Ports, Protocols, Rule, Ruleset, States, Verdict, service_port,
};
use crate::source::{Source, Span, View};
use crate::syntax::script::{self, Word};
use crate::systems::{FileKind, Match, Reading};

/// At most this many ports in a rule; a range counts as two (ufw(8)).
const MAX_PORTS: usize = 15;

/// The rate of a `limit` rule, fixed in ufw: the sixth connection within 30 s is refused.
const LIMIT: &str = "6 connections in 30 s";

/// `user.rules` and `user6.rules`, as ufw writes them.
pub static RULES: FileKind = FileKind {
    name: "ufw-rules",
    doc: "ufw's own `user.rules` and `user6.rules`.",
    recognise: |source| if source.text.contains("### tuple ###") { Match::Sure } else { Match::No },
    read: |view, reading| {
        let ruleset = read_tuples(view, reading);
        facts::add(ruleset, false, reading);
    },
};

/// What `ufw status` prints.
pub static STATUS: FileKind = FileKind {
    name: "ufw-status",
    doc: "What `ufw status`, `ufw status verbose` or `ufw status numbered` prints.",
    recognise: |source: &Source| {
        let first = source.text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
        match first.strip_prefix("Status: ") {
            Some("active" | "inactive") => Match::Sure,
            _ => Match::No,
        }
    },
    read: |view, reading| {
        let ruleset = read_status(view, reading);
        facts::add(ruleset, false, reading);
    },
};

/// What has been told to ufw so far.
struct Ufw {
    span: Span,
    chains: [Chain; 3],
    enabled: Option<bool>,
}

impl Ufw {
    fn new(span: Span) -> Ufw {
        let chain = |hook, name: &str, policy| Chain {
            table: "ufw".into(),
            name: name.into(),
            families: Families::BOTH,
            base: Some(Base { hook, priority: 0, policy, policy_span: None }),
            rules: Vec::new(),
            span,
        };
        let mut input = chain(Hook::Input, "incoming", Policy::Drop);
        // ufw's before.rules: loopback and known connections are let in before any rule of the user.
        let mut lo = Rule::new(span, Verdict::Accept);
        lo.implied = true;
        lo.matches.interface = Some(Interface { names: vec!["lo".into()], negated: false });
        let mut known = Rule::new(span, Verdict::Accept);
        known.implied = true;
        known.matches.states = Some(States { established: true, related: true, ..States::default() });
        input.rules = vec![lo, known];
        let chains = [
            input,
            chain(Hook::Output, "outgoing", Policy::Accept),
            chain(Hook::Forward, "routed", Policy::Drop),
        ];
        Ufw { span, chains, enabled: None }
    }

    fn chain(&mut self, direction: Way) -> &mut Chain {
        let [input, output, forward] = &mut self.chains;
        match direction {
            Way::In => input,
            Way::Out => output,
            Way::Routed => forward,
        }
    }

    /// How many rules the tool itself put in front.
    fn implied(direction: Way) -> usize {
        if direction == Way::In { 2 } else { 0 }
    }

    fn add(&mut self, direction: Way, position: Option<usize>, action: Action, rule: Rule) {
        let implied = Ufw::implied(direction);
        let rules = &mut self.chain(direction).rules;
        let at = position.map_or(rules.len(), |p| (p + implied).min(rules.len()));
        let mut accept = rule.clone();
        accept.verdict = match action {
            Action::Allow | Action::Limit => Verdict::Accept,
            Action::Deny => Verdict::Drop,
            Action::Reject => Verdict::Reject("tcp-reset".into()),
        };
        rules.insert(at, accept);
        if action == Action::Limit {
            let mut over = rule;
            over.verdict = Verdict::Reject("icmp-port-unreachable".into());
            over.matches.limit = Some(Limit { over: true, text: LIMIT.into(), per_source: true });
            rules.insert(at, over);
        }
    }

    fn set_default(&mut self, policy: Policy, direction: Way, span: Span) {
        if let Some(base) = self.chain(direction).base.as_mut() {
            base.policy = policy;
            base.policy_span = Some(span);
        }
    }

    fn finish(self, says: Families) -> Ruleset {
        Ruleset {
            tool: "ufw",
            span: self.span,
            chains: self.chains.into(),
            enabled: self.enabled,
            says,
            complete: false,
            gap: None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
    Routed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Allow,
    Deny,
    Reject,
    Limit,
}

fn action(word: &str) -> Option<Action> {
    Some(match word {
        "allow" => Action::Allow,
        "deny" => Action::Deny,
        "reject" => Action::Reject,
        "limit" => Action::Limit,
        _ => return None,
    })
}

/// Reads what a script tells ufw, if it does.
pub(super) fn from_commands(commands: &[script::Command], view: &View<'_>) -> Option<Ruleset> {
    let mut ufw: Option<Ufw> = None;
    for command in commands {
        let Some(program) = command.words.first() else { continue };
        if super::program(&program.text) != "ufw" {
            continue;
        }
        let span = view.span(command.range.clone());
        let words: Vec<Word> = command.words[1..]
            .iter()
            .filter(|w| !matches!(w.text.as_str(), "--force" | "-f"))
            .cloned()
            .collect();
        if words.iter().any(|w| w.text == "--dry-run") {
            continue;
        }
        let verb = words.first().map_or("", |w| w.text.as_str());
        if !matches!(
            verb,
            "allow" | "deny" | "reject" | "limit" | "default" | "enable" | "disable" | "reset" | "rule"
        ) && !matches!(verb, "route" | "insert" | "prepend" | "delete")
        {
            continue;
        }
        let ufw = ufw.get_or_insert_with(|| Ufw::new(span));
        tell(ufw, &words, span, view, command.conditional);
    }
    let ufw = ufw?;
    let touched = ufw.enabled.is_some()
        || ufw.chains.iter().any(|c| {
            c.rules.iter().any(|r| !r.implied) || c.base.as_ref().is_some_and(|b| b.policy_span.is_some())
        });
    touched.then(|| ufw.finish(Families::BOTH))
}

fn tell(ufw: &mut Ufw, words: &[Word], span: Span, view: &View<'_>, conditional: bool) {
    let Some(verb) = words.first() else { return };
    match verb.text.as_str() {
        "enable" => {
            ufw.enabled = Some(true);
            ufw.span = span;
        }
        "disable" if !conditional => {
            ufw.enabled = Some(false);
            ufw.span = span;
        }
        "reset" if !conditional => *ufw = Ufw::new(span),
        "default" if !conditional => {
            let mut policy = None;
            let mut way = Way::In;
            for word in &words[1..] {
                match word.text.as_str() {
                    "allow" => policy = Some(Policy::Accept),
                    "deny" => policy = Some(Policy::Drop),
                    "reject" => policy = Some(Policy::Reject),
                    "outgoing" | "output" => way = Way::Out,
                    "routed" | "forward" => way = Way::Routed,
                    _ => {}
                }
            }
            if let Some(policy) = policy {
                ufw.set_default(policy, way, span);
            }
        }
        _ => {
            let mut reader = RuleReader::new(words, span, view);
            let Some((way, position, action)) = reader.run() else { return };
            let mut rule = reader.rule;
            if conditional {
                rule.matches.unknown.push("it is set only under a condition".into());
            }
            if reader.delete {
                let rules = &mut ufw.chain(way).rules;
                rules.retain(|r| r.implied || r.matches != rule.matches);
                return;
            }
            if let Some(position) = position {
                let chain = ufw.chain(way);
                let count = chain.rules.len() - Ufw::implied(way);
                if position == 0 || position > count {
                    let reason =
                        format!("there is no rule {position} to insert before: {count} rules so far");
                    rule.fault.get_or_insert(MatchFault { code: "position", span, reason });
                }
                ufw.add(way, Some(position.saturating_sub(1)), action, rule);
            } else if reader.prepend {
                ufw.add(way, Some(0), action, rule);
            } else {
                ufw.add(way, None, action, rule);
            }
        }
    }
}

struct RuleReader<'w, 'v> {
    words: &'w [Word],
    at: usize,
    view: &'v View<'v>,
    rule: Rule,
    delete: bool,
    prepend: bool,
    v4: bool,
    v6: bool,
    many: bool,
}

impl<'w, 'v> RuleReader<'w, 'v> {
    fn new(words: &'w [Word], span: Span, view: &'v View<'v>) -> Self {
        let rule = Rule::new(span, Verdict::Continue);
        RuleReader {
            words,
            at: 0,
            view,
            rule,
            delete: false,
            prepend: false,
            v4: false,
            v6: false,
            many: false,
        }
    }

    fn next(&mut self) -> Option<&'w Word> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    fn peek(&self) -> &str {
        self.words.get(self.at).map_or("", |w| w.text.as_str())
    }

    fn place(&self, word: &Word) -> Span {
        self.view.span(word.range.clone())
    }

    fn fault(&mut self, code: &'static str, word: &Word, reason: impl Into<String>) {
        let span = self.place(word);
        self.rule.fault.get_or_insert(MatchFault { code, span, reason: reason.into() });
    }

    fn unknown(&mut self, what: &str) {
        self.rule.matches.unknown.push(what.into());
    }

    fn run(&mut self) -> Option<(Way, Option<usize>, Action)> {
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

    fn finish(&mut self) {
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
            self.rule.source_span = Some(self.place(word));
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
            self.rule.ports_span = Some(self.place(word));
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
        self.rule.ports_span = Some(self.place(word));
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
        let place = self.place(word);
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
const APPLICATIONS: &[(&str, &[u16])] = &[
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

/// Reads the tuples of `user.rules`: `### tuple ### allow tcp 22 0.0.0.0/0 any 10.0.0.0/8 in`.
fn read_tuples(view: &View<'_>, reading: &mut Reading) -> Ruleset {
    let mut ufw = Ufw::new(view.span(0..0));
    let mut says = Families { v4: false, v6: false };
    let v6_file = view.text.contains("ufw6-user");
    let mut offset = 0;
    for line in view.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let Some(rest) = line.trim_start().strip_prefix("### tuple ###") else { continue };
        let indent = line.len() - line.trim_start().len();
        let span = view.span(start + indent..start + line.trim_end().len());
        let fields: Vec<&str> = rest.split_whitespace().filter(|f| !f.starts_with("comment=")).collect();
        let (Some(head), true) = (fields.first(), fields.len() >= 7) else {
            reading.notice(span, "this tuple has too few fields: it is not used");
            continue;
        };
        let (routed, head) = match head.strip_prefix("route:") {
            Some(rest) => (true, rest),
            None => (false, *head),
        };
        let Some(act) = action(head.split('_').next().unwrap_or_default()) else {
            reading.notice(span, "this tuple has an unknown action: it is not used");
            continue;
        };
        let mut rule = Rule::new(span, Verdict::Continue);
        rule.matches.protocols = Protocols::of(fields[1]);
        rule.matches.ports = tuple_ports(fields[2]);
        rule.matches.source_ports = tuple_ports(fields[4]);
        if (rule.matches.ports.is_some() || rule.matches.source_ports.is_some()) && fields[1] == "any" {
            rule.matches.protocols = Protocols::TCP_UDP;
        }
        let address = |text: &str| Block::parse(text).filter(|b| !b.is_all()).map(|b| Addresses::of(vec![b]));
        rule.matches.destination = address(fields[3]);
        rule.matches.source = address(fields[5]);
        let family = match v6_file || [fields[3], fields[5]].iter().any(|a| a.contains(':')) {
            true => Family::V6,
            false => Family::V4,
        };
        rule.matches.families = Families::only(family);
        says = Families { v4: says.v4 || family == Family::V4, v6: says.v6 || family == Family::V6 };
        let way = fields.last().copied().unwrap_or_default();
        let (direction, interface) = way.split_once('_').map_or((way, None), |(d, i)| (d, Some(i)));
        let named = interface
            .map(|i| Interface { names: vec![i.split('!').next().unwrap_or(i).into()], negated: false });
        let direction = match (routed, direction) {
            (true, _) => Way::Routed,
            (_, "out") => Way::Out,
            _ => Way::In,
        };
        match direction {
            Way::Out => rule.matches.out_interface = named,
            _ => rule.matches.interface = named,
        }
        ufw.add(direction, None, act, rule);
    }
    if says == (Families { v4: false, v6: false }) {
        says = if v6_file { Families::V6 } else { Families::V4 };
    }
    for chain in &mut ufw.chains {
        chain.families = says;
    }
    ufw.finish(says)
}

fn tuple_ports(text: &str) -> Option<Ports> {
    let ranges: Vec<PortRange> = text
        .split(',')
        .filter_map(|p| {
            let (a, b) = p.split_once(':').unwrap_or((p, p));
            Some(PortRange { first: a.parse().ok()?, last: b.parse().ok()? })
        })
        .collect();
    (!ranges.is_empty()).then(|| Ports::of(ranges))
}

/// Reads what `ufw status` prints, in any of its three forms.
fn read_status(view: &View<'_>, reading: &mut Reading) -> Ruleset {
    const ACTIONS: &[(&str, Action)] = &[
        ("ALLOW", Action::Allow),
        ("DENY", Action::Deny),
        ("REJECT", Action::Reject),
        ("LIMIT", Action::Limit),
    ];
    let mut ufw = Ufw::new(view.span(0..0));
    let mut table = false;
    let mut offset = 0;
    for line in view.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let content = line.trim();
        let indent = line.len() - line.trim_start().len();
        let span = view.span(start + indent..start + indent + content.len());
        if let Some(state) = content.strip_prefix("Status:") {
            ufw.enabled = Some(state.trim() == "active");
            ufw.span = span;
        } else if let Some(defaults) = content.strip_prefix("Default:") {
            for part in defaults.split(',') {
                let policy = match part.split_whitespace().next() {
                    Some("allow") => Policy::Accept,
                    Some("reject") => Policy::Reject,
                    _ => Policy::Drop,
                };
                let way = [("(incoming)", Way::In), ("(outgoing)", Way::Out), ("(routed)", Way::Routed)];
                if let Some((_, way)) = way.iter().find(|(w, _)| part.contains(w)) {
                    ufw.set_default(policy, *way, span);
                }
            }
        } else if content.starts_with("--") {
            table = true;
        } else if table && !content.is_empty() {
            let (body, comment) = content.split_once(" # ").map_or((content, None), |(b, c)| (b, Some(c)));
            let body =
                body.trim().strip_prefix('[').and_then(|b| b.split_once(']')).map_or(body, |(_, b)| b).trim();
            let found = ACTIONS.iter().find_map(|(word, act)| {
                let at = body.find(&format!(" {word}"))?;
                Some((at, at + 1 + word.len(), *act))
            });
            let Some((to, after, act)) = found else {
                reading.notice(span, "this line has no action of ufw: it is not used");
                continue;
            };
            let rest = body[after..].trim_start();
            let (way, from) = match rest.split_once(char::is_whitespace) {
                Some(("IN", from)) => (Way::In, from),
                Some(("OUT", from)) => (Way::Out, from),
                Some(("FWD", from)) => (Way::Routed, from),
                _ => (Way::In, rest),
            };
            let mut rule = Rule::new(span, Verdict::Continue);
            rule.comment = comment.map(Into::into);
            status_cell(&mut rule, &body[..to], true, way);
            status_cell(&mut rule, from, false, way);
            ufw.add(way, None, act, rule);
        }
    }
    ufw.finish(Families::BOTH)
}

fn status_cell(rule: &mut Rule, cell: &str, to: bool, way: Way) {
    let m = &mut rule.matches;
    let v6 = cell.contains("(v6)");
    let cell = cell.replace("(v6)", "").replace("(log)", "").replace("(out)", "");
    let mut words = cell.split_whitespace().peekable();
    while let Some(word) = words.next() {
        match word {
            "Anywhere" => {}
            "on" => {
                let interface = words.next().map(|i| Interface { names: vec![i.into()], negated: false });
                match way {
                    Way::Out => m.out_interface = interface,
                    _ => m.interface = interface,
                }
            }
            _ => {
                let (ports, protocol) = word.split_once('/').unwrap_or((word, ""));
                let address =
                    Block::parse(word).filter(|_| word.contains(['.', ':']) && tuple_ports(ports).is_none());
                if let Some(block) = address {
                    m.families = Families::only(block.family);
                    let addresses = Some(Addresses::of(vec![block]));
                    if to { m.destination = addresses } else { m.source = addresses }
                } else if let Some(ports) = tuple_ports(ports) {
                    m.protocols = match protocol {
                        "" => Protocols::TCP_UDP,
                        p => Protocols::of(p),
                    };
                    if to { m.ports = Some(ports) } else { m.source_ports = Some(ports) }
                } else if let Some(application) = APPLICATIONS.iter().find(|a| cell.trim() == a.0) {
                    m.ports = Some(Ports::of(application.1.iter().map(|p| PortRange::one(*p)).collect()));
                    m.protocols = Protocols::TCP;
                } else if !word.starts_with('(') {
                    m.unknown.push("the ports of this application profile are not in this file".into());
                }
            }
        }
    }
    if v6 {
        m.families = Families::V6;
    } else if to && m.families == Families::BOTH && m.destination.is_none() {
        // Every rule for both versions is printed twice; the row without a mark is the one for IPv4.
        m.families = Families::V4;
    }
}
