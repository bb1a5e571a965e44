//! Properties of producers, consumers and admin clients.

use std::collections::BTreeMap;

use super::{KAFKA_CLIENT, OF_CLIENTS, properties_name, secret, sets, share, take};
use crate::facts::kinds::kafka::{bootstrap, client, setting};
use crate::facts::{Fact, FactId, Said, Value};
use crate::hosts;
use crate::source::{Source, Span, View};
use crate::syntax::keyvalue::{self, dialects};
use crate::syntax::template;
use crate::systems::keyed::forms::is_open;
use crate::systems::keyed::{Line, Lines};
use crate::systems::{FileKind, Match, Reading};

/// Properties of a client.
pub static CLIENT: FileKind = FileKind {
    name: "kafka.client",
    doc: "Properties of a Kafka producer, consumer or admin client.",
    recognise,
    read,
};

fn recognise(source: &Source) -> Match {
    let Some(name) = properties_name(source) else { return Match::No };
    let asks = sets(source, &["bootstrap.servers", "metadata.broker.list"]);
    let named = ["producer", "consumer", "kafka", "client", "librdkafka"].iter().any(|n| name.contains(n));
    if !asks && !named {
        return Match::No;
    }
    match share(source, &KAFKA_CLIENT) {
        c if c > 0.6 && (asks || named) => Match::Likely,
        c if c > 0.3 && asks && named => Match::Likely,
        _ => Match::No,
    }
}

/// Keys that only a producer has, and only a consumer.
const PRODUCER: &[&str] = &[
    "acks",
    "batch.size",
    "linger.ms",
    "buffer.memory",
    "max.request.size",
    "delivery.timeout.ms",
    "key.serializer",
    "value.serializer",
    "transactional.id",
    "enable.idempotence",
    "max.block.ms",
    "compression.type",
    "retries",
    "max.in.flight.requests.per.connection",
    "partitioner.class",
    "request.required.acks",
    "producer.type",
];
const CONSUMER: &[&str] = &[
    "group.id",
    "auto.offset.reset",
    "enable.auto.commit",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.records",
    "max.poll.interval.ms",
    "isolation.level",
    "key.deserializer",
    "value.deserializer",
    "group.instance.id",
    "fetch.min.bytes",
    "fetch.max.wait.ms",
    "partition.assignment.strategy",
    "auto.commit.interval.ms",
    "max.partition.fetch.bytes",
    "fetch.max.bytes",
];
/// Keys that librdkafka names in its own way.
const LIBRDKAFKA: &[&str] = &[
    "metadata.broker.list",
    "sasl.mechanisms",
    "sasl.username",
    "sasl.password",
    "ssl.ca.location",
    "message.timeout.ms",
    "queue.buffering.max.ms",
    "queue.buffering.max.messages",
    "enable.auto.offset.store",
    "socket.keepalive.enable",
    "statistics.interval.ms",
    "ssl.certificate.location",
    "ssl.key.location",
    "enable.partition.eof",
    "broker.address.family",
    "receive.message.max.bytes",
    "log_level",
    "debug",
    "enable.ssl.certificate.verification",
    "socket.timeout.ms",
    "message.send.max.retries",
    "batch.num.messages",
];

fn read(view: &View<'_>, out: &mut Reading) {
    let (pairs, notices) = keyvalue::pairs(view, &dialects::PROPERTIES);
    out.notices.extend(notices);
    let Some(first) = pairs.first() else { return };
    let mut reader = Reader::new(first.span, "properties", template::detect(&view.text).is_some());
    for pair in &pairs {
        reader.take(&pair.key, pair.assigned.then_some(&pair.value), pair.span, out);
    }
    reader.finish(None, out);
}

/// Gathers the properties of one client.
pub(crate) struct Reader {
    lines: Lines,
    form: &'static str,
    keys: BTreeMap<String, ()>,
    brokers: Vec<Fact>,
    lines_taken: Vec<FactId>,
    template: bool,
}

/// More brokers of one list are not read.
const MAX_BROKERS: usize = 64;

impl Reader {
    /// No property yet.
    pub(crate) fn new(span: Span, form: &'static str, template: bool) -> Reader {
        let lines = Lines::new(&OF_CLIENTS, Fact::new(&client::KIND, span), template);
        Reader { lines, form, keys: BTreeMap::new(), brokers: Vec::new(), lines_taken: Vec::new(), template }
    }

    /// Takes a property.
    pub(crate) fn take(
        &mut self,
        key: &View<'_>,
        value: Option<&View<'_>>,
        span: Span,
        out: &mut Reading,
    ) -> FactId {
        self.keys.insert(key.text.to_string(), ());
        if let Some(value) = value
            && matches!(key.text.as_ref(), "bootstrap.servers" | "metadata.broker.list")
        {
            self.servers(value);
        }
        let id = take(&mut self.lines, &Line { section: None, key, value, span }, "client", out);
        self.lines_taken.push(id);
        id
    }

    /// Takes note of a property whose value is not known.
    #[cfg(feature = "code")]
    pub(crate) fn note(&mut self, key: &str) {
        self.keys.insert(key.to_owned(), ());
    }

