use super::*;
use crate::source::{FileId, Source};
use crate::syntax::Data;
use saphyr_parser::Event;

fn with<R>(text: &str, check: impl FnOnce(&[Node<'_>], &[Notice]) -> R) -> R {
    let source = Source::new("t.yaml", text);
    let view = View::whole(FileId(0), &source);
    let (documents, notices) = parse(&view);
    check(&documents, &notices)
}

/// A short form of a tree: `{k: v}`, `[a]`, scalars as they are.
fn short(node: &Node<'_>) -> String {
    match &node.data {
        Data::Scalar(s) => format!("{:?}", s.view.text).trim_matches('"').to_owned(),
        Data::Map(entries) => {
            let all: Vec<_> =
                entries.iter().map(|e| format!("{}: {}", e.key.view.text, short(&e.value))).collect();
            format!("{{{}}}", all.join(", "))
        }
        Data::Seq(items) | Data::Tuple(items) => {
            format!("[{}]", items.iter().map(short).collect::<Vec<_>>().join(", "))
        }
    }
}

fn read(text: &str) -> (String, usize) {
    with(text, |docs, notices| (docs.iter().map(short).collect::<Vec<_>>().join(" | "), notices.len()))
}

#[test]
fn reads_documents_anchors_merges_and_templates() {
    let cases = [
        ("a: 1\n---\nb: [x, {c: d}]\n", "{a: 1} | {b: [x, {c: d}]}", 0),
        ("x: &d\n  a: 1\n  b: 2\ny:\n  <<: *d\n  b: 3\n", "{x: {a: 1, b: 2}, y: {b: 3, a: 1}}", 0),
        (
            "x: &d {a: 1}\ne: &e {a: 2, c: 3}\ny:\n  <<: [*d, *e]\n",
            "{x: {a: 1}, e: {a: 2, c: 3}, y: {a: 1, c: 3}}",
            0,
        ),
        ("x: &d [1]\ny: *d\n", "{x: [1], y: [1]}", 0),
        ("a: 1\na: 2\n", "{a: 1, a: 2}", 0),
        ("a:\nb:\n  c:\n", "{a: , b: {c: }}", 0),
        ("é: ü # ß\nk: !!str 1\n", "{é: ü, k: 1}", 0),
        ("\u{feff}a: 1\r\nb: \"x\\ty\"\r\n", "{a: 1, b: x\\ty}", 0),
        (
            "a: {{ .Values.x }}\nb: \"{{ include \"y\" . }}:5672\"\n",
            "{a: {{ .Values.x }}, b: {{ include \\\"y\\\" . }}:5672}",
            0,
        ),
        ("{{- if .Values.x }}\na: 1\n{{- else }}\na: 2\n{{- end }}\n", "{a: 1, a: 2}", 0),
        ("l: {{- include \"x\" . | nindent 4 }}\n  app: y\n", "{l: {app: y}}", 0),
        ("m: on {{ $labels.instance }}\n", "{m: on {{ $labels.instance }}}", 0),
        ("a: 1\nb: [\nc: 2\n", "{a: 1, c: 2}", 1),
        ("a: 1\n b: : x\nc: 2\n", "{a: 1, c: 2}", 1),
        ("a: \"open\nb: 2\n", "{b: 2}", 1),
        ("{% if x %}\na: 1\n  b: : x\n{% endif %}\nc: 2\n\tz: }\n", "{a: 1, c: 2}", 1),
        (
            "s:\n  a: [ # c\n    x,\n    y\n  ]\n  b: {\n    c: 'd\n  e'\n  }\n",
            "{s: {a: [x, y], b: {c: d e}}}",
            0,
        ),
        ("s:\n  a: '[\n    1\n  ]'\n  b: [\n  x,\n  y ]\n", "{s: {a: [ 1 ], b: [x, y]}}", 0),
        ("s:\n  a: |\n    x\nSLID\nOUT\n  b: 1\nc: 2\n", "{s: {a: x\\n, b: 1}, c: 2}", 1),
        ("a: |\n ---x\n -----\n", "{a: ---x\\n-----\\n}", 0),
        ("", "", 0),
    ];
    for (text, expected, notices) in cases {
        assert_eq!(read(text), (expected.to_owned(), notices), "{text:?}");
    }
}

const SCALARS: &[&str] = &[
    "k: |\n  a\n   b\n\n  c\nz: 1\n",
    "k: |-\n  a\n\n\nz: 1\n",
    "k: |+\n  a\n\n\nz: 1\n",
    "k: |2\n    a\n   b\n",
    "k:\n- |\n  a\n- >-\n  b\n  c\n",
    "k: >\n  a\n  b\n\n  c\n\n\n  d\n    e\n  f\n\nz: 1\n",
    "k: >+\n\n  a\n\n",
    "k: >\n   a\n    b\n    c\n\n   d",
    "k: |\n  no final line end",
    "k: |\r\n  a\r\n  b\r\nz: 1\r\n",
    "k: |\n\n\n  a\n",
    "k: |\n# c\nz: 1\n",
    "k: |\n  a\n # c\nz: 1\n",
    "k: |\n  a\n     \n  b\n  \n",
    "k: a\n  b\n\n  c\n",
    "k: 'it''s\n  x\n\n\n  y'\n",
    "k: \"a\\n\\x41\\u00e9\\\n   b  \n   c \\\n\n   d\\\\\"\n",
    "\"k\" : 'v' # c\n",
    "--- |\n a\n b\n...\n--- >\n c\n",
    "- - |\n    a\n   # c\n  - b\n",
    "? a\n: b\n? c\n",
    "k: {a: 'x', b: \"y\" }\n",
];

#[test]
fn scalars_are_what_the_scanner_says_they_are() {
    for text in SCALARS {
        let mut expected = Vec::new();
        for event in Parser::new_from_str(text) {
            if let (Event::Scalar(value, ..), _) = event.expect(text) {
                expected.push(value.into_owned());
            }
        }
        let mut found = Vec::new();
        fn collect(node: &Node<'_>, out: &mut Vec<String>) {
            match &node.data {
                Data::Scalar(s) => out.push(s.view.text.to_string()),
                Data::Map(entries) => entries.iter().for_each(|e| {
                    out.push(e.key.view.text.to_string());
                    collect(&e.value, out);
                }),
                Data::Seq(items) | Data::Tuple(items) => items.iter().for_each(|i| collect(i, out)),
            }
        }
        with(text, |docs, notices| {
            assert!(notices.is_empty(), "{text:?} {notices:?}");
            docs.iter().for_each(|d| collect(d, &mut found));
        });
        // The scanner calls a plain null `~`.
        let expected: Vec<_> =
            expected.into_iter().map(|s| if s == "~" { String::new() } else { s }).collect();
        // It also adds a final line end that the text does not have.
        let unended = !text.ends_with('\n');
        let trim = |all: Vec<String>| -> Vec<String> {
            all.into_iter().map(|s| if unended { s.trim_end_matches('\n').to_owned() } else { s }).collect()
        };
        let (found, expected) = (trim(found), trim(expected));
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn spans_are_exact() {
    let text = "ä: \"q\\\"x\"  # c\nconf: |\n  a = 1\n  bé = two\nn:\n  - 'x'\n  - {a: b}\nz:\n";
    let part = |span: crate::source::Span| &text[span.range()];
    with(text, |docs, _| {
        let root = &docs[0];
        let quoted = root.get("ä").unwrap();
        assert_eq!(
            (part(quoted.span), part(quoted.scalar().unwrap().view.full_span())),
            ("\"q\\\"x\"", "q\\\"x")
        );
        let conf = &root.get("conf").unwrap().scalar().unwrap().view;
        assert_eq!(conf.text, "a = 1\nbé = two\n");
        let at = conf.text.find("two").unwrap();
        assert_eq!(part(conf.span(at..at + 3)), "two");
        let items = root.get("n").unwrap().items();
        assert_eq!((part(items[0].span), part(items[1].span)), ("'x'", "{a: b}"));
        assert_eq!(part(root.get("n").unwrap().span), "- 'x'\n  - {a: b}");
        assert_eq!(root.get("z").unwrap().span.range(), text.len() - 1..text.len() - 1);
        let Data::Map(entries) = &root.data else { panic!("a map") };
        assert_eq!(part(entries[0].key.view.full_span()), "ä");
    });
}

#[test]
fn a_yaml_text_in_a_yaml_text_points_into_the_file() {
    let text = "data:\n  app.yml: |\n    spring:\n      port: 5672\n";
    with(text, |docs, _| {
        let inner = &docs[0].at(&["data", "app.yml"]).unwrap().scalar().unwrap().view;
        let (inner_docs, notices) = parse(inner);
        assert!(notices.is_empty());
        let port = inner_docs[0].at(&["spring", "port"]).unwrap();
        assert_eq!(&text[port.span.range()], "5672");
    });
}

#[test]
fn hostile_texts_stay_within_bounds() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..30 {
        let part = format!("*a{}, ", i - 1).repeat(10);
        laughs += &format!("a{i}: &a{i} [{}]\n", part.trim_end_matches(", "));
    }
    let mut chain = "- &a0 [x]\n".to_owned();
    for i in 1..2000 {
        chain += &format!("- &a{i} [*a{}]\n", i - 1);
    }
    let texts = [
        laughs,
        chain,
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "a: &a *a\nb: &b [*b]\n".to_owned(),
        (0..2000).map(|i| format!("{}a:\n", " ".repeat(i))).collect(),
        "x".repeat(1 << 20),
        "\"".repeat(1 << 18),
        "{{ ".repeat(1 << 16) + "}}",
        "a: b: c\n".repeat(20_000),
        "\0\0\u{1}a: \0\n".to_owned(),
        "a: 1\rb: 2\rc: |\r  x\r".to_owned(),
        "\u{feff}".to_owned(),
        "\u{feff}: [".to_owned(),
        "é\u{2028}: {ß, \u{feff}}\n---\n\u{feff}b: 1".to_owned(),
    ];
    for text in texts {
        with(&text, |docs, _| {
            docs.iter().for_each(|d| {
                d.walk(&mut |path, leaf| {
                    assert!(path.len() <= crate::syntax::MAX_DEPTH);
                    assert!(text.get(leaf.view.full_span().range()).is_some());
                })
            })
        });
    }
}
