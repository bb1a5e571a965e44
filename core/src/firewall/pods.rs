//! Kubernetes network policies: whether a pod may reach another one.
//!
//! Policies have no order and refuse nothing by themselves. A pod is open in a direction until a policy selects it for
//! that direction; from then on it takes what any of those policies lets through, and nothing else. What a template or
//! another file decides is not known, and an answer that depends on it is not given.

use std::sync::Arc;

use super::{PortRange, Transport};
use crate::source::Span;

/// A name and a value, as pods and namespaces bear them.
pub type Label = (Arc<str>, Arc<str>);

/// What labels have to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// All of these must hold; none asks for nothing.
    pub terms: Vec<Term>,
    /// True if a template may add terms.
    pub open: bool,
}

/// A requirement on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The label's name.
    pub key: Arc<str>,
    /// What its value has to be.
    pub test: Test,
}

/// What the value of a label has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// One of these.
    In(Vec<Arc<str>>),
    /// There, and none of these; or not there.
    NotIn(Vec<Arc<str>>),
    /// There.
    Exists,
    /// Not there.
    Absent,
    /// A template decides.
    Unknown,
}

/// The labels of something, as far as they are known.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    /// Those that are known.
    pub list: &'a [Label],
    /// True if there are no others.
    pub complete: bool,
}

impl Labels<'_> {
    fn value(&self, key: &str) -> Option<&str> {
        self.list.iter().find(|(k, _)| **k == *key).map(|(_, v)| &**v)
    }
}

/// True if all are true, false if one is false, and not known otherwise.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

/// True if one is true, false if all are false, and not known otherwise.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(answers.map(|a| a.map(|yes| !yes))).map(|none| !none)
}

impl Selector {
    /// Whether labels are what is asked for; `None` if that cannot be told.
    pub fn matches(&self, labels: Labels<'_>) -> Option<bool> {
        let own = all(self.terms.iter().map(|t| t.matches(labels)));
        if self.open && own == Some(true) { None } else { own }
    }

    /// True if it asks for nothing, so that everything matches.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && !self.open
    }
}

impl Term {
    fn matches(&self, labels: Labels<'_>) -> Option<bool> {
        let value = labels.value(&self.key);
        let absent = if value.is_some() { Some(false) } else { labels.complete.then_some(true) };
        let among = |list: &[Arc<str>]| value.map(|v| list.iter().any(|l| **l == *v));
        match &self.test {
            Test::In(list) => among(list).or(absent.map(|_| false)),
            Test::NotIn(list) => among(list).map(|yes| !yes).or(absent),
            Test::Exists => absent.map(|a| !a),
            Test::Absent => absent,
            Test::Unknown => None,
        }
    }
}

/// Who a rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Pods that both selectors match.
    Pods {
        /// Which namespaces; `None` for the policy's own.
        namespaces: Option<Selector>,
        /// Which pods there; `None` for all.
        pods: Option<Selector>,
    },
    /// Addresses. Which of them pods bear is not written anywhere.
    Block,
    /// A template decides.
    Unknown,
}

/// A port that a rule lets through: the pod's, not the service's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyPort {
    /// The protocol; `None` if a template decides or it is neither TCP nor UDP.
    pub transport: Option<Transport>,
    /// Which.
    pub port: PortTest,
    /// Where it is written.
    pub span: Span,
}

/// Which ports are let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortTest {
    /// All of the protocol.
    All,
    /// These.
    Range(PortRange),
    /// The one that a container gives this name.
    Named(Arc<str>),
    /// A template decides.
    Unknown,
}

/// An entry under `ingress` or `egress`: peers and ports that both have to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRule {
    /// Any of these; none for everyone.
    pub peers: Vec<Peer>,
    /// Any of these; none for all ports.
    pub ports: Vec<PolicyPort>,
    /// Where it is written.
    pub span: Span,
}

/// A network policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodPolicy {
    /// Its name; empty if a template decides it.
    pub name: Arc<str>,
    /// Its namespace; `None` for whichever it is applied to.
    pub namespace: Option<Arc<str>>,
    /// The pods it isolates.
    pub selector: Selector,
    /// Who may come in; `None` if it does not speak of that direction.
    pub ingress: Option<Vec<PolicyRule>>,
    /// Where the pods may go; `None` if it does not speak of that direction.
    pub egress: Option<Vec<PolicyRule>>,
    /// True if a template may add rules.
    pub open: bool,
    /// Where it stands.
    pub span: Span,
}

/// A pod, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'a> {
    /// Its namespace; `None` for whichever it is applied to.
    pub namespace: Option<&'a str>,
    /// The namespace's labels.
    pub space: Labels<'a>,
    /// Its labels.
    pub labels: Labels<'a>,
}

/// A port of a pod.
#[derive(Clone, Copy, Debug)]
pub struct PodPort<'a> {
    /// The number.
    pub number: u16,
    /// The protocol.
    pub transport: Transport,
    /// The ports that its containers name; `None` if a template may name others.
    pub named: Option<&'a [(Arc<str>, u16)]>,
}

