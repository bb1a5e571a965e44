//! Address blocks of both families as intervals, so that networks, ranges and single hosts are one thing.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IP version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// The IP versions a table or rule sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Families {
    /// IPv4.
    pub v4: bool,
    /// IPv6.
    pub v6: bool,
}

impl Families {
    /// Both.
    pub const BOTH: Families = Families { v4: true, v6: true };
    /// IPv4 alone.
    pub const V4: Families = Families { v4: true, v6: false };
    /// IPv6 alone.
    pub const V6: Families = Families { v4: false, v6: true };

    /// True if this version is among them.
    pub fn has(self, family: Family) -> bool {
        match family {
            Family::V4 => self.v4,
            Family::V6 => self.v6,
        }
    }

    /// One version alone.
    pub fn only(family: Family) -> Families {
        match family {
            Family::V4 => Families::V4,
            Family::V6 => Families::V6,
        }
    }

    /// Those in both.
    pub fn and(self, other: Families) -> Families {
        Families { v4: self.v4 && other.v4, v6: self.v6 && other.v6 }
    }

    /// True if each version of `other` is here.
    pub fn covers(self, other: Families) -> bool {
        (self.v4 || !other.v4) && (self.v6 || !other.v6)
    }

    /// The word for outputs.
    pub fn as_str(self) -> &'static str {
        match (self.v4, self.v6) {
            (true, true) => "both",
            (true, false) => "ipv4",
            (false, true) => "ipv6",
            (false, false) => "none",
        }
    }
}

/// Consecutive addresses of one family, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// The family.
    pub family: Family,
    /// The lowest address.
    pub first: u128,
    /// The highest address.
    pub last: u128,
}

impl Block {
    /// Every address of a family.
    pub fn all(family: Family) -> Block {
        Block { family, first: 0, last: top(family) }
    }

    /// One address.
    pub fn host(address: IpAddr) -> Block {
        let (family, number) = number(address);
        Block { family, first: number, last: number }
    }

    /// Reads `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1`, `10.0.0.1-10.0.0.9`, `fd00::/8`, `[::1]`. Bits behind the
    /// prefix are cut, as every firewall does.
    pub fn parse(text: &str) -> Option<Block> {
        let text = text.trim();
        if let Some((a, b)) = text.split_once('-') {
            let (a, b) = (Block::parse(a)?, Block::parse(b)?);
            return (a.family == b.family && a.first <= b.last).then_some(Block { last: b.last, ..a });
        }
        let (address, prefix) = match text.split_once('/') {
            Some((a, p)) => (a, Some(p)),
            None => (text, None),
        };
        let address = address.trim_start_matches('[').trim_end_matches(']');
        let (family, first) = number(address.parse().ok()?);
        let bits = width(family);
        let length = match prefix {
            None => bits,
            Some(p) if family == Family::V4 && p.contains('.') => mask_length(p.parse().ok()?)?,
            Some(p) => p.parse::<u32>().ok().filter(|l| *l <= bits)?,
        };
        let host = low(bits - length);
        Some(Block { family, first: first & !host, last: first | host })
    }

    /// True if every address of `other` is here.
    pub fn contains(self, other: Block) -> bool {
        self.family == other.family && self.first <= other.first && other.last <= self.last
    }

    /// True if some address is in both.
    pub fn meets(self, other: Block) -> bool {
        self.family == other.family && self.first <= other.last && other.first <= self.last
    }

    /// True if it holds every address of its family.
    pub fn is_all(self) -> bool {
        self == Block::all(self.family)
    }

    /// True if it holds at least 2^`bits` addresses.
    fn at_least(self, bits: u32) -> bool {
        self.last - self.first >= low(bits)
    }

    /// Whether an arbitrary stranger on the internet is in it: `None` when it is so wide that some are and some are not.
    pub fn holds_strangers(self) -> Option<bool> {
        let internet = match self.family {
            // 1.0.0.0 to 223.255.255.255: all unicast addresses.
            Family::V4 => Block { family: Family::V4, first: 1 << 24, last: (224 << 24) - 1 },
            // 2000::/3, the only part of IPv6 that is routed globally (RFC 4291).
            Family::V6 => Block { family: Family::V6, first: 0x2 << 124, last: (0x4 << 124) - 1 },
        };
        if self.contains(internet) {
            return Some(true);
        }
        // A /8 of IPv4 or a /16 of IPv6 belongs to one operator at most or to nobody; a stranger is not in it.
        let wide = match self.family {
            Family::V4 => self.at_least(25),
            Family::V6 => self.at_least(113),
        };
        if wide && self.meets(internet) { None } else { Some(false) }
    }

    /// The prefix length, if it is a network.
    pub fn prefix(self) -> Option<u32> {
        let host = self.last - self.first;
        let free = (u128::BITS - host.leading_zeros()).min(width(self.family));
        (host == low(free) && self.first & host == 0).then(|| width(self.family) - free)
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |n: u128| match self.family {
            Family::V4 => IpAddr::V4(Ipv4Addr::from(n as u32)),
            Family::V6 => IpAddr::V6(Ipv6Addr::from(n)),
        };
        match self.prefix() {
            _ if self.first == self.last => write!(f, "{}", show(self.first)),
            Some(prefix) => write!(f, "{}/{prefix}", show(self.first)),
            None => write!(f, "{}-{}", show(self.first), show(self.last)),
        }
    }
}

