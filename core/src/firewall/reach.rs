//! Can this source open a connection to that port?
//!
//! The walk follows the kernel: base chains of a hook in order of priority, rules in order, first verdict wins, `jump`
//! comes back and `goto` does not, the policy decides what is left, an `accept` ends its base chain only and a `drop`
//! ends everything. What cannot be told from the file is carried along as a possibility: only when it could change the
//! answer does the answer become [`Reach::Unknown`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Addresses, Block, Chain, Families, Family, Hook, Interface, Match, Policy, Ports, Rule, RuleRef, Ruleset,
    Transport, Verdict,
};
use crate::source::Span;

/// Rules looked at for one answer, beyond twice those there are. Chains that call each other over and over end here.
const MAX_STEPS: usize = 5_000;

/// Chains that may be open at once; the kernel's own limit is 16 (`NFT_JUMP_STACK_SIZE`).
const MAX_JUMPS: usize = 32;

/// Pieces that a network is cut into when rules know parts of it.
const MAX_PIECES: usize = 64;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// An arbitrary host on the internet, in no network that a rule singles out.
    Anyone,
    /// Every host of a network.
    Block(Block),
    /// This host itself.
    Loopback,
}

/// What is asked: a new connection.
#[derive(Clone, Copy, Debug)]
pub struct Query<'q> {
    /// From whom.
    pub sender: Sender,
    /// To this port of the host.
    pub port: u16,
    /// Over this transport.
    pub transport: Transport,
    /// Over this IP version.
    pub family: Family,
    /// Through this interface, if it is known.
    pub interface: Option<&'q str>,
}

impl Query<'_> {
    /// An arbitrary host on the internet asks for a port.
    pub fn anyone(port: u16, transport: Transport, family: Family) -> Query<'static> {
        Query { sender: Sender::Anyone, port, transport, family, interface: None }
    }
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// Where it is written.
    pub span: Span,
    /// The rule; none for a policy, and where no chain looks at the traffic.
    pub rule: Option<RuleRef>,
}

/// How a connection is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Silence: the client waits until its own timeout.
    Drop,
    /// An answer, of this kind as the tool names it; the client fails at once.
    Reject(Arc<str>),
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It gets through.
    Yes {
        /// What lets it through.
        by: By,
    },
    /// It does not.
    No {
        /// What stops it.
        by: By,
        /// How.
        refusal: Refusal,
    },
    /// It gets through up to a rate.
    Limited {
        /// The rule that counts.
        by: By,
        /// The rate, as written.
        limit: String,
    },
    /// The file does not tell.
    Unknown {
        /// Where the doubt is.
        span: Span,
        /// What about it.
        why: String,
    },
}

impl Reach {
    /// The word for conditions and tables.
    pub fn as_str(&self) -> &'static str {
        match self {
            Reach::Yes { .. } => "yes",
            Reach::No { .. } => "no",
            Reach::Limited { .. } => "limited",
            Reach::Unknown { .. } => "unknown",
        }
    }

    /// What decided, if anything did.
    pub fn by(&self) -> Option<By> {
        match self {
            Reach::Yes { by } | Reach::No { by, .. } | Reach::Limited { by, .. } => Some(*by),
            Reach::Unknown { .. } => None,
        }
    }
}

/// Answers a query from a ruleset.
pub fn reach(ruleset: &Ruleset, query: &Query<'_>) -> Reach {
    let Sender::Block(block) = query.sender else { return ask(ruleset, query) };
    let mut answer: Option<Reach> = None;
    for piece in pieces(ruleset, block) {
        let next = ask(ruleset, &Query { sender: Sender::Block(piece), ..*query });
        match &answer {
            None => answer = Some(next),
            Some(first) if first.as_str() == next.as_str() => {}
            Some(first) => {
                let span = next.by().or(first.by()).map_or(ruleset.span, |b| b.span);
                return Reach::Unknown { span, why: format!("the answer differs within {block}") };
            }
        }
    }
    answer.unwrap_or(Reach::Unknown { span: ruleset.span, why: "an empty network".into() })
}

