//! Places, paths and templates.

use super::*;

#[test]
fn places_lead_to_what_is_written() {
    let (facts, names) = facts();
    let scope = Scope::new(&facts, &names);
    let (client, server) = (names[0].1, names[1].1);
    for (text, at, fact, shown, name) in [
        ("client.heartbeat", Some(3), client, Some("60 s"), "heartbeat"),
        ("client.timeout", None, client, Some("30 s"), "timeout"),
        ("client.missing", None, client, None, "missing"),
        ("client.server.version", Some(120), server, Some("3.13.7"), "version"),
        ("client.spare.version", None, client, None, "version"),
        ("client.server[\"tcp-keepalive\"]", Some(130), server, Some("75 s"), "tcp-keepalive"),
        ("server.tcp_listen_options.backlog", Some(130), server, Some("128"), "tcp_listen_options.backlog"),
        ("client.ports[1]", Some(22), client, Some("5671"), "ports"),
        ("client.ports[9]", Some(20), client, None, "ports"),
        ("client", None, client, None, "client"),
    ] {
        let (expr, _) = compile(text, &env()).unwrap();
        let place = place(&expr, &scope).expect(text);
        assert_eq!(place.span, at.map(span), "{text}");
        assert_eq!((place.fact, place.name.as_str()), (fact, name), "{text}");
        assert_eq!(place.said.map(|said| said.shown()).as_deref(), shown, "{text}");
    }
    let (expr, _) = compile("client.heartbeat / 2", &env()).unwrap();
    assert_eq!(place(&expr, &scope), None);
}

#[test]
fn fields_read_are_listed_once() {
    let text = "client.heartbeat > 0 && client.heartbeat < client.server[\"tcp-keepalive\"] \
                && client.servers.exists(s, s.tls || settings.network == server.log.file.level)";
    let (expr, _) = compile(text, &env()).unwrap();
    let read = fields_read(&expr);
    let read: Vec<(usize, &str)> = read.iter().map(|(i, path)| (*i, path.as_str())).collect();
    let wanted = [
        (0, "client.heartbeat"),
        (0, "client.server[\"tcp-keepalive\"]"),
        (0, "client.servers"),
        (2, "settings.network"),
        (1, "server.log.file.level"),
    ];
    assert_eq!(read, wanted);
    for (_, path) in read {
        assert!(compile(path, &env()).is_ok(), "{path}");
    }
}

#[test]
fn templates_show_values_and_hide_secrets() {
    let (facts, names) = facts();
    let render = |text: &str| {
        Template::compile(text, &env())
            .unwrap_or_else(|f| panic!("{text}: {f:?}"))
            .render(&Scope::new(&facts, &names))
    };
    for (text, wanted) in [
        (
            "a heartbeat of {client.heartbeat} sends a frame every {client.heartbeat / 2}",
            "a heartbeat of 60 s sends a frame every 30 s",
        ),
        ("{{{client.missing}}}", "{unset}"),
        ("{client.password} {[client.password, 'a']}", "*** ***"),
        ("ports {client.ports}, {client.host + '}'}", "ports 5672, 5671, mq.example.com}"),
        ("é{client.channels}é", "é7é"),
        ("", ""),
    ] {
        assert_eq!(render(text), wanted, "{text}");
    }
    for (marked, message) in [
        ("é {client.«hearbeat»} x", "`test.client` has no field `hearbeat`; did you mean `heartbeat`?"),
        ("a «{»client.host", "this brace is never closed; write `{{` for a brace"),
        ("a «}» b", "write `}}` for a brace"),
        ("{«»}", "the braces are empty"),
        ("{«client»}", "a whole fact cannot be shown; name a field of it"),
    ] {
        let start = marked.find('«').unwrap();
        let end = marked.find('»').unwrap() - '«'.len_utf8();
        let faults = Template::compile(&marked.replace(['«', '»'], ""), &env()).unwrap_err();
        assert_eq!(faults, [Fault { range: start..end, message: message.into() }], "{marked}");
    }
}
