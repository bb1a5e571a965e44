//! Tables, chains and rules, as the kernel sees them.

use std::sync::Arc;

use super::{Addresses, Families, Ports};
use crate::source::Span;

/// What a firewall does, from one file or script.
#[derive(Clone, Debug)]
pub struct Ruleset {
    /// The program it is written for: `ufw`, `iptables`, `nft`, `firewalld`, `kubernetes`.
    pub tool: &'static str,
    /// Where it begins.
    pub span: Span,
    /// All chains, in file order.
    pub chains: Vec<Chain>,
    /// Whether the firewall is switched on; `None` when the file does not say.
    pub enabled: Option<bool>,
    /// The families whose rules this file holds. Of others it says nothing.
    pub says: Families,
    /// Whether what it leaves out does not exist (`flush ruleset`), rather than being somewhere else.
    pub complete: bool,
    /// The place of something that decides about traffic and cannot be read here (an include, a template).
    pub gap: Option<Span>,
}

/// Names a rule of a [`Ruleset`]: chain and position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleRef {
    /// Index of the chain.
    pub chain: usize,
    /// Index of the rule in it.
    pub rule: usize,
}

impl Ruleset {
    /// One of its rules.
    pub fn rule(&self, at: RuleRef) -> Option<&Rule> {
        self.chains.get(at.chain)?.rules.get(at.rule)
    }

    /// All rules in file order.
    pub fn rules(&self) -> impl Iterator<Item = (RuleRef, &Rule)> {
        self.chains.iter().enumerate().flat_map(|(chain, c)| {
            c.rules.iter().enumerate().map(move |(rule, r)| (RuleRef { chain, rule }, r))
        })
    }
}

/// Where in a packet's way a base chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// On arrival, before routing.
    Prerouting,
    /// Meant for this host.
    Input,
    /// Passing through.
    Forward,
    /// From this host.
    Output,
    /// On leaving.
    Postrouting,
}

/// Which traffic a rule is about, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To this host.
    In,
    /// From this host.
    Out,
    /// Through this host.
    Forward,
}

impl Direction {
    /// The word for conditions.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::In => "in",
            Direction::Out => "out",
            Direction::Forward => "forward",
        }
    }
}

/// What happens to a packet that reaches the end of a base chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It goes on.
    Accept,
    /// It is dropped without a word.
    Drop,
    /// It is refused.
    Reject,
    /// The file does not say, or another file decides.
    Unknown,
}

impl Policy {
    /// The word for conditions.
    pub fn as_str(self) -> &'static str {
        match self {
            Policy::Accept => "accept",
            Policy::Drop => "drop",
            Policy::Reject => "reject",
            Policy::Unknown => "unknown",
        }
    }
}

/// What makes a chain see packets without a jump.
#[derive(Clone, Debug)]
pub struct Base {
    /// Where.
    pub hook: Hook,
    /// Lower comes first.
    pub priority: i32,
    /// Its end.
    pub policy: Policy,
    /// Where the policy is written, if it is.
    pub policy_span: Option<Span>,
}

/// A list of rules.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The table it belongs to, family first: `ip filter`.
    pub table: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// The families its table sees.
    pub families: Families,
    /// Set for a base chain.
    pub base: Option<Base>,
    /// Its rules, in the order they are tried.
    pub rules: Vec<Rule>,
    /// Where it is introduced.
    pub span: Span,
}

/// Protocols that carry ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Transport {
    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        }
    }
}

/// The protocols a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocols {
    /// TCP matches.
    pub tcp: bool,
    /// UDP matches.
    pub udp: bool,
    /// Something else matches (ICMP, GRE).
    pub other: bool,
}

impl Protocols {
    /// Every protocol.
    pub const ALL: Protocols = Protocols { tcp: true, udp: true, other: true };
    /// TCP alone.
    pub const TCP: Protocols = Protocols { tcp: true, udp: false, other: false };
    /// UDP alone.
    pub const UDP: Protocols = Protocols { tcp: false, udp: true, other: false };
    /// TCP and UDP.
    pub const TCP_UDP: Protocols = Protocols { tcp: true, udp: true, other: false };
    /// Neither TCP nor UDP.
    pub const OTHER: Protocols = Protocols { tcp: false, udp: false, other: true };

    /// What a name or number means.
    pub fn of(name: &str) -> Protocols {
        match name.to_ascii_lowercase().as_str() {
            "tcp" | "6" => Protocols::TCP,
            "udp" | "17" => Protocols::UDP,
            "all" | "any" | "0" | "ip" => Protocols::ALL,
            _ => Protocols::OTHER,
        }
    }

    /// Whether a transport matches.
    pub fn has(self, transport: Transport) -> bool {
        match transport {
            Transport::Tcp => self.tcp,
            Transport::Udp => self.udp,
        }
    }

    /// All but these. "Other" stands for many protocols, so it stays on both sides.
    pub fn negate(self) -> Protocols {
        Protocols { tcp: !self.tcp, udp: !self.udp, other: true }
    }

    /// True if all of `other` is here.
    pub fn covers(self, other: Protocols) -> bool {
        (self.tcp || !other.tcp) && (self.udp || !other.udp) && (self.other || !other.other)
    }

    /// The word for outputs.
    pub fn as_str(self) -> &'static str {
        match (self.tcp, self.udp, self.other) {
            (true, false, false) => "tcp",
            (false, true, false) => "udp",
            (true, true, false) => "tcp+udp",
            (true, true, true) => "any",
            _ => "other",
        }
    }
}

/// An interface a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Names; a trailing `*` stands for any ending.
    pub names: Vec<String>,
    /// All but these.
    pub negated: bool,
}

