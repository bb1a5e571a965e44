//! Firewalls of every dialect in one model, and the question that matters: can this source reach that port?
//!
//! Readers of `ufw`, `iptables`, `nft` and `firewalld` fill a [`Ruleset`]; [`reach()`] walks it the
//! way the kernel does and answers yes, no, within a rate limit, or that it cannot tell. Kubernetes policies know
//! pods instead of addresses and no order: [`admits()`] answers for them. Neither guesses.

mod address;
mod catalogue;
mod model;
mod pods;
mod ports;
mod question;
mod reach;
mod shadow;

pub use address::{Addresses, Block, Families, Family};
pub use catalogue::{Class, PORTS, PortUse, Service, port_use, service_port};
pub use model::{
    Base, Chain, Direction, Hook, Interface, Limit, Match, MatchFault, Policy, Protocols, Rule, RuleRef,
    Ruleset, Standing, States, Transport, Verdict,
};
pub use pods::{
    Admission, Label, Labels, Missing, Peer, Pod, PodPolicy, PodPort, PolicyPort, PolicyRule, PortTest,
    Selector, Term, Test, Way, admits,
};
pub use ports::{PortRange, Ports};
pub use question::{Answer, Reply, ask_all};
pub use reach::{By, Query, Reach, Refusal, Sender, reach};
pub use shadow::{Dead, dead_rules};