/// A network, cut where rules begin or end to match.
fn pieces(ruleset: &Ruleset, block: Block) -> Vec<Block> {
    let mut cuts = std::collections::BTreeSet::new();
    for (_, rule) in ruleset.rules() {
        for b in rule.matches.source.iter().flat_map(|s| &s.blocks).filter(|b| b.meets(block)) {
            if b.first > block.first {
                cuts.insert(b.first);
            }
            if b.last < block.last {
                cuts.insert(b.last + 1);
            }
        }
        if cuts.len() >= MAX_PIECES {
            return vec![block];
        }
    }
    let mut pieces = Vec::new();
    let mut first = block.first;
    for cut in cuts {
        pieces.push(Block { first, last: cut - 1, ..block });
        first = cut;
    }
    pieces.push(Block { first, ..block });
    pieces
}

fn ask(ruleset: &Ruleset, query: &Query<'_>) -> Reach {
    if ruleset.enabled == Some(false) {
        return Reach::Yes { by: By { span: ruleset.span, rule: None } };
    }
    let unknown = |span: Span, why: &str| Reach::Unknown { span, why: why.into() };
    let mut bases: Vec<usize> = (0..ruleset.chains.len())
        .filter(|&i| {
            let chain = &ruleset.chains[i];
            let here = |b: &super::Base| matches!(b.hook, Hook::Prerouting | Hook::Input);
            chain.families.has(query.family) && chain.base.as_ref().is_some_and(here)
        })
        .collect();
    bases.sort_by_key(|&i| ruleset.chains[i].base.as_ref().map(|b| (b.hook, b.priority)));
    let input = |i: &usize| ruleset.chains[*i].base.as_ref().is_some_and(|b| b.hook == Hook::Input);
    if !bases.iter().any(input) {
        return match ruleset.complete {
            true => Reach::Yes { by: By { span: ruleset.span, rule: None } },
            false => unknown(ruleset.span, "nothing here filters traffic to this host over this IP version"),
        };
    }
    let mut walk = Walk::new(ruleset, query);
    let mut doubt: Option<Reach> = None;
    let mut limited: Option<Reach> = None;
    let mut yes: Option<Reach> = None;
    for base in bases {
        match walk.base(base) {
            no @ Reach::No { .. } => return no,
            r @ Reach::Unknown { .. } => doubt = doubt.or(Some(r)),
            r @ Reach::Limited { .. } => limited = limited.or(Some(r)),
            r @ Reach::Yes { .. } if input(&base) => yes = Some(r),
            Reach::Yes { .. } => {}
        }
    }
    doubt.or(limited).or(yes).unwrap_or_else(|| unknown(ruleset.span, "nothing decides"))
}

/// Whether a rule matches.
enum Truth {
    Yes,
    No,
    Maybe(String),
}

/// How sure it is that the walk comes to a place.
#[derive(Clone)]
enum Certainty {
    Certain,
    Limited(By, String),
    Maybe(Span, String),
}

impl Certainty {
    fn is_certain(&self) -> bool {
        matches!(self, Certainty::Certain)
    }

    fn and(&self, other: Certainty) -> Certainty {
        match (self, &other) {
            (Certainty::Maybe(..), _) | (_, Certainty::Certain) => self.clone(),
            _ => other,
        }
    }
}

#[derive(Clone, Debug)]
enum Ruling {
    Accept,
    Deny(Refusal),
    Redirect(Option<u16>),
    Elsewhere,
}

impl Ruling {
    fn agrees(&self, other: &Ruling) -> bool {
        matches!(
            (self, other),
            (Ruling::Accept, Ruling::Accept)
                | (Ruling::Deny(_), Ruling::Deny(_))
                | (Ruling::Elsewhere, Ruling::Elsewhere)
        )
    }
}

enum Flow {
    /// The chain ended or returned.
    End,
    /// A verdict fell; it is in the walk's books.
    Decided,
}

