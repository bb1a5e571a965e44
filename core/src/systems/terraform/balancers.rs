//! Balancers: AWS, Azure and Google Cloud.

use crate::facts::kinds::cloud::listener;
use crate::facts::kinds::proxy::path;
use crate::facts::{Fact, Said, Value};
use crate::syntax::Node;
use crate::systems::balancers::Balancer;
use crate::systems::containers::nodes;
use crate::systems::{Reading, balancers, services};

use super::{Resource, literal, number, put, put_groups, put_time};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60_000;

pub(super) fn read(all: &[Resource<'_, '_>], out: &mut Reading) {
    for &resource in all {
        match resource.sort() {
            "aws_lb_listener" | "aws_alb_listener" => aws_listener(resource, all, out),
            "aws_elb" => classic(resource, out),
            "azurerm_lb_rule" => azure(resource, out),
            "google_compute_backend_service" => google(resource, out),
            "aws_nat_gateway" => nat(resource, &balancers::AWS_NAT, None, out),
            "google_compute_router_nat" => {
                nat(
                    resource,
                    &balancers::GOOGLE_NAT,
                    Some(("tcp_established_idle_timeout_sec", SECOND)),
                    out,
                );
            }
            "azurerm_nat_gateway" => {
                nat(resource, &balancers::AZURE_NAT, Some(("idle_timeout_in_minutes", MINUTE)), out);
            }
            _ => {}
        }
    }
}

/// A gateway that connections leave a network by. AWS's also come without a way to the Internet.
fn nat(resource: Resource<'_, '_>, kind: &Balancer, setting: Option<(&str, i64)>, out: &mut Reading) {
    let block = resource.block;
    let private = block.get("connectivity_type").and_then(literal).is_some_and(|t| t == "private");
    let Some(span) = resource.span().filter(|_| !private) else { return };
    let mut way = Fact::new(&path::KIND, span);
    way.derive(path::program, Value::text(kind.name));
    way.derive(path::name, Value::text(resource.name()));
    way.derive(path::mode, Value::text("tcp"));
    way.derive(path::keepalive_counts, Value::Bool(kind.passes_packets));
    way.derive(path::template, Value::Bool(false));
    let (node, unit) = setting.map_or((None, SECOND), |(name, unit)| (block.get(name), unit));
    put_time(&mut way, path::idle_timeout, node, unit, Some((kind.idle_ms / unit, "the cloud")));
    out.facts.add(way);
}

/// One listening port of a balancer, and where it leads.
struct Way<'n, 'a> {
    program: &'static str,
    port: Option<&'n Node<'a>>,
    target: Option<i64>,
    /// The balancer's own name on the Internet, where it is written.
    name: Option<String>,
}

/// Adds the listener and, for TCP, the way through it.
fn add(mut fact: Fact, way: &Way<'_, '_>, out: &mut Reading) {
    let port = way.port.and_then(number);
    if let Some(node) = way.port {
        put(&mut fact, listener::port, Some(node), |t| t.trim().parse().ok().map(Value::Int));
    }
    let service = [port, way.target].into_iter().flatten().find_map(services::service);
    if let Some(service) = service {
        fact.derive(listener::service, Value::text(service));
    }
    let tcp = matches!(fact.text(listener::protocol), Some("TCP" | "TLS" | "SSL" | "Tcp" | "tcp" | "ssl"));
    if tcp {
        let mut hop = Fact::new(&path::KIND, fact.span);
        hop.derive(path::program, Value::text(way.program));
        if let Some(name) = way.name.as_deref().or(fact.text(listener::name)) {
            hop.derive(path::name, Value::text(name));
        }
        hop.derive(path::mode, Value::text("tcp"));
        let tls = matches!(fact.text(listener::protocol), Some("TLS" | "SSL" | "ssl"));
        hop.derive(path::listen_tls, Value::Bool(tls));
        if let (Some(number), Some(said)) = (port, fact.get(listener::port)) {
            let all = vec![Said::derived(Value::text(format!("*:{number}")), None)];
            hop.derive(path::listen, Value::List(all));
            hop.derive(path::listen_ports, Value::List(vec![said.clone()]));
            hop.set(path::listen_port, said.clone());
        }
        if let Some(target) = way.target {
            hop.derive(path::upstream_ports, Value::List(vec![Said::derived(Value::Int(target), None)]));
        }
        hop.copy(path::service, &fact, listener::service);
        hop.copy(path::idle_timeout, &fact, listener::idle_timeout);
        hop.derive(path::keepalive_counts, Value::Bool(balancers::keepalive_counts(way.program)));
        out.facts.add(hop);
    }
    out.facts.add(fact);
}

fn start(resource: Resource<'_, '_>) -> Option<Fact> {
    let mut fact = Fact::new(&listener::KIND, resource.span()?);
    fact.derive(listener::resource, Value::text(resource.sort()));
    fact.derive(listener::name, Value::text(resource.name()));
    Some(fact)
}

