//! Where the program runs that a file of settings or of source code belongs to (`runs_in`).
//!
//! The variable of a container says so itself. A file says nothing: it is paired with the one service or workload of its
//! deployment that runs a program of the deployment's own, if it is the only file of its sort, and that is told.

use std::collections::BTreeMap;

use crate::facts::kinds::compose::service;
use crate::facts::kinds::kubernetes::{container, workload};
use crate::facts::kinds::pool::hikari;
use crate::facts::kinds::spring::shutdown;
use crate::facts::kinds::sql::pool;
use crate::facts::{Fact, FactId, Facts, Field, Kind, Said};
use crate::source::Sources;

use super::names::{record, texts};
use super::{Index, Link, Links, Role};

/// What belongs to a program: its kind, and a field without which it says nothing here.
const OF_PROGRAMS: [(&Kind, Field); 3] = [
    (&shutdown::KIND, shutdown::phase_timeout),
    (&hikari::KIND, hikari::maximum_pool_size),
    (&pool::KIND, pool::library),
];

/// Pairs what belongs to programs with where they run.
pub(super) fn link(sources: &Sources, facts: &mut Facts, index: &Index, links: &mut Links) {
    let mut found: Vec<Link> = Vec::new();
    for (kind, field) in OF_PROGRAMS {
        let mut files: BTreeMap<u32, Vec<FactId>> = BTreeMap::new();
        for (id, fact) in facts.of(kind).filter(|(_, f)| f.get(field).is_some()) {
            if let Some(home) = said_home(facts, fact) {
                found.push(Link { from: id, to: home, assumed: None });
            } else if links.role(fact.span.file) == Role::Production {
                files.entry(links.number(fact.span.file)).or_default().push(id);
            }
        }
        for (group, ids) in files {
            if let [id] = ids[..]
                && let Some((home, name)) = only_program(facts, index, group)
            {
                let file = &sources.get(facts.get(home).span.file).name;
                let own = &sources.get(facts.get(id).span.file).name;
                let note = format!("`{name}` of `{file}` is taken to be the program of `{own}`");
                found.push(Link { from: id, to: home, assumed: Some(note) });
            }
        }
    }
    let sleeps: Vec<(FactId, Said)> = found
        .iter()
        .filter(|link| std::ptr::eq(facts.get(link.from).kind, &shutdown::KIND))
        .filter_map(|link| Some((link.from, sleep(facts, index, links, link)?)))
        .collect();
    for (id, said) in sleeps {
        facts.get_mut(id).set(shutdown::pre_stop, said);
    }
    for one in found {
        links.add("runs_in", one);
    }
}

/// The service or workload that gets the variable which a fact was read from.
fn said_home(facts: &Facts, fact: &Fact) -> Option<FactId> {
    if !std::ptr::eq(fact.kind, &shutdown::KIND) {
        return None;
    }
    let container = record(fact, shutdown::container);
    record(fact, shutdown::service).or_else(|| record(facts.get(container?), container::workload))
}

/// The one Compose service that is built here, or the one workload that goes on running, whose program is nothing that
/// is known; with its name.
fn only_program(facts: &Facts, index: &Index, group: u32) -> Option<(FactId, String)> {
    let services = index.here(&service::KIND, group).iter().copied();
    let built = |id: &FactId| {
        let fact = facts.get(*id);
        fact.bool(service::built) == Some(true) && fact.get(service::software).is_none()
    };
    let workloads = index.here(&workload::KIND, group).iter().copied();
    let own = |id: &FactId| {
        let fact = facts.get(*id);
        matches!(fact.text(workload::kind), Some("Deployment" | "StatefulSet" | "DaemonSet"))
            && texts(fact, workload::software).is_empty()
    };
    let all: Vec<FactId> = services.filter(built).chain(workloads.filter(own)).collect();
    let [only] = all[..] else { return None };
    let fact = facts.get(only);
    let name = if std::ptr::eq(fact.kind, &service::KIND) { service::name } else { workload::name };
    Some((only, fact.text(name)?.to_owned()))
}

/// How long the container of a program sleeps before it is asked to stop.
fn sleep(facts: &Facts, index: &Index, links: &Links, link: &Link) -> Option<Said> {
    let fact = facts.get(link.from);
    if let Some(own) = record(fact, shutdown::container) {
        return facts.get(own).get(container::pre_stop_sleep).cloned();
    }
    let here = index.here(&container::KIND, links.number(fact.span.file)).iter().map(|id| facts.get(*id));
    here.filter(|c| record(c, container::workload) == Some(link.to))
        .find_map(|c| c.get(container::pre_stop_sleep).cloned())
}
