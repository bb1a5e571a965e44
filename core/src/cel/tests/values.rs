//! What conditions come to.

use super::*;

#[test]
fn conditions_come_out_as_told() {
    for (text, wanted) in [
        ("client.heartbeat > 0", "true"),
        ("client.heartbeat / 2 >= duration(\"30s\")", "true"),
        ("client.missing > 0", "absent"),
        ("client.spare.tls", "absent"),
        ("client.missing > 0 && false", "false"),
        ("false && client.flag", "false"),
        ("client.flag && true", "absent"),
        ("client.flag || true", "true"),
        ("client.flag || false", "absent"),
        ("client.flag ? 1 : 2", "absent"),
        ("has(client.heartbeat) && !has(client.timeout) && !has(client.missing)", "true"),
        ("said(client.timeout) && !said(client.missing)", "true"),
        ("client.missing.or(duration(\"5m\"))", "5 min"),
        ("server.tcp_listen_options.backlog < 256", "true"),
        ("server[\"tcp-keepalive\"]", "75 s"),
        ("server.log.file.level", "debug"),
        ("server.log.file", "absent"),
        ("server.listeners.tcp.default", "5672"),
        ("client.server.version < version(\"4.0\")", "true"),
        ("client.servers.exists(s, s.version >= version(\"4.2\"))", "true"),
        ("client.servers.exists(s, s.tls)", "true"),
        ("client.servers.all(s, s.tls)", "false"),
        ("client.servers.filter(s, s.tls).size()", "absent"),
        ("client.servers.map(s, s.name)", "a, b, c"),
        ("client.servers[1].name", "b"),
        ("client.servers[7].name", "absent"),
        ("5671 in client.ports", "true"),
        ("client.ports.max() - client.ports.min() + client.ports.sum()", "11344"),
        ("client.password == \"guest\"", "***"),
        ("client.password.size() > 3 || false", "***"),
        ("1 / 0", "absent"),
        ("9223372036854775807 + 1", "absent"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("client.heartbeat / client.timeout", "2"),
        ("client.heartbeat * client.backoff", "90 s"),
        ("client.expires - time(\"1970-01-01\")", "24 h"),
        ("client.expires + duration(\"1d\")", "1970-01-03"),
        ("client.buffer == size(\"64KiB\") ? 'yes' : 'no'", "yes"),
        ("client.host.endsWith(\".com\") && client.host.glob(\"mq.*.c?m\")", "true"),
        ("settings.network == \"lan\"", "absent"),
        ("int(client.heartbeat) + int(\"12\") + int(2.9)", "60014"),
    ] {
        assert_eq!(outcome(text), wanted, "{text}");
    }
}

#[test]
fn units_are_read_exactly() {
    for (text, wanted) in [
        ("int(duration('500ms'))", "500"),
        ("int(duration('5m'))", "300000"),
        ("int(duration('1h30m'))", "5400000"),
        ("int(duration('2d'))", "172800000"),
        ("int(size('50MB'))", "50000000"),
        ("int(size('1GiB'))", "1073741824"),
        ("version('4.1') <= version('4.1.0')", "true"),
        ("version('4.10') > version('4.9.9')", "true"),
        ("int(time('1970-01-02T00:00:01Z'))", "86401"),
        ("time('2026-01-02') - time('2026-01-01') == duration('24h')", "true"),
        ("duration('90s') % duration('1m')", "30 s"),
        ("size('1MiB') / 3 > size('349KB')", "true"),
        ("size('10MB') * 0.4 == size('4MB')", "true"),
        ("2 * duration('3s')", "6 s"),
        ("-duration('3s') < 0", "true"),
        ("0 == size('0B')", "true"),
    ] {
        assert_eq!(outcome(text), wanted, "{text}");
    }
    for bad in [
        "duration('')",
        "duration('s')",
        "duration('30 s')",
        "duration('9999999999999d')",
        "size('64K')",
        "size('-1B')",
        "version('4.x')",
        "version('4.1.2.3')",
        "time('2026')",
    ] {
        assert!(compile(bad, &env()).is_err(), "{bad}");
    }
}

#[test]
fn hosts_are_told_apart() {
    let kind = |host: &str| {
        let is = |function: &str| outcome(&format!("{function}('{host}')")) == "true";
        match (is("loopback"), is("private"), is("ip")) {
            (true, true, _) => "loopback",
            (false, true, true) => "private address",
            (false, true, false) => "private name",
            (false, false, true) => "public address",
            (false, false, false) => "public name",
            (true, false, _) => "contradiction",
        }
    };
    for (wanted, hosts) in [
        ("loopback", "localhost LocalHost. a.localhost 127.0.0.1 127.9.9.9 ::1 [::1] ::ffff:127.0.0.1"),
        (
            "private address",
            "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.127.0.1 169.254.1.1 fd00::1 fc00::1 fe80::1%eth0 ::ffff:10.0.0.1",
        ),
        (
            "private name",
            "rabbitmq mq.local mq.internal mq.prod.svc mq.ns.svc.cluster.local a.lan a.home a.corp host.docker.internal nas.home.arpa",
        ),
        (
            "public address",
            "8.8.8.8 172.15.0.1 172.32.0.1 100.128.0.1 100.63.0.1 192.169.0.1 2001:db8::1 fec0::1 0.0.0.0",
        ),
        ("public name", "example.com mq.mylocal.net notlocalhost.com internal.example.com a.xlocal"),
    ] {
        for host in hosts.split(' ') {
            assert_eq!(kind(host), wanted, "{host}");
        }
    }
    assert_eq!(kind(""), "public name");
}

#[test]
fn globs_match_whole_texts() {
    for (pattern, text, wanted) in [
        ("", "", true),
        ("*", "", true),
        ("**", "abc", true),
        ("?", "", false),
        ("?", "é", true),
        ("*.internal", "mq.internal", true),
        ("*.internal", "internal", false),
        ("a*b*c", "aXXbYYc", true),
        ("a*b*c", "aXXbYY", false),
        ("*ab", "aab", true),
        ("a?c", "abc", true),
        ("abc", "abcd", false),
        ("*a", "ba b", false),
        ("abc*", "ab", false),
    ] {
        assert_eq!(ops::glob(pattern, text), wanted, "{pattern} {text}");
    }
}

#[test]
fn values_keep_their_place_and_their_secrecy() {
    let (facts, names) = facts();
    let value = |text: &str| match eval(&compile(text, &env()).unwrap().0, &Scope::new(&facts, &names)) {
        Outcome::Value(said) => said,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(value("client.missing.or(client.heartbeat)").span(), Some(span(3)));
    assert_eq!(value("client.ports.filter(p, p < 5672)[0]").span(), Some(span(22)));
    assert_eq!(value("client.heartbeat * 2").span(), None);
    for secret in [
        "client.password",
        "client.password + 'a'",
        "[client.password].map(p, p.lower())[0]",
        "client.password.glob('*')",
        "['a'].filter(x, client.password != '')",
        "'hunter2' in [client.password]",
        "text(client.password.size())",
        "client.password.contains('h') ? 'a' : 'b'",
        "!client.password.contains('h')",
    ] {
        assert!(value(secret).secret, "{secret}");
        assert!(!value(secret).shown().contains("hunter"), "{secret}");
    }
    assert!(!value("has(client.password)").secret);
}

#[test]
fn settings_are_bound_in_every_condition() {
    use crate::facts::kinds::run::settings;
    let (mut facts, names) = facts();
    let mut fact = Fact::new(&settings::KIND, span(0));
    fact.derive(settings::network, Value::text("wan"));
    let id = facts.add(fact);
    let expr = condition("settings.network == 'wan' && client.heartbeat > 0", &env()).unwrap();
    assert_eq!(eval(&expr, &Scope::new(&facts, &names).with_settings(id)).truth(), Some(true));
    assert_eq!(eval(&expr, &Scope::new(&facts, &names)).truth(), None);
}