fn number(address: IpAddr) -> (Family, u128) {
    match address {
        IpAddr::V4(a) => (Family::V4, u128::from(u32::from(a))),
        IpAddr::V6(a) => (Family::V6, u128::from(a)),
    }
}

fn width(family: Family) -> u32 {
    match family {
        Family::V4 => 32,
        Family::V6 => 128,
    }
}

fn top(family: Family) -> u128 {
    low(width(family))
}

/// A number with the lowest `bits` bits set.
fn low(bits: u32) -> u128 {
    1u128.checked_shl(bits).map_or(u128::MAX, |n| n - 1)
}

fn mask_length(mask: Ipv4Addr) -> Option<u32> {
    let mask = u32::from(mask);
    (mask.leading_ones() + mask.trailing_zeros() == 32 || mask == 0).then(|| mask.leading_ones())
}

/// Addresses that a rule asks for, of one or both families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The blocks; any of them matches.
    pub blocks: Vec<Block>,
    /// All but these.
    pub negated: bool,
}

impl Addresses {
    /// Some blocks.
    pub fn of(blocks: Vec<Block>) -> Addresses {
        Addresses { blocks, negated: false }
    }

    /// Whether all of a block matches (`Some(true)`), none (`Some(false)`), or a part.
    pub fn holds(&self, block: Block) -> Option<bool> {
        let inside = if covered(block, &self.blocks) {
            Some(true)
        } else if self.blocks.iter().any(|b| b.meets(block)) {
            None
        } else {
            Some(false)
        };
        inside.map(|yes| yes != self.negated)
    }

    /// Whether an arbitrary stranger of this family matches.
    pub fn holds_strangers(&self, family: Family) -> Option<bool> {
        let mine: Vec<Block> = self.blocks.iter().copied().filter(|b| b.family == family).collect();
        let inside = if covered(Block::all(family), &mine) {
            Some(true)
        } else {
            let each: Vec<_> = mine.iter().map(|b| b.holds_strangers()).collect();
            if each.contains(&Some(true)) {
                Some(true)
            } else if each.contains(&None) {
                None
            } else {
                Some(false)
            }
        };
        inside.map(|yes| yes != self.negated)
    }

    /// True if whatever `other` matches is matched here.
    pub fn covers(&self, other: &Addresses) -> bool {
        match (self.negated, other.negated) {
            (false, false) => other.blocks.iter().all(|b| covered(*b, &self.blocks)),
            (true, true) => self.blocks.iter().all(|b| covered(*b, &other.blocks)),
            (true, false) => !self.blocks.iter().any(|a| other.blocks.iter().any(|b| a.meets(*b))),
            (false, true) => false,
        }
    }

    /// The families that can match; all when negated.
    pub fn families(&self) -> Families {
        if self.negated || self.blocks.is_empty() {
            return Families::BOTH;
        }
        let has = |f| self.blocks.iter().any(|b| b.family == f);
        Families { v4: has(Family::V4), v6: has(Family::V6) }
    }
}

/// True if the blocks together hold all of `block`.
fn covered(block: Block, blocks: &[Block]) -> bool {
    if blocks.iter().any(|b| b.contains(block)) {
        return true;
    }
    let mut inside: Vec<_> = blocks.iter().filter(|b| b.meets(block)).collect();
    inside.sort();
    let mut next = block.first;
    for b in inside {
        if b.first > next {
            return false;
        }
        if b.last >= block.last {
            return true;
        }
        next = next.max(b.last + 1);
    }
    false
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("all but ")?;
        }
        for (i, block) in self.blocks.iter().enumerate() {
            match i {
                0 => write!(f, "{block}")?,
                // Long lists say enough by their beginning.
                1..4 => write!(f, ", {block}")?,
                _ => return write!(f, " and {} more", self.blocks.len() - i),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_read_every_written_form() {
        let cases = [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.0.0.0/255.255.0.0", "10.0.0.0/16"),
            ("10.0.0.1", "10.0.0.1"),
            ("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
            ("fd12::1/8", "fd00::/8"),
            ("[::1]", "::1"),
            ("2001:db8::/128", "2001:db8::"),
        ];
        for (text, shown) in cases {
            assert_eq!(Block::parse(text).map(|b| b.to_string()).as_deref(), Some(shown), "{text}");
        }
        for text in
            ["", "10.0.0.0/33", "10.0.0", "::/129", "10.0.0.9-10.0.0.1", "10.0.0.0/255.0.255.0", "amqp"]
        {
            assert_eq!(Block::parse(text), None, "{text}");
        }
    }

    #[test]
    fn strangers_are_told_from_neighbours() {
        let cases = [
            ("0.0.0.0/0", Some(true)),
            ("10.0.0.0/8", Some(false)),
            ("203.0.113.0/24", Some(false)),
            ("0.0.0.0/1", None),
            ("::/0", Some(true)),
            ("2000::/3", Some(true)),
            ("fd00::/8", Some(false)),
            ("2001:db8::/32", Some(false)),
        ];
        for (text, answer) in cases {
            assert_eq!(Block::parse(text).unwrap().holds_strangers(), answer, "{text}");
        }
        let halves =
            Addresses::of(["0.0.0.0/1", "128.0.0.0/1"].iter().filter_map(|t| Block::parse(t)).collect());
        assert_eq!(halves.holds_strangers(Family::V4), Some(true));
    }
}
