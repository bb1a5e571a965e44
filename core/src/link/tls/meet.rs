//! Clients' ends of TLS connections, held against the ends that answer them.

use std::net::IpAddr;

use crate::facts::kinds::amqp;
use crate::facts::kinds::tls::certificate as cert;
use crate::facts::kinds::tls_end::{end, meeting};
use crate::facts::{Fact, FactId, Facts, Field, Said, Value};
use crate::link::names::{Names, record, texts};
use crate::link::{Link, Links};
use crate::source::Sources;
use crate::systems::services::host_port;
use crate::systems::tls::names::{Verdict, verdict};

use super::answer::{Answer, Answers};
use super::files::Files;
use super::shown::{MOST_AUTHORITIES, issued, unknown_issuer};

/// Ends whose servers are looked for; a deployment has a few.
const MOST_CLIENTS: usize = 2_000;

/// Programs that expect the name that their settings give, and never the host that they dial.
const NAME_ONLY: [&str; 2] = ["HAProxy", "Envoy"];

/// Adds a meeting for each client whose server is known, and links it to the client (`greets`).
pub(in crate::link) fn add(sources: &Sources, facts: &mut Facts, names: &Names<'_>, links: &mut Links) {
    let mut found = Vec::new();
    let reader = Reader { files: Files::new(sources, links, facts), facts };
    let answers = Answers::new(sources, facts, links, names);
    let clients = facts.of(&end::KIND).filter(|(_, f)| f.text(end::side) == Some("connect"));
    for (id, client) in clients.take(MOST_CLIENTS) {
        let expected = expected(client);
        let name = expected.map(|(_, name)| name);
        let dialled = texts(client, end::dials).into_iter().filter_map(|d| {
            let (host, port) = host_port(d);
            answers.find(client.span.file, host?, port?, name.unwrap_or_default())
        });
        let mut all: Vec<Answer> = dialled.collect();
        if let Some(broker) = record(client, end::client).filter(|_| all.is_empty()) {
            // Shovels and federation links dial other brokers than the one that runs them.
            let own = facts.get(broker).text(amqp::client::library) == Some("erlang");
            all.extend(answers.at_broker(broker).filter(|a| !own || a.assumed.is_none()));
        }
        all.sort_by_key(|a| a.end);
        all.dedup_by_key(|a| a.end);
        for answer in all {
            let (fact, assumed) = reader.meet(client, expected.map(|(field, _)| field), &answer);
            found.push((id, fact, answer.assumed.or(assumed)));
        }
    }
    for (client, fact, assumed) in found {
        let to = facts.add(fact);
        links.add("greets", Link { from: client, to, assumed });
    }
}

/// The name that a client expects in the server's certificate, and the field that says it.
fn expected(client: &Fact) -> Option<(Field, &str)> {
    if let Some(name) = client.text(end::server_name) {
        return Some((end::server_name, name));
    }
    if NAME_ONLY.iter().any(|p| client.text(end::program) == Some(p)) {
        return None;
    }
    match texts(client, end::hosts)[..] {
        [only] => Some((end::hosts, only)),
        _ => None,
    }
}

struct Reader<'a> {
    files: Files<'a>,
    facts: &'a Facts,
}