struct Walk<'w> {
    ruleset: &'w Ruleset,
    query: Query<'w>,
    names: BTreeMap<(&'w str, &'w str), usize>,
    steps: usize,
    max_steps: usize,
    untracked: bool,
    decided: Option<(Ruling, By)>,
    possible: Vec<(Ruling, Span, String)>,
    limited: Vec<(Ruling, By, String)>,
    unknown: Option<(Span, String)>,
}

impl<'w> Walk<'w> {
    fn new(ruleset: &'w Ruleset, query: &Query<'w>) -> Self {
        let names = ruleset.chains.iter().enumerate().map(|(i, c)| ((&*c.table, &*c.name), i)).collect();
        Walk {
            ruleset,
            query: *query,
            names,
            steps: 0,
            max_steps: MAX_STEPS + 2 * ruleset.chains.iter().map(|c| c.rules.len()).sum::<usize>(),
            untracked: false,
            decided: None,
            possible: Vec::new(),
            limited: Vec::new(),
            unknown: None,
        }
    }

    /// The answer of one base chain.
    fn base(&mut self, index: usize) -> Reach {
        self.decided = None;
        self.possible.clear();
        self.limited.clear();
        self.unknown = None;
        let Some(base) = self.ruleset.chains.get(index).and_then(|c| c.base.as_ref()) else {
            return Reach::Unknown { span: self.ruleset.span, why: "no such chain".into() };
        };
        let chain_span = self.ruleset.chains[index].span;
        if matches!(self.chain(index, Certainty::Certain, 0), Flow::End) {
            let by = By { span: base.policy_span.unwrap_or(chain_span), rule: None };
            self.decided = match base.policy {
                Policy::Accept => Some((Ruling::Accept, by)),
                Policy::Drop => Some((Ruling::Deny(Refusal::Drop), by)),
                Policy::Reject => Some((Ruling::Deny(Refusal::Reject("reject".into())), by)),
                Policy::Unknown => {
                    self.unknown
                        .get_or_insert((by.span, "what happens to the rest is said elsewhere".into()));
                    None
                }
            };
        }
        self.conclude(base.hook)
    }

    fn conclude(&mut self, hook: Hook) -> Reach {
        let Some((ruling, by)) = self.decided.clone() else {
            let (span, why) = self.unknown.clone().unwrap_or((self.ruleset.span, "nothing decides".into()));
            return Reach::Unknown { span, why };
        };
        if let Some((_, span, why)) = self.possible.iter().find(|p| !p.0.agrees(&ruling)) {
            return Reach::Unknown { span: *span, why: why.clone() };
        }
        if let Some((span, why)) = self.unknown.clone() {
            return Reach::Unknown { span, why };
        }
        if hook == Hook::Input
            && let Some(gap) = self.ruleset.gap
        {
            let named = by.rule.and_then(|r| self.ruleset.rule(r)).is_some_and(|r| r.matches.names_port());
            if !named {
                return Reach::Unknown { span: gap, why: "a part of the rules is not in this file".into() };
            }
        }
        if let Some((_, by, limit)) = self.limited.iter().find(|l| !l.0.agrees(&ruling)) {
            return Reach::Limited { by: *by, limit: limit.clone() };
        }
        match ruling {
            Ruling::Accept => Reach::Yes { by },
            Ruling::Deny(refusal) => Reach::No { by, refusal },
            Ruling::Redirect(Some(port)) => {
                self.query.port = port;
                Reach::Yes { by }
            }
            Ruling::Redirect(None) => {
                Reach::Unknown { span: by.span, why: "it is sent to another port".into() }
            }
            Ruling::Elsewhere => {
                Reach::Unknown { span: by.span, why: "it is sent to another address".into() }
            }
        }
    }

