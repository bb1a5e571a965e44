//! Balancers and ingress controllers: what other files say of the ways through them.

use std::collections::BTreeMap;

use crate::facts::kinds::container::variable;
use crate::facts::kinds::kubernetes::{service, service_port};
use crate::facts::kinds::proxy::path;
use crate::facts::{FactId, Facts, Said, Value};
use crate::systems::containers::quantities;
use crate::systems::kubernetes::ingress;
use crate::systems::services;

use super::Links;
use super::names::{record, texts};

/// The option of ingress-nginx that says how long a silent TCP connection is kept.
const STREAM_TIMEOUT: &str = "proxy-stream-timeout";

/// Says of the settings of Google Cloud's balancer what the services that name them are known for.
pub(super) fn backends(facts: &mut Facts, links: &Links) {
    let mut settings: BTreeMap<(u32, &str), FactId> = BTreeMap::new();
    for (id, fact) in facts.of(&path::KIND).filter(|(_, f)| f.text(path::program) == Some(ingress::GOOGLE)) {
        if let Some(name) = fact.text(path::name) {
            settings.insert((links.number(fact.span.file), name), id);
        }
    }
    if settings.is_empty() {
        return;
    }
    let mut changes: Vec<(FactId, Said, &'static str)> = Vec::new();
    for (_, port) in facts.of(&service_port::KIND) {
        let Some(service) = record(port, service_port::service).map(|id| facts.get(id)) else { continue };
        let numbers = [service_port::target, service_port::port].map(|field| port.get(field));
        let known = numbers.into_iter().flatten().find_map(|said| match said.value {
            Value::Int(number) => Some((said.clone(), services::service(number)?)),
            _ => None,
        });
        let Some((said, known)) = known else { continue };
        for name in texts(service, service::backend_configs) {
            if let Some(id) = settings.get(&(links.number(port.span.file), name)) {
                changes.push((*id, said.clone(), known));
            }
        }
    }
    for (id, port, known) in changes {
        let fact = facts.get_mut(id);
        fact.set(path::upstream_ports, Said::derived(Value::List(vec![port.clone()]), port.span()));
        fact.derive(path::service, Value::text(known));
    }
}

/// Gives the TCP ports of ingress-nginx the timeout that the controller's own config map sets, if only one does.
pub(super) fn stream_timeouts(facts: &mut Facts, links: &Links) {
    let mut said: BTreeMap<u32, Option<Said>> = BTreeMap::new();
    for (_, fact) in facts.of(&variable::KIND) {
        if fact.text(variable::name) != Some(STREAM_TIMEOUT) {
            continue;
        }
        let Some(value) = fact.get(variable::value) else { continue };
        let time = quantities::go_duration(&value.value.to_string()).map(Value::Duration);
        let time = time.zip(value.span()).map(|(time, at)| Said::written(time, at));
        said.entry(links.number(fact.span.file)).and_modify(|s| *s = None).or_insert(time);
    }
    let changes: Vec<(FactId, Said)> = facts
        .of(&path::KIND)
        .filter(|(_, fact)| fact.text(path::program) == Some("ingress-nginx"))
        .filter_map(|(id, fact)| Some((id, said.get(&links.number(fact.span.file))?.clone()?)))
        .collect();
    for (id, time) in changes {
        facts.get_mut(id).set(path::idle_timeout, time);
    }
}
