//! TLS contexts of Envoy: what a listener's chain of filters shows, and what a cluster is dialled with
//! (api-v3 extensions/transport_sockets/tls/v3).

use super::items;
use crate::facts::kinds::proxy::tls;
use crate::facts::kinds::tls_end::end;
use crate::facts::{Fact, Field, Said, Value, Version};
use crate::source::Span;
use crate::syntax::Node;
use crate::systems::Reading;

/// Protocol versions as Envoy writes them, with the usual name, the short one and the minor number.
const VERSIONS: [(&str, &str, &str, u32); 4] = [
    ("TLSv1_0", "TLSv1.0", "1.0", 0),
    ("TLSv1_1", "TLSv1.1", "1.1", 1),
    ("TLSv1_2", "TLSv1.2", "1.2", 2),
    ("TLSv1_3", "TLSv1.3", "1.3", 3),
];

/// The place among them that a context's parameters name.
fn bound(context: &Node<'_>, key: &str) -> Option<(usize, Span)> {
    let found = context.at(&["tls_params", key])?;
    Some((VERSIONS.iter().position(|v| Some(v.0) == found.text())?, found.span))
}

/// The versions of a context, if it says anything about them: the first and the last one, and where.
fn bounds(context: &Node<'_>, highest: usize) -> Option<(usize, usize, Span)> {
    let least = bound(context, "tls_minimum_protocol_version");
    let most = bound(context, "tls_maximum_protocol_version");
    let at = least.or(most)?.1;
    // Current versions start at TLS 1.2.
    Some((least.map_or(2, |l| l.0), most.map_or(highest, |m| m.0), at))
}

/// What a socket's or the older form's settings say.
fn config<'n, 'a>(socket: &'n Node<'a>) -> &'n Node<'a> {
    socket.get("typed_config").unwrap_or(socket)
}

/// Adds what a chain of filters listens with.
pub(super) fn listening(socket: &Node<'_>, chain: &Node<'_>, port: Option<(i64, Span)>, out: &mut Reading) {
    let config = config(socket);
    let Some(context) = config.get("common_tls_context") else { return };
    versions(context, out);
    let mut fact = end_of(context, socket.span);
    fact.derive(end::side, Value::text("listen"));
    fact.derive(end::part, Value::text("DownstreamTlsContext"));
    if let Some((port, span)) = port {
        fact.derive(end::ports, Value::List(vec![Said::written(Value::Int(port), span)]));
    }
    let names = chain.get("filter_chain_match").map_or(&[][..], |m| items(m, "server_names"));
    let names = names.iter().filter_map(|n| Some((n.text()?, n.span))).filter(|(n, _)| !n.starts_with('*'));
    let names: Vec<Said> = names.map(|(n, at)| Said::written(Value::text(n), at)).collect();
    fact.derive(end::names, Value::List(names));
    offered(context, 3, &mut fact);
    let asked = config.get("require_client_certificate");
    let checks = validation(context).is_some() || fact.bool(end::ca_named) == Some(true);
    match (asked.and_then(|n| Some((n.text()?, n.span))), checks) {
        (Some(("true", span)), _) => drop(fact.write(end::verify, Value::text("required"), span)),
        (_, true) => drop(fact.derive(end::verify, Value::text("optional"))),
        (_, false) => drop(fact.set(end::verify, Said::default(Value::text("none"), "Envoy"))),
    }
    out.facts.add(fact);
}

/// Adds what a cluster is dialled with.
pub(super) fn dialling(socket: &Node<'_>, name: &str, to: &[super::Endpoint], out: &mut Reading) {
    let config = config(socket);
    let Some(context) = config.get("common_tls_context") else { return };
    let mut fact = end_of(context, socket.span);
    fact.derive(end::side, Value::text("connect"));
    fact.derive(end::part, Value::text(format!("cluster {name}")));
    let hosts = to.iter().filter_map(|e| Some(Said::written(Value::text(e.1.as_ref()?), e.3)));
    fact.derive(end::hosts, Value::List(hosts.collect()));
    let dials = to.iter().filter(|e| e.1.is_some() && e.2.is_some());
    fact.derive(end::dials, Value::List(dials.map(|e| Said::written(Value::text(&e.0), e.3)).collect()));
    // Towards servers Envoy's own highest version is TLS 1.2.
    offered(context, 2, &mut fact);
    let sent = ["sni", "auto_host_sni"].iter().find_map(|k| config.get(k));
    match sent {
        Some(said) => fact.write(end::sends_name, Value::Bool(said.text() != Some("false")), said.span),
        None => fact.set(end::sends_name, Said::default(Value::Bool(false), "Envoy")),
    };
    fact.derive(end::shows_none, Value::Bool(!has_certificates(context)));
    let (verify, expected) = checks(config, context, to);
    if let Some(verify) = verify {
        fact.set(end::verify, verify);
    }
    if let Some(expected) = expected {
        fact.set(end::server_name, expected);
    }
    out.facts.add(fact);
}