/// Connection states a rule asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States {
    /// The first packet of a connection.
    pub new: bool,
    /// Packets of a known connection.
    pub established: bool,
    /// Connections that belong to a known one.
    pub related: bool,
    /// Packets that fit no connection.
    pub invalid: bool,
    /// Packets that are not tracked.
    pub untracked: bool,
}

impl States {
    /// All but these.
    pub fn negate(self) -> States {
        States {
            new: !self.new,
            established: !self.established,
            related: !self.related,
            invalid: !self.invalid,
            untracked: !self.untracked,
        }
    }

    /// True if all of `other` is here.
    pub fn covers(self, other: States) -> bool {
        (self.new || !other.new)
            && (self.established || !other.established)
            && (self.related || !other.related)
            && (self.invalid || !other.invalid)
            && (self.untracked || !other.untracked)
    }
}

/// A rate or number of connections that a rule counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Matches once the rate is exceeded, rather than up to it.
    pub over: bool,
    /// As written, for people: `10/minute burst 5`, `6 in 30 s`.
    pub text: String,
    /// Counts each source by itself.
    pub per_source: bool,
}

/// Something about a rule that the tool itself refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchFault {
    /// A short name that conditions compare with.
    pub code: &'static str,
    /// Where.
    pub span: Span,
    /// What the tool does with it, one line.
    pub reason: String,
}

/// What a packet must be for a rule to act on it. An absent part matches everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Families.
    pub families: Families,
    /// Where from.
    pub source: Option<Addresses>,
    /// Where to.
    pub destination: Option<Addresses>,
    /// Protocols.
    pub protocols: Protocols,
    /// Ports of the sender.
    pub source_ports: Option<Ports>,
    /// Ports asked for.
    pub ports: Option<Ports>,
    /// Where it came in.
    pub interface: Option<Interface>,
    /// Where it goes out.
    pub out_interface: Option<Interface>,
    /// States of its connection.
    pub states: Option<States>,
    /// TCP flags: those looked at and those that must be set.
    pub flags: Option<(u8, u8, bool)>,
    /// A rate.
    pub limit: Option<Limit>,
    /// What else it asks for that cannot be worked out from the file: sets, marks, owners, variables.
    pub unknown: Vec<String>,
    /// It can match no stranger, though no address says so (pods of a cluster).
    pub insiders: bool,
}

impl Default for Match {
    fn default() -> Self {
        Match {
            families: Families::BOTH,
            source: None,
            destination: None,
            protocols: Protocols::ALL,
            source_ports: None,
            ports: None,
            interface: None,
            out_interface: None,
            states: None,
            flags: None,
            limit: None,
            unknown: Vec::new(),
            insiders: false,
        }
    }
}

impl Match {
    /// True if it matches every packet of the families and states given by itself.
    pub fn is_everything(&self) -> bool {
        *self == Match { families: self.families, ..Match::default() }
    }

    /// True if it asks for a port or for sources, so that it stands for an intention about some service.
    pub fn names_port(&self) -> bool {
        self.ports.as_ref().is_some_and(|p| !p.negated && !p.is_all())
    }
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Lets it through this base chain.
    Accept,
    /// Drops it without a word.
    Drop,
    /// Refuses it; the kind of answer, as the tool names it.
    Reject(Arc<str>),
    /// Tries another chain, then goes on here.
    Jump(Arc<str>),
    /// Tries another chain instead of the rest of this one.
    Goto(Arc<str>),
    /// Leaves this chain.
    Return,
    /// Goes on: it counts, logs or marks.
    Continue,
    /// Sends it to another port of this host.
    Redirect(Option<u16>),
    /// Sends it to another address.
    Elsewhere,
    /// Takes it out of connection tracking.
    Untrack,
    /// Something that cannot be worked out from the file.
    Unknown(Arc<str>),
}

impl Verdict {
    /// The word for conditions.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Accept => "accept",
            Verdict::Drop => "drop",
            Verdict::Reject(_) => "reject",
            Verdict::Jump(_) | Verdict::Goto(_) => "jump",
            Verdict::Return => "return",
            Verdict::Continue => "continue",
            Verdict::Redirect(_) | Verdict::Elsewhere => "nat",
            Verdict::Untrack => "untrack",
            Verdict::Unknown(_) => "unknown",
        }
    }

    /// True if it ends the walk through its base chain.
    pub fn is_final(&self) -> bool {
        matches!(self, Verdict::Accept | Verdict::Drop | Verdict::Reject(_))
    }
}

/// Whether a rule is in force once everything in its file has been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    InForce,
    /// Only after the next start of the firewall.
    NextStart,
    /// No more: something after it takes it away.
    Lost,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where it is written.
    pub span: Span,
    /// Where its ports are written, if it names any.
    pub ports_span: Option<Span>,
    /// Where its sources are written, if it names any.
    pub source_span: Option<Span>,
    /// What it acts on.
    pub matches: Match,
    /// What it does.
    pub verdict: Verdict,
    /// Its comment.
    pub comment: Option<String>,
    /// It was not written in this file: the tool always adds it.
    pub implied: bool,
    /// Whether it is in force.
    pub standing: Standing,
    /// Something about it that the tool refuses; it is then not in force.
    pub fault: Option<MatchFault>,
    /// The address as written had bits set behind its prefix, which are cut.
    pub cut: Option<(String, String)>,
}

impl Rule {
    /// A rule that acts on everything.
    pub fn new(span: Span, verdict: Verdict) -> Rule {
        Rule {
            span,
            ports_span: None,
            source_span: None,
            matches: Match::default(),
            verdict,
            comment: None,
            implied: false,
            standing: Standing::InForce,
            fault: None,
            cut: None,
        }
    }
}
