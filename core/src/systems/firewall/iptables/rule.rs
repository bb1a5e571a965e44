//! One iptables rule: its options, the way the program takes them.

use std::sync::Arc;

use super::values::flags;
use crate::firewall::{Families, Family, Interface, Limit, MatchFault, Protocols, Rule, Verdict};
use crate::source::Span;
use crate::systems::firewall::commands::Word;

/// Interface names are at most this long (`IFNAMSIZ` less the final zero).
const MAX_INTERFACE: usize = 15;

/// Targets that let the packet go on to the next rule, or act after routing.
#[rustfmt::skip]
const GOES_ON: &[&str] = &[
    "LOG", "ULOG", "NFLOG", "AUDIT", "MARK", "CONNMARK", "CLASSIFY", "TOS", "DSCP", "TTL", "HL", "SET", "CHECKSUM",
    "TCPMSS", "TRACE", "LED", "SECMARK", "CONNSECMARK", "IDLETIMER", "HMARK", "RATEEST", "CT", "TEE", "SNAT", "NETMAP",
    "MASQUERADE", "ECN", "DNPT", "SNPT", "TCPOPTSTRIP",
];

/// Modules whose options are all among [`OPTIONS`].
const COMPLETE: &[&str] =
    &["tcp", "udp", "state", "multiport", "limit", "connlimit", "comment", "addrtype", "standard"];

/// Options that rules without other modules may have (iptables(8), iptables-extensions(8)).
#[rustfmt::skip]
const OPTIONS: &[&str] = &[
    "-c", "-n", "-v", "-w", "-x", "--set-counters", "--numeric", "--verbose", "--wait", "--exact", "--line-numbers",
    "--modprobe", "--append", "--insert", "--ipv4", "--ipv6", "--protocol", "--source", "--destination", "--match",
    "--jump", "--goto", "--in-interface", "--out-interface", "--fragment", "--source-ports", "--destination-ports",
    "--sports", "--dports", "--ports", "--tcp-flags", "--tcp-option", "--syn", "--state", "--limit-burst",
    "--limit-iface-in", "--limit-iface-out", "--connlimit-upto", "--connlimit-above", "--connlimit-mask",
    "--connlimit-saddr", "--connlimit-daddr", "--comment", "--src-type", "--dst-type",
];

/// Where a rule's words lie and what they are about.
pub(super) struct RuleWords<'w> {
    /// The words behind the chain.
    pub(super) words: &'w [Word],
    /// The family of the program.
    pub(super) family: Family,
    /// Where the whole rule is.
    pub(super) span: Span,
}

pub(super) struct Options<'r, 'w> {
    pub(super) from: &'r RuleWords<'w>,
    pub(super) rule: Rule,
    pub(super) at: usize,
    pub(super) modules: Vec<(String, usize)>,
    pub(super) used: Vec<String>,
    pub(super) protocol_said: bool,
    pub(super) ports_need_protocol: Option<Span>,
    pub(super) wants_addrtype_local: bool,
}

/// Reads a rule. What it does not know makes the rule doubtful, what the program refuses makes it faulty.
pub(super) fn read(from: &RuleWords<'_>) -> Rule {
    let mut rule = Rule::new(from.span, Verdict::Continue);
    rule.matches.families = Families::only(from.family);
    let mut options = Options {
        from,
        rule,
        at: 0,
        modules: Vec::new(),
        used: Vec::new(),
        protocol_said: false,
        ports_need_protocol: None,
        wants_addrtype_local: false,
    };
    options.run();
    options.check();
    options.rule
}

impl Options<'_, '_> {
    fn run(&mut self) {
        let mut negated = false;
        while let Some(word) = self.from.words.get(self.at) {
            self.at += 1;
            if word.text == "!" {
                negated = true;
                continue;
            }
            self.used.push(word.text.clone());
            self.option(word, negated);
            negated = false;
        }
    }

    pub(super) fn fault(&mut self, code: &'static str, word: &Word, reason: impl Into<String>) {
        let span = word.span;
        self.rule.fault.get_or_insert(MatchFault { code, span, reason: reason.into() });
    }

