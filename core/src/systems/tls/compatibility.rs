//! Which of the clients that are to be served do not take a server certificate.

use crate::facts::kinds::tls::{certificate as cert, compatibility};
use crate::facts::{Fact, Facts, Value};
use crate::settings::Settings;
use crate::targets::{Shown, refusals};

/// Server certificates that are compared with the clients; a deployment has a few.
const MOST_CERTIFICATES: usize = 1_000;

/// Adds a fact for each server certificate and client that do not go together.
pub(crate) fn add(facts: &mut Facts, settings: &Settings) {
    if settings.clients.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for (id, certificate) in facts.of(&cert::KIND).take(MOST_CERTIFICATES) {
        let role = certificate.text(cert::role).unwrap_or_default();
        let counts =
            certificate.bool(cert::in_store) != Some(true) && certificate.bool(cert::duplicate) != Some(true);
        if !counts || !matches!(role, "server" | "server_and_client") {
            continue;
        }
        let shown = shown(certificate, facts);
        for query in &settings.clients {
            let mut told: Vec<&str> = Vec::new();
            for environment in query.environments() {
                for (reason, detail) in refusals(environment, &shown) {
                    if told.contains(&reason) {
                        continue;
                    }
                    told.push(reason);
                    let mut fact = Fact::new(&compatibility::KIND, certificate.span);
                    fact.derive(compatibility::certificate, Value::Record(id));
                    if let Some(name) = certificate.get(cert::name) {
                        fact.set(compatibility::name, name.clone());
                    }
                    fact.derive(compatibility::client, Value::text(&query.text));
                    fact.derive(compatibility::reason, Value::text(reason));
                    fact.derive(compatibility::detail, Value::text(detail));
                    fact.derive(compatibility::source, Value::text(environment.source));
                    found.push(fact);
                }
            }
        }
    }
    for fact in found {
        facts.add(fact);
    }
}

/// Authorities of one chain that are followed.
const LONGEST_CHAIN: usize = 10;

/// The common names of the issuers of a certificate, as far as its file has their certificates.
fn issuers(leaf: &Fact, facts: &Facts) -> Vec<String> {
    let here = || facts.in_file(leaf.span.file).map(|(_, f)| f).filter(|f| f.kind == &cert::KIND);
    let mut found = Vec::new();
    let mut current = leaf;
    while found.len() < LONGEST_CHAIN {
        let Some(issuer) = current.text(cert::issuer) else { break };
        let name = issuer.split(", ").find_map(|part| part.strip_prefix("CN=")).unwrap_or(issuer);
        found.push(name.to_owned());
        let above = here().find(|c| {
            c.text(cert::subject) == Some(issuer)
                && c.text(cert::fingerprint) != current.text(cert::fingerprint)
        });
        match above.filter(|a| a.bool(cert::self_issued) != Some(true)) {
            Some(above) => current = above,
            None => break,
        }
    }
    found
}

fn shown(certificate: &Fact, facts: &Facts) -> Shown {
    const DAY: i64 = 86_400_000;
    let text = |field| certificate.text(field).map(str::to_owned);
    let yes = |field| certificate.bool(field) == Some(true);
    let usages = match certificate.get(cert::extended_key_usage).map(|s| &s.value) {
        Some(Value::List(items)) => items.iter().map(|i| i.value.to_string()).collect(),
        _ => Vec::new(),
    };
    let key_type = text(cert::key_type).unwrap_or_default();
    let self_signed = yes(cert::self_signed);
    let strict_fault = if !self_signed && certificate.get(cert::authority_key_id).is_none() {
        Some("there is no authority key identifier".to_owned())
    } else {
        None
    };
    Shown {
        issuers: issuers(certificate, facts),
        curve: text(cert::curve),
        rsa_bits: certificate.int(cert::key_bits).filter(|_| key_type.starts_with("rsa")),
        signature_hash: text(cert::signature_hash).filter(|_| !self_signed),
        has_san: yes(cert::has_san),
        days: certificate.int(cert::lifetime).unwrap_or_default().saturating_add(DAY - 1) / DAY,
        not_before: certificate.int(cert::not_before).unwrap_or_default(),
        server_usage: usages.iter().any(|u| u == "serverAuth"),
        is_ca: yes(cert::is_ca),
        self_signed,
        strict_fault,
        lets_encrypt: yes(cert::publicly_issued)
            && certificate.text(cert::issuer_organization) == Some("Let's Encrypt"),
        key_type,
    }
}
