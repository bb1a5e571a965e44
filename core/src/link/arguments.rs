//! Queues whose arguments two places give differently.
//!
//! A queue that exists is not changed by a declaration: RabbitMQ compares the arguments and closes the channel with 406
//! PRECONDITION_FAILED. Both sides must be written in full; a policy sets the same things and never conflicts.

use std::collections::BTreeMap;

use crate::facts::kinds::code::declare;
use crate::facts::kinds::definitions::{queue, queue_argument};
use crate::facts::kinds::path::argument;
use crate::facts::{Fact, FactId, Facts, Said, Value};
use crate::source::Span;

use super::{Links, Role};

/// Arguments that have to be the same (rabbit_amqqueue:declare_args). The type is left out: the default type of a
/// virtual host stands in for one that is not given.
const COMPARED: [&str; 10] = [
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-expires",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-priority",
    "x-message-ttl",
    "x-overflow",
    "x-queue-type",
    "x-single-active-consumer",
];

/// The argument that counts only where both sides give it.
const TYPE: &str = "x-queue-type";

/// More declarations of one name in a deployment are not compared.
const MOST_OF_A_NAME: usize = 20;

/// A place that says what a queue is like.
struct Place<'f> {
    id: FactId,
    span: Span,
    arguments: BTreeMap<&'f str, (String, Option<Span>)>,
    defined: bool,
    development: bool,
}

/// Adds the arguments that differ.
pub(super) fn compare(facts: &mut Facts, links: &Links) {
    let mut names: BTreeMap<(u32, &str), Vec<Place<'_>>> = BTreeMap::new();
    let development = |fact: &Fact| links.role(fact.span.file) == Role::Development;
    let mut given: BTreeMap<(u32, &str), Vec<&Fact>> = BTreeMap::new();
    for (_, fact) in facts.of(&queue_argument::KIND) {
        if let Some(name) = fact.text(queue_argument::queue) {
            given.entry((fact.span.file.0, name)).or_default().push(fact);
        }
    }
    for (id, fact) in facts.of(&queue::KIND) {
        let Some(name) = fact.text(queue::name) else { continue };
        let mut arguments = BTreeMap::new();
        for one in given.get(&(fact.span.file.0, name)).into_iter().flatten() {
            if let (Some(key), Some(said)) = (one.text(queue_argument::name), one.get(queue_argument::value))
            {
                arguments.insert(key, (said.value.to_string(), said.span()));
            }
        }
        let place = Place { id, span: fact.span, arguments, defined: true, development: development(fact) };
        names.entry((links.number(fact.span.file), name)).or_default().push(place);
    }
    for (id, fact) in facts.of(&declare::KIND) {
        let (Some(name), Some(Value::List(items))) =
            (fact.text(declare::name), fact.get(declare::arguments).map(|s| &s.value))
        else {
            continue;
        };
        let own = |field| fact.bool(field) == Some(true);
        if fact.text(declare::object) != Some("queue") || own(declare::passive) || own(declare::exclusive) {
            continue;
        }
        let pairs = items.iter().filter_map(|item| match &item.value {
            Value::Text(text) => text.split_once('=').map(|(k, v)| (k, (v.to_owned(), item.span()))),
            _ => None,
        });
        let place = Place {
            id,
            span: fact.span,
            arguments: pairs.collect(),
            defined: false,
            development: development(fact),
        };
        names.entry((links.number(fact.span.file), name)).or_default().push(place);
    }
    let mut found = Vec::new();
    for ((_, name), places) in &names {
        let places = places.get(..places.len().min(MOST_OF_A_NAME)).unwrap_or_default();
        for (at, here) in places.iter().enumerate() {
            // Definitions against programs, and each pair of programs once.
            for there in places.iter().skip(at + 1).filter(|t| !t.defined || !here.defined) {
                let (there, here) = if here.defined { (here, there) } else { (there, here) };
                if here.development == there.development {
                    found.extend(COMPARED.iter().filter_map(|key| difference(name, key, here, there)));
                }
            }
        }
    }
    for fact in found {
        facts.add(fact);
    }
}

/// The fact of an argument that differs.
fn difference(name: &str, key: &str, here: &Place<'_>, there: &Place<'_>) -> Option<Fact> {
    let (own, other) = (here.arguments.get(key), there.arguments.get(key));
    if own.map(|o| &o.0) == other.map(|o| &o.0) || key == TYPE && (own.is_none() || other.is_none()) {
        return None;
    }
    let mut fact = Fact::new(&argument::KIND, own.and_then(|o| o.1).unwrap_or(here.span));
    fact.derive(argument::queue, Value::text(name));
    fact.set(
        argument::name,
        Said::derived(Value::text(key), Some(own.and_then(|o| o.1).unwrap_or(here.span))),
    );
    for (field, side) in [(argument::value, own), (argument::other, other)] {
        if let Some((value, at)) = side {
            fact.set(field, Said::derived(Value::text(value), *at));
        }
    }
    fact.set(argument::declared, Said::derived(Value::Record(here.id), Some(here.span)));
    let field = if there.defined { argument::defined } else { argument::declared_there };
    fact.set(field, Said::derived(Value::Record(there.id), Some(there.span)));
    Some(fact)
}
