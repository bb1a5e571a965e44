//! The ends of TLS connections: what settings say of each, and what follows from that.

use std::sync::OnceLock;

use crate::facts::kinds::tls_end::end;
use crate::facts::kinds::{rabbitmq, redis};
use crate::facts::{Fact, FactId, Facts, Field, Said, Value};

use super::ciphers::{Judged, judge};
use super::{VERSIONS, clients, version};

/// Servers and clients whose settings are looked at; a deployment has a few.
const MOST_ENDS: usize = 2_000;

/// The settings of one end; an empty name for those that a program does not have.
struct Row {
    kind: &'static str,
    program: &'static str,
    part: &'static str,
    side: &'static str,
    certificate: &'static str,
    key: &'static str,
    authorities: &'static str,
    password: &'static str,
    depth: &'static str,
    versions: &'static str,
    ciphers: &'static str,
    suites: &'static str,
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    let lines = include_str!("../../../data/tls-settings.tsv").lines();
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        Some(Row {
            kind: cells.next()?,
            program: cells.next()?,
            part: cells.next()?,
            side: cells.next()?,
            certificate: cells.next()?,
            key: cells.next()?,
            authorities: cells.next()?,
            password: cells.next()?,
            depth: cells.next()?,
            versions: cells.next()?,
            ciphers: cells.next()?,
            suites: cells.next()?,
        })
    };
    let told = lines.filter(|l| !l.is_empty() && !l.starts_with('#'));
    ROWS.get_or_init(|| told.filter_map(row).collect())
}

/// Adds the ends that settings of keys and values describe, and works out what the lists of all ends mean.
pub(super) fn add(facts: &mut Facts) {
    let rows = rows();
    let mut found = Vec::new();
    for (_, fact) in facts.iter() {
        let mine = rows.iter().filter(|r| r.kind == fact.kind.name);
        let own: Vec<Fact> = mine.filter_map(|row| read(row, fact, facts)).collect();
        if fact.kind == &crate::facts::kinds::kafka::broker::KIND {
            found.extend(super::kafka::listeners(fact, facts, own.first()));
        }
        found.extend(own);
        if found.len() >= MOST_ENDS {
            break;
        }
    }
    found.extend(clients::add(facts).into_iter().take(MOST_ENDS));
    for fact in found {
        facts.add(fact);
    }
    let ends: Vec<FactId> = facts.of(&end::KIND).map(|(id, _)| id).collect();
    for id in ends {
        complete(facts.get_mut(id));
    }
}

fn read(row: &Row, of: &Fact, facts: &Facts) -> Option<Fact> {
    let get = |key: &str| Some(key).filter(|key| !key.is_empty()).and_then(|key| of.setting(key));
    let listed = |key: &str| list(of, key, facts);
    let mut fact = Fact::new(&end::KIND, of.span);
    let mut first = None;
    for (field, key) in [
        (end::certificate_file, row.certificate),
        (end::key_file, row.key),
        (end::ca_file, row.authorities),
        (end::suites, row.suites),
    ] {
        let Some(said) = get(key).filter(|s| matches!(&s.value, Value::Text(t) if !t.is_empty())) else {
            continue;
        };
        first = first.or(said.span());
        fact.set(field, said.clone());
    }
    for (field, key) in [(end::ciphers, row.ciphers), (end::protocols, row.versions)] {
        let items = listed(key);
        let Some(span) = items.first().and_then(Said::span) else { continue };
        first = first.or(Some(span));
        if field.index == end::protocols.index {
            fact.write(field, Value::List(items), span);
        } else {
            let all: Vec<String> = items.iter().map(|i| i.value.to_string()).collect();
            fact.write(field, Value::text(all.join(":")), span);
        }
    }
    // A client needs no file of its own to speak TLS.
    let secure =
        of.setting("security.protocol").filter(|s| s.value.to_string().to_ascii_uppercase().ends_with("SSL"));
    fact.span = first.or_else(|| secure.filter(|_| row.program == "Kafka client")?.span())?;
    fact.derive(end::program, Value::text(row.program));
    fact.derive(end::part, Value::text(row.part));
    fact.derive(end::password, Value::Bool(get(row.password).is_some()));
    let directory = of.setting("tls-ca-cert-dir").or_else(|| of.setting("ssl_capath"));
    let named = fact.get(end::ca_file).is_some() || directory.is_some();
    fact.derive(end::ca_named, Value::Bool(named));
    if let Some(depth) = get(row.depth).filter(|d| matches!(d.value, Value::Int(_))) {
        fact.set(end::depth, depth.clone());
    }
    if off(row, of) {
        return None;
    }
    fact.derive(end::side, Value::text(side(row, of)));
    clients::places(of, row.part, row.side, facts, &mut fact);
    if clients::shows_none(of, row.side) {
        fact.derive(end::shows_none, Value::Bool(true));
    }
    if row.kind == "postgres.server"
        && let Some(said) = super::postgres_versions(of)
    {
        fact.set(end::offered, said);
    }
    if let Some(word) = verify(row, of) {
        let key = verifying(row).into_iter().find_map(|key| of.setting(&key)?.span());
        fact.set(end::verify, Said::derived(Value::text(word), key));
    }
    Some(fact)
}

