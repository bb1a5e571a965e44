//! Which servers' settings a Compose service runs with (`runs`).

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::{compose, container, mysql, postgres, rabbitmq, redis};
use crate::facts::{FactId, Kind};
use crate::source::{FileId, Span, joined};

use super::Dialling;
use crate::link::names::record;

/// Servers whose settings are known to be a service's only where they are mounted into it, or its command says them.
const MOUNTED: [&Kind; 3] = [&redis::server::KIND, &postgres::server::KIND, &mysql::server::KIND];

/// The services that a file, or a directory above it, is mounted into.
pub(in crate::link) fn mounted(mounts: &BTreeMap<String, Vec<FactId>>, name: &str) -> Vec<FactId> {
    let above = name.match_indices('/').filter_map(|(at, _)| name.get(..at)).chain([name]);
    above.filter_map(|path| mounts.get(path)).flatten().copied().collect()
}

impl Dialling<'_> {
    /// `runs`: a Compose service and the broker settings that are mounted into it, or that are the only ones beside it.
    pub(super) fn instances(&mut self) {
        let mut mounts: BTreeMap<String, Vec<FactId>> = BTreeMap::new();
        for (_, mount) in self.facts.of(&compose::mount::KIND) {
            let base = self.sources.get(mount.span.file).directory();
            if let (Some(source), Some(service)) =
                (mount.text(compose::mount::source), record(mount, compose::mount::service))
            {
                mounts.entry(joined(base, source)).or_default().push(service);
            }
        }
        let mut found = Vec::new();
        let servers = || MOUNTED.into_iter().flat_map(|kind| self.facts.of(kind));
        let places: BTreeMap<(FileId, u32), FactId> =
            servers().map(|(id, server)| ((server.span.file, server.span.start), id)).collect();
        let mut by_command: BTreeSet<FactId> = BTreeSet::new();
        for (_, command) in self.facts.of(&container::embedded::KIND) {
            let service = record(command, container::embedded::service);
            if service.is_none() && command.get(container::embedded::container).is_none() {
                continue;
            }
            let Span { file, start, end } = command.span;
            let set = places.range((file, start)..(file, end.max(start))).map(|(_, server)| *server);
            by_command.extend(set.clone());
            found.extend(service.into_iter().flat_map(|s| set.clone().map(move |server| (s, server, None))));
        }
        for (server, fact) in servers().filter(|(id, _)| !by_command.contains(id)) {
            let services = mounted(&mounts, &self.sources.get(fact.span.file).name);
            found.extend(services.into_iter().map(|service| (service, server, None)));
        }
        for (server, fact) in self.facts.of(&rabbitmq::server::KIND) {
            let name = &self.sources.get(fact.span.file).name;
            let mounted = mounted(&mounts, name);
            if !mounted.is_empty() {
                found.extend(mounted.into_iter().map(|service| (service, server, None)));
                continue;
            }
            let deployment = self.links.number(fact.span.file);
            let brokers: Vec<FactId> = self
                .here(&compose::service::KIND, deployment)
                .into_iter()
                .filter(|(_, s)| s.text(compose::service::software) == Some("rabbitmq"))
                .map(|(id, _)| id)
                .collect();
            if let [only] = brokers[..]
                && self.one_directory(&rabbitmq::server::KIND, deployment)
            {
                let service = self.facts.get(only).text(compose::service::name).unwrap_or_default();
                let note = format!("`{name}` is taken to configure the service `{service}`");
                found.push((only, server, Some(note)));
            }
        }
        for (service, server, note) in found {
            self.add("runs", service, server, note);
        }
    }
}
