//! Rules that no packet ever reaches.

use super::{Chain, Match, Protocols, RuleRef, Ruleset, Standing, Verdict};

/// Earlier rules that a rule is compared with; a chain with more deciding rules than this is not searched further back.
const MAX_EARLIER: usize = 500;

/// A rule that never acts, and the earlier one that has decided by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dead {
    /// The rule that never acts.
    pub rule: RuleRef,
    /// The rule that takes its packets.
    pub by: RuleRef,
    /// True if both say the same, so that nothing is lost.
    pub same: bool,
}

/// Every rule that a single earlier rule of its chain covers.
pub fn dead_rules(ruleset: &Ruleset) -> Vec<Dead> {
    ruleset.chains.iter().enumerate().flat_map(|(i, chain)| in_chain(i, chain)).collect()
}

fn in_chain(index: usize, chain: &Chain) -> Vec<Dead> {
    let mut dead = Vec::new();
    let mut deciding: Vec<usize> = Vec::new();
    for (number, rule) in chain.rules.iter().enumerate() {
        if rule.fault.is_some() || rule.standing == Standing::Lost {
            continue;
        }
        let acts = rule.verdict.is_final() || matches!(rule.verdict, Verdict::Jump(_) | Verdict::Goto(_));
        let by = deciding.iter().copied().find(|&e| {
            let earlier = &chain.rules[e];
            // One written rule may stand for several; they do not take each other's packets.
            earlier.span != rule.span && earlier.matches.covers(&rule.matches)
        });
        match by {
            Some(earlier) if acts && !rule.implied => dead.push(Dead {
                rule: RuleRef { chain: index, rule: number },
                by: RuleRef { chain: index, rule: earlier },
                same: chain.rules[earlier].verdict.as_str() == rule.verdict.as_str(),
            }),
            Some(_) => {}
            None => {
                let sure = rule.matches.limit.is_none() && rule.matches.unknown.is_empty();
                let ends = rule.verdict.is_final() || matches!(rule.verdict, Verdict::Return);
                if sure && ends && deciding.len() < MAX_EARLIER {
                    deciding.push(number);
                }
            }
        }
    }
    dead
}

impl Match {
    /// True if whatever `other` matches is matched here too. Errs on the side of "no".
    pub fn covers(&self, other: &Match) -> bool {
        fn part<T>(mine: &Option<T>, theirs: &Option<T>, covers: impl Fn(&T, &T) -> bool) -> bool {
            match (mine, theirs) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(a), Some(b)) => covers(a, b),
            }
        }
        let source = match (&self.source, &other.source) {
            (Some(mine), None) => other.families.v4 != other.families.v6 && mine.covers(&whole(other)),
            (mine, theirs) => part(mine, theirs, |a, b| a.covers(b)),
        };
        self.limit.is_none()
            && self.unknown.is_empty()
            && (!self.insiders || other.insiders)
            && self.families.covers(other.families)
            && self.protocols.covers(other.protocols)
            // "Other" stands for many protocols and their types: one does not cover the next.
            && (self.protocols == Protocols::ALL || !other.protocols.other)
            && source
            && part(&self.destination, &other.destination, |a, b| a.covers(b))
            && part(&self.source_ports, &other.source_ports, |a, b| a.covers(b))
            && part(&self.ports, &other.ports, |a, b| a.covers(b))
            && part(&self.interface, &other.interface, |a, b| a == b)
            && part(&self.out_interface, &other.out_interface, |a, b| a == b)
            && part(&self.states, &other.states, |a, b| a.covers(*b))
            && part(&self.flags, &other.flags, |a, b| a == b)
    }
}

fn whole(m: &Match) -> super::Addresses {
    let family = if m.families.v4 { super::Family::V4 } else { super::Family::V6 };
    super::Addresses::of(vec![super::Block::all(family)])
}
