//! What a host name stands for, among the names that the files of a deployment give.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::kinds::{compose, kubernetes};
use crate::facts::{Fact, FactId, Facts, Field, Value};
use crate::source::{FileId, Sources};

use super::{Links, Places};

/// What a host name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The machine, container or pod itself.
    Loopback,
    /// A service of a Compose file.
    Compose(FactId),
    /// A Kubernetes service.
    Kubernetes(FactId),
    /// A RabbitmqCluster, whose service bears its name.
    Cluster(FactId),
    /// Several things bear the name.
    Ambiguous,
    /// Nothing in these files bears the name.
    Unknown,
}

/// The names of all deployments.
pub(super) struct Names<'a> {
    sources: &'a Sources,
    places: Arc<Places>,
    compose: BTreeMap<(u32, String), Vec<FactId>>,
    kubernetes: BTreeMap<(u32, String), Vec<FactId>>,
    clusters: BTreeMap<(u32, String), Vec<FactId>>,
}

/// The record that a field holds.
pub(super) fn record(fact: &Fact, field: Field) -> Option<FactId> {
    match fact.get(field)?.value {
        Value::Record(id) => Some(id),
        _ => None,
    }
}

/// The texts of a list field.
pub(super) fn texts(fact: &Fact, field: Field) -> Vec<&str> {
    match fact.get(field).map(|s| &s.value) {
        Some(Value::List(items)) => items
            .iter()
            .filter_map(|item| match &item.value {
                Value::Text(text) => Some(&**text),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The numbers of a list field.
pub(super) fn numbers(fact: &Fact, field: Field) -> Vec<i64> {
    match fact.get(field).map(|s| &s.value) {
        Some(Value::List(items)) => items
            .iter()
            .filter_map(|item| match item.value {
                Value::Int(number) => Some(number),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Manifests of one system lie at most this many directories below a common one; in a wider tree a plain name such as
/// `rabbitmq` is anybody's.
const NEAR: usize = 3;

impl<'a> Names<'a> {
    pub(super) fn new(sources: &'a Sources, facts: &Facts, links: &Links) -> Names<'a> {
        let mut names = Names {
            sources,
            places: Arc::clone(&links.places),
            compose: BTreeMap::new(),
            kubernetes: BTreeMap::new(),
            clusters: BTreeMap::new(),
        };
        for (id, fact) in facts.of(&compose::service::KIND) {
            let deployment = links.number(fact.span.file);
            let own = [compose::service::name, compose::service::container_name, compose::service::hostname];
            let own = own.into_iter().filter_map(|f| fact.text(f));
            let mut all: Vec<String> =
                own.chain(texts(fact, compose::service::aliases)).map(str::to_ascii_lowercase).collect();
            all.sort();
            all.dedup();
            for name in all {
                names.compose.entry((deployment, name)).or_default().push(id);
            }
        }
        for (id, fact) in facts.of(&kubernetes::service::KIND) {
            if let Some(name) = fact.text(kubernetes::service::name) {
                let key = (links.number(fact.span.file), name.to_ascii_lowercase());
                names.kubernetes.entry(key).or_default().push(id);
            }
        }
        for (id, fact) in facts.of(&kubernetes::workload::KIND) {
            if fact.text(kubernetes::workload::kind) == Some("RabbitmqCluster")
                && let Some(name) = fact.text(kubernetes::workload::name)
            {
                let key = (links.number(fact.span.file), name.to_ascii_lowercase());
                names.clusters.entry(key).or_default().push(id);
            }
        }
        names
    }

    /// True if two files lie near enough to each other to be of one system.
    fn near(&self, a: FileId, b: FileId) -> bool {
        let parts = |file| -> Vec<&str> {
            let directory = self.sources.get(file).directory();
            directory.split('/').filter(|p| !p.is_empty() && *p != ".").collect()
        };
        let (a, b) = (parts(a), parts(b));
        let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
        a.len().max(b.len()) - common <= NEAR
    }

    /// What a host name stands for, to whoever says it in a file.
    pub(super) fn resolve(&self, facts: &Facts, said_in: FileId, host: &str) -> Target {
        let deployment = self.places.number(said_in);
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if crate::hosts::is_loopback(&host) {
            return Target::Loopback;
        }
        if let Some(found) = self.compose.get(&(deployment, host.clone())) {
            // Override files say more of the same service; another service of the name is another matter.
            let name = |id: &FactId| facts.get(*id).text(compose::service::name);
            return match found.split_first() {
                Some((first, rest)) if rest.iter().all(|r| name(r) == name(first)) => Target::Compose(*first),
                _ => Target::Ambiguous,
            };
        }
        // `name`, `name.namespace`, `name.namespace.svc` and `name.namespace.svc.cluster.local`, and a pod of a
        // headless service in front of each.
        let parts: Vec<&str> = host.split('.').collect();
        let is_service_name =
            parts.len() <= 2 || parts.get(2) == Some(&"svc") || parts.get(3) == Some(&"svc");
        let starts: &[usize] = if parts.get(3) == Some(&"svc") { &[1] } else { &[0] };
        for &start in starts {
            let (Some(name), namespace) = (parts.get(start), parts.get(start + 1)) else { continue };
            if !is_service_name {
                break;
            }
            let fits = |id: &&FactId| {
                let own = facts.get(**id).text(kubernetes::service::namespace);
                (namespace.is_none() || own.is_none() || own == namespace.copied())
                    && self.near(said_in, facts.get(**id).span.file)
            };
            let key = (deployment, (*name).to_owned());
            let found: Vec<&FactId> = self.kubernetes.get(&key).into_iter().flatten().filter(fits).collect();
            match found[..] {
                [only] => return Target::Kubernetes(*only),
                [_, ..] => return Target::Ambiguous,
                [] => {}
            }
            let near = |id: &&FactId| self.near(said_in, facts.get(**id).span.file);
            let found: Vec<&FactId> = self.clusters.get(&key).into_iter().flatten().filter(near).collect();
            match found[..] {
                [only] => return Target::Cluster(*only),
                [_, ..] => return Target::Ambiguous,
                [] => {}
            }
        }
        Target::Unknown
    }
}