    pub(super) fn value(&mut self, option: &Word) -> Option<Word> {
        match self.from.words.get(self.at) {
            Some(word) if word.text != "!" => {
                self.at += 1;
                Some(word.clone())
            }
            _ => {
                self.fault("value-missing", option, format!("{} needs a value", option.text));
                None
            }
        }
    }

    /// Skips the values of an option that this reader does not look into.
    fn skip(&mut self) {
        while self.from.words.get(self.at).is_some_and(|w| {
            let negative =
                w.text.strip_prefix('-').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
            w.text != "!" && (!w.text.starts_with('-') || negative)
        }) {
            self.at += 1;
        }
    }

    pub(super) fn unknown(&mut self, what: impl Into<String>) {
        self.rule.matches.unknown.push(what.into());
    }

    fn option(&mut self, word: &Word, negated: bool) {
        match word.text.as_str() {
            "-s" | "--source" | "--src" => {
                if let Some(value) = self.value(word) {
                    self.rule.source_span = Some(value.span);
                    self.rule.matches.source = self.addresses(&value, negated);
                }
            }
            "-d" | "--destination" | "--dst" => {
                if let Some(value) = self.value(word) {
                    self.rule.matches.destination = self.addresses(&value, negated);
                }
            }
            "-i" | "--in-interface" | "-o" | "--out-interface" => {
                let Some(value) = self.value(word) else { return };
                if value.text.trim_end_matches('+').len() > MAX_INTERFACE && !value.open {
                    let reason = format!("an interface name has at most {MAX_INTERFACE} characters");
                    self.fault("interface-name", &value, reason);
                }
                if value.open {
                    return self.unknown("the interface is a variable");
                }
                let name = value.text.strip_suffix('+').map_or(value.text.clone(), |n| format!("{n}*"));
                let interface = Some(Interface { names: vec![name], negated });
                match word.text.as_str() {
                    "-i" | "--in-interface" => self.rule.matches.interface = interface,
                    _ => self.rule.matches.out_interface = interface,
                }
            }
            "-p" | "--protocol" | "--proto" => {
                let Some(value) = self.value(word) else { return };
                if value.open {
                    self.protocol_said = true;
                    return self.unknown("the protocol is a variable");
                }
                let protocols = Protocols::of(&value.text);
                self.protocol_said = true;
                self.rule.matches.protocols = if negated { protocols.negate() } else { protocols };
            }
            "-m" | "--match" => {
                if let Some(value) = self.value(word) {
                    self.modules.push((value.text.clone(), self.used.len()));
                    self.module(&value);
                }
            }
            "-j" | "--jump" | "-g" | "--goto" => {
                if let Some(value) = self.value(word) {
                    let goto = matches!(word.text.as_str(), "-g" | "--goto");
                    self.rule.verdict = self.target(&value, goto);
                }
            }
            "--dport" | "--destination-port" => self.ports(word, negated, false, true),
            "--sport" | "--source-port" => self.ports(word, negated, false, false),
            "--dports" | "--destination-ports" => self.ports(word, negated, true, true),
            "--sports" | "--source-ports" => self.ports(word, negated, true, false),
            "--ports" => {
                let _ = self.port_value(word, true);
                self.unknown("it asks for the port of either side");
            }
            "--syn" => self.rule.matches.flags = Some((0x17, 0x02, negated)),
            "--tcp-flags" => {
                let (Some(mask), Some(set)) = (self.value(word), self.value(word)) else { return };
                match (flags(&mask.text), flags(&set.text)) {
                    (Some(mask), Some(set)) => self.rule.matches.flags = Some((mask, set, negated)),
                    _ => self.fault("tcp-flags", &mask, "no such TCP flag"),
                }
            }
            "--state" | "--ctstate" => self.states(word, negated),
            "--limit" | "--hashlimit" | "--hashlimit-upto" => self.limit(word, false),
            "--hashlimit-above" => self.limit(word, true),
            "--limit-burst" | "--hashlimit-burst" => {
                if let (Some(value), Some(limit)) = (self.value(word), self.rule.matches.limit.as_mut()) {
                    limit.text = format!("{} burst {}", limit.text, value.text);
                }
            }
            "--connlimit-above" | "--connlimit-upto" => {
                let Some(value) = self.value(word) else { return };
                if value.text.parse::<u32>().is_err() && !value.open {
                    self.fault("number", &value, "connlimit needs a number of connections");
                }
                let over = word.text.ends_with("above");
                let text = format!("{} connections at once", value.text);
                self.rule.matches.limit = Some(Limit { over, text, per_source: true });
            }
            "--connlimit-saddr" | "--connlimit-daddr" | "--set" | "--remove" | "--rsource" | "--rdest"
            | "--rttl" | "--reap" | "-f" | "--fragment" | "-4" | "-6" => {
                if word.text == "--remove" || word.text == "-f" {
                    self.unknown("it asks for what earlier packets did");
                }
            }
            "--update" | "--rcheck" => {
                let text = "recently seen sources".to_string();
                self.rule.matches.limit = Some(Limit { over: true, text, per_source: true });
            }
            "--hitcount" => {
                if let (Some(value), Some(limit)) = (self.value(word), self.rule.matches.limit.as_mut()) {
                    limit.text = format!("{} connections", value.text);
                }
            }
            "--seconds" => {
                if let (Some(value), Some(limit)) = (self.value(word), self.rule.matches.limit.as_mut()) {
                    limit.text = format!("{} in {} s", limit.text, value.text);
                }
            }
            "--src-range" | "--dst-range" => {
                let Some(value) = self.value(word) else { return };
                let addresses = self.addresses(&value, negated);
                match word.text.as_str() {
                    "--src-range" => self.rule.matches.source = addresses,
                    _ => self.rule.matches.destination = addresses,
                }
            }
            "--comment" => self.rule.comment = self.value(word).map(|w| w.text),
            "--reject-with" => {
                if let Some(value) = self.value(word) {
                    self.rule.verdict = Verdict::Reject(value.text.as_str().into());
                    self.reject_with(&value);
                }
            }
            "--to-ports" | "--to-port" if matches!(self.rule.verdict, Verdict::Redirect(_)) => {
                if let Some(value) = self.value(word) {
                    self.rule.verdict = Verdict::Redirect(value.text.parse().ok());
                }
            }
            "--notrack" => self.rule.verdict = Verdict::Untrack,
            "--dst-type" | "--src-type" => self.address_type(word, negated),
            "--limit-iface-in" | "--limit-iface-out" => {}
            "--icmp-type" | "--icmpv6-type" | "--name" | "--mask" | "--connlimit-mask" => {
                self.value(word);
            }
            other if other.starts_with("--hashlimit-") => self.skip(),
            other
                if other.starts_with("--log")
                    || other.starts_with("--nflog")
                    || other.starts_with("--ulog") =>
            {
                self.skip();
            }
            "--to-destination" | "--to-source" | "--to" | "--random" | "--random-fully" | "--persistent" => {
                self.skip()
            }
            other if other.starts_with('-') => {
                if !self.may_be_an_option(other) {
                    return self.fault("option", word, format!("no option is called {other}"));
                }
                self.skip();
                let matches_nothing =
                    matches!(self.rule.verdict, Verdict::Continue) || self.rule.verdict.is_final();
                if !self.target_seen() || !matches_nothing {
                    self.unknown(format!("it asks for {other}"));
                }
            }
            _ if word.open => self.unknown("a part of it is a variable"),
            other => {
                let reason = format!("{other} is not part of any option");
                self.fault("stray-word", word, reason);
            }
        }
    }

