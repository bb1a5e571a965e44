//! The properties below `spring.rabbitmq`, one by one and as a connection.

use super::values::{self, Bound, Resolved, bind, note};
use super::{Document, Property, uniform};
use crate::facts::kinds::amqp::client;
use crate::facts::kinds::spring::{rabbitmq, setting};
use crate::facts::tables::SPRING_RABBITMQ as TABLE;
use crate::facts::{Fact, FactId, KeyDef, Said, Value, Version};
use crate::hosts;
use crate::secrets::is_secret_name;
use crate::source::Span;
use crate::systems::uris::{self, Place, UriContext};
use crate::systems::{Reading, amqp_clients, services};

const PREFIX: &str = "spring.rabbitmq.";

/// At most so many unknown properties are compared with all known ones.
const MAX_GUESSES: usize = 40;

/// The row of a property named without the prefix, in any spelling that Spring takes for the same.
fn find(name: &str) -> Option<usize> {
    let name = uniform(name);
    TABLE.keys().iter().position(|k| uniform(k.name) == name)
}

/// The property, named as in a file, that a variable is bound to.
pub(super) fn of_variable(name: &str) -> Option<String> {
    let flat = |text: &str| uniform(text).replace('.', "");
    let rest = name.strip_prefix("SPRING_RABBITMQ_").or_else(|| name.strip_prefix("spring_rabbitmq_"))?;
    let rest = flat(rest);
    let known = TABLE.keys().iter().find(|k| flat(k.name) == rest);
    Some(format!("{PREFIX}{}", known.map_or(rest.as_str(), |k| k.name)))
}

/// Everything a document says about RabbitMQ.
pub(super) fn extract(document: &Document<'_>, reading: &mut Reading) {
    let mut fact = Fact::new(&rabbitmq::KIND, document.span);
    let mut connection = Connection::default();
    if document.form == "environment" {
        // A file in the image may turn TLS on.
        connection.open.push("ssl.enabled");
    }
    let mut guesses = MAX_GUESSES;
    let mut found = false;
    let mut profile = None;
    for property in &document.properties {
        let name = uniform(&property.name);
        if matches!(name.as_str(), "spring.config.activate.onprofile" | "spring.profiles") {
            profile = Some(Said::written(Value::text(&property.value.text), property.value.full_span()));
        }
        let Some(rest) = name.strip_prefix("spring.rabbitmq.") else { continue };
        if !found {
            // The first property is where a missing one belongs.
            fact.span = property.at;
            found = true;
        }
        one(property, rest, &mut fact, &mut connection, &mut guesses, reading);
    }
    if !found {
        return;
    }
    fact.derive(rabbitmq::form, Value::text(document.form));
    if let Some(profile) = profile {
        fact.set(rabbitmq::profile, profile);
    }
    whole(&mut fact, &connection);
    connection.add(&fact, reading);
    reading.facts.add(fact);
}

