//! Reads every file of an outside corpus of real configuration with the reader of its kind. Set `CONNLINT_CORPUS` to
//! the folder (`kind/…/file`, and `ORACLE.tsv` with what the real programs say of a file); without it nothing is run.

#![expect(clippy::print_stderr, reason = "the run over the corpus is read by people")]

use connlint_core::source::{FileId, Source, Span, View};
use connlint_core::syntax::keyvalue::{self, Dialect, Item, dialects};
use connlint_core::syntax::{Data, Node, Notice, Style, erlang, json, toml, yaml};
use connlint_tests::outside;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Clone, Copy)]
enum Reader {
    Lines(&'static Dialect),
    Yaml,
    Json,
    Erlang,
    Toml,
}

const KINDS: &[(&str, Reader)] = &[
    ("compose", Reader::Yaml),
    ("kubernetes", Reader::Yaml),
    ("spring-yml", Reader::Yaml),
    ("prometheus-rules", Reader::Yaml),
    ("envoy", Reader::Yaml),
    ("rabbitmq-conf", Reader::Lines(&dialects::RABBITMQ)),
    ("rabbitmq-definitions", Reader::Json),
    ("rabbitmq-advanced", Reader::Erlang),
    ("rabbitmq-env", Reader::Lines(&dialects::SHELL)),
    ("env-files", Reader::Lines(&dialects::DOTENV)),
    ("spring-properties", Reader::Lines(&dialects::PROPERTIES)),
    ("kafka-properties", Reader::Lines(&dialects::PROPERTIES)),
    ("sysctl", Reader::Lines(&dialects::SYSCTL)),
    ("systemd", Reader::Lines(&dialects::SYSTEMD)),
    ("mysql-cnf", Reader::Lines(&dialects::MY_CNF)),
    ("pgbouncer", Reader::Lines(&dialects::PGBOUNCER)),
    ("redis-conf", Reader::Lines(&dialects::REDIS)),
    ("postgres-conf", Reader::Lines(&dialects::POSTGRES)),
];

/// Paths of a corpus kind that are of another syntax than the kind.
fn reader_for(kind: Reader, path: &Path) -> Option<Reader> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    match (kind, extension) {
        (_, "yaml" | "yml") => Some(Reader::Yaml),
        (Reader::Lines(d), "json" | "md" | "sh" | "txt" | "ini")
            if !std::ptr::eq(d, &dialects::PGBOUNCER) || extension != "ini" =>
        {
            None
        }
        (Reader::Yaml, "json") => Some(Reader::Json),
        _ => Some(kind),
    }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.range()).expect("a span lies on character boundaries inside the text")
}

fn check_node(text: &str, node: &Node<'_>) {
    slice(text, node.span);
    match &node.data {
        Data::Scalar(s) => {
            let outer = slice(text, s.view.full_span());
            if s.style == Style::Plain && !outer.contains(['\n', '\r']) {
                assert_eq!(outer, s.view.text, "a plain scalar stands as it is");
            }
        }
        Data::Map(entries) => entries.iter().for_each(|e| {
            slice(text, e.key.view.full_span());
            check_node(text, &e.value);
        }),
        Data::Seq(items) | Data::Tuple(items) => items.iter().for_each(|i| check_node(text, i)),
    }
}

