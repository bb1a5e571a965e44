//! Who is who in a cluster: which pods a service leads to, what an autoscaler scales, where a client's settings go.
//!
//! What a template fills in matches nothing for certain. Two namespaces that are not written are one, since both are
//! whichever the files are applied to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::kinds::container::variable;
use crate::facts::kinds::kubernetes::{
    budget, config, container, hpa, namespace, network_policy, probe, service, service_port, workload,
};
use crate::facts::{Fact, FactId, Facts, Field, Kind, Said, Value};
use crate::firewall::{Label, Labels};
use crate::source::Sources;

use super::names::{numbers, record, texts};
use super::{Index, Link, Links};

/// The label that every namespace bears, with its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Workloads that get a variable: the container it is written in, or those that take it from a config map.
pub(super) fn owners(facts: &Facts, index: &Index, links: &Links, fact: &Fact) -> Vec<FactId> {
    let workload = |container: FactId| record(facts.get(container), container::workload);
    if let Some(container) = record(fact, variable::container) {
        return workload(container).into_iter().collect();
    }
    let Some(config) = record(fact, variable::config).map(|c| facts.get(c)) else { return Vec::new() };
    let (Some(name), Some(key)) = (config.text(config::name), fact.text(variable::name)) else {
        return Vec::new();
    };
    let group = links.number(fact.span.file);
    let space = config.text(config::namespace);
    let whole = index
        .here(&container::KIND, group)
        .iter()
        .copied()
        .filter(|c| texts(facts.get(*c), container::env_from).contains(&name));
    let single = index
        .here(&variable::KIND, group)
        .iter()
        .map(|v| facts.get(*v))
        .filter(|v| v.text(variable::from_name) == Some(name) && v.text(variable::from_key) == Some(key));
    let mut found: Vec<FactId> = whole
        .chain(single.filter_map(|v| record(v, variable::container)))
        .filter_map(workload)
        .filter(|w| same_namespace(space, facts.get(*w).text(workload::namespace)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// True if two namespaces are the same for all that is written.
pub(super) fn same_namespace(a: Option<&str>, b: Option<&str>) -> bool {
    a == b
}

/// Labels of a fact's list of `name=value`.
pub(super) fn labels(fact: &Fact, field: Field) -> Vec<Label> {
    let pairs = texts(fact, field).into_iter().filter_map(|t| t.split_once('='));
    pairs.map(|(k, v)| (Arc::from(k), Arc::from(v))).collect()
}

/// The labels of a workload's pods. The second is true if there are no others.
pub(super) fn pod_labels(workload: &Fact) -> (Vec<Label>, bool) {
    if workload.text(workload::kind) != Some("RabbitmqCluster") {
        return (labels(workload, workload::labels), workload.bool(workload::template) == Some(false));
    }
    // rabbitmq/cluster-operator internal/metadata/label.go; users may add more.
    let fixed = [("component", "rabbitmq"), ("part-of", "rabbitmq")];
    let name = workload.text(workload::name).map(|n| ("name", n));
    let all = fixed.into_iter().chain(name);
    (all.map(|(k, v)| (Arc::from(format!("app.kubernetes.io/{k}")), Arc::from(v))).collect(), false)
}

/// The labels of namespaces, by deployment and name. The second is true if there are no others.
pub(super) struct Spaces {
    known: BTreeMap<(u32, String), (Vec<Label>, bool)>,
}

impl Spaces {
    pub(super) fn new(facts: &Facts, links: &Links) -> Spaces {
        let mut known = BTreeMap::new();
        for (_, fact) in facts.of(&namespace::KIND) {
            let Some(name) = fact.text(namespace::name) else { continue };
            let mut list = labels(fact, namespace::labels);
            list.push((Arc::from(NAME_LABEL), Arc::from(name)));
            let complete = fact.bool(namespace::template) == Some(false);
            known.insert((links.number(fact.span.file), name.to_owned()), (list, complete));
        }
        Spaces { known }
    }

    /// The labels of a namespace.
    pub(super) fn labels(&self, group: u32, name: Option<&str>) -> (Vec<Label>, bool) {
        let Some(name) = name else { return (Vec::new(), false) };
        let own = || (vec![(Arc::from(NAME_LABEL), Arc::from(name))], false);
        self.known.get(&(group, name.to_owned())).cloned().unwrap_or_else(own)
    }
}

/// Whether labels hold all that a list of `name=value` asks for.
fn selects(asked: &[Label], labels: Labels<'_>) -> Option<bool> {
    let has = |(key, value): &Label| labels.list.iter().find(|(k, _)| k == key).map(|(_, v)| v == value);
    if asked.iter().any(|a| has(a) == Some(false)) {
        return Some(false);
    }
    if asked.iter().all(|a| has(a) == Some(true)) {
        return Some(true);
    }
    labels.complete.then_some(false)
}

/// More services, autoscalers and budgets than this in one run are not paired: the time grows with their number times
/// that of the workloads.
const MOST_SELECTORS: usize = 5_000;

/// A workload with what selectors ask of its pods.
struct Pods {
    id: FactId,
    namespace: Option<String>,
    labels: Vec<Label>,
    complete: bool,
}

impl Pods {
    fn selected(&self, asked: &[Label]) -> Option<bool> {
        selects(asked, Labels { list: &self.labels, complete: self.complete })
    }
}

/// Pairs services (`leads_to`), autoscalers (`scales`), budgets (`guards`) with workloads, and says of ports whether a
/// container names them.
pub(super) fn link(sources: &Sources, facts: &mut Facts, index: &Index, links: &mut Links) {
    let mut groups: BTreeMap<u32, Vec<Pods>> = BTreeMap::new();
    for (id, fact) in facts.of(&workload::KIND) {
        let (labels, complete) = pod_labels(fact);
        let namespace = fact.text(workload::namespace).map(str::to_owned);
        groups.entry(links.number(fact.span.file)).or_default().push(Pods {
            id,
            namespace,
            labels,
            complete,
        });
    }
    // The workloads of a fact's deployment and namespace.
    let beside = |links: &Links, fact: &Fact, namespace: Field| -> Vec<&Pods> {
        let here = groups.get(&links.number(fact.span.file)).into_iter().flatten();
        here.filter(|p| same_namespace(p.namespace.as_deref(), fact.text(namespace))).collect()
    };
    let mut found: Vec<(&'static str, FactId, FactId)> = Vec::new();
    let mut missed: Vec<(FactId, String, Said)> = Vec::new();
    for (id, fact) in facts.of(&service::KIND).take(MOST_SELECTORS) {
        let asked = labels(fact, service::selector);
        if asked.is_empty() || fact.bool(service::template) == Some(true) {
            continue;
        }
        let here = beside(links, fact, service::namespace);
        let answers: Vec<Option<bool>> = here.iter().map(|p| p.selected(&asked)).collect();
        let selected = here.iter().zip(&answers).filter(|(_, a)| **a == Some(true));
        found.extend(selected.map(|(p, _)| ("leads_to", id, p.id)));
        if answers.iter().all(|a| *a == Some(false))
            && let Some((name, label)) = near_miss(sources, facts, fact, &asked, &here)
        {
            missed.push((id, name, label));
        }
    }
    for (id, fact) in facts.of(&hpa::KIND).take(MOST_SELECTORS) {
        for pods in beside(links, fact, hpa::namespace) {
            let target = facts.get(pods.id);
            if target.text(workload::name).is_some()
                && target.text(workload::name) == fact.text(hpa::target)
                && target.text(workload::kind) == fact.text(hpa::target_kind)
            {
                found.push(("scales", id, pods.id));
            }
        }
    }
    for (id, fact) in facts.of(&budget::KIND).take(MOST_SELECTORS) {
        let asked = labels(fact, budget::selector);
        if asked.is_empty() {
            continue;
        }
        let guarded = beside(links, fact, budget::namespace).into_iter();
        let guarded = guarded.filter(|p| p.selected(&asked) == Some(true));
        found.extend(guarded.map(|p| ("guards", id, p.id)));
    }
    for (relation, from, to) in found {
        links.add(relation, Link { from, to, assumed: None });
    }
    for (id, name, label) in missed {
        let fact = facts.get_mut(id);
        fact.derive(service::missed, Value::text(name));
        fact.set(service::missed_label, label);
    }
    ports(facts, links);
    share_dns(facts, index, links);
}

/// The workload that a service which leads nowhere most likely means: it bears the service's name and lies beside it.
fn near_miss(
    sources: &Sources,
    facts: &Facts,
    service: &Fact,
    asked: &[Label],
    here: &[&Pods],
) -> Option<(String, Said)> {
    let directory = |fact: &Fact| sources.get(fact.span.file).directory().to_owned();
    let mut named = here.iter().map(|p| facts.get(p.id)).filter(|w| {
        w.text(workload::name) == service.text(service::name) && directory(w) == directory(service)
    });
    let (Some(workload), None) = (named.next(), named.next()) else { return None };
    let Value::List(said) = &workload.get(workload::labels)?.value else { return None };
    let differs = |said: &&Said| {
        let text = said.value.to_string();
        let Some((key, value)) = text.split_once('=') else { return false };
        asked.iter().any(|(k, v)| **k == *key && **v != *value)
    };
    let label = said.iter().find(differs).or(said.first())?.clone();
    Some((workload.text(workload::name)?.to_owned(), label))
}

/// What is known of the ports of the containers that a service leads to.
#[derive(Default)]
struct Listed {
    numbers: Vec<i64>,
    names: Vec<String>,
    named: BTreeMap<String, i64>,
    /// Every container names ports, all with numbers.
    known: bool,
    /// Texts in which a number may say what is listened on.
    hints: Vec<String>,
}

/// The facts of a kind by the record that a field of theirs holds.
fn by_record(facts: &Facts, kind: &'static Kind, field: Field) -> BTreeMap<FactId, Vec<FactId>> {
    let mut out: BTreeMap<FactId, Vec<FactId>> = BTreeMap::new();
    for (id, fact) in facts.of(kind) {
        if let Some(owner) = record(fact, field) {
            out.entry(owner).or_default().push(id);
        }
    }
    out
}

impl Listed {
    fn add(&mut self, other: &Listed) {
        self.numbers.extend(&other.numbers);
        self.names.extend(other.names.iter().cloned());
        self.named.extend(other.named.iter().map(|(k, v)| (k.clone(), *v)));
        self.hints.extend(other.hints.iter().cloned());
        self.known &= other.known;
    }
}

/// What is known of the ports of each workload's containers.
fn listed(facts: &Facts) -> BTreeMap<FactId, Listed> {
    let containers = by_record(facts, &container::KIND, container::workload);
    let probes = by_record(facts, &probe::KIND, probe::container);
    let variables = by_record(facts, &variable::KIND, variable::container);
    let mut out = BTreeMap::new();
    for (id, workload) in facts.of(&workload::KIND) {
        let mut listed = Listed {
            known: workload.bool(workload::template) == Some(false)
                && workload.text(workload::kind) != Some("RabbitmqCluster"),
            ..Listed::default()
        };
        for container in containers.get(&id).into_iter().flatten() {
            let fact = facts.get(*container);
            let (ports, names) = (numbers(fact, container::ports), texts(fact, container::port_names));
            if fact.bool(container::init) != Some(true) {
                listed.known &= fact.bool(container::ports_known) == Some(true);
            }
            if ports.len() == names.len() {
                listed.named.extend(names.iter().zip(&ports).map(|(n, p)| ((*n).to_owned(), *p)));
            }
            listed.numbers.extend(ports);
            listed.names.extend(names.into_iter().map(str::to_owned));
            listed.hints.extend(fact.text(container::command).map(str::to_owned));
            let asked =
                probes.get(container).into_iter().flatten().filter_map(|p| facts.get(*p).int(probe::port));
            listed.hints.extend(asked.map(|p| p.to_string()));
            let values = variables.get(container).into_iter().flatten();
            listed
                .hints
                .extend(values.filter_map(|v| facts.get(*v).text(variable::value)).map(str::to_owned));
        }
        out.insert(id, listed);
    }
    out
}

/// Says of each service's ports whether a container that it leads to names them.
fn ports(facts: &mut Facts, links: &Links) {
    let by_workload = listed(facts);
    let mut changes: Vec<(FactId, Field, Value)> = Vec::new();
    for (id, fact) in facts.of(&service_port::KIND) {
        let Some(service) = record(fact, service_port::service) else { continue };
        let mut led = links.from("leads_to", service).filter_map(|l| by_workload.get(&l.to)).peekable();
        if led.peek().is_none() {
            continue;
        }
        let mut listed = Listed { known: true, ..Listed::default() };
        led.for_each(|more| listed.add(more));
        listed.numbers.sort_unstable();
        listed.numbers.dedup();
        listed.names.sort_unstable();
        listed.names.dedup();
        let known = match (fact.text(service_port::target_name), fact.int(service_port::target)) {
            (Some(name), _) => {
                if let Some(port) = listed.named.get(name) {
                    changes.push((id, service_port::target, Value::Int(*port)));
                }
                listed.names.iter().any(|n| n == name).then_some(true).or(listed.known.then_some(false))
            }
            (None, Some(port)) if listed.numbers.contains(&port) => Some(true),
            (None, Some(port)) => {
                let digits = port.to_string();
                let hinted = listed.hints.iter().any(|h| h.contains(&digits));
                (listed.known && !hinted).then_some(false)
            }
            _ => None,
        };
        let Some(known) = known else { continue };
        changes.push((id, service_port::target_listed, Value::Bool(known)));
        let list =
            |items: Vec<Value>| Value::List(items.into_iter().map(|v| Said::derived(v, None)).collect());
        changes.push((id, service_port::listed, list(listed.numbers.into_iter().map(Value::Int).collect())));
        let names = listed.names.into_iter().map(Value::text).collect();
        changes.push((id, service_port::listed_names, list(names)));
    }
    for (id, field, value) in changes {
        facts.get_mut(id).derive(field, value);
    }
}

/// Where one policy lets pods ask for names, another one need not.
fn share_dns(facts: &mut Facts, index: &Index, links: &Links) {
    let groups: BTreeSet<u32> =
        facts.of(&network_policy::KIND).map(|(_, f)| links.number(f.span.file)).collect();
    for group in groups {
        let here = index.here(&network_policy::KIND, group);
        let asks = |id: &FactId| facts.get(*id).bool(network_policy::egress_dns);
        if !here.iter().any(|id| asks(id) == Some(true)) {
            continue;
        }
        let silent: Vec<FactId> = here.iter().copied().filter(|id| asks(id) == Some(false)).collect();
        for id in silent {
            facts.get_mut(id).derive(network_policy::egress_dns, Value::Bool(true));
        }
    }
}
