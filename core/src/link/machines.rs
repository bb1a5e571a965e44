//! Which unit starts a server, and which kernel it runs on.
//!
//! Neither says so itself: a unit is paired with a server by the program it starts, a sysctl file with the servers of
//! its deployment when it is the only one, and that is told as an assumption.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::container::embedded;
use crate::facts::kinds::{
    haproxy, host, kafka, kubernetes, mongodb, mysql, nginx, postgres, rabbitmq, redis,
};
use crate::facts::{FactId, Facts, Kind, Value};
use crate::source::{FileId, Sources, Span};
use crate::systems::limits::SYSTEMD_UNIT;

use super::names::{record, texts};
use super::{Index, Link, Links};

/// Servers, by the name that a unit's program is known under.
const SERVERS: [(&str, &Kind); 8] = [
    ("rabbitmq", &rabbitmq::server::KIND),
    ("nginx", &nginx::main::KIND),
    ("haproxy", &haproxy::global::KIND),
    ("redis", &redis::server::KIND),
    ("postgresql", &postgres::server::KIND),
    ("mysql", &mysql::server::KIND),
    ("kafka", &kafka::broker::KIND),
    ("mongodb", &mongodb::server::server::KIND),
];

/// Names units by their files, or those that they become: a reader sees a text only, and a drop-in says nothing of its
/// unit.
pub(super) fn name_units(sources: &Sources, facts: &mut Facts) {
    let mut carried: BTreeMap<FileId, Vec<(Span, &str)>> = BTreeMap::new();
    for (_, fact) in
        facts.of(&embedded::KIND).filter(|(_, f)| f.text(embedded::kind) == Some(SYSTEMD_UNIT.name))
    {
        let path = fact.text(embedded::path).unwrap_or_default();
        carried.entry(fact.span.file).or_default().push((fact.span, path));
    }
    let mut named = Vec::new();
    for (id, fact) in facts.of(&host::unit::KIND) {
        let inside = carried.get(&fact.span.file).into_iter().flatten();
        let becomes = inside.filter(|(span, _)| span.contains(fact.span)).map(|(_, path)| *path).next_back();
        let path = becomes.unwrap_or(&sources.get(fact.span.file).name);
        let Some((name, drop_in)) = unit_name(path) else { continue };
        let server = server_of(&name);
        let known = fact.get(host::unit::server).is_some();
        named.push((id, name, drop_in, server.filter(|_| !known)));
    }
    for (id, name, drop_in, server) in named {
        let fact = facts.get_mut(id);
        fact.derive(host::unit::name, Value::text(name));
        fact.derive(host::unit::drop_in, Value::Bool(drop_in));
        if let Some(server) = server {
            fact.derive(host::unit::server, Value::text(server));
        }
    }
}

/// The server that a unit of this name starts: `redis-server.service`, `postgresql@15-main.service`, `mariadb.service`.
fn server_of(unit: &str) -> Option<&'static str> {
    let name = unit.strip_suffix(".service")?;
    let name = name.split_once('@').map_or(name, |(template, _)| template);
    let name = match name.strip_suffix("-server").unwrap_or(name) {
        "mariadb" | "mysqld" => "mysql",
        "mongod" => "mongodb",
        name => name,
    };
    SERVERS.iter().map(|(server, _)| *server).find(|server| *server == name)
}

/// `x.service` of `…/x.service` and of a drop-in `…/x.service.d/limits.conf`.
fn unit_name(path: &str) -> Option<(String, bool)> {
    let mut parts = path.rsplit('/');
    let file = parts.next()?;
    if file.ends_with(".service") {
        return Some((file.to_owned(), false));
    }
    let unit = parts.next()?.strip_suffix(".d")?;
    unit.ends_with(".service").then(|| (unit.to_owned(), true))
}

/// Pairs units (`starts`) and kernels (`carries`) with servers.
pub(super) fn link(sources: &Sources, facts: &Facts, index: &Index, links: &mut Links) {
    let groups: BTreeSet<u32> = links.files.iter().map(|file| links.number(*file)).collect();
    let mut found: Vec<(&'static str, Link)> = Vec::new();
    for group in groups {
        let units = index.here(&host::unit::KIND, group);
        let kernels = index.here(&host::sysctl::KIND, group);
        if units.is_empty() && kernels.is_empty() {
            continue;
        }
        let contained = |id: &FactId| facts.get(*id).bool(host::sysctl::in_container) == Some(true);
        let (own, hosts): (Vec<FactId>, Vec<FactId>) = kernels.iter().copied().partition(contained);
        for (name, kind) in SERVERS {
            let servers = index.here(kind, group);
            if servers.is_empty() || !same_directory(sources, facts, servers) {
                continue;
            }
            let starting: Vec<FactId> = units
                .iter()
                .copied()
                .filter(|u| facts.get(*u).text(host::unit::server) == Some(name))
                .collect();
            if same_unit(facts, &starting) {
                for &unit in &starting {
                    for &server in servers {
                        found.push(("starts", Link { from: unit, to: server, assumed: None }));
                    }
                }
            }
            let contained = workloads(facts, index, group, name);
            for kernel in own.iter().filter(|k| record(facts.get(**k), host::sysctl::workload).is_some()) {
                let [workload] = contained[..] else { continue };
                if record(facts.get(*kernel), host::sysctl::workload) == Some(workload) {
                    let note = format!("the only {name} of these manifests is taken to have these settings");
                    let link =
                        |server: &FactId| Link { from: *kernel, to: *server, assumed: Some(note.clone()) };
                    found.extend(servers.iter().map(|server| ("carries", link(server))));
                }
            }
            if let [kernel] = hosts[..]
                && contained.is_empty()
            {
                let file = &sources.get(facts.get(kernel).span.file).name;
                // A container has a network of its own, with the kernel's defaults.
                for &server in servers.iter().filter(|s| links.to("runs", **s).next().is_none()) {
                    let note = format!("`{file}` is taken to be of the host that runs {name}");
                    found.push(("carries", Link { from: kernel, to: server, assumed: Some(note) }));
                }
            }
        }
        for kernel in own {
            let Some(service) = record(facts.get(kernel), host::sysctl::service) else { continue };
            let run = links.from("runs", service);
            found.extend(run.map(|run| ("carries", Link { from: kernel, to: run.to, assumed: run.assumed })));
        }
    }
    for (relation, link) in found {
        links.add(relation, link);
    }
}

/// The workloads of a deployment that run a server.
fn workloads(facts: &Facts, index: &Index, group: u32, server: &str) -> Vec<FactId> {
    let here = index.here(&kubernetes::workload::KIND, group).iter().copied();
    here.filter(|id| texts(facts.get(*id), kubernetes::workload::software).contains(&server)).collect()
}

fn same_directory(sources: &Sources, facts: &Facts, ids: &[FactId]) -> bool {
    let directories: BTreeSet<&str> =
        ids.iter().map(|id| sources.get(facts.get(*id).span.file).directory()).collect();
    directories.len() == 1
}

/// True if all are one unit and its drop-ins.
fn same_unit(facts: &Facts, units: &[FactId]) -> bool {
    let names: BTreeSet<String> = units
        .iter()
        .filter_map(|u| match facts.get(*u).get(host::unit::name).map(|s| &s.value) {
            Some(Value::Text(name)) => Some(name.to_string()),
            _ => None,
        })
        .collect();
    names.len() == 1
}
