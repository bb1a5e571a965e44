//! The JSON output keeps to its published schema.

use connlint_core::findings::{Edit, Fingerprint, Fix, Label, Pardon, Safety, Suppressed};
use connlint_core::render::{Mask, Shown, json};
use connlint_core::source::{FileId, Source, Sources, Span};
use connlint_core::syntax::Notice;
use connlint_core::{Finding, Report, RuleSet, Severity};
use serde_json::{Value, json};

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(json::SCHEMA).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is a schema")
}

fn finding(file: FileId) -> Finding {
    Finding {
        rule: "amqp/heartbeat-disabled".into(),
        severity: Severity::Error,
        message: "heartbeat is 0".into(),
        why: String::new(),
        help: "Set it.".into(),
        span: Span::new(file, 27, 28),
        label: String::new(),
        related: vec![Label { span: Span::new(file, 0, 5), message: "here".into() }],
        fix: None,
        assumed: vec!["one broker".into()],
        fingerprint: Fingerprint::of_rule("amqp/heartbeat-disabled"),
    }
}

fn edit(file: FileId, start: usize, end: usize, text: &str) -> Option<Fix> {
    let edits = vec![Edit { span: Span::new(file, start, end), text: text.into() }];
    Some(Fix { title: "change it".into(), safety: Safety::Unsafe, verbatim: false, edits })
}

#[test]
fn findings_notices_and_fixes_keep_to_the_schema_and_hold_no_secret() {
    let mut sources = Sources::new();
    let text = "ü=1\nurl=amqp://u:geheim@h?h=0\n";
    let file = sources.add(Source::new("a/.env", text));
    let secret = text.find("geheim").expect("it is there");
    let mask = Mask::new([Span::new(file, secret, secret + 6)]);
    let report = Report {
        findings: vec![
            Finding { fix: edit(file, 27, 28, "30"), ..finding(file) },
            Finding {
                fix: edit(file, 5, 28, "url=amqps://u:geheim@h"),
                severity: Severity::Info,
                ..finding(file)
            },
        ],
        notices: vec![Notice { span: Span::new(file, 0, 3), message: "not read".into() }],
        suppressed: vec![Suppressed { finding: finding(file), pardon: Pardon::Baseline }],
    };
    let out =
        json::render(&Shown { report: &report, sources: &sources, mask: &mask, rules: &RuleSet::built_in() });
    assert!(!out.contains("geheim"));
    let value: Value = serde_json::from_str(&out).expect("the output is JSON");
    let errors: Vec<String> = validator().iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(value["findings"][0]["line"], 2);
    assert_eq!(value["findings"][0]["column"], 23);
    assert_eq!(value["findings"][0]["fix"]["edits"][0]["text"], "30");
    assert_eq!(value["findings"][1]["fix"], Value::Null);
    let summary = json!({"files": 1, "errors": 1, "warnings": 0, "infos": 1, "suppressed": 1, "notices": 1});
    assert_eq!(value["summary"], summary);
}

#[test]
fn the_schema_refuses_what_it_does_not_describe() {
    let good = json!({
        "version": 1, "findings": [], "notices": [],
        "summary": {"files": 0, "errors": 0, "warnings": 0, "infos": 0, "suppressed": 0, "notices": 0},
    });
    let validator = validator();
    assert!(validator.is_valid(&good));
    for (key, value) in
        [("version", json!(2)), ("more", json!(1)), ("notices", json!([{"message": "no place"}]))]
    {
        let mut bad = good.clone();
        bad[key] = value;
        assert!(!validator.is_valid(&bad), "{key}");
    }
}

/// Every JSON document that the command's cases expect is real output; it keeps to the schema as well.
#[test]
fn what_the_command_writes_keeps_to_the_schema() {
    let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let validator = validator();
    let mut seen = 0;
    for case in std::fs::read_dir(cases).expect("cases exist") {
        let path = case.expect("readable").path().join("stdout");
        let Ok(value) = serde_json::from_str::<Value>(&std::fs::read_to_string(&path).unwrap_or_default())
        else {
            continue;
        };
        if value.get("findings").is_some() {
            let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0);
}
