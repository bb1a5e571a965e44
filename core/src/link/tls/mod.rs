//! What servers' TLS settings mean for the clients that are to be served, and whether key and certificate that one
//! server names in two files belong together.

mod answer;
mod ciphers;
mod clients;
mod ends;
mod files;
mod kafka;
mod meet;
mod secrets;
mod shown;
mod suites;

pub(super) use meet::add as meetings;
pub(super) use suites::gaps as suite_gaps;

use crate::facts::kinds::tls::{certificate as cert, private_key, version_gap};
use crate::facts::kinds::tls_end::end;
use crate::facts::kinds::{mysql, postgres, proxy, rabbitmq, redis};
use crate::facts::{Fact, FactId, Facts, Said, Value};
use crate::settings::Settings;
use crate::source::Sources;
use crate::targets::shares_version;

use super::Links;

/// Every TLS version that a target could speak, oldest first.
const VERSIONS: [&str; 4] = ["1.0", "1.1", "1.2", "1.3"];

/// Servers whose settings are looked at; a deployment has a few.
const MOST_SERVERS: usize = 1_000;

/// Adds a fact for each server and client that have no TLS version in common.
pub(super) fn version_gaps(facts: &mut Facts, settings: &Settings) {
    if settings.clients.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for (program, said, offered) in facts.iter().filter_map(|(_, fact)| offer(fact)).take(MOST_SERVERS) {
        let Some(span) = said.span() else { continue };
        for query in &settings.clients {
            let Some(missed) = query.environments().find(|e| !shares_version(e, &offered)) else { continue };
            let mut fact = Fact::new(&version_gap::KIND, span);
            fact.derive(version_gap::server, Value::text(program));
            fact.derive(version_gap::offered, Value::text(offered.join(" and ")));
            fact.derive(version_gap::client, Value::text(&query.text));
            let (least, most) = missed.tls;
            let speaks = if least == most { least.to_owned() } else { format!("{least} to {most}") };
            fact.derive(version_gap::speaks, Value::text(speaks));
            fact.derive(version_gap::source, Value::text(missed.source));
            found.push(fact);
        }
    }
    for fact in found {
        facts.add(fact);
    }
}

/// The program, the setting and the versions that a server's settings offer; nothing if they do not say it.
fn offer(fact: &Fact) -> Option<(&str, &Said, Vec<&'static str>)> {
    let listed = |said: &Said| -> Vec<&'static str> {
        let words: Vec<String> = match &said.value {
            Value::List(items) => items.iter().map(|i| i.value.to_string()).collect(),
            other => other.to_string().split([' ', ',']).map(str::to_owned).collect(),
        };
        VERSIONS.into_iter().filter(|v| words.iter().any(|w| version(w) == Some(v))).collect()
    };
    let from_setting = |program: &'static str, key: &str| {
        let said = fact.setting(key)?;
        Some((program, said, listed(said)))
    };
    let (program, said, offered) = match fact.kind {
        kind if kind == &rabbitmq::server::KIND => {
            let said = fact.get(rabbitmq::server::tls_versions)?;
            // The list is worked out; its lines are what can be changed.
            let line = match &said.value {
                Value::List(items) => items.first()?,
                _ => said,
            };
            ("RabbitMQ", if said.span().is_some() { said } else { line }, listed(said))
        }
        kind if kind == &proxy::tls::KIND && fact.text(proxy::tls::side) == Some("listen") => {
            let said = fact.get(proxy::tls::protocols)?;
            (fact.text(proxy::tls::program)?, said, listed(said))
        }
        kind if kind == &postgres::server::KIND => {
            let (said, between) = postgres_bounds(fact)?;
            ("PostgreSQL", said, between)
        }
        kind if kind == &redis::server::KIND => from_setting("Redis", "tls-protocols")?,
        kind if kind == &mysql::server::KIND => from_setting("MySQL", "tls_version")?,
        // The others' settings are read above, where they hold for a whole file.
        kind if kind == &end::KIND && matches!(fact.text(end::program), Some("Kafka" | "PgBouncer")) => {
            if fact.text(end::side) == Some("connect") {
                return None;
            }
            let said = fact.get(end::offered)?;
            let names = super::names::texts(fact, end::offered);
            let offered = VERSIONS.into_iter().filter(|v| names.contains(v)).collect();
            (fact.text(end::program)?, said, offered)
        }
        _ => return None,
    };
    (!offered.is_empty()).then_some((program, said, offered))
}

