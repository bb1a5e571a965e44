//! Zones and policies put together: which of them decides about a connection to this host.
//!
//! firewalld looks at policies with a negative priority first, then at the zone that the sender's address is bound to,
//! else at that of the interface, else at the default zone (firewalld.zone(5), firewalld.policies(5)).

use crate::firewall::{
    Addresses, Base, Block, Chain, Families, Hook, Interface, MatchFault, Policy, Rule, Ruleset, Standing,
    States, Verdict,
};
use crate::source::Span;

/// How deep a set's rules come in the walk (firewalld.richlanguage(5)).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Before(i32),
    Deny,
    Allow,
    After(i32),
}

impl Stage {
    /// Where a rich rule comes.
    pub(super) fn of(priority: i32, verdict: &Verdict) -> Stage {
        match priority {
            p if p < 0 => Stage::Before(p),
            0 if *verdict == Verdict::Accept => Stage::Allow,
            0 => Stage::Deny,
            p => Stage::After(p),
        }
    }
}

/// A rule, and which of firewalld's two configurations holds it.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) stage: Stage,
    pub(super) rule: Rule,
    pub(super) runtime: bool,
    pub(super) permanent: bool,
}

impl Told {
    /// A rule of a file, which is loaded.
    pub(super) fn both(stage: Stage, rule: Rule) -> Told {
        Told { stage, rule, runtime: true, permanent: true }
    }
}

/// The name of the host itself among zones.
const HOST: &str = "HOST";

/// What stands for every zone.
const ANY: &str = "ANY";

/// The priority of a policy that names none (firewalld.policy(5)).
const POLICY_PRIORITY: i32 = -1;

/// Zones that come with a target of their own (firewalld's zones/*.xml).
const TARGETS: &[(&str, Verdict)] = &[("trusted", Verdict::Accept), ("drop", Verdict::Drop)];

/// What the zones let in that firewalld comes with (firewalld's config/zones/*.xml; distributions add to it).
const SERVICES: &[(&str, &[&str])] = &[
    ("public", &["ssh", "dhcpv6-client"]),
    ("work", &["ssh", "dhcpv6-client"]),
    ("dmz", &["ssh"]),
    ("external", &["ssh"]),
    ("home", &["ssh", "mdns", "samba-client", "dhcpv6-client"]),
    ("internal", &["ssh", "mdns", "samba-client", "dhcpv6-client"]),
];

/// The services that a zone lets in unless they are taken away.
pub(super) fn shipped_services(zone: &str) -> &'static [&'static str] {
    SERVICES.iter().find(|s| s.0 == zone).map_or(&[], |s| s.1)
}

/// A zone or a policy.
pub(super) struct Set {
    pub(super) name: String,
    pub(super) is_policy: bool,
    span: Span,
    target: Option<(Verdict, Span)>,
    pub(super) sources: Vec<Block>,
    pub(super) interfaces: Vec<String>,
    /// It is bound to something that is not known: a set of addresses, a variable.
    pub(super) bound_elsewhere: bool,
    pub(super) ingress: Vec<String>,
    pub(super) egress: Vec<String>,
    pub(super) priority: i32,
    pub(super) rules: Vec<Told>,
}

impl Set {
    pub(super) fn new(name: &str, is_policy: bool, span: Span) -> Set {
        let usual = TARGETS.iter().find(|t| t.0 == name && !is_policy).map(|t| (t.1.clone(), span));
        Set {
            name: name.into(),
            is_policy,
            span,
            target: usual,
            sources: Vec::new(),
            interfaces: Vec::new(),
            bound_elsewhere: false,
            ingress: Vec::new(),
            egress: Vec::new(),
            priority: POLICY_PRIORITY,
            rules: Vec::new(),
        }
    }

    /// True if it says which connections it takes.
    pub(super) fn is_bound(&self) -> bool {
        !self.sources.is_empty() || !self.interfaces.is_empty() || self.bound_elsewhere
    }

