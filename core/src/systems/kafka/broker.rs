//! Properties of brokers and controllers, and the variables that images make them from.

use std::collections::BTreeMap;

use super::topics;
use super::{OF_BROKERS, listeners, sets, shares, take};
use crate::facts::kinds::container::variable;
use crate::facts::kinds::kafka::{broker, refusal, setting};
use crate::facts::tables::{KAFKA_BROKER, KAFKA_CLIENT};
use crate::facts::{Fact, FactId, Facts, Said, Value};
use crate::source::{Source, View};
use crate::syntax::keyvalue::{self, dialects};
use crate::syntax::template;
use crate::systems::keyed::forms;
use crate::systems::keyed::{Line, Lines};
use crate::systems::{FileKind, Match, Reading};

/// Properties of a broker or controller.
pub static BROKER: FileKind = FileKind {
    name: "kafka.server",
    doc: "Properties of a Kafka broker or controller, with or without ZooKeeper.",
    recognise,
    read,
};

/// Keys that no client and no worker has.
const OWN: &[&str] =
    &["broker.id", "node.id", "process.roles", "log.dirs", "zookeeper.connect", "advertised.listeners"];

fn recognise(source: &Source) -> Match {
    let Some(([_, broker, _], name)) = shares(source) else { return Match::No };
    match sets(source, OWN) {
        true if broker > 0.6 => Match::Sure,
        true if broker > 0.3
            && ["server", "kafka", "broker", "controller"].iter().any(|n| name.contains(n)) =>
        {
            Match::Likely
        }
        _ => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let template = template::detect(&view.text).is_some();
    let (pairs, notices) = keyvalue::pairs(view, &dialects::PROPERTIES);
    out.notices.extend(notices);
    let Some(first) = pairs.first() else { return };
    let mut lines = Lines::new(&OF_BROKERS, Fact::new(&broker::KIND, first.span), template);
    for pair in &pairs {
        let value = pair.assigned.then_some(&pair.value);
        let line = Line { section: None, key: &pair.key, value, span: pair.span };
        let id = take(&mut lines, &line, "broker", out);
        let client =
            KAFKA_BROKER.find(&pair.key.text).is_none() && KAFKA_CLIENT.find(&pair.key.text).is_some();
        out.facts.get_mut(id).derive(setting::client_key, Value::Bool(client));
    }
    let mut fact = lines.finish(broker::filled_in);
    fact.derive(broker::form, Value::text("properties"));
    finish(fact, !template, out);
}

fn number(fact: &Fact, key: &str) -> Option<(i64, Said)> {
    let said = fact.setting(key)?;
    match said.value {
        Value::Int(n) | Value::Duration(n) | Value::Size(n) => Some((n, said.clone())),
        _ => None,
    }
}

fn text_of<'f>(fact: &'f Fact, key: &str) -> Option<(&'f str, &'f Said)> {
    let said = fact.setting(key)?;
    match &said.value {
        Value::Text(text) => Some((text, said)),
        _ => None,
    }
}

/// Directories that systems empty.
const VOLATILE: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/run"];

fn finish(mut fact: Fact, whole: bool, out: &mut Reading) {
    let has = |fact: &Fact, key: &str| fact.setting(key).is_some();
    if has(&fact, "process.roles") {
        fact.derive(broker::kraft, Value::Bool(true));
    } else if has(&fact, "zookeeper.connect") {
        fact.derive(broker::kraft, Value::Bool(false));
    }
    if let Some((voters, said)) =
        text_of(&fact, "controller.quorum.voters").filter(|(v, _)| !forms::is_open(v))
    {
        let count = voters.split(',').filter(|v| !v.trim().is_empty()).count();
        let said = Said::derived(Value::Int(count as i64), said.span());
        fact.set(broker::voters, said);
    }
    let dirs = text_of(&fact, "log.dirs").or_else(|| text_of(&fact, "log.dir"));
    if let Some((dirs, said)) = dirs {
        let below = |dir: &str| VOLATILE.iter().any(|v| dir == *v || dir.starts_with(&format!("{v}/")));
        let volatile = Said::derived(Value::Bool(dirs.split(',').map(str::trim).any(below)), said.span());
        fact.set(broker::volatile_data, volatile);
    }
    // The finest unit that is set counts.
    let keys = ["log.retention.ms", "log.retention.minutes", "log.retention.hours"];
    if let Some((ms, said)) = keys.iter().find_map(|k| number(&fact, k)) {
        fact.set(broker::retention, Said::derived(Value::Duration(ms), said.span()));
    }
    let id = out.facts.add(fact.clone());
    listeners::add(id, whole, out);
    if whole {
        roles(&fact, out);
    }
}

