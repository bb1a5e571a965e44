//! inter_node_tls.config: the TLS options of the links between the nodes of a cluster, one Erlang list.

use crate::facts::kinds::tls_end::end;
use crate::facts::{Fact, Field, Said, Value};
use crate::source::{Source, View};
use crate::syntax::{Node, erlang};
use crate::systems::{FileKind, Match, Reading};

/// The file that `-ssl_dist_optfile` names.
pub static INTER_NODE_TLS: FileKind = FileKind {
    name: "rabbitmq.inter-node-tls",
    doc: "TLS options of the links between nodes (`-ssl_dist_optfile`), one Erlang list.",
    recognise: |source: &Source| {
        let name = source.base_name();
        let named = ["inter_node_tls", "inter-node-tls", "ssl_dist"].iter().any(|n| name.contains(n));
        if !named && !name.ends_with(".config") {
            return Match::No;
        }
        let plain = source.text.replace([' ', '\t', '\r', '\n'], "");
        match plain.contains("{server,[") && plain.contains("certfile,") {
            true if named => Match::Sure,
            true if !plain.contains("{rabbit") => Match::Likely,
            _ => Match::No,
        }
    },
    read,
};

fn read(view: &View<'_>, out: &mut Reading) {
    let (terms, notices) = erlang::parse(view);
    out.notices.extend(notices);
    for term in &terms {
        let sides = term.pairs();
        let certificate = |side: &str| {
            let (_, options) = sides.iter().find(|(name, _)| name.view.text == side)?;
            option(options, "certfile")?.text()
        };
        // With one certificate for both, a node shows it to the nodes it dials as well.
        let one = certificate("server").is_some() && certificate("server") == certificate("client");
        for (name, options) in &sides {
            if matches!(&*name.view.text, "server" | "client") {
                let fact = end_of(&name.view.text, options, one, out);
                out.facts.add(fact);
            }
        }
    }
}

fn option<'n, 'a>(options: &'n Node<'a>, key: &str) -> Option<&'n Node<'a>> {
    options.pairs().into_iter().find(|(k, _)| k.view.text == key).map(|(_, value)| value)
}

fn end_of(name: &str, options: &Node<'_>, one: bool, out: &mut Reading) -> Fact {
    let mut fact = Fact::new(&end::KIND, options.span);
    fact.derive(end::program, Value::text("RabbitMQ"));
    fact.derive(end::part, Value::text(format!("links between nodes, {name}")));
    let serves = name == "server";
    let side = match (serves, one) {
        (true, true) => "peer",
        (true, false) => "listen",
        (false, _) => "connect",
    };
    fact.derive(end::side, Value::text(side));
    let files: [(Field, &str); 3] =
        [(end::certificate_file, "certfile"), (end::key_file, "keyfile"), (end::ca_file, "cacertfile")];
    let get = |key: &str| option(options, key);
    for (field, key) in files.iter().filter(|(f, _)| serves || !one || f.index == end::ca_file.index) {
        if let Some((path, at)) = get(key).and_then(|n| Some((n.text()?, n.span))) {
            fact.write(*field, Value::text(path), at);
        }
    }
    let password = get("password");
    if let Some(said) = password.filter(|p| p.text().is_some_and(|t| !t.is_empty())) {
        out.secrets.push(said.span);
    }
    fact.derive(end::password, Value::Bool(password.is_some()));
    fact.derive(end::ca_named, Value::Bool(get("cacertfile").or(get("cacerts")).is_some()));
    if let Some((depth, at)) = get("depth").and_then(|n| Some((n.text()?.parse().ok()?, n.span))) {
        fact.write(end::depth, Value::Int(depth), at);
    }
    if let Some(versions) = get("versions") {
        let words = versions.items().iter().filter_map(|v| Some((v.text()?.trim_matches('\''), v.span)));
        let list = words.map(|(w, at)| Said::written(Value::text(w), at)).collect();
        fact.write(end::protocols, Value::List(list), versions.span);
    }
    let check = get("verify").and_then(|n| Some((n.text()?, n.span)));
    let demands = get("fail_if_no_peer_cert").is_some_and(|n| n.text() == Some("true"));
    match (check, serves) {
        (Some(("verify_none", at)), _) => drop(fact.write(end::verify, Value::text("none"), at)),
        (Some(("verify_peer", at)), true) => {
            let word = if demands { "required" } else { "optional" };
            fact.write(end::verify, Value::text(word), at);
        }
        (Some(("verify_peer", at)), false) => drop(fact.write(end::verify, Value::text("full"), at)),
        (None, true) => drop(fact.set(end::verify, Said::default(Value::text("none"), "Erlang"))),
        _ => {}
    }
    fact
}
