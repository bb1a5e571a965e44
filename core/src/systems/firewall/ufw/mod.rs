//! ufw: command lines, `ufw status`, and the tuples of `user.rules`.

mod files;
mod rule;

use files::{read_status, read_tuples};
use rule::RuleReader;

use super::commands::{Command, Word};
use super::iptables::host_bits;
use super::{Carrier, facts};
use crate::firewall::{
    Addresses, Base, Block, Chain, Families, Family, Hook, Interface, Limit, MatchFault, Policy, PortRange,
    Ports, Protocols, Rule, Ruleset, States, Verdict, service_port,
};
use crate::source::{Source, Span, View};
use crate::systems::{FileKind, Match, Reading};

/// At most this many ports in a rule; a range counts as two (ufw(8)).
const MAX_PORTS: usize = 15;

/// The rate of a `limit` rule, fixed in ufw: the sixth connection within 30 s is refused.
const LIMIT: &str = "6 connections in 30 s";

/// `user.rules` and `user6.rules`, as ufw writes them.
pub static RULES: FileKind = FileKind {
    name: "ufw-rules",
    doc: "ufw's own `user.rules` and `user6.rules`.",
    recognise: |source| if source.text.contains("### tuple ###") { Match::Sure } else { Match::No },
    read: |view, reading| {
        let ruleset = read_tuples(view, reading);
        facts::add(ruleset, Carrier::File, reading);
    },
};

/// What `ufw status` prints.
pub static STATUS: FileKind = FileKind {
    name: "ufw-status",
    doc: "What `ufw status`, `ufw status verbose` or `ufw status numbered` prints.",
    recognise: |source: &Source| {
        let first = source.text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
        match first.strip_prefix("Status: ") {
            Some("active" | "inactive") => Match::Sure,
            _ => Match::No,
        }
    },
    read: |view, reading| {
        let ruleset = read_status(view, reading);
        facts::add(ruleset, Carrier::File, reading);
    },
};

/// What has been told to ufw so far.
struct Ufw {
    span: Span,
    chains: [Chain; 3],
    enabled: Option<bool>,
}

impl Ufw {
    fn new(span: Span) -> Ufw {
        let chain = |hook, name: &str, policy| Chain {
            table: "ufw".into(),
            name: name.into(),
            families: Families::BOTH,
            base: Some(Base { hook, priority: 0, policy, policy_span: None }),
            rules: Vec::new(),
            span,
        };
        let mut input = chain(Hook::Input, "incoming", Policy::Drop);
        // ufw's before.rules: loopback and known connections are let in before any rule of the user.
        let mut lo = Rule::new(span, Verdict::Accept);
        lo.implied = true;
        lo.matches.interface = Some(Interface { names: vec!["lo".into()], negated: false });
        let mut known = Rule::new(span, Verdict::Accept);
        known.implied = true;
        known.matches.states = Some(States { established: true, related: true, ..States::default() });
        input.rules = vec![lo, known];
        let chains = [
            input,
            chain(Hook::Output, "outgoing", Policy::Accept),
            chain(Hook::Forward, "routed", Policy::Drop),
        ];
        Ufw { span, chains, enabled: None }
    }

    fn chain(&mut self, direction: Way) -> &mut Chain {
        let [input, output, forward] = &mut self.chains;
        match direction {
            Way::In => input,
            Way::Out => output,
            Way::Routed => forward,
        }
    }

    /// How many rules the tool itself put in front.
    fn implied(direction: Way) -> usize {
        if direction == Way::In { 2 } else { 0 }
    }

    fn add(&mut self, direction: Way, position: Option<usize>, action: Action, rule: Rule) {
        let implied = Ufw::implied(direction);
        let rules = &mut self.chain(direction).rules;
        let at = position.map_or(rules.len(), |p| (p + implied).min(rules.len()));
        let mut accept = rule.clone();
        accept.verdict = match action {
            Action::Allow | Action::Limit => Verdict::Accept,
            Action::Deny => Verdict::Drop,
            Action::Reject => Verdict::Reject("tcp-reset".into()),
        };
        rules.insert(at, accept);
        if action == Action::Limit {
            let mut over = rule;
            over.verdict = Verdict::Reject("icmp-port-unreachable".into());
            over.matches.limit = Some(Limit { over: true, text: LIMIT.into(), per_source: true });
            rules.insert(at, over);
        }
    }

