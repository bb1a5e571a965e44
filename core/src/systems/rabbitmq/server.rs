//! What a set of keys and values says about the broker as a whole, whatever syntax they were written in.

use std::collections::{BTreeMap, BTreeSet};

use super::amounts::{self, Amount};
use super::{addresses, values};
use crate::facts::kinds::rabbitmq::{listener, server};
use crate::facts::tables::RABBITMQ;
use crate::facts::{Fact, Said, Value};
use crate::source::Span;
use crate::systems::Reading;

/// A key and its value, with the places they stand at.
pub(super) struct Setting {
    /// The key, in the words of rabbitmq.conf.
    pub(super) key: String,
    /// The value.
    pub(super) value: String,
    /// Where the key stands.
    pub(super) key_span: Span,
    /// Where the value stands.
    pub(super) value_span: Span,
}

/// What the settings were written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// rabbitmq.conf.
    Conf,
    /// A template of rabbitmq.conf with branches, of which one is taken.
    Branches,
    /// advanced.config, beside rabbitmq.conf.
    Advanced,
    /// rabbitmq.config, the only file of older brokers.
    Classic,
}

impl Form {
    fn as_str(self) -> &'static str {
        match self {
            Form::Conf | Form::Branches => "rabbitmq.conf",
            Form::Advanced => "advanced.config",
            Form::Classic => "classic config",
        }
    }
}

/// Words in a key that make its value a secret.
const SECRET_WORDS: [&str; 7] =
    ["pass", "password", "secret", "cookie", "passphrase", "token", "client_secret"];

/// True if a key's value must never be shown.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let last = key.rsplit('.').next().unwrap_or_default();
    SECRET_WORDS.iter().any(|word| last == *word || last.ends_with(&format!("_{word}")))
        || last == "dh"
        || key.contains(".key.")
}

/// A value as a fact, kept out of every output when its key says so.
pub(super) fn said(key: &str, value: Value, span: Span) -> Said {
    let said = Said::written(value, span);
    if is_secret(key) { said.secret() } else { said }
}

/// The protocols that listen, by the start of their keys: plain, TLS, protocol.
const LISTENERS: [(&str, &str, &str); 6] = [
    ("listeners.tcp", "listeners.ssl", "amqp"),
    ("mqtt.listeners.tcp", "mqtt.listeners.ssl", "mqtt"),
    ("stomp.listeners.tcp", "stomp.listeners.ssl", "stomp"),
    ("stream.listeners.tcp", "stream.listeners.ssl", "stream"),
    ("web_mqtt.tcp.listener", "web_mqtt.ssl.listener", "web-mqtt"),
    ("web_stomp.tcp.listener", "web_stomp.ssl.listener", "web-stomp"),
];

/// Listeners that have their address and port in keys of their own: `management.tcp.port`, `management.tcp.ip`.
const SPLIT_LISTENERS: [(&str, &str, bool); 9] = [
    ("management.tcp", "management", false),
    ("management.ssl", "management", true),
    ("management.listener", "management", false),
    ("prometheus.tcp", "prometheus", false),
    ("prometheus.ssl", "prometheus", true),
    ("web_mqtt.tcp", "web-mqtt", false),
    ("web_mqtt.ssl", "web-mqtt", true),
    ("web_stomp.tcp", "web-stomp", false),
    ("web_stomp.ssl", "web-stomp", true),
];

/// Adds the broker and its listeners.
pub(super) fn extract(settings: &[Setting], form: Form, reading: &mut Reading) {
    let Some(first) = settings.first() else { return };
    // The last of several lines wins, as in RabbitMQ.
    let mut by_key: BTreeMap<&str, &Setting> = BTreeMap::new();
    for setting in settings {
        by_key.insert(&setting.key, setting);
    }
    let mut fact = Fact::new(&server::KIND, first.key_span);
    fact.derive(server::source_form, Value::text(form.as_str()));
    for (name, setting) in &by_key {
        let Some(index) = RABBITMQ.find(name) else { continue };
        let Some(key) = RABBITMQ.keys().get(index) else { continue };
        if let Some(value) = values::typed(key, &setting.value) {
            fact.set_key(index, said(name, value, setting.value_span));
        }
    }
    flags(&mut fact, &by_key, form);
    let listeners = listeners(&mut fact, &by_key, form);
    let broker = reading.facts.add(fact);
    for mut listener in listeners {
        listener.derive(listener::server, Value::Record(broker));
        reading.facts.add(listener);
    }
}

