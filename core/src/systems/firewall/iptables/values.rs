//! Values of iptables options: addresses, ports, states, rates, ways to reject.

use super::rule::Options;
use crate::firewall::{Addresses, Block, Family, Limit, PortRange, Ports, Protocols, States, service_port};
use crate::systems::firewall::commands::Word;

/// `multiport` takes at most this many ports; a range counts as two (iptables-extensions(8)).
const MAX_MULTIPORT: usize = 15;

impl Options<'_, '_> {
    pub(super) fn addresses(&mut self, value: &Word, negated: bool) -> Option<Addresses> {
        if value.open {
            self.unknown("an address is a variable");
            return None;
        }
        let mut blocks = Vec::new();
        for part in value.text.split(',') {
            match Block::parse(part) {
                Some(block) if block.family != self.from.family => {
                    let reason = format!("{part} is an address of the other IP version");
                    self.fault("other-family", value, reason);
                }
                Some(block) => {
                    if let Some(cut) = host_bits(part, block) {
                        self.rule.cut = Some((part.into(), cut));
                    }
                    blocks.push(block);
                }
                None if part.chars().any(|c| c.is_ascii_alphabetic()) && !part.contains(':') => {
                    self.unknown("an address is a name");
                    return None;
                }
                None => self.fault("address", value, format!("{part} is not an address")),
            }
        }
        Some(Addresses { blocks, negated })
    }

