//! Firewalls of every dialect in one model, and the question that matters: can this source reach that port?
//!
//! Readers of `ufw`, `iptables`, `nft`, `firewalld` and Kubernetes policies fill a [`Ruleset`]; [`reach()`] walks it the
//! way the kernel does and answers yes, no, within a rate limit, or that it cannot tell. It never guesses.

mod address;
mod catalogue;
mod model;
mod ports;
mod reach;
mod shadow;

pub use address::{Addresses, Block, Families, Family};
pub use catalogue::{Class, PORTS, PortUse, Service, port_use, service_port};
pub use model::{
    Base, Chain, Direction, Hook, Interface, Limit, Match, MatchFault, Policy, Protocols, Rule, RuleRef,
    Ruleset, States, Transport, Verdict,
};
pub use ports::{PortRange, Ports};
pub use reach::{By, Query, Reach, Refusal, Sender, reach};
pub use shadow::{Dead, dead_rules};
