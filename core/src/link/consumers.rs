//! Which topic the copies of a program share among them (`consumes`).
//!
//! A container that names a topic and a consumer group in its variables reads that topic as a member of the group.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::{container::variable, kafka::topic};
use crate::facts::{FactId, Facts};

use super::names::record;
use super::{Index, Link, Links, pods};

/// Words in names of variables that name a consumer group.
const GROUP: &str = "GROUP";

/// Pairs Compose services and Kubernetes workloads with the one topic that they name.
pub(super) fn link(facts: &Facts, index: &Index, links: &mut Links) {
    let mut topics: BTreeMap<(u32, &str), Vec<FactId>> = BTreeMap::new();
    for (id, fact) in facts.of(&topic::KIND) {
        if let Some(name) = fact.text(topic::name) {
            topics.entry((links.number(fact.span.file), name)).or_default().push(id);
        }
    }
    if topics.is_empty() {
        return;
    }
    let mut named: BTreeMap<FactId, BTreeSet<&str>> = BTreeMap::new();
    let mut grouped: BTreeSet<FactId> = BTreeSet::new();
    for (_, fact) in facts.of(&variable::KIND) {
        let (Some(name), Some(value)) = (fact.text(variable::name), fact.text(variable::value)) else {
            continue;
        };
        let group = links.number(fact.span.file);
        let is_topic = topics.contains_key(&(group, value)) && name.to_ascii_uppercase().contains("TOPIC");
        let is_group = name.to_ascii_uppercase().contains(GROUP);
        if !is_topic && !is_group {
            continue;
        }
        let owners = match record(fact, variable::service) {
            Some(service) => vec![service],
            None => pods::owners(facts, index, links, fact),
        };
        for owner in owners {
            if is_topic {
                named.entry(owner).or_default().insert(value);
            }
            if is_group {
                grouped.insert(owner);
            }
        }
    }
    let mut found = Vec::new();
    for (owner, names) in &named {
        let group = links.number(facts.get(*owner).span.file);
        // Of several topics each copy may read another one.
        let [name] = names.iter().collect::<Vec<_>>()[..] else { continue };
        if let Some([only]) = topics.get(&(group, *name)).map(Vec::as_slice)
            && grouped.contains(owner)
        {
            found.push(Link { from: *owner, to: *only, assumed: None });
        }
    }
    for one in found {
        links.add("consumes", one);
    }
}
