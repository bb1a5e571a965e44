//! Variables of containers that images turn into properties: of brokers, of Connect workers, of Schema Registry.

use std::collections::BTreeMap;

use super::worker::Entry;
use super::{OF_BROKERS, broker, dials, registry, take, topics, worker};
use crate::facts::kinds::compose::service;
use crate::facts::kinds::container::variable;
use crate::facts::kinds::kafka::{broker as broker_kind, setting};
use crate::facts::kinds::kubernetes::container;
use crate::facts::tables::{KAFKA_BROKER, KAFKA_CLIENT};
use crate::facts::{Fact, FactId, Facts, Value, Version};
use crate::source::View;
use crate::systems::Reading;
use crate::systems::keyed::{Line, Lines};

/// Whose way of turning variables into properties an image has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    /// `KAFKA_` only: the images of Apache and of Confluent, which share the rule for names.
    Plain,
    /// `KAFKA_CFG_` only.
    Bitnami,
    /// Not known: either prefix may be right.
    Unknown,
}

/// What is known of the container that gets the variables.
struct Home<'f> {
    /// The Compose service or container; absent for files of variables.
    owner: Option<FactId>,
    image: Option<&'f str>,
    name: Option<&'f str>,
    version: Option<Version>,
    /// Nothing but what is written here gets into its environment.
    whole: bool,
}

impl<'f> Home<'f> {
    fn of(facts: &'f Facts, owner: Option<FactId>) -> Home<'f> {
        let mut home = Home { owner, image: None, name: None, version: None, whole: false };
        let Some(fact) = owner.map(|o| facts.get(o)) else { return home };
        let (image, name, version) = if fact.kind == &service::KIND {
            home.whole = fact.get(service::env_files).is_none()
                && fact.get(service::extends).is_none()
                && fact.get(service::command).is_none()
                && fact.bool(service::partial) != Some(true);
            (service::image, service::image_name, service::image_version)
        } else {
            (container::image, container::image_name, container::image_version)
        };
        home.image = fact.text(image);
        home.name = fact.text(name);
        home.version = fact.get(version).and_then(|s| match s.value {
            Value::Version(v) => Some(v),
            _ => None,
        });
        home
    }

    fn maker(&self) -> Maker {
        match (self.image, self.name) {
            (Some(image), _) if image.contains("bitnami") => Maker::Bitnami,
            (_, Some("cp-kafka" | "cp-server" | "cp-enterprise-kafka" | "confluent-local")) => Maker::Plain,
            (Some(image), _) if image.starts_with("apache/kafka") => Maker::Plain,
            _ => Maker::Unknown,
        }
    }
}

/// A variable with what it is set to.
struct Set<'f> {
    name: &'f str,
    fact: &'f Fact,
}

/// The servers that variables of containers describe, one of a sort for each container.
pub(crate) fn from_environment(facts: &Facts) -> Reading {
    let mut groups: BTreeMap<(u32, Option<u32>), Vec<Set<'_>>> = BTreeMap::new();
    for (_, fact) in facts.of(&variable::KIND) {
        let Some(name) = fact.text(variable::name) else { continue };
        if !["KAFKA_", "CONNECT_", "SCHEMA_REGISTRY_"].iter().any(|p| name.starts_with(p))
            && !DEBEZIUM.iter().any(|(own, _)| *own == name)
        {
            continue;
        }
        let owner = [variable::service, variable::container, variable::config]
            .iter()
            .find_map(|field| record(fact, *field))
            .map(|owner| owner.0);
        groups.entry((fact.span.file.0, owner)).or_default().push(Set { name, fact });
    }
    let mut out = Reading::default();
    for (_, fact) in
        facts.of(&variable::KIND).filter(|(_, f)| f.text(variable::name) == Some(topics::VARIABLE))
    {
        if let Some(said) = fact.get(variable::value)
            && let (Value::Text(text), Some(span)) = (&said.value, said.span())
        {
            topics::variable(&View::mapped(span.file, text.to_string(), vec![(0, span.start)]), &mut out);
        }
    }
    for ((_, owner), variables) in groups {
        let home = Home::of(facts, owner.map(FactId));
        of_broker(&variables, &home, facts, &mut out);
        of_worker(&variables, &home, &mut out);
        of_registry(&variables, &mut out);
    }
    count_brokers(facts, &mut out.facts);
    dials::add(facts, &mut out.facts);
    out
}

/// Says of each broker of a Compose file how many there are, if all of them are known.
fn count_brokers(facts: &Facts, found: &mut Facts) {
    let mut files: BTreeMap<u32, (i64, Vec<FactId>)> = BTreeMap::new();
    for (id, fact) in found.of(&broker_kind::KIND) {
        let Some(owner) = record(fact, broker_kind::service).map(|o| facts.get(o)) else { continue };
        let open = owner.bool(service::partial) == Some(true) || owner.get(service::extends).is_some();
        let roles = fact.setting("process.roles").map(|s| s.shown());
        let serves = roles.is_none_or(|r| r.contains("broker"));
        let copies = if serves { owner.int(service::replicas).unwrap_or(1) } else { 0 };
        let entry = files.entry(fact.span.file.0).or_default();
        // A file that is completed elsewhere never comes to a small number.
        entry.0 = entry.0.saturating_add(if open { i64::MAX } else { copies.max(0) });
        entry.1.push(id);
    }
    for (count, ids) in files.into_values().filter(|(count, _)| (1..i64::MAX).contains(count)) {
        for id in ids {
            found.get_mut(id).derive(broker_kind::brokers, Value::Int(count));
        }
    }
}

