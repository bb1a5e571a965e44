//! The ends of TLS connections that clients of brokers and stores dial with.

use std::collections::BTreeMap;

use crate::facts::kinds::postgres::pgbouncer;
use crate::facts::kinds::tls_end::end;
use crate::facts::kinds::{amqp, kafka, rabbitmq, store};
use crate::facts::{Fact, FactId, Facts, Field, Said, Value};

/// Protocols whose servers' TLS ends are known.
const PROTOCOLS: [&str; 5] = ["postgresql", "mysql", "redis", "http", "kafka"];

/// The ends of AMQP clients and of stores' URIs that speak TLS.
pub(super) fn add(facts: &Facts) -> Vec<Fact> {
    let mut parameters: BTreeMap<FactId, Vec<&Fact>> = BTreeMap::new();
    for (_, fact) in facts.of(&store::uri_parameter::KIND) {
        if let Some(uri) = crate::link::names::record(fact, store::uri_parameter::uri) {
            parameters.entry(uri).or_default().push(fact);
        }
    }
    let brokers = facts.of(&amqp::client::KIND).filter_map(|(id, fact)| of_broker(id, fact));
    let stores = facts.of(&store::uri::KIND).filter_map(|(id, fact)| {
        let own = parameters.get(&id).map_or(&[][..], Vec::as_slice);
        of_store(fact, own)
    });
    brokers.chain(stores).collect()
}

fn of_broker(id: FactId, of: &Fact) -> Option<Fact> {
    let unknown = of.bool(amqp::client::host_is_placeholder) == Some(true);
    if of.bool(amqp::client::tls) != Some(true) || unknown {
        return None;
    }
    let mut fact = Fact::new(&end::KIND, of.span);
    fact.derive(end::side, Value::text("connect"));
    fact.derive(end::part, Value::text("AMQP"));
    fact.derive(end::client, Value::Record(id));
    let library = of.text(amqp::client::library);
    let shown = library.and_then(|l| crate::systems::amqp_clients::find(l, None)).map(|l| l.shown);
    fact.derive(end::program, Value::text(shown.unwrap_or("the client")));
    let copies: [(Field, Field); 4] = [
        (end::server_name, amqp::client::tls_server_name),
        (end::certificate_file, amqp::client::certfile),
        (end::key_file, amqp::client::keyfile),
        (end::ca_file, amqp::client::cacertfile),
    ];
    for (to, from) in copies {
        if let Some(said) = of.get(from) {
            fact.set(to, said.clone());
        }
    }
    if let Some(check) = of.get(amqp::client::tls_check) {
        let word = match &check.value {
            Value::Text(word) if &**word == "no_hostname" => "chain",
            Value::Text(word) if &**word == "chain_ignored" => "name",
            Value::Text(word) if &**word == "none" => "none",
            _ => "full",
        };
        fact.set(end::verify, Said { value: Value::text(word), ..check.clone() });
    }
    // The Erlang client has no other place for a certificate than the URI.
    if library == Some("erlang") && of.get(amqp::client::uri).is_some() {
        fact.derive(end::shows_none, Value::Bool(of.get(amqp::client::certfile).is_none()));
    }
    dials(&mut fact, of.get(amqp::client::host), of.int(amqp::client::port));
    Some(fact)
}

fn of_store(of: &Fact, parameters: &[&Fact]) -> Option<Fact> {
    let protocol = of.text(store::uri::protocol).filter(|p| PROTOCOLS.contains(p))?;
    if of.bool(store::uri::host_is_placeholder) == Some(true) {
        return None;
    }
    let parameter = |name: &str| {
        let found = parameters.iter().find(|p| p.text(store::uri_parameter::name) == Some(name))?;
        found.get(store::uri_parameter::value)
    };
    let mode = of.get(store::uri::tls_mode);
    let word = mode.map(|m| m.value.to_string().to_ascii_lowercase().replace('_', "-"));
    let verify = match (protocol, word.as_deref()) {
        ("postgresql", Some("verify-full")) | ("mysql", Some("verify-identity")) => Some("full"),
        ("postgresql", Some("verify-ca")) | ("mysql", Some("verify-ca")) => Some("chain"),
        // libpq checks the chain as soon as it has authorities to check it with.
        ("postgresql", Some("require")) if parameter("sslrootcert").is_some() => Some("chain"),
        ("postgresql", Some("require")) | ("mysql", Some("required")) => Some("none"),
        _ if of.bool(store::uri::tls) == Some(true) => match parameter("ssl_cert_reqs") {
            Some(said) if said.value == Value::text("none") => Some("none"),
            _ => None,
        },
        _ => return None,
    };
    let mut fact = Fact::new(&end::KIND, of.span);
    fact.derive(end::side, Value::text("connect"));
    fact.derive(end::part, Value::text(protocol));
    fact.derive(end::program, Value::text(of.text(store::uri::client).unwrap_or("the client")));
    if let Some(verify) = verify {
        fact.set(end::verify, Said::derived(Value::text(verify), mode.and_then(Said::span)));
    }
    let names: [(Field, &[&str]); 3] = [
        (end::certificate_file, &["sslcert", "ssl_certfile"]),
        (end::key_file, &["sslkey", "ssl_keyfile"]),
        (end::ca_file, &["sslrootcert", "ssl_ca_certs", "ssl-ca"]),
    ];
    for (field, keys) in names {
        let said = keys.iter().find_map(|k| parameter(k));
        // `system` stands for the machine's own store.
        if let Some(said) = said.filter(|s| s.value != Value::text("system")) {
            fact.set(field, said.clone());
        }
    }
    dials(&mut fact, of.get(store::uri::host), of.int(store::uri::port));
    Some(fact)
}

