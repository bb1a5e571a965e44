//! Mistakes are told, and hostile texts refused.

use super::*;

/// A text with the faulty range between `«` and `»`, and the fault's message.
const FAULTS: &[(&str, &str)] = &[
    ("client.«hearbeat» > 0", "`test.client` has no field `hearbeat`; did you mean `heartbeat`?"),
    ("«clint».heartbeat > 0", "no fact is called `clint`; did you mean `client`?"),
    ("«proxy».host == ''", "no fact is called `proxy`; there are `client`, `server`, `settings`"),
    ("client.heartbeat < «30»", "`<` compares duration with int; write duration(\"30s\")"),
    ("client.heartbeat < «'5m'»", "`<` compares duration with text; write duration(\"5m\")"),
    ("server.version «==» client.host", "`==` compares version with text"),
    ("client.heartbeat + «1» > 0", "`+` cannot join duration and int; write duration(\"30s\")"),
    ("server.tls «<» true", "`<` orders, but bool has no order"),
    ("«client.heartbeat»", "a condition is a bool, this is a duration"),
    ("«client.channels» && true", "`&&` joins a bool, this is an int"),
    ("!«client.host»", "`!` takes a bool, this is a text"),
    (
        "server.«tcp_listen_options.backlogs» > 1",
        "`test.server` has no field or key `tcp_listen_options.backlogs`; did you mean `tcp_listen_options.backlog`?",
    ),
    (
        "server[«\"tcp-keepalives\"»] > 0",
        "`test.server` has no key `tcp-keepalives`; did you mean `tcp-keepalive`?",
    ),
    (
        "server.«tcp_keepalive» > 0",
        "`test.server` has no field or key `tcp_keepalive`; did you mean `[\"tcp-keepalive\"]`?",
    ),
    ("server.«tuple» == 1", "`tuple` cannot be compared: it holds a pair"),
    ("client[«\"host\"»] == ''", "`test.client` has no keys to name in brackets; write `.host`"),
    ("client.heartbeat.«seconds» > 1", "a duration has no fields; this reads `seconds` of one"),
    ("client.host.«startswith»('a')", "there is no method `startswith`; did you mean `startsWith`?"),
    ("client.host.«matches»('a')", "regular expressions are not supported; use `x.glob(\"*.internal\")`"),
    ("«privat»(client.host)", "there is no function `privat`; did you mean `private`?"),
    ("client.host.«loopback»()", "there is no method `loopback`; write loopback(host)"),
    ("client.host.«startsWith()»", "`startsWith` takes 1 argument, not 0: x.startsWith(\"a\")"),
    ("«has()»", "`has` takes 1 argument, not 0: has(x)"),
    ("has(«client»)", "`has` takes a field, such as has(client.host)"),
    ("duration(«\"30\"») > 0", "\"30\" is not a duration; write e.g. duration(\"30s\")"),
    (
        "size(«client.host») > 0",
        "`size` takes a text in quotes: size(\"64KiB\"); the length of a text or list is `x.size()`",
    ),
    ("«client.heartbeat».startsWith('a')", "`startsWith` is a method of text, this is a duration"),
    ("client.ports.exists(«server», true)", "`server` already has a meaning here; take another name"),
    ("client.ports.all(p, «p»)", "`all` takes a bool here, this is an int"),
    ("«'5671'» in client.ports", "`in` looks for a text in a list of int"),
    ("client.host «in» 'abc'", "`in` takes a list; write `x.contains(\"...\")` for a text"),
    ("[1, «'a'»].size() > 0", "this list holds int, this is a text"),
    ("«[]».size() > 0", "an empty list has no type; compare `.size()` with 0"),
    ("true ? «1 : 'a'»", "`? :` gives int or text; both must be of one type"),
    ("client.missing.or(«'a'») > 0", "`or` gives duration or text; both must be of one type"),
    ("client.host == «null»", "`null` is not supported; ask `has(...)` whether something is set"),
    ("client.channels «=» 1", "`=` sets nothing here; write `==` to compare"),
    ("true «&» false", "`&` is no operator; write `&&`"),
    (
        "client.heartbeat > «30s»",
        "`30s` is not a number; units are written as duration(\"30s\") or size(\"64KiB\")",
    ),
    ("client.host == «'abc»", "this text has no closing quote"),
    ("true &&«»", "the condition ends here, where a value was expected"),
    ("(true «true»", "a name stands here, where `)` was expected"),
    (
        "client.channels > «99999999999999999999»",
        "`99999999999999999999` is not a number that 64 bits can hold",
    ),
    ("true «§» false", "unexpected character `§`"),
    ("«»", "the condition is empty"),
];

