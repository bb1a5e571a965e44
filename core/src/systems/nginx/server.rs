//! `server` blocks and TLS settings.

use super::scope::{Context, Scope};
use super::time;
use crate::facts::kinds::nginx::server;
use crate::facts::kinds::proxy::tls;
use crate::facts::kinds::tls_end::end;
use crate::facts::{Fact, Field, Said, Value, Version};
use crate::source::Span;
use crate::syntax::nginx::Directive;
use crate::systems::{Reading, services};

/// The port a `listen` names; 80 if it names an address only.
pub(super) fn port(listen: &str) -> Option<i64> {
    if let Ok(port) = listen.parse() {
        return Some(port);
    }
    if listen.starts_with("unix:") || listen.contains(['$', '{']) {
        return services::host_port(listen).1;
    }
    services::host_port(listen).1.or(Some(80))
}

/// One fact a `server` block.
pub(super) fn read(item: &Directive<'_>, scope: &Scope<'_, '_, '_>, out: &mut Reading) {
    let mut fact = Fact::new(&server::KIND, item.span);
    fact.derive(server::context, Value::text(scope.context.as_str()));
    if let Some(names) = scope.own("server_name") {
        let said = names.args.iter().map(|w| Said::written(Value::text(w.text()), w.span())).collect();
        fact.write(server::names, Value::List(said), names.span);
    }
    let listens: Vec<&Directive<'_>> = item.inner().iter().filter(|d| d.name.text() == "listen").collect();
    let words = listens.iter().filter_map(|l| l.args.first());
    let said: Vec<Said> = words.map(|w| Said::written(Value::text(w.text()), w.span())).collect();
    fact.derive(server::listen, Value::List(said));
    let ports = listens
        .iter()
        .filter_map(|l| Some(Said::written(Value::Int(port(l.arg(0))?), l.args.first()?.span())));
    fact.derive(server::ports, Value::List(ports.collect()));
    let ssl = listens.iter().find_map(|l| l.args.iter().skip(1).find(|w| w.text() == "ssl"));
    fact.derive(server::tls, Value::Bool(ssl.is_some()));
    if let Some(word) = ssl {
        // An `include` may bring the certificate; a part of a configuration may get it from outside.
        let certificate =
            ["ssl_certificate", "ssl_reject_handshake", "include", "ssl_certificate_by_lua_block"]
                .iter()
                .any(|n| scope.find(n).is_some());
        let whole = matches!(scope.context, Context::Http | Context::Stream);
        fact.write(server::certificate_missing, Value::Bool(whole && !certificate), word.span());
        let ports = listens.iter().filter(|l| l.args.iter().skip(1).any(|w| w.text() == "ssl"));
        let ports =
            ports.filter_map(|l| Some(Said::written(Value::Int(port(l.arg(0))?), l.args.first()?.span())));
        let mut fact = listening(item, scope, scope.own("server_name"), word.span());
        fact.derive(end::ports, Value::List(ports.collect()));
        out.facts.add(fact);
    }
    if let Some(keepalive) = scope.find("keepalive_timeout").filter(|_| scope.context.is_http()) {
        if let Some(ms) = time::parse(keepalive.arg(0), true) {
            let span = keepalive.args.first().map_or(keepalive.span, |w| w.span());
            fact.write(server::keepalive_timeout, Value::Duration(ms), span);
        }
    } else if scope.context.is_http() && !scope.unsure("keepalive_timeout") {
        fact.set(server::keepalive_timeout, Said::default(Value::Duration(75_000), "nginx"));
    }
    fact.derive(server::proxies, Value::Bool(passes(item.inner())));
    out.facts.add(fact);
}

/// How many intermediate authorities nginx takes where nothing is said (`ssl_verify_depth`, `proxy_ssl_verify_depth`).
const DEFAULT_DEPTH: i64 = 1;

