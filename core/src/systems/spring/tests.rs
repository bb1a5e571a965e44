use super::*;
use crate::facts::kinds::{amqp::client, spring as kinds};
use crate::facts::{Fact, Value};

fn read_text(name: &str, text: &str) -> Reading {
    let source = Source::new(name, text);
    assert!(recognise(&source) >= Match::Likely, "{name}");
    let mut reading = Reading::default();
    read(&View::whole(crate::FileId(0), &source), &mut reading);
    reading
}

fn settings(reading: &Reading) -> Vec<&Fact> {
    reading.facts.of(&kinds::rabbitmq::KIND).map(|(_, f)| f).collect()
}

#[test]
fn yaml_and_properties_in_every_spelling_say_the_same() {
    let texts = [
        (
            "application.yml",
            "spring:\n  rabbitmq:\n    requested-heartbeat: 30\n    connection-timeout: 5s\n",
        ),
        (
            "application-prod.yaml",
            "spring.rabbitmq:\n  requestedHeartbeat: 30s\n  connection_timeout: 5000\n",
        ),
        (
            "bootstrap.properties",
            "spring.rabbitmq.requested-heartbeat=PT30S\nspring.rabbitmq.connectionTimeout = 5000ms\n",
        ),
        (
            "application.yml",
            "spring:\n  rabbitmq:\n    REQUESTED-HEARTBEAT: ${HB:30}\n    connection-timeout: \"${A:${B:5s}}\"\n",
        ),
    ];
    for (name, text) in texts {
        let reading = read_text(name, text);
        let (_, client) = reading.facts.of(&client::KIND).next().expect("a client");
        assert_eq!(client.int(client::heartbeat), Some(30_000), "{text}");
        assert_eq!(client.int(client::connection_timeout), Some(5_000), "{text}");
        assert!(reading.notices.is_empty(), "{text}");
    }
}

#[test]
fn documents_are_settings_of_their_own() {
    let yaml = "spring:\n  rabbitmq:\n    host: a\n---\nspring:\n  config.activate.on-profile: prod\n  rabbitmq:\n    host: b\n";
    let properties =
        "spring.rabbitmq.host=a\n#---\nspring.config.activate.on-profile=prod\nspring.rabbitmq.host=b\n";
    for (name, text) in [("application.yml", yaml), ("application.properties", properties)] {
        let reading = read_text(name, text);
        let found = settings(&reading);
        assert_eq!(found.len(), 2, "{name}");
        assert_eq!(found[0].get(kinds::rabbitmq::profile), None);
        assert_eq!(found[1].text(kinds::rabbitmq::profile), Some("prod"));
        assert_eq!(found[1].setting("host").map(|s| s.value.clone()), Some(Value::text("b")));
    }
}

#[test]
fn addresses_win_and_are_no_uris() {
    let text = "spring:\n  rabbitmq:\n    host: ignored\n    addresses: amqps://u:p%40x@mq1.internal/prod,mq2.internal:5673\n";
    let reading = read_text("application.yml", text);
    let (_, client) = reading.facts.of(&client::KIND).next().expect("a client");
    assert_eq!(client.text(client::host), Some("mq1.internal"));
    assert_eq!(client.int(client::port), Some(5671));
    assert_eq!(client.bool(client::tls), Some(true));
    let hosts = client.get(client::hosts).expect("hosts").shown();
    assert_eq!(hosts, "mq1.internal:5671, mq2.internal:5673");
    assert_eq!(settings(&reading)[0].bool(kinds::rabbitmq::host_beside_addresses), Some(true));
}

#[test]
fn values_that_cannot_be_bound_are_told_from_those_that_can() {
    let table = [
        ("connection-timeout: 30 s", Some("30s")),
        ("connection-timeout: 5min", Some("5m")),
        ("listener.simple.acknowledge-mode: manuel", Some("manual")),
        ("port: \"{{ port }}\"", None),
        ("listener.simple.prefetch: many", None),
    ];
    for (line, suggestion) in table {
        let reading = read_text("application.yml", &format!("spring.rabbitmq:\n  {line}\n"));
        let (_, fact) = reading.facts.of(&kinds::setting::KIND).next().expect("a setting");
        let bad = fact.bool(kinds::setting::well_typed) == Some(false);
        assert_eq!(bad, !line.contains("{{"), "{line}");
        assert_eq!(fact.text(kinds::setting::suggestion), suggestion, "{line}");
    }
    for good in ["MANUAL", "auto", "None"] {
        let text = format!("spring.rabbitmq.listener.simple.acknowledge-mode={good}\n");
        let reading = read_text("application.properties", &text);
        let (_, fact) = reading.facts.of(&kinds::setting::KIND).next().expect("a setting");
        assert_eq!(fact.bool(kinds::setting::well_typed), Some(true), "{good}");
    }
}

#[test]
fn a_password_is_a_secret_and_a_slip_is_recognised() {
    let text =
        "spring.rabbitmq.password=hunter2x\nspring.rabbitmq.usernme=app\nspring.rabbitmq.queue=orders\n";
    let reading = read_text("application.properties", text);
    assert!(reading.secrets.iter().any(|s| &text[s.range()] == "hunter2x"));
    let near: Vec<_> =
        reading.facts.of(&kinds::setting::KIND).map(|(_, f)| f.text(kinds::setting::nearest)).collect();
    assert_eq!(near, [None, Some("spring.rabbitmq.username"), None]);
}

#[test]
fn variables_are_bound_like_properties() {
    let source = Source::new(
        ".env",
        "SPRING_RABBITMQ_REQUESTED_HEARTBEAT=10\nSPRING_RABBITMQ_LISTENER_SIMPLE_ACKNOWLEDGEMODE=none\n",
    );
    let view = View::whole(crate::FileId(0), &source);
    let (pairs, _) = keyvalue::pairs(&view, &dialects::DOTENV);
    let mut reading = Reading::default();
    environment(pairs.iter().map(|p| (&p.key, &p.value)), &mut reading);
    let (_, client) = reading.facts.of(&client::KIND).next().expect("a client");
    assert_eq!(client.int(client::heartbeat), Some(10_000));
    assert_eq!(client.bool(client::auto_ack), Some(true));
}
