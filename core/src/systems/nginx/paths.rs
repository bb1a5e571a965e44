//! Ways through nginx: a `server` or `location` with what it passes connections to.

use super::scope::{Scope, Upstreams};
use super::{server, time};
use crate::facts::kinds::proxy::path;
use crate::facts::{Fact, Field, Said, Value};
use crate::source::Span;
use crate::syntax::nginx::{Directive, Word};
use crate::systems::{Reading, services};

/// nginx's own defaults (ngx_stream_proxy_module, ngx_http_proxy_module).
const STREAM_IDLE_MS: i64 = 600_000;
const HTTP_IDLE_MS: i64 = 60_000;
const CONNECT_MS: i64 = 60_000;

/// A server that connections are passed to.
struct Target {
    address: String,
    host: Option<String>,
    port: Option<i64>,
    span: Span,
    resolve: bool,
}

/// One fact for a block with a `proxy_pass`.
pub(super) fn read(
    block: &Directive<'_>,
    scope: &Scope<'_, '_, '_>,
    upstreams: &Upstreams<'_, '_>,
    template: bool,
    out: &mut Reading,
) {
    let Some(pass) = scope.own("proxy_pass").and_then(|d| d.args.first()) else { return };
    let stream = scope.context.is_stream();
    let mut fact = Fact::new(&path::KIND, block.span);
    fact.derive(path::program, Value::text("nginx"));
    fact.derive(path::template, Value::Bool(template || pass.dynamic));
    name(block, scope, &mut fact);
    let (group, targets) = targets(pass, stream, upstreams);
    fact.write(path::upstream, Value::text(&group), pass.span());
    let dialled = listen(scope, stream, &mut fact);
    add_targets(&targets, &dialled, &mut fact);
    let secure = pass.text().starts_with("https://");
    let switch = scope.find("proxy_ssl").filter(|d| d.arg(0) == "on" && stream);
    let tls = switch.map(|d| d.span).or(secure.then(|| pass.span()));
    if tls.is_some() || !stream || !scope.unsure("proxy_ssl") {
        flag(&mut fact, path::upstream_tls, tls);
    }
    if let Some(span) = tls {
        let hosts = targets.iter().filter_map(|t| Some(Said::written(Value::text(t.host.as_ref()?), t.span)));
        let dials = targets.iter().filter_map(|t| {
            let address = format!("{}:{}", t.host.as_ref()?, t.port?);
            Some(Said::written(Value::text(address), t.span))
        });
        let named = services::host_port(&group).0.filter(|_| !pass.dynamic).map(str::to_owned);
        let to = server::Dialled { hosts: hosts.collect(), dials: dials.collect(), named };
        let part = format!("proxy_pass {}", pass.text());
        out.facts.add(server::dialling(scope, to, &part, span));
        match scope.find("proxy_ssl_verify") {
            Some(d) => drop(fact.write(path::upstream_verify, Value::Bool(d.arg(0) == "on"), d.span)),
            None if scope.unsure("proxy_ssl_verify") => {}
            None => drop(fact.set(path::upstream_verify, Said::default(Value::Bool(false), "nginx"))),
        };
    }
    times(scope, stream, &mut fact);
    for (field, name, here) in [
        (path::server_keepalive, "proxy_socket_keepalive", true),
        (path::send_proxy, "proxy_protocol", stream),
    ] {
        if !here || !scope.unsure(name) {
            flag(&mut fact, field, on(scope, name).filter(|_| here));
        }
    }
    for (field, header) in [(path::websocket, "Upgrade"), (path::connection_header, "Connection")] {
        let set = !stream && scope.any("proxy_set_header", header);
        if set || !scope.unsure_any("proxy_set_header") {
            fact.derive(field, Value::Bool(set));
        }
    }
    fact.derive(path::check, Value::text("none"));
    let once = !pass.dynamic && targets.iter().any(|t| !t.resolve && t.host.as_deref().is_some_and(is_name));
    fact.derive(path::resolved_once, Value::Bool(once));
    out.facts.add(fact);
}

fn is_name(host: &str) -> bool {
    host.contains(|c: char| c.is_ascii_alphabetic()) && !host.contains(':')
}

fn on(scope: &Scope<'_, '_, '_>, name: &str) -> Option<Span> {
    scope.find(name).filter(|d| d.arg(0) == "on").map(|d| d.span)
}

fn flag(fact: &mut Fact, field: Field, at: Option<Span>) {
    match at {
        Some(span) => fact.write(field, Value::Bool(true), span),
        None => fact.derive(field, Value::Bool(false)),
    };
}

/// What a path is called: the server's first name, its port, and the location.
fn name(block: &Directive<'_>, scope: &Scope<'_, '_, '_>, fact: &mut Fact) {
    let named = scope.find("server_name").map(|d| d.arg(0)).filter(|n| !matches!(*n, "" | "_"));
    let listen = scope.listens().first().map_or("", |l| l.arg(0));
    let mut text = named.unwrap_or(listen).to_owned();
    if block.name.text() == "location" {
        let location: Vec<&str> = block.args.iter().map(|w| w.text()).collect();
        text = format!("{text} {}", location.join(" ")).trim().to_owned();
    }
    if !text.is_empty() {
        fact.write(path::name, Value::text(text), block.span);
    }
}

