//! Embeds `rules/`: all rules as one text, and for each where its parts stand and which kinds of facts it needs, so that
//! a run reads only the rules whose facts occur. Also turns the key tables of `tables/`, the log events of `events/` and
//! what `calls/` says of libraries into constants.
#![allow(clippy::disallowed_methods, reason = "the build reads files so that the engine need not")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "build/calls.rs"]
mod calls;
#[path = "src/rules/document.rs"]
#[allow(dead_code, unreachable_pub)]
mod document;
#[path = "build/events.rs"]
mod events;
#[path = "src/rules/packed.rs"]
#[allow(dead_code, reason = "the engine unpacks")]
mod packed;
#[path = "src/severity.rs"]
#[allow(dead_code, unreachable_pub)]
mod severity;

use packed::Packed as _;

/// Levels of DEFLATE end here.
const BEST_COMPRESSION: u8 = 10;

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("set by cargo"));
    // The rules are a room of their own; a link brings them into the packaged crate. Where links are not kept, as in a
    // checkout on Windows, they are found beside it.
    let rules =
        [root.join("rules"), root.join("../rules")].into_iter().find(|d| d.is_dir()).expect("rules/ exists");
    println!("cargo::rerun-if-changed={}", rules.display());
    let logs = event_files(&root.join("events"));
    embed_rules(&rules, &logs, &out);
    fs::write(out.join("events.rs"), embed_events(&logs)).expect("OUT_DIR can be written");
    let libraries = root.join("calls");
    println!("cargo::rerun-if-changed={}", libraries.display());
    let libraries: Vec<(String, String)> = files_below(&libraries, "yaml")
        .into_iter()
        .map(|path| {
            println!("cargo::rerun-if-changed={}", path.display());
            let text = fs::read_to_string(&path).expect("a table is UTF-8");
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text)
        })
        .collect();
    fs::write(out.join("calls.rs"), calls::code(&libraries)).expect("OUT_DIR can be written");
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

/// Writes `rules.txt`, what decides whether a rule finds something, by name; `tellings-N.txt`, the rest of the rules of
/// one system each; `examples.bin`, their examples, deflated; and `rules.rs`, which says where each rule begins and ends in
/// all of them and which kinds it needs.
fn embed_rules(directory: &Path, logs: &[events::EventFile], out: &Path) {
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
    let kinds: BTreeSet<String> = rules.values().flat_map(|r| r.applies.values().cloned()).collect();
    let kinds: Vec<String> = kinds.into_iter().collect();
    let (mut texts, mut all_examples, mut needed) = (String::new(), String::new(), Vec::new());
    let mut table = String::new();
    let mut systems: Vec<(String, String)> = Vec::new();
    for (id, mut rule) in rules {
        let none = document::Examples { bad: Vec::new(), good: Vec::new() };
        let examples = std::mem::replace(&mut rule.examples, none);
        let examples_start = all_examples.len();
        if pages {
            examples.pack(&mut all_examples);
        } else {
            rule.sources.clear();
        }
        let start = texts.len();
        texts.push_str(&id);
        let head = texts.len();
        rule.applies.pack(&mut texts);
        rule.join.pack(&mut texts);
        rule.when.pack(&mut texts);
        let mut whole = String::new();
        rule.pack(&mut whole);
        let telling = whole.strip_prefix(&texts[head..]).expect("packed in this order");
        let system = id.split('/').next().unwrap_or_default();
        if systems.last().is_none_or(|(last, _)| last != system) {
            systems.push((system.to_owned(), String::new()));
        }
        let (_, tellings) = systems.last_mut().expect("just pushed");
        let telling_start = tellings.len();
        tellings.push_str(telling);
        let telling = [telling_start, tellings.len()];
        let first_kind = needed.len();
        needed.extend(rule.applies.values().filter_map(|kind| kinds.binary_search(kind).ok()));
        let preview = rule.stage == document::Stage::Preview;
        writeln!(
            table,
            "    Embedded {{ id: [{start}, {head}], head: [{head}, {}], system: {}, telling: {telling:?}, examples: \
             [{examples_start}, {}], kinds: [{first_kind}, {}], preview: {preview} }},",
            texts.len(),
            systems.len() - 1,
            all_examples.len(),
            needed.len()
        )
        .expect("a string can be written to");
    }
    let mut code = format!(
        "static KINDS: &[&str] = &{kinds:?};\nstatic NEEDED: &[u16] = &{needed:?};\nstatic EMBEDDED: &[Embedded] = \
         &[\n{table}];\n"
    );
    let mut functions = Vec::new();
    for (n, (system, tellings)) in systems.iter().enumerate() {
        let name = format!("tellings_{}", system.replace('-', "_"));
        writeln!(
            code,
            "#[inline(never)]\nfn {name}() -> &'static str {{ include_str!(concat!(env!(\"OUT_DIR\"), \
             \"/tellings-{n}.txt\")) }}"
        )
        .expect("a string can be written to");
        fs::write(out.join(format!("tellings-{n}.txt")), tellings).expect("OUT_DIR can be written");
        functions.push(name);
    }
    writeln!(code, "static TELLINGS: &[fn() -> &'static str] = &[{}];", functions.join(", "))
        .expect("as above");
    fs::write(out.join("rules.rs"), code).expect("OUT_DIR can be written");
    fs::write(out.join("rules.txt"), texts).expect("OUT_DIR can be written");
    let deflated = miniz_oxide::deflate::compress_to_vec(all_examples.as_bytes(), BEST_COMPRESSION);
    fs::write(out.join("examples.bin"), deflated).expect("OUT_DIR can be written");
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

/// The words of a table for types, as `KeyTable` reads them; `-` and nothing for values that no rule compares.
const KEY_TYPES: [&str; 11] =
    ["", "-", "bool", "int", "float", "text", "duration", "size", "time", "version", "list"];

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
        for row in &rows {
            assert!(KEY_TYPES.contains(&row[1]), "{}: `{}` is no type", path.display(), row[1]);
        }
        writeln!(code, "/// The keys of {program}, from `tables/`.").expect("a string can be written to");
        let rows: Vec<String> = rows.into_iter().map(|row| row.join("\t").trim_end().to_owned()).collect();
        writeln!(code, "pub static {name}: KeyTable = KeyTable::new({program:?}, {:?});", rows.join("\n"))
            .expect("as above");
    }
    code
}