    /// False if all modules that the rule has loaded so far are known, and none has such an option. The program takes
    /// the beginning of a name for the name.
    fn may_be_an_option(&self, name: &str) -> bool {
        let known = |m: &(String, usize)| COMPLETE.contains(&m.0.as_str());
        self.target_seen()
            || self.protocol_said && self.rule.matches.protocols.other
            || !self.modules.iter().all(known)
            || OPTIONS.iter().any(|option| option.starts_with(name))
    }

    /// Options behind a target that goes on belong to the target and change nothing about what matches.
    fn target_seen(&self) -> bool {
        self.used.iter().any(|u| matches!(u.as_str(), "-j" | "--jump" | "-g" | "--goto"))
    }

    fn module(&mut self, name: &Word) {
        match name.text.as_str() {
            "tcp" | "udp" | "state" | "conntrack" | "multiport" | "limit" | "hashlimit" | "connlimit"
            | "recent" | "iprange" | "comment" | "addrtype" | "icmp" | "icmp6" | "standard" => {}
            "set" => self.unknown("it asks for a set that is not in this file"),
            other => {
                let what = format!("it asks for {other}");
                self.unknown(what);
            }
        }
    }

    fn target(&mut self, value: &Word, goto: bool) -> Verdict {
        if value.open {
            return Verdict::Unknown("the target is a variable".into());
        }
        let name: Arc<str> = value.text.as_str().into();
        match &*name {
            _ if goto => Verdict::Goto(name),
            "ACCEPT" => Verdict::Accept,
            "DROP" | "TARPIT" => Verdict::Drop,
            "REJECT" => Verdict::Reject(match self.from.family {
                Family::V4 => "icmp-port-unreachable".into(),
                Family::V6 => "icmp6-port-unreachable".into(),
            }),
            "RETURN" => Verdict::Return,
            "REDIRECT" => Verdict::Redirect(None),
            "DNAT" | "TPROXY" => Verdict::Elsewhere,
            "NOTRACK" => Verdict::Untrack,
            "QUEUE" | "NFQUEUE" | "SYNPROXY" => Verdict::Unknown(format!("{name} decides elsewhere").into()),
            other if GOES_ON.contains(&other) => Verdict::Continue,
            _ => Verdict::Jump(name),
        }
    }

