//! The engine as a package for JavaScript. Nothing is read, sent or kept: texts in, findings out.
//!
//! Values cross the border as JSON, in the same form that the command prints; `core/schemas` describes it.

use connlint_core::render::{Mask, Shown, json};
use connlint_core::rules::{Rule, load};
use connlint_core::{Outcomes, RuleSet, Source, Sources, lint, settings};
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// The text of a `connlint.toml`.
    settings: String,
    /// The evaluation time, RFC 3339; rules about expiry are skipped without it.
    now: Option<String>,
    /// Rules of the caller's own: the name is the rule's.
    rules: Vec<File>,
}

struct Run {
    sources: Sources,
    outcomes: Outcomes,
    rules: RuleSet,
}

fn run(files: &str, options: &str) -> Result<Run, String> {
    let files: Vec<File> = serde_json::from_str(files).map_err(|e| format!("files: {e}"))?;
    let options: Options = if options.is_empty() {
        Options::default()
    } else {
        serde_json::from_str(options).map_err(|e| format!("options: {e}"))?
    };
    let joined = |faults: Vec<String>| faults.join("\n");
    let mut settings = settings::file::parse(&options.settings)
        .map_err(|faults| joined(faults.into_iter().map(|f| format!("settings: {}", f.message)).collect()))?
        .settings;
    if let Some(now) = &options.now {
        let time = connlint_core::facts::parse_time(now);
        settings.now = Some(time.ok_or_else(|| format!("now: `{now}` is no RFC 3339 time"))?);
    }
    let mut rules = RuleSet::built_in();
    for file in options.rules {
        let document = load::parse(&file.text).map_err(|mistakes| {
            joined(mistakes.into_iter().map(|m| format!("{}: {}", file.name, m.message)).collect())
        })?;
        rules.add(Rule::custom(file.name, document))?;
    }
    let mut sources = Sources::new();
    for file in files {
        sources.add(Source::new(file.name, file.text));
    }
    let outcomes = lint(&sources, &settings, &rules);
    Ok(Run { sources, outcomes, rules })
}

/// Lints files, `[{"name": "…", "text": "…"}]`, and returns the document that `connlint check --format json` prints.
/// Options: `{"settings": "text of connlint.toml", "now": "RFC 3339", "rules": [{"name", "text"}]}`, or nothing.
#[wasm_bindgen(js_name = lintJson)]
pub fn lint_json(files: &str, options: &str) -> Result<String, String> {
    let run = run(files, options)?;
    let mask = Mask::new(run.outcomes.secrets.iter().copied());
    let report = &run.outcomes.report;
    Ok(json::render(&Shown { report, sources: &run.sources, mask: &mask, rules: &run.rules }))
}

/// What was understood of files, as `connlint facts` prints it.
#[wasm_bindgen(js_name = factsJson)]
pub fn facts_json(files: &str, options: &str) -> Result<String, String> {
    let run = run(files, options)?;
    let Outcomes { facts, kinds, secrets, .. } = &run.outcomes;
    let mask = Mask::new(secrets.iter().copied());
    Ok(connlint_core::render::facts::render(facts, kinds, &run.sources, &mask))
}

/// A built-in rule with everything that its page holds, or nothing if there is none of that name.
#[wasm_bindgen(js_name = explainJson)]
pub fn explain_json(rule: &str) -> Option<String> {
    let rules = RuleSet::built_in();
    let rule = rules.get(rule)?;
    let page = json!({"rule": rule.id(), "document": rule.document()?, "examples": rule.examples()});
    Some(page.to_string())
}

/// Name, title, severity and category of every built-in rule.
#[wasm_bindgen(js_name = rulesJson)]
pub fn rules_json() -> String {
    let rules = RuleSet::built_in();
    let list: Vec<_> = rules
        .iter()
        .filter_map(|rule| {
            let document = rule.document()?;
            Some(json!({
                "rule": rule.id(),
                "title": rule.title(),
                "severity": document.severity,
                "category": document.category,
            }))
        })
        .collect();
    json!(list).to_string()
}