    fn chain(&mut self, index: usize, mut certainty: Certainty, depth: usize) -> Flow {
        let ruleset = self.ruleset;
        let Some(chain) = ruleset.chains.get(index) else { return Flow::End };
        // Whether everything since the chain was entered has been sure: then a verdict ends it.
        let mut sure = true;
        for (number, rule) in chain.rules.iter().enumerate() {
            self.steps += 1;
            if self.steps > self.max_steps {
                self.unknown.get_or_insert((rule.span, "the chains call each other too often".into()));
                return Flow::Decided;
            }
            if rule.fault.is_some() {
                continue;
            }
            let at = RuleRef { chain: index, rule: number };
            let own = match self.matches(chain, rule) {
                Truth::No => continue,
                Truth::Maybe(why) => Certainty::Maybe(rule.span, why),
                Truth::Yes => match &rule.matches.limit {
                    Some(limit) => {
                        Certainty::Limited(By { span: rule.span, rule: Some(at) }, limit.text.clone())
                    }
                    None => Certainty::Certain,
                },
            };
            let here = sure && own.is_certain();
            let then = certainty.and(own);
            let ruling = match &rule.verdict {
                Verdict::Continue => continue,
                Verdict::Untrack => {
                    self.untracked = true;
                    continue;
                }
                Verdict::Unknown(why) => {
                    self.unknown.get_or_insert((rule.span, why.to_string()));
                    continue;
                }
                Verdict::Return if here => return Flow::End,
                Verdict::Return => {
                    certainty = then;
                    sure = false;
                    continue;
                }
                Verdict::Jump(name) | Verdict::Goto(name) => {
                    let Some(&target) = self.names.get(&(&*chain.table, &**name)) else {
                        self.unknown.get_or_insert((rule.span, format!("chain {name} is not in this file")));
                        continue;
                    };
                    if depth >= MAX_JUMPS {
                        self.unknown.get_or_insert((rule.span, "too many chains call each other".into()));
                        continue;
                    }
                    let flow = self.chain(target, then.clone(), depth + 1);
                    if here && matches!(flow, Flow::Decided) {
                        return Flow::Decided;
                    }
                    if matches!(rule.verdict, Verdict::Goto(_)) {
                        if here {
                            return Flow::End;
                        }
                        certainty = then;
                        sure = false;
                    }
                    continue;
                }
                Verdict::Accept => Ruling::Accept,
                Verdict::Drop => Ruling::Deny(Refusal::Drop),
                Verdict::Reject(kind) => Ruling::Deny(Refusal::Reject(kind.clone())),
                Verdict::Redirect(port) => Ruling::Redirect(*port),
                Verdict::Elsewhere => Ruling::Elsewhere,
            };
            match then {
                Certainty::Certain => self.decided = Some((ruling, By { span: rule.span, rule: Some(at) })),
                Certainty::Limited(by, limit) => self.limited.push((ruling, by, limit)),
                Certainty::Maybe(span, why) => self.possible.push((ruling, span, why)),
            }
            if here {
                return Flow::Decided;
            }
        }
        Flow::End
    }

    fn matches(&self, chain: &Chain, rule: &Rule) -> Truth {
        let m = &rule.matches;
        let query = &self.query;
        let mut doubt: Option<String> = None;
        let mut each = |answer: Option<bool>, why: &dyn Fn() -> String| match answer {
            Some(true) => true,
            Some(false) => false,
            None => {
                doubt.get_or_insert_with(why);
                true
            }
        };
        let fits = each(Some(chain.families.and(m.families).has(query.family)), &String::new)
            && each(Some(m.protocols.has(query.transport)), &String::new)
            && each(Some(m.ports.as_ref().is_none_or(|p| p.has(query.port))), &String::new)
            && each(m.source_ports.as_ref().map_or(Some(true), Ports::has_client_port), &|| {
                "it asks for the client's own port".into()
            })
            && each(self.states(m), &|| "connections are not tracked".into())
            && each(Some(syn_matches(m, query.transport)), &String::new)
            && each(self.source(m), &|| "it singles out some of these sources".into())
            && each(m.destination.as_ref().map_or(Some(true), |d| self.destination(d)), &|| {
                "it asks for one of the host's addresses".into()
            })
            && each(m.interface.as_ref().map_or(Some(true), |i| self.interface(i)), &|| {
                "it depends on the interface".into()
            })
            // Traffic to the host leaves through no interface.
            && each(Some(m.out_interface.as_ref().is_none_or(|i| i.negated)), &String::new);
        if !fits {
            return Truth::No;
        }
        if let Some(what) = m.unknown.first() {
            doubt.get_or_insert_with(|| what.clone());
        }
        doubt.map_or(Truth::Yes, Truth::Maybe)
    }