/// How servers are checked, and the one name that is expected of them.
fn checks(config: &Node<'_>, context: &Node<'_>, to: &[super::Endpoint]) -> (Option<Said>, Option<Said>) {
    let Some(rules) = validation(context) else {
        // What a management server hands out may say more.
        let elsewhere = context.get("validation_context_sds_secret_config").is_some();
        return ((!elsewhere).then(|| Said::default(Value::text("none"), "Envoy")), None);
    };
    if rules.get("trust_chain_verification").and_then(Node::text) == Some("ACCEPT_UNTRUSTED") {
        return (Some(Said::derived(Value::text("none"), Some(rules.span))), None);
    }
    let typed = items(rules, "match_typed_subject_alt_names").iter().filter_map(|m| m.get("matcher"));
    let matchers: Vec<&Node<'_>> = typed.chain(items(rules, "match_subject_alt_names")).collect();
    let said = |node: &Node<'_>| Some(Said::written(Value::text(node.text()?), node.span));
    if config.get("auto_sni_san_validation").and_then(Node::text) == Some("true") {
        let host = to.first().and_then(|e| Some(Said::written(Value::text(e.1.as_ref()?), e.3)));
        return (Some(Said::derived(Value::text("full"), None)), config.get("sni").and_then(said).or(host));
    }
    let word = if matchers.is_empty() { "chain" } else { "full" };
    let expected = match matchers[..] {
        [one] => one.get("exact").and_then(said),
        _ => None,
    };
    (Some(Said::derived(Value::text(word), Some(rules.span))), expected)
}

/// What the context says about the other side's certificate.
fn validation<'n, 'a>(context: &'n Node<'a>) -> Option<&'n Node<'a>> {
    let combined = || context.at(&["combined_validation_context", "default_validation_context"]);
    context.get("validation_context").or_else(combined)
}

fn has_certificates(context: &Node<'_>) -> bool {
    const PLACES: [&str; 4] = [
        "tls_certificates",
        "tls_certificate_sds_secret_configs",
        "tls_certificate_provider_instance",
        "custom_tls_certificate_selector",
    ];
    PLACES.iter().any(|k| context.get(k).is_some())
}

/// What both sides' contexts have in common.
fn end_of(context: &Node<'_>, span: Span) -> Fact {
    let mut fact = Fact::new(&end::KIND, span);
    fact.derive(end::program, Value::text("Envoy"));
    let mut file = |field: Field, node: Option<&Node<'_>>| {
        let node = node.and_then(|n| n.get("filename"));
        if let Some((path, at)) = node.and_then(|n| Some((n.text()?, n.span))) {
            fact.write(field, Value::text(path), at);
        }
    };
    // Of several certificates the client decides which one is shown.
    let pair = match items(context, "tls_certificates") {
        [one] => Some(one),
        _ => None,
    };
    file(end::certificate_file, pair.and_then(|p| p.get("certificate_chain")));
    file(end::key_file, pair.and_then(|p| p.get("private_key")));
    file(end::ca_file, validation(context).and_then(|v| v.get("trusted_ca")));
    fact.derive(end::password, Value::Bool(pair.is_some_and(|p| p.get("password").is_some())));
    let elsewhere = ["validation_context_sds_secret_config", "combined_validation_context"];
    let named = validation(context).is_some_and(|v| v.get("trusted_ca").is_some())
        || elsewhere.iter().any(|k| context.get(k).is_some());
    fact.derive(end::ca_named, Value::Bool(named));
    let depth = validation(context).and_then(|v| v.get("max_verify_depth"));
    if let Some((depth, at)) = depth.and_then(|n| Some((n.text()?.parse().ok()?, n.span))) {
        fact.write(end::depth, Value::Int(depth), at);
    }
    let suites = context.get("tls_params").map_or(&[][..], |p| items(p, "cipher_suites"));
    if let (Some(first), Some(last)) = (suites.first(), suites.last()) {
        // `[A|B]` are suites of one rank.
        let all: Vec<String> = suites
            .iter()
            .filter_map(Node::text)
            .map(|t| t.replace(['[', ']'], "").replace('|', ":"))
            .collect();
        fact.write(end::ciphers, Value::text(all.join(":")), first.span.to(last.span));
    }
    fact
}

fn offered(context: &Node<'_>, highest: usize, fact: &mut Fact) {
    let Some((from, to, at)) = bounds(context, highest) else { return };
    let inside = VERSIONS.iter().enumerate().filter(|(i, _)| (from..=to).contains(i));
    let list = inside.map(|(_, v)| Said::written(Value::text(v.2), at)).collect();
    fact.write(end::offered, Value::List(list), at);
}

/// The versions of a listener, as of every proxy.
fn versions(context: &Node<'_>, out: &mut Reading) {
    let Some((from, to, at)) = bounds(context, 3) else { return };
    let mut fact = Fact::new(&tls::KIND, at);
    fact.derive(tls::program, Value::text("envoy"));
    fact.derive(tls::side, Value::text("listen"));
    let offered = VERSIONS.iter().enumerate().filter(|(i, _)| (from..=to).contains(i));
    let list = offered.map(|(_, v)| Said::written(Value::text(v.1), at)).collect();
    fact.write(tls::protocols, Value::List(list), at);
    if let Some(version) = VERSIONS.get(from) {
        fact.write(tls::min_version, Value::Version(Version { parts: [1, version.3, 0], written: 2 }), at);
    }
    out.facts.add(fact);
}