fn flags(fact: &mut Fact, by_key: &BTreeMap<&str, &Setting>, form: Form) {
    let get = |name: &str| by_key.get(name).copied();
    let below = |prefix: &str| -> Vec<&Setting> {
        by_key.iter().filter(|(k, _)| k.starts_with(prefix)).map(|(_, s)| *s).collect()
    };
    let texts = |found: &[&Setting]| {
        Value::List(found.iter().map(|s| Said::written(Value::text(&s.value), s.value_span)).collect())
    };
    let list = |fact: &mut Fact, field, prefix: &str| {
        let found = below(prefix);
        if let Some(first) = found.first() {
            fact.set(field, Said::derived(texts(&found), Some(first.value_span)));
        }
    };
    list(fact, server::tls_versions, "ssl_options.versions.");
    list(fact, server::auth_mechanisms, "auth_mechanisms.");
    list(fact, server::auth_backends, "auth_backends.");
    let pair = get("ssl_options.certfile").or(get("ssl_options.cert")).is_some()
        && (get("ssl_options.keyfile").is_some() || !below("ssl_options.key.").is_empty());
    fact.derive(server::has_tls_certificate, Value::Bool(pair));
    let open = get("loopback_users")
        .filter(|s| s.value == "none")
        .or_else(|| get("loopback_users.guest").filter(|s| s.value == "false"));
    let open = open.filter(|_| get("loopback_users.guest").is_none_or(|s| s.value != "true"));
    fact.set(
        server::guest_from_anywhere,
        Said::derived(Value::Bool(open.is_some()), open.map(|s| s.value_span)),
    );
    let permissions = below("default_permissions.");
    if let Some(first) = permissions.first() {
        let count = Value::Int(permissions.len() as i64);
        fact.set(server::default_permissions, Said::derived(count, Some(first.key_span)));
    }
    let loads = ["load_definitions", "management.load_definitions", "definitions.import_backend"];
    let loads = loads.iter().find_map(|key| get(key));
    fact.set(
        server::loads_definitions,
        Said::derived(Value::Bool(loads.is_some()), loads.map(|s| s.value_span)),
    );
    let nodes: BTreeSet<&str> =
        below("cluster_formation.classic_config.nodes.").iter().map(|s| s.value.as_str()).collect();
    if !nodes.is_empty() {
        fact.derive(server::node_count, Value::Int(nodes.len() as i64));
    }
    if form == Form::Branches {
        return;
    }
    let both = |a: &str, b: &str| get(a).filter(|_| get(b).is_some()).map(|s| s.key_span);
    for (field, name) in [
        (server::memory_limit_twice, "vm_memory_high_watermark"),
        (server::disk_limit_twice, "disk_free_limit"),
    ] {
        let twice = both(&format!("{name}.relative"), &format!("{name}.absolute"));
        fact.set(field, Said::derived(Value::Bool(twice.is_some()), twice));
    }
}

/// The listeners, and what they say of the broker.
fn listeners(fact: &mut Fact, by_key: &BTreeMap<&str, &Setting>, form: Form) -> Vec<Fact> {
    let mut found = Vec::new();
    let off = |name: &str| by_key.get(name).filter(|s| s.value == "none").copied();
    for (plain, secure, protocol) in LISTENERS {
        for (prefix, tls) in [(plain, false), (secure, true)] {
            let dotted = format!("{prefix}.");
            for (key, setting) in by_key.range(dotted.as_str()..) {
                if !key.starts_with(&dotted) {
                    break;
                }
                let one = key[dotted.len()..].split('.').count() == 1;
                if one && off(prefix).is_none() && !values::is_placeholder(&setting.value) {
                    found.push(listener_of(setting, protocol, tls));
                }
            }
            // web_stomp.tcp.listener holds its value itself.
            if protocol.starts_with("web")
                && let Some(setting) = by_key.get(prefix)
                && !values::is_placeholder(&setting.value)
            {
                found.push(listener_of(setting, protocol, tls));
            }
        }
    }
    let overruled = off("listeners.tcp")
        .and_then(|_| by_key.iter().find(|(k, _)| k.starts_with("listeners.tcp.")).map(|(_, s)| s.key_span));
    let none = off("listeners.tcp");
    let tls = by_key.iter().find(|(k, _)| k.starts_with("listeners.ssl.")).map(|(_, s)| s.key_span);
    let tls = tls.filter(|_| off("listeners.ssl").is_none());
    let derived = |place: Option<Span>| Said::derived(Value::Bool(place.is_some()), place);
    if form != Form::Branches {
        fact.set(server::tcp_listeners_none, derived(none.map(|s| s.value_span)));
        fact.set(server::tcp_listener_overruled, derived(overruled));
    }
    fact.set(server::has_tls_listener, derived(tls));
    fact.derive(server::has_tcp_listener, Value::Bool(none.is_none()));
    for (prefix, protocol, tls) in SPLIT_LISTENERS {
        if let Some(setting) = by_key.get(format!("{prefix}.port").as_str()) {
            let tls = tls || by_key.get(format!("{prefix}.ssl").as_str()).is_some_and(|s| s.value == "true");
            let ip = by_key.get(format!("{prefix}.ip").as_str()).map(|s| s.value.as_str());
            if let Some(fact) = split_listener(setting, ip, protocol, tls) {
                found.push(fact);
            }
        }
    }
    ports(fact, &found);
    if form != Form::Branches {
        clashes(&mut found);
    }
    found
}