/// What KafkaConfig asks of a node that keeps its metadata itself.
fn roles(fact: &Fact, out: &mut Reading) {
    let Some(said) = fact.setting("process.roles") else { return };
    let (roles, at) = (said.shown(), said.span().unwrap_or(fact.span));
    // A file without listeners is completed by the environment, as the images do.
    let complete = fact.setting("listeners").is_some();
    let known = roles.split(',').all(|r| matches!(r.trim(), "broker" | "controller"));
    if forms::is_open(&roles) || !complete || !known {
        return;
    }
    let set = |key: &str| fact.setting(key).is_some();
    let open = match fact.get(broker::filled_in).map(|s| &s.value) {
        Some(Value::List(items)) => items.iter().map(Said::shown).collect(),
        _ => Vec::new(),
    };
    let missing = |key: &str| !set(key) && !open.iter().any(|k| k == key);
    let mut refuse = |reason: &str| {
        let mut refusal = Fact::new(&refusal::KIND, at);
        refusal.derive(refusal::check, Value::text("roles"));
        refusal.derive(refusal::reason, Value::text(reason));
        out.facts.add(refusal);
    };
    if missing("node.id") && missing("broker.id") {
        refuse("`process.roles` is set and `node.id` is not");
    }
    if missing("controller.quorum.voters") && missing("controller.quorum.bootstrap.servers") {
        refuse("neither `controller.quorum.bootstrap.servers` nor `controller.quorum.voters` is set");
    }
    if missing("controller.listener.names") {
        refuse("`controller.listener.names` is not set");
    }
}

/// Prefixes of variables that become properties of a broker: Bitnami's, and Apache's and Confluent's.
const PREFIXES: [&str; 2] = ["KAFKA_CFG_", "KAFKA_"];

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

/// The property that a variable stands for: `_` is a dot, `__` an underscore and `___` a dash.
fn property(name: &str) -> Option<String> {
    let rest = PREFIXES.iter().find_map(|p| name.strip_prefix(p))?;
    let lower = rest.to_ascii_lowercase();
    Some(
        lower
            .replace("___", "\u{1}")
            .replace("__", "\u{2}")
            .replace('_', ".")
            .replace('\u{1}', "-")
            .replace('\u{2}', "_"),
    )
}

/// The brokers that variables of containers describe, one for each container.
pub(crate) fn from_environment(facts: &Facts) -> Reading {
    let mut groups: BTreeMap<(u32, u32), Vec<FactId>> = BTreeMap::new();
    for (id, fact) in facts.of(&variable::KIND) {
        if !fact.text(variable::name).is_some_and(|n| n.starts_with("KAFKA_")) {
            continue;
        }
        let owner = fact.get(variable::service).or_else(|| fact.get(variable::container));
        if let Some(Value::Record(owner)) = owner.map(|s| &s.value) {
            groups.entry((fact.span.file.0, owner.0)).or_default().push(id);
        }
    }
    let mut out = Reading::default();
    for ids in groups.values() {
        container(ids, facts, &mut out);
    }
    for (_, fact) in
        facts.of(&variable::KIND).filter(|(_, f)| f.text(variable::name) == Some(topics::VARIABLE))
    {
        if let Some(said) = fact.get(variable::value)
            && let (Value::Text(text), Some(span)) = (&said.value, said.span())
        {
            topics::variable(&View::mapped(span.file, text.to_string(), vec![(0, span.start)]), &mut out);
        }
    }
    out
}

fn container(ids: &[FactId], facts: &Facts, out: &mut Reading) {
    let name = |id: FactId| facts.get(id).text(variable::name).unwrap_or_default();
    // An application names its brokers with such variables too; only a broker says where it listens.
    let own = ["ADVERTISED_LISTENERS", "LISTENERS", "PROCESS_ROLES", "ZOOKEEPER_CONNECT"];
    let broker = ids
        .iter()
        .any(|id| PREFIXES.iter().any(|p| name(*id).strip_prefix(p).is_some_and(|rest| own.contains(&rest))));
    let Some(first) = ids.first().filter(|_| broker) else { return };
    let mut lines = Lines::new(&OF_BROKERS, Fact::new(&broker::KIND, facts.get(*first).span), false);
    for id in ids {
        let fact = facts.get(*id);
        let (variable_name, said) = (name(*id), fact.get(variable::value));
        let Some(key) = property(variable_name) else { continue };
        let word = key.split('.').next().unwrap_or_default().to_ascii_uppercase();
        let known = KAFKA_BROKER.find(&key).is_some();
        if !known && OTHERS.contains(&word.as_str()) || key.starts_with("listener.name.") {
            continue;
        }
        if fact.bool(variable::placeholder) == Some(true) || said.is_none_or(|s| s.secret) {
            lines.left_open(&key, fact.span);
            continue;
        }
        let Some((Value::Text(text), Some(span))) = said.map(|s| (&s.value, s.span())) else { continue };
        let key_view = View::mapped(fact.span.file, key.clone(), vec![(0, fact.span.start)]);
        let value = View::mapped(span.file, text.to_string(), vec![(0, span.start)]);
        let line = Line { section: None, key: &key_view, value: Some(&value), span: fact.span };
        let id = take(&mut lines, &line, "broker", out);
        let client = !known && KAFKA_CLIENT.find(&key).is_some();
        let setting_fact = out.facts.get_mut(id);
        setting_fact.write(setting::key, Value::text(&key), fact.span);
        setting_fact.derive(setting::client_key, Value::Bool(client));
        setting_fact.write(setting::variable, Value::text(variable_name), fact.span);
    }
    let mut fact = lines.finish(broker::filled_in);
    fact.derive(broker::form, Value::text("environment"));
    finish(fact, false, out);
}
