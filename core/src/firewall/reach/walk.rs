//! The walk through chains: verdicts, jumps, and what stays possible.

use std::collections::BTreeMap;

use super::{By, Query, Reach, Refusal};
use crate::firewall::{Hook, Policy, RuleRef, Ruleset, Standing, Verdict};
use crate::source::Span;

/// Rules looked at for one answer, beyond twice those there are. Chains that call each other over and over end here.
const MAX_STEPS: usize = 5_000;

/// Chains that may be open at once; the kernel's own limit is 16 (`NFT_JUMP_STACK_SIZE`).
const MAX_JUMPS: usize = 32;

/// Whether a rule matches.
pub(super) enum Truth {
    Yes,
    No,
    Maybe(String),
}

/// How sure it is that the walk comes to a place.
#[derive(Clone)]
enum Certainty {
    Certain,
    Limited(By, String),
    Maybe(Span, String),
}

impl Certainty {
    fn is_certain(&self) -> bool {
        matches!(self, Certainty::Certain)
    }

    fn and(&self, other: Certainty) -> Certainty {
        match (self, &other) {
            (Certainty::Maybe(..), _) | (_, Certainty::Certain) => self.clone(),
            _ => other,
        }
    }
}

#[derive(Clone, Debug)]
enum Ruling {
    Accept,
    Deny(Refusal),
    Redirect(Option<u16>),
    Elsewhere,
}

impl Ruling {
    fn agrees(&self, other: &Ruling) -> bool {
        matches!(
            (self, other),
            (Ruling::Accept, Ruling::Accept)
                | (Ruling::Deny(_), Ruling::Deny(_))
                | (Ruling::Elsewhere, Ruling::Elsewhere)
        )
    }
}

enum Flow {
    /// The chain ended or returned.
    End,
    /// A verdict fell; it is in the walk's books.
    Decided,
}

pub(super) struct Walk<'w> {
    ruleset: &'w Ruleset,
    pub(super) query: Query<'w>,
    names: BTreeMap<(&'w str, &'w str), usize>,
    steps: usize,
    max_steps: usize,
    pub(super) untracked: bool,
    decided: Option<(Ruling, By)>,
    possible: Vec<(Ruling, Span, String)>,
    limited: Vec<(Ruling, By, String)>,
    unknown: Option<(Span, String)>,
}

impl<'w> Walk<'w> {
    pub(super) fn new(ruleset: &'w Ruleset, query: &Query<'w>) -> Self {
        let names = ruleset.chains.iter().enumerate().map(|(i, c)| ((&*c.table, &*c.name), i)).collect();
        Walk {
            ruleset,
            query: *query,
            names,
            steps: 0,
            max_steps: MAX_STEPS + 2 * ruleset.chains.iter().map(|c| c.rules.len()).sum::<usize>(),
            untracked: false,
            decided: None,
            possible: Vec::new(),
            limited: Vec::new(),
            unknown: None,
        }
    }

    /// The answer of one base chain.
    pub(super) fn base(&mut self, index: usize) -> Reach {
        self.decided = None;
        self.possible.clear();
        self.limited.clear();
        self.unknown = None;
        let Some(base) = self.ruleset.chains.get(index).and_then(|c| c.base.as_ref()) else {
            return Reach::Unknown { span: self.ruleset.span, why: "no such chain".into() };
        };
        let chain_span = self.ruleset.chains[index].span;
        if matches!(self.chain(index, Certainty::Certain, 0), Flow::End) {
            let by = By { span: base.policy_span.unwrap_or(chain_span), rule: None };
            self.decided = match base.policy {
                Policy::Accept => Some((Ruling::Accept, by)),
                Policy::Drop => Some((Ruling::Deny(Refusal::Drop), by)),
                Policy::Reject => Some((Ruling::Deny(Refusal::Reject("reject".into())), by)),
                Policy::Unknown => {
                    self.unknown
                        .get_or_insert((by.span, "what happens to the rest is said elsewhere".into()));
                    None
                }
            };
        }
        self.conclude(base.hook)
    }