    /// What only the whole rule shows.
    fn check(&mut self) {
        let m = &self.rule.matches;
        if let Some(span) = self.ports_need_protocol
            && (!self.protocol_said || m.protocols.covers(Protocols::ALL))
        {
            let reason = "a port needs -p tcp or -p udp before it".to_string();
            self.rule.fault.get_or_insert(MatchFault { code: "port-without-protocol", span, reason });
        }
        let modules = std::mem::take(&mut self.modules);
        for (name, _) in &modules {
            let needs: &[&str] = match name.as_str() {
                "state" => &["--state"],
                "conntrack" => &["--ct"],
                "multiport" => &["--dports", "--sports", "--ports", "--destination-ports", "--source-ports"],
                "connlimit" => &["--connlimit-above", "--connlimit-upto"],
                "addrtype" => &["--src-type", "--dst-type"],
                "iprange" => &["--src-range", "--dst-range"],
                "set" => &["--match-set"],
                "recent" => &["--set", "--update", "--rcheck", "--remove"],
                _ => continue,
            };
            if !self
                .used
                .iter()
                .any(|u| needs.iter().any(|n| u == n || n.ends_with("ct") && u.starts_with(n)))
            {
                let reason = format!("-m {name} needs one of its options: {}", needs.join(", "));
                let span = self.from.span;
                self.rule.fault.get_or_insert(MatchFault { code: "match-incomplete", span, reason });
            }
        }
        let both = |a: &str, b: &str| self.used.iter().any(|u| u == a) && self.used.iter().any(|u| u == b);
        for (a, b) in [
            ("--connlimit-saddr", "--connlimit-daddr"),
            ("--connlimit-above", "--connlimit-upto"),
            ("--limit-iface-in", "--limit-iface-out"),
        ] {
            if both(a, b) {
                let span = self.from.span;
                let reason = format!("{a} and {b} exclude each other");
                self.rule.fault.get_or_insert(MatchFault { code: "match-conflict", span, reason });
            }
        }
    }
}
