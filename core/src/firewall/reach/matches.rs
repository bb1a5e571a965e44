//! Whether a rule matches the first packet of a connection, as far as the file tells.

use super::Sender;
use super::walk::{Truth, Walk};
use crate::firewall::{Addresses, Block, Chain, Families, Family, Interface, Match, Ports, Rule, Transport};

impl Walk<'_> {
    pub(super) fn matches(&self, chain: &Chain, rule: &Rule) -> Truth {
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
        if let Some(known) = self.query.destination {
            return to.holds(known);
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
