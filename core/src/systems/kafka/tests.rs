//! Files of Kafka, and what is understood of them.

use super::{BROKER, CLIENT, CONNECTOR, WORKER};
use crate::facts::kinds::kafka::{bootstrap, broker, client, flow, listener, refusal, topic, worker};
use crate::facts::{Facts, Field, Kind};
use crate::source::{FileId, Source, View};
use crate::systems::{FileKind, Match, Reading, kind};

fn facts(of: &FileKind, text: &str) -> Facts {
    let source = Source::new("x.properties", text);
    let mut out = Reading::default();
    (of.read)(&View::whole(FileId(0), &source), &mut out);
    out.facts
}

fn shown(facts: &Facts, of: &'static Kind, field: Field) -> Vec<String> {
    facts.of(of).map(|(_, f)| f.get(field).map_or("-".into(), |s| s.shown())).collect()
}

#[test]
fn files_are_told_apart_by_their_keys() {
    for (name, text, expected) in [
        ("server.properties", "broker.id=0\nlog.dirs=/d\nzookeeper.connect=z:2181\n", "kafka.server"),
        ("producer.properties", "bootstrap.servers=k:9092\nacks=all\n", "kafka.client"),
        (
            "connect-distributed.properties",
            "bootstrap.servers=k:9092\nkey.converter=X\nplugin.path=/p\n",
            "kafka.connect",
        ),
        ("mm2.properties", "clusters=a,b\na->b.enabled=true\na.bootstrap.servers=a:9092\n", "kafka.connect"),
        ("hibernate.properties", "hibernate.dialect=X\nhibernate.jdbc.batch_size=20\n", "properties"),
    ] {
        let source = Source::new(name, text);
        let found = super::super::detect(&source, &crate::Settings::default()).map(|k| k.name);
        assert_eq!(found, Some(expected), "{name}");
        assert!(kind(expected).is_some_and(|k| (k.recognise)(&source) > Match::No));
    }
}

#[test]
fn clients_say_their_role_and_how_long_retries_last() {
    let text = "bootstrap.servers=k1, SSL://k2:9093\nacks=all\nretries=5\n";
    let all = facts(&CLIENT, text);
    assert_eq!(shown(&all, &client::KIND, client::role), ["producer"]);
    // 100 + 200 + 400 + 800 + 1000 ms.
    assert_eq!(shown(&all, &client::KIND, client::retries_last), ["2.5 s"]);
    assert_eq!(shown(&all, &bootstrap::KIND, bootstrap::port_missing), ["true", "false"]);
    assert_eq!(shown(&all, &bootstrap::KIND, bootstrap::scheme), ["-", "SSL"]);
    let consumer = facts(&CLIENT, "bootstrap.servers=localhost:9092\ngroup.id=g\nsasl.username=u\n");
    assert_eq!(shown(&consumer, &client::KIND, client::role), ["consumer"]);
    assert_eq!(shown(&consumer, &client::KIND, client::java), ["false"]);
    assert_eq!(shown(&consumer, &client::KIND, client::local), ["true"]);
}

#[test]
fn brokers_refuse_what_their_own_check_refuses() {
    for (text, expected) in [
        ("listeners=PLAINTEXT://:9092\n", vec![]),
        ("listeners=EXT://:9094\n", vec!["`listener.security.protocol.map` must say what `EXT` is"]),
        ("listeners=PLAINTEXT://:9092,PLAINTEXT://:9093\n", vec!["two listeners are called `PLAINTEXT`"]),
        ("listeners=PLAINTEXT://0.0.0.0:9092,SSL://[::]:9092\n", vec![]),
        (
            "listeners=PLAINTEXT://:9092\nadvertised.listeners=SSL://k:9092\n",
            vec!["`SSL` is advertised, but `listeners` has no such name"],
        ),
        ("advertised.listeners=PLAINTEXT://${HOST}:9092\n", vec![]),
        (
            "process.roles=controller\nlisteners=C://:9093\ncontroller.listener.names=C\n\
            controller.quorum.voters=2@a:9093,3@b:9093\n",
            vec!["the controller has `node.id` 1, which `controller.quorum.voters` does not name"],
        ),
        (
            "process.roles=broker\nlisteners=PLAINTEXT://:9092,C://:9093\ncontroller.listener.names=C\n\
            controller.quorum.voters=2@a:9093\n",
            vec!["the listener `C` is the controllers', and this node is only a broker"],
        ),
    ] {
        let all = facts(&BROKER, &format!("broker.id=1\nlog.dirs=/d\n{text}"));
        assert_eq!(shown(&all, &refusal::KIND, refusal::reason), expected, "{text}");
    }
    let all = facts(
        &BROKER,
        "node.id=1\nprocess.roles=broker\nlog.dirs=/tmp/x\nlisteners=INT://:9092\n\
        listener.security.protocol.map=INT:SSL\nlog.retention.hours=2\nlog.retention.ms=1000\n",
    );
    assert_eq!(shown(&all, &listener::KIND, listener::protocol), ["SSL"]);
    assert_eq!(shown(&all, &broker::KIND, broker::volatile_data), ["true"]);
    assert_eq!(shown(&all, &broker::KIND, broker::retention), ["1 s"]);
    assert_eq!(shown(&all, &refusal::KIND, refusal::check), ["roles", "roles"]);
}

