use super::*;
use crate::facts::kinds::{amqp, store};
use crate::facts::{Fact, Value};
use crate::source::{FileId, Source};

/// Scans a text and says what was read.
fn read(text: &str, context: &UriContext<'_>) -> Reading {
    let source = Source::new("t", text);
    let mut out = Reading::default();
    let ids = scan(&View::whole(FileId(0), &source), context, &mut out);
    for id in ids {
        let kind = out.facts.get(id).kind;
        assert!(kind == &amqp::uri::KIND || kind == &store::uri::KIND);
    }
    out
}

/// The texts of the URIs found.
fn found<'t>(text: &'t str, context: &UriContext<'_>) -> Vec<&'t str> {
    let out = read(text, context);
    let uris = out.facts.iter().filter(|(_, f)| f.kind.name.ends_with(".uri"));
    uris.map(|(_, f)| &text[f.span.range()]).collect()
}

fn only(facts: &Reading, kind: &'static crate::facts::Kind) -> Fact {
    let mut all = facts.facts.of(kind);
    let first = all.next().unwrap().1.clone();
    assert!(all.next().is_none());
    first
}

fn value(place: Place) -> UriContext<'static> {
    UriContext { place, ..UriContext::default() }
}

#[test]
fn uris_end_where_their_surroundings_say() {
    let code: &[(&str, &[&str])] = &[
        ("url = \"amqp://a:b@h/v\"", &["amqp://a:b@h/v"]),
        ("Connection('amqp://a:b@h/v', heartbeat=5)", &["amqp://a:b@h/v"]),
        ("f\"amqp://{u}:{d['p']}@{h}/v\"", &["amqp://{u}:{d['p']}@{h}/v"]),
        ("\"amqp://a:p ss@h/v\"", &["amqp://a:p ss@h/v"]),
        ("\"amqp://a:p@s s@h/v\"", &["amqp://a:p@s s@h/v"]),
        ("'amqp://a:b@h and me@x.org'", &["amqp://a:b@h"]),
        ("echo \"connect to amqp://a:b@h/v now\"", &["amqp://a:b@h/v"]),
        ("URL=amqp://$U:$P@h/v cmd", &["amqp://$U:$P@h/v"]),
        ("--url=amqp://a:b@h/%2f --x", &["amqp://a:b@h/%2f"]),
        ("{\\\"url\\\": \\\"amqp://a:b@h/v\\\"}", &["amqp://a:b@h/v"]),
        (
            "amqp://h1, amqp://h2,amqps://h3;redis://h4",
            &["amqp://h1", "amqp://h2", "amqps://h3", "redis://h4"],
        ),
        ("jdbc:mysql:loadbalance://h1,h2/db", &["jdbc:mysql:loadbalance://h1,h2/db"]),
        ("spring.url=jdbc:postgresql://h/db", &["jdbc:postgresql://h/db"]),
        // A program adds the rest, or asks for the scheme alone.
        ("url = \"amqp://u:\" + pass + \"@h\"", &[]),
        ("$url = 'amqp://u:' . $pass . '@h';", &[]),
        ("if url.startswith(\"amqp://\"):", &[]),
        ("re.match(r\"^amqps?://x\", url)", &[]),
        ("https://www.rabbitmq.com/uri-spec.html and xamqp:/h", &[]),
        ("# redis://[[user]:password@]host[:port][/db], amqp://[:pw]@h", &[]),
        (
            "failover:(amqps://h1?jms.x=1,amqps://h2?jms.x=1)?failover.y=2",
            &["amqps://h1?jms.x=1", "amqps://h2?jms.x=1"],
        ),
        ("ampq://h/v", &["ampq://h/v"]),
        ("rabbitmq-stream://h", &["rabbitmq-stream://h"]),
    ];
    for (text, expected) in code {
        assert_eq!(found(text, &value(Place::Code)), *expected, "{text}");
    }
    let prose: &[(&str, &[&str])] = &[
        (
            "See `amqp://a:b@h/v`, or (amqp://h2). Or <amqp://h3>!",
            &["amqp://a:b@h/v", "amqp://h2", "amqp://h3"],
        ),
        ("[link](amqp://h/v)**bold** and amqp://[::1].", &["amqp://h/v", "amqp://[::1]"]),
        ("an amqp:// URI, such as amqp://... or amqp://…", &[]),
        ("amqp://<user>:<password>@<host>/v", &["amqp://<user>:<password>@<host>/v"]),
    ];
    for (text, expected) in prose {
        assert_eq!(found(text, &value(Place::Prose)), *expected, "{text}");
        assert_eq!(read(text, &value(Place::Prose)).facts.of(&amqp::client::KIND).count(), 0, "{text}");
    }
    let values: &[(&str, &[&str])] = &[
        ("amqp://a:it's \"x\"@h/v", &["amqp://a:it's \"x\"@h/v"]),
        ("amqp://", &["amqp://"]),
        ("amqp://h1;amqp://h2", &["amqp://h1", "amqp://h2"]),
        ("--broker amqp://h1 --x", &["amqp://h1"]),
        ("run amqp://h1\nrun amqp://h2\n", &["amqp://h1", "amqp://h2"]),
    ];
    for (text, expected) in values {
        assert_eq!(found(text, &value(Place::Value)), *expected, "{text}");
    }
    let keyed = UriContext { key: Some("AMQP_URL"), comment: Some("#"), ..value(Place::Value) };
    assert_eq!(found("amqp:h/v", &keyed), ["amqp:h/v"]);
    assert_eq!(found("decimal: amqp:decimal", &value(Place::Value)), [""; 0]);
    assert_eq!(found("x # amqp://h/v\namqp://h/v#x", &keyed), ["amqp://h/v#x"]);
}

