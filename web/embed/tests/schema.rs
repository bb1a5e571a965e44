//! What the engine hands to JavaScript keeps to the schema that the package's types are made from.

use connlint_wasm::{check_rule_json, facts_json, fix_json, inspect_json, lint_json, mask_json, rules_json};
use serde_json::{Value, json};

const FINDINGS: &str = "https://connlint.github.io/schemas/findings.v1.schema.json";

/// What is wrong with a value, if it is to be of a shape.
fn faults(shape: &str, value: &str) -> Vec<String> {
    let mut schema: Value =
        serde_json::from_str(include_str!("../schemas/data.v1.schema.json")).expect("the schema is JSON");
    schema["$ref"] = json!(format!("#/$defs/{shape}"));
    let findings: Value =
        serde_json::from_str(connlint_core::render::json::SCHEMA).expect("the schema is JSON");
    let registry =
        jsonschema::Registry::new().add(FINDINGS, findings).expect("an address").prepare().expect("complete");
    let validator =
        jsonschema::options().with_registry(&registry).build(&schema).expect("the schema is a schema");
    let value: Value = serde_json::from_str(value).expect("the engine writes JSON");
    validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

const FILES: &str = r#"[
    {"name": "compose.yml", "text": "services:\n  mq: {image: \"rabbitmq:4.1\"}\n"},
    {"name": "app.env", "text": "AMQP_URL=amqp://shop:Geheim-7@mq/shop?heartbeat=0\n"},
    {"name": "rabbitmq.conf", "text": "heartbeat = 60\nHandshake_Timeout = 10s\n"}
]"#;

#[test]
fn values_keep_to_the_schema() {
    let rule = "title: x\nwhen: a.b\n";
    let cases = [
        ("files", FILES.to_owned()),
        ("inspected", inspect_json(FILES, "", true).expect("sound")),
        ("inspected", inspect_json(FILES, "", false).expect("sound")),
        ("facts", facts_json(FILES, "").expect("sound")),
        ("fixed", fix_json(FILES, r#"{"unsafe": true}"#).expect("sound")),
        ("files", mask_json(FILES, "").expect("sound")),
        ("ruleCheck", check_rule_json("own/x", rule)),
    ];
    for (shape, value) in cases {
        assert_eq!(faults(shape, &value), [""; 0], "{shape}: {value}");
    }
    let rules: Vec<Value> = serde_json::from_str(&rules_json()).expect("a list");
    assert_eq!(faults("ruleEntry", &rules[0].to_string()), [""; 0]);
    assert_ne!(
        faults("inspected", &lint_json(FILES, "").expect("sound")),
        [""; 0],
        "the schema refuses something"
    );
}

/// Every option that the schema names is taken, and nothing else is.
#[test]
fn options_are_those_of_the_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../schemas/data.v1.schema.json")).expect("the schema is JSON");
    let names = schema["$defs"]["options"]["properties"].as_object().expect("an object");
    for (name, form) in names {
        let value = match form["type"].as_str() {
            Some("boolean") => json!(true),
            Some(_) if name == "now" => json!("2026-01-01T00:00:00Z"),
            Some(_) => json!(""),
            None => json!([]),
        };
        assert!(lint_json("[]", &json!({ name: value }).to_string()).is_ok(), "{name}");
    }
    assert!(lint_json("[]", r#"{"colour": 1}"#).is_err());
}