    pub(super) fn target(&mut self, word: &str, span: Span) {
        let verdict = match word {
            "ACCEPT" => Verdict::Accept,
            "DROP" => Verdict::Drop,
            "CONTINUE" if self.is_policy => Verdict::Continue,
            "REJECT" if self.is_policy => Verdict::Reject("admin-prohibited".into()),
            "%%REJECT%%" | "default" if !self.is_policy => Verdict::Reject("admin-prohibited".into()),
            _ => {
                let mut rule = Rule::new(span, Verdict::Continue);
                let known = if self.is_policy {
                    "ACCEPT, DROP, REJECT or CONTINUE"
                } else {
                    "ACCEPT, DROP, %%REJECT%% or default"
                };
                let reason = format!("{word} is no target: it is {known}");
                rule.fault = Some(MatchFault { code: "target", span, reason });
                self.rules.push(Told::both(Stage::Allow, rule));
                return;
            }
        };
        self.target = Some((verdict, span));
    }

    /// What it does to what none of its rules decides about.
    fn last(&self) -> (Verdict, Span) {
        let usual =
            if self.is_policy { Verdict::Continue } else { Verdict::Reject("admin-prohibited".into()) };
        self.target.clone().unwrap_or((usual, self.span))
    }

    /// Its rules in their order, the last one for the rest.
    fn ordered(&self) -> Vec<Rule> {
        let mut told = self.rules.clone();
        told.sort_by_key(|t| t.stage);
        let standing = |t: &Told| match (t.runtime, t.permanent) {
            (true, _) => Standing::InForce,
            (false, true) => Standing::NextStart,
            (false, false) => Standing::Lost,
        };
        let mut rules: Vec<Rule> =
            told.into_iter().map(|t| Rule { standing: standing(&t), ..t.rule }).collect();
        let (verdict, span) = self.last();
        let mut last = Rule::new(span, verdict);
        last.implied = true;
        rules.push(last);
        rules
    }

    /// Its rules, with those of the policies that come between them and its target.
    fn with_policies(&self, after: &[&Set]) -> Vec<Rule> {
        let mut rules = self.ordered();
        let target = rules.pop();
        let own = after.iter().filter(|p| p.ingress.iter().any(|z| *z == self.name || z == ANY));
        rules.extend(own.flat_map(|policy| policy.ordered()));
        rules.extend(target);
        rules
    }

    /// Its rules for the connections that it takes, and those of the policies that come after them.
    fn bound(&self, is_default: bool, after: &[&Set]) -> Vec<Rule> {
        let rules = self.with_policies(after);
        if is_default {
            return rules;
        }
        let mut out = Vec::new();
        if self.bound_elsewhere || !self.is_bound() {
            out.extend(rules.iter().cloned().map(|mut rule| {
                rule.matches.unknown.push("which connections this zone takes is said elsewhere".into());
                rule
            }));
        }
        if !self.sources.is_empty() {
            out.extend(rules.iter().filter_map(|rule| from_sources(rule, &self.sources)));
        }
        if !self.interfaces.is_empty() {
            out.extend(rules.into_iter().map(|mut rule| {
                rule.matches.interface = Some(Interface { names: self.interfaces.clone(), negated: false });
                rule
            }));
        }
        out
    }

    /// A policy's rules for connections to this host.
    fn to_host(&self, zones: &[&Set]) -> Vec<Rule> {
        let rules = self.ordered();
        if self.ingress.iter().any(|z| z == ANY) {
            return rules;
        }
        let mut out = Vec::new();
        for name in &self.ingress {
            match zones.iter().find(|z| z.name == *name && z.is_bound()) {
                Some(zone) => {
                    let own = Set {
                        rules: self.rules.clone(),
                        target: Some(self.last()),
                        ..Set::new(&zone.name, true, self.span)
                    };
                    let own = Set {
                        sources: zone.sources.clone(),
                        interfaces: zone.interfaces.clone(),
                        bound_elsewhere: zone.bound_elsewhere,
                        ..own
                    };
                    out.extend(own.bound(false, &[]));
                }
                None => out.extend(rules.iter().cloned().map(|mut rule| {
                    rule.matches.unknown.push(format!("what zone {name} takes is said elsewhere"));
                    rule
                })),
            }
        }
        out
    }
}