fn dials(fact: &mut Fact, host: Option<&Said>, port: Option<i64>) {
    let Some(host) = host else { return };
    fact.derive(end::hosts, Value::List(vec![host.clone()]));
    if let Some(port) = port {
        let value = Value::text(format!("{}:{port}", host.value));
        let said = host
            .span()
            .map_or_else(|| Said::derived(value.clone(), None), |s| Said::written(value.clone(), s));
        fact.derive(end::dials, Value::List(vec![said]));
    }
}

/// Where an end of a table's row listens, or what it dials.
pub(super) fn places(of: &Fact, part: &str, side: &str, facts: &Facts, to: &mut Fact) {
    let here = || facts.in_file(of.span.file).map(|(_, f)| f);
    let numbers = |found: Vec<(i64, Option<crate::source::Span>)>| {
        Value::List(found.into_iter().map(|(n, at)| Said::derived(Value::Int(n), at)).collect())
    };
    let port = |key: &str, default: i64| {
        let said = of.setting(key);
        let number = said.map_or(Some(default), |s| s.value.to_string().parse().ok());
        number.map(|n| (n, said.and_then(Said::span)))
    };
    match of.kind.name {
        "postgres.server" => drop(to.derive(end::ports, numbers(port("port", 5432).into_iter().collect()))),
        "mysql.server" => drop(to.derive(end::ports, numbers(port("port", 3306).into_iter().collect()))),
        "pgbouncer.server" if side == "listen" => {
            to.derive(end::ports, numbers(port("listen_port", 6432).into_iter().collect()));
        }
        "redis.server" if side == "listen" => {
            to.derive(end::ports, numbers(port("tls-port", 0).into_iter().filter(|p| p.0 > 0).collect()));
        }
        "rabbitmq.server" if side == "listen" => {
            let protocols: &[&str] = match part {
                "ssl_options" => &["amqp", "mqtt", "stomp", "stream"],
                "management.ssl" | "management.listener.ssl_opts" => &["management"],
                "prometheus.ssl" => &["prometheus"],
                "web_mqtt.ssl" => &["web-mqtt"],
                _ => &["web-stomp"],
            };
            let found = here().filter(|f| {
                f.kind == &rabbitmq::listener::KIND
                    && f.bool(rabbitmq::listener::tls) == Some(true)
                    && f.text(rabbitmq::listener::protocol).is_some_and(|p| protocols.contains(&p))
            });
            let found = found.filter_map(|f| {
                let said = f.get(rabbitmq::listener::port)?;
                Some((f.int(rabbitmq::listener::port)?, said.span()))
            });
            to.derive(end::ports, numbers(found.collect()));
        }
        "kafka.broker" => drop(to.derive(end::ports, Value::List(super::kafka::other_ports(of, facts)))),
        // A file of another form may describe several clients.
        "kafka.client" if of.text(kafka::client::form) == Some("properties") => {
            let found = here().filter(|f| f.kind == &kafka::bootstrap::KIND);
            addresses(found, kafka::bootstrap::host, kafka::bootstrap::port, None, to);
        }
        "pgbouncer.server" => {
            let found = here().filter(|f| f.kind == &pgbouncer::database::KIND);
            addresses(found, pgbouncer::database::host, pgbouncer::database::port, Some(5432), to);
        }
        _ => {}
    }
}

fn addresses<'f>(
    of: impl Iterator<Item = &'f Fact>,
    host: Field,
    port: Field,
    usual: Option<i64>,
    to: &mut Fact,
) {
    let mut hosts = Vec::new();
    let mut dials = Vec::new();
    for fact in of {
        let Some(said) = fact.get(host) else { continue };
        hosts.push(said.clone());
        if let Some(port) = fact.int(port).or(usual) {
            dials.push(Said::derived(Value::text(format!("{}:{port}", said.value)), said.span()));
        }
    }
    to.derive(end::hosts, Value::List(hosts));
    to.derive(end::dials, Value::List(dials));
}

/// True if the settings of a client leave no place for a certificate of its own.
pub(super) fn shows_none(of: &Fact, side: &str) -> bool {
    let lacks = |keys: &[&str]| keys.iter().all(|k| of.setting(k).is_none());
    match of.kind.name {
        "kafka.client" => lacks(&[
            "ssl.keystore.location",
            "ssl.keystore.certificate.chain",
            "ssl.keystore.key",
            "ssl.certificate.location",
            "ssl.certificate.pem",
            "ssl.key.location",
            "ssl.key.pem",
        ]),
        "pgbouncer.server" => side == "connect" && lacks(&["server_tls_cert_file"]),
        _ => false,
    }
}
