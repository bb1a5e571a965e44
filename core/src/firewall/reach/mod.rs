//! Can this source open a connection to that port?
//!
//! The walk follows the kernel: base chains of a hook in order of priority, rules in order, first verdict wins, `jump`
//! comes back and `goto` does not, the policy decides what is left, an `accept` ends its base chain only and a `drop`
//! ends everything. What cannot be told from the file is carried along as a possibility: only when it could change the
//! answer does the answer become [`Reach::Unknown`].

mod matches;
mod walk;

use std::sync::Arc;

use super::{Block, Family, Hook, RuleRef, Ruleset, Transport};
use crate::source::Span;

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
    /// To this address of the host, if it is known.
    pub destination: Option<Block>,
    /// Through this interface, if it is known.
    pub interface: Option<&'q str>,
}

impl Query<'_> {
    /// An arbitrary host on the internet asks for a port.
    pub fn anyone(port: u16, transport: Transport, family: Family) -> Query<'static> {
        Query { sender: Sender::Anyone, port, transport, family, destination: None, interface: None }
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
    let mut walk = walk::Walk::new(ruleset, query);
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