/// The directives of one end: each with its field.
fn end(start: &str, scope: &Scope<'_, '_, '_>, fields: &[(Field, &str)], span: Span) -> Fact {
    let mut fact = Fact::new(&end::KIND, span);
    fact.derive(end::program, Value::text("nginx"));
    for (field, name) in fields {
        let found = scope.find(&format!("{start}{name}"));
        let Some(word) = found.and_then(|d| d.args.first()).filter(|w| !w.dynamic) else { continue };
        fact.write(*field, Value::text(word.text()), word.span());
    }
    if let Some(d) = scope.find(&format!("{start}ssl_protocols")) {
        let words = d.args.iter().map(|w| Said::written(Value::text(w.text()), w.span())).collect();
        fact.write(end::protocols, Value::List(words), d.span);
    }
    let depth = scope.find(&format!("{start}ssl_verify_depth")).and_then(|d| d.args.first());
    match depth.and_then(|w| Some((w.text().parse().ok()?, w.span()))) {
        Some((depth, span)) => drop(fact.write(end::depth, Value::Int(depth), span)),
        None if scope.unsure(&format!("{start}ssl_verify_depth")) => {}
        None => drop(fact.set(end::depth, Said::default(Value::Int(DEFAULT_DEPTH), "nginx"))),
    };
    fact.derive(end::password, Value::Bool(scope.find(&format!("{start}ssl_password_file")).is_some()));
    fact
}

/// The end of TLS connections that a `server` block listens with.
fn listening(
    item: &Directive<'_>,
    scope: &Scope<'_, '_, '_>,
    names: Option<&Directive<'_>>,
    ssl: Span,
) -> Fact {
    let fields = [
        (end::certificate_file, "ssl_certificate"),
        (end::key_file, "ssl_certificate_key"),
        (end::ca_file, "ssl_client_certificate"),
        (end::ciphers, "ssl_ciphers"),
    ];
    // Two certificates in one block are for two types of keys; which one is shown, the client decides.
    let several = item.inner().iter().filter(|d| d.name.text() == "ssl_certificate").count() > 1;
    let fields = if several { &fields[2..] } else { &fields[..] };
    let mut fact = end("", scope, fields, ssl);
    fact.derive(end::side, Value::text("listen"));
    let named = names.map_or("", |n| n.arg(0));
    fact.derive(end::part, Value::text(format!("server {named}").trim_end()));
    let names = names.into_iter().flat_map(|n| &n.args);
    let plain = names.filter(|w| {
        let text = w.text();
        !w.dynamic && text.contains('.') && !text.starts_with(['~', '*', '.']) && !text.ends_with(".*")
    });
    let said: Vec<Said> = plain.map(|w| Said::written(Value::text(w.text()), w.span())).collect();
    fact.derive(end::names, Value::List(said));
    let authorities = ["ssl_client_certificate", "ssl_trusted_certificate", "include"];
    fact.derive(end::ca_named, Value::Bool(authorities.iter().any(|n| scope.find(n).is_some())));
    let verify = scope.find("ssl_verify_client").and_then(|d| d.args.first());
    match verify.map(|w| (w.text(), w.span())) {
        Some(("on", span)) => drop(fact.write(end::verify, Value::text("required"), span)),
        Some(("optional", span)) => drop(fact.write(end::verify, Value::text("optional"), span)),
        Some(("off", span)) => drop(fact.write(end::verify, Value::text("none"), span)),
        Some(_) => {}
        None if scope.unsure("ssl_verify_client") => {}
        None => drop(fact.set(end::verify, Said::default(Value::text("none"), "nginx"))),
    }
    fact
}

/// What a block passes connections to.
pub(super) struct Dialled {
    /// The hosts.
    pub(super) hosts: Vec<Said>,
    /// `host:port` each.
    pub(super) dials: Vec<Said>,
    /// The host or group that `proxy_pass` names; absent where it is worked out for each request.
    pub(super) named: Option<String>,
}