    pub(super) fn port_value(&mut self, option: &Word, many: bool) -> Option<(Word, Vec<PortRange>)> {
        let value = self.value(option)?;
        self.ports_need_protocol.get_or_insert(option.span);
        if value.open {
            self.unknown("a port is a variable");
            return None;
        }
        if value.text.contains(',') && !many {
            let reason = format!("{} takes one port or range; lists need -m multiport", option.text);
            self.fault("comma-list", &value, reason);
            return None;
        }
        let mut ranges = Vec::new();
        let mut count = 0;
        for part in value.text.split(',') {
            let (first, last) = match part.split_once(':') {
                Some((a, b)) => {
                    count += 2;
                    (
                        if a.is_empty() { Some(0) } else { port(a) },
                        if b.is_empty() { Some(65_535) } else { port(b) },
                    )
                }
                None => {
                    count += 1;
                    (port(part), port(part))
                }
            };
            match (first, last) {
                (Some(first), Some(last)) if first <= last => ranges.push(PortRange { first, last }),
                (Some(_), Some(_)) => {
                    self.fault("reversed-range", &value, format!("the range {part} is reversed"))
                }
                _ if part.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    self.unknown("a port is a name");
                    return None;
                }
                _ => self.fault("port", &value, format!("{part} is not a port")),
            }
        }
        if many && count > MAX_MULTIPORT {
            let reason = format!("multiport takes {MAX_MULTIPORT} ports, a range counts twice");
            self.fault("too-many-ports", &value, reason);
        }
        Some((value, ranges))
    }

    pub(super) fn ports(&mut self, option: &Word, negated: bool, many: bool, destination: bool) {
        let Some((value, ranges)) = self.port_value(option, many) else { return };
        let ports = Some(Ports { ranges, negated });
        if destination {
            self.rule.ports_span = Some(value.span);
            self.rule.matches.ports = ports;
        } else {
            self.rule.matches.source_ports = ports;
        }
    }

    pub(super) fn states(&mut self, option: &Word, negated: bool) {
        let Some(value) = self.value(option) else { return };
        if value.open {
            return self.unknown("a state is a variable");
        }
        let mut states = States::default();
        let mut other = false;
        for state in value.text.split(',') {
            match state.to_ascii_uppercase().as_str() {
                "NEW" => states.new = true,
                "ESTABLISHED" => states.established = true,
                "RELATED" => states.related = true,
                "INVALID" => states.invalid = true,
                "UNTRACKED" => states.untracked = true,
                "SNAT" | "DNAT" => other = true,
                _ => self.fault("state", &value, format!("{state} is not a connection state")),
            }
        }
        if other {
            self.unknown("it asks for rewritten connections");
        }
        self.rule.matches.states = Some(if negated { states.negate() } else { states });
    }

    pub(super) fn limit(&mut self, option: &Word, over: bool) {
        let Some(value) = self.value(option) else { return };
        let number = value.text.split('/').next().unwrap_or_default();
        let number = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if number.parse::<u32>().is_err() && !value.open {
            self.fault("rate", &value, format!("{} is not a rate", value.text));
        }
        let per_source = self.from.words.iter().any(|w| w.text.contains("srcip"));
        self.rule.matches.limit = Some(Limit { over, text: value.text.clone(), per_source });
    }

    pub(super) fn address_type(&mut self, option: &Word, negated: bool) {
        const KNOWN: &[&str] = &[
            "UNSPEC",
            "UNICAST",
            "LOCAL",
            "BROADCAST",
            "ANYCAST",
            "MULTICAST",
            "BLACKHOLE",
            "UNREACHABLE",
            "PROHIBIT",
            "THROW",
            "NAT",
            "XRESOLVE",
        ];
        let Some(value) = self.value(option) else { return };
        if value.text.split(',').any(|t| !KNOWN.contains(&t)) {
            return self.fault("address-type", &value, format!("{} is not an address type", value.text));
        }
        match (option.text.as_str(), value.text.as_str()) {
            // Whatever comes to INPUT is for a local address.
            ("--dst-type", "LOCAL") if !negated => self.wants_addrtype_local = true,
            ("--dst-type", "BROADCAST" | "MULTICAST" | "ANYCAST") if !negated => {
                self.rule.matches.protocols = Protocols::OTHER;
            }
            _ => self.unknown("it asks for a type of address"),
        }
    }

    pub(super) fn reject_with(&mut self, value: &Word) {
        const V4: &[&str] = &[
            "icmp-net-unreachable",
            "net-unreach",
            "icmp-host-unreachable",
            "host-unreach",
            "icmp-proto-unreachable",
            "proto-unreach",
            "icmp-port-unreachable",
            "port-unreach",
            "icmp-net-prohibited",
            "net-prohib",
            "icmp-host-prohibited",
            "host-prohib",
            "tcp-reset",
            "tcp-rst",
            "icmp-admin-prohibited",
            "admin-prohib",
        ];
        const V6: &[&str] = &[
            "icmp6-no-route",
            "no-route",
            "icmp6-adm-prohibited",
            "adm-prohibited",
            "icmp6-addr-unreachable",
            "addr-unreach",
            "icmp6-port-unreachable",
            "port-unreach",
            "tcp-reset",
            "icmp6-policy-fail",
            "policy-fail",
            "icmp6-reject-route",
            "reject-route",
        ];
        let known = match self.from.family {
            Family::V4 => V4,
            Family::V6 => V6,
        };
        if !known.contains(&value.text.as_str()) {
            return self.fault("reject-type", value, format!("{} is not a way to reject", value.text));
        }
        if value.text.starts_with("tcp-r") && self.rule.matches.protocols != Protocols::TCP {
            self.fault("reset-without-tcp", value, "a TCP reset answers TCP only: the rule needs -p tcp");
        }
    }
}

/// The network that an address with bits behind its prefix is cut to.
pub(in crate::systems::firewall) fn host_bits(written: &str, block: Block) -> Option<String> {
    let (address, prefix) = written.split_once('/')?;
    let host = Block::parse(address)?;
    (host.first != block.first && prefix.parse::<u32>().is_ok()).then(|| block.to_string())
}

fn port(text: &str) -> Option<u16> {
    match text.parse::<u16>() {
        Ok(port) => Some(port),
        Err(_) => service_port(text).map(|s| s.port),
    }
}

pub(super) fn flags(text: &str) -> Option<u8> {
    text.split(',').try_fold(0, |all, flag| {
        let bit = match flag.to_ascii_uppercase().as_str() {
            "FIN" => 0x01,
            "SYN" => 0x02,
            "RST" => 0x04,
            "PSH" => 0x08,
            "ACK" => 0x10,
            "URG" => 0x20,
            "ALL" => 0x3f,
            "NONE" => 0,
            _ => return None,
        };
        Some(all | bit)
    })
}
