//! Properties of brokers and controllers.

use super::worker::entries;
use super::{OF_BROKERS, listeners, properties_name, sets, share, take};
use crate::facts::kinds::kafka::{broker, refusal, setting};
use crate::facts::tables::{KAFKA_BROKER, KAFKA_CLIENT};
use crate::facts::{Fact, FactId, Said, Value};
use crate::source::{Source, View};
use crate::syntax::Node;
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
    let Some(name) = properties_name(source).filter(|_| sets(source, OWN)) else { return Match::No };
    match share(source, &KAFKA_BROKER) {
        share if share > 0.6 => Match::Sure,
        share
            if share > 0.3
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

/// What Strimzi's operator sets itself: keys that begin so, and those among them that it leaves to the user
/// (KafkaClusterSpec, FORBIDDEN_PREFIXES and their exceptions).
#[rustfmt::skip]
const OF_OPERATOR: &[&str] = &[
    "listeners", "advertised.", "broker.", "listener.", "host.name", "port", "inter.broker.listener.name", "sasl.",
    "ssl.", "security.", "password.", "log.dir", "zookeeper.connect", "zookeeper.set.acl", "zookeeper.ssl",
    "authorizer.", "super.user", "node.id", "process.roles", "controller.",
];
#[rustfmt::skip]
const OF_USER: &[&str] = &[
    "broker.session.timeout.ms", "broker.heartbeat.interval.ms", "zookeeper.connection.timeout.ms",
    "sasl.server.max.receive.size", "ssl.cipher.suites", "ssl.protocol", "ssl.enabled.protocols",
    "ssl.secure.random.implementation", "controller.quorum.election.backoff.max.ms",
    "controller.quorum.election.timeout.ms", "controller.quorum.fetch.timeout.ms",
];

/// Reads the `config` of a Kafka cluster that an operator runs with so many brokers.
pub(crate) fn operated(config: &Node<'_>, brokers: Option<i64>, template: bool, out: &mut Reading) {
    let mut lines = Lines::new(&OF_BROKERS, Fact::new(&broker::KIND, config.span), template);
    for entry in entries(config) {
        let line = Line { section: None, key: &entry.key, value: entry.value.as_ref(), span: entry.span };
        let id = take(&mut lines, &line, "broker", out);
        let key = entry.key.text.as_ref();
        let owned = OF_OPERATOR.iter().any(|p| key.starts_with(p)) && !OF_USER.contains(&key);
        let fact = out.facts.get_mut(id);
        fact.derive(setting::operator_owned, Value::Bool(owned));
        fact.derive(
            setting::client_key,
            Value::Bool(KAFKA_BROKER.find(key).is_none() && KAFKA_CLIENT.find(key).is_some()),
        );
    }
    let mut fact = lines.finish(broker::filled_in);
    fact.derive(broker::form, Value::text("strimzi"));
    if let Some(brokers) = brokers.filter(|_| !template) {
        fact.derive(broker::brokers, Value::Int(brokers));
    }
    finish(fact, false, out);
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

/// Adds the broker that lines describe; `whole` if nothing else completes them.
pub(super) fn finish(mut fact: Fact, whole: bool, out: &mut Reading) -> FactId {
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
    id
}

/// A controller is one of the voters, and a mere broker is none.
fn voter(fact: &Fact, roles: &str, refuse: &mut dyn FnMut(&str)) {
    let Some((voters, _)) = text_of(fact, "controller.quorum.voters").filter(|(v, _)| !forms::is_open(v))
    else {
        return;
    };
    let Some((id, _)) = number(fact, "node.id").or_else(|| number(fact, "broker.id")) else { return };
    let ids: Option<Vec<i64>> = voters
        .split(',')
        .map(|v| v.trim().split_once('@').and_then(|(id, _)| id.trim().parse().ok()))
        .collect();
    let Some(ids) = ids else {
        refuse("a voter of `controller.quorum.voters` is written `ID@HOST:PORT`");
        return;
    };
    let controls = roles.split(',').any(|r| r.trim() == "controller");
    if controls && !ids.contains(&id) {
        refuse(&format!("the controller has `node.id` {id}, which `controller.quorum.voters` does not name"));
    } else if !controls && ids.contains(&id) {
        refuse(&format!("node {id} is only a broker, but `controller.quorum.voters` names it"));
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
    voter(fact, &roles, &mut refuse);
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