#[test]
fn flows_of_mirror_maker_are_joined_with_the_clusters() {
    let text = "clusters=us-west, us-east\nus-west->us.east.topics=x\nus-west->us-east.enable=true\n";
    let all = facts(&WORKER, text);
    assert_eq!(shown(&all, &flow::KIND, flow::unknown_alias), ["us", "-"]);
    assert_eq!(shown(&all, &flow::KIND, flow::enable_misspelt), ["false", "true"]);
}

#[test]
fn topics_are_read_from_commands() {
    for (command, found) in [
        ("kafka-topics --create --topic a --partitions 6 --replication-factor 3", Some("a 6 3")),
        (
            "docker exec k /opt/kafka/bin/kafka-topics.sh --topic=a.b --create --partitions=12",
            Some("a.b 12 -"),
        ),
        ("kafka-topics --list && kafka-topics --create --if-not-exists --topic a", Some("a - -")),
        ("kafka-topics --alter --topic a --partitions 6", None),
        ("kafka-topics --create --topic \"$TOPIC\" --partitions 6", None),
        ("kafka-topics --create --topic a --partitions $N", Some("a - -")),
        ("echo --create --topic a --partitions 6", None),
    ] {
        let source = Source::new("x.sh", command);
        let mut out = Reading::default();
        super::topics::script(&View::whole(FileId(0), &source), &mut out);
        let see = |f: &crate::facts::Fact, field| f.get(field).map_or("-".into(), |s| s.shown());
        let all: Vec<String> = out
            .facts
            .of(&topic::KIND)
            .map(|(_, f)| {
                [topic::name, topic::partitions, topic::replication].map(|field| see(f, field)).join(" ")
            })
            .collect();
        assert_eq!(all, found.into_iter().collect::<Vec<_>>(), "{command}");
    }
}

#[test]
fn rings_of_flows_are_found_whatever_their_length() {
    let head = "clusters=a,b,c.d\nreplication.policy.class=org.apache.kafka.connect.mirror.IdentityReplicationPolicy\n\
        a->b.enabled=true\nb->c.d.enabled=true\n";
    for (last, loops) in [
        ("c.d->a.enabled=true\n", ["true", "true", "true"]),
        ("c.d->a.enabled=false\n", ["false", "false", "false"]),
    ] {
        let all = facts(&WORKER, &format!("{head}{last}"));
        assert_eq!(shown(&all, &flow::KIND, flow::loops), loops, "{last}");
        assert_eq!(shown(&all, &flow::KIND, flow::target), ["b", "c.d", "a"]);
    }
}

#[test]
fn connectors_in_json_are_read_like_properties() {
    let text = r#"{"name": "s", "config": {"connector.class": "JdbcSinkConnector", "topics": "a, dead",
        "errors.deadletterqueue.topic.name": "dead", "producer.override.acks": "1"}}"#;
    let all = facts(&CONNECTOR, text);
    for (field, expected) in [
        (worker::sort, "connector"),
        (worker::sink, "true"),
        (worker::reads_own_dead_letters, "true"),
        (worker::client_override, "producer.override.acks"),
        (worker::weakened_by, "producer.override.acks=1"),
    ] {
        assert_eq!(shown(&all, &worker::KIND, field), [expected]);
    }
}
