//! Every rule that comes with connlint keeps the form, and its examples show what they should.

use std::path::{Path, PathBuf};

use connlint_core::rules::load;

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
