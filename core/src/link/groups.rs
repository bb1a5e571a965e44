//! Whether the security groups of a broker, database or balancer let its port in.
//!
//! Names of resources are those of one module, which is one directory. A group says no only when all that it lets in is
//! literal and something is: a group without any rule here gets them elsewhere.

use std::collections::BTreeMap;

use crate::facts::kinds::cloud::{group, ingress, listener, store};
use crate::facts::{Fact, FactId, Facts, Field, Said, Value};
use crate::source::Sources;

use super::names::{numbers, texts};

/// What a group lets in.
#[derive(Default)]
struct Group {
    defined: bool,
    open_ended: bool,
    /// First and last port, with the place.
    ranges: Vec<(i64, i64, Option<crate::source::Span>)>,
}

/// More ports of a group are not read; AWS allows 60 rules, and 1,000 after a request.
const MOST_RANGES: usize = 1_000;

/// AWS puts at most 16 groups before one interface.
const MOST_GROUPS: usize = 16;

/// The first and the last port there is.
const ALL_PORTS: (i64, i64) = (0, 65_535);

/// Says of stores and listeners whether their groups let their ports in.
pub(super) fn complete(sources: &Sources, facts: &mut Facts) {
    let module = |fact: &Fact| sources.get(fact.span.file).directory();
    let mut groups: BTreeMap<(&str, &str), Group> = BTreeMap::new();
    for (_, fact) in facts.of(&group::KIND) {
        let Some(name) = fact.text(group::name) else { continue };
        let entry = groups.entry((module(fact), name)).or_default();
        entry.open_ended |= fact.bool(group::open_ended) == Some(true);
        entry.defined |= fact.text(group::resource) == Some("aws_security_group");
    }
    for (_, fact) in facts.of(&ingress::KIND) {
        let Some(name) = fact.text(ingress::group) else { continue };
        let all = fact.bool(ingress::all_ports) == Some(true);
        let first = fact.int(ingress::first).filter(|_| !all).unwrap_or(ALL_PORTS.0);
        let last = fact.int(ingress::last).filter(|_| !all).unwrap_or(ALL_PORTS.1);
        let entry = groups.entry((module(fact), name)).or_default();
        if entry.ranges.len() < MOST_RANGES {
            entry.ranges.push((first, last, Some(fact.span)));
        } else {
            entry.open_ended = true;
        }
    }
    let mut changes: Vec<(FactId, Field, Said)> = Vec::new();
    let mut ask = |id: FactId, fact: &Fact, ports: &[i64], names: Vec<&str>, answer: [Field; 2]| {
        let found: Option<Vec<&Group>> =
            names.iter().map(|name| groups.get(&(module(fact), *name)).filter(|g| g.defined)).collect();
        let fits = |found: &Vec<&Group>| (1..=MOST_GROUPS).contains(&found.len());
        let Some(found) = found.filter(|f| fits(f) && !ports.is_empty()) else { return };
        let mut ranges: Vec<_> = found.iter().flat_map(|g| g.ranges.iter().copied()).collect();
        let inside = ports.iter().any(|p| ranges.iter().any(|(first, last, _)| (first..=last).contains(&p)));
        if !inside && (ranges.is_empty() || found.iter().any(|g| g.open_ended)) {
            return;
        }
        ranges.sort_unstable();
        ranges.dedup_by_key(|(first, last, _)| (*first, *last));
        let shown = ranges.into_iter().map(|(first, last, at)| {
            let text = if first == last { first.to_string() } else { format!("{first}-{last}") };
            Said::derived(Value::text(text), at)
        });
        changes.push((id, answer[0], Said::derived(Value::Bool(inside), None)));
        changes.push((id, answer[1], Said::derived(Value::List(shown.collect()), None)));
    };
    for (id, fact) in facts.of(&store::KIND) {
        let ports = numbers(fact, store::ports);
        ask(id, fact, &ports, texts(fact, store::groups), [store::port_let_in, store::group_ports]);
    }
    for (id, fact) in facts.of(&listener::KIND) {
        let port: Vec<i64> = fact.int(listener::port).into_iter().collect();
        ask(id, fact, &port, texts(fact, listener::groups), [listener::port_let_in, listener::group_ports]);
    }
    for (id, field, said) in changes {
        facts.get_mut(id).set(field, said);
    }
}
