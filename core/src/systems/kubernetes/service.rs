//! Services: the names and ports under which pods are dialled.

use crate::facts::kinds::kubernetes::{service, service_port};
use crate::facts::{Fact, Said, Value};
use crate::syntax::Node;
use crate::systems::Reading;
use crate::systems::containers::{nodes, quantities};

use super::{hops, ingress};

/// Annotations that set the idle timeout of a load balancer, and what their number counts: seconds, or minutes.
/// Sources: kubernetes/cloud-provider-aws, kubernetes-sigs/cloud-provider-azure ("tcp-idle-timeout", minutes),
/// the annotation tables of the OpenStack and Scaleway cloud controllers (milliseconds, durations).
const IDLE_TIMEOUTS: &[(&str, Unit)] = &[
    ("service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout", Unit::Seconds),
    ("service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout", Unit::Minutes),
    ("loadbalancer.openstack.org/timeout-client-data", Unit::Milliseconds),
    ("service.beta.kubernetes.io/scw-loadbalancer-timeout-server", Unit::Written),
    ("service.beta.kubernetes.io/do-loadbalancer-http-idle-timeout-seconds", Unit::Seconds),
];

#[derive(Clone, Copy)]
enum Unit {
    Milliseconds,
    Seconds,
    Minutes,
    /// It stands behind the number.
    Written,
}

/// Annotations that keep a load balancer inside, and the values that do.
const INTERNAL: &[(&str, &[&str])] = &[
    ("service.beta.kubernetes.io/aws-load-balancer-internal", &["true", "0.0.0.0/0"]),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", &["internal"]),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", &["true"]),
    ("networking.gke.io/load-balancer-type", &["Internal"]),
    ("cloud.google.com/load-balancer-type", &["Internal", "internal"]),
    ("service.beta.kubernetes.io/openstack-internal-load-balancer", &["true"]),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", &["true"]),
    ("load-balancer.hetzner.cloud/disable-public-network", &["true"]),
];

