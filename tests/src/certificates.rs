//! What we say of certificates, in the words that other judges use: refused or not, and whether a host is served.

use connlint_core::facts::kinds::tls::{certificate, chain, link};
use connlint_core::facts::{Fact, FactId, Field, Value};
use connlint_core::source::{Source, Sources};
use connlint_core::systems::tls::names::{Verdict, verdict};
use connlint_core::{Finding, Outcomes, RuleSet, Settings, Severity, lint};

/// What is found in PEM that a server would show, at a moment.
pub fn judge(text: &str, now: Option<i64>) -> Outcomes {
    judge_for(text, &Settings { now, ..Settings::default() }, &RuleSet::built_in())
}

/// The same by settings and rules that are there already.
pub fn judge_for(text: &str, settings: &Settings, rules: &RuleSet) -> Outcomes {
    let mut sources = Sources::new();
    sources.add(Source::new("etc/server.pem", text));
    lint(&sources, settings, rules)
}

/// Weaker findings that OpenSSL refuses for and other clients do not: Java and rustls pass over a root's age.
const REFUSED_BY_OPENSSL: [&str; 2] = ["tls/usage-any-only", "tls/issuer-expired"];

/// The rules by which OpenSSL refuses a chain: errors, and what only it and some others refuse.
pub fn refusals(outcomes: &Outcomes) -> Vec<String> {
    let refused =
        |f: &&Finding| f.severity >= Severity::Error || REFUSED_BY_OPENSSL.contains(&f.rule.as_str());
    outcomes.report.findings.iter().filter(refused).map(|f| f.rule.clone()).collect()
}

/// How the first certificate serves a host; `None` where there is no certificate.
pub fn served(outcomes: &Outcomes, host: &str) -> Option<Verdict> {
    let (_, leaf) = outcomes.facts.of(&certificate::KIND).next()?;
    let dns = texts(leaf, certificate::dns_names);
    let dns: Vec<&str> = dns.iter().map(String::as_str).collect();
    let addresses: Vec<std::net::IpAddr> =
        texts(leaf, certificate::addresses).iter().filter_map(|a| a.parse().ok()).collect();
    Some(verdict(&dns, &addresses, leaf.text(certificate::common_name), host))
}

/// True if every client takes the first certificate for a host.
pub fn serves(outcomes: &Outcomes, host: &str) -> bool {
    matches!(served(outcomes, host), Some(Verdict::Match(_)))
}

/// True if OpenSSL takes the first certificate for a host: by the common name too, where no alternative name is DNS.
pub fn serves_openssl(outcomes: &Outcomes, host: &str) -> bool {
    match served(outcomes, host) {
        Some(Verdict::Match(_)) => true,
        Some(Verdict::Partly { clients, .. }) => clients.contains("OpenSSL"),
        _ => false,
    }
}

/// True if a path up from the leaf meets a certificate with one of these fingerprints.
pub fn reaches(outcomes: &Outcomes, trusted: &[String]) -> bool {
    let Some((_, whole)) = outcomes.facts.of(&chain::KIND).next() else { return false };
    let mut at = record(whole, chain::leaf);
    let mut steps = outcomes.facts.of(&link::KIND).count() + 1;
    while let Some(id) = at.filter(|_| steps > 0) {
        let print = outcomes.facts.get(id).text(certificate::fingerprint);
        if print.is_some_and(|p| trusted.iter().any(|t| t == p)) {
            return true;
        }
        let issued = |l: &&Fact| record(l, link::certificate) == Some(id);
        at =
            outcomes.facts.of(&link::KIND).map(|(_, l)| l).find(issued).and_then(|l| record(l, link::issuer));
        steps -= 1;
    }
    // A cross-signed authority has other paths than the one that is linked.
    let known = |c: &Fact| c.text(certificate::fingerprint).is_some_and(|p| trusted.iter().any(|t| t == p));
    let all = || outcomes.facts.of(&certificate::KIND);
    all().count() <= MOST_RELATED
        && all().any(|(_, c)| known(c) && c.bool(certificate::unrelated) == Some(false))
}

/// Beyond so many certificates none is called unrelated.
const MOST_RELATED: usize = 100;

/// The fingerprints of all certificates.
pub fn fingerprints(outcomes: &Outcomes) -> Vec<String> {
    let all = outcomes.facts.of(&certificate::KIND);
    all.filter_map(|(_, c)| c.text(certificate::fingerprint).map(str::to_owned)).collect()
}

fn record(fact: &Fact, field: Field) -> Option<FactId> {
    match fact.get(field).map(|s| &s.value) {
        Some(Value::Record(id)) => Some(*id),
        _ => None,
    }
}

fn texts(fact: &Fact, field: Field) -> Vec<String> {
    match fact.get(field).map(|s| &s.value) {
        Some(Value::List(items)) => items.iter().map(|i| i.value.to_string()).collect(),
        _ => Vec::new(),
    }
}
