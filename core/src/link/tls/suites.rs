//! Which of the clients that are to be served have none of the cipher suites of a server's list.

use crate::facts::kinds::tls::{certificate as cert, suite_gap};
use crate::facts::kinds::tls_end::end;
use crate::facts::{Fact, Facts, Said, Value};
use crate::link::Links;
use crate::link::names::texts;
use crate::settings::Settings;
use crate::targets::{Environment, shares_version, suites};

use super::{MOST_SERVERS, VERSIONS};

/// Adds a fact for each list and client that have nothing in common.
pub(in crate::link) fn gaps(facts: &mut Facts, links: &Links, settings: &Settings) {
    if settings.clients.is_empty() {
        return;
    }
    let mut found = Vec::new();
    let servers = facts.of(&end::KIND).filter(|(_, f)| f.text(end::side) != Some("connect"));
    for (id, server) in servers.take(MOST_SERVERS) {
        let Some((list, said)) = server.text(end::ciphers).zip(server.get(end::ciphers)) else { continue };
        let (Some(offered), Some(span)) = (suites::suites(list), said.span()) else { continue };
        // A certificate that is only taken to be this server's decides nothing.
        let sure = links.from("shows", id).find(|l| l.assumed.is_none());
        let key = sure.and_then(|l| facts.get(l.to).text(cert::key_type));
        let versions = texts(server, end::offered);
        for query in &settings.clients {
            let judged = query.environments().filter(|e| uses_list(e, &versions));
            let mut lacking = judged.filter_map(|e| Some((e, suites::lacking(e, &offered, key)?)));
            let Some((environment, lacks)) = lacking.next() else { continue };
            let mut fact = Fact::new(&suite_gap::KIND, span);
            for (to, from) in [(suite_gap::server, end::program), (suite_gap::part, end::part)] {
                fact.copy(to, server, from);
            }
            fact.derive(suite_gap::client, Value::text(&query.text));
            fact.set(suite_gap::lacks, Said::derived(Value::text(lacks), Some(span)));
            fact.derive(suite_gap::source, Value::text(environment.source));
            found.push(fact);
        }
    }
    for fact in found {
        facts.add(fact);
    }
}

/// True if a client and a server of these versions settle on one whose suites the list names: TLS 1.2 or older.
fn uses_list(of: &Environment, versions: &[&str]) -> bool {
    let newest = of.tls.1 >= "1.3" && (versions.is_empty() || versions.contains(&"1.3"));
    let older: Vec<&str> = if versions.is_empty() { VERSIONS.to_vec() } else { versions.to_vec() };
    !newest && shares_version(of, &older)
}