pub(super) fn record(fact: &Fact, field: crate::facts::Field) -> Option<FactId> {
    match fact.get(field).map(|s| &s.value) {
        Some(Value::Record(id)) => Some(*id),
        _ => None,
    }
}

/// The prefixes of brokers' variables: Bitnami's, and Apache's and Confluent's.
const BITNAMI: &str = "KAFKA_CFG_";
const PLAIN: &str = "KAFKA_";

/// Variables of the images that are no properties.
const OTHERS: &[&str] = &[
    "OPTS",
    "HEAP",
    "JMX",
    "LOG4J",
    "JVM",
    "GC",
    "VERSION",
    "HOME",
    "BASE",
    "USER",
    "PASSWORD",
    "KRAFT",
    "CLUSTER",
    "DEBUG",
    "LDAP",
    "REST",
    "CONFLUENT",
    "ENABLE",
    "CREATE",
    "BROKER",
    "BROKERS",
    "HOST",
    "PORT",
    "TOPIC",
    "URL",
    "TOPICS",
    "BOOTSTRAP",
    "CLIENT",
    "CLIENTS",
    "GROUP",
    "SCHEMA",
    "CONNECT",
    "PRODUCER",
    "CONSUMER",
    "TOOLS",
    "DATA",
    "KAFKA",
];

/// The property that a variable of Apache's and Confluent's images stands for, without the prefix: `_` is a dot, `__`
/// an underscore and `___` a dash (docker/examples/README.md of apache/kafka, dub.py of confluent-docker-utils).
fn property(rest: &str) -> String {
    rest.to_ascii_lowercase()
        .replace("___", "\u{1}")
        .replace("__", "\u{2}")
        .replace('_', ".")
        .replace('\u{1}', "-")
        .replace('\u{2}', "_")
}

/// The same for Bitnami's image, where every `_` is a dot (libkafka.sh).
fn bitnami_property(rest: &str) -> String {
    rest.to_ascii_lowercase().replace('_', ".")
}

/// The property of a broker's variable, and whether it bears Bitnami's prefix.
fn broker_property(name: &str) -> Option<(String, bool)> {
    match name.strip_prefix(BITNAMI) {
        Some(rest) => Some((bitnami_property(rest), true)),
        None => name.strip_prefix(PLAIN).map(|rest| (property(rest), false)),
    }
}

/// Only a broker says where it listens; an application names its brokers with such variables too.
const OF_BROKERS_ONLY: &[&str] = &["ADVERTISED_LISTENERS", "LISTENERS", "PROCESS_ROLES", "ZOOKEEPER_CONNECT"];

