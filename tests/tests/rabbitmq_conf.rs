//! rabbitmq.conf against outside judges: RabbitMQ's own configuration cases and what its real schemas say of files
//! from the field. Both are read from where `CONNLINT_REFEREES` and `CONNLINT_CORPUS` point, and skipped without.
#![allow(clippy::unwrap_used, reason = "a test stops where an assumption fails")]

use std::fs;

use connlint_core::facts::kinds::rabbitmq::{malformed_line, setting};
use connlint_core::facts::{Fact, Facts, Field};
use connlint_core::source::{Source, Sources};
use connlint_core::{Settings, engine, systems};
use connlint_tests::outside;

/// The facts of one text under a name.
fn facts(name: &str, text: &str) -> Facts {
    let mut sources = Sources::new();
    let file = sources.add(Source::new(name, text));
    engine::read(&sources, file, &Settings::default()).reading.facts
}

fn text_of(fact: &Fact, field: Field) -> String {
    fact.get(field).map(|s| s.shown()).unwrap_or_default()
}

/// What would stop a broker of every version: mistyped values, unknown keys, malformed lines.
fn faults(facts: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    for (_, fact) in facts.of(&malformed_line::KIND) {
        found.push(format!("malformed: {}", text_of(fact, malformed_line::reason)));
    }
    for (_, fact) in facts.of(&setting::KIND) {
        let key = text_of(fact, setting::key);
        if fact.bool(setting::known) == Some(false) {
            found.push(format!("unknown: {key}"));
        }
        if fact.bool(setting::well_typed) == Some(false) {
            let value = text_of(fact, setting::value);
            found.push(format!("mistyped: {key} = {value}, not {}", text_of(fact, setting::expected)));
        }
    }
    found
}

/// Name and rabbitmq.conf text of every case of a snippets file: tuples of a list, the second member being the text.
fn snippets(source: &str) -> Vec<(String, String)> {
    let (mut depth, mut member, mut name, mut text) = (0, 0, String::new(), String::new());
    let mut found = Vec::new();
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => while chars.next().is_some_and(|c| c != '\n') {},
            '[' | '{' => {
                depth += 1;
                if depth == 2 {
                    (member, name, text) = (0, String::new(), String::new());
                }
            }
            ']' | '}' => {
                if depth == 2 && !text.is_empty() {
                    found.push((name.trim().to_owned(), std::mem::take(&mut text)));
                }
                depth -= 1;
            }
            ',' if depth == 2 => member += 1,
            '"' => {
                let mut string = String::new();
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => match chars.next() {
                            Some('n') => string.push('\n'),
                            Some('t') => string.push('\t'),
                            Some(other) => string.push(other),
                            None => {}
                        },
                        '"' => break,
                        c => string.push(c),
                    }
                }
                if depth == 2 && member == 1 {
                    text.push_str(&string);
                }
            }
            c if depth == 2 && member == 0 => name.push(c),
            _ => {}
        }
    }
    found
}

#[test]
fn rabbitmqs_own_cases_are_without_fault() {
    let Some(root) = outside::folder(outside::REFEREES) else { return };
    let mut cases = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root.join("rabbitmq-conf")).unwrap() {
        let path = entry.unwrap().path();
        for (name, text) in snippets(&fs::read_to_string(&path).unwrap()) {
            cases += 1;
            let facts = facts("rabbitmq.conf", &text);
            let mut faults = faults(&facts);
            let gone = facts.of(&setting::KIND).filter(|(_, f)| f.get(setting::removed_in).is_some());
            faults.extend(gone.map(|(_, f)| format!("gone in 4.3: {}", text_of(f, setting::key))));
            if !faults.is_empty() {
                wrong.push(format!("{name}: {faults:?}"));
            }
        }
    }
    assert!(cases > 200, "only {cases} cases were found");
    assert!(wrong.is_empty(), "{} of {cases} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn files_from_the_field_get_the_verdict_of_rabbitmqs_schemas() {
    let Some(root) = outside::folder(outside::CORPUS) else { return };
    let oracle = fs::read_to_string(root.join("ORACLE.tsv")).unwrap();
    let mut differences = Vec::new();
    let mut compared = 0;
    for line in oracle.lines().filter(|l| l.contains("cuttlefish")) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (name, verdict) = (columns[0], columns[2]);
        let text = String::from_utf8_lossy(&fs::read(root.join(name)).unwrap()).into_owned();
        let source = Source::new(name, text.as_str());
        let Some(kind) = systems::detect(&source, &Settings::default()) else {
            differences.push(format!("{name} is taken for nothing"));
            continue;
        };
        compared += 1;
        if !kind.name.starts_with("rabbitmq.conf") {
            differences.push(format!("{name} is taken for {}", kind.name));
        }
        let facts = facts(name, &text);
        let mut faults = faults(&facts);
        // The judge is 3.10: keys that came later or went before stop it.
        faults.extend(
            facts
                .of(&setting::KIND)
                .filter(|(_, f)| is_unknown_to_3_10(f))
                .map(|(_, f)| text_of(f, setting::key)),
        );
        let template = kind.name.ends_with("template") || text.contains("{{") || text.contains("{%");
        if verdict.starts_with("ok") != faults.is_empty() && !template {
            differences.push(format!("{name}: the schemas say {verdict}, we say {faults:?}"));
        }
    }
    assert!(compared > 20, "only {compared} files were compared");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn is_unknown_to_3_10(fact: &Fact) -> bool {
    let of_3_10 = connlint_core::facts::Version::parse("3.10").unwrap();
    let version = |field| match fact.get(field).map(|s| &s.value) {
        Some(connlint_core::facts::Value::Version(v)) => Some(*v),
        _ => None,
    };
    version(setting::added_in).is_some_and(|v| v > of_3_10)
        || version(setting::removed_in).is_some_and(|v| v <= of_3_10)
}

#[test]
fn other_programs_files_are_left_alone() {
    let Some(root) = outside::folder(outside::CORPUS) else { return };
    let mut taken = Vec::new();
    for path in outside::files(&root) {
        let name = path.to_string_lossy().into_owned();
        if name.contains("/rabbitmq-") {
            continue;
        }
        let Ok(bytes) = fs::read(&path) else { continue };
        let source = Source::new(name.as_str(), String::from_utf8_lossy(&bytes));
        if let Some(kind) = systems::detect(&source, &Settings::default())
            && kind.name.starts_with("rabbitmq")
        {
            taken.push(format!("{name} is taken for {}", kind.name));
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}