/// A rule of a zone that takes only these sources; nothing if it is about others.
fn from_sources(rule: &Rule, sources: &[Block]) -> Option<Rule> {
    let mut rule = rule.clone();
    let blocks = match &rule.matches.source {
        None => sources.to_vec(),
        Some(own) if own.negated => {
            rule.matches.unknown.push("it excepts some of its zone's sources".into());
            sources.to_vec()
        }
        // Networks lie in each other or apart.
        Some(own) => {
            let inside = |a: &Block| {
                let of = sources.iter().filter(|s| s.meets(*a));
                of.map(|s| if s.contains(*a) { *a } else { *s }).collect::<Vec<Block>>()
            };
            own.blocks.iter().flat_map(inside).collect()
        }
    };
    if blocks.is_empty() {
        return None;
    }
    rule.matches.source = Some(Addresses::of(blocks));
    Some(rule)
}

/// What zones and policies do together; `default` is the zone that takes what no other is bound to, if that is known.
pub(super) fn ruleset(sets: Vec<Set>, default: Option<&str>, span: Span) -> Ruleset {
    let mut lo = Rule::new(span, Verdict::Accept);
    lo.implied = true;
    lo.matches.interface = Some(Interface { names: vec!["lo".into()], negated: false });
    let mut known = Rule::new(span, Verdict::Accept);
    known.implied = true;
    known.matches.states = Some(States { established: true, related: true, ..States::default() });
    let mut rules = vec![lo, known];
    let mut gap = None;
    let zones: Vec<&Set> = sets.iter().filter(|s| !s.is_policy).collect();
    let mut policies: Vec<&Set> = sets.iter().filter(|s| s.is_policy).collect();
    policies.sort_by_key(|p| p.priority);
    // Policies that come between the rules of the zones they name and the target of these.
    let mut after: Vec<&Set> = Vec::new();
    for policy in policies {
        // What passes through the host or leaves it is no connection to it.
        if !policy.egress.iter().any(|z| z == HOST) {
            gap = gap.or(policy.egress.is_empty().then_some(policy.span));
        } else if policy.priority < 0 {
            rules.extend(policy.to_host(&zones));
        } else {
            let known = |name: &String| name == ANY || zones.iter().any(|z| z.name == *name);
            let all = !policy.ingress.is_empty() && policy.ingress.iter().all(known);
            gap = gap.or((!all).then_some(policy.span));
            after.push(policy);
        }
    }
    let is_default = |z: &&&Set| default == Some(z.name.as_str());
    let others = || zones.iter().filter(|z| !is_default(z));
    let by_source = |z: &&&Set| !z.sources.is_empty() || !z.is_bound() || z.bound_elsewhere;
    for zone in others().filter(by_source).chain(others().filter(|z| !by_source(z))) {
        rules.extend(zone.bound(false, &after));
    }
    let last = zones.iter().find(|z| is_default(z));
    if let Some(zone) = last {
        rules.extend(zone.bound(true, &after));
    }
    let (policy, policy_span) = match last.map(|z| z.last()) {
        Some((Verdict::Accept, at)) => (Policy::Accept, Some(at)),
        Some((Verdict::Drop, at)) => (Policy::Drop, Some(at)),
        Some((_, at)) => (Policy::Reject, Some(at)),
        None => (Policy::Unknown, None),
    };
    let name = match &sets[..] {
        [only] => only.name.as_str().into(),
        _ => "zones".into(),
    };
    let base = Base { hook: Hook::Input, priority: 0, policy, policy_span };
    let chain =
        Chain { table: "firewalld".into(), name, families: Families::BOTH, base: Some(base), rules, span };
    Ruleset {
        tool: "firewalld",
        span,
        chains: vec![chain],
        enabled: None,
        says: Families::BOTH,
        complete: false,
        gap,
    }
}