/// The values of a setting, or of all settings below a key that ends in a dot.
fn list(of: &Fact, key: &str, facts: &Facts) -> Vec<Said> {
    if key.is_empty() {
        return Vec::new();
    }
    if key.ends_with('.') {
        let lines = facts.in_file(of.span.file).filter(|(_, f)| {
            f.kind == &rabbitmq::setting::KIND
                && f.text(rabbitmq::setting::key).is_some_and(|k| k.starts_with(key))
        });
        let lines: Vec<Said> = lines.filter_map(|(_, f)| f.get(rabbitmq::setting::value).cloned()).collect();
        // The forms of Erlang have no lines.
        if key == "ssl_options.versions." && lines.is_empty() {
            return match of.get(rabbitmq::server::tls_versions).map(|s| &s.value) {
                Some(Value::List(items)) => items.clone(),
                _ => Vec::new(),
            };
        }
        return lines;
    }
    let Some(said) = of.setting(key) else { return Vec::new() };
    let (Value::Text(text), Some(span)) = (&said.value, said.span()) else { return Vec::new() };
    let words = text.split([' ', ',', ':', '\t']).map(|w| w.trim_matches(['"', '\'']));
    words.filter(|w| !w.is_empty()).map(|w| Said::written(Value::text(w), span)).collect()
}

fn is(of: &Fact, key: &str, value: &str) -> bool {
    of.setting(key).is_some_and(|s| s.value.to_string().eq_ignore_ascii_case(value))
}

/// True if the program does not use these settings, as another one says.
fn off(row: &Row, of: &Fact) -> bool {
    match row.kind {
        "redis.server" => of.bool(redis::server::tls) != Some(true),
        "postgres.server" => of.setting("ssl").is_some_and(|s| s.value == Value::Bool(false)),
        "mysql.server" => is(of, "ssl", "off") || is(of, "ssl", "0"),
        _ => false,
    }
}

fn side(row: &Row, of: &Fact) -> &'static str {
    // With `tls-cluster` or `tls-replication` a server shows the same certificate to other servers.
    let on = |key: &str| of.setting(key).is_some_and(|s| s.value == Value::Bool(true));
    let both = match row.kind {
        "redis.server" => {
            row.side == "listen"
                && of.setting("tls-client-cert-file").is_none()
                && (on("tls-cluster")
                    || on("tls-replication") && of.bool(redis::server::replica) == Some(true))
        }
        "kafka.broker" => {
            is(of, "security.inter.broker.protocol", "SSL")
                || is(of, "security.inter.broker.protocol", "SASL_SSL")
                    && is(of, "ssl.client.auth", "required")
        }
        _ => false,
    };
    match row.side {
        _ if both => "peer",
        "listen" => "listen",
        _ => "connect",
    }
}

/// The settings that say how certificates are checked.
fn verifying(row: &Row) -> Vec<String> {
    match row.kind {
        "rabbitmq.server" => vec![format!("{}.verify", row.part)],
        "redis.server" => vec!["tls-auth-clients".into()],
        "pgbouncer.server" => vec![format!("{}_sslmode", row.part)],
        "kafka.broker" => vec!["ssl.client.auth".into()],
        "kafka.client" => {
            vec!["enable.ssl.certificate.verification".into(), "ssl.endpoint.identification.algorithm".into()]
        }
        _ => Vec::new(),
    }
}

