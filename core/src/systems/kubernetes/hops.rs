//! What stands in front of pods: balancers of clouds, the TCP ports of ingress-nginx, and a mesh's rules.

use crate::facts::kinds::istio::route;
use crate::facts::kinds::kubernetes::{service, service_port};
use crate::facts::kinds::proxy::path;
use crate::facts::{Fact, Said, Value};
use crate::syntax::Node;
use crate::systems::balancers::{self, Balancer};
use crate::systems::containers::{nodes, quantities};
use crate::systems::{Reading, services};

const AWS: &str = "service.beta.kubernetes.io/aws-load-balancer-";

/// Starts of annotations that only one cloud's balancer reads, and that balancer.
const CLOUDS: [(&str, Balancer); 4] = [
    ("service.beta.kubernetes.io/azure-load-balancer-", balancers::AZURE),
    ("loadbalancer.openstack.org/", balancers::OCTAVIA),
    ("cloud.google.com/load-balancer-type", balancers::GOOGLE),
    ("networking.gke.io/load-balancer-type", balancers::GOOGLE),
];

/// The balancer that a service's annotations are written for.
pub(super) fn balancer(object: &Node<'_>) -> Option<&'static Balancer> {
    let annotations = object.at(&["metadata", "annotations"])?;
    let text = |key: &str| annotations.get(&format!("{AWS}{key}")).and_then(nodes::text);
    let class = object.at(&["spec", "loadBalancerClass"]).and_then(nodes::text);
    let network = matches!(text("type").as_deref(), Some("nlb" | "nlb-ip" | "external"))
        || class.as_deref() == Some("service.k8s.aws/nlb");
    if network {
        return Some(&balancers::NLB);
    }
    if text("connection-idle-timeout").is_some() {
        return Some(&balancers::CLB);
    }
    let keys = annotations.pairs();
    let found = CLOUDS.iter().find(|(start, ..)| keys.iter().any(|(k, _)| k.view.text.starts_with(start)));
    found.map(|(_, balancer)| balancer)
}

/// The way through a cloud's balancer to one port of a service.
pub(super) fn through_balancer(
    object: &Node<'_>,
    service: &Fact,
    port: &Fact,
    balancer: &'static Balancer,
) -> Option<Fact> {
    let program = balancer.name;
    let number = port.get(service_port::port)?;
    let mut fact = Fact::new(&path::KIND, port.span);
    fact.derive(path::program, Value::text(program));
    fact.copy(path::name, service, service::name);
    let udp = port.text(service_port::protocol) == Some("UDP");
    fact.derive(path::mode, Value::text(if udp { "udp" } else { "tcp" }));
    listen(&mut fact, number.clone());
    let target = port.int(service_port::target).or(port.int(service_port::port));
    if let Some(target) = target {
        fact.derive(path::upstream_ports, Value::List(vec![Said::derived(Value::Int(target), None)]));
    }
    let known = [port.int(service_port::port), target].into_iter().flatten().find_map(services::service);
    if let Some(known) = known {
        fact.derive(path::service, Value::text(known));
    }
    fact.copy(path::names, service, service::outer_names);
    fact.copy(path::template, service, service::template);
    let annotations = object.at(&["metadata", "annotations"]);
    // aws-load-balancer-controller, listener attributes: one annotation for each listener.
    let listener =
        format!("{AWS}listener-attributes.TCP-{}", port.int(service_port::port).unwrap_or_default());
    let said = service.get(service::idle_timeout).filter(|_| program != "AWS NLB").cloned();
    fact.set(
        path::idle_timeout,
        said.unwrap_or_else(|| Said::default(Value::Duration(balancer.idle_ms), program)),
    );
    fact.derive(path::keepalive_counts, Value::Bool(balancer.passes_packets));
    if program == "AWS NLB" {
        nodes::put(&mut fact, path::idle_timeout, annotations.and_then(|a| a.get(&listener)), |t| {
            let seconds = t.split(',').find_map(|p| p.trim().strip_prefix("tcp.idle_timeout.seconds="))?;
            seconds.trim().parse::<i64>().ok()?.checked_mul(1_000).map(Value::Duration)
        });
    }
    Some(fact)
}

fn listen(fact: &mut Fact, port: Said) {
    if let Value::Int(number) = port.value {
        fact.derive(path::listen, Value::List(vec![Said::derived(Value::text(format!("*:{number}")), None)]));
    }
    fact.set(path::listen_ports, Said::derived(Value::List(vec![port.clone()]), None));
    fact.set(path::listen_port, port);
}

/// A config map of ingress-nginx with TCP ports: `"5672": "namespace/service:port[:PROXY[:PROXY]]"`.
pub(super) fn tcp_services(object: &Node<'_>, template: bool, out: &mut Reading) {
    for (key, value) in object.get("data").map(Node::pairs).unwrap_or_default() {
        let (Ok(port), Some(text)) = (key.view.text.trim().parse::<i64>(), nodes::text(value)) else {
            continue;
        };
        let mut parts = text.trim().split(':');
        let (Some(Some((space, name))), Some(Ok(target))) =
            (parts.next().map(|p| p.split_once('/')), parts.next().map(str::parse::<i64>))
        else {
            continue;
        };
        let flags: Vec<bool> = parts.map(|p| p == "PROXY").collect();
        let span = key.view.full_span();
        let mut fact = Fact::new(&path::KIND, span);
        fact.derive(path::program, Value::text("ingress-nginx"));
        fact.derive(path::name, Value::text(name));
        fact.derive(path::mode, Value::text("tcp"));
        listen(&mut fact, Said::written(Value::Int(port), span));
        let at = nodes::span(value);
        let one = |value| Value::List(vec![Said::written(value, at)]);
        fact.write(path::upstream_hosts, one(Value::text(format!("{name}.{space}"))), at);
        fact.write(path::upstream_ports, one(Value::Int(target)), at);
        if let Some(known) = services::service(target).or(services::service(port)) {
            fact.derive(path::service, Value::text(known));
        }
        fact.derive(path::accept_proxy, Value::Bool(flags.first() == Some(&true)));
        fact.derive(path::send_proxy, Value::Bool(flags.get(1) == Some(&true)));
        fact.derive(path::template, Value::Bool(template));
        let idle = Value::Duration(balancers::INGRESS_NGINX.idle_ms);
        fact.set(path::idle_timeout, Said::default(idle, "ingress-nginx"));
        out.facts.add(fact);
    }
}

fn time(text: &str) -> Option<Value> {
    quantities::go_duration(text).map(Value::Duration)
}

/// A rule of Istio for the connections to one host.
pub(super) fn destination(object: &Node<'_>, template: bool, out: &mut Reading) {
    let Some(host) = object.at(&["spec", "host"]) else { return };
    let Some(name) = nodes::text(host) else { return };
    let tcp = object.at(&["spec", "trafficPolicy", "connectionPool", "tcp"]);
    let mut fact = Fact::new(&path::KIND, nodes::span(host));
    fact.derive(path::program, Value::text("istio"));
    nodes::put_text(&mut fact, path::name, object.at(&["metadata", "name"]));
    fact.derive(path::mode, Value::text("tcp"));
    let hosts = Value::List(vec![Said::written(Value::text(name), nodes::span(host))]);
    fact.write(path::upstream_hosts, hosts, nodes::span(host));
    let of = |key: &str| tcp.and_then(|t| t.get(key));
    nodes::put(&mut fact, path::idle_timeout, of("idleTimeout"), time);
    fact.derive(path::idle_unlimited, Value::Bool(fact.int(path::idle_timeout) == Some(0)));
    nodes::put(&mut fact, path::connect_timeout, of("connectTimeout"), time);
    nodes::put_int(&mut fact, path::maxconn, of("maxConnections"));
    fact.derive(path::server_keepalive, Value::Bool(of("tcpKeepalive").is_some()));
    fact.derive(path::template, Value::Bool(template));
    out.facts.add(fact);
}

/// Routes of Istio's virtual services with their retries.
pub(super) fn routes(object: &Node<'_>, out: &mut Reading) {
    for node in object.at(&["spec", "http"]).map(Node::items).unwrap_or_default() {
        let Some(retries) = node.get("retries") else { continue };
        let mut fact = Fact::new(&route::KIND, retries.span);
        nodes::put_text(&mut fact, route::service, object.at(&["metadata", "name"]));
        nodes::put(&mut fact, route::timeout, node.get("timeout"), time);
        nodes::put_int(&mut fact, route::attempts, retries.get("attempts"));
        nodes::put(&mut fact, route::per_try_timeout, retries.get("perTryTimeout"), time);
        nodes::put_text(&mut fact, route::retry_on, retries.get("retryOn"));
        out.facts.add(fact);
    }
}
