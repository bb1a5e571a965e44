//! Kafka: properties of clients, brokers, Connect workers, MirrorMaker and Schema Registry, wherever they stand.

mod broker;
mod client;
mod dials;
mod environment;
mod listeners;
mod mirror;
mod registry;
#[cfg(test)]
mod tests;
pub(crate) mod topics;
mod worker;

pub use broker::BROKER;
pub use client::CLIENT;
pub use registry::REGISTRY;
pub use worker::{CONNECTOR, WORKER};

pub(crate) use broker::operated as operated_broker;
pub(crate) use client::Reader;
pub(crate) use environment::from_environment;
pub(crate) use worker::operated as operated_worker;

use crate::facts::kinds::kafka::setting;
use crate::facts::tables::{KAFKA_BROKER, KAFKA_CLIENT, KAFKA_CONNECT};
use crate::facts::{Fact, FactId, KeyTable, Value};
use crate::source::Source;
use crate::systems::Reading;
use crate::systems::keyed::forms::{Writing, plain_number};
use crate::systems::keyed::{Line, Lines, Program, share_of_known};
use crate::systems::rabbitmq::conf::plain_name;

static WRITING: Writing = Writing {
    // ConfigDef: `true` and `false` in any case, and nothing else.
    truth: |word| match word.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    },
    truth_words: "`true` or `false`",
    number: plain_number,
    any_case: true,
};

/// True if the value of a key is a password or holds one.
fn secret(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or(key);
    matches!(last, "password" | "secret" | "pem")
        || key.ends_with("jaas.config")
        || key.ends_with("user.info")
        || key.ends_with("keystore.key")
}

const fn program(table: &'static KeyTable) -> Program {
    Program { setting: &setting::KIND, table, writing: &WRITING, canonical: str::to_owned, secret }
}

static OF_CLIENTS: Program = program(&KAFKA_CLIENT);
static OF_BROKERS: Program = program(&KAFKA_BROKER);
static OF_WORKERS: Program = program(&KAFKA_CONNECT);

/// Takes a line and says whose it is.
fn take(lines: &mut Lines, line: &Line<'_>, of: &str, out: &mut Reading) -> FactId {
    let id = lines.line(line, out);
    let fact: &mut Fact = out.facts.get_mut(id);
    fact.derive(setting::of, Value::text(of));
    id
}

/// The key of a line of properties.
fn key_of(line: &str) -> &str {
    line.split(['=', ':', ' ']).next().unwrap_or_default().trim()
}

/// The plain name of a properties file.
fn properties_name(source: &Source) -> Option<&str> {
    Some(plain_name(source)).filter(|name| name.ends_with(".properties") || name.ends_with(".conf"))
}

/// The share of lines whose keys a table knows.
fn share(source: &Source, table: &KeyTable) -> f64 {
    share_of_known(&source.text, "#!", |line| {
        let key = key_of(line);
        // A prefix says for which client of a worker it is.
        let key =
            ["producer.", "consumer.", "admin."].iter().find_map(|p| key.strip_prefix(p)).unwrap_or(key);
        table.find(key).is_some() || key.starts_with("listener.name.")
    })
    .unwrap_or_default()
}

/// True if a line sets one of the keys.
fn sets(source: &Source, keys: &[&str]) -> bool {
    let there = keys.iter().any(|key| source.text.contains(key));
    there && source.text.lines().any(|l| keys.contains(&key_of(l.trim())))
}
