//! The listeners of a broker, and what its check of them refuses (KafkaConfig.scala, `validateValues`).

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::kafka::{broker, listener, refusal};
use crate::facts::{Fact, FactId, Said, Value};
use crate::hosts;
use crate::source::Span;
use crate::systems::Reading;
use crate::systems::keyed::forms::is_open;

/// Names that need no entry in `listener.security.protocol.map`.
const PROTOCOLS: &[&str] = &["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];

/// One entry of a list of listeners.
pub(super) struct Entry {
    name: String,
    host: String,
    port: Option<i64>,
    span: Span,
}

/// The text that a key of the broker is set to, and where.
fn text(fact: &Fact, key: &str) -> Option<(String, Option<Span>)> {
    let said = fact.setting(key)?;
    match &said.value {
        Value::Text(text) => Some((text.to_string(), said.span())),
        Value::List(items) => {
            let words: Vec<String> = items.iter().map(Said::shown).collect();
            Some((words.join(","), said.span()))
        }
        _ => None,
    }
}

/// Splits `NAME://host:port,…`; `None` if a template fills in some of it.
fn entries(text: &str, at: Option<Span>) -> Option<Vec<Entry>> {
    if is_open(text) || text.contains(['<', '{', '$']) {
        return None;
    }
    let span = at?;
    // Offsets hold where the value stands as it is, as values of properties nearly always do.
    let direct = span.range().len() == text.len();
    let mut from = 0;
    let mut found = Vec::new();
    for part in text.split(',') {
        let start = from + (part.len() - part.trim_start().len());
        from += part.len() + 1;
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let (name, address) = part.split_once("://").unwrap_or(("", part));
        let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
        let own = span.range().start + start;
        found.push(Entry {
            name: name.to_ascii_uppercase(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: port.parse().ok(),
            span: if direct { Span::new(span.file, own, own + part.len()) } else { span },
        });
    }
    Some(found)
}

/// Everything that is known of a broker's listeners.
#[derive(Default)]
struct Known {
    listeners: Option<Vec<Entry>>,
    advertised: Option<Vec<Entry>>,
    map: Option<BTreeMap<String, String>>,
    controllers: BTreeSet<String>,
}

fn refuse(out: &mut Reading, span: Span, check: &str, reason: String) {
    let mut fact = Fact::new(&refusal::KIND, span);
    fact.derive(refusal::check, Value::text(check));
    fact.derive(refusal::reason, Value::text(reason));
    out.facts.add(fact);
}

/// Adds the listeners of a broker and what is wrong with them.
pub(super) fn add(id: FactId, whole: bool, out: &mut Reading) {
    let fact = out.facts.get(id).clone();
    let list = |key: &str| text(&fact, key).and_then(|(t, at)| entries(&t, at));
    let names = |key: &str| -> BTreeSet<String> {
        text(&fact, key).map_or_else(BTreeSet::new, |(t, _)| {
            t.split(',').map(|n| n.trim().to_ascii_uppercase()).filter(|n| !n.is_empty()).collect()
        })
    };
    let map = text(&fact, "listener.security.protocol.map").and_then(|(t, _)| {
        let pairs: Option<BTreeMap<String, String>> = t
            .split(',')
            .filter(|p| !p.trim().is_empty())
            .map(|p| {
                p.split_once(':').map(|(n, v)| (n.trim().to_ascii_uppercase(), v.trim().to_ascii_uppercase()))
            })
            .collect();
        pairs.filter(|_| !is_open(&t))
    });
    let known = Known {
        listeners: list("listeners"),
        advertised: list("advertised.listeners"),
        map,
        controllers: names("controller.listener.names"),
    };
    for (entries, advertised) in [(&known.listeners, false), (&known.advertised, true)] {
        for entry in entries.iter().flatten() {
            one(entry, advertised, &known, id, out);
        }
    }
    if let Some(local) = is_local(&fact, &known) {
        out.facts.get_mut(id).derive(broker::local, Value::Bool(local));
    }
    if whole {
        check(&fact, &known, out);
    }
}

/// True if only this host reaches the broker: by what it advertises, else by where it listens or where its quorum is.
fn is_local(fact: &Fact, known: &Known) -> Option<bool> {
    let all = |entries: &[Entry]| entries.iter().all(|e| hosts::is_loopback(&e.host));
    if let Some(advertised) = known.advertised.as_ref().filter(|a| !a.is_empty()) {
        return Some(all(advertised));
    }
    if known.listeners.as_ref().is_some_and(|l| !l.is_empty() && all(l)) {
        return Some(true);
    }
    let quorum = ["controller.quorum.voters", "controller.quorum.bootstrap.servers"];
    let (list, _) = quorum.iter().find_map(|key| text(fact, key))?;
    let near = |node: &str| {
        let address = node.trim().rsplit('@').next().unwrap_or_default();
        hosts::is_loopback(address.rsplit_once(':').map_or(address, |(host, _)| host))
    };
    (!is_open(&list)).then(|| list.split(',').all(near))
}

fn protocol_of(name: &str, known: &Known) -> Option<String> {
    match &known.map {
        Some(map) => map.get(name).cloned(),
        None => PROTOCOLS.contains(&name).then(|| name.to_owned()),
    }
}

fn one(entry: &Entry, advertised: bool, known: &Known, id: FactId, out: &mut Reading) {
    let mut fact = Fact::new(&listener::KIND, entry.span);
    let written = |value: Value| Said::written(value, entry.span);
    fact.set(listener::name, written(Value::text(&entry.name)));
    if let Some(protocol) = protocol_of(&entry.name, known) {
        fact.set(listener::protocol, written(Value::text(protocol)));
    }
    let every = matches!(entry.host.as_str(), "" | "0.0.0.0" | "::");
    if !every {
        fact.set(listener::host, written(Value::text(&entry.host)));
    }
    if let Some(port) = entry.port {
        fact.set(listener::port, written(Value::Int(port)));
    }
    fact.derive(listener::advertised, Value::Bool(advertised));
    fact.derive(listener::any_address, Value::Bool(every));
    fact.derive(listener::loopback, Value::Bool(hosts::is_loopback(&entry.host)));
    fact.derive(listener::controller, Value::Bool(known.controllers.contains(&entry.name)));
    fact.derive(listener::broker, Value::Record(id));
    out.facts.add(fact);
}

fn check(fact: &Fact, known: &Known, out: &mut Reading) {
    let at = |key: &str| fact.setting(key).and_then(Said::span).unwrap_or(fact.span);
    // An address without a name of a listener is refused, whatever else is said.
    for (entries, check) in [(&known.listeners, "listener"), (&known.advertised, "advertised")] {
        for entry in entries.iter().flatten() {
            if entry.name.is_empty() {
                refuse(out, entry.span, check, "a listener is written `NAME://host:port`".into());
            } else if entry.port.is_none() {
                refuse(out, entry.span, check, format!("the listener `{}` has no port", entry.name));
            }
        }
    }
    for entry in known.advertised.iter().flatten().filter(|e| e.host == "0.0.0.0") {
        let reason = format!("`{}` is advertised at 0.0.0.0, which no client can connect to", entry.name);
        refuse(out, entry.span, "advertised", reason);
    }
    duplicates(known, out);
    if let Some(map) = &known.map {
        for entry in known.listeners.iter().chain(&known.advertised).flatten() {
            if !entry.name.is_empty() && !map.contains_key(&entry.name) {
                let reason =
                    format!("`listener.security.protocol.map` says nothing of the listener `{}`", entry.name);
                refuse(out, entry.span, "listener", reason);
            }
        }
        for (name, protocol) in map.iter().filter(|(_, p)| !PROTOCOLS.contains(&p.as_str())) {
            let reason = format!("there is no security protocol `{protocol}` for the listener `{name}`");
            refuse(out, at("listener.security.protocol.map"), "listener", reason);
        }
    } else if fact.setting("listener.security.protocol.map").is_none() {
        // In KRaft mode names of controllers' listeners stand for PLAINTEXT while nothing is mapped.
        for entry in known.listeners.iter().flatten() {
            let own = PROTOCOLS.contains(&entry.name.as_str()) || known.controllers.contains(&entry.name);
            if !own && !entry.name.is_empty() {
                let reason = format!("`listener.security.protocol.map` must say what `{}` is", entry.name);
                refuse(out, entry.span, "listener", reason);
            }
        }
    }
    if let (Some(listeners), Some(advertised)) = (&known.listeners, &known.advertised) {
        for entry in advertised.iter().filter(|e| !e.name.is_empty()) {
            if !listeners.iter().any(|l| l.name == entry.name) {
                let reason = format!("`{}` is advertised, but `listeners` has no such name", entry.name);
                refuse(out, entry.span, "advertised", reason);
            }
        }
    }
    inter_broker(fact, known, out);
    controllers(fact, known, out);
}

/// Where KRaft's controllers listen: on a listener of their own, which mere brokers have not.
fn controllers(fact: &Fact, known: &Known, out: &mut Reading) {
    let (Some((roles, _)), Some(listeners)) = (text(fact, "process.roles"), &known.listeners) else { return };
    if known.controllers.is_empty() || is_open(&roles) || known.controllers.iter().any(|n| is_open(n)) {
        return;
    }
    let has = |role: &str| roles.split(',').any(|r| r.trim() == role);
    let at = fact.setting("controller.listener.names").and_then(Said::span).unwrap_or(fact.span);
    let own = listeners.iter().find(|l| known.controllers.contains(&l.name));
    if has("controller") && own.is_none() {
        let reason =
            "`listeners` has none of `controller.listener.names`, so the controller cannot be reached";
        refuse(out, at, "controller", reason.into());
    }
    if let Some(entry) = own.filter(|_| has("broker") && !has("controller")) {
        let reason =
            format!("the listener `{}` is the controllers', and this node is only a broker", entry.name);
        refuse(out, entry.span, "controller", reason);
    }
}

fn duplicates(known: &Known, out: &mut Reading) {
    let Some(listeners) = &known.listeners else { return };
    let (mut names, mut ports) = (BTreeSet::new(), BTreeMap::new());
    for entry in listeners {
        if !entry.name.is_empty() && !names.insert(&entry.name) {
            refuse(out, entry.span, "listener", format!("two listeners are called `{}`", entry.name));
        }
        // Port 0 is any free one; one IPv4 and one IPv6 address may share a port.
        let Some(port) = entry.port.filter(|p| *p != 0) else { continue };
        let v6 = entry.host.contains(':');
        if let Some(other) = ports.insert(port, v6)
            && other == v6
        {
            refuse(out, entry.span, "listener", format!("two listeners use port {port}"));
        }
    }
}

fn inter_broker(fact: &Fact, known: &Known, out: &mut Reading) {
    let name = text(fact, "inter.broker.listener.name").filter(|(t, _)| !is_open(t));
    if let (Some((_, Some(at))), Some(_)) = (&name, fact.setting("security.inter.broker.protocol")) {
        let reason =
            "only one of `inter.broker.listener.name` and `security.inter.broker.protocol` may be set";
        refuse(out, *at, "inter-broker", reason.into());
    }
    let heard = known.advertised.as_ref().or(known.listeners.as_ref());
    let broker = text(fact, "process.roles").is_none_or(|(roles, _)| roles.contains("broker"));
    if let (Some((name, Some(at))), Some(heard)) = (&name, heard)
        && broker
        && !heard.iter().any(|e| e.name.eq_ignore_ascii_case(name))
    {
        let reason = format!("brokers are to use the listener `{name}`, which is not advertised");
        refuse(out, *at, "inter-broker", reason);
    }
}
