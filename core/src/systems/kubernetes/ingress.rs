//! Ingresses: ways through an HTTP balancer or proxy to the services of a cluster; and what Envoy's filters add to a mesh.

use crate::facts::kinds::proxy::path;
use crate::facts::{Fact, Said, Value};
use crate::syntax::Node;
use crate::systems::containers::{nodes, quantities};
use crate::systems::{Reading, services};

/// ingress-nginx, "Annotations": the silence of the server and of the client that it allows, in milliseconds.
const NGINX_MS: i64 = 60_000;

/// AWS, "Application Load Balancers": `idle_timeout.timeout_seconds`, in milliseconds.
const ALB_MS: i64 = 60_000;

/// The program that `proxy.path` names for Google Cloud's HTTP balancer.
pub(crate) const GOOGLE: &str = "Google Cloud's HTTP balancer";

const NGINX: &str = "nginx.ingress.kubernetes.io/";

/// Where AWS's controller has the attributes of its balancer.
const ALB_ATTRIBUTES: &str = "alb.ingress.kubernetes.io/load-balancer-attributes";

/// A controller of ingresses.
#[derive(Clone, Copy, PartialEq)]
enum Controller {
    Nginx,
    Alb,
    Other,
}

/// The controller that an ingress is written for, by its class or its annotations.
fn controller(object: &Node<'_>) -> Controller {
    let annotations = object.at(&["metadata", "annotations"]);
    let class = object.at(&["spec", "ingressClassName"]);
    let class = class.or_else(|| annotations.and_then(|a| a.get("kubernetes.io/ingress.class")));
    let starts = |start: &str| {
        let keys = annotations.map(Node::pairs).unwrap_or_default();
        keys.iter().any(|(key, _)| key.view.text.starts_with(start))
    };
    match class.and_then(nodes::text).as_deref() {
        Some("nginx") => Controller::Nginx,
        Some("alb") => Controller::Alb,
        Some(_) => Controller::Other,
        None if starts(NGINX) => Controller::Nginx,
        None if starts("alb.ingress.kubernetes.io/") => Controller::Alb,
        None => Controller::Other,
    }
}

/// Adds a way for each service that an ingress leads to.
pub(super) fn read(object: &Node<'_>, template: bool, out: &mut Reading) {
    let rules = object.at(&["spec", "rules"]).map(Node::items).unwrap_or_default();
    let backends = rules
        .iter()
        .flat_map(|rule| rule.at(&["http", "paths"]).map(Node::items).unwrap_or_default())
        .filter_map(|path| path.get("backend"))
        .chain(object.at(&["spec", "defaultBackend"]));
    for backend in backends {
        if let Some(fact) = way(object, backend, template) {
            out.facts.add(fact);
        }
    }
}

fn way(object: &Node<'_>, backend: &Node<'_>, template: bool) -> Option<Fact> {
    let controller = controller(object);
    let annotations = object.at(&["metadata", "annotations"]);
    let annotation = |key: &str| annotations.and_then(|a| a.get(key));
    // The form of `networking.k8s.io/v1`, and the one before it.
    let service = backend.at(&["service", "name"]).or_else(|| backend.get("serviceName"))?;
    let port = backend.at(&["service", "port"]);
    let number = port.and_then(|p| p.get("number")).or_else(|| backend.get("servicePort"));
    let at = number.or_else(|| port.and_then(|p| p.get("name"))).unwrap_or(service);
    let mut fact = Fact::new(&path::KIND, nodes::span(at));
    let program = match controller {
        Controller::Nginx => "ingress-nginx",
        Controller::Alb => "AWS ALB",
        Controller::Other => "ingress",
    };
    fact.derive(path::program, Value::text(program));
    nodes::put_text(&mut fact, path::name, object.at(&["metadata", "name"]));
    let through = annotation(&format!("{NGINX}ssl-passthrough")).and_then(nodes::boolean) == Some(true);
    fact.derive(path::mode, Value::text(if through { "tcp" } else { "http" }));
    let space = object.at(&["metadata", "namespace"]).and_then(nodes::text);
    let name = nodes::text(service)?;
    let host = space.map_or_else(|| name.clone(), |space| format!("{name}.{space}"));
    let one = |value, at: &Node<'_>| Value::List(vec![Said::written(value, nodes::span(at))]);
    fact.write(path::upstream_hosts, one(Value::text(host), service), nodes::span(service));
    if let Some(node) = number
        && let Some(port) = nodes::text(node).and_then(|t| t.trim().parse().ok())
    {
        fact.write(path::upstream_ports, one(Value::Int(port), node), nodes::span(node));
        if let Some(known) = services::service(port) {
            fact.derive(path::service, Value::text(known));
        }
    }
    fact.derive(path::template, Value::Bool(template));
    let seconds =
        |t: &str| t.trim().trim_end_matches('s').parse::<i64>().ok()?.checked_mul(1_000).map(Value::Duration);
    match controller {
        Controller::Nginx => {
            fact.derive(path::websocket, Value::Bool(true));
            for (field, key) in
                [(path::server_timeout, "proxy-read-timeout"), (path::client_timeout, "proxy-send-timeout")]
            {
                let node = annotation(&format!("{NGINX}{key}"));
                nodes::put(&mut fact, field, node, seconds);
                if node.is_none() {
                    fact.set(field, Said::default(Value::Duration(NGINX_MS), program));
                }
            }
        }
        Controller::Alb => {
            fact.derive(path::websocket, Value::Bool(true));
            let node = annotation(ALB_ATTRIBUTES);
            nodes::put(&mut fact, path::server_timeout, node, |t| {
                seconds(t.split(',').find_map(|p| p.trim().strip_prefix("idle_timeout.timeout_seconds="))?)
            });
            if fact.get(path::server_timeout).is_none() {
                fact.set(path::server_timeout, Said::default(Value::Duration(ALB_MS), program));
            }
        }
        Controller::Other => {}
    }
    Some(fact)
}

