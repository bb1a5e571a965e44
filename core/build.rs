//! Embeds `rules/` as constants: each rule's text as JSON beside its name and the kinds of facts it needs, so that a
//! run reads only the rules whose facts occur. Also turns the key tables of `tables/` and the log events of `events/`
//! into constants.
#![allow(clippy::disallowed_methods, reason = "the build reads files so that the engine need not")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/rules/document.rs"]
#[allow(dead_code, unreachable_pub)]
mod document;
#[path = "build/events.rs"]
mod events;
#[path = "src/severity.rs"]
#[allow(dead_code, unreachable_pub)]
mod severity;

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("set by cargo"));
    // In the packaged crate the rules travel inside it; in the repository they are a room of their own.
    let rules =
        [root.join("rules"), root.join("../rules")].into_iter().find(|d| d.is_dir()).expect("rules/ exists");
    println!("cargo::rerun-if-changed={}", rules.display());
    let logs = event_files(&root.join("events"));
    fs::write(out.join("rules.rs"), embed_rules(&rules, &logs)).expect("OUT_DIR can be written");
    fs::write(out.join("events.rs"), embed_events(&logs)).expect("OUT_DIR can be written");
    let tables = root.join("tables");
    println!("cargo::rerun-if-changed={}", tables.display());
    fs::write(out.join("tables.rs"), embed_tables(&tables)).expect("OUT_DIR can be written");
}

fn files_below(directory: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                println!("cargo::rerun-if-changed={}", path.display());
                open.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn embed_rules(directory: &Path, logs: &[events::EventFile]) -> String {
    let pages = env::var_os("CARGO_FEATURE_PAGES").is_some();
    let mut rules: BTreeMap<String, document::RuleDocument> =
        logs.iter().flat_map(events::EventFile::rules).collect();
    for path in files_below(directory, "yaml") {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).expect("a rule file is UTF-8");
        let id = path.strip_prefix(directory).expect("found below it").with_extension("");
        let id = id.to_string_lossy().replace('\\', "/");
        match serde_yaml::from_str(&text) {
            Ok(rule) => assert!(rules.insert(id.clone(), rule).is_none(), "a second rule {id}"),
            Err(fault) => panic!("rules/{id}.yaml: {fault}"),
        }
    }
    let mut code = String::from("static EMBEDDED: &[Embedded] = &[\n");
    for (id, mut rule) in rules {
        let kinds: Vec<&String> = rule.applies.values().collect();
        let kinds = format!("{kinds:?}");
        let title = rule.title.clone();
        // Examples are for tests and pages; the engine reads a rule without them.
        let examples =
            std::mem::replace(&mut rule.examples, document::Examples { bad: vec![], good: vec![] });
        let examples = match pages {
            true => serde_json::to_string(&examples).expect("examples are plain data"),
            false => String::new(),
        };
        if !pages {
            rule.sources.clear();
        }
        let text = serde_json::to_string(&rule).expect("a rule is plain data");
        writeln!(
            code,
            "    Embedded {{ id: {id:?}, title: {title:?}, kinds: &{kinds}, text: {text:?}, examples: {examples:?} }},"
        )
        .expect("a string can be written to");
    }
    code.push_str("];\n");
    code
}

fn event_files(directory: &Path) -> Vec<events::EventFile> {
    println!("cargo::rerun-if-changed={}", directory.display());
    let read = |path: PathBuf| {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).expect("a file of events is UTF-8");
        serde_yaml::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
    };
    files_below(directory, "yaml").into_iter().map(read).collect()
}

fn embed_events(files: &[events::EventFile]) -> String {
    let mut code = String::from("pub(super) static EVENTS: &[Event] = &[\n");
    for file in files {
        for event in &file.events {
            let tells = match event.tells.as_deref() {
                None => "Nothing",
                Some("begins") => "Begins",
                Some("breaks") => "Breaks",
                Some(other) => panic!("an event `begins` or `breaks` a connection, it does not `{other}` it"),
            };
            writeln!(
                code,
                "    Event {{ name: {:?}, system: {:?}, patterns: &{:?}, tells: Tells::{tells}, general: {} }},",
                file.full_name(event),
                file.system,
                event.patterns,
                file.general || event.general
            )
            .expect("a string can be written to");
        }
    }
    code.push_str("];\n");
    code
}

/// `tables/NAME.tsv`: a line `# program: X`, further comments, then `key  type  form  series  alias  note`.
fn embed_tables(directory: &Path) -> String {
    let mut code = String::new();
    for path in files_below(directory, "tsv") {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).expect("a table is UTF-8");
        let name = path.file_stem().expect("a file").to_string_lossy().to_uppercase().replace('-', "_");
        let program =
            text.lines().find_map(|l| l.strip_prefix("# program: ")).expect("a table names its program");
        let mut rows: Vec<Vec<&str>> = text
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .map(|l| l.split('\t').chain(std::iter::repeat("")).take(6).collect())
            .collect();
        rows.sort();
        writeln!(code, "/// The keys of {program}, from `tables/`.").expect("a string can be written to");
        writeln!(code, "pub static {name}: KeyTable = KeyTable {{ program: {program:?}, keys: &[")
            .expect("as above");
        for row in rows {
            let ty = match row[1] {
                "" | "-" => "None".to_owned(),
                "list" => "Some(Type::List(&Type::Text))".to_owned(),
                word => format!("Some(Type::{}{})", word[..1].to_uppercase(), &word[1..]),
            };
            writeln!(
                code,
                "    KeyDef {{ name: {:?}, ty: {ty}, form: {:?}, series: {:?}, alias_of: {:?}, note: {:?} }},",
                row[0], row[2], row[3], row[4], row[5]
            )
            .expect("as above");
        }
        code.push_str("] };\n");
    }
    code
}