#[test]
fn a_lone_value_keeps_its_white_space_and_its_fault() {
    let out = read("amqp://a:b@h/v\n", &value(Place::Value));
    let part = only(&out, &amqp::uri_part::KIND);
    assert_eq!(part.text(amqp::uri_part::fault), Some("whitespace"));
    assert_eq!(part.span.range(), 14..15);
}

#[test]
fn a_uri_says_what_its_client_makes_of_it() {
    // client, version, URI, field, its value shown (`-` for absent)
    let table = [
        ("pika", "1.4", "amqp://h/", amqp::uri::vhost, "/"),
        ("lapin", "", "amqp://h/", amqp::uri::vhost, ""),
        ("", "", "amqp://h/", amqp::uri::vhost, "-"),
        ("", "", "amqp://h", amqp::uri::vhost, "/"),
        ("", "", "amqp://h/a%2Fb", amqp::uri::vhost, "a/b"),
        ("spring", "", "amqp://h/a%2Fb", amqp::uri::vhost, "a%2Fb"),
        ("spring", "", "amqp://h/v?heartbeat=5", amqp::uri::vhost, "v?heartbeat=5"),
        ("spring", "", "amqp://h/v?heartbeat=5", amqp::uri::heartbeat, "-"),
        ("pika", "", "amqp://h/a/b", amqp::uri::vhost, "a"),
        ("java", "5.20", "amqp://h/a/b", amqp::uri::vhost, "-"),
        ("go", "1.14", "amqp://h/v?heartbeat=30", amqp::uri::heartbeat, "30 s"),
        ("go", "", "amqp://h/v?connection_timeout=10", amqp::uri::connection_timeout, "10 ms"),
        ("bunny", "", "amqp://h/v?connection_timeout=10", amqp::uri::connection_timeout, "10 s"),
        ("bunny", "", "amqp://h/v?connection_timeout=10", amqp::uri::heartbeat, "0 s"),
        ("dotnet", "", "amqp://h/v?heartbeat=30", amqp::uri::heartbeat, "-"),
        ("", "", "amqp://h/v?heartbeat=30s", amqp::uri::heartbeat, "-"),
        ("", "", "amqp://h/v?heartbeat=9223372036854775807", amqp::uri::heartbeat, "-"),
        ("", "", "amqps://h", amqp::uri::port, "5671"),
        ("", "", "amqps://h:1", amqp::uri::port, "1"),
        ("", "", "amqp://h", amqp::uri::effective_user, "guest"),
        ("", "", "amqp://a:b@h", amqp::uri::password, "***"),
        ("", "", "ampqs://h", amqp::uri::nearest_scheme, "amqps"),
        ("go", "", "pyamqp://h", amqp::uri::scheme_known, "false"),
        ("celery", "", "pyamqp://h", amqp::uri::scheme_known, "true"),
        ("", "", "pyamqp://h", amqp::uri::client, "kombu"),
        ("", "", "amqp://h/%2f/orders", amqp::uri::client, "symfony"),
        ("", "", "amqp://h/%2f/orders", amqp::uri::vhost, "/"),
        ("", "", "amqp://a:rabbitmq@h", amqp::uri::password_weak, "true"),
        ("", "", "amqp://app:app@h", amqp::uri::password_weak, "true"),
        ("", "", "amqp://a:${P}@h", amqp::uri::password_weak, "-"),
        ("", "", "amqp://${UP}@h", amqp::uri::password_absent, "-"),
        ("", "", "amqp://a@h", amqp::uri::password_absent, "true"),
        ("", "", "amqp://h?verify=verify_none", amqp::uri::verify_off, "true"),
    ];
    for (client, version, text, field, expected) in table {
        let context = UriContext {
            client: Some(client).filter(|c| !c.is_empty()),
            client_version: Version::parse(version),
            ..value(Place::Value)
        };
        let fact = only(&read(text, &context), &amqp::uri::KIND);
        let shown = fact.get(field).map_or("-".into(), |s| s.shown());
        assert_eq!(shown, expected, "{client} {text} {}", amqp::uri::KIND.fields[field.index].name);
    }
}

