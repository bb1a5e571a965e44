//! What speaks on a silent connection to a data store: a pool that tries its idle connections, a kernel that probes.

use std::collections::BTreeMap;

use crate::facts::kinds::{host::sysctl, pool::hikari, store::uri};
use crate::facts::{FactId, Facts, Field, Said, Value};
use crate::source::FileId;

use super::Links;
use super::names::record;

/// The key of the kernel that says after how much silence it begins to probe.
const KERNEL_KEY: &str = "net.ipv4.tcp_keepalive_time";

/// Gives connections to stores the pool of their file and the kernel of their container or host, where there is one
/// only.
pub(super) fn complete(facts: &mut Facts, links: &Links) {
    let mut pools: BTreeMap<FileId, Option<Said>> = BTreeMap::new();
    for (_, pool) in facts.of(&hikari::KIND) {
        let said = pool.get(hikari::keepalive_time).filter(|_| pool.int(hikari::keepalive_time) > Some(0));
        let said = said.cloned();
        pools.entry(pool.span.file).and_modify(|s| *s = None).or_insert(said);
    }
    // Those of hosts have no home.
    let mut kernels: BTreeMap<(u32, Option<FactId>), Vec<FactId>> = BTreeMap::new();
    for (id, kernel) in facts.of(&sysctl::KIND) {
        let home = record(kernel, sysctl::service).or_else(|| record(kernel, sysctl::workload));
        kernels.entry((links.number(kernel.span.file), home)).or_default().push(id);
    }
    let mut changes: Vec<(FactId, Field, Said)> = Vec::new();
    for (id, fact) in facts.of(&uri::KIND) {
        if let Some(Some(said)) = pools.get(&fact.span.file) {
            changes.push((id, uri::pool_asks_every, said.clone()));
        }
        let group = links.number(fact.span.file);
        let mut homes: Vec<Option<FactId>> = links.from("lives_in", id).map(|home| Some(home.to)).collect();
        if homes.is_empty() {
            homes.push(None);
        }
        let kernels: Vec<FactId> =
            homes.iter().filter_map(|home| kernels.get(&(group, *home))).flatten().copied().collect();
        if let [kernel] = kernels[..]
            && let Some(said) = facts.get(kernel).setting(KERNEL_KEY)
            && matches!(said.value, Value::Duration(_))
        {
            changes.push((id, uri::kernel_asks_after, said.clone()));
        }
    }
    for (id, field, said) in changes {
        facts.get_mut(id).set(field, said);
    }
}
