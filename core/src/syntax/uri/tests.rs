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

/// user, password, host, port, vhost; `-` for absent.
fn parts(uri: &Uri<'_>) -> String {
    let show = |p: &Option<Part<'_>>| p.as_ref().map_or("-".to_owned(), |p| format!("'{}'", p.text));
    let host = &uri.hosts[0];
    let port = host.port.map_or("-".to_owned(), |p| p.to_string());
    format!("{} {} '{}' {port} {}", show(&uri.user), show(&uri.password), host.name.text, show(&uri.path))
}

fn faults(uri: &Uri<'_>) -> String {
    let mut kinds: Vec<&str> = uri.faults.iter().map(|f| f.kind.as_str()).collect();
    kinds.dedup();
    kinds.join(" ")
}

#[test]
fn the_specification_s_examples_read_as_it_says() {
    // RabbitMQ URI specification, appendix A.
    let table = [
        ("amqp://user:pass@host:10000/vhost", "'user' 'pass' 'host' 10000 'vhost'"),
        ("amqp://user%61:%61pass@ho%61st:10000/v%2fhost", "'usera' 'apass' 'hoast' 10000 'v/host'"),
        ("amqp://", "- - '' - -"),
        ("amqp://:@/", "'' '' '' - ''"),
        ("amqp://user@", "'user' - '' - -"),
        ("amqp://user:pass@", "'user' 'pass' '' - -"),
        ("amqp://host", "- - 'host' - -"),
        ("amqp://:10000", "- - '' 10000 -"),
        ("amqp:///vhost", "- - '' - 'vhost'"),
        ("amqp://host/", "- - 'host' - ''"),
        ("amqp://host/%2f", "- - 'host' - '/'"),
        ("amqp://[::1]", "- - '::1' - -"),
        // Cases of the clients' own tests.
        ("amqp://user:passw%23rd@host:10000/vhost", "'user' 'passw#rd' 'host' 10000 'vhost'"),
        ("amqps://u:p@[fe80::1%25eth0]:5671/v", "'u' 'p' 'fe80::1' 5671 'v'"),
        ("amqp://host/%2Fprod", "- - 'host' - '/prod'"),
        ("AMQP://user:@host/v", "'user' '' 'host' - 'v'"),
        ("amqp://:pass@host/v?heartbeat=5&x", "'' 'pass' 'host' - 'v'"),
        ("amqp://user:p!$&'()*,;=-._~@host:5672/a:b@c", "'user' 'p!$&'()*,;=-._~' 'host' 5672 'a:b@c'"),
        ("amqp://h_ost?heartbeat=10", "- - 'h_ost' - -"),
    ];
    for (text, expected) in table {
        with(text, |uri| {
            assert_eq!(parts(uri), expected, "{text}");
            assert_eq!(faults(uri), "", "{text}");
        });
    }
}

#[test]
fn mistakes_are_named_and_the_likely_meaning_is_read() {
    let table = [
        ("amqp:host/v", "- - 'host' - 'v'", "missing_double_slash"),
        ("amqp:/host/v", "- - 'host' - 'v'", "missing_double_slash"),
        ("amqp://a:b@mq/v\n", "'a' 'b' 'mq' - 'v'", "whitespace"),
        ("amqp://a:p ss@mq/v", "'a' 'p ss' 'mq' - 'v'", "whitespace"),
        ("amqp://app:p@ss#1@mq:5672/v", "'app' 'p@ss#1' 'mq' 5672 'v'", "reserved_in_userinfo"),
        ("amqp://app:p/ss@mq:5672/v", "'app' 'p/ss' 'mq' 5672 'v'", "reserved_in_userinfo"),
        ("amqp://app:p?ss@mq/v", "'app' 'p?ss' 'mq' - 'v'", "reserved_in_userinfo"),
        ("amqp://app:p#s/s?@mq", "'app' 'p#s/s?' 'mq' - -", "reserved_in_userinfo"),
        ("amqp://app:p@s/s@mq:5672/v", "'app' 'p@s/s' 'mq' 5672 'v'", "reserved_in_userinfo"),
        ("amqp://app:1@2@mq/v", "'app' '1@2' 'mq' - 'v'", "reserved_in_userinfo"),
        ("amqp://app:p[1]@mq/v", "'app' 'p[1]' 'mq' - 'v'", "reserved_in_userinfo"),
        ("amqp://app:a^b@mq/v", "'app' 'a^b' 'mq' - 'v'", "illegal_character"),
        ("amqp://app:a:b@mq/v", "'app' 'a:b' 'mq' - 'v'", "colon_in_password"),
        ("amqp://app:50%off@mq/v", "'app' '50%off' 'mq' - 'v'", "bad_percent"),
        ("amqp://app:x@mq/%zz", "'app' 'x' 'mq' - '%zz'", "bad_percent"),
        ("amqp://app:x@mq/v%", "'app' 'x' 'mq' - 'v%'", "bad_percent"),
        ("amqp://app:caf%C3%A9@mq/v", "'app' 'café' 'mq' - 'v'", "non_ascii_credential"),
        ("amqp://äpp:x@mq/v", "'äpp' 'x' 'mq' - 'v'", "non_ascii_credential"),
        ("amqp://app:a+b@mq/v", "'app' 'a+b' 'mq' - 'v'", "plus_in_credential"),
        ("amqp://fd00::7:5672/v", "- - 'fd00::7' 5672 'v'", "ipv6_unbracketed"),
        ("amqp://::1/v", "- - '::1' - 'v'", "ipv6_unbracketed"),
        ("amqp://[::1/v", "- - '::1' - 'v'", "bracket_mismatch"),
        ("amqp://[::1]x/v", "- - '::1' - 'v'", "bracket_mismatch"),
        ("amqp://mq:port/v", "- - 'mq' - 'v'", "port_not_a_number"),
        ("amqp://mq:+5672/v", "- - 'mq' - 'v'", "port_not_a_number"),
        ("amqp://mq:70000/v", "- - 'mq' - 'v'", "port_out_of_range"),
        ("amqp://mq:0/v", "- - 'mq' - 'v'", "port_zero"),
        ("amqp://mq:/v", "- - 'mq' - 'v'", "port_empty"),
        ("amqp://a:b@h1:5672,h2:5673/v", "'a' 'b' 'h1' 5672 'v'", "multiple_hosts"),
        ("amqp://h//", "- - 'h' - '/'", "double_slash_path"),
        ("amqp://h//prod", "- - 'h' - '/prod'", "double_slash_path"),
        ("amqp://h/a/b", "- - 'h' - 'a/b'", "multi_segment_path"),
        ("amqp://h/a/", "- - 'h' - 'a/'", "trailing_slash_path"),
        ("amqp://h/%252f", "- - 'h' - '%2f'", "double_encoded"),
        ("amqp://u:p%2540x@h/v", "'u' 'p%40x' 'h' - 'v'", "double_encoded"),
        ("amqp://a:b@mq/v#1", "'a' 'b' 'mq' - 'v'", "fragment"),
    ];
    for (text, expected, wrong) in table {
        with(text, |uri| {
            assert_eq!(parts(uri), expected, "{text}");
            assert_eq!(faults(uri), wrong, "{text}");
        });
    }
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