fn check_items(text: &str, items: &[Item<'_>]) {
    for item in items {
        match item {
            Item::Pair(p) => {
                let inside = p.span.contains(p.value.full_span()) && p.span.contains(p.key.full_span());
                assert!(inside, "{:?} holds its key and value", p.span);
                let outer = slice(text, p.value.full_span());
                if !outer.contains(['\\', '\n', '\r', '\'']) {
                    assert_eq!(outer, p.value.text);
                }
            }
            Item::Malformed(m) => {
                slice(text, m.span);
            }
        }
    }
}

fn same(ours: &Node<'_>, theirs: &serde_yaml::Value) -> bool {
    match (&ours.data, theirs) {
        (_, serde_yaml::Value::Tagged(tagged)) => same(ours, &tagged.value),
        (Data::Map(entries), serde_yaml::Value::Mapping(map)) => entries.iter().all(|e| {
            e.key.view.text == "<<"
                || map
                    .iter()
                    .any(|(k, v)| key_text(k).is_none_or(|k| k == e.key.view.text) && same(&e.value, v))
        }),
        (Data::Seq(a), serde_yaml::Value::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Data::Scalar(s), serde_yaml::Value::String(text)) => {
            s.view.text == text.as_str() || unended(&s.view.text, text)
        }
        (Data::Scalar(_), serde_yaml::Value::Mapping(_) | serde_yaml::Value::Sequence(_)) => false,
        (Data::Scalar(_), _) => true,
        _ => false,
    }
}

/// A block scalar at the end of a text without a final line end: parsers differ.
fn unended(ours: &str, theirs: &str) -> bool {
    ours.trim_end_matches('\n') == theirs.trim_end_matches('\n')
}

fn key_text(key: &serde_yaml::Value) -> Option<&str> {
    key.as_str()
}

fn agrees(text: &str, documents: &[Node<'_>]) -> Result<(), String> {
    use serde::Deserialize as _;
    let mut theirs = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        // Duplicate keys and the like: no opinion.
        let Ok(mut value) = serde_yaml::Value::deserialize(document) else { return Ok(()) };
        if value.apply_merge().is_err() {
            return Ok(());
        }
        theirs.push(value);
    }
    theirs.retain(|v| !v.is_null());
    let ours: Vec<_> = documents.iter().filter(|d| !d.scalar().is_some_and(|s| s.is_null())).collect();
    if ours.len() != theirs.len() {
        return Err(format!("{} documents, {} expected", ours.len(), theirs.len()));
    }
    match ours.iter().zip(&theirs).position(|(a, b)| !same(a, b)) {
        Some(n) => Err(format!("document {n} differs")),
        None => Ok(()),
    }
}

/// Reads and checks a text: the notices, the number of malformed lines, and how another YAML reader differs.
fn read_one(view: &View<'_>, reader: Reader) -> (Vec<Notice>, usize, Option<String>) {
    let text = view.text.as_ref();
    match reader {
        Reader::Lines(dialect) => {
            let (items, notices) = keyvalue::parse(view, dialect);
            check_items(text, &items);
            (notices, items.iter().filter(|i| i.pair().is_none()).count(), None)
        }
        Reader::Yaml => {
            let (documents, notices) = yaml::parse(view);
            documents.iter().for_each(|d| check_node(text, d));
            // Another reader has no opinion on what is a template or broken.
            let differs = if text.contains("{{") || !notices.is_empty() {
                None
            } else {
                agrees(text, &documents).err()
            };
            (notices, 0, differs)
        }
        Reader::Erlang => {
            let (terms, notices) = erlang::parse(view);
            terms.iter().for_each(|d| check_node(text, d));
            (notices, 0, None)
        }
        Reader::Json => {
            let (root, notices) = json::parse(view);
            root.iter().for_each(|d| check_node(text, d));
            (notices, 0, None)
        }
        Reader::Toml => {
            let (root, notices) = toml::parse(view);
            root.iter().for_each(|d| check_node(text, d));
            (notices, 0, None)
        }
    }
}

/// Pieces that upset readers when they stand where nobody expects them.
const UPSETTING: [&str; 20] = [
    "\"", "'", "[", "}", "{{", "}}", "{% if %}", "\r", "\n", "\t", "\\", "#", ": ", "- ", "|", "&a ", "*a",
    "\0", "é", "\u{feff}",
];

/// Changes a text in a few places, the same way each time.
fn upset(text: &str, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound.max(1) as u64) as usize
    };
    let mut out = text.to_owned();
    for _ in 0..1 + next(4) {
        let at = (0..=next(out.len() + 1)).rev().find(|&i| out.is_char_boundary(i)).unwrap_or_default();
        match next(3) {
            0 => out.insert_str(at, UPSETTING[next(UPSETTING.len())]),
            1 => drop((at < out.len()).then(|| out.remove(at))),
            _ if next(8) == 0 => out.truncate(at),
            _ => out.insert_str(at, UPSETTING[next(UPSETTING.len())]),
        }
    }
    out
}

const ALL_READERS: [Reader; 12] = [
    Reader::Yaml,
    Reader::Json,
    Reader::Erlang,
    Reader::Toml,
    Reader::Lines(&dialects::RABBITMQ),
    Reader::Lines(&dialects::PROPERTIES),
    Reader::Lines(&dialects::DOTENV),
    Reader::Lines(&dialects::SYSTEMD),
    Reader::Lines(&dialects::MY_CNF),
    Reader::Lines(&dialects::REDIS),
    Reader::Lines(&dialects::POSTGRES),
    Reader::Lines(&dialects::SHELL),
];

