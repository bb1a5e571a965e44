//! Envoy's static configuration, as YAML or JSON.

mod tls;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::envoy::cluster as cluster_kind;
use crate::facts::kinds::proxy::path;
use crate::facts::{Fact, Field, Said, Value};
use crate::source::{Source, Span, View};
use crate::syntax::{Node, yaml};
use crate::systems::{FileKind, Match, Reading, services};

/// Envoy's bootstrap file.
pub static ENVOY: FileKind = FileKind {
    name: "envoy",
    doc: "Envoy's bootstrap configuration with its static listeners and clusters.",
    recognise,
    read,
};

/// The keys stand near the start of a file; its administration and node parts come first at most.
const SEARCHED: usize = 64 * 1024;

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    if !name.contains(".yaml") && !name.contains(".yml") && !name.contains(".json") && !name.contains("envoy")
    {
        return Match::No;
    }
    let text = source.text.get(..crate::source::floor_boundary(&source.text, SEARCHED)).unwrap_or_default();
    if !text.contains("_resources") {
        return Match::No;
    }
    let key = |name: &str| {
        text.lines().any(|l| {
            let line = l.trim_start().trim_start_matches(['-', ' ', '"', '{']);
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', '"']))
        })
    };
    if key("apiVersion") || !(key("static_resources") || key("dynamic_resources")) {
        return Match::No;
    }
    if key("listeners") || key("clusters") || key("admin") { Match::Sure } else { Match::No }
}

/// Envoy's own defaults (api-v3 tcp_proxy.proto, http_connection_manager.proto, cluster.proto, circuit_breaker.proto).
const TCP_IDLE_MS: i64 = 3_600_000;
const HTTP_STREAM_IDLE_MS: i64 = 300_000;
const CONNECT_MS: i64 = 5_000;
const MAX_CONNECTIONS: i64 = 1_024;

fn read(view: &View<'_>, out: &mut Reading) {
    let (documents, notices) = yaml::parse(view);
    out.notices.extend(notices);
    for document in &documents {
        let Some(resources) = document.get("static_resources") else { continue };
        let mut clusters = BTreeMap::new();
        for node in items(resources, "clusters") {
            if let Some(name) = node.get("name").and_then(Node::text) {
                clusters.insert(name.to_owned(), Cluster::new(node));
            }
        }
        let mut tcp = BTreeSet::new();
        for listener in items(resources, "listeners") {
            read_listener(listener, &clusters, &mut tcp, out);
        }
        for (name, cluster) in &clusters {
            cluster.add(name, tcp.contains(name), out);
        }
    }
}

/// The items of a list under a key.
fn items<'n, 'a>(node: &'n Node<'a>, key: &str) -> &'n [Node<'a>] {
    node.get(key).map_or(&[], Node::items)
}

/// `1.5s` and the like.
fn duration(node: &Node<'_>) -> Option<(i64, Span)> {
    let text = node.text()?.strip_suffix('s')?;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    let thousandths: i64 = digits.parse().ok()?;
    Some((seconds.checked_mul(1_000)?.checked_add(thousandths)?, node.span))
}

fn said(found: Option<(i64, Span)>, default: i64) -> Said {
    match found {
        Some((ms, span)) => Said::written(Value::Duration(ms), span),
        None => Said::default(Value::Duration(default), "Envoy"),
    }
}

fn flag(fact: &mut Fact, field: Field, at: Option<Span>) {
    match at {
        Some(span) => fact.write(field, Value::Bool(true), span),
        None => fact.derive(field, Value::Bool(false)),
    };
}

/// An address as `host:port`, its host and port, and where they stand.
type Endpoint = (String, Option<String>, Option<i64>, Span);

fn address(node: &Node<'_>) -> Option<Endpoint> {
    let socket = node.get("socket_address")?;
    let host = socket.get("address").and_then(Node::text).map(str::to_owned);
    let port_node = socket.get("port_value");
    let port = port_node.and_then(Node::text).and_then(|t| t.parse().ok());
    let shown =
        format!("{}:{}", host.as_deref().unwrap_or_default(), port_node.and_then(Node::text).unwrap_or("?"));
    Some((shown, host, port, port_node.map_or(socket.span, |n| n.span)))
}

/// How a cluster's servers are checked.
struct Check {
    kind: &'static str,
    span: Span,
    interval: Option<(i64, Span)>,
}

/// A cluster with what its listeners need to know of it.
struct Cluster<'n, 'a> {
    span: Span,
    discovery: Option<(String, Span)>,
    connect: Option<(i64, Span)>,
    endpoints: Vec<Endpoint>,
    tls: Option<&'n Node<'a>>,
    verify: Option<Span>,
    keepalive: Option<Span>,
    check: Option<Check>,
    max_connections: Option<(i64, Span)>,
    send_proxy: Option<Span>,
}

