//! Properties of Connect workers, of connectors, and of MirrorMaker 2.

use std::collections::BTreeSet;

use super::client::keep_secret;
use super::mirror::Flows;
use super::{KAFKA_CONNECT, OF_WORKERS, key_of, properties_name, sets, share, take};
use crate::facts::kinds::kafka::{setting, worker};
use crate::facts::{Fact, FactId, Said, Value};
use crate::hosts;
use crate::source::{Source, Span, View};
use crate::syntax::keyvalue::{self, dialects};
use crate::syntax::{Node, json, template};
use crate::systems::containers::nodes;
use crate::systems::keyed::{Line, Lines};
use crate::systems::{FileKind, Match, Reading, carriers};

/// Properties of a worker, a connector or a MirrorMaker.
pub static WORKER: FileKind = FileKind {
    name: "kafka.connect",
    doc: "Properties of a Kafka Connect worker, a connector or MirrorMaker 2.",
    recognise,
    read,
};

/// A connector as it is sent to a worker.
pub static CONNECTOR: FileKind = FileKind {
    name: "kafka.connector",
    doc: "A Kafka connector in JSON, as it is sent to Connect's REST interface.",
    recognise: recognise_connector,
    read: read_connector,
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
    let Some(name) = properties_name(source) else { return Match::No };
    let mirrors = source.text.contains("->") && sets(source, &["clusters"]);
    match sets(source, OWN) || mirrors {
        true if mirrors || share(source, &KAFKA_CONNECT) > 0.4 => Match::Sure,
        true if name.contains("connect") => Match::Likely,
        _ => Match::No,
    }
}

fn recognise_connector(source: &Source) -> Match {
    let json = carriers::has_ending(source.base_name(), &["json"]);
    match json && carriers::beginning(&source.text).contains("\"connector.class\"") {
        true => Match::Sure,
        false => Match::No,
    }
}

/// What sets a property: a line, a variable, a member of an object.
pub(super) struct Entry<'v> {
    /// The property.
    pub(super) key: View<'v>,
    /// Its value; absent when it stands alone or another program fills it in.
    pub(super) value: Option<View<'v>>,
    /// All of it.
    pub(super) span: Span,
    /// The variable that stands for it.
    pub(super) variable: Option<String>,
}

impl Entry<'_> {
    /// The value without blanks around it.
    pub(super) fn text(&self) -> &str {
        self.value.as_ref().map_or("", |v| v.text.trim())
    }
}

/// The members of an object as entries.
pub(super) fn entries<'v>(object: &Node<'v>) -> Vec<Entry<'v>> {
    let of = |(key, value): (&crate::syntax::Scalar<'v>, &Node<'v>)| Entry {
        key: key.view.clone(),
        value: nodes::view(value).cloned(),
        span: key.view.full_span().to(value.span),
        variable: None,
    };
    object.pairs().into_iter().map(of).collect()
}

fn read(view: &View<'_>, out: &mut Reading) {
    let template = template::detect(&view.text).is_some();
    let (pairs, notices) = keyvalue::pairs(view, &dialects::PROPERTIES);
    out.notices.extend(notices);
    let entries: Vec<Entry<'_>> = pairs
        .into_iter()
        .map(|p| Entry { key: p.key, value: p.assigned.then_some(p.value), span: p.span, variable: None })
        .collect();
    gather(&entries, "properties", template, out);
}

fn read_connector(view: &View<'_>, out: &mut Reading) {
    let (root, notices) = json::parse(view);
    out.notices.extend(notices);
    let template = template::detect(&view.text).is_some();
    let Some(root) = root else { return };
    let all: Vec<&Node<'_>> = match root.items() {
        [] => vec![&root],
        items => items.iter().collect(),
    };
    for one in all {
        // `POST /connectors` takes a name beside the configuration, `PUT …/config` the configuration alone.
        let config = one.get("config").unwrap_or(one);
        if config.get("connector.class").is_some() {
            gather(&entries(config), "json", template, out);
        }
    }
}

/// Reads the `config` of a worker that an operator runs, or of a connector of a class.
pub(crate) fn operated(config: &Node<'_>, class: Option<&Node<'_>>, template: bool, out: &mut Reading) {
    let mut all = entries(config);
    if let Some(class) = class {
        all.push(Entry {
            key: View::mapped(class.span.file, "connector.class", vec![(0, class.span.start)]),
            value: nodes::view(class).cloned(),
            span: class.span,
            variable: None,
        });
    }
    gather(&all, "strimzi", template, out);
}

/// Prefixes of the clients that a worker makes for its connectors.
const CLIENTS: &[&str] = &["producer.", "consumer.", "admin."];

