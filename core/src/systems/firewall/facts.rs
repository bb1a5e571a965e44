//! From a ruleset to facts, alike for every program.

use std::collections::BTreeMap;

use crate::facts::kinds::firewall::{firewall, port, refused, rule};
use crate::facts::{Fact, FactId, Field, Said, Value};
use crate::firewall::{
    Direction, Family, Hook, Interface, MatchFault, PORTS, Policy, Query, Reach, Refusal, Rule, RuleRef,
    Ruleset, Sender, Standing, Transport, Verdict, dead_rules, reach,
};
use crate::systems::Reading;

use super::Carrier;

/// A TCP port that no program uses by default and no rule names (IANA: reserved).
const UNLISTED: u16 = 1023;

/// A range wider than this is about other things (passive FTP, RPC) than the services whose ports lie in it.
const WIDE: u16 = 64;

/// The programs that refuse a whole file for one mistake.
fn loses(tool: &str) -> &'static str {
    match tool {
        "nft" => "file",
        _ => "rule",
    }
}

/// Adds what a ruleset says to the facts, and keeps the ruleset.
pub(super) fn add(ruleset: Ruleset, carrier: Carrier, reading: &mut Reading) {
    let mut of = Fact::new(&firewall::KIND, ruleset.span);
    of.derive(firewall::tool, Value::text(ruleset.tool));
    of.derive(firewall::script, Value::Bool(carrier != Carrier::File));
    of.derive(firewall::image_build, Value::Bool(carrier == Carrier::ImageBuild));
    of.derive(firewall::partial, Value::Bool(ruleset.gap.is_some()));
    if let Some(enabled) = ruleset.enabled {
        of.write(firewall::enabled, Value::Bool(enabled), ruleset.span);
    }
    for (hook, field) in
        [(Hook::Input, firewall::default_incoming), (Hook::Output, firewall::default_outgoing)]
    {
        let base =
            ruleset.chains.iter().filter_map(|c| c.base.as_ref()).find(|b| b.hook == hook && b.priority == 0);
        match base {
            Some(base) if base.policy != Policy::Unknown => {
                let value = Value::text(base.policy.as_str());
                match base.policy_span {
                    Some(span) => of.write(field, value, span),
                    None => of.set(field, Said::default(value, ruleset.tool)),
                };
            }
            _ => {}
        }
    }
    let written: Vec<(RuleRef, &Rule)> = ruleset.rules().filter(|(_, r)| !r.implied).collect();
    of.derive(firewall::rules, Value::Int(written.len() as i64));
    let ask = |port, family| reach(&ruleset, &Query::anyone(port, Transport::Tcp, family));
    for (family, field) in [(Family::V4, firewall::unlisted), (Family::V6, firewall::unlisted_ipv6)] {
        put_answer(&mut of, field, &ask(UNLISTED, family));
    }
    of.derive(firewall::ssh, Value::text(ask(22, Family::V4).as_str()));
    let ssh_rule = ruleset.rules().any(|(_, r)| {
        let m = &r.matches;
        let ports = m.ports.as_ref().is_none_or(|p| p.has(22));
        let lets = matches!(r.verdict, Verdict::Accept | Verdict::Jump(_) | Verdict::Goto(_));
        let new = m.states.is_none_or(|s| s.new);
        !r.implied && lets && new && ports && m.protocols.tcp && r.fault.is_none()
            || matches!(r.verdict, Verdict::Unknown(_))
            || lets && m.unknown.iter().any(|u| u.contains("port"))
    });
    of.derive(firewall::ssh_rule, Value::Bool(ssh_rule));
    let own = Query { sender: Sender::Loopback, ..Query::anyone(UNLISTED, Transport::Tcp, Family::V4) };
    put_answer(&mut of, firewall::loopback, &reach(&ruleset, &own));
    let established = ruleset.rules().any(|(_, r)| {
        let known = r.matches.states.is_none_or(|s| s.established);
        // Answers from other hosts never come in over loopback.
        let elsewhere = r.matches.interface.as_ref().is_none_or(|i| i.negated || i.names != ["lo"]);
        known
            && elsewhere
            && r.matches.ports.is_none()
            && r.matches.source.is_none()
            && matches!(r.verdict, Verdict::Accept)
            || matches!(r.verdict, Verdict::Unknown(_))
            || r.matches.states.is_some_and(|s| s.established) && !r.matches.unknown.is_empty()
    });
    of.derive(firewall::established, Value::Bool(established));
    let inward = |at: RuleRef| {
        let base = ruleset.chains.get(at.chain).and_then(|c| c.base.as_ref());
        base.is_none_or(|b| b.hook == Hook::Input)
    };
    let opens = |r: &Rule| matches!(r.verdict, Verdict::Accept) && r.matches.names_port();
    let closes = |r: &Rule| {
        matches!(r.verdict, Verdict::Drop | Verdict::Reject(_))
            && (r.matches.ports.is_some() || r.matches.source.is_some())
    };
    let count = |of: &dyn Fn(&Rule) -> bool| written.iter().filter(|(at, r)| inward(*at) && of(r)).count();
    of.derive(firewall::opens, Value::Int(count(&opens) as i64));
    of.derive(firewall::closes, Value::Int(count(&closes) as i64));
    for (standing, field) in [(Standing::NextStart, firewall::not_loaded), (Standing::Lost, firewall::lost)] {
        let mut such = written.iter().filter(|(_, r)| r.standing == standing);
        if let Some((_, first)) = such.next() {
            let at = first.ports_span.unwrap_or(first.span);
            of.write(field, Value::Int(1 + such.count() as i64), at);
        }
    }
    of.derive(firewall::flushes, Value::Bool(ruleset.complete));
    let limits = written.iter().filter(|(_, r)| r.matches.limit.as_ref().is_some_and(|l| l.over)).count();
    of.derive(firewall::limits, Value::Int(limits as i64));
    let of = reading.facts.add(of);
    let ids = add_rules(&ruleset, of, reading);
    add_ports(&ruleset, of, &ids, reading);
    reading.rulesets.push(ruleset);
}