/// Which way a policy is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Into the pod.
    Ingress,
    /// Out of the pod.
    Egress,
}

impl Way {
    /// The word for conditions.
    pub fn as_str(self) -> &'static str {
        match self {
            Way::Ingress => "ingress",
            Way::Egress => "egress",
        }
    }
}

/// Why nobody lets a pod through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing<'p> {
    /// A rule lets the peer through, on other ports.
    Port(&'p PolicyRule),
    /// A rule lets the port through, for other peers.
    Peer(&'p PolicyRule),
    /// No rule speaks of either.
    Both,
}

/// Whether a connection is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission<'p> {
    /// No policy selects the pod.
    Open,
    /// This rule lets it through.
    Yes(&'p PolicyRule),
    /// Policies select the pod, this one first, and none lets it through.
    No(&'p PodPolicy, Missing<'p>),
    /// It depends on what is not written here.
    Unknown,
}

/// Whether two namespaces are the same: one that is not written is the other only if that is not written either.
fn same_space(a: Option<&str>, b: Option<&str>) -> Option<bool> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a == b),
        (None, None) => Some(true),
        _ => None,
    }
}

impl Peer {
    fn matches(&self, policy: &PodPolicy, peer: &Pod<'_>) -> Option<bool> {
        match self {
            Peer::Pods { namespaces, pods } => {
                let space = match namespaces {
                    Some(selector) => selector.matches(peer.space),
                    None => same_space(policy.namespace.as_deref(), peer.namespace),
                };
                let pod = pods.as_ref().map_or(Some(true), |s| s.matches(peer.labels));
                all([space, pod].into_iter())
            }
            Peer::Block | Peer::Unknown => None,
        }
    }
}

impl PolicyPort {
    fn matches(&self, port: &PodPort<'_>) -> Option<bool> {
        let number = match &self.port {
            PortTest::All => Some(true),
            PortTest::Range(range) => Some(range.has(port.number)),
            PortTest::Named(name) => {
                port.named.map(|named| named.iter().any(|(n, p)| n == name && *p == port.number))
            }
            PortTest::Unknown => None,
        };
        all([self.transport.map(|t| t == port.transport), number].into_iter())
    }
}

impl PolicyRule {
    fn peer(&self, policy: &PodPolicy, peer: &Pod<'_>) -> Option<bool> {
        if self.peers.is_empty() {
            return Some(true);
        }
        any(self.peers.iter().map(|p| p.matches(policy, peer)))
    }

    fn port(&self, port: &PodPort<'_>) -> Option<bool> {
        if self.ports.is_empty() {
            return Some(true);
        }
        any(self.ports.iter().map(|p| p.matches(port)))
    }
}

impl PodPolicy {
    /// Its rules for one direction; `None` if it does not speak of it.
    pub fn rules(&self, way: Way) -> Option<&[PolicyRule]> {
        match way {
            Way::Ingress => self.ingress.as_deref(),
            Way::Egress => self.egress.as_deref(),
        }
    }

    /// Whether it isolates a pod in a direction.
    pub fn isolates(&self, pod: &Pod<'_>, way: Way) -> Option<bool> {
        if self.rules(way).is_none() {
            return if self.open { None } else { Some(false) };
        }
        let space = same_space(self.namespace.as_deref(), pod.namespace);
        all([space, self.selector.matches(pod.labels)].into_iter())
    }
}

/// Whether the policies of `pod` let a connection with `peer` through; `port` is the port that is dialled, whichever
/// way is asked.
pub fn admits<'p>(
    policies: &[&'p PodPolicy],
    pod: &Pod<'_>,
    way: Way,
    peer: &Pod<'_>,
    port: &PodPort<'_>,
) -> Admission<'p> {
    let mut isolating: Option<&'p PodPolicy> = None;
    let (mut maybe_isolated, mut known) = (false, true);
    let mut missing = Missing::Both;
    for policy in policies {
        let isolates = policy.isolates(pod, way);
        match isolates {
            Some(false) => continue,
            Some(true) => isolating = isolating.or(Some(policy)),
            None => maybe_isolated = true,
        }
        known &= !policy.open;
        for rule in policy.rules(way).unwrap_or_default() {
            match (rule.peer(policy, peer), rule.port(port)) {
                (Some(true), Some(true)) if isolates == Some(true) => return Admission::Yes(rule),
                (Some(true), Some(false)) => missing = Missing::Port(rule),
                (Some(false), Some(true)) if missing == Missing::Both => missing = Missing::Peer(rule),
                (Some(false), _) | (_, Some(false)) => {}
                _ => known = false,
            }
        }
    }
    match isolating {
        Some(policy) if known => Admission::No(policy, missing),
        None if !maybe_isolated => Admission::Open,
        _ => Admission::Unknown,
    }
}