    fn set_default(&mut self, policy: Policy, direction: Way, span: Span) {
        if let Some(base) = self.chain(direction).base.as_mut() {
            base.policy = policy;
            base.policy_span = Some(span);
        }
    }

    fn finish(self, says: Families) -> Ruleset {
        Ruleset {
            tool: "ufw",
            span: self.span,
            chains: self.chains.into(),
            enabled: self.enabled,
            says,
            complete: false,
            gap: None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
    Routed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Allow,
    Deny,
    Reject,
    Limit,
}

fn action(word: &str) -> Option<Action> {
    Some(match word {
        "allow" => Action::Allow,
        "deny" => Action::Deny,
        "reject" => Action::Reject,
        "limit" => Action::Limit,
        _ => return None,
    })
}

/// Reads what a script tells ufw, if it does.
pub(super) fn from_commands(commands: &[Command]) -> Option<Ruleset> {
    let mut ufw: Option<Ufw> = None;
    for command in commands {
        if command.program() != "ufw" {
            continue;
        }
        let span = command.span;
        let words: Vec<Word> = command
            .arguments()
            .iter()
            .filter(|w| !matches!(w.text.as_str(), "--force" | "-f"))
            .cloned()
            .collect();
        if words.iter().any(|w| w.text == "--dry-run") {
            continue;
        }
        let verb = words.first().map_or("", |w| w.text.as_str());
        if !matches!(
            verb,
            "allow" | "deny" | "reject" | "limit" | "default" | "enable" | "disable" | "reset" | "rule"
        ) && !matches!(verb, "route" | "insert" | "prepend" | "delete")
        {
            continue;
        }
        let ufw = ufw.get_or_insert_with(|| Ufw::new(span));
        tell(ufw, &words, span, command.conditional);
    }
    let ufw = ufw?;
    let touched = ufw.enabled.is_some()
        || ufw.chains.iter().any(|c| {
            c.rules.iter().any(|r| !r.implied) || c.base.as_ref().is_some_and(|b| b.policy_span.is_some())
        });
    touched.then(|| ufw.finish(Families::BOTH))
}

fn tell(ufw: &mut Ufw, words: &[Word], span: Span, conditional: bool) {
    let Some(verb) = words.first() else { return };
    match verb.text.as_str() {
        "enable" => {
            ufw.enabled = Some(true);
            ufw.span = span;
        }
        "disable" if !conditional => {
            ufw.enabled = Some(false);
            ufw.span = span;
        }
        "reset" if !conditional => *ufw = Ufw::new(span),
        "default" => {
            let mut policy = None;
            let mut way = Way::In;
            for word in &words[1..] {
                match word.text.as_str() {
                    "allow" => policy = Some(Policy::Accept),
                    "deny" => policy = Some(Policy::Drop),
                    "reject" => policy = Some(Policy::Reject),
                    "outgoing" | "output" => way = Way::Out,
                    "routed" | "forward" => way = Way::Routed,
                    _ => {}
                }
            }
            let open = words.iter().any(|w| w.open);
            match policy {
                Some(policy) if !conditional && !open => ufw.set_default(policy, way, span),
                // One of several, and which of them only a run shows.
                Some(_) | None if open || policy.is_some() => {
                    [Way::In, Way::Out, Way::Routed]
                        .into_iter()
                        .filter(|w| open || *w == way)
                        .for_each(|way| ufw.set_default(Policy::Unknown, way, span));
                }
                _ => {}
            }
        }
        _ => {
            let mut reader = RuleReader::new(words, span);
            let Some((way, position, action)) = reader.run() else { return };
            let mut rule = reader.rule;
            if conditional {
                rule.matches.unknown.push("it is set only under a condition".into());
            }
            if reader.delete {
                let rules = &mut ufw.chain(way).rules;
                rules.retain(|r| r.implied || r.matches != rule.matches);
                return;
            }
            if let Some(position) = position {
                let chain = ufw.chain(way);
                let count = chain.rules.len() - Ufw::implied(way);
                if position == 0 || position > count {
                    let reason =
                        format!("there is no rule {position} to insert before: {count} rules so far");
                    rule.fault.get_or_insert(MatchFault { code: "position", span, reason });
                }
                ufw.add(way, Some(position.saturating_sub(1)), action, rule);
            } else if reader.prepend {
                ufw.add(way, Some(0), action, rule);
            } else {
                ufw.add(way, None, action, rule);
            }
        }
    }
}