/// Sets a field to an answer, in the place that decides it.
fn put_answer(fact: &mut Fact, field: Field, answer: &Reach) {
    fact.set(field, Said::derived(Value::text(answer.as_str()), answer.by().map(|by| by.span)));
}

/// Something that the program refuses.
pub(super) fn add_refused(tool: &'static str, fault: &MatchFault, loses: &str, reading: &mut Reading) {
    let mut fact = Fact::new(&refused::KIND, fault.span);
    fact.derive(refused::tool, Value::text(tool));
    fact.derive(refused::code, Value::text(fault.code));
    fact.write(refused::reason, Value::text(&fault.reason), fault.span);
    fact.derive(refused::loses, Value::text(loses));
    reading.facts.add(fact);
}

fn add_rules(ruleset: &Ruleset, of: FactId, reading: &mut Reading) -> BTreeMap<RuleRef, FactId> {
    let mut ids = BTreeMap::new();
    let mut last: Option<(FactId, &Rule)> = None;
    for (at, r) in ruleset.rules() {
        if r.implied {
            continue;
        }
        if let Some(fault) = &r.fault {
            add_refused(ruleset.tool, fault, loses(ruleset.tool), reading);
        }
        // A written rule that stands for a counting and an accepting one is one fact.
        if let Some((id, before)) = last
            && is_one_line(before, r)
        {
            ids.insert(at, id);
            if reading.facts.get(id).text(rule::limit).is_some() {
                reading.facts.get_mut(id).derive(rule::action, Value::text("limit"));
            }
            continue;
        }
        let id = reading.facts.add(rule_fact(ruleset, at, r, of));
        ids.insert(at, id);
        last = Some((id, r));
    }
    for dead in dead_rules(ruleset) {
        if let (Some(&id), Some(&by)) = (ids.get(&dead.rule), ids.get(&dead.by)) {
            let place = reading.facts.get(by).span;
            let fact = reading.facts.get_mut(id);
            fact.derive(rule::never_matches, Value::Bool(true));
            fact.set(rule::shadowed_by, Said::derived(Value::Record(by), Some(place)));
            fact.derive(rule::shadowed_same, Value::Bool(dead.same));
        }
    }
    ids
}

/// True for two rules that one line stands for, rather than one line of a loop that is run twice.
fn is_one_line(a: &Rule, b: &Rule) -> bool {
    let of = |r: &Rule| (r.span, r.ports_span, r.source_span);
    of(a) == of(b) && a.matches.ports == b.matches.ports && a.matches.source == b.matches.source
}

