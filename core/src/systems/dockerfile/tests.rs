use super::DOCKERFILE;
use crate::facts::kinds::compose::healthcheck;
use crate::facts::kinds::container::{embedded, image, variable};
use crate::facts::{Field, Kind};
use crate::source::{FileId, Source, View};
use crate::systems::{Match, Reading};

fn read(text: &str) -> Reading {
    let source = Source::new("Dockerfile", text);
    let mut out = Reading::default();
    (DOCKERFILE.read)(&View::whole(FileId(0), &source), &mut out);
    out
}

fn column(out: &Reading, kind: &'static Kind, field: Field) -> Vec<String> {
    out.facts.of(kind).map(|(_, f)| f.get(field).map_or("-".into(), |s| s.value.to_string())).collect()
}

#[test]
fn names_and_contents_tell_dockerfiles() {
    for (name, text, expected) in [
        ("Dockerfile", "FROM a", Match::Sure),
        ("Dockerfile-rabbitmq", "# c\nARG X=1\nFROM a", Match::Sure),
        ("prod.Dockerfile", "FROM a", Match::Sure),
        ("Dockerfile.template", "{{ if x }}\nFROM a", Match::Sure),
        ("build", "FROM a\nRUN b\n", Match::Likely),
        ("mail", "From someone\nHello\n", Match::No),
        ("dockerfiles.md", "FROM a\nRUN b\n", Match::No),
    ] {
        assert_eq!((DOCKERFILE.recognise)(&Source::new(name, text)), expected, "{name}");
    }
}

#[test]
fn stages_are_no_images() {
    let out =
        read("FROM rabbitmq:3.12 AS base\nFROM --platform=linux/amd64 redis:7\nFROM base\nFROM scratch\n");
    assert_eq!(column(&out, &image::KIND, image::text), ["rabbitmq:3.12", "redis:7"]);
}

#[test]
fn variables_are_read_in_both_forms() {
    let text = "FROM a\nENV A=1 B=\"c d\" \\\n  # note\n  C=e\\ f\nENV OLD some value\nARG TAG=x\nENV U=amqp://u:p@mq\n";
    let out = read(text);
    assert_eq!(column(&out, &variable::KIND, variable::name), ["A", "B", "C", "OLD", "TAG", "U"]);
    assert_eq!(
        column(&out, &variable::KIND, variable::value),
        ["1", "c d", "e f", "some value", "x", "amqp://u:p@mq"]
    );
    for (_, fact) in out.facts.of(&variable::KIND) {
        let name = fact.text(variable::name).unwrap();
        assert_eq!(text.get(fact.span.range()), Some(name));
    }
}

#[test]
fn written_files_are_read_in_place() {
    for (text, place) in [
        ("FROM a\nRUN echo 'heartbeat = 10' > /etc/rabbitmq/rabbitmq.conf\n", "10"),
        ("FROM a\nRUN set -e; \\\n  # why\n  echo \"heartbeat = 10\" >> /etc/rabbitmq/rabbitmq.conf\n", "10"),
        (
            "FROM a\nRUN echo 'log.console = true\\n\\\nheartbeat = 10\\n\\\n' > /etc/rabbitmq/rabbitmq.conf\n",
            "10",
        ),
        ("FROM a\nCOPY <<EOF /etc/rabbitmq/rabbitmq.conf\nheartbeat = 10\nEOF\n", "10"),
        ("FROM a\nRUN <<EOF\ncat > /etc/rabbitmq/rabbitmq.conf <<X\nheartbeat = 10\nX\nEOF\nENV A=1\n", "10"),
        ("FROM a\nRUN cat > /etc/rabbitmq/rabbitmq.conf <<'EOF'\nheartbeat = 10\nEOF\n", "10"),
    ] {
        let out = read(text);
        assert_eq!(column(&out, &embedded::KIND, embedded::kind), ["rabbitmq.conf"], "{text}");
        let server = &crate::facts::kinds::rabbitmq::server::KIND;
        let (_, fact) = out.facts.of(server).next().unwrap();
        let span = fact.setting("heartbeat").and_then(|s| s.span()).unwrap();
        assert_eq!(text.get(span.range()), Some(place), "{text}");
    }
}

#[test]
fn health_checks_are_read_with_their_options() {
    let out = read(
        "FROM rabbitmq:4\nHEALTHCHECK --interval=5s --timeout=3s --retries=2 \\\n  CMD [\"nc\", \"-z\", \"localhost\", \"5672\"]\n",
    );
    for (field, expected) in [
        (healthcheck::software, "rabbitmq"),
        (healthcheck::interval, "5 s"),
        (healthcheck::timeout, "3 s"),
        (healthcheck::retries, "2"),
        (healthcheck::tool, "nc"),
        (healthcheck::port, "5672"),
        (healthcheck::disabled, "false"),
    ] {
        assert_eq!(column(&out, &healthcheck::KIND, field), [expected]);
    }
    assert_eq!(
        column(&read("FROM a\nHEALTHCHECK NONE\n"), &healthcheck::KIND, healthcheck::disabled),
        ["true"]
    );
}

#[test]
fn hostile_files_are_read_without_harm() {
    for text in [
        "FROM",
        "ENV",
        "ENV =",
        "RUN <<EOF",
        "COPY <<A <<B /x/\n1\nA\n2\n",
        "RUN \\",
        "HEALTHCHECK --interval=",
        "RUN \\\n#\n\\\n",
        "FROM \\\n\\\n é",
        "ARG",
    ] {
        read(text);
    }
}
