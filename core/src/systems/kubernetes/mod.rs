//! Kubernetes manifests, plain or as Helm templates: workloads and their containers, services, and the
//! configurations that config maps and secrets carry.

mod carrier;
mod cluster;
mod container;
pub mod helm;
mod hops;
pub(crate) mod ingress;
mod policy;
mod service;
mod strimzi;
mod tls;
mod workload;

use crate::facts::kinds::kubernetes::{budget, hpa};
use crate::facts::{Fact, Value};
use crate::source::{Source, View};
use crate::syntax::{Data, Node, Notice, template, yaml};

use super::carriers::tree::{self, TreeContext};
use super::containers::nodes;
use super::{FileKind, Match, Reading, carriers, prometheus};

/// Kubernetes manifests.
pub static KUBERNETES: FileKind =
    FileKind { name: "kubernetes", doc: "Kubernetes manifests and Helm templates of them", recognise, read };

fn recognise(source: &Source) -> Match {
    let text = carriers::beginning(&source.text);
    let name = source.base_name();
    if !text.contains("apiVersion") && !text.contains("kind") {
        return Match::No;
    }
    let mut version = false;
    let mut kind = false;
    for line in text.lines() {
        version |= line.starts_with("apiVersion:") || line.trim_start().starts_with("\"apiVersion\":");
        kind |= line.starts_with("kind:") || line.trim_start().starts_with("\"kind\":");
    }
    let yaml =
        carriers::has_ending(name, &["yml", "yaml", "json", "tpl", "j2", "template"]) || !name.contains('.');
    if version && kind && yaml { Match::Sure } else { Match::No }
}

/// The objects of a manifest, those in lists taken out, with the notices of the parser.
pub fn documents<'v>(view: &'v View<'_>) -> (Vec<Node<'v>>, Vec<Notice>) {
    let (documents, notices) = yaml::parse(view);
    let mut objects = Vec::new();
    for document in documents {
        let list = document.get("kind").and_then(Node::text).is_some_and(|k| k.ends_with("List"));
        match (list, document) {
            (true, Node { data: Data::Map(entries), .. }) => {
                let items = entries.into_iter().filter(|e| e.key.view.text == "items");
                for entry in items {
                    if let Data::Seq(items) = entry.value.data {
                        objects.extend(items);
                    }
                }
            }
            (_, document) => objects.push(document),
        }
    }
    (objects, notices)
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (objects, notices) = documents(view);
    // A chart's manifests are templates; whoever lints them knows.
    out.notices.extend(notices.into_iter().filter(|n| n.message != template::NOTICE));
    // Of a template it is not known what it adds where nothing was read.
    let template = view.text.contains("{{");
    strimzi::read(&objects, template, out);
    objects.iter().for_each(|o| object(o, template, out));
}

/// Name and namespace of an object.
fn identity(object: &Node<'_>) -> (Option<String>, Option<String>) {
    let of = |key: &str| object.at(&["metadata", key]).and_then(nodes::text);
    (of("name"), of("namespace"))
}

fn object(object: &Node<'_>, template: bool, out: &mut Reading) {
    let Some(kind) = object.get("kind").and_then(Node::text) else { return };
    let (name, _) = identity(object);
    match kind {
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "ReplicationController"
        | "Job"
        | "CronJob"
        | "Pod" => {
            workload::read(object, kind, template, out);
        }
        "Service" => service::read(object, template, out),
        "NetworkPolicy" => policy::read(object, template, out),
        "Namespace" => policy::read_namespace(object, template, out),
        "HorizontalPodAutoscaler" => autoscaler(object, out),
        "PodDisruptionBudget" => disruption_budget(object, out),
        "DestinationRule" => hops::destination(object, template, out),
        "KafkaTopic" => super::kafka::topics::object(object, out),
        "BackendConfig" => ingress::backend_config(object, template, out),
        "EnvoyFilter" => ingress::filter(object, template, out),
        "Ingress" => {
            ingress::read(object, template, out);
            tls::ingress(object, out);
        }
        "VirtualService" => hops::routes(object, out),
        "Gateway" => tls::gateway(object, out),
        "ConfigMap" | "Secret" => {
            if kind == "ConfigMap" {
                hops::tcp_services(object, template, out);
            }
            return carrier::read(object, kind == "Secret", name.as_deref(), out);
        }
        "PrometheusRule" => {
            if let Some(spec) = object.get("spec") {
                prometheus::operated(spec, out);
            }
            return;
        }
        "RabbitmqCluster" => return cluster::read(object, name.as_deref(), out),
        // Schemas hold no settings, only words about them.
        "CustomResourceDefinition" => return,
        _ => {}
    }
    let context = TreeContext { expands: Some(false), carrier: name.as_deref(), skip_environment: true };
    tree::scan(object, &context, out);
}

fn autoscaler(object: &Node<'_>, out: &mut Reading) {
    let key = object.get("kind").map_or(object.span, |k| k.span);
    let mut fact = Fact::new(&hpa::KIND, key);
    nodes::put_text(&mut fact, hpa::name, object.at(&["metadata", "name"]));
    nodes::put_text(&mut fact, hpa::namespace, object.at(&["metadata", "namespace"]));
    nodes::put_text(&mut fact, hpa::target_kind, object.at(&["spec", "scaleTargetRef", "kind"]));
    nodes::put_text(&mut fact, hpa::target, object.at(&["spec", "scaleTargetRef", "name"]));
    nodes::put_int(&mut fact, hpa::min_replicas, object.at(&["spec", "minReplicas"]));
    nodes::put_int(&mut fact, hpa::max_replicas, object.at(&["spec", "maxReplicas"]));
    if fact.get(hpa::min_replicas).is_none() {
        fact.set(hpa::min_replicas, crate::facts::Said::default(Value::Int(1), "Kubernetes"));
    }
    out.facts.add(fact);
}

fn disruption_budget(object: &Node<'_>, out: &mut Reading) {
    let mut fact = Fact::new(&budget::KIND, object.get("kind").map_or(object.span, nodes::span));
    nodes::put_text(&mut fact, budget::name, object.at(&["metadata", "name"]));
    nodes::put_text(&mut fact, budget::namespace, object.at(&["metadata", "namespace"]));
    nodes::put_assignments(&mut fact, budget::selector, object.at(&["spec", "selector", "matchLabels"]));
    for (count, percent, key) in [
        (budget::min_available, budget::min_available_percent, "minAvailable"),
        (budget::max_unavailable, budget::max_unavailable_percent, "maxUnavailable"),
    ] {
        let node = object.at(&["spec", key]);
        nodes::put_int(&mut fact, count, node);
        nodes::put(&mut fact, percent, node, |t| t.trim().strip_suffix('%')?.parse().ok().map(Value::Int));
    }
    out.facts.add(fact);
}

#[cfg(test)]
mod tests;