/// Google Cloud, "BackendConfig": `timeoutSec`, in milliseconds; for WebSocket the most that a connection lasts.
const GOOGLE_MS: i64 = 30_000;

/// What Google Cloud's HTTP balancer does for the services that name this object in an annotation.
pub(super) fn backend_config(object: &Node<'_>, template: bool, out: &mut Reading) {
    let Some(name) = object.at(&["metadata", "name"]) else { return };
    let mut fact = Fact::new(&path::KIND, nodes::span(name));
    fact.derive(path::program, Value::text(GOOGLE));
    nodes::put_text(&mut fact, path::name, Some(name));
    fact.derive(path::mode, Value::text("http"));
    fact.derive(path::websocket, Value::Bool(true));
    let timeout = object.at(&["spec", "timeoutSec"]);
    nodes::put_seconds(&mut fact, path::server_timeout, timeout);
    if timeout.is_none() {
        fact.set(path::server_timeout, Said::default(Value::Duration(GOOGLE_MS), GOOGLE));
    }
    fact.derive(path::template, Value::Bool(template));
    out.facts.add(fact);
}

/// The annotation of a service that names such objects: `{"default": "name"}` or `{"ports": {"80": "name"}}`.
const BACKEND: &str = "cloud.google.com/backend-config";

/// The names in a service's annotation.
pub(super) fn backend_configs(annotations: Option<&Node<'_>>) -> Option<Said> {
    let view = nodes::view(annotations?.get(BACKEND)?)?;
    // Every other text in quotes is a key; numbers of ports name nothing.
    let names = view.text.split('"').skip(1).step_by(2);
    let names = names.map(|name| Said::written(Value::text(name), view.full_span()));
    Some(Said::written(Value::List(names.collect()), view.full_span()))
}

/// Idle limits that patches of an Envoy filter give to the TCP proxies of a mesh.
pub(super) fn filter(object: &Node<'_>, template: bool, out: &mut Reading) {
    for patch in object.at(&["spec", "configPatches"]).map(Node::items).unwrap_or_default() {
        let config = patch.at(&["patch", "value", "typed_config"]);
        let Some(idle) = config.and_then(|c| c.get("idle_timeout")) else { continue };
        let tcp = config.and_then(|c| c.get("@type")).and_then(nodes::text);
        let port = patch.at(&["match", "listener", "portNumber"]);
        let number: Option<i64> = port.and_then(nodes::text).and_then(|t| t.trim().parse().ok());
        let (Some(port), Some(number), Some(true)) = (port, number, tcp.map(|t| t.ends_with(".TcpProxy")))
        else {
            continue;
        };
        let mut fact = Fact::new(&path::KIND, nodes::span(idle));
        fact.derive(path::program, Value::text("istio"));
        nodes::put_text(&mut fact, path::name, object.at(&["metadata", "name"]));
        fact.derive(path::mode, Value::text("tcp"));
        let said = Said::written(Value::Int(number), nodes::span(port));
        fact.derive(path::listen, Value::List(vec![Said::derived(Value::text(format!("*:{number}")), None)]));
        fact.set(path::listen_ports, Said::derived(Value::List(vec![said.clone()]), None));
        fact.set(path::listen_port, said);
        if let Some(known) = services::service(number) {
            fact.derive(path::service, Value::text(known));
        }
        nodes::put(&mut fact, path::idle_timeout, Some(idle), |t| {
            quantities::go_duration(t).map(Value::Duration)
        });
        fact.derive(path::idle_unlimited, Value::Bool(fact.int(path::idle_timeout) == Some(0)));
        fact.derive(path::template, Value::Bool(template));
        out.facts.add(fact);
    }
}