fn of_broker(variables: &[Set<'_>], home: &Home<'_>, facts: &Facts, out: &mut Reading) {
    let own = |name: &str| {
        [BITNAMI, PLAIN].iter().any(|p| name.strip_prefix(p).is_some_and(|r| OF_BROKERS_ONLY.contains(&r)))
    };
    if !variables.iter().any(|v| own(v.name)) {
        return;
    }
    let maker = home.maker();
    let mut lines = None;
    let mut open = false;
    for variable in variables {
        let Some((key, bitnami)) = broker_property(variable.name) else { continue };
        let fact = variable.fact;
        let lines = lines
            .get_or_insert_with(|| Lines::new(&OF_BROKERS, Fact::new(&broker_kind::KIND, fact.span), false));
        let word = key.split('.').next().unwrap_or_default().to_ascii_uppercase();
        let known = KAFKA_BROKER.find(&key).is_some();
        if !known && OTHERS.contains(&word.as_str()) || key.starts_with("listener.name.") {
            continue;
        }
        let said = fact.get(variable::value);
        if fact.bool(variable::placeholder) == Some(true) || said.is_none_or(|s| s.secret) {
            lines.left_open(&key, fact.span);
            open = true;
            continue;
        }
        let Some((Value::Text(text), Some(span))) = said.map(|s| (&s.value, s.span())) else { continue };
        let key_view = View::mapped(fact.span.file, key.clone(), vec![(0, fact.span.start)]);
        let value = View::mapped(span.file, text.to_string(), vec![(0, span.start)]);
        let line = Line { section: None, key: &key_view, value: Some(&value), span: fact.span };
        let id = take(lines, &line, "broker", out);
        let client = !known && KAFKA_CLIENT.find(&key).is_some();
        let setting_fact = out.facts.get_mut(id);
        setting_fact.write(setting::key, Value::text(&key), fact.span);
        setting_fact.derive(setting::client_key, Value::Bool(client));
        setting_fact.write(setting::variable, Value::text(variable.name), fact.span);
        let ignored = known && (maker == Maker::Bitnami && !bitnami || maker == Maker::Plain && bitnami);
        setting_fact.derive(setting::other_prefix, Value::Bool(ignored));
    }
    let Some(lines) = lines else { return };
    let mut fact = lines.finish(broker_kind::filled_in);
    fact.derive(broker_kind::form, Value::text("environment"));
    if let Some(version) = home.version {
        fact.derive(broker_kind::image_version, Value::Version(version));
    }
    if let Some(name) = home.name {
        fact.derive(broker_kind::image_name, Value::text(name));
    }
    if maker == Maker::Plain
        && let Some(owner) = home.owner
        && facts.get(owner).kind == &service::KIND
        && home.whole
    {
        let cluster = list_has(facts.get(owner), service::variables, "CLUSTER_ID");
        fact.derive(broker_kind::cluster_id_set, Value::Bool(cluster));
    }
    // Bitnami's scripts add to what is said, and so does whoever fills in a template.
    let whole = home.whole && maker == Maker::Plain && !open;
    let id = broker::finish(fact, whole, out);
    if let Some(owner) = home.owner.filter(|o| facts.get(*o).kind == &service::KIND) {
        out.facts.get_mut(id).derive(broker_kind::service, Value::Record(owner));
    }
}

fn list_has(fact: &Fact, field: crate::facts::Field, name: &str) -> bool {
    matches!(fact.get(field).map(|s| &s.value), Some(Value::List(items)) if items.iter().any(|i| i.shown() == name))
}

/// Variables of Debezium's image that are properties of a worker without `CONNECT_`.
const DEBEZIUM: &[(&str, &str)] = &[
    ("BOOTSTRAP_SERVERS", "bootstrap.servers"),
    ("GROUP_ID", "group.id"),
    ("CONFIG_STORAGE_TOPIC", "config.storage.topic"),
    ("OFFSET_STORAGE_TOPIC", "offset.storage.topic"),
    ("STATUS_STORAGE_TOPIC", "status.storage.topic"),
    ("KEY_CONVERTER", "key.converter"),
    ("VALUE_CONVERTER", "value.converter"),
];

/// Variables below `CONNECT_` that are no properties.
const NOT_OF_WORKERS: &[&str] = &["log4j.", "plugins.", "custom.", "jmx."];

/// What a variable sets, ready to be read like a line of properties.
fn entry(key: String, variable: &Set<'_>) -> Entry<'static> {
    let fact = variable.fact;
    let open = fact.bool(variable::placeholder) == Some(true);
    let said = fact.get(variable::value).filter(|s| !open && !s.secret);
    let value = said.and_then(|said| match (&said.value, said.span()) {
        (Value::Text(text), Some(span)) => {
            Some(View::mapped(span.file, text.to_string(), vec![(0, span.start)]))
        }
        _ => None,
    });
    Entry {
        key: View::mapped(fact.span.file, key, vec![(0, fact.span.start)]),
        value,
        span: fact.span,
        variable: Some(variable.name.to_owned()),
    }
}

fn of_worker(variables: &[Set<'_>], home: &Home<'_>, out: &mut Reading) {
    let debezium = home.image.is_some_and(|i| i.contains("debezium/connect"));
    let mut entries = Vec::new();
    for variable in variables {
        let own = DEBEZIUM.iter().find(|(name, _)| debezium && *name == variable.name);
        let key = match (own, variable.name.strip_prefix("CONNECT_")) {
            (Some((_, key)), _) => (*key).to_owned(),
            (None, Some(rest)) => property(rest),
            _ => continue,
        };
        if !NOT_OF_WORKERS.iter().any(|p| key.starts_with(p)) {
            entries.push(entry(key, variable));
        }
    }
    let has = |key: &str| entries.iter().any(|e| e.key.text == key);
    if has("bootstrap.servers")
        && ["group.id", "config.storage.topic", "key.converter"].iter().any(|k| has(k))
    {
        worker::gather(&entries, "environment", false, out);
    }
}

fn of_registry(variables: &[Set<'_>], out: &mut Reading) {
    let entries: Vec<Entry<'static>> = variables
        .iter()
        .filter_map(|v| Some(entry(property(v.name.strip_prefix("SCHEMA_REGISTRY_")?), v)))
        .collect();
    registry::gather(&entries, "environment", out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_become_properties() {
        for (name, expected) in [
            ("KAFKA_ADVERTISED_LISTENERS", "advertised.listeners"),
            ("KAFKA_CFG_OFFSETS_TOPIC_REPLICATION_FACTOR", "offsets.topic.replication.factor"),
            ("KAFKA_LISTENER_NAME_SASL__SSL_X", "listener.name.sasl_ssl.x"),
            ("KAFKA_OFFSET___SYNCS_X", "offset-syncs.x"),
        ] {
            assert_eq!(broker_property(name).map(|p| p.0).as_deref(), Some(expected), "{name}");
        }
    }
}