fn put_protocol(fact: &mut Fact, node: Option<&Node<'_>>) {
    put(fact, listener::protocol, node, |t| Some(Value::text(t)));
}

fn aws_listener(resource: Resource<'_, '_>, all: &[Resource<'_, '_>], out: &mut Reading) {
    let Some(mut fact) = start(resource) else { return };
    put_protocol(&mut fact, resource.block.get("protocol"));
    // Only network balancers speak these.
    match fact.text(listener::protocol) {
        Some("TCP") => {
            let node = resource.block.get("tcp_idle_timeout_seconds");
            put_time(
                &mut fact,
                listener::idle_timeout,
                node,
                SECOND,
                Some((balancers::NLB.idle_ms / SECOND, "AWS")),
            );
        }
        Some("TLS") => {
            put_time(
                &mut fact,
                listener::idle_timeout,
                None,
                SECOND,
                Some((balancers::NLB.idle_ms / SECOND, "AWS")),
            );
        }
        _ => {}
    }
    let balancer = ["aws_lb", "aws_alb"].iter().find_map(|s| resource.refers("load_balancer_arn", s, all));
    if let Some(balancer) = balancer {
        put_time(&mut fact, listener::http_idle_timeout, balancer.block.get("idle_timeout"), SECOND, None);
        put_groups(&mut fact, listener::groups, balancer.block.get("security_groups"));
    }
    let target = resource
        .block
        .inner("default_action")
        .find_map(|b| Resource { block: b }.refers("target_group_arn", "aws_lb_target_group", all));
    let way = Way {
        program: balancers::NLB.name,
        port: resource.block.get("port"),
        target: target.and_then(|t| number(t.block.get("port")?)),
        name: balancer.and_then(|b| literal(b.block.get("name")?)),
    };
    add(fact, &way, out);
}

fn classic(resource: Resource<'_, '_>, out: &mut Reading) {
    for block in resource.block.inner("listener") {
        let Some(mut fact) = start(resource) else { return };
        let protocol = block.get("lb_protocol");
        put(&mut fact, listener::protocol, protocol, |t| Some(Value::text(t.to_ascii_uppercase())));
        let idle = resource.block.get("idle_timeout");
        put_time(
            &mut fact,
            listener::idle_timeout,
            idle,
            SECOND,
            Some((balancers::CLB.idle_ms / SECOND, "AWS")),
        );
        let way = Way {
            program: balancers::CLB.name,
            port: block.get("lb_port"),
            target: block.get("instance_port").and_then(number),
            name: resource.block.get("name").and_then(literal),
        };
        add(fact, &way, out);
    }
}

fn azure(resource: Resource<'_, '_>, out: &mut Reading) {
    let Some(mut fact) = start(resource) else { return };
    let block = resource.block;
    put_protocol(&mut fact, block.get("protocol"));
    let idle = block.get("idle_timeout_in_minutes");
    put_time(
        &mut fact,
        listener::idle_timeout,
        idle,
        MINUTE,
        Some((balancers::AZURE.idle_ms / MINUTE, "Azure")),
    );
    // The provider's fourth release renamed it.
    let reset = block.get("enable_tcp_reset").or_else(|| block.get("tcp_reset_enabled"));
    match reset {
        Some(node) => {
            if let Some(value) = literal(node).and_then(|t| t.parse().ok()) {
                fact.write(listener::tcp_reset, Value::Bool(value), nodes::span(node));
            }
        }
        None => drop(fact.set(listener::tcp_reset, Said::default(Value::Bool(false), "Azure"))),
    }
    let way = Way {
        program: balancers::AZURE.name,
        port: block.get("frontend_port"),
        target: block.get("backend_port").and_then(number),
        name: block.get("name").and_then(literal),
    };
    add(fact, &way, out);
}

/// A backend of a TCP proxy. Its port stands elsewhere; the name of the port says what it serves.
fn google(resource: Resource<'_, '_>, out: &mut Reading) {
    let Some(mut fact) = start(resource) else { return };
    let block = resource.block;
    put_protocol(&mut fact, block.get("protocol"));
    if !matches!(fact.text(listener::protocol), Some("TCP" | "SSL")) {
        return;
    }
    put_time(
        &mut fact,
        listener::idle_timeout,
        block.get("timeout_sec"),
        SECOND,
        Some((balancers::GOOGLE_PROXY.idle_ms / SECOND, "Google Cloud")),
    );
    let port = block.get("port_name").and_then(literal).unwrap_or_default();
    let service = ["amqp", "mqtt", "postgresql", "mysql", "redis", "mongodb", "nats", "stomp"];
    if let Some(known) = service.iter().find(|s| port.starts_with(**s)) {
        fact.derive(listener::service, Value::text(known));
    }
    let way = Way {
        program: balancers::GOOGLE_PROXY.name,
        port: None,
        target: None,
        name: block.get("name").and_then(literal),
    };
    add(fact, &way, out);
}