pub(super) fn read(object: &Node<'_>, template: bool, out: &mut Reading) {
    let span = object.get("kind").map_or(object.span, nodes::span);
    let mut fact = Fact::new(&service::KIND, span);
    fact.derive(service::template, Value::Bool(template));
    nodes::put_text(&mut fact, service::name, object.at(&["metadata", "name"]));
    nodes::put_text(&mut fact, service::namespace, object.at(&["metadata", "namespace"]));
    let written = object.at(&["spec", "type"]);
    nodes::put_text(&mut fact, service::sort, written);
    if written.is_none() {
        fact.set(service::sort, Said::default(Value::text("ClusterIP"), "Kubernetes"));
    }
    let address = object.at(&["spec", "clusterIP"]);
    if let Some(address) = address {
        fact.write(service::headless, Value::Bool(address.text() == Some("None")), nodes::span(address));
    }
    nodes::put_assignments(&mut fact, service::selector, object.at(&["spec", "selector"]));
    let annotations = object.at(&["metadata", "annotations"]);
    nodes::put_assignments(&mut fact, service::annotations, annotations);
    annotate(&mut fact, annotations);
    if let Some(said) = ingress::backend_configs(annotations) {
        fact.set(service::backend_configs, said);
    }
    let balancer = hops::balancer(object);
    if let Some(balancer) = balancer {
        fact.derive(service::balancer, Value::text(balancer.name));
    }
    // external-dns: the names that it gives to the balancer, separated by commas.
    if let Some(names) = annotations.and_then(|a| a.get("external-dns.alpha.kubernetes.io/hostname"))
        && let Some(text) = nodes::text(names)
    {
        let at = nodes::span(names);
        let each = text.split(',').map(str::trim).filter(|n| !n.is_empty());
        let said = each.map(|n| Said::written(Value::text(n.trim_end_matches('.')), at)).collect();
        fact.write(service::outer_names, Value::List(said), at);
    }
    let ranges = object.at(&["spec", "loadBalancerSourceRanges"]);
    let open = |i: &Node<'_>| matches!(i.text(), Some("0.0.0.0/0" | "::/0"));
    let limited = ranges.is_some_and(|r| !r.items().is_empty() && !r.items().iter().any(open));
    fact.derive(service::has_source_ranges, Value::Bool(limited));
    let affinity = object.at(&["spec", "sessionAffinity"]).and_then(nodes::text);
    fact.derive(service::sticky, Value::Bool(affinity.as_deref() == Some("ClientIP")));
    nodes::put_text(&mut fact, service::external_name, object.at(&["spec", "externalName"]));
    nodes::put_bool(
        &mut fact,
        service::publishes_not_ready,
        object.at(&["spec", "publishNotReadyAddresses"]),
    );
    let ports = object.at(&["spec", "ports"]).map(Node::items).unwrap_or_default();
    let numbers = ports.iter().filter_map(|p| {
        let port = p.get("port")?;
        Some((nodes::text(port)?.trim().parse().ok()?, nodes::span(port)))
    });
    nodes::put_ints(&mut fact, service::ports, numbers.collect(), span);
    let name = fact.get(service::name).cloned();
    let sort = fact.get(service::sort).cloned();
    // A type that a template decides says nothing about who may dial it.
    let world = match fact.text(service::sort) {
        Some("LoadBalancer") => Some(fact.bool(service::internal) != Some(true) && !limited),
        Some("NodePort") => Some(true),
        Some(_) => Some(false),
        None => None,
    };
    let balancer = balancer.filter(|_| fact.text(service::sort) == Some("LoadBalancer"));
    let whole = fact.clone();
    let id = out.facts.add(fact);
    for node in ports {
        let mut fact = Fact::new(&service_port::KIND, node.get("port").map_or(node.span, nodes::span));
        fact.derive(service_port::service, Value::Record(id));
        for (field, said) in [(service_port::service_name, &name), (service_port::sort, &sort)] {
            if let Some(said) = said {
                fact.set(field, said.clone());
            }
        }
        port(&mut fact, node);
        if let Some(world) = world {
            fact.derive(service_port::to_world, Value::Bool(world));
        }
        let hop = balancer.and_then(|b| hops::through_balancer(object, &whole, &fact, b));
        out.facts.add(fact);
        if let Some(hop) = hop {
            out.facts.add(hop);
        }
    }
}

fn port(fact: &mut Fact, node: &Node<'_>) {
    nodes::put_text(fact, service_port::name, node.get("name"));
    nodes::put_int(fact, service_port::port, node.get("port"));
    nodes::put_int(fact, service_port::node_port, node.get("nodePort"));
    nodes::put_text(fact, service_port::protocol, node.get("protocol"));
    if node.get("protocol").is_none() {
        fact.set(service_port::protocol, Said::default(Value::text("TCP"), "Kubernetes"));
    }
    match node.get("targetPort") {
        Some(target) => {
            nodes::put_int(fact, service_port::target, Some(target));
            if fact.get(service_port::target).is_none() {
                nodes::put_text(fact, service_port::target_name, Some(target));
            }
        }
        None => {
            if let Some(port) = fact.int(service_port::port) {
                fact.set(service_port::target, Said::default(Value::Int(port), "Kubernetes"));
            }
        }
    }
}

fn annotate(fact: &mut Fact, annotations: Option<&Node<'_>>) {
    let Some(annotations) = annotations else { return };
    for (name, unit) in IDLE_TIMEOUTS {
        nodes::put(fact, service::idle_timeout, annotations.get(name), |t| {
            let scale = match unit {
                Unit::Milliseconds => 1,
                Unit::Seconds => 1_000,
                Unit::Minutes => 60_000,
                Unit::Written => return quantities::go_duration(t).map(Value::Duration),
            };
            t.trim().parse::<i64>().ok()?.checked_mul(scale).map(Value::Duration)
        });
    }
    for (name, values) in INTERNAL {
        let Some(node) = annotations.get(name) else { continue };
        if let Some(text) = nodes::text(node) {
            fact.write(service::internal, Value::Bool(values.contains(&text.as_str())), nodes::span(node));
        }
    }
}
