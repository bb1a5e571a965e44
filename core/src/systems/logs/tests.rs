use super::*;
use crate::facts::{Fact, Facts};

fn facts(text: &str) -> Facts {
    let source = Source::new("app.log", text);
    let mut out = Reading::default();
    read(&View::whole(FileId(0), &source), &mut out);
    assert!(out.notices.is_empty());
    out.facts
}

fn only(text: &str) -> Fact {
    let all = facts(text);
    let mut events = all.of(&event::KIND).map(|(_, fact)| fact.clone());
    let first = events.next().unwrap();
    assert!(events.next().is_none(), "{text}");
    first
}

fn shown(fact: &Fact, field: Field) -> String {
    fact.get(field).map_or("-".into(), |said| said.shown())
}

/// Entries of RabbitMQ about connections that begin and end at these seconds, from these addresses.
fn lives(of: &[(i64, i64, &str)]) -> String {
    let mut lines: Vec<(i64, String)> = Vec::new();
    for (i, (begin, end, address)) in of.iter().enumerate() {
        let pair = format!("{address}:{} -> 10.0.0.1:5672", 40_000 + i);
        let at =
            |s: i64| format!("2026-11-25 {:02}:{:02}:{:02}.000100+00:00", s / 3_600, s / 60 % 60, s % 60);
        lines.push((
            *begin,
            format!("{} [info] <0.{i}.0> accepting AMQP connection <0.{i}.0> ({pair})\n", at(*begin)),
        ));
        lines.push((
            *end,
            format!(
                "{0} [warning] <0.{i}.0> closing AMQP connection <0.{i}.0> ({pair}, vhost: 'shop', user: 'orders'):\n\
                 {0} [warning] <0.{i}.0> client unexpectedly closed TCP connection\n",
                at(*end)
            ),
        ));
    }
    lines.sort_by_key(|(at, _)| *at);
    lines.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn entries_that_say_the_same_are_counted_and_timed() {
    let text = lives(&[
        (0, 350, "10.0.3.7"),
        (5, 355, "10.0.3.8"),
        (351, 701, "10.0.3.7"),
        (702, 1_053, "10.0.3.7"),
        (1_054, 1_404, "10.0.3.7"),
    ]);
    let fact = only(&text);
    assert_eq!(shown(&fact, event::name), "rabbitmq-client-gone");
    assert_eq!((fact.int(event::count), fact.int(event::lived)), (Some(5), Some(350_000)));
    assert_eq!(fact.int(event::interval), Some(351_000));
    assert_eq!((shown(&fact, event::user), shown(&fact, event::vhost)), ("orders".into(), "shop".into()));
    assert_eq!(shown(&fact, event::peers), "10.0.3.7, 10.0.3.8");
    assert_eq!(shown(&fact, event::first), "2026-11-25 00:05:50 UTC");
    assert_eq!(
        shown(&fact, event::summary),
        " (5 times, every 351 s, 10.0.3.7 and 1 other, after 350 s each, \
         just the idle timeout of AWS network load balancers and NAT gateways)"
    );
    assert_eq!(&text[fact.span.range()], "client unexpectedly closed TCP connection");
    let latest = fact.get(event::latest).and_then(crate::facts::Said::span).unwrap();
    assert!(latest.start > fact.span.start && text[latest.range()].starts_with("client unexpectedly"));
}

#[test]
fn lives_of_all_lengths_have_no_rhythm() {
    let fact = only(&lives(&[
        (0, 7, "10.0.3.7"),
        (8, 400, "10.0.3.7"),
        (401, 3_900, "10.0.3.7"),
        (4_000, 4_090, "10.0.3.7"),
    ]));
    assert_eq!((shown(&fact, event::lived), shown(&fact, event::idle_of)), ("-".into(), "-".into()));
    assert_eq!(shown(&fact, event::summary), " (4 times, 10.0.3.7)");
}

#[test]
fn matters_are_kept_apart_and_bounded() {
    let line = |user: usize| {
        format!(
            "2026-11-25 12:00:00.000100+00:00 [error] <0.1.{user}> PLAIN login refused: user 'u{user}' - invalid credentials\n"
        )
    };
    let all = facts(&(0..40).map(line).collect::<String>());
    assert_eq!(all.len(), 12);
    assert_eq!(all.get(crate::facts::FactId(0)).int(event::more), Some(28));
}

#[test]
fn what_may_be_a_password_is_not_kept() {
    let fact =
        only("2026-11-25 12:00:00.1+00:00 [error] <0.1.0> CONNECTION_FORCED - see amqp://a:s3cr3t@mq:5672\n");
    assert_eq!(shown(&fact, event::subject), "-");
}

#[test]
fn logs_are_known_by_their_lines() {
    let rabbit = "2026-11-25 12:00:00.000100+00:00 [info] <0.9.0> started TCP listener on [::]:5672\n";
    let cases = [
        ("rabbit@host.log", rabbit, Match::Sure),
        ("rabbit@host.log.1", rabbit, Match::Sure),
        ("<stdin>", rabbit, Match::Sure),
        ("notes.md", rabbit, Match::No),
        ("<stdin>", "client unexpectedly closed TCP connection", Match::Likely),
        ("<stdin>", "listeners.tcp.default = 5672\n", Match::No),
        ("steps.log", "sudo apt-get install nginx\n", Match::No),
        ("app.yml", rabbit, Match::No),
    ];
    for (name, text, expected) in cases {
        assert_eq!(recognise(&Source::new(name, text)), expected, "{name}");
    }
}

#[test]
fn addresses_lose_their_ports() {
    for (written, bare) in [
        ("10.0.3.7:40198", "10.0.3.7"),
        ("[::1]:5672", "::1"),
        ("::1:40198", "::1"),
        ("2001:db8::7", "2001:db8::7"),
        ("mq.internal:5672", "mq.internal"),
    ] {
        assert_eq!(host(written), bare);
    }
}