fn one(
    property: &Property<'_>,
    rest: &str,
    whole: &mut Fact,
    connection: &mut Connection,
    guesses: &mut usize,
    reading: &mut Reading,
) {
    let row = find(rest);
    let def: Option<&'static KeyDef> = row.and_then(|at| TABLE.keys().get(at));
    let secret = is_secret_name(def.map_or(property.name.as_str(), |d| d.name));
    let value_span = property.value.full_span();
    let mut fact = Fact::new(&setting::KIND, property.at);
    let key = def.map_or_else(|| property.name.clone(), |d| format!("{PREFIX}{}", d.name));
    fact.write(setting::key, Value::text(&key), property.at);
    fact.write(setting::written, Value::text(&property.name), property.at);
    fact.derive(setting::known, Value::Bool(def.is_some()));
    let resolved = values::resolve(&property.value);
    if secret
        && !property.value.text.trim().is_empty()
        && !crate::secrets::is_placeholder(&property.value.text)
    {
        reading.secrets.push(resolved.as_ref().map_or(value_span, |r| r.span));
    }
    if let Some(resolved) = &resolved {
        let said = said(resolved, Value::text(&resolved.text));
        fact.set(setting::value, if secret { said.secret() } else { said });
    }
    match (row, def) {
        (Some(row), Some(def)) => {
            if let Some(removed) = note(def, "removed").and_then(Version::parse) {
                fact.derive(setting::removed_in, Value::Version(removed));
            }
            if let Some(successor) = note(def, "use") {
                fact.derive(setting::successor, Value::text(format!("{PREFIX}{successor}")));
            }
            if let Some(resolved) = resolved {
                known(def, row, &resolved, secret, &mut fact, whole);
                if def.name == "addresses" {
                    connection.addresses(property, &resolved.text, resolved.span, reading);
                }
            } else {
                connection.open.push(def.name);
                if def.name == "addresses" {
                    connection.addresses(property, &values::partly(&property.value), value_span, reading);
                }
            }
        }
        _ if *guesses > 0 => {
            *guesses -= 1;
            // Projects keep names of their own queues here; only a slip of the pen is worth a word.
            if let Some(near) = nearest(rest) {
                fact.derive(setting::nearest, Value::text(format!("{PREFIX}{near}")));
            }
        }
        _ => {}
    }
    reading.facts.add(fact);
}

/// The property that a mistyped one most likely means: one of the same depth with at most two slips.
fn nearest(rest: &str) -> Option<&'static str> {
    const MAX_SHORTER: usize = 6;
    let candidates =
        TABLE.keys().iter().filter(|k| note(k, "removed").is_none()).map(|k| (k.name, uniform(k.name)));
    let same: Vec<(&'static str, String)> =
        candidates.filter(|(n, _)| n.matches('.').count() == rest.matches('.').count()).collect();
    let near = crate::nearest::nearest(rest, same.iter().map(|(_, u)| u.as_str()))?;
    // `queue` is no slip for `username`, and short words are near to many.
    (rest.len() >= MAX_SHORTER || near.len() == rest.len()).then_some(())?;
    same.iter().find(|(_, u)| u == near).map(|(n, _)| *n)
}

fn said(resolved: &Resolved, value: Value) -> Said {
    if resolved.by_default {
        Said::derived(value, Some(resolved.span))
    } else {
        Said::written(value, resolved.span)
    }
}

fn known(
    def: &'static KeyDef,
    row: usize,
    resolved: &Resolved,
    secret: bool,
    fact: &mut Fact,
    whole: &mut Fact,
) {
    if resolved.text.is_empty() {
        return;
    }
    if def.form == "duration" {
        let unit = note(def, "unit").unwrap_or("ms");
        fact.derive(setting::unit, Value::text(unit));
        let bare = resolved.text.bytes().all(|b| b.is_ascii_digit());
        fact.set(setting::bare_number, Said::derived(Value::Bool(bare), Some(resolved.span)));
    }
    match bind(def, &resolved.text) {
        Bound::Good(value) => {
            fact.set(setting::well_typed, Said::derived(Value::Bool(true), Some(resolved.span)));
            let said = said(resolved, value);
            whole.set_key(row, if secret { said.secret() } else { said });
        }
        Bound::Bad { expected, suggestion } => {
            fact.set(setting::well_typed, Said::derived(Value::Bool(false), Some(resolved.span)));
            fact.derive(setting::expected, Value::text(expected));
            if let Some(suggestion) = suggestion {
                fact.derive(setting::suggestion, Value::text(suggestion));
            }
        }
    }
}

/// A value of a property by its name in the table.
fn of<'f>(fact: &'f Fact, name: &str) -> Option<&'f Said> {
    fact.setting(name)
}

fn text<'f>(fact: &'f Fact, name: &str) -> Option<&'f str> {
    match &of(fact, name)?.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn flag(fact: &Fact, name: &str) -> Option<bool> {
    match of(fact, name)?.value {
        Value::Bool(b) => Some(b),
        _ => None,
    }
}

