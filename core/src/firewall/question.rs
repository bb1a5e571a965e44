//! The question put to several firewalls at once, and the answer of them all.

use super::{By, Query, Reach, Refusal, Ruleset, reach};
use crate::source::Span;

/// The word of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Every firewall lets it through.
    Yes,
    /// Every firewall lets it through, one of them up to a rate.
    Limited,
    /// At least one does not tell, and none refuses.
    Unknown,
    /// At least one refuses.
    No,
}

impl Answer {
    /// The word for outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::Limited => "limited",
            Answer::Unknown => "unknown",
            Answer::No => "no",
        }
    }
}

/// What one firewall answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its program.
    pub tool: &'static str,
    /// The answer.
    pub answer: Answer,
    /// Where it is decided, or where the doubt is.
    pub at: Span,
    /// How it comes about, a few words.
    pub because: String,
}

/// Asks every firewall that speaks of the query's IP version. A connection passes all of them or none, so one refusal
/// decides, then one doubt. Without a firewall nothing is known.
pub fn ask_all(rulesets: &[Ruleset], query: &Query<'_>) -> (Answer, Vec<Reply>) {
    let replies: Vec<Reply> =
        rulesets.iter().filter(|r| r.says.has(query.family)).map(|ruleset| reply(ruleset, query)).collect();
    (replies.iter().map(|r| r.answer).max().unwrap_or(Answer::Unknown), replies)
}

fn reply(ruleset: &Ruleset, query: &Query<'_>) -> Reply {
    let by = |by: By| if by.rule.is_some() { "this rule" } else { "no rule, so the default" };
    let (answer, at, because) = match reach(ruleset, query) {
        Reach::Yes { by: what } if ruleset.enabled == Some(false) => {
            (Answer::Yes, what.span, "the firewall is switched off".to_owned())
        }
        Reach::Yes { by: what } => (Answer::Yes, what.span, format!("{} lets it in", by(what))),
        Reach::Limited { by: what, limit } => (Answer::Limited, what.span, format!("up to {limit}")),
        Reach::No { by: what, refusal: Refusal::Drop } => {
            (Answer::No, what.span, format!("{} drops it without an answer", by(what)))
        }
        Reach::No { by: what, refusal: Refusal::Reject(_) } => {
            (Answer::No, what.span, format!("{} rejects it", by(what)))
        }
        Reach::Unknown { span, why } => (Answer::Unknown, span, why),
    };
    Reply { tool: ruleset.tool, answer, at, because }
}
