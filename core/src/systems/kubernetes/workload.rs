//! Objects that run pods.

use crate::facts::kinds::{host, kubernetes::workload};
use crate::facts::{Fact, FactId, Said, Value};
use crate::syntax::Node;
use crate::systems::Reading;
use crate::systems::containers::images::Image;
use crate::systems::containers::nodes;
use crate::systems::limits::sysctl;

use super::container::{self, Of};

/// The pod's specification and metadata in an object of this kind.
fn pod<'n, 'a>(object: &'n Node<'a>, kind: &str) -> (Option<&'n Node<'a>>, Option<&'n Node<'a>>) {
    let template = match kind {
        "Pod" => Some(object),
        "CronJob" => object.at(&["spec", "jobTemplate", "spec", "template"]),
        _ => object.at(&["spec", "template"]),
    };
    (template.and_then(|t| t.get("spec")), template.and_then(|t| t.get("metadata")))
}

pub(super) fn read(object: &Node<'_>, kind: &str, template: bool, out: &mut Reading) {
    let (spec, metadata) = pod(object, kind);
    let Some(spec) = spec else { return };
    let mut fact = fact(object, kind, spec, metadata);
    fact.derive(workload::template, Value::Bool(template));
    let kernel = fact.get(workload::sysctls).and_then(sysctl::of_container);
    let id = out.facts.add(fact);
    if let Some(mut kernel) = kernel {
        kernel.derive(host::sysctl::workload, Value::Record(id));
        out.facts.add(kernel);
    }
    let name = object.at(&["metadata", "name"]).and_then(nodes::text);
    let of = Of { workload: id, kind, name: name.as_deref() };
    for (key, init) in [("initContainers", true), ("containers", false)] {
        for node in spec.get(key).map(Node::items).unwrap_or_default() {
            container::read(node, &of, init, out);
        }
    }
}

fn fact(object: &Node<'_>, kind: &str, spec: &Node<'_>, metadata: Option<&Node<'_>>) -> Fact {
    let span = object.get("kind").map_or(object.span, nodes::span);
    let mut fact = Fact::new(&workload::KIND, span);
    fact.write(workload::kind, Value::text(kind), span);
    nodes::put_text(&mut fact, workload::name, object.at(&["metadata", "name"]));
    nodes::put_text(&mut fact, workload::namespace, object.at(&["metadata", "namespace"]));
    nodes::put_int(&mut fact, workload::replicas, object.at(&["spec", "replicas"]));
    let scaled = matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet");
    if scaled && object.at(&["spec", "replicas"]).is_none() {
        fact.set(workload::replicas, Said::default(Value::Int(1), "Kubernetes"));
    }
    nodes::put_assignments(&mut fact, workload::labels, metadata.and_then(|m| m.get("labels")));
    let grace = spec.get("terminationGracePeriodSeconds");
    nodes::put_seconds(&mut fact, workload::termination_grace_period, grace);
    if grace.is_none() {
        // Kubernetes API, PodSpec: "Defaults to 30 seconds".
        fact.set(workload::termination_grace_period, Said::default(Value::Duration(30_000), "Kubernetes"));
    }
    let account = spec.get("serviceAccountName").or_else(|| spec.get("serviceAccount"));
    nodes::put_text(&mut fact, workload::service_account, account);
    nodes::put_bool(&mut fact, workload::host_network, spec.get("hostNetwork"));
    nodes::put_text(&mut fact, workload::service_name, object.at(&["spec", "serviceName"]));
    let strategy = object.at(&["spec", "strategy", "type"]);
    nodes::put_text(
        &mut fact,
        workload::strategy,
        strategy.or_else(|| object.at(&["spec", "updateStrategy", "type"])),
    );
    nodes::put_text(&mut fact, workload::pod_management, object.at(&["spec", "podManagementPolicy"]));
    if kind == "StatefulSet" && object.at(&["spec", "podManagementPolicy"]).is_none() {
        fact.set(workload::pod_management, Said::default(Value::text("OrderedReady"), "Kubernetes"));
    }
    let claims = object.at(&["spec", "volumeClaimTemplates"]).is_some_and(|v| !v.items().is_empty());
    let volumes = spec.get("volumes").map(Node::items).unwrap_or_default();
    let claims = claims || volumes.iter().any(|v| v.get("persistentVolumeClaim").is_some());
    fact.derive(workload::has_volume_claims, Value::Bool(claims));
    if let Some(list) = spec.at(&["securityContext", "sysctls"]) {
        let said = list.items().iter().filter_map(|i| {
            let (name, value) = (i.get("name")?, i.get("value")?);
            let text = format!("{}={}", nodes::text(name)?, nodes::text(value)?);
            Some(Said::written(Value::text(text), nodes::span(name).to(nodes::span(value))))
        });
        fact.write(workload::sysctls, Value::List(said.collect()), list.span);
    }
    let containers = spec.get("containers").map(Node::items).unwrap_or_default();
    fact.derive(workload::containers, Value::Int(containers.len() as i64));
    let programs: Vec<Said> = containers
        .iter()
        .filter_map(|c| c.get("image"))
        .filter_map(|i| {
            Some(Said::derived(Value::text(Image::parse(i.text()?).program?.0), Some(nodes::span(i))))
        })
        .collect();
    fact.derive(workload::software, Value::List(programs));
    fact
}

/// A workload that an operator makes from an object of its own.
pub(super) fn operated(object: &Node<'_>, kind: &str, software: &str, out: &mut Reading) -> FactId {
    let span = object.get("kind").map_or(object.span, nodes::span);
    let mut fact = Fact::new(&workload::KIND, span);
    fact.write(workload::kind, Value::text(kind), span);
    nodes::put_text(&mut fact, workload::name, object.at(&["metadata", "name"]));
    nodes::put_text(&mut fact, workload::namespace, object.at(&["metadata", "namespace"]));
    nodes::put_int(&mut fact, workload::replicas, object.at(&["spec", "replicas"]));
    let grace = object.at(&["spec", "terminationGracePeriodSeconds"]);
    nodes::put_seconds(&mut fact, workload::termination_grace_period, grace);
    fact.derive(workload::software, Value::List(vec![Said::derived(Value::text(software), Some(span))]));
    out.facts.add(fact)
}