    fn states(&self, m: &Match) -> Option<bool> {
        let Some(states) = m.states else { return Some(true) };
        match self.untracked {
            false => Some(states.new),
            true if states.new == states.untracked => Some(states.new),
            true => None,
        }
    }

    fn source(&self, m: &Match) -> Option<bool> {
        let insider = match (m.insiders, self.query.sender) {
            (false, _) => Some(true),
            (true, Sender::Block(_)) => None,
            (true, _) => Some(false),
        };
        let Some(source) = &m.source else { return insider };
        let inside = match self.query.sender {
            Sender::Anyone => source.holds_strangers(self.query.family),
            Sender::Block(block) => source.holds(block),
            Sender::Loopback => source.holds(loopback(self.query.family)),
        };
        if inside == Some(true) { insider } else { inside }
    }

    fn destination(&self, to: &Addresses) -> Option<bool> {
        let family = self.query.family;
        if self.query.sender == Sender::Loopback {
            return to.holds(loopback(family));
        }
        if covers_all(to, family) {
            return Some(true);
        }
        let elsewhere = |b: &Block| b.family != family || is_never_a_host(*b);
        if to.blocks.iter().all(elsewhere) { Some(to.negated) } else { None }
    }

    fn interface(&self, interface: &Interface) -> Option<bool> {
        let known = match (self.query.sender, self.query.interface) {
            (Sender::Loopback, _) => Some("lo"),
            (_, name) => name,
        };
        let mut inside = Some(false);
        for name in &interface.names {
            let one = match (known, name.strip_suffix('*')) {
                (_, Some("")) => Some(true),
                (Some(known), Some(start)) => Some(known.starts_with(start)),
                (Some(known), None) => Some(known == name),
                (None, _) if name == "lo" => Some(false),
                (None, _) if self.query.sender == Sender::Anyone && is_virtual(name) => Some(false),
                (None, _) => None,
            };
            match one {
                Some(true) => {
                    inside = Some(true);
                    break;
                }
                None => inside = None,
                Some(false) => {}
            }
        }
        inside.map(|yes| yes != interface.negated)
    }
}

/// The first packet of a TCP connection carries SYN and no other flag.
fn syn_matches(m: &Match, transport: Transport) -> bool {
    const SYN: u8 = 0x02;
    match m.flags {
        Some((mask, set, negated)) => transport == Transport::Tcp && (SYN & mask == set) != negated,
        None => true,
    }
}

fn loopback(family: Family) -> Block {
    match family {
        Family::V4 => Block { family, first: 0x7f00_0001, last: 0x7f00_0001 },
        Family::V6 => Block { family, first: 1, last: 1 },
    }
}

fn covers_all(addresses: &Addresses, family: Family) -> bool {
    addresses.families() != Families::only(if family == Family::V4 { Family::V6 } else { Family::V4 })
        && addresses.holds(Block::all(family)) == Some(true)
}

/// Loopback, multicast and broadcast: no connection from outside goes there.
fn is_never_a_host(block: Block) -> bool {
    match block.family {
        Family::V4 => block.first >> 24 == 127 && block.last >> 24 == 127 || block.first >= 0xe000_0000,
        Family::V6 => block.first == 1 && block.last == 1 || block.first >> 120 == 0xff,
    }
}

/// Names of interfaces that lead to containers, virtual machines and private tunnels, never to the internet.
#[rustfmt::skip]
const VIRTUAL: &[&str] = &[
    "docker", "br-", "veth", "virbr", "vnet", "wg", "tun", "tap", "cni", "flannel", "cali", "cilium", "lxc", "lxdbr",
    "podman", "tailscale", "zt", "vmnet", "vboxnet", "nebula", "wt",
];

fn is_virtual(name: &str) -> bool {
    VIRTUAL.iter().any(|v| name.starts_with(v))
}