fn rule_fact(ruleset: &Ruleset, at: RuleRef, r: &Rule, of: FactId) -> Fact {
    let chain = &ruleset.chains[at.chain];
    let m = &r.matches;
    let mut fact = Fact::new(&rule::KIND, r.span);
    fact.derive(rule::firewall, Value::Record(of));
    fact.derive(rule::tool, Value::text(ruleset.tool));
    fact.derive(rule::action, Value::text(r.verdict.as_str()));
    fact.derive(rule::chain, Value::text(&chain.name));
    fact.derive(rule::protocol, Value::text(m.protocols.as_str()));
    fact.derive(rule::family, Value::text(chain.families.and(m.families).as_str()));
    fact.derive(rule::everything, Value::Bool(m.is_everything()));
    if let Some(from) = &m.source {
        fact.write(rule::from, Value::text(from.to_string()), r.source_span.unwrap_or(r.span));
    }
    if let Some(ports) = &m.ports {
        fact.write(rule::ports, Value::text(ports.to_string()), r.ports_span.unwrap_or(r.span));
        let narrow = |p: u16| ports.ranges.iter().any(|r| r.has(p) && r.last - r.first <= WIDE);
        let known = PORTS.iter().find(|p| !ports.negated && narrow(p.port));
        if let Some(known) = known {
            fact.derive(rule::service, Value::text(known.name));
            fact.derive(rule::service_class, Value::text(known.class.as_str()));
        }
    }
    if let Some(ports) = &m.source_ports {
        fact.derive(rule::source_ports, Value::text(ports.to_string()));
    }
    let named = |interface: &Interface| {
        let not = if interface.negated { "all but " } else { "" };
        Value::text(format!("{not}{}", interface.names.join(", ")))
    };
    if let Some(interface) = &m.interface {
        fact.derive(rule::interface, named(interface));
    }
    if let Some(interface) = &m.out_interface {
        fact.derive(rule::out_interface, named(interface));
    }
    let direction = match chain.base.as_ref().map(|b| b.hook) {
        Some(Hook::Input) => Some(Direction::In),
        Some(Hook::Output) => Some(Direction::Out),
        Some(Hook::Forward) => Some(Direction::Forward),
        _ => None,
    };
    if let Some(direction) = direction {
        fact.derive(rule::direction, Value::text(direction.as_str()));
    }
    let anyone = |family| m.source.as_ref().is_none_or(|s| s.holds_strangers(family) == Some(true));
    let families = chain.families.and(m.families);
    let world = matches!(r.verdict, Verdict::Accept)
        && direction != Some(Direction::Out)
        && m.interface.is_none()
        && m.unknown.is_empty()
        && !m.insiders
        && m.destination.is_none()
        && m.states.is_none_or(|s| s.new)
        && (families.v4 && anyone(Family::V4) || families.v6 && anyone(Family::V6));
    fact.derive(rule::open_to_world, Value::Bool(world));
    if let Some(limit) = &m.limit {
        fact.derive(rule::limit, Value::text(&limit.text));
        fact.derive(rule::limit_per_source, Value::Bool(limit.per_source));
    }
    if let Some(comment) = &r.comment {
        fact.derive(rule::comment, Value::text(comment));
    }
    if let Verdict::Reject(kind) = &r.verdict {
        fact.derive(rule::reject_with, Value::text(kind));
    }
    if let Some((from, to)) = &r.cut {
        fact.write(rule::cut_from, Value::text(from), r.source_span.unwrap_or(r.span));
        fact.derive(rule::cut_to, Value::text(to));
    }
    fact.derive(rule::never_matches, Value::Bool(false));
    fact
}

fn add_ports(ruleset: &Ruleset, of: FactId, ids: &BTreeMap<RuleRef, FactId>, reading: &mut Reading) {
    for known in PORTS {
        let answer = |family| reach(ruleset, &Query::anyone(known.port, Transport::Tcp, family));
        let (v4, v6) = (answer(Family::V4), answer(Family::V6));
        // A rule for one IP version that lets strangers in decides, whatever the other version does.
        let named = |r: &Reach| {
            let at = r.by()?.rule?;
            ruleset.rule(at)?.matches.names_port().then_some(at)
        };
        let open = |r: &Reach| matches!(r, Reach::Yes { .. } | Reach::Limited { .. });
        let at = match (named(&v4), named(&v6)) {
            (Some(a), Some(b)) => Some(if open(&v6) && !open(&v4) { b } else { a }),
            (a, b) => a.or(b),
        };
        let Some(at) = at else { continue };
        let Some(by) = ruleset.rule(at) else { continue };
        let range = by.matches.ports.iter().flat_map(|p| &p.ranges).find(|r| r.has(known.port));
        if range.is_none_or(|r| r.last - r.first > WIDE) {
            continue;
        }
        let mut fact = Fact::new(&port::KIND, by.span);
        let place = by.ports_span.unwrap_or(by.span);
        fact.derive(port::firewall, Value::Record(of));
        fact.derive(port::tool, Value::text(ruleset.tool));
        fact.write(port::port, Value::Int(i64::from(known.port)), place);
        fact.derive(port::service, Value::text(known.name));
        fact.derive(port::class, Value::text(known.class.as_str()));
        fact.derive(port::reach, Value::text(v4.as_str()));
        fact.derive(port::reach_ipv6, Value::text(v6.as_str()));
        for answer in [&v6, &v4] {
            match answer {
                Reach::Limited { limit, .. } => {
                    fact.derive(port::limit, Value::text(limit));
                }
                Reach::No { refusal: Refusal::Drop, .. } => {
                    fact.derive(port::refusal, Value::text("drop"));
                }
                Reach::No { refusal: Refusal::Reject(_), .. } => {
                    fact.derive(port::refusal, Value::text("reject"));
                }
                _ => {}
            }
        }
        if let Some(&id) = ids.get(&at) {
            fact.derive(port::rule, Value::Record(id));
        }
        reading.facts.add(fact);
    }
}