/// Makes facts of the properties of one worker, connector or MirrorMaker; `form` says where they stand.
pub(super) fn gather(entries: &[Entry<'_>], form: &str, template: bool, out: &mut Reading) -> Option<FactId> {
    let first = entries.first()?;
    let mut lines = Lines::new(&OF_WORKERS, Fact::new(&worker::KIND, first.span), template);
    let sort = sort(entries);
    let mut flows = Flows::new(entries);
    let mut prefixes: BTreeSet<&str> = BTreeSet::new();
    let mut weakened = None;
    for entry in entries {
        let key = entry.key.text.as_ref();
        if let Some(value) = &entry.value {
            keep_secret(key, value, out);
        }
        if flows.take(entry) {
            continue;
        }
        if let Some(client) = CLIENTS.iter().find(|p| key.starts_with(**p)) {
            prefixes.insert(client);
            if let Some(what) = weakens(key, entry.text()) {
                weakened.get_or_insert_with(|| Said::written(Value::text(what), entry.span));
            }
            continue;
        }
        // Options of one cluster, and of plug-ins.
        let mine = KAFKA_CONNECT.find(key).is_some();
        let foreign =
            flows.known() || sort == "connector" || key.contains("converter") || form != "properties";
        if !mine && foreign {
            continue;
        }
        let line = Line { section: None, key: &entry.key, value: entry.value.as_ref(), span: entry.span };
        let id = take(&mut lines, &line, "worker", out);
        if let Some(name) = &entry.variable {
            let fact = out.facts.get_mut(id);
            fact.write(setting::key, Value::text(key), entry.span);
            fact.write(setting::variable, Value::text(name), entry.span);
        }
        if entry.variable.is_some() && entry.value.is_none() {
            lines.left_open(key, entry.span);
        }
    }
    let mut fact = lines.finish(worker::filled_in);
    fact.derive(worker::sort, Value::text(sort));
    fact.derive(worker::form, Value::text(form));
    if let Some(said) = weakened {
        fact.set(worker::weakened_by, said);
    }
    finish(&mut fact, sort, &prefixes);
    if sort == "connector" {
        connector(&mut fact, entries);
    }
    converters(&mut fact, entries, template);
    let identity = fact.setting("replication.policy.class").is_some_and(|s| s.shown().contains("Identity"));
    let id = out.facts.add(fact);
    flows.finish(identity && !template, template, out);
    Some(id)
}

fn sort(entries: &[Entry<'_>]) -> &'static str {
    let has = |name: &str| entries.iter().any(|p| p.key.text == name);
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
    let of_producer = key_of(key).strip_prefix("producer.")?;
    let weak = match of_producer.strip_prefix("override.").unwrap_or(of_producer) {
        "acks" => matches!(value, "0" | "1"),
        "max.in.flight.requests.per.connection" => value.parse::<i64>().is_ok_and(|n| n > 5),
        "retries" => value == "0",
        _ => false,
    };
    weak.then(|| format!("{key}={value}"))
}

fn finish(fact: &mut Fact, sort: &str, prefixes: &BTreeSet<&str>) {
    let shown = |key: &str| fact.setting(key).map(Said::shown);
    let class = shown("connector.class");
    // MirrorMaker's connectors name topics too, and copy from Kafka to Kafka.
    let source = class.as_ref().is_some_and(|c| c.contains("Source") || c.contains("Mirror"));
    let sink = !source
        && (class.is_some_and(|c| c.contains("Sink"))
            || fact.setting("topics").is_some()
            || fact.setting("topics.regex").is_some());
    let secure = fact
        .setting("security.protocol")
        .filter(|s| !s.shown().eq_ignore_ascii_case("plaintext") && prefixes.is_empty())
        .and_then(Said::span);
    let local = shown("bootstrap.servers").map(|list| {
        list.split(',').all(|b| hosts::is_loopback(b.trim().rsplit_once(':').map_or(b, |(host, _)| host)))
    });
    fact.derive(worker::sink, Value::Bool(sink));
    fact.derive(worker::source, Value::Bool(source));
    if let Some(local) = local {
        fact.derive(worker::local, Value::Bool(local));
    }
    if matches!(sort, "distributed" | "standalone") {
        fact.set(worker::security_not_prefixed, Said::derived(Value::Bool(secure.is_some()), secure));
    }
}

/// What only a connector says: the topics it reads, and the settings of its own clients.
fn connector(fact: &mut Fact, entries: &[Entry<'_>]) {
    let value = |key: &str| entries.iter().find(|e| e.key.text == key).map(Entry::text).unwrap_or_default();
    let dead = value("errors.deadletterqueue.topic.name");
    let read = !dead.is_empty() && value("topics").split(',').any(|t| t.trim() == dead);
    fact.derive(worker::reads_own_dead_letters, Value::Bool(read));
    let own = entries.iter().find(|e| {
        ["producer.override.", "consumer.override.", "admin.override."]
            .iter()
            .any(|p| e.key.text.starts_with(p))
    });
    if let Some(entry) = own {
        fact.write(worker::client_override, Value::text(&entry.key.text), entry.key.full_span());
    }
}

/// Converters of Confluent that ask a registry for every schema, and do not start without its address.
const WITH_REGISTRY: &[&str] = &[
    "io.confluent.connect.avro.AvroConverter",
    "io.confluent.connect.protobuf.ProtobufConverter",
    "io.confluent.connect.json.JsonSchemaConverter",
];

fn converters(fact: &mut Fact, entries: &[Entry<'_>], template: bool) {
    let find = |key: &str| entries.iter().find(|e| e.key.text == key);
    for side in ["key.converter", "value.converter"] {
        let Some(converter) = find(side).filter(|e| WITH_REGISTRY.contains(&e.text())) else { continue };
        if find(&format!("{side}.schema.registry.url")).is_none() && !template {
            fact.write(worker::registry_missing, Value::text(side), converter.span);
            return;
        }
    }
}