impl<'n, 'a> Cluster<'n, 'a> {
    fn new(node: &'n Node<'a>) -> Cluster<'n, 'a> {
        let mut endpoints = Vec::new();
        if let Some(assignment) = node.get("load_assignment") {
            let groups = items(assignment, "endpoints").iter().flat_map(|g| items(g, "lb_endpoints"));
            endpoints.extend(groups.filter_map(|e| address(e.at(&["endpoint", "address"])?)));
        }
        // The form of API version 2.
        endpoints.extend(items(node, "hosts").iter().filter_map(address));
        let socket = node.get("transport_socket");
        let named =
            |n: &Node<'_>, word: &str| n.get("name").and_then(Node::text).is_some_and(|t| t.contains(word));
        let config = socket.and_then(|s| s.get("typed_config"));
        let proxy = socket.filter(|s| named(s, "proxy_protocol"));
        let inner = proxy.and(config).and_then(|c| c.get("transport_socket"));
        let secure = inner.or(socket).filter(|s| named(s, "tls"));
        let context = secure.and_then(|s| s.at(&["typed_config", "common_tls_context"]));
        let verify = context.and_then(|c| {
            ["validation_context", "validation_context_sds_secret_config", "combined_validation_context"]
                .iter()
                .find_map(|k| c.get(k))
        });
        let check = items(node, "health_checks").first().map(|c| {
            let kind = if c.get("http_health_check").is_some() { "http" } else { "tcp" };
            Check { kind, span: c.span, interval: c.get("interval").and_then(duration) }
        });
        let limit =
            node.get("circuit_breakers").and_then(|b| items(b, "thresholds").first()?.get("max_connections"));
        Cluster {
            span: node.get("name").map_or(node.span, |n| n.span),
            discovery: node.get("type").and_then(|t| Some((t.text()?.to_owned(), t.span))),
            connect: node.get("connect_timeout").and_then(duration),
            endpoints,
            tls: secure,
            verify: verify.map(|v| v.span),
            keepalive: node.at(&["upstream_connection_options", "tcp_keepalive"]).map(|k| k.span),
            check,
            max_connections: limit.and_then(|n| Some((n.text()?.parse().ok()?, n.span))),
            send_proxy: proxy.map(|p| p.span),
        }
    }

    fn service(&self) -> Option<&'static str> {
        let mut names = self.endpoints.iter().map(|e| e.2.and_then(services::service));
        let first = names.next()??;
        names.all(|n| n == Some(first)).then_some(first)
    }

    fn addresses(&self) -> Value {
        Value::List(self.endpoints.iter().map(|e| Said::written(Value::text(&e.0), e.3)).collect())
    }

    fn add(&self, name: &str, tcp: bool, out: &mut Reading) {
        let mut fact = Fact::new(&cluster_kind::KIND, self.span);
        fact.write(cluster_kind::name, Value::text(name), self.span);
        if let Some((discovery, span)) = &self.discovery {
            fact.write(cluster_kind::discovery, Value::text(discovery), *span);
        }
        fact.set(cluster_kind::connect_timeout, said(self.connect, CONNECT_MS));
        match self.max_connections {
            Some((n, span)) => fact.write(cluster_kind::max_connections, Value::Int(n), span),
            None => {
                fact.set(cluster_kind::max_connections, Said::default(Value::Int(MAX_CONNECTIONS), "Envoy"))
            }
        };
        flag(&mut fact, cluster_kind::tls, self.tls.map(|s| s.span));
        if self.tls.is_some() {
            flag(&mut fact, cluster_kind::verify, self.verify);
        }
        flag(&mut fact, cluster_kind::checked, self.check.as_ref().map(|c| c.span));
        flag(&mut fact, cluster_kind::keepalive, self.keepalive);
        fact.derive(cluster_kind::endpoints, self.addresses());
        if let Some(service) = self.service() {
            fact.derive(cluster_kind::service, Value::text(service));
        }
        fact.derive(cluster_kind::tcp, Value::Bool(tcp));
        out.facts.add(fact);
        if let Some(socket) = self.tls {
            tls::dialling(socket, name, &self.endpoints, out);
        }
    }
}

