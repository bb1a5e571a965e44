//! AMQP URIs, held to the specification's examples and to what each client's own parser does.

use std::path::Path;

use connlint_core::facts::kinds::amqp;
use connlint_core::source::{FileId, View};
use connlint_core::syntax::uri;
use connlint_core::systems::Reading;
use connlint_core::systems::uris::{UriContext, scan};

/// The rows of a table below `tests/uris`, without comments and head.
fn rows(name: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("uris").join(name);
    let text = std::fs::read_to_string(path).expect("a table of the project");
    let rows = text.lines().filter(|l| !l.starts_with('#')).skip(1);
    let rows: Vec<Vec<String>> =
        rows.map(|l| l.split('\t').map(|c| c.replace("\\n", "\n")).collect()).collect();
    assert!(!rows.is_empty(), "{name} holds no rows");
    rows
}

fn parts_hold(name: &str) {
    let mut wrong = Vec::new();
    for row in rows(name) {
        let [text, user, password, host, port, vhost, faults] = row.as_slice() else {
            panic!("{name}: a row has seven cells: {row:?}");
        };
        let view = View::slice(FileId(0), text, 0);
        let read = uri::read(&view);
        let shown =
            |part: &Option<uri::Part<'_>>| part.as_ref().map_or("-".to_owned(), |p| p.text.to_string());
        let first = read.hosts.first();
        let mut kinds: Vec<&str> = read.faults.iter().map(|f| f.kind.as_str()).collect();
        kinds.dedup();
        let seen = [
            shown(&read.user),
            shown(&read.password),
            first.map_or(String::new(), |h| h.name.text.to_string()),
            first.and_then(|h| h.port).map_or("-".to_owned(), |p| p.to_string()),
            shown(&read.path),
            kinds.join(" "),
        ];
        if seen != [user, password, host, port, vhost, faults].map(String::as_str) {
            wrong.push(format!("{text}: read as {seen:?}"));
        }
        let at = |span: connlint_core::Span| text.get(span.range());
        for part in [
            &read.scheme,
            &read.userinfo,
            &read.user,
            &read.password,
            &read.path,
            &read.query,
            &read.fragment,
        ] {
            assert!(part.as_ref().is_none_or(|p| at(p.span) == Some(p.raw)), "{text}");
        }
        for host in &read.hosts {
            assert_eq!(at(host.name.span), Some(host.name.raw), "{text}");
        }
        for fault in &read.faults {
            assert_eq!(at(fault.span), text.get(fault.range.clone()), "{text}");
        }
    }
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

#[test]
fn the_specification_s_examples_hold() {
    parts_hold("specification.tsv");
}

#[test]
fn mistakes_are_named_where_they_stand() {
    parts_hold("mistakes.tsv");
}

#[test]
fn each_client_s_reading_is_known() {
    let mut wrong = Vec::new();
    for row in rows("clients.tsv") {
        let [text, client, field, value] = row.as_slice() else { panic!("a row has four cells: {row:?}") };
        let view = View::slice(FileId(0), text, 0);
        let mut reading = Reading::default();
        scan(&view, &UriContext { client: Some(client), ..UriContext::default() }, &mut reading);
        let index = amqp::uri::KIND.field(field).unwrap_or_else(|| panic!("amqp.uri has no field {field}"));
        let fact = reading.facts.of(&amqp::uri::KIND).next().map(|(_, f)| f);
        let seen = fact.and_then(|f| f.by_index(index)).map_or("-".to_owned(), |s| s.shown());
        if seen != *value {
            wrong.push(format!("{text} in {client}: {field} is `{seen}`, not `{value}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
