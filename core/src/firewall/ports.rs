//! Sets of ports.

use std::fmt;

/// Consecutive ports, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortRange {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

impl PortRange {
    /// One port.
    pub fn one(port: u16) -> PortRange {
        PortRange { first: port, last: port }
    }

    /// True if a port is in it.
    pub fn has(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

/// The ports a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Any of these.
    pub ranges: Vec<PortRange>,
    /// All but these.
    pub negated: bool,
}

/// Ports that Linux gives to outgoing connections by default (`ip_local_port_range`).
const EPHEMERAL: PortRange = PortRange { first: 32_768, last: 60_999 };

impl Ports {
    /// Some ranges.
    pub fn of(ranges: Vec<PortRange>) -> Ports {
        Ports { ranges, negated: false }
    }

    /// True if a port matches.
    pub fn has(&self, port: u16) -> bool {
        self.ranges.iter().any(|r| r.has(port)) != self.negated
    }

    /// True if it leaves out no port.
    pub fn is_all(&self) -> bool {
        self.covers(&Ports::of(vec![PortRange { first: 1, last: u16::MAX }]))
    }

    /// Whether the port that a client's system picks for it matches: `None` if it may or may not.
    pub fn has_client_port(&self) -> Option<bool> {
        let inside = if self.ranges.iter().any(|r| r.first <= EPHEMERAL.first && r.last >= EPHEMERAL.last) {
            Some(true)
        } else if self.ranges.iter().any(|r| r.first <= EPHEMERAL.last && r.last >= EPHEMERAL.first) {
            None
        } else {
            Some(false)
        };
        inside.map(|yes| yes != self.negated)
    }

    /// True if every port of `other` is here.
    pub fn covers(&self, other: &Ports) -> bool {
        let mine = self.normal();
        other.normal().iter().all(|o| mine.iter().any(|m| m.first <= o.first && o.last <= m.last))
    }

    /// True if some port is in both.
    pub fn meets(&self, other: &Ports) -> bool {
        let mine = self.normal();
        other.normal().iter().any(|o| mine.iter().any(|m| m.first <= o.last && o.first <= m.last))
    }

    /// Sorted, merged and without negation.
    fn normal(&self) -> Vec<PortRange> {
        let mut sorted = self.ranges.clone();
        sorted.sort();
        let mut merged: Vec<PortRange> = Vec::new();
        for range in sorted {
            match merged.last_mut() {
                Some(last) if u32::from(range.first) <= u32::from(last.last) + 1 => {
                    last.last = last.last.max(range.last);
                }
                _ => merged.push(range),
            }
        }
        if !self.negated {
            return merged;
        }
        let mut gaps = Vec::new();
        let mut next = Some(0u16);
        for range in merged {
            if let Some(from) = next
                && range.first > from
            {
                gaps.push(PortRange { first: from, last: range.first - 1 });
            }
            next = range.last.checked_add(1);
        }
        if let Some(from) = next {
            gaps.push(PortRange { first: from, last: u16::MAX });
        }
        gaps
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("all but ")?;
        }
        for (i, range) in self.ranges.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            match range.first == range.last {
                true => write!(f, "{}", range.first)?,
                false => write!(f, "{}-{}", range.first, range.last)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(ranges: &[(u16, u16)], negated: bool) -> Ports {
        Ports { ranges: ranges.iter().map(|&(first, last)| PortRange { first, last }).collect(), negated }
    }

    #[test]
    fn cover_and_overlap_look_through_negation() {
        assert!(ports(&[(1, 10), (11, 20)], false).covers(&ports(&[(5, 15)], false)));
        assert!(!ports(&[(1, 10), (12, 20)], false).covers(&ports(&[(5, 15)], false)));
        assert!(ports(&[(22, 22)], true).covers(&ports(&[(80, 443)], false)));
        assert!(!ports(&[(22, 22)], true).covers(&ports(&[(1, 443)], false)));
        assert!(ports(&[(22, 22)], true).covers(&ports(&[(22, 25)], true)));
        assert!(!ports(&[(0, 65535)], true).meets(&ports(&[(1, 65535)], false)));
        assert!(ports(&[(0, 65535)], false).is_all());
    }

    #[test]
    fn clients_use_high_ports() {
        assert_eq!(ports(&[(5672, 5672)], false).has_client_port(), Some(false));
        assert_eq!(ports(&[(1024, 65535)], false).has_client_port(), Some(true));
        assert_eq!(ports(&[(40000, 50000)], false).has_client_port(), None);
        assert_eq!(ports(&[(5672, 5672)], true).has_client_port(), Some(true));
    }
}