    fn conclude(&mut self, hook: Hook) -> Reach {
        let Some((ruling, by)) = self.decided.clone() else {
            let (span, why) = self.unknown.clone().unwrap_or((self.ruleset.span, "nothing decides".into()));
            return Reach::Unknown { span, why };
        };
        if let Some((_, span, why)) = self.possible.iter().find(|p| !p.0.agrees(&ruling)) {
            return Reach::Unknown { span: *span, why: why.clone() };
        }
        if let Some((span, why)) = self.unknown.clone() {
            return Reach::Unknown { span, why };
        }
        if hook == Hook::Input
            && let Some(gap) = self.ruleset.gap
        {
            let named = by.rule.and_then(|r| self.ruleset.rule(r)).is_some_and(|r| r.matches.names_port());
            if !named {
                return Reach::Unknown { span: gap, why: "a part of the rules is not in this file".into() };
            }
        }
        if let Some((_, by, limit)) = self.limited.iter().find(|l| !l.0.agrees(&ruling)) {
            return Reach::Limited { by: *by, limit: limit.clone() };
        }
        match ruling {
            Ruling::Accept => Reach::Yes { by },
            Ruling::Deny(refusal) => Reach::No { by, refusal },
            Ruling::Redirect(Some(port)) => {
                self.query.port = port;
                Reach::Yes { by }
            }
            Ruling::Redirect(None) => {
                Reach::Unknown { span: by.span, why: "it is sent to another port".into() }
            }
            Ruling::Elsewhere => {
                Reach::Unknown { span: by.span, why: "it is sent to another address".into() }
            }
        }
    }

    fn chain(&mut self, index: usize, mut certainty: Certainty, depth: usize) -> Flow {
        let ruleset = self.ruleset;
        let Some(chain) = ruleset.chains.get(index) else { return Flow::End };
        // Whether everything since the chain was entered has been sure: then a verdict ends it.
        let mut sure = true;
        for (number, rule) in chain.rules.iter().enumerate() {
            self.steps += 1;
            if self.steps > self.max_steps {
                self.unknown.get_or_insert((rule.span, "the chains call each other too often".into()));
                return Flow::Decided;
            }
            if rule.fault.is_some() || rule.standing == Standing::Lost {
                continue;
            }
            let at = RuleRef { chain: index, rule: number };
            let own = match self.matches(chain, rule) {
                Truth::No => continue,
                Truth::Maybe(why) => Certainty::Maybe(rule.span, why),
                Truth::Yes => match &rule.matches.limit {
                    Some(limit) => {
                        Certainty::Limited(By { span: rule.span, rule: Some(at) }, limit.text.clone())
                    }
                    None => Certainty::Certain,
                },
            };
            let here = sure && own.is_certain();
            let then = certainty.and(own);
            let ruling = match &rule.verdict {
                Verdict::Continue => continue,
                Verdict::Untrack => {
                    self.untracked = true;
                    continue;
                }
                Verdict::Unknown(why) => {
                    self.unknown.get_or_insert((rule.span, why.to_string()));
                    continue;
                }
                Verdict::Return if here => return Flow::End,
                Verdict::Return => {
                    certainty = then;
                    sure = false;
                    continue;
                }
                Verdict::Jump(name) | Verdict::Goto(name) => {
                    let Some(&target) = self.names.get(&(&*chain.table, &**name)) else {
                        self.unknown.get_or_insert((rule.span, format!("chain {name} is not in this file")));
                        continue;
                    };
                    if depth >= MAX_JUMPS {
                        self.unknown.get_or_insert((rule.span, "too many chains call each other".into()));
                        continue;
                    }
                    let flow = self.chain(target, then.clone(), depth + 1);
                    if here && matches!(flow, Flow::Decided) {
                        return Flow::Decided;
                    }
                    if matches!(rule.verdict, Verdict::Goto(_)) {
                        if here {
                            return Flow::End;
                        }
                        certainty = then;
                        sure = false;
                    }
                    continue;
                }
                Verdict::Accept => Ruling::Accept,
                Verdict::Drop => Ruling::Deny(Refusal::Drop),
                Verdict::Reject(kind) => Ruling::Deny(Refusal::Reject(kind.clone())),
                Verdict::Redirect(port) => Ruling::Redirect(*port),
                Verdict::Elsewhere => Ruling::Elsewhere,
            };
            match then {
                Certainty::Certain => self.decided = Some((ruling, By { span: rule.span, rule: Some(at) })),
                Certainty::Limited(by, limit) => self.limited.push((ruling, by, limit)),
                Certainty::Maybe(span, why) => self.possible.push((ruling, span, why)),
            }
            if here {
                return Flow::Decided;
            }
        }
        Flow::End
    }
}
