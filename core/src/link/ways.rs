//! Ways that change nothing of what is dialled: the virtual addresses of Docker Swarm, and the gateways that connections
//! leave a cloud's network by. They forget silent connections, and that is all that a client notices of them.

use crate::facts::kinds::compose::service;
use crate::facts::kinds::proxy::path;
use crate::facts::{Fact, FactId, Facts};
use crate::hosts;
use crate::systems::balancers::{self, SWARM};

use super::{Index, Links};

/// Names of hosted brokers and databases, which lie in their providers' networks.
const HOSTED: &[&str] = &[
    ".cloudamqp.com",
    ".mongodb.net",
    ".aivencloud.com",
    ".confluent.cloud",
    ".redis-cloud.com",
    ".redislabs.com",
    ".upstash.io",
    ".neon.tech",
    ".supabase.co",
    ".hivemq.cloud",
];

/// The virtual address of a service of a stack.
pub(super) fn swarm(facts: &Facts, index: &Index, deployment: u32, of: FactId) -> Option<FactId> {
    let target = facts.get(of);
    index.here(&path::KIND, deployment).iter().copied().find(|id| {
        let way = facts.get(*id);
        way.span.file == target.span.file
            && way.text(path::program) == Some(SWARM.name)
            && way.text(path::name) == target.text(service::name)
    })
}

/// The one gateway of a deployment, for a host that certainly lies outside of its network; and what is assumed.
pub(super) fn nat(facts: &Facts, index: &Index, deployment: u32, host: &str) -> Option<(FactId, String)> {
    let hosted = |host: &str| HOSTED.iter().any(|suffix| host.ends_with(suffix));
    if !hosts::is_public(host) || !hosts::is_ip(host) && !hosted(host) {
        return None;
    }
    let ways = index.here(&path::KIND, deployment).iter().copied();
    let mut ways = ways.filter(|id| facts.get(*id).text(path::program).is_some_and(balancers::is_nat));
    let (Some(way), None) = (ways.next(), ways.next()) else { return None };
    let name = facts.get(way).text(path::name).unwrap_or_default();
    Some((way, format!("the way to `{host}` is taken to leave by the gateway `{name}`")))
}

/// True for a way that whoever goes through it knows nothing of.
pub(super) fn is_transparent(way: &Fact) -> bool {
    way.text(path::program).is_some_and(balancers::is_transparent)
}

/// True if a client goes through a proxy that answers in place of what is behind it.
pub(super) fn is_proxied(facts: &Facts, links: &Links, client: FactId) -> bool {
    links.from("through", client).any(|hop| !is_transparent(facts.get(hop.to)))
}
