//! Properties of Connect workers, of connectors, and of MirrorMaker 2.

use std::collections::{BTreeMap, BTreeSet};

use super::client::keep_secret;
use super::{OF_WORKERS, key_of, sets, shares, take};
use crate::facts::kinds::kafka::{flow, worker};
use crate::facts::{Fact, Said, Value};
use crate::hosts;
use crate::nearest::nearest;
use crate::source::{Source, Span, View};
use crate::syntax::keyvalue::{self, Pair, dialects};
use crate::syntax::template;
use crate::systems::keyed::{Line, Lines};
use crate::systems::{FileKind, Match, Reading};

/// Properties of a worker, a connector or a MirrorMaker.
pub static WORKER: FileKind = FileKind {
    name: "kafka.connect",
    doc: "Properties of a Kafka Connect worker, a connector or MirrorMaker 2.",
    recognise,
    read,
};

/// Keys that neither clients nor brokers have.
const OWN: &[&str] = &[
    "key.converter",
    "value.converter",
    "offset.storage.topic",
    "offset.storage.file.filename",
    "plugin.path",
    "connector.class",
    "config.storage.topic",
];

fn recognise(source: &Source) -> Match {
    let Some(([_, _, worker], name)) = shares(source) else { return Match::No };
    let mirrors = sets(source, &["clusters"]) && source.text.contains("->");
    match sets(source, OWN) || mirrors {
        true if mirrors || worker > 0.4 => Match::Sure,
        true if name.contains("connect") => Match::Likely,
        _ => Match::No,
    }
}

/// Prefixes of the clients that a worker makes for its connectors.
const CLIENTS: &[&str] = &["producer.", "consumer.", "admin."];

#[derive(Default)]
struct Flow {
    span: Option<Span>,
    enabled: Option<bool>,
    misspelt: Option<Span>,
}

fn read(view: &View<'_>, out: &mut Reading) {
    let template = template::detect(&view.text).is_some();
    let (pairs, notices) = keyvalue::pairs(view, &dialects::PROPERTIES);
    out.notices.extend(notices);
    let Some(first) = pairs.first() else { return };
    let mut lines = Lines::new(&OF_WORKERS, Fact::new(&worker::KIND, first.span), template);
    let mut flows: BTreeMap<(String, String), Flow> = BTreeMap::new();
    let mut aliases: Option<Vec<String>> = None;
    let mut prefixes: BTreeSet<&str> = BTreeSet::new();
    let mut weakened = None;
    for pair in &pairs {
        let key = pair.key.text.as_ref();
        keep_secret(key, &pair.value, out);
        if key == "clusters" {
            aliases = Some(
                pair.value.text.split(',').map(|a| a.trim().to_owned()).filter(|a| !a.is_empty()).collect(),
            );
        }
        if let Some((source, rest)) = key.split_once("->") {
            let (target, option) = rest.split_once('.').unwrap_or((rest, ""));
            note_flow(source.trim(), target.trim(), option, pair, &mut flows);
            continue;
        }
        if let Some(client) = CLIENTS.iter().find(|p| key.starts_with(**p)) {
            prefixes.insert(client);
            if let Some(what) = weakens(key, pair.value.text.trim()) {
                weakened.get_or_insert_with(|| Said::written(Value::text(what), pair.span));
            }
            continue;
        }
        // Options of one cluster, and of plug-ins.
        let mine = super::KAFKA_CONNECT.find(key).is_some();
        if !mine && (aliases.is_some() || sort(&pairs) == "connector" || key.contains("converter")) {
            continue;
        }
        let value = pair.assigned.then_some(&pair.value);
        take(&mut lines, &Line { section: None, key: &pair.key, value, span: pair.span }, "worker", out);
    }
    let mut fact = lines.finish(worker::filled_in);
    finish(&mut fact, &pairs, &prefixes, weakened);
    let identity = fact.setting("replication.policy.class").is_some_and(|s| s.shown().contains("Identity"));
    out.facts.add(fact);
    add_flows(&flows, aliases.as_deref(), identity && !template, out);
}