fn read_listener(
    node: &Node<'_>,
    clusters: &BTreeMap<String, Cluster<'_, '_>>,
    tcp: &mut BTreeSet<String>,
    out: &mut Reading,
) {
    let accept_proxy = items(node, "listener_filters")
        .iter()
        .find(|f| f.get("name").and_then(Node::text).is_some_and(|n| n.contains("proxy_protocol")));
    for chain in items(node, "filter_chains") {
        let secure = chain.get("transport_socket").or_else(|| chain.get("tls_context"));
        if let Some(secure) = secure {
            let port =
                node.get("address").and_then(address).and_then(|(_, _, port, span)| Some((port?, span)));
            tls::listening(secure, chain, port, out);
        }
        for filter in items(chain, "filters") {
            let Some(config) = filter.get("typed_config").or_else(|| filter.get("config")) else { continue };
            let name = filter.get("name").and_then(Node::text).unwrap_or_default();
            let form = config.get("@type").and_then(Node::text).unwrap_or_default();
            let base = Base {
                listener: node,
                tls: secure.map(|s| s.span),
                accept_proxy: accept_proxy.map(|f| f.span),
            };
            if form.ends_with("TcpProxy") || name.ends_with("tcp_proxy") {
                let weighted = config.get("weighted_clusters").map_or(&[][..], |w| items(w, "clusters"));
                let names =
                    config.get("cluster").into_iter().chain(weighted.iter().filter_map(|w| w.get("name")));
                let idle = config.get("idle_timeout").and_then(duration);
                for name in names {
                    tcp.extend(name.text().map(str::to_owned));
                    base.add(name, clusters, "tcp", said(idle, TCP_IDLE_MS), false, out);
                }
            } else if form.ends_with("HttpConnectionManager") || name.ends_with("http_connection_manager") {
                let idle = said(config.get("stream_idle_timeout").and_then(duration), HTTP_STREAM_IDLE_MS);
                let websocket = items(config, "upgrade_configs").iter().any(|u| {
                    u.get("upgrade_type")
                        .and_then(Node::text)
                        .is_some_and(|t| t.eq_ignore_ascii_case("websocket"))
                });
                let hosts = config.get("route_config").map_or(&[][..], |r| items(r, "virtual_hosts"));
                for route in hosts.iter().flat_map(|h| items(h, "routes")) {
                    let Some(action) = route.get("route") else { continue };
                    let Some(name) = action.get("cluster") else { continue };
                    let own = action.get("idle_timeout").and_then(duration);
                    let idle = own.map_or_else(|| idle.clone(), |own| said(Some(own), 0));
                    base.add(name, clusters, "http", idle, websocket, out);
                }
            }
        }
    }
}

/// What all ways through a chain of filters have in common.
struct Base<'n, 'a> {
    listener: &'n Node<'a>,
    tls: Option<Span>,
    accept_proxy: Option<Span>,
}