impl Reader<'_> {
    /// The certificates of a file that an end names, in their order, and what was assumed to find it.
    fn certificates(&self, of: &Fact, field: Field) -> (Vec<FactId>, Option<String>) {
        if let (Some(shown), true) = (record(of, end::certificate), of.get(end::secret).is_some()) {
            let own = if field.index == end::certificate_file.index { vec![shown] } else { Vec::new() };
            return (own, None);
        }
        let Some(named) = of.get(field).and_then(|said| self.files.named(of.span.file, said)) else {
            return (Vec::new(), None);
        };
        let here = self.facts.in_file(named.file).filter(|(_, f)| f.kind == &cert::KIND);
        (here.map(|(id, _)| id).collect(), named.assumed)
    }

    fn meet(&self, client: &Fact, expected: Option<Field>, answer: &Answer) -> (Fact, Option<String>) {
        let server = self.facts.get(answer.end);
        let mut fact = Fact::new(&meeting::KIND, client.span);
        fact.write(meeting::server, Value::Record(answer.end), server.span);
        let (shown, guess) = self.certificates(server, end::certificate_file);
        let mut assumed = guess;
        let (trusted, guess) = self.certificates(client, end::ca_file);
        assumed = assumed.or(guess);
        let (own, guess) = self.certificates(client, end::certificate_file);
        assumed = assumed.or(guess);
        let (asked, guess) = self.certificates(server, end::ca_file);
        assumed = assumed.or(guess);
        if let Some(first) = shown.first() {
            self.name(client, expected, *first, &mut fact);
        }
        // Servers complete what they send with the authorities that they trust.
        let (sent, own_sent) = ([&shown[..], &asked].concat(), [&own[..], &trusted].concat());
        for (chain, anchors, missing, count, at) in [
            (&sent, &trusted, meeting::unknown_issuer, meeting::intermediates, client.get(end::ca_file)),
            (
                &own_sent,
                &asked,
                meeting::unknown_client_issuer,
                meeting::client_intermediates,
                server.get(end::ca_file),
            ),
        ] {
            if chain.is_empty() || anchors.is_empty() || anchors.len() > MOST_AUTHORITIES {
                continue;
            }
            let first = if count.index == meeting::intermediates.index { &shown } else { &own };
            if first.is_empty() {
                continue;
            }
            match unknown_issuer(chain, anchors, self.facts) {
                Some(issuer) => {
                    fact.set(missing, Said::derived(Value::text(issuer), at.and_then(Said::span)));
                }
                None => {
                    if let Some(between) = self.intermediates(chain, anchors) {
                        fact.derive(count, Value::Int(between));
                    }
                }
            }
        }
        let demands = server.text(end::verify) == Some("required");
        let none = client.bool(end::shows_none) == Some(true) && client.get(end::certificate_file).is_none();
        fact.derive(meeting::client_certificate_missing, Value::Bool(demands && none));
        versions(client, server, &mut fact);
        (fact, assumed)
    }

    fn name(&self, client: &Fact, expected: Option<Field>, first: FactId, fact: &mut Fact) {
        let shown = self.facts.get(first);
        fact.write(meeting::certificate, Value::Record(first), shown.span);
        fact.copy(meeting::names, shown, cert::names);
        let Some(said) = expected.and_then(|field| client.get(field)) else { return };
        let host = match &said.value {
            Value::List(items) => match items.first() {
                Some(first) => first,
                None => return,
            },
            _ => said,
        };
        fact.set(meeting::host, host.clone());
        let dns = texts(shown, cert::dns_names);
        let addresses: Vec<IpAddr> =
            texts(shown, cert::addresses).iter().filter_map(|a| a.parse().ok()).collect();
        match verdict(&dns, &addresses, shown.text(cert::common_name), &host.value.to_string()) {
            Verdict::Match(_) => drop(fact.derive(meeting::serves, Value::Bool(true))),
            Verdict::Mismatch(_) => drop(fact.derive(meeting::serves, Value::Bool(false))),
            Verdict::Partly { refused_by, .. } => {
                fact.derive(meeting::refused_by, Value::text(refused_by));
            }
        }
    }

    /// Intermediate authorities between the first certificate of a chain and the root it ends at; nothing where an
    /// intermediate is trusted itself, at which some programs end the chain.
    fn intermediates(&self, chain: &[FactId], anchors: &[FactId]) -> Option<i64> {
        let fact = |id: &FactId| self.facts.get(*id);
        if !anchors.iter().all(|a| fact(a).bool(cert::self_issued) == Some(true)) {
            return None;
        }
        let mut current = fact(chain.first()?);
        for between in 0..=chain.len() {
            if current.bool(cert::self_issued) == Some(true)
                || anchors.iter().any(|a| issued(fact(a), current))
            {
                return i64::try_from(between).ok();
            }
            current = chain.iter().map(fact).find(|c| issued(c, current))?;
        }
        None
    }
}

/// What both sides say of versions, where they have none in common.
fn versions(client: &Fact, server: &Fact, fact: &mut Fact) {
    let (own, offered) = (texts(client, end::offered), texts(server, end::offered));
    if own.is_empty() || offered.is_empty() || own.iter().any(|v| offered.contains(v)) {
        return;
    }
    let at = |of: &Fact| of.get(end::offered).and_then(Said::span);
    fact.set(meeting::client_versions, Said::derived(Value::text(own.join(" and ")), at(client)));
    fact.set(meeting::server_versions, Said::derived(Value::text(offered.join(" and ")), at(server)));
}
