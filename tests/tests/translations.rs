//! Translations of rules say what the rules say: of rules that exist, with the same values in the same places.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use connlint_core::RuleSet;
use serde_json::Value;

/// The expressions in the braces of a template, sorted; `{{` is a brace.
fn holes(template: &str) -> Vec<String> {
    let mut found = Vec::new();
    let plain = template.replace("{{", "").replace("}}", "");
    let mut rest = plain.as_str();
    while let Some((_, after)) = rest.split_once('{') {
        let mut quoted = false;
        let end = after.find(|c| {
            quoted ^= c == '"';
            c == '}' && !quoted
        });
        let end = end.unwrap_or_else(|| panic!("`{{` is never closed: {template}"));
        found.push(after[..end].to_owned());
        rest = &after[end + 1..];
    }
    found.sort();
    found
}

#[test]
fn translations_keep_the_values_of_their_rules() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../translations");
    let rules = RuleSet::built_in();
    let mut faults = Vec::new();
    for entry in fs::read_dir(directory).expect("translations exist").flatten() {
        let text = fs::read_to_string(entry.path()).expect("a translation is UTF-8");
        let file: Value = serde_json::from_str(&text).expect("a translation is JSON");
        let translated = file["rules"].as_object().expect("rules by name");
        for (name, said) in translated {
            let Some(document) = rules.iter().find(|r| r.id() == name).and_then(|r| r.document()) else {
                faults.push(format!("{name}: there is no such rule"));
                continue;
            };
            let english = BTreeMap::from([
                ("title", document.title.as_str()),
                ("message", document.message.as_str()),
                ("help", document.help.as_str()),
            ]);
            for (field, text) in said.as_object().into_iter().flatten() {
                let Some(original) = english.get(field.as_str()) else {
                    faults.push(format!("{name}: `{field}` is not translated"));
                    continue;
                };
                let text = text.as_str().unwrap_or_default();
                if text.is_empty() || holes(text) != holes(original) {
                    faults.push(format!(
                        "{name}: {field}: {:?} in place of {:?}",
                        holes(text),
                        holes(original)
                    ));
                }
            }
            if said["title"].is_null() || said["message"].is_null() {
                faults.push(format!("{name}: title and message belong together"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
