//! Confluent's Schema Registry: where it keeps schemas in Kafka.

use super::worker::Entry;
use crate::facts::kinds::kafka::registry;
use crate::facts::{Fact, Said, Value};
use crate::source::{Source, View};
use crate::syntax::keyvalue::{self, dialects};
use crate::systems::keyed::forms::is_open;
use crate::systems::{FileKind, Match, Reading, carriers};

use super::client::keep_secret;

/// `schema-registry.properties`.
pub static REGISTRY: FileKind =
    FileKind { name: "kafka.registry", doc: "Properties of Confluent's Schema Registry.", recognise, read };

fn recognise(source: &Source) -> Match {
    let properties = carriers::has_ending(source.base_name(), &["properties", "template"]);
    match properties && carriers::beginning(&source.text).lines().any(|l| l.trim().starts_with("kafkastore."))
    {
        true => Match::Sure,
        false => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (pairs, notices) = keyvalue::pairs(view, &dialects::PROPERTIES);
    out.notices.extend(notices);
    let entries: Vec<Entry<'_>> = pairs
        .into_iter()
        .map(|p| Entry { key: p.key, value: p.assigned.then_some(p.value), span: p.span, variable: None })
        .collect();
    gather(&entries, "properties", out);
}

/// Makes a fact of the properties of one registry, if there are any.
pub(super) fn gather(entries: &[Entry<'_>], form: &str, out: &mut Reading) {
    let find = |key: &str| entries.iter().find(|e| e.key.text == key);
    let known = |key: &str| find(key).filter(|e| e.value.is_some() && !is_open(e.text()));
    let about = ["kafkastore.bootstrap.servers", "kafkastore.connection.url"];
    let Some(first) = about.iter().find_map(|k| find(k)) else { return };
    for entry in entries {
        if let Some(value) = &entry.value {
            keep_secret(&entry.key.text, value, out);
        }
    }
    let mut fact = Fact::new(&registry::KIND, first.span);
    fact.derive(registry::form, Value::text(form));
    let texts = [
        ("kafkastore.bootstrap.servers", registry::bootstrap_servers),
        ("kafkastore.connection.url", registry::zookeeper),
        ("schema.compatibility.level", registry::compatibility),
        ("kafkastore.topic", registry::topic),
    ];
    for (key, field) in texts {
        if let Some(entry) = known(key) {
            fact.write(
                field,
                Value::text(entry.text()),
                entry.value.as_ref().map_or(entry.span, View::full_span),
            );
        }
    }
    let protocol = match find("kafkastore.security.protocol") {
        None => Some(Said::default(Value::text("PLAINTEXT"), "Schema Registry")),
        Some(_) => known("kafkastore.security.protocol")
            .map(|e| Said::written(Value::text(e.text().to_ascii_uppercase()), e.span)),
    };
    if let Some(protocol) = protocol {
        if let Some(servers) = known("kafkastore.bootstrap.servers") {
            let prefix = format!("{}://", protocol.shown());
            let used = servers.text().split(',').map(str::trim).filter(|s| {
                s.starts_with(&prefix) || !s.contains("://") && s.contains(':') || s.contains(['$', '{'])
            });
            let count = used.count() as i64;
            fact.set(registry::endpoints_used, Said::derived(Value::Int(count), Some(servers.span)));
        }
        fact.set(registry::protocol, protocol);
    }
    if let Some(copies) = known("kafkastore.topic.replication.factor")
        && let Ok(number) = copies.text().parse()
    {
        fact.write(registry::copies, Value::Int(number), copies.span);
    }
    out.facts.add(fact);
}
