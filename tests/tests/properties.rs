//! What must hold of any run, tried on rules' examples mixed, torn and written anew.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use connlint_core::render::{self, Mask, Shown};
use connlint_core::source::{Source, Sources, Span, floor_boundary};
use connlint_core::{Outcomes, RuleSet, Settings, facts, lint};
use proptest::collection::vec;
use proptest::prelude::*;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);

/// Name and text of every file of every example.
static FILES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let examples = RULES.iter().filter_map(|rule| rule.examples());
    examples.flat_map(|e| e.bad.into_iter().chain(e.good)).flat_map(|e| e.files).collect()
});

/// A run has no larger part than it needs to show a fault.
const MOST_FILES: usize = 6;

fn run(files: &[(String, String)]) -> (Sources, Outcomes) {
    let mut sources = Sources::new();
    for (name, text) in files {
        sources.add(Source::new(name.as_str(), text.as_str()));
    }
    let settings = Settings { now: facts::parse_time("2026-01-01"), ..Settings::default() };
    let outcomes = lint(&sources, &settings, &RULES);
    (sources, outcomes)
}

/// A run's findings, without the order that files have.
fn found(files: &[(String, String)]) -> BTreeSet<String> {
    let (sources, outcomes) = run(files);
    let place = |span: Span| format!("{}:{}..{}", sources.get(span.file).name, span.start, span.end);
    let findings = outcomes.report.findings.iter();
    findings.map(|f| format!("{} {:?} {} {}", f.rule, f.severity, place(f.span), f.message)).collect()
}

fn everything(sources: &Sources, outcomes: &Outcomes) -> String {
    let mask = Mask::new(outcomes.secrets.iter().copied());
    let shown = Shown { report: &outcomes.report, sources, mask: &mask, rules: &RULES };
    [
        render::text::full(&shown, Default::default()),
        render::json::render(&shown),
        render::sarif::render(&shown),
        render::markdown::render(&shown),
        render::facts::render(&outcomes.facts, &outcomes.kinds, sources, &mask),
        render::graph::deployments(&outcomes.facts, &outcomes.links, sources),
    ]
    .concat()
}

/// Some files of the examples, each under a name of its own.
fn some_files() -> impl Strategy<Value = Vec<(String, String)>> {
    vec(any::<prop::sample::Index>(), 1..=MOST_FILES).prop_map(|picks| {
        let mut names = BTreeSet::new();
        let picked = picks.iter().map(|pick| pick.get(&FILES).clone());
        picked.filter(|(name, _)| names.insert(name.clone())).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn findings_do_not_depend_on_the_order_of_files(files in some_files(), turn in 0..MOST_FILES) {
        let mut other = files.clone();
        other.reverse();
        let turn = turn % other.len().max(1);
        other.rotate_left(turn);
        prop_assert_eq!(found(&files), found(&other));
    }

    #[test]
    fn places_lie_in_the_text_between_characters(
        files in some_files(),
        cuts in vec((any::<prop::sample::Index>(), 0..200usize, "\\PC{0,6}"), 1..5),
    ) {
        let mut files = files;
        for (at, length, instead) in cuts {
            for (_, text) in &mut files {
                let from = floor_boundary(text, at.index(text.len() + 1));
                let to = floor_boundary(text, from.saturating_add(length).min(text.len()));
                text.replace_range(from..to, &instead);
            }
        }
        let (sources, outcomes) = run(&files);
        let facts = outcomes.facts.iter().filter(|(_, f)| f.kind.name != "run.settings").map(|(_, f)| f.span);
        let findings = outcomes.report.findings.iter();
        let labels = findings.clone().flat_map(|f| f.related.iter().map(|l| l.span));
        let edits = findings.clone().flat_map(|f| f.fix.iter().flat_map(|fix| fix.edits.iter().map(|e| e.span)));
        let notices = outcomes.report.notices.iter().map(|n| n.span);
        let secrets = outcomes.secrets.iter().copied();
        for span in facts.chain(findings.map(|f| f.span)).chain(labels).chain(edits).chain(notices).chain(secrets) {
            prop_assert!(sources.get(span.file).text.get(span.range()).is_some(), "{span:?}");
        }
        // Formats that cut lines and columns meet the same places.
        everything(&sources, &outcomes);
    }

    #[test]
    fn a_password_is_shown_nowhere(
        password in "[A-Za-z0-9]{12,24}",
        strange in "[!$*+,;=~_.-]{0,3}",
        shape in 0..SHAPES.len(),
    ) {
        let (name, text) = SHAPES[shape];
        let password = format!("Zq{password}{strange}9");
        let text = text.replace("HUSH", &password);
        let (sources, outcomes) = run(&[(name.to_owned(), text)]);
        let shown = everything(&sources, &outcomes);
        prop_assert!(!shown.contains(&password), "{name}");
        // Nor the most of it: a mask that is off by one would show all but a letter.
        prop_assert!(!shown.contains(&password[1..password.len() - 1]), "{name}");
    }
}

/// Places where people write passwords.
const SHAPES: [(&str, &str); 14] = [
    (".env", "AMQP_URL=amqp://app:HUSH@mq.example.com/?heartbeat=0\n"),
    (".env", "DB_PASSWORD=HUSH\n"),
    (".env", "REDIS_URL=redis://:HUSH@cache:6379/0?x=1\n"),
    (
        "docker-compose.yml",
        "services:\n  a:\n    image: x\n    environment:\n      RABBITMQ_DEFAULT_PASS: HUSH\n",
    ),
    (
        "docker-compose.yml",
        "services:\n  a:\n    image: x\n    environment: [\"U=postgres://a:HUSH@db/x\"]\n",
    ),
    ("rabbitmq.conf", "default_pass = HUSH\nheartbeat = 0\n"),
    ("application.yml", "spring:\n  rabbitmq:\n    host: mq\n    password: HUSH\n"),
    (
        "application.properties",
        "spring.datasource.password=HUSH\nspring.datasource.url=jdbc:mysql://db/x?password=HUSH\n",
    ),
    ("redis.conf", "requirepass HUSH\nmaxmemory 1gb\n"),
    ("definitions.json", "{\"users\":[{\"name\":\"a\",\"password\":\"HUSH\",\"tags\":[]}]}\n"),
    ("advanced.config", "[{rabbit,[{default_pass,<<\"HUSH\">>}]}].\n"),
    (
        "worker.py",
        "import pika\nc = pika.PlainCredentials('app', 'HUSH')\np = pika.ConnectionParameters('mq', credentials=c, heartbeat=0)\n",
    ),
    (
        "main.go",
        "package main\nimport amqp \"github.com/rabbitmq/amqp091-go\"\nfunc main() { amqp.Dial(\"amqp://app:HUSH@mq/\") }\n",
    ),
    (
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: HUSH\n  url: amqp://a:HUSH@mq/\n",
    ),
];