#[test]
fn a_uri_that_stands_alone_is_a_client() {
    let context = UriContext { client: Some("pika"), ..value(Place::Value) };
    let fact = only(&read("amqps://a:b@h:5671/v?heartbeat=600", &context), &amqp::client::KIND);
    assert_eq!(fact.int(amqp::client::effective_heartbeat), Some(600_000));
    assert_eq!(fact.text(amqp::client::host), Some("h"));
    assert_eq!(fact.int(amqp::client::port), Some(5671));
    assert_eq!(fact.bool(amqp::client::tls), Some(true));
    assert_eq!(fact.text(amqp::client::tls_check), Some("full"));
    assert_eq!(fact.int(amqp::client::stack_timeout), Some(15_000));
    assert!(fact.get(amqp::client::password).unwrap().secret);
    let context = UriContext { part_of_client: true, ..context };
    assert_eq!(read("amqp://h", &context).facts.of(&amqp::client::KIND).count(), 0);
    let unknown = only(&read("amqp://h", &value(Place::Value)), &amqp::client::KIND);
    assert!(unknown.get(amqp::client::effective_heartbeat).is_none());
}

#[test]
fn parameters_are_judged_by_the_client_that_reads_them() {
    // client, query, known, nearest, not an integer, duplicate
    let table = [
        ("pika", "hearbeat=30", Some(false), Some("heartbeat"), None),
        ("pika", "heartbeat=30s", Some(true), None, Some(true)),
        ("kombu", "heartbeat=2.5", Some(true), None, Some(false)),
        ("go", "heartbeat=2.5", Some(true), None, Some(true)),
        ("amqplib", "channel_max=5", Some(false), Some("channelMax"), None),
        ("", "hearbeat=30", None, Some("heartbeat"), None),
        ("", "ssl_options=x", None, None, None),
        ("symfony", "queues[a]=1", Some(true), None, Some(false)),
        ("dotnet", "heartbeat=30", None, None, Some(false)),
    ];
    for (client, query, known, nearest, wrong) in table {
        let context = UriContext { client: Some(client).filter(|c| !c.is_empty()), ..value(Place::Value) };
        let fact = only(&read(&format!("amqp://h/v?{query}"), &context), &amqp::uri_parameter::KIND);
        assert_eq!(fact.bool(amqp::uri_parameter::known_for_client), known, "{client} {query}");
        assert_eq!(fact.text(amqp::uri_parameter::nearest), nearest, "{client} {query}");
        assert_eq!(fact.bool(amqp::uri_parameter::not_integer), wrong, "{client} {query}");
    }
    let out = read("amqp://h?heartbeat=5&heartbeat=60", &value(Place::Value));
    let twice: Vec<_> = out
        .facts
        .of(&amqp::uri_parameter::KIND)
        .map(|(_, f)| f.bool(amqp::uri_parameter::duplicate))
        .collect();
    assert_eq!(twice, [Some(false), Some(true)]);
}

