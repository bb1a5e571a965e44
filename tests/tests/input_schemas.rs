//! The schemas that editors use for connlint.toml and for rule files accept what the program accepts, and no more.

use std::path::{Path, PathBuf};

use connlint_core::rules::load;
use connlint_core::settings::file;
use jsonschema::Validator;
use serde_json::Value;

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/schemas").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON")
}

fn validator(name: &str) -> Validator {
    jsonschema::validator_for(&schema(name)).expect("a schema")
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn settings_are_accepted_by_both_or_by_neither() {
    let validator = validator("connlint.v1.schema.json");
    let good = [
        "",
        "network = \"wan\"\nprofile = \"batch\"\nselect = [\"amqp\"]\nignore = []\nfail-on = \"never\"",
        "min-severity = \"error\"\nexclude = [\"a\"]\nrules = [\"lint\"]\nbaseline = \"b.json\"\nextends = [\"c.toml\"]",
        "certificate-expiry-days = 30\n[targets]\nclients = [\"android >= 7\"]",
        "[severity]\namqp = \"off\"\n[targets]\nrabbitmq = \"4.1\"\n[files]\na = \"b\"",
        "[[deployments]]\nname = \"eu\"\nfiles = [\"a/**\"]\nfrom = \"10.0.0.0/8\"",
        "[[overrides]]\npaths = [\"a\"]\nselect = [\"amqp\"]\nignore = [\"amqp\"]\nseverity = {amqp = \"error\"}",
    ];
    let bad = [
        "netwrok = \"wan\"",
        "network = \"wann\"",
        "network = 1",
        "select = \"amqp\"",
        "ignore = [1]",
        "fail-on = \"off\"",
        "min-severity = \"never\"",
        "baseline = [\"a\"]",
        "extends = \"a\"",
        "severity = {amqp = \"fatal\"}",
        "targets = {rabbitmq = \"new\"}",
        "files = {a = 1}",
        "certificate-expiry-days = -1",
        "targets = {clients = \"android >= 7\"}",
        "overrides = [{ignore = []}]",
        "overrides = [{paths = [\"a\"], network = \"wan\"}]",
        "overrides = [1]",
        "deployments = [{name = \"eu\"}]",
        "deployments = [{files = [\"a\"], form = \"::/0\"}]",
    ];
    for (text, accepted) in good.iter().map(|t| (t, true)).chain(bad.iter().map(|t| (t, false))) {
        let table: toml::Table = toml::from_str(text).expect("TOML");
        let value = serde_json::to_value(table).expect("JSON");
        assert_eq!(validator.is_valid(&value), accepted, "schema: {text}");
        assert_eq!(file::parse(text).is_ok(), accepted, "program: {text}");
    }
    // The program names all settings when it does not know one.
    let told = file::parse("colour = 1").expect_err("unknown").remove(0).help;
    let mut known: Vec<&str> = told.trim_start_matches("known are ").split(", ").collect();
    known.sort_unstable();
    assert_eq!(keys(&schema("connlint.v1.schema.json")["properties"]), known);
}

fn rule_files() -> Vec<PathBuf> {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules")];
    let mut found = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory of the project").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn every_rule_keeps_to_the_schema_of_rule_files() {
    let validator = validator("rule.v1.schema.json");
    let files = rule_files();
    assert!(!files.is_empty());
    for path in files {
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let value: Value = serde_yaml::from_str(&text).expect("YAML");
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

const RULE: &str = "\
title: t
since: 0.1.0
stage: preview
severity: error
category: reliability
in_dev: same
applies: {uri: amqp.uri, other: amqp.uri}
join: [uri with other]
when: uri.heartbeat == 0
adjust: [{when: uri.port == 1, severity: info}]
at: uri.heartbeat
label: l
labels: {uri.host: here}
message: m
why: w
help: h
fix: {title: f, safety: safe, set: {uri.heartbeat: '30'}}
sources: [s]
proof: p
examples:
  bad: [{files: {a: b}, settings: '', now: '2026-01-01', at: a}]
  good: [{files: {a: b}}]
";

#[test]
fn rules_with_a_key_more_or_less_are_refused_by_both() {
    let schema = schema("rule.v1.schema.json");
    let validator = validator("rule.v1.schema.json");
    let value: Value = serde_yaml::from_str(RULE).expect("YAML");
    assert!(validator.is_valid(&value));
    load::parse(RULE).expect("a rule");
    assert_eq!(keys(&value), keys(&schema["properties"]), "the rule above has every key");
    for key in keys(&value) {
        let mut without = value.clone();
        without.as_object_mut().expect("a mapping").shift_remove(key);
        // Two facts need a join; the rest of the form does not depend on another key.
        let text = serde_yaml::to_string(&without).expect("YAML");
        if key != "join" {
            assert_eq!(validator.is_valid(&without), load::parse(&text).is_ok(), "without {key}");
        }
        let mut other = value.clone();
        let mapping = other.as_object_mut().expect("a mapping");
        let old = mapping.shift_remove(key).expect("it is there");
        mapping.insert(format!("{key}x"), old);
        let text = serde_yaml::to_string(&other).expect("YAML");
        assert!(!validator.is_valid(&other) && load::parse(&text).is_err(), "{key}x");
    }
    for (from, to) in [
        ("severity: error", "severity: fatal"),
        ("stage: preview", "stage: removed"),
        ("category: reliability", "category: style"),
        ("in_dev: same", "in_dev: higher"),
        ("message: m", "message: m."),
        ("safety: safe", "safety: maybe"),
        ("set: {uri.heartbeat: '30'}", "set: {}"),
        ("sources: [s]", "sources: []"),
        ("good: [{files", "good: [{file"),
        ("severity: info}", "severity: low}"),
    ] {
        let text = RULE.replacen(from, to, 1);
        assert_ne!(text, RULE);
        let value: Value = serde_yaml::from_str(&text).expect("YAML");
        assert!(!validator.is_valid(&value), "schema: {to}");
        assert!(load::parse(&text).is_err(), "program: {to}");
    }
}

#[test]
fn baselines_keep_to_their_schema() {
    use connlint_core::baseline::{Baseline, Entry};
    let validator = validator("baseline.v1.schema.json");
    let entry = |rule: &str| Entry {
        file: "a".into(),
        rule: rule.into(),
        fingerprint: "0123456789abcdef".into(),
        message: "m".into(),
    };
    for entries in [vec![], vec![entry("a/b"), entry("a/c")]] {
        let text = Baseline { entries }.render();
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert!(validator.is_valid(&value), "{text}");
    }
}