/// Generous for an unoptimised build on a busy machine; a reader that is not linear takes minutes.
const SOON: std::time::Duration = std::time::Duration::from_secs(20);

#[test]
fn hostile_texts_are_read_soon() {
    let texts = [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "{{".repeat(20_000),
        "- ".repeat(100_000),
        "x".repeat(1 << 20),
        "\"".repeat(1 << 17),
        "'\n".repeat(1 << 14),
        "a=\"\n".repeat(1 << 14),
        "a = \\\n".repeat(1 << 13),
        "{{ ".repeat(1 << 13) + "}}",
        "<% ".repeat(1 << 11) + "%>",
        "a: &a [*a, *a]\n".repeat(1 << 10),
        "\0".repeat(1 << 14),
        "a\r".repeat(1 << 14),
        "\u{feff}\u{feff}a = 1".to_owned(),
    ];
    for text in &texts {
        let source = Source::new("hostile", text.as_str());
        let view = View::whole(FileId(0), &source);
        for (n, reader) in ALL_READERS.iter().enumerate() {
            let started = std::time::Instant::now();
            read_one(&view, *reader);
            let taken = started.elapsed();
            let head: String = text.chars().take(12).collect();
            assert!(taken < SOON, "reader {n} takes {taken:?} for {head:?}…");
        }
    }
}

#[test]
fn changed_files_upset_no_reader() {
    /// Changed copies of each file.
    const COPIES: u64 = 3;
    let Some(corpus) = outside::folder(outside::CORPUS) else { return };
    for (kind, reader) in KINDS {
        for path in &outside::files(&corpus.join(kind)) {
            let Ok(bytes) = std::fs::read(path) else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for seed in 0..COPIES {
                let source = Source::new("changed", upset(&text, seed + text.len() as u64));
                let view = View::whole(FileId(0), &source);
                read_one(&view, *reader);
            }
        }
    }
}

#[test]
fn real_files_are_read() {
    let Some(corpus) = outside::folder(outside::CORPUS) else { return };
    let oracle = std::fs::read_to_string(corpus.join("ORACLE.tsv")).unwrap_or_default();
    let accepted: BTreeMap<&str, bool> = oracle
        .lines()
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let (path, _, verdict) = (columns.next()?, columns.next()?, columns.next()?);
            // A rule file in a Kubernetes wrapper is YAML all the same.
            Some((path, verdict == "ok" || verdict.contains("wrapper") || verdict.contains("transform")))
        })
        .collect();
    let (mut good, mut good_read, mut differ) = (0, 0, Vec::new());
    for (kind, reader) in KINDS {
        let paths = outside::files(&corpus.join(kind));
        let (mut read, mut noticed, mut malformed) = (0, Vec::new(), 0);
        for path in &paths {
            let Some(reader) = reader_for(*reader, path) else { continue };
            let Ok(bytes) = std::fs::read(path) else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let source = Source::new(path.display().to_string(), text.clone());
            let view = View::whole(FileId(0), &source);
            let (notices, bad, documents_differ) = read_one(&view, reader);
            malformed += bad;
            differ.extend(documents_differ.map(|why| format!("{}: {why}", source.name)));
            read += 1;
            let relative = path.strip_prefix(&corpus).unwrap_or(path).display().to_string();
            let name = relative.replace('\\', "/");
            // A key that was taken out of an indented text leaves a text that is no YAML any more.
            let redacted = text.contains("\nREDACTED");
            if !redacted && accepted.get(name.as_str()) == Some(&true) {
                good += 1;
                good_read += usize::from(notices.is_empty());
            }
            if let Some(first) = notices.first() {
                let line = source.position(first.span.start as usize).line;
                noticed.push(format!("  {name}:{line} {} ({} notices)", first.message, notices.len()));
            }
        }
        eprintln!(
            "{kind}: {read} of {} files read, {} with notices, {malformed} malformed lines",
            paths.len(),
            noticed.len()
        );
        noticed.iter().for_each(|n| eprintln!("{n}"));
    }
    eprintln!("{good_read} of {good} accepted files without a notice");
    differ.iter().for_each(|d| eprintln!("differs from the other YAML reader: {d}"));
    assert!(differ.is_empty(), "{differ:?}");
    assert!(good_read * 100 >= good * 99, "{good_read} of {good}");
}