#[test]
fn other_stores_say_hosts_database_and_mode() {
    let out = read("postgres://app:s3cr@h1:5432,h2/db?sslmode=require", &value(Place::Value));
    let fact = only(&out, &store::uri::KIND);
    assert_eq!(fact.text(store::uri::database), Some("db"));
    assert_eq!(fact.text(store::uri::tls_mode), Some("require"));
    assert_eq!(fact.get(store::uri::hosts).unwrap().shown(), "h1:5432, h2:5432");
    assert_eq!(fact.get(store::uri::tls), None);
    assert_eq!(
        only(&read("rediss://h", &value(Place::Value)), &store::uri::KIND).int(store::uri::port),
        Some(6379)
    );
}

#[test]
fn secrets_are_kept() {
    let table: &[(&str, &[&str])] = &[
        ("amqp://user:p@ss#1@mq:5672/v", &["p@ss#1"]),
        ("amqp://user:hunter2", &["hunter2"]),
        ("redis://s3cret@h", &["s3cret"]),
        ("nats://t0ken@h", &["t0ken"]),
        ("amqps://u:p@h?password=pp", &["p", "pp"]),
        ("jdbc:postgresql://h/db?user=a&password=pp", &["pp"]),
        ("amqps://h?transport.trustStorePassword=pp", &["pp"]),
        ("amqp://u:@h", &[]),
    ];
    for (text, secrets) in table {
        let out = read(text, &value(Place::Value));
        let kept: Vec<_> = out.secrets.iter().map(|s| &text[s.range()]).collect();
        assert_eq!(kept, *secrets, "{text}");
        for (_, fact) in out.facts.iter() {
            let shown = (0..fact.kind.fields.len()).filter_map(|i| fact.by_index(i)).filter(|s| !s.secret);
            for said in shown.filter(|s| matches!(s.value, Value::Text(_))) {
                assert!(
                    !secrets.iter().any(|s| s.len() > 2 && said.shown().contains(s)),
                    "{text}: {}",
                    said.shown()
                );
            }
        }
    }
}

#[test]
fn placeholders_are_told_where_nothing_fills_them_in() {
    let context = UriContext { expands_variables: Some(false), ..value(Place::Value) };
    let out = read("amqp://u:${P}@{{ h }}:%d/v", &context);
    let places: Vec<_> =
        out.facts.of(&amqp::uri_part::KIND).filter_map(|(_, f)| f.text(amqp::uri_part::component)).collect();
    assert_eq!(places, ["password", "host"]);
    assert_eq!(read("amqp://u:${P}@h", &value(Place::Value)).facts.of(&amqp::uri_part::KIND).count(), 0);
}

#[test]
fn hostile_texts_are_scanned_without_harm() {
    let units = [
        "amqp://",
        "redis://a \"",
        "amqp://)",
        "amqp://é@ ",
        "'amqp://{",
        "\"amqp://\\",
        "amqp://h;",
        "://",
        "jdbc:",
        "amqp://(",
        "amqp://%",
    ];
    for place in [Place::Value, Place::Code, Place::Prose] {
        for unit in units {
            read(&unit.repeat(3_000), &value(place));
        }
    }
}