impl Base<'_, '_> {
    fn add(
        &self,
        target: &Node<'_>,
        clusters: &BTreeMap<String, Cluster<'_, '_>>,
        mode: &str,
        idle: Said,
        websocket: bool,
        out: &mut Reading,
    ) {
        let Some(name) = target.text() else { return };
        let mut fact = Fact::new(&path::KIND, target.span);
        fact.derive(path::program, Value::text("envoy"));
        fact.derive(path::mode, Value::text(mode));
        fact.write(path::upstream, Value::text(name), target.span);
        if let Some(own) = self.listener.get("name") {
            fact.write(path::name, Value::text(own.text().unwrap_or_default()), own.span);
        } else {
            fact.derive(path::name, Value::text(name));
        }
        if let Some((shown, host, port, span)) = self.listener.get("address").and_then(address) {
            fact.derive(path::listen, Value::List(vec![Said::written(Value::text(shown), span)]));
            if let Some(host) = host.filter(|h| !matches!(h.as_str(), "0.0.0.0" | "::")) {
                fact.write(path::listen_host, Value::text(host), span);
            }
            if let Some(port) = port {
                fact.write(path::listen_port, Value::Int(port), span);
                fact.derive(path::listen_ports, Value::List(vec![Said::written(Value::Int(port), span)]));
            }
        }
        flag(&mut fact, path::listen_tls, self.tls);
        flag(&mut fact, path::accept_proxy, self.accept_proxy);
        fact.derive(path::websocket, Value::Bool(websocket));
        let finite = matches!(idle.value, Value::Duration(ms) if ms > 0);
        fact.set(path::client_timeout, idle.clone());
        fact.set(path::server_timeout, idle.clone());
        if finite {
            fact.set(path::idle_timeout, idle);
        }
        fact.derive(path::idle_unlimited, Value::Bool(!finite));
        if let Some(cluster) = clusters.get(name) {
            fact.derive(path::upstream_count, Value::Int(cluster.endpoints.len() as i64));
            fact.derive(path::upstreams, cluster.addresses());
            let hosts =
                cluster.endpoints.iter().filter_map(|e| Some(Said::written(Value::text(e.1.as_ref()?), e.3)));
            fact.derive(path::upstream_hosts, Value::List(hosts.collect()));
            let mut ports: BTreeMap<i64, Span> = BTreeMap::new();
            for endpoint in &cluster.endpoints {
                if let Some(port) = endpoint.2 {
                    ports.entry(port).or_insert(endpoint.3);
                }
            }
            let ports = ports.into_iter().map(|(p, s)| Said::written(Value::Int(p), s)).collect();
            fact.derive(path::upstream_ports, Value::List(ports));
            if let Some(service) = cluster.service() {
                fact.derive(path::service, Value::text(service));
            }
            flag(&mut fact, path::upstream_tls, cluster.tls.map(|s| s.span));
            if cluster.tls.is_some() {
                flag(&mut fact, path::upstream_verify, cluster.verify);
            }
            fact.set(path::connect_timeout, said(cluster.connect, CONNECT_MS));
            flag(&mut fact, path::server_keepalive, cluster.keepalive);
            flag(&mut fact, path::send_proxy, cluster.send_proxy);
            match &cluster.check {
                Some(check) => {
                    fact.write(path::check, Value::text(check.kind), check.span);
                    if let Some((ms, at)) = check.interval {
                        fact.write(path::check_interval, Value::Duration(ms), at);
                    }
                }
                None => drop(fact.derive(path::check, Value::text("none"))),
            }
        }
        out.facts.add(fact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::kinds::proxy::tls;
    use crate::source::FileId;

    const FILE: &str = r#"
static_resources:
  listeners:
  - name: mq
    address: { socket_address: { address: 0.0.0.0, port_value: 5672 } }
    listener_filters: [{ name: envoy.filters.listener.proxy_protocol }]
    filter_chains:
    - transport_socket:
        name: envoy.transport_sockets.tls
        typed_config: { common_tls_context: { tls_params: { tls_minimum_protocol_version: TLSv1_1 } } }
      filters:
      - name: envoy.filters.network.tcp_proxy
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          cluster: brokers
IDLE
  clusters:
  - name: brokers
    type: STRICT_DNS
    connect_timeout: 0.25s
    transport_socket: { name: envoy.transport_sockets.tls }
    load_assignment:
      endpoints:
      - lb_endpoints:
        - endpoint: { address: { socket_address: { address: mq1, port_value: 5672 } } }
        - endpoint: { address: { socket_address: { address: mq2, port_value: 5672 } } }
"#;

    fn reading(idle: &str) -> Reading {
        let idle = if idle.is_empty() { String::new() } else { format!("          idle_timeout: {idle}") };
        let text = FILE.replace("IDLE", &idle);
        let source = Source::new("envoy.yaml", text);
        assert_eq!(recognise(&source), Match::Sure);
        let mut out = Reading::default();
        read(&View::whole(FileId(0), &source), &mut out);
        assert!(out.notices.is_empty());
        out
    }

    #[test]
    fn a_listener_leads_to_its_cluster() {
        let out = reading("");
        let (_, fact) = out.facts.of(&path::KIND).next().unwrap();
        let see = |f: Field| fact.get(f).map_or("-".into(), Said::shown);
        assert_eq!((see(path::upstreams), see(path::service)), ("mq1:5672, mq2:5672".into(), "amqp".into()));
        assert_eq!((see(path::listen_port), see(path::connect_timeout)), ("5672".into(), "250 ms".into()));
        assert_eq!((see(path::upstream_tls), see(path::upstream_verify)), ("true".into(), "false".into()));
        assert_eq!((see(path::listen_tls), see(path::accept_proxy)), ("true".into(), "true".into()));
        let (_, tls_fact) = out.facts.of(&tls::KIND).next().unwrap();
        assert_eq!(tls_fact.get(tls::min_version).unwrap().shown(), "1.1");
        let (_, cluster) = out.facts.of(&cluster_kind::KIND).next().unwrap();
        assert_eq!(
            (cluster.int(cluster_kind::max_connections), cluster.bool(cluster_kind::tcp)),
            (Some(1024), Some(true))
        );
    }

    #[test]
    fn an_hour_is_the_default_and_zero_is_never() {
        for (idle, shown, unlimited) in [("", "1 h", false), ("30s", "30 s", false), ("0s", "-", true)] {
            let out = reading(idle);
            let (_, fact) = out.facts.of(&path::KIND).next().unwrap();
            assert_eq!(fact.get(path::idle_timeout).map_or("-".into(), Said::shown), shown);
            assert_eq!(fact.bool(path::idle_unlimited), Some(unlimited));
        }
    }
}
