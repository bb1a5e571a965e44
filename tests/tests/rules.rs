//! Every rule that comes with connlint keeps the form, and its examples show what they should.

use std::path::{Path, PathBuf};

use connlint_core::rules::{Rule, RuleSet, load};
use connlint_core::{Settings, Source, Sources, lint};

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory of the project").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml") {
            found.push(path);
        }
    }
}

#[test]
fn every_rule_keeps_the_form_and_behaves_on_its_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    let mut files = Vec::new();
    files_below(&root, &mut files);
    files.sort();
    let mut wrong = Vec::new();
    for path in &files {
        let text = std::fs::read_to_string(path).expect("a rule is UTF-8");
        let id = path.strip_prefix(&root).expect("found below").with_extension("").display().to_string();
        wrong.extend(load::name_fault(&id));
        match load::parse(&text) {
            Ok(document) => {
                let mistakes = load::try_examples(&id, &text, &document);
                wrong.extend(mistakes.into_iter().map(|m| format!("{id}: {}", m.message)));
                if document.message.len() > MAX_MESSAGE {
                    wrong.push(format!("{id}: the message is longer than {MAX_MESSAGE} bytes"));
                }
                if document.message.chars().next().is_some_and(char::is_uppercase)
                    && !document.message.chars().nth(1).is_some_and(char::is_uppercase)
                    && !PROPER_NAMES.iter().any(|n| document.message.starts_with(n))
                {
                    wrong.push(format!("{id}: a message starts in lower case"));
                }
            }
            Err(mistakes) => wrong.extend(mistakes.into_iter().map(|m| format!("{id}: {}", m.message))),
        }
    }
    assert!(wrong.is_empty(), "{} faults in {} rules:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

/// A rule that comes with connlint is packed by the build; read from its file, as a user's own rules are, it must be
/// the same in every part and find the same.
#[test]
fn built_in_rules_are_what_their_files_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    let mut files = Vec::new();
    files_below(&root, &mut files);
    let built_in = RuleSet::built_in();
    for path in &files {
        let text = std::fs::read_to_string(path).expect("a rule is UTF-8");
        let id = path.strip_prefix(&root).expect("found below").with_extension("").display().to_string();
        let document = load::parse(&text).expect("a rule keeps the form");
        let rule = built_in.get(&id).unwrap_or_else(|| panic!("{id} is not built in"));
        let mut packed = rule.document().expect("a rule is packed").clone();
        packed.examples = rule.examples().expect("a rule has examples");
        assert_eq!(serde_json::to_value(&packed).unwrap(), serde_json::to_value(&document).unwrap(), "{id}");

        let examples = document.examples.bad.clone();
        let mut custom = RuleSet::empty();
        custom.add(Rule::custom(id.clone(), document)).unwrap();
        let custom_rule = custom.get(&id).unwrap();
        assert_eq!(
            (rule.title(), rule.kinds(), rule.is_preview()),
            (custom_rule.title(), custom_rule.kinds(), custom_rule.is_preview()),
            "{id}"
        );
        let settings = Settings { select: vec![id.clone()], ..Settings::default() };
        for example in examples.iter().take(1) {
            let mut sources = Sources::new();
            for (name, text) in &example.files {
                sources.add(Source::new(name.as_str(), text.as_str()));
            }
            let findings =
                |rules: &RuleSet| format!("{:?}", lint(&sources, &settings, rules).report.findings);
            assert_eq!(findings(&built_in), findings(&custom), "{id}");
        }
    }
}

/// Room for two values and the sentence around them.
const MAX_MESSAGE: usize = 260;

/// Names that keep their capital at the start of a message.
const PROPER_NAMES: &[&str] = &[
    "RabbitMQ",
    "Kafka",
    "Redis",
    "PostgreSQL",
    "MySQL",
    "MariaDB",
    "Celery",
    "Spring",
    "Erlang",
    "Java",
    "Go ",
    "Ruby",
    "Bunny",
    "Docker",
    "Kubernetes",
    "PgBouncer",
    "Envoy",
    "Debian",
    "Node",
    "Python",
    "Linux",
    "Prometheus",
    "MongoDB",
    "Symfony",
    "MassTransit",
    "Rust",
    "Azure",
    "Istio",
];
