//! Strimzi's objects: Kafka clusters, their listeners, users, Connect and MirrorMaker.

use std::collections::{BTreeMap, BTreeSet};

use super::identity;
use crate::facts::kinds::kafka::flow;
use crate::facts::kinds::strimzi::{cluster, listener, user};
use crate::facts::{Fact, Said, Value, Version};
use crate::nearest::nearest;
use crate::syntax::{Node, Scalar};
use crate::systems::Reading;
use crate::systems::containers::nodes;
use crate::systems::kafka::{self, topics::OF_CLUSTER};

/// True for an object of Strimzi.
fn ours(object: &Node<'_>) -> bool {
    object.get("apiVersion").and_then(Node::text).is_some_and(|v| v.starts_with("kafka.strimzi.io/"))
}

/// Reads the operator's objects of a manifest; `template` if a template may add to them.
pub(super) fn read(objects: &[Node<'_>], template: bool, out: &mut Reading) {
    let ours: Vec<(&str, &Node<'_>)> = objects
        .iter()
        .filter(|o| ours(o))
        .filter_map(|o| Some((o.get("kind").and_then(Node::text)?, o)))
        .collect();
    let mut pools: BTreeMap<String, Vec<&Node<'_>>> = BTreeMap::new();
    for (_, pool) in ours.iter().filter(|(kind, _)| *kind == "KafkaNodePool") {
        pools.entry(cluster_of(pool).unwrap_or_default()).or_default().push(pool);
    }
    for (kind, object) in ours {
        match kind {
            "Kafka" => {
                let pools = identity(object).0.and_then(|n| pools.get(&n)).map_or(&[][..], Vec::as_slice);
                of_cluster(object, pools, template, out);
            }
            "KafkaUser" => of_user(object, out),
            "KafkaConnect" => connect(object, template, out),
            "KafkaConnector" => connector(object, template, out),
            "KafkaMirrorMaker2" => mirror(object, template, out),
            _ => {}
        }
    }
}

fn cluster_of(object: &Node<'_>) -> Option<String> {
    object.at(&["metadata", "labels", OF_CLUSTER]).and_then(nodes::text)
}

fn head(object: &Node<'_>) -> crate::source::Span {
    object.get("kind").map_or(object.span, nodes::span)
}

fn of_cluster(object: &Node<'_>, pools: &[&Node<'_>], template: bool, out: &mut Reading) {
    let Some(spec) = object.at(&["spec", "kafka"]) else { return };
    let name = identity(object).0;
    let mut fact = Fact::new(&cluster::KIND, head(object));
    nodes::put_text(&mut fact, cluster::name, object.at(&["metadata", "name"]));
    nodes::put(&mut fact, cluster::version, spec.get("version"), |t| Version::parse(t).map(Value::Version));
    let serves = |pool: &&&Node<'_>| {
        pool.at(&["spec", "roles"]).is_some_and(|r| r.items().iter().any(|i| i.text() == Some("broker")))
    };
    let count = |n: &Node<'_>| n.scalar().and_then(Scalar::as_int);
    let counts = pools.iter().filter(serves).map(|p| p.at(&["spec", "replicas"]).and_then(count));
    let brokers: Option<i64> = match pools {
        [] => spec.get("replicas").and_then(count),
        _ => counts.sum(),
    };
    if let Some(brokers) = brokers.filter(|_| !template) {
        let at = spec.get("replicas").map(nodes::span);
        fact.set(cluster::brokers, Said::derived(Value::Int(brokers), at));
    }
    let mut storages: Vec<&Node<'_>> = pools.iter().filter_map(|p| p.at(&["spec", "storage"])).collect();
    storages.extend(spec.get("storage"));
    for storage in storages {
        let volumes = storage.get("volumes").map_or(&[][..], Node::items);
        for volume in std::iter::once(storage).chain(volumes) {
            if let Some(kind) = volume.get("type").filter(|k| k.text() == Some("ephemeral")) {
                fact.set(cluster::ephemeral, Said::derived(Value::Bool(true), Some(kind.span)));
            }
            if let Some(claim) = volume.get("deleteClaim").filter(|c| nodes::boolean(c) == Some(true)) {
                fact.set(cluster::deletes_claims, Said::derived(Value::Bool(true), Some(claim.span)));
            }
        }
    }
    nodes::put_text(&mut fact, cluster::authorization, spec.at(&["authorization", "type"]));
    let checked = spec.get("authorization").is_some();
    if !template {
        fact.derive(cluster::authorization_off, Value::Bool(!checked));
    }
    out.facts.add(fact);
    listeners(spec, name.as_deref(), out);
    if let Some(config) = spec.get("config") {
        kafka::operated_broker(config, brokers, template, out);
    }
}

/// Ports that the operator keeps for itself, and the first one it gives away (ListenersValidator).
const RESERVED_PORTS: [i64; 2] = [9404, 9999];
const FIRST_PORT: i64 = 9092;
/// The longest name of a listener.
const MAX_NAME: usize = 11;