/// The versions between the bounds that PostgreSQL is given, if it is given one.
fn postgres_bounds(fact: &Fact) -> Option<(&Said, Vec<&'static str>)> {
    let least = fact.setting("ssl_min_protocol_version");
    let most = fact.setting("ssl_max_protocol_version");
    let said = least.or(most)?;
    let bound = |s: Option<&Said>| s.and_then(|s| version(&s.value.to_string()));
    // PostgreSQL 12 and later begin at TLS 1.2 by default.
    let (low, high) = (bound(least).unwrap_or("1.2"), bound(most).unwrap_or("1.3"));
    Some((said, VERSIONS.into_iter().filter(|v| (low..=high).contains(v)).collect()))
}

/// The same as a list.
fn postgres_versions(fact: &Fact) -> Option<Said> {
    let (said, versions) = postgres_bounds(fact)?;
    let list = versions.into_iter().map(|v| Said::derived(Value::text(v), said.span())).collect();
    Some(Said::derived(Value::List(list), said.span()))
}

/// `1.2` of `TLSv1.2`, `tlsv1.2` or `TLSv1_2`.
fn version(word: &str) -> Option<&'static str> {
    let lower = word.trim_matches(['"', '\'']).to_ascii_lowercase().replace('_', ".");
    let number = lower.strip_prefix("tlsv")?;
    VERSIONS.into_iter().find(|v| *v == number || number == "1" && *v == "1.0")
}

/// Gives certificates for the messages of SAML their role. Their place tells it, by the names that Shibboleth's and
/// SimpleSAMLphp's installations use; such a certificate only holds a key, whose end nobody looks at (SAML V2.0 Metadata
/// Interoperability Profile, section 2.6.1).
pub(super) fn mark_signing(sources: &Sources, facts: &mut Facts) {
    let found: Vec<FactId> = facts
        .of(&cert::KIND)
        .filter(|(_, c)| is_for_signing(&sources.get(c.span.file).name))
        .filter(|(_, c)| !matches!(c.text(cert::role), Some("root" | "intermediate")))
        .map(|(id, _)| id)
        .collect();
    for id in found {
        facts.get_mut(id).derive(cert::role, Value::text("signing"));
    }
}

/// Where systems keep what they run with (Filesystem Hierarchy Standard 3.0).
const LIVE: [&str; 7] = ["/etc/", "/var/", "/run/", "/opt/", "/usr/local/etc/", "/usr/local/ssl/", "/root/"];

/// Marks private keys that lie where the machine that uses them keeps them.
pub(super) fn mark_keys_in_place(sources: &Sources, facts: &mut Facts) {
    let live = |path: &str| LIVE.iter().any(|l| path.starts_with(l));
    let keys = facts.of(&private_key::KIND).map(|(id, key)| (id, live(&sources.get(key.span.file).name)));
    let keys: Vec<(FactId, bool)> = keys.collect();
    for (id, live) in keys {
        facts.get_mut(id).derive(private_key::in_place, Value::Bool(live));
    }
}

fn is_for_signing(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    let starts =
        ["sp-cert.", "sp-signing", "sp-encrypt", "idp-signing", "idp-encrypt", "idp-backchannel", "saml"];
    starts.iter().any(|s| name.starts_with(s))
        || lower.split('/').any(|part| part == "shibboleth" || part == "simplesamlphp" || part == "saml")
}

/// Adds the ends of TLS connections, and a fact for each certificate and key that an end names in two files which both
/// are here.
pub(super) fn ends(sources: &Sources, facts: &mut Facts, links: &mut Links) {
    ends::add(facts);
    shown::link(sources, facts, links);
    secrets::link(facts, links);
}

#[cfg(test)]
mod tests {
    use super::{is_for_signing, version};

    #[test]
    fn places_of_saml_are_known() {
        for path in ["etc/shibboleth/cert.pem", "sp-cert.pem", "idp-signing.crt", "saml.pem"] {
            assert!(is_for_signing(path), "{path}");
        }
        for path in ["etc/nginx/cert.pem", "sp.pem", "samples/server.crt"] {
            assert!(!is_for_signing(path), "{path}");
        }
    }

    #[test]
    fn versions_are_read_in_every_spelling() {
        for (word, expected) in [
            ("TLSv1.2", Some("1.2")),
            ("tlsv1.3", Some("1.3")),
            ("TLSv1_2", Some("1.2")),
            ("TLSv1", Some("1.0")),
            ("\"TLSv1.1", Some("1.1")),
            ("SSLv3", None),
            ("TLSv1.4", None),
        ] {
            assert_eq!(version(word), expected, "{word}");
        }
    }
}