    /// The list of brokers to ask first.
    fn servers(&mut self, value: &View<'_>) {
        let text = value.text.as_ref();
        if is_open(text) || text.contains(['<', '$', '{', '%', '@', '#']) {
            return;
        }
        let mut at = 0;
        for part in text.split(',').take(MAX_BROKERS) {
            let range = value.trim_range(at..at + part.len());
            at += part.len() + 1;
            if range.is_empty() {
                continue;
            }
            let view = value.sub(range);
            self.brokers.push(broker(&view));
        }
    }

    /// Adds the client; `role` if the file says it.
    pub(crate) fn finish(self, role: Option<&str>, out: &mut Reading) -> FactId {
        let has = |names: &[&str]| names.iter().any(|n| self.keys.contains_key(*n));
        let role = role.unwrap_or(match (has(PRODUCER), has(CONSUMER)) {
            (true, false) => "producer",
            (false, true) => "consumer",
            _ => "client",
        });
        let librdkafka = self.form == "librdkafka" || has(LIBRDKAFKA);
        let java = matches!(self.form, "spring" | "java")
            || ["key.serializer", "key.deserializer", "sasl.jaas.config", "ssl.truststore.location"]
                .iter()
                .any(|k| self.keys.contains_key(*k));
        let java = if librdkafka { Some(false) } else { java.then_some(true) };
        let mut fact = self.lines.finish(client::filled_in);
        fact.derive(client::role, Value::text(role));
        fact.derive(client::form, Value::text(self.form));
        if let Some(java) = java {
            fact.derive(client::java, Value::Bool(java));
        }
        if !self.brokers.is_empty() {
            let local = self.brokers.iter().all(|b| b.text(bootstrap::host).is_some_and(hosts::is_loopback));
            fact.derive(client::local, Value::Bool(local));
            fact.derive(client::bootstrap_count, Value::Int(self.brokers.len() as i64));
        }
        if let Some(last) = retries_last(&fact) {
            fact.set(client::retries_last, last);
        }
        if java == Some(false) {
            for id in &self.lines_taken {
                out.facts.get_mut(*id).derive(setting::librdkafka, Value::Bool(true));
            }
        }
        let id = out.facts.add(fact);
        for mut broker in self.brokers {
            broker.derive(bootstrap::client, Value::Record(id));
            if let Some(java) = java.or((self.form == "properties" && !self.template).then_some(true)) {
                broker.derive(bootstrap::java, Value::Bool(java));
            }
            out.facts.add(broker);
        }
        id
    }
}

fn broker(view: &View<'_>) -> Fact {
    let text = view.text.as_ref();
    let mut fact = Fact::new(&bootstrap::KIND, view.full_span());
    fact.write(bootstrap::text, Value::text(text), view.full_span());
    fact.derive(bootstrap::blank, Value::Bool(text.contains(char::is_whitespace)));
    let (scheme, rest) = match text.find("://") {
        Some(at) => (Some(&text[..at]), at + 3),
        None => (None, 0),
    };
    if let Some(scheme) = scheme {
        fact.write(bootstrap::scheme, Value::text(scheme), view.span(0..rest));
    }
    let address = text.get(rest..).unwrap_or_default();
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (address, None),
    };
    let name = host.trim_matches(['[', ']']);
    fact.write(bootstrap::host, Value::text(name), view.span(rest..rest + host.len()));
    fact.derive(bootstrap::loopback, Value::Bool(hosts::is_loopback(name)));
    fact.derive(bootstrap::port_missing, Value::Bool(port.is_none()));
    if let Some(number) = port.and_then(|p| p.parse::<u16>().ok()) {
        let start = rest + host.len() + 1;
        fact.write(bootstrap::port, Value::Int(number.into()), view.span(start..text.len()));
    }
    fact
}

/// `retry.backoff.ms` and its highest value, in milliseconds (CommonClientConfigs of 3.7 and newer).
const BACKOFF_MS: i64 = 100;
const BACKOFF_MAX_MS: i64 = 1_000;
/// So many retries last as long as anybody waits.
const MANY_RETRIES: i64 = 1_000;

/// How long the retries of a failed batch last at most, when `retries` is set: the waits double up to the highest.
fn retries_last(fact: &Fact) -> Option<Said> {
    let number = |key: &str| match fact.setting(key).map(|s| &s.value) {
        Some(Value::Int(n) | Value::Duration(n)) => Some(*n),
        _ => None,
    };
    let said = fact.setting("retries")?;
    let retries = number("retries").filter(|n| (1..MANY_RETRIES).contains(n))?;
    let mut wait = number("retry.backoff.ms").unwrap_or(BACKOFF_MS).max(0);
    let most = number("retry.backoff.max.ms").unwrap_or(BACKOFF_MAX_MS).max(wait);
    let mut total = 0i64;
    for _ in 0..retries {
        total = total.saturating_add(wait.min(most));
        wait = wait.saturating_mul(2).min(most);
    }
    Some(Said::derived(Value::Duration(total), said.span()))
}

/// Keeps a password of a prefixed key out of every output.
pub(super) fn keep_secret(key: &str, value: &View<'_>, out: &mut Reading) {
    if secret(key) && !value.text.trim().is_empty() && !is_open(&value.text) {
        out.secrets.push(value.full_span());
    }
}