/// What it listens on; the ports that say what a stream's clients speak.
fn listen(scope: &Scope<'_, '_, '_>, stream: bool, fact: &mut Fact) -> Vec<i64> {
    let listens = scope.listens();
    let udp = stream && listens.iter().any(|l| l.args.iter().any(|w| w.text() == "udp"));
    fact.derive(
        path::mode,
        Value::text(if udp {
            "udp"
        } else if stream {
            "tcp"
        } else {
            "http"
        }),
    );
    let mut addresses = Vec::new();
    let mut ports = Vec::new();
    let mut dialled = Vec::new();
    let [mut tls, mut accept, mut alive] = [None; 3];
    for item in &listens {
        let Some(word) = item.args.first() else { continue };
        addresses.push(Said::written(Value::text(word.text()), word.span()));
        if let Some(port) = server::port(word.text()) {
            ports.push(Said::written(Value::Int(port), word.span()));
            dialled.push(port);
        }
        let bare_port = word.text().parse::<u32>().is_ok();
        if let Some(host) = services::host_port(word.text()).0.filter(|_| !bare_port && addresses.len() == 1)
        {
            fact.write(path::listen_host, Value::text(host), word.span());
        }
        let find = |name: &str| item.args.iter().skip(1).find(|w| w.text() == name).map(Word::span);
        tls = tls.or(find("ssl"));
        accept = accept.or(find("proxy_protocol"));
        let keepalive = item
            .args
            .iter()
            .find(|w| w.text().starts_with("so_keepalive=") && w.text() != "so_keepalive=off");
        alive = alive.or(keepalive.map(Word::span));
    }
    if let Some(first) = ports.first() {
        fact.set(path::listen_port, first.clone());
    }
    fact.derive(path::listen, Value::List(addresses));
    fact.derive(path::listen_ports, Value::List(ports));
    flag(fact, path::listen_tls, tls);
    flag(fact, path::accept_proxy, accept);
    flag(fact, path::client_keepalive, alive);
    if stream { dialled } else { Vec::new() }
}

/// The group's name and its servers.
fn targets(pass: &Word<'_>, stream: bool, upstreams: &Upstreams<'_, '_>) -> (String, Vec<Target>) {
    let text = pass.text();
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let authority = rest.split('/').next().unwrap_or_default();
    if let Some(inner) = upstreams.blocks.get(authority) {
        let servers = inner.iter().filter(|d| d.name.text() == "server").filter_map(|d| {
            let word = d.args.first()?;
            let resolve = d.args.iter().any(|a| a.text() == "resolve");
            Some(target(word.text(), word.span(), scheme, stream, resolve))
        });
        return (authority.to_owned(), servers.collect());
    }
    if pass.dynamic && authority.starts_with('$') || authority.is_empty() {
        return (authority.to_owned(), Vec::new());
    }
    (authority.to_owned(), vec![target(authority, pass.span(), scheme, stream, false)])
}

fn target(address: &str, span: Span, scheme: &str, stream: bool, resolve: bool) -> Target {
    let (host, port) = services::host_port(address);
    let usual = match scheme {
        "https" => Some(443),
        _ if stream => None,
        _ => Some(80),
    };
    let host = host.filter(|h| !h.contains(['$', '{']) && !h.starts_with("unix")).map(str::to_owned);
    Target { address: address.to_owned(), host, port: port.or(usual), span, resolve }
}

fn add_targets(targets: &[Target], dialled: &[i64], fact: &mut Fact) {
    fact.derive(path::upstream_count, Value::Int(targets.len() as i64));
    let all = targets.iter().map(|t| Said::written(Value::text(&t.address), t.span)).collect();
    fact.derive(path::upstreams, Value::List(all));
    let hosts =
        targets.iter().filter_map(|t| Some(Said::written(Value::text(t.host.as_ref()?), t.span))).collect();
    fact.derive(path::upstream_hosts, Value::List(hosts));
    let mut ports: Vec<i64> = Vec::new();
    let mut said = Vec::new();
    for target in targets {
        if let Some(port) = target.port.filter(|p| !ports.contains(p)) {
            ports.push(port);
            said.push(Said::written(Value::Int(port), target.span));
        }
    }
    fact.derive(path::upstream_ports, Value::List(said));
    // Servers on ports of their own: what clients dial tells.
    if let Some(service) = services::common(&ports).or_else(|| services::common(dialled)) {
        fact.derive(path::service, Value::text(service));
    }
}

fn times(scope: &Scope<'_, '_, '_>, stream: bool, fact: &mut Fact) {
    let read = |name: &str, default: i64| -> Option<Said> {
        match scope.find(name).and_then(|d| d.args.first()) {
            Some(word) => Some(Said::written(Value::Duration(time::parse(word.text(), true)?), word.span())),
            None if scope.unsure(name) => None,
            None => Some(Said::default(Value::Duration(default), "nginx")),
        }
    };
    let (client, server) = if stream {
        (read("proxy_timeout", STREAM_IDLE_MS), read("proxy_timeout", STREAM_IDLE_MS))
    } else {
        (read("proxy_send_timeout", HTTP_IDLE_MS), read("proxy_read_timeout", HTTP_IDLE_MS))
    };
    for (field, said) in [(path::client_timeout, &client), (path::server_timeout, &server)] {
        if let Some(said) = said {
            fact.set(field, said.clone());
        }
    }
    // Silence of the server ends an HTTP exchange; silence of both ends a stream.
    if let Some(idle) = server {
        fact.set(path::idle_timeout, idle);
        fact.derive(path::idle_unlimited, Value::Bool(false));
    }
    if let Some(connect) = read("proxy_connect_timeout", CONNECT_MS) {
        fact.set(path::connect_timeout, connect);
    }
}
