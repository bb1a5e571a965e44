//! Balancers and ingress controllers: what other files say of the ways through them.

use std::collections::BTreeMap;

use crate::facts::kinds::container::variable;
use crate::facts::kinds::proxy::path;
use crate::facts::{FactId, Facts, Said, Value};
use crate::systems::containers::quantities;

use super::Links;

/// The option of ingress-nginx that says how long a silent TCP connection is kept.
const STREAM_TIMEOUT: &str = "proxy-stream-timeout";

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