fn verify(row: &Row, of: &Fact) -> Option<&'static str> {
    let keys = verifying(row);
    let value = |at: usize| Some(of.setting(keys.get(at)?)?.value.to_string().to_ascii_lowercase());
    let listens = row.side == "listen";
    match row.kind {
        "rabbitmq.server" => match (value(0).as_deref(), listens) {
            (Some("verify_none"), _) | (None, true) => Some("none"),
            (Some("verify_peer"), true) => {
                let asks = of.setting(&format!("{}.fail_if_no_peer_cert", row.part));
                // Without the setting Erlang 26 refuses such clients, and 25 takes them.
                Some(if asks?.value == Value::Bool(true) { "required" } else { "optional" })
            }
            _ => None,
        },
        "redis.server" if listens => match value(0).as_deref() {
            Some("no") => Some("none"),
            Some("optional") => Some("optional"),
            Some("yes") | None => Some("required"),
            _ => None,
        },
        "redis.server" => Some("chain"),
        "pgbouncer.server" => match (value(0).as_deref(), listens) {
            (Some("verify-ca" | "verify-full"), true) => Some("required"),
            (Some("verify-ca"), false) => Some("chain"),
            (Some("verify-full"), false) => Some("full"),
            (Some(_), _) => Some("none"),
            (None, _) => None,
        },
        "kafka.broker" => match value(0).as_deref() {
            Some("required") => Some("required"),
            Some("requested") => Some("optional"),
            Some("none") | None => Some("none"),
            _ => None,
        },
        "kafka.client" => match (value(0).as_deref(), value(1).as_deref()) {
            (Some("false"), _) => Some("none"),
            (_, Some("" | "none")) => Some("chain"),
            _ => Some("full"),
        },
        _ => None,
    }
}

/// Programs whose one list of suites is for TLS 1.3 and older versions alike.
const ONE_LIST: [&str; 4] = ["RabbitMQ", "Kafka", "Kafka client", "Envoy"];

/// What an end's lists of versions and suites mean.
fn complete(fact: &mut Fact) {
    let program = fact.text(end::program).unwrap_or_default().to_owned();
    versions(&program, fact);
    let at = fact.get(end::ciphers).and_then(Said::span);
    let Some(list) = fact.text(end::ciphers).map(str::to_owned) else {
        newer_list(fact);
        return;
    };
    let Judged { weak, no_security, newer, only_newer, needs, .. } = judge(&list);
    let mut put = |field: Field, value: Value| {
        fact.set(field, Said::derived(value, at));
    };
    if let Some((suite, why)) = weak {
        put(end::weak_cipher, Value::text(suite));
        put(end::weakness, Value::text(why));
        put(end::no_security, Value::Bool(no_security));
    }
    if let Some(suite) = newer.filter(|_| !ONE_LIST.contains(&program.as_str())) {
        put(end::newer_suite, Value::text(suite));
        put(end::only_newer_suites, Value::Bool(only_newer));
    }
    if let Some(needs) = needs {
        put(end::suites_need, Value::text(needs));
    }
    newer_list(fact);
}

fn newer_list(fact: &mut Fact) {
    let Some(suites) = fact.get(end::suites) else { return };
    let (Value::Text(text), span) = (&suites.value, suites.span()) else { return };
    if let Some(older) = judge(text).older {
        fact.set(end::older_suite, Said::derived(Value::text(older), span));
    }
}

/// Words of other meaning in lists of versions.
const OTHER_WORDS: [&str; 10] =
    ["sslv2", "sslv3", "sslv2hello", "ssl", "tls", "all", "secure", "legacy", "default", "default13"];

fn versions(program: &str, fact: &mut Fact) {
    let Some(Said { value: Value::List(items), .. }) = fact.get(end::protocols).cloned() else { return };
    let mut offered = Vec::new();
    let mut old = Vec::new();
    let mut clear = true;
    for item in &items {
        let word = item.value.to_string();
        let lower = word.to_ascii_lowercase();
        match version(&word) {
            Some(known) => {
                offered.push(Said::derived(Value::text(known), item.span()));
                if known < "1.2" {
                    old.push(item.clone());
                }
            }
            None if lower == "sslv2" || lower == "sslv3" => old.push(item.clone()),
            None if word.contains(['$', '{', '%', '<']) || OTHER_WORDS.contains(&lower.as_str()) => {
                clear = false;
            }
            // The name is judged by a rule of RabbitMQ's own.
            None if program == "RabbitMQ" || word.starts_with(['!', '-', '+']) => clear = false,
            None => {
                clear = false;
                let digits: String = word.chars().filter(char::is_ascii_digit).collect();
                let meant = ["10", "11", "12", "13"].iter().position(|d| *d == digits);
                if let Some(known) = meant.and_then(|at| VERSIONS.get(at)) {
                    fact.set(end::meant_protocol, Said::derived(Value::text(format!("TLSv{known}")), None));
                }
                fact.set(end::unknown_protocol, item.clone());
            }
        }
    }
    let first = offered.first().and_then(Said::span);
    if clear && !offered.is_empty() {
        fact.set(end::offered, Said::derived(Value::List(offered), first));
    }
    if let Some(at) = old.first().and_then(Said::span) {
        fact.set(end::old_protocols, Said::derived(Value::List(old), Some(at)));
    }
}