fn listeners(spec: &Node<'_>, cluster: Option<&str>, out: &mut Reading) {
    let Some(all) = spec.get("listeners") else { return };
    let mut names = BTreeSet::new();
    for one in all.items() {
        let Some(key) = one.get("name") else { continue };
        let mut fact = Fact::new(&listener::KIND, nodes::span(key));
        if let Some(cluster) = cluster {
            fact.derive(listener::cluster, Value::text(cluster));
        }
        nodes::put_text(&mut fact, listener::name, Some(key));
        nodes::put_int(&mut fact, listener::port, one.get("port"));
        nodes::put_text(&mut fact, listener::reached_by, one.get("type"));
        nodes::put_bool(&mut fact, listener::tls, one.get("tls"));
        nodes::put_text(&mut fact, listener::authentication, one.at(&["authentication", "type"]));
        let by = fact.text(listener::reached_by).unwrap_or_default().to_owned();
        let outside = ["nodeport", "loadbalancer", "route", "ingress"].contains(&by.as_str());
        fact.derive(listener::outside, Value::Bool(outside));
        let name = fact.text(listener::name).unwrap_or_default().to_owned();
        let port = fact.int(listener::port);
        let clear = fact.bool(listener::tls) == Some(false);
        let well_named = !name.is_empty()
            && name.len() <= MAX_NAME
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let reason = if name.contains(['{', '$']) {
            None
        } else if !well_named {
            Some(format!("a listener's name is 1 to {MAX_NAME} small letters and digits"))
        } else if !names.insert(name.clone()) {
            Some(format!("two listeners are called `{name}`"))
        } else if port.is_some_and(|p| p < FIRST_PORT || RESERVED_PORTS.contains(&p)) {
            Some("ports below 9092, and 9404 and 9999, are kept for the operator".to_owned())
        } else if clear && (by == "route" || by == "ingress") {
            Some(format!("a listener of type `{by}` needs TLS"))
        } else if clear && fact.text(listener::authentication) == Some("tls") {
            Some("clients cannot show certificates without TLS".to_owned())
        } else {
            None
        };
        if let Some(reason) = reason {
            fact.derive(listener::reason, Value::text(reason));
        }
        out.facts.add(fact);
    }
}

fn of_user(object: &Node<'_>, out: &mut Reading) {
    let mut fact = Fact::new(&user::KIND, head(object));
    nodes::put_text(&mut fact, user::name, object.at(&["metadata", "name"]));
    nodes::put_text(&mut fact, user::cluster, object.at(&["metadata", "labels", OF_CLUSTER]));
    nodes::put_text(&mut fact, user::authorization, object.at(&["spec", "authorization", "type"]));
    nodes::put_text(&mut fact, user::authentication, object.at(&["spec", "authentication", "type"]));
    let acls = object.at(&["spec", "authorization", "acls"]).map_or(&[][..], Node::items);
    for acl in acls {
        let says = |key: &str, value: &str| {
            acl.get(key).is_some_and(|n| {
                n.text().is_some_and(|t| t.eq_ignore_ascii_case(value))
                    || n.items().iter().any(|i| i.text().is_some_and(|t| t.eq_ignore_ascii_case(value)))
            })
        };
        let all = says("operations", "All") || says("operation", "All");
        let everything = acl.at(&["resource", "name"]).and_then(Node::text) == Some("*");
        if all && everything && !says("type", "deny") {
            fact.set(user::may_all, Said::derived(Value::Bool(true), Some(acl.span)));
        }
    }
    out.facts.add(fact);
}

fn connect(object: &Node<'_>, template: bool, out: &mut Reading) {
    if let Some(config) = object.at(&["spec", "config"]) {
        kafka::operated_worker(config, None, template, out);
    }
}

fn connector(object: &Node<'_>, template: bool, out: &mut Reading) {
    if let (Some(config), Some(class)) = (object.at(&["spec", "config"]), object.at(&["spec", "class"])) {
        kafka::operated_worker(config, Some(class), template, out);
    }
}

fn mirror(object: &Node<'_>, template: bool, out: &mut Reading) {
    let Some(clusters) = object.at(&["spec", "clusters"]) else { return };
    let aliases: Vec<String> =
        clusters.items().iter().filter_map(|c| c.get("alias").and_then(nodes::text)).collect();
    let mirrors = object.at(&["spec", "mirrors"]).map_or(&[][..], Node::items);
    for one in mirrors {
        let (Some(source), Some(target)) = (one.get("sourceCluster"), one.get("targetCluster")) else {
            continue;
        };
        let mut fact = Fact::new(&flow::KIND, nodes::span(source));
        nodes::put_text(&mut fact, flow::source, Some(source));
        nodes::put_text(&mut fact, flow::target, Some(target));
        fact.derive(flow::enabled, Value::Bool(true));
        let unknown = [source, target].into_iter().find(|n| {
            nodes::text(n).is_some_and(|a| !aliases.contains(&a) && !template && !a.contains(['{', '$']))
        });
        if let Some(unknown) = unknown
            && let Some(name) = nodes::text(unknown)
        {
            fact.write(flow::unknown_alias, Value::text(&name), nodes::span(unknown));
            if let Some(near) = nearest(&name, aliases.iter().map(String::as_str)) {
                fact.derive(flow::nearest, Value::text(near));
            }
        }
        out.facts.add(fact);
    }
}