fn sort(pairs: &[Pair<'_>]) -> &'static str {
    let has = |name: &str| pairs.iter().any(|p| p.key.text == name);
    if has("clusters") {
        "mirror"
    } else if has("connector.class") {
        "connector"
    } else if has("offset.storage.file.filename") {
        "standalone"
    } else {
        "distributed"
    }
}

/// Overrides that make the producers of source connectors lose or reorder records.
fn weakens(key: &str, value: &str) -> Option<String> {
    let weak = match key_of(key) {
        "producer.acks" => matches!(value, "0" | "1"),
        "producer.max.in.flight.requests.per.connection" => value.parse::<i64>().is_ok_and(|n| n > 5),
        "producer.retries" => value == "0",
        _ => false,
    };
    weak.then(|| format!("{key}={value}"))
}

fn finish(fact: &mut Fact, pairs: &[Pair<'_>], prefixes: &BTreeSet<&str>, weakened: Option<Said>) {
    fact.derive(worker::sort, Value::text(sort(pairs)));
    if let Some(said) = weakened {
        fact.set(worker::weakened_by, said);
    }
    let shown = |key: &str| fact.setting(key).map(Said::shown);
    let sink = shown("connector.class").is_some_and(|c| c.contains("Sink"))
        || fact.setting("topics").is_some()
        || fact.setting("topics.regex").is_some();
    let secure = fact
        .setting("security.protocol")
        .filter(|s| !s.shown().eq_ignore_ascii_case("plaintext") && prefixes.is_empty())
        .and_then(Said::span);
    let local = shown("bootstrap.servers").map(|list| {
        list.split(',').all(|b| hosts::is_loopback(b.trim().rsplit_once(':').map_or(b, |(host, _)| host)))
    });
    fact.derive(worker::sink, Value::Bool(sink));
    if let Some(local) = local {
        fact.derive(worker::local, Value::Bool(local));
    }
    if matches!(sort(pairs), "distributed" | "standalone") {
        fact.set(worker::security_not_prefixed, Said::derived(Value::Bool(secure.is_some()), secure));
    }
}

fn note_flow(
    source: &str,
    target: &str,
    option: &str,
    pair: &Pair<'_>,
    flows: &mut BTreeMap<(String, String), Flow>,
) {
    let flow = flows.entry((source.to_owned(), target.to_owned())).or_default();
    flow.span.get_or_insert(pair.key.full_span());
    match option {
        "enabled" => flow.enabled = Some(pair.value.text.trim().eq_ignore_ascii_case("true")),
        "enable" => flow.misspelt = Some(pair.key.full_span()),
        _ => {}
    }
}

fn add_flows(
    flows: &BTreeMap<(String, String), Flow>,
    aliases: Option<&[String]>,
    identity: bool,
    out: &mut Reading,
) {
    let on = |source: &str, target: &str| {
        flows.get(&(source.to_owned(), target.to_owned())).is_some_and(|f| f.enabled == Some(true))
    };
    for ((source, target), flow) in flows {
        let Some(span) = flow.span else { continue };
        let mut fact = Fact::new(&flow::KIND, flow.misspelt.unwrap_or(span));
        fact.write(flow::source, Value::text(source), span);
        fact.write(flow::target, Value::text(target), span);
        fact.derive(flow::enabled, Value::Bool(flow.enabled == Some(true)));
        fact.derive(flow::enable_misspelt, Value::Bool(flow.misspelt.is_some()));
        let both = on(source, target) && on(target, source);
        fact.derive(flow::loops, Value::Bool(identity && both && source != target));
        if let Some(aliases) = aliases
            && let Some(unknown) = [source, target].into_iter().find(|a| !aliases.contains(a) && *a != "*")
        {
            fact.write(flow::unknown_alias, Value::text(unknown), span);
            if let Some(near) = nearest(unknown, aliases.iter().map(String::as_str)) {
                fact.derive(flow::nearest, Value::text(near));
            }
        }
        out.facts.add(fact);
    }
}