fn listener_of(setting: &Setting, protocol: &str, tls: bool) -> Fact {
    let mut fact = Fact::new(&listener::KIND, setting.value_span);
    fact.derive(listener::protocol, Value::text(protocol)).derive(listener::tls, Value::Bool(tls));
    match addresses::address(&setting.value) {
        Ok(address) => {
            place(&mut fact, address.ip, address.port, setting.value_span);
        }
        Err(fault) => {
            fact.set(listener::valid, Said::derived(Value::Bool(false), Some(setting.value_span)));
            fact.derive(listener::reason, Value::text(fault.reason));
            if let Some(suggestion) = fault.suggestion {
                fact.derive(listener::suggestion, Value::text(suggestion));
            }
        }
    }
    fact
}

fn split_listener(setting: &Setting, ip: Option<&str>, protocol: &str, tls: bool) -> Option<Fact> {
    let port = setting.value.parse().ok()?;
    let ip = match ip {
        Some(ip) => Some(ip.parse().ok()?),
        None => None,
    };
    let mut fact = Fact::new(&listener::KIND, setting.value_span);
    fact.derive(listener::protocol, Value::text(protocol)).derive(listener::tls, Value::Bool(tls));
    place(&mut fact, ip, port, setting.value_span);
    Some(fact)
}

fn place(fact: &mut Fact, ip: Option<std::net::IpAddr>, port: i64, span: Span) {
    let all = ip.is_none_or(|ip| ip.is_unspecified());
    fact.derive(listener::valid, Value::Bool(true));
    fact.write(listener::port, Value::Int(port), span);
    fact.derive(listener::all_interfaces, Value::Bool(all));
    fact.derive(listener::loopback_only, Value::Bool(ip.is_some_and(|ip| ip.is_loopback())));
    if let Some(ip) = ip {
        fact.write(listener::address, Value::text(ip.to_string()), span);
    }
}

fn ports(fact: &mut Fact, listeners: &[Fact]) {
    for (field, tls) in [(server::tcp_ports, false), (server::tls_ports, true)] {
        let of: Vec<Said> = listeners
            .iter()
            .filter(|l| l.text(listener::protocol) == Some("amqp") && l.bool(listener::tls) == Some(tls))
            .filter_map(|l| l.get(listener::port).cloned())
            .collect();
        let none = fact.bool(server::tcp_listeners_none) == Some(true);
        if !of.is_empty() {
            let span = of.first().and_then(Said::span);
            fact.set(field, Said::derived(Value::List(of), span));
        } else if !tls && !none {
            /// The port that a broker listens on when nothing is said.
            const DEFAULT_PORT: i64 = 5672;
            let port = Said::default(Value::Int(DEFAULT_PORT), "RabbitMQ");
            fact.set(field, Said::default(Value::List(vec![port]), "RabbitMQ"));
        }
    }
}

/// Two listeners of one broker cannot share a port on the same address.
fn clashes(listeners: &mut [Fact]) {
    let describe = |f: &Fact| {
        let tls = if f.bool(listener::tls) == Some(true) { " with TLS" } else { "" };
        format!("the {}{tls} listener", f.text(listener::protocol).unwrap_or_default())
    };
    let mut taken: Vec<(i64, Option<String>, String)> = Vec::new();
    for fact in listeners.iter_mut().take(MAX_LISTENERS) {
        let Some(port) = fact.int(listener::port) else { continue };
        let address = fact.text(listener::address).map(str::to_owned).filter(|a| a != "0.0.0.0" && a != "::");
        // On Linux an IPv4 and an IPv6 wildcard may stand side by side, so only equal addresses are sure to clash.
        let other = taken.iter().find(|(p, a, _)| *p == port && *a == address && port != 0);
        if let Some((_, _, what)) = other {
            fact.derive(listener::clashes_with, Value::text(what));
        }
        let what = describe(fact);
        taken.push((port, address, what));
    }
}

/// More listeners than this in one file are not compared with each other.
const MAX_LISTENERS: usize = 200;

/// True if an amount passes the schema but is understood by no version.
pub(super) fn is_unparsable(value: &str) -> bool {
    amounts::amount(value) == Amount::Unparsable
}
