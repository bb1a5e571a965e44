use super::*;
use crate::source::{FileId, Source};

/// Reads a URI and hands it to a check, after making sure that every part and fault lies where it says.
fn with<R>(text: &str, check: impl FnOnce(&Uri<'_>) -> R) -> R {
    let source = Source::new("t", format!("url = {text}"));
    let view = View::slice(FileId(0), &source.text[6..], 6);
    let uri = read(&view);
    let at = |span: Span| &source.text[span.range()];
    for part in [&uri.scheme, &uri.userinfo, &uri.user, &uri.password, &uri.path, &uri.query, &uri.fragment] {
        assert!(part.as_ref().is_none_or(|p| at(p.span) == p.raw), "{text}");
    }
    for host in &uri.hosts {
        assert_eq!(at(host.name.span), host.name.raw, "{text}");
        assert!(host.port_text.as_ref().is_none_or(|p| at(p.span) == p.raw), "{text}");
    }
    for parameter in &uri.parameters {
        assert_eq!(at(parameter.name.span), parameter.name.raw, "{text}");
        assert!(parameter.value.as_ref().is_none_or(|p| at(p.span) == p.raw), "{text}");
    }
    for fault in &uri.faults {
        assert_eq!(at(fault.span), &text[fault.range.clone()], "{text}");
    }
    check(&uri)
}

fn faults(uri: &Uri<'_>) -> String {
    let mut kinds: Vec<&str> = uri.faults.iter().map(|f| f.kind.as_str()).collect();
    kinds.dedup();
    kinds.join(" ")
}

#[test]
fn what_templates_fill_in_is_never_a_mistake() {
    let table = [
        "amqp://${USER}:${PASS}@${HOST}:${PORT:-5672}/${VHOST}",
        "amqp://{{ .Values.user }}:{{ pw | quote }}@{{ host }}:{{ port }}/{{ vhost | default(\"/a/b\") }}",
        "amqp://%s:%s@%s:%d/%s",
        "amqp://{}:{}@{}:{}/{}",
        "amqp://{user}:{quote(pw)}@{self.host}:{port}/{vhost}?heartbeat={hb}",
        "amqp://<user>:<password>@<host>:<port>/<vhost>",
        "amqp://%MQ_USER%:%MQ_PASS%@%MQ_HOST%/v",
        "amqp://$USER:$PASS@$HOST:$PORT/$VHOST",
        "amqp://$(USER):$(PASS)@$(HOST)/v",
        "amqp://#{user}:#{CGI.escape(pw)}@#{host}/v",
        "amqp://u:***@h/v",
        "amqp://u:...@h/v",
    ];
    for text in table {
        with(text, |uri| {
            assert_eq!(faults(uri), "", "{text}");
            assert!(uri.password.as_ref().unwrap().placeholder, "{text}");
        });
    }
}

#[test]
fn fixes_of_faults_lead_to_what_was_meant() {
    let table = [
        ("amqp://app:p@ss#1@mq:5672/v", "amqp://app:p%40ss%231@mq:5672/v"),
        ("amqp://a:b:c d@mq/team/orders", "amqp://a:b%3Ac%20d@mq/team%2Forders"),
        ("amqp:mq/v", "amqp://mq/v"),
        (" amqp://mq:/v/\n", "amqp://mq/v"),
        ("amqp://fd00::7:5672/%252f", "amqp://[fd00::7]:5672/%2f"),
        ("amqp://mq//", "amqp://mq/%2F"),
        ("amqp://u:50%@mq", "amqp://u:50%25@mq"),
    ];
    for (text, fixed) in table {
        let edits: Vec<_> = with(text, |uri| {
            uri.faults.iter().map(|f| (f.range.clone(), f.replacement.clone().unwrap())).collect()
        });
        let mut result = text.to_owned();
        for (range, new) in edits.into_iter().rev() {
            result.replace_range(range, &new);
        }
        assert_eq!(result, fixed);
        with(fixed, |uri| assert_eq!(faults(uri), "", "{fixed}"));
    }
}

#[test]
fn other_schemes_have_their_own_hosts_and_paths() {
    let table = [
        ("mongodb://u:p@h1:27017,h2:27018/admin?replicaSet=rs0", 2, "admin", 1),
        ("jdbc:postgresql://h1:5432,h2/db?sslmode=require&connectTimeout=5", 2, "db", 2),
        ("jdbc:sqlserver://h:1433;databaseName=x;encrypt=true", 1, "-", 2),
        ("redis://:s3cret@h:6379/0", 1, "0", 0),
        ("kafka://b1:9092,b2:9092", 2, "-", 0),
        ("https://h/a/b/?q=a@b#top", 1, "a/b/", 1),
        ("h1:5672", 1, "-", 0),
    ];
    for (text, hosts, path, parameters) in table {
        with(text, |uri| {
            assert_eq!(uri.hosts.len(), hosts, "{text}");
            assert_eq!(uri.path.as_ref().map_or("-", |p| p.raw), path, "{text}");
            assert_eq!(uri.parameters.len(), parameters, "{text}");
            assert_eq!(faults(uri), "", "{text}");
        });
    }
}

#[test]
fn hostile_texts_are_read_without_harm() {
    let units = [
        "",
        ":",
        "@",
        "/",
        "#",
        "?",
        "%",
        "[",
        "]",
        "{",
        "${",
        "$(",
        "<",
        "é",
        "\u{1F600}",
        " ",
        "\n",
        "\0",
        "a@",
        "a:@/",
        "#@",
        "/@",
        "%25",
        "://",
        "&",
        ";",
        ",",
        "amqp://",
        "*",
        ".",
    ];
    for unit in units {
        for prefix in ["", "amqp://", "amqp:", "jdbc:", "amqp://u:p", "amqp://u:p@h:x/", "é"] {
            with(&format!("{prefix}{unit}"), |_| ());
            let text = format!("{prefix}{}", unit.repeat(20_000));
            let uri = with(&text, |uri| (uri.faults.len(), uri.hosts.len()));
            assert!(uri.0 <= MAX_FAULTS && uri.1 >= 1);
        }
    }
}
