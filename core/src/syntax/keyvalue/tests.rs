use super::dialects::*;
use super::*;
use crate::source::{FileId, Source};

/// Every pair as `section|prefix|key=value|quote|comment`, every malformed line as `!reason`, notices as `?`.
fn read(dialect: &Dialect, text: &str) -> Vec<String> {
    let source = Source::new("t", text);
    let view = View::whole(FileId(0), &source);
    let (items, notices) = parse(&view, dialect);
    let mut out: Vec<String> = items
        .iter()
        .map(|item| match item {
            Item::Pair(p) => {
                let outer = &text[p.key.full_span().range()];
                if !dialect.escapes {
                    assert_eq!(outer, p.key.text, "key span");
                }
                if p.quoted.is_none() && !p.span.range().is_empty() && !text.contains('\\') {
                    assert_eq!(&text[p.value.full_span().range()], p.value.text, "value span");
                }
                assert!(p.span.contains(p.value.full_span()), "{text:?}");
                let mut s = String::new();
                if let Some(section) = &p.section {
                    s += &format!("[{}]", section.text);
                }
                s += &p.prefix.map(|x| format!("({x})")).unwrap_or_default();
                s += &p.key.text;
                if p.assigned {
                    s += &format!("={}", p.value.text);
                }
                s += &p.quoted.map(|q| format!(" q{q}")).unwrap_or_default();
                s += &p.comment.as_ref().map(|c| format!(" c{}", c.text)).unwrap_or_default();
                if p.padded {
                    s += " padded";
                }
                s
            }
            Item::Malformed(m) => format!("!{}:{}", &text[m.span.range()], m.reason),
        })
        .collect();
    out.extend(notices.iter().map(|n| format!("?{}", n.message)));
    out
}

#[test]
fn each_dialect_reads_its_lines() {
    let cases: &[(&Dialect, &str, &[&str])] = &[
        (&RABBITMQ, "heartbeat=60\r\n# c\n\n a.b = x y # z", &["heartbeat=60", "a.b=x y c# z"]),
        (&RABBITMQ, "default_pass = p#ss", &["default_pass=p c#ss"]),
        (&RABBITMQ, "default_pass = 'p#ss'", &["default_pass=p#ss q'"]),
        (&RABBITMQ, "x = \"q\"", &["x=\"q\""]),
        (&RABBITMQ, "heartbeat 60", &[&format!("!heartbeat 60:{NO_SEPARATOR}")]),
        (&RABBITMQ, "heartbeat: 60\nb = 1", &[&format!("!heartbeat: 60:{NO_SEPARATOR}"), "b=1"]),
        (&RABBITMQ, "heartbeat: 6 = 0", &[&format!("!heartbeat: 6 = 0:{BAD_KEY}")]),
        (&RABBITMQ, "heartbeat = # none", &[&format!("!heartbeat = # none:{NO_VALUE}")]),
        (&RABBITMQ, "{% if a %}\nx.{{ i }} = {{ a }}:{{ b }}\n{% endif %}", &["x.{{ i }}={{ a }}:{{ b }}"]),
        (&RABBITMQ, "a = ${V}\na = 2", &["a=${V}", "a=2"]),
        (&RABBITMQ, "\u{feff}a = 1", &["a=1"]),
        (&PROPERTIES, "a=1\nb : 2\nc 3\n!x\n#y\nd", &["a=1", "b=2", "c=3", "d"]),
        (&PROPERTIES, "a = x \\\n    y\\\n\tz", &["a=x yz"]),
        (&PROPERTIES, "a\\ b\\=c=\\u00e9\\t#x", &["a b=c=é\t#x"]),
        (&PROPERTIES, "p = secret \nq=x\\\\\nr=1", &["p=secret padded", "q=x\\", "r=1"]),
        (&PROPERTIES, "k=\\uD83D\\uDE00\\u12", &["k=😀u12"]),
        (
            &DOTENV,
            "export A=b # c\nB='x # y'\nC=\"a\\n$X\" # d",
            &["(export)A=b c# c", "B=x # y q'", "C=a\n$X q\" c# d"],
        ),
        (&DOTENV, "A=\"l1\nl2\"\nB=a#b\nC=${V:-x y}", &["A=l1\nl2 q\"", "B=a#b", "C=${V:-x y}"]),
        (&DOTENV, "A=\"x\nB=1\nC=\"also\nD='x", &["A=x\nB=1\nC= q\"", "D='x"]),
        (&DOTENV, "A=  ", &["A="]),
        (&DOTENV, "PASS\nA= # none", &["PASS", "A= c# none"]),
        (&SYSCTL, "-net.a = 1 2\n;c\nb=3", &["(-)net.a=1 2", "b=3"]),
        (
            &SYSTEMD,
            "[Service]\nA=x \\\n# no\n  y\nB=\n[Unit",
            &["[Service]A=x  y", "[Service]B=", &format!("?this line is passed over: {OPEN_SECTION}")],
        ),
        (
            &MY_CNF,
            "!includedir /etc/x\n[mysqld]\nskip-x\na=1 #c\nb='x#y'",
            &["!includedir=/etc/x", "[mysqld]skip-x", "[mysqld]a=1 c#c", "[mysqld]b=x#y q'"],
        ),
        (
            &PGBOUNCER,
            "[databases]\n* = host=a password='b c'\n;x\n%include /y",
            &["[databases]*=host=a password='b c'", "[databases]%include=/y"],
        ),
        (
            &REDIS,
            "save 900 1\nrequirepass \"a b\"\nappendonly\nrename x \"\"",
            &["save=900 1", "requirepass=a b q\"", "appendonly", "rename=x \"\""],
        ),
        (
            &POSTGRES,
            "a = 'it''s' # c\nb on\nc=1#d\ne",
            &["a=it's q' c# c", "b=on", "c=1 c#d", &format!("!e:{NO_SEPARATOR}")],
        ),
        (
            &SHELL,
            "ulimit -n 5\nexport A=\"x y\" # c\nB=a'b c'd;C=1\nif [ x = y ]; then",
            &["(export)A=x y q\" c# c", "B=a'b c'd"],
        ),
    ];
    for (dialect, text, expected) in cases {
        assert_eq!(read(dialect, text), *expected, "{text:?}");
    }
}

#[test]
fn words_keep_quoted_blanks_and_their_place() {
    let text = "a \"b c\\x41\" 'd\\'e' \"f";
    let source = Source::new("t", text);
    let view = View::whole(FileId(0), &source);
    let words = words(&view);
    let texts: Vec<_> = words.iter().map(|w| w.view.text.as_ref()).collect();
    assert_eq!(texts, ["a", "b cA", "d'e", "\"f"]);
    assert_eq!(&text[words[1].view.full_span().range()], "b c\\x41");
}

#[test]
fn values_point_through_an_embedded_document_to_the_outer_file() {
    let outer = "conf: |\n  a = 1\n  b = two # x\n";
    let view = View::mapped(FileId(0), "a = 1\nb = two # x\n", vec![(0, 10), (6, 18)]);
    let (pairs, _) = pairs(&view, &RABBITMQ);
    assert_eq!(&outer[pairs[1].value.full_span().range()], "two");
    assert_eq!(&outer[pairs[1].key.full_span().range()], "b");
}

#[test]
fn a_template_with_odd_lines_gives_one_notice_and_no_malformed_line() {
    let got = read(&RABBITMQ, "{% if a %}\nwhat is\nthis\n{% endif %}\nb = 1");
    assert_eq!(got, ["b=1", &format!("?{}", template::NOTICE)]);
}