/// What follows from several properties.
fn whole(fact: &mut Fact, connection: &Connection) {
    let container = text(fact, "listener.type").unwrap_or("simple").to_owned();
    let chosen = |fact: &Fact, key: &str| of(fact, &format!("listener.{container}.{key}")).cloned();
    let copies = [
        (rabbitmq::acknowledge_mode, "acknowledge-mode"),
        (rabbitmq::prefetch, "prefetch"),
        (rabbitmq::requeues_rejected, "default-requeue-rejected"),
        (rabbitmq::retries, "retry.enabled"),
    ];
    for (field, key) in copies {
        if let Some(said) = chosen(fact, key) {
            fact.set(field, said);
        }
    }
    let consumers =
        ["max-concurrency", "concurrency", "consumers-per-queue"].iter().find_map(|k| chosen(fact, k));
    if let Some(consumers) = consumers {
        fact.set(rabbitmq::consumers, consumers);
    }
    fact.derive(rabbitmq::container, Value::text(&container));
    let beside = ["host", "port"].iter().find_map(|k| of(fact, k)).and_then(Said::span);
    let both = !connection.hosts.is_empty() && beside.is_some();
    fact.set(rabbitmq::host_beside_addresses, Said::derived(Value::Bool(both), beside.filter(|_| both)));
    let enabled = of(fact, "ssl.enabled").and_then(Said::span);
    if let Some(tls) = connection.tls(fact) {
        fact.set(rabbitmq::tls, Said::derived(Value::Bool(tls), enabled));
    }
}

/// What is dialled.
#[derive(Debug, Default)]
struct Connection {
    /// `host:port` of each address, with its place.
    hosts: Vec<(String, Option<i64>, Span)>,
    /// The first address, if it is a URI.
    uri: Option<(FactId, Span)>,
    /// The first address asks for TLS, or refuses it.
    address_tls: Option<bool>,
    /// Properties that a variable without default fills in.
    open: Vec<&'static str>,
}

impl Connection {
    /// A list of `host:port` or of what looks like URIs and is none (RabbitProperties.Address).
    /// `text` is the value as far as it is known; an address that hangs on a variable is left out.
    fn addresses(&mut self, property: &Property<'_>, text: &str, span: Span, reading: &mut Reading) {
        let context = UriContext {
            client: Some("spring"),
            key: Some("spring.rabbitmq.addresses"),
            place: Place::Value,
            expands_variables: Some(true),
            part_of_client: true,
            ..UriContext::default()
        };
        let uris = uris::scan(&property.value, &context, reading);
        if let Some(&id) = uris.first() {
            self.uri = Some((id, span));
        }
        for address in text.split(',').map(str::trim).filter(|a| !a.is_empty()) {
            let (tls, rest) = match address.split_once("://") {
                Some(("amqps", rest)) => (Some(true), rest),
                Some(("amqp", rest)) => (Some(false), rest),
                Some(_) => continue,
                None => (None, address),
            };
            if self.hosts.is_empty() {
                self.address_tls = tls;
            }
            let rest = rest.rsplit_once('@').map_or(rest, |(_, r)| r);
            let rest = rest.split('/').next().unwrap_or(rest);
            if rest.contains("${") {
                continue;
            }
            let (host, port) = services::host_port(rest);
            if let Some(host) = host {
                self.hosts.push((host.to_owned(), port, span));
            }
        }
    }

    fn tls(&self, fact: &Fact) -> Option<bool> {
        if let Some(tls) = self.address_tls {
            return Some(tls);
        }
        if self.open.contains(&"ssl.enabled") || self.open.contains(&"addresses") {
            return None;
        }
        Some(flag(fact, "ssl.enabled") == Some(true) || text(fact, "ssl.bundle").is_some())
    }