/// The end of TLS connections that a block dials servers with; `span` is where it says so.
pub(super) fn dialling(scope: &Scope<'_, '_, '_>, to: Dialled, part: &str, span: Span) -> Fact {
    let fields = [
        (end::certificate_file, "ssl_certificate"),
        (end::key_file, "ssl_certificate_key"),
        (end::ca_file, "ssl_trusted_certificate"),
        (end::ciphers, "ssl_ciphers"),
        (end::server_name, "ssl_name"),
    ];
    let mut fact = end("proxy_", scope, &fields, span);
    fact.derive(end::side, Value::text("connect"));
    fact.derive(end::part, Value::text(part));
    // Unless `proxy_ssl_name` says otherwise, the name is the one in `proxy_pass`, even where that is a group's.
    let group = |name: &String| !to.hosts.iter().any(|h| h.value == Value::text(name));
    if let Some(name) = to.named.filter(|n| scope.find("proxy_ssl_name").is_none() && group(n)) {
        fact.set(end::server_name, Said::derived(Value::text(name), Some(span)));
    }
    fact.derive(end::hosts, Value::List(to.hosts));
    fact.derive(end::dials, Value::List(to.dials));
    let own = ["proxy_ssl_certificate", "include"].iter().any(|n| scope.find(n).is_some());
    fact.derive(end::shows_none, Value::Bool(!own));
    let named = fact.get(end::ca_file).is_some() || scope.find("include").is_some();
    fact.derive(end::ca_named, Value::Bool(named));
    match scope.find("proxy_ssl_server_name") {
        Some(d) => drop(fact.write(end::sends_name, Value::Bool(d.arg(0) == "on"), d.span)),
        None if scope.unsure("proxy_ssl_server_name") => {}
        None => drop(fact.set(end::sends_name, Said::default(Value::Bool(false), "nginx"))),
    };
    match scope.find("proxy_ssl_verify") {
        Some(d) => {
            let word = if d.arg(0) == "on" { "full" } else { "none" };
            fact.write(end::verify, Value::text(word), d.span);
        }
        None if scope.unsure("proxy_ssl_verify") => {}
        None => drop(fact.set(end::verify, Said::default(Value::text("none"), "nginx"))),
    }
    fact
}

fn passes(directives: &[Directive<'_>]) -> bool {
    directives.iter().any(|d| d.name.text().ends_with("_pass") || passes(d.inner()))
}

/// Protocol versions as nginx writes them, with the usual name.
const PROTOCOLS: [(&str, &str, [u32; 2]); 6] = [
    ("SSLv2", "SSLv2", [0, 2]),
    ("SSLv3", "SSLv3", [0, 3]),
    ("TLSv1", "TLSv1.0", [1, 0]),
    ("TLSv1.1", "TLSv1.1", [1, 1]),
    ("TLSv1.2", "TLSv1.2", [1, 2]),
    ("TLSv1.3", "TLSv1.3", [1, 3]),
];

/// The protocol versions of an `ssl_protocols` and its like.
pub(super) fn protocols(item: &Directive<'_>, out: &mut Reading) {
    let mut fact = Fact::new(&tls::KIND, item.span);
    fact.derive(tls::program, Value::text("nginx"));
    let side = if item.name.text() == "ssl_protocols" { "listen" } else { "upstream" };
    fact.derive(tls::side, Value::text(side));
    let known = item.args.iter().filter_map(|w| Some((w, PROTOCOLS.iter().find(|p| p.0 == w.text())?)));
    let known: Vec<_> = known.collect();
    let list = known.iter().map(|(w, p)| Said::written(Value::text(p.1), w.span())).collect();
    fact.write(tls::protocols, Value::List(list), item.span);
    if let Some((word, least)) = known.iter().min_by_key(|(_, p)| p.2) {
        let version = Version { parts: [least.2[0], least.2[1], 0], written: 2 };
        fact.write(tls::min_version, Value::Version(version), word.span());
    }
    out.facts.add(fact);
}
