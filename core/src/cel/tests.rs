//! Tables of conditions and what comes of them.
#![allow(unreachable_pub, reason = "kinds are declared with public constants")]

use super::*;
use crate::facts::{Fact, FactId, Facts, KeyTable, Said, Value, Version, declare_kinds};
use crate::source::{FileId, Span};

static KEYS: KeyTable = KeyTable::new(
    "test",
    "listeners.tcp.$name\tint\nlog.file\ttext\nlog.file.level\ttext\ntcp-keepalive\tduration\n\
     tcp_listen_options.backlog\tint\ntuple\t-\ta pair",
);

declare_kinds! {
    /// A client.
    client "test.client" {
        /// Its host.
        host: Text,
        /// Its heartbeat.
        heartbeat: Duration,
        /// Its default timeout.
        timeout: Duration,
        /// Never set.
        missing: Duration,
        /// Never set.
        flag: Bool,
        /// A secret.
        password: Text,
        /// A buffer.
        buffer: Size,
        /// A count.
        channels: Int,
        /// A fraction.
        backoff: Float,
        /// Its end.
        expires: Time,
        /// Its ports.
        ports: List(&Int),
        /// Its servers.
        servers: List(&Record("test.server")),
        /// Its first server.
        server: Record("test.server"),
        /// Never set.
        spare: Record("test.server"),
    }
    /// A server.
    server "test.server" settings super::KEYS {
        /// Its name.
        name: Text,
        /// Its version.
        version: Version,
        /// True with TLS.
        tls: Bool,
    }
}

fn env() -> Env<'static> {
    let mut env = Env::new([("client", &client::KIND), ("server", &server::KIND)]);
    env.kinds = ALL.to_vec();
    env
}

fn span(start: usize) -> Span {
    Span::new(FileId(0), start, start + 1)
}

fn facts() -> (Facts, Vec<FactId>) {
    let mut facts = Facts::new();
    let servers: Vec<FactId> = [("a", "3.13.7", Some(true)), ("b", "4.1", Some(false)), ("c", "4.2.1", None)]
        .into_iter()
        .enumerate()
        .map(|(i, (name, version, tls))| {
            let mut fact = Fact::new(&server::KIND, span(100 + i));
            fact.write(server::name, Value::text(name), span(110 + i));
            fact.write(server::version, Value::Version(Version::parse(version).unwrap()), span(120 + i));
            if let Some(tls) = tls {
                fact.derive(server::tls, Value::Bool(tls));
            }
            for (key, value) in [
                ("tcp-keepalive", Value::Duration(75_000)),
                ("tcp_listen_options.backlog", Value::Int(128)),
                ("log.file.level", Value::text("debug")),
                ("listeners.tcp.default", Value::Int(5672)),
            ] {
                if i == 0 {
                    let index = KEYS.find(key).unwrap();
                    fact.set_key(index, Said::written(value, span(130)));
                }
            }
            facts.add(fact)
        })
        .collect();
    let mut fact = Fact::new(&client::KIND, span(1));
    fact.write(client::host, Value::text("mq.example.com"), span(2));
    fact.write(client::heartbeat, Value::Duration(60_000), span(3));
    fact.set(client::timeout, Said::default(Value::Duration(30_000), "pika"));
    fact.set(client::password, Said::written(Value::text("hunter2"), span(4)).secret());
    fact.write(client::buffer, Value::Size(65_536), span(5));
    fact.write(client::channels, Value::Int(7), span(6));
    fact.write(client::backoff, Value::Float(1.5), span(7));
    fact.write(client::expires, Value::Time(86_400), span(8));
    let item = |v: Value, at| Said::written(v, span(at));
    fact.write(
        client::ports,
        Value::List(vec![item(Value::Int(5672), 21), item(Value::Int(5671), 22)]),
        span(20),
    );
    let list = servers.iter().map(|id| Said::derived(Value::Record(*id), None)).collect();
    fact.derive(client::servers, Value::List(list));
    fact.derive(client::server, Value::Record(servers[0]));
    let client = facts.add(fact);
    (facts, vec![client, servers[0]])
}

fn outcome(text: &str) -> String {
    let (facts, names) = facts();
    let (expr, _) = compile(text, &env()).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
    match eval(&expr, &Scope::new(&facts, &names)) {
        Outcome::Absent => "absent".into(),
        Outcome::OverBudget => "over budget".into(),
        Outcome::Value(said) => said.shown(),
    }
}

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