    /// Adds the `amqp.client` that the properties describe.
    fn add(&self, fact: &Fact, reading: &mut Reading) {
        let mut out = Fact::new(&client::KIND, fact.span);
        let Some(library) = amqp_clients::find("spring", None) else { return };
        out.derive(client::library, Value::text(library.name));
        self.endpoint(fact, &mut out);
        let copies = [
            (client::vhost, "virtual-host"),
            (client::heartbeat, "requested-heartbeat"),
            (client::connection_timeout, "connection-timeout"),
            (client::rpc_timeout, "channel-rpc-timeout"),
            (client::channel_max, "requested-channel-max"),
        ];
        for (field, key) in copies {
            if let Some(said) = of(fact, key)
                && out.get(field).is_none()
            {
                out.set(field, said.clone());
            }
        }
        if self.hosts.is_empty() || self.uri.is_none() {
            for (field, key) in [(client::user, "username"), (client::password, "password")] {
                if let Some(said) = of(fact, key) {
                    out.set(field, said.clone());
                }
            }
        }
        let derived = |value: Value, from: &str| Said::derived(value, of(fact, from).and_then(Said::span));
        if let Some(tls) = self.tls(fact) {
            out.set(client::tls, derived(Value::Bool(tls), "ssl.enabled"));
            let check = if flag(fact, "ssl.validate-server-certificate") == Some(false) {
                Some(("none", "ssl.validate-server-certificate"))
            } else if flag(fact, "ssl.verify-hostname") == Some(false) {
                Some(("no_hostname", "ssl.verify-hostname"))
            } else {
                None
            };
            if let Some((check, key)) = check.filter(|_| tls) {
                out.set(client::tls_check, derived(Value::text(check), key));
            }
        }
        let old = match text(fact, "ssl.algorithm") {
            Some("TLSv1" | "TLSv1.0") => Some("1.0"),
            Some("TLSv1.1") => Some("1.1"),
            _ => None,
        };
        if let Some(old) = old {
            out.set(client::tls_min_version, derived(Value::text(old), "ssl.algorithm"));
        }
        if let Some(confirms) = text(fact, "publisher-confirm-type") {
            out.set(client::confirms, derived(Value::Bool(confirms != "none"), "publisher-confirm-type"));
        }
        if let Some(mode) = fact.get(rabbitmq::acknowledge_mode) {
            let none = mode.value == Value::text("none");
            out.set(client::auto_ack, Said::derived(Value::Bool(none), mode.span()));
        }
        if let Some(prefetch) = fact.get(rabbitmq::prefetch) {
            out.set(client::prefetch, prefetch.clone());
        }
        library.complete(&mut out);
        reading.facts.add(out);
    }

    fn endpoint(&self, fact: &Fact, out: &mut Fact) {
        /// RabbitProperties.java: DEFAULT_PORT and DEFAULT_PORT_SECURE.
        const PORTS: [i64; 2] = [5672, 5671];
        let usual = PORTS[usize::from(self.tls(fact) == Some(true))];
        if let Some((id, span)) = self.uri {
            out.set(client::uri, Said::written(Value::Record(id), span));
        }
        if let Some((host, port, span)) = self.hosts.first() {
            self.host(host, Said::derived(Value::text(host), Some(*span)), out);
            out.set(client::port, Said::derived(Value::Int(port.unwrap_or(usual)), Some(*span)));
            let all = self.hosts.iter().map(|(host, port, span)| {
                Said::derived(Value::text(format!("{host}:{}", port.unwrap_or(usual))), Some(*span))
            });
            out.set(client::hosts, Said::derived(Value::List(all.collect()), Some(*span)));
            return;
        }
        if self.open.contains(&"host") {
            out.derive(client::host_is_placeholder, Value::Bool(true));
        } else if let Some(said) = of(fact, "host") {
            if let Value::Text(host) = &said.value {
                self.host(host, said.clone(), out);
            }
        } else {
            // Another file or profile may say it; the default alone would join strangers.
            return;
        }
        match of(fact, "port") {
            Some(said) => out.set(client::port, said.clone()),
            None if self.open.contains(&"port") => out,
            None => out.set(client::port, Said::default(Value::Int(usual), "Spring Boot")),
        };
    }

    fn host(&self, host: &str, said: Said, out: &mut Fact) {
        let span = said.span();
        out.set(client::host, said);
        out.set(client::host_is_placeholder, Said::derived(Value::Bool(false), span));
        out.set(client::host_is_loopback, Said::derived(Value::Bool(hosts::is_loopback(host)), span));
    }
}