#[test]
fn mistakes_are_told_where_they_are() {
    for (marked, message) in FAULTS {
        let start = marked.find('«').unwrap();
        let end = marked.find('»').unwrap() - '«'.len_utf8();
        let text = marked.replace(['«', '»'], "");
        let faults = condition(&text, &env()).expect_err(&text);
        let wanted = Fault { range: start..end, message: (*message).to_string() };
        assert_eq!(faults, [wanted], "{marked}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "client.hearbeat > 0 && nobody.x && client.host == 5 || client.ports.exists(p, p.x)";
    let faults = condition(text, &env()).unwrap_err();
    let places: Vec<&str> = faults.iter().map(|f| &text[f.range.clone()]).collect();
    assert_eq!(places, ["hearbeat", "nobody", "5", "x"]);
}

#[test]
fn hostile_conditions_are_refused_or_stopped() {
    let deep = |open: &str, close: &str| format!("{}true{}", open.repeat(700), close.repeat(700));
    for text in [
        deep("(", ")"),
        deep("!", ""),
        deep("[", "]"),
        deep("true?", ":true"),
        format!("1{}", "+1".repeat(3_000)),
    ] {
        let faults = compile(&text, &env()).unwrap_err();
        assert!(faults[0].message.contains("nested deeper"), "{:?}", faults[0].message);
    }
    assert!(compile(&" ".repeat(MAX_TEXT + 1), &env()).unwrap_err()[0].message.contains("at most"));
    let wide = vec!["client.flag"; 500].join(" || ");
    assert_eq!(outcome(&wide), "absent");

    let list = format!("[{}]", vec!["1"; 200].join(", "));
    assert_eq!(
        outcome(&format!("{list}.all(a, {list}.all(b, {list}.all(c, a == b + c - 1)))")),
        "over budget"
    );
    let doubled = format!("['a']{}", ".map(v, v + v)".repeat(40).replace("(v, v + v)", "(v, v + v + v + v)"));
    assert_eq!(outcome(&doubled), "over budget");
    let stars = format!("'{}'.glob('{}b')", "a".repeat(3_000), "*a".repeat(1_000));
    assert_eq!(outcome(&stars), "over budget");
}

#[test]
fn every_documented_form_can_be_called() {
    for function in FUNCTIONS {
        let text = function
            .form
            .replace("list.", "client.ports.")
            .replace("(x, condition)", "(i, i > 1)")
            .replace("(x, value)", "(i, i + 1)")
            .replace("(host)", "(client.host)")
            .replace("x.or(y)", "client.host.or('a')")
            .replace("x.", "client.host.")
            .replace("(x)", "(client.channels)");
        assert!(compile(&text, &env()).is_ok(), "{text}: {:?}", compile(&text, &env()).err());
    }
}

#[test]
fn torn_conditions_have_faults_within_their_text() {
    for (marked, _) in FAULTS {
        let text = marked.replace(['«', '»'], "");
        let ends: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        for (n, at) in ends.iter().enumerate() {
            let next = ends.get(n + 1).copied().unwrap_or(*at);
            let torn = [
                text[..*at].to_string(),
                text[*at..].to_string(),
                format!("{}{}", &text[..*at], &text[next..]),
                format!("{}é{{\\{}", &text[..*at], &text[*at..]),
            ];
            for torn in torn {
                let faults = condition(&torn, &env()).err().unwrap_or_default();
                let holed = Template::compile(&format!("é{{{torn}}}"), &env()).err().unwrap_or_default();
                assert!(faults.iter().all(|f| torn.get(f.range.clone()).is_some()), "{torn}: {faults:?}");
                let holed_text = format!("é{{{torn}}}");
                assert!(holed.iter().all(|f| holed_text.get(f.range.clone()).is_some()), "{torn}: {holed:?}");
            }
        }
    }
}
