//! Where a Spring Boot program runs whose way to stop is known (`runs_in`).

use std::collections::BTreeSet;

use crate::facts::kinds::kubernetes::{container, workload};
use crate::facts::kinds::{compose, spring::shutdown};
use crate::facts::{FactId, Facts, Said};
use crate::source::Sources;

use super::names::{record, texts};
use super::{Index, Link, Links};

/// Pairs shutdowns with the service or workload that gets the setting, or with the only one that runs a program of the
/// deployment's own.
pub(super) fn link(sources: &Sources, facts: &mut Facts, index: &Index, links: &mut Links) {
    let mut found: Vec<Link> = Vec::new();
    let mut sleeps: Vec<(FactId, Said)> = Vec::new();
    let mut seen: BTreeSet<u32> = BTreeSet::new();
    let all: Vec<FactId> = facts.of(&shutdown::KIND).map(|(id, _)| id).collect();
    for id in all {
        let fact = facts.get(id);
        let group = links.number(fact.span.file);
        let container = record(fact, shutdown::container);
        let own = record(fact, shutdown::service);
        let home = own.or_else(|| record(facts.get(container?), container::workload));
        if let Some(home) = home {
            found.push(Link { from: id, to: home, assumed: None });
            let slept = container.and_then(|c| facts.get(c).get(container::pre_stop_sleep).cloned());
            sleeps.extend(slept.map(|said| (id, said)));
            continue;
        }
        if fact.get(shutdown::phase_timeout).is_none() {
            continue;
        }
        if fact.get(shutdown::variable).is_some() || !seen.insert(group) || several(facts, index, group) {
            continue;
        }
        let named = |id: FactId, name: Option<&str>| {
            let file = &sources.get(facts.get(id).span.file).name;
            format!(
                "`{}` of `{file}` is taken to be the program of these properties",
                name.unwrap_or_default()
            )
        };
        let workloads = index.here(&workload::KIND, group).iter().copied();
        let workloads: Vec<FactId> = workloads.filter(|w| is_program(facts, *w)).collect();
        let services = index.here(&compose::service::KIND, group).iter().copied();
        let services: Vec<FactId> =
            services.filter(|s| facts.get(*s).get(compose::service::software).is_none()).collect();
        match (&workloads[..], &services[..]) {
            ([only], []) => {
                let note = named(*only, facts.get(*only).text(workload::name));
                found.push(Link { from: id, to: *only, assumed: Some(note) });
                let containers = index.here(&container::KIND, group).iter().map(|c| facts.get(*c));
                let mut own = containers.filter(|c| record(c, container::workload) == Some(*only));
                let slept = own.find_map(|c| c.get(container::pre_stop_sleep).cloned());
                sleeps.extend(slept.map(|said| (id, said)));
            }
            ([], [only]) => {
                let note = named(*only, facts.get(*only).text(compose::service::name));
                found.push(Link { from: id, to: *only, assumed: Some(note) });
            }
            _ => {}
        }
    }
    for (id, said) in sleeps {
        facts.get_mut(id).set(shutdown::pre_stop, said);
    }
    for one in found {
        links.add("runs_in", one);
    }
}

/// True if several files or documents of a deployment say how programs stop.
fn several(facts: &Facts, index: &Index, group: u32) -> bool {
    let here = index.here(&shutdown::KIND, group).iter().map(|id| facts.get(*id));
    here.filter(|f| f.get(shutdown::variable).is_none() && f.get(shutdown::phase_timeout).is_some()).count()
        > 1
}

/// True for a workload that goes on running and runs nothing that is known.
fn is_program(facts: &Facts, id: FactId) -> bool {
    let fact = facts.get(id);
    matches!(fact.text(workload::kind), Some("Deployment" | "StatefulSet" | "DaemonSet"))
        && texts(fact, workload::software).is_empty()
}
