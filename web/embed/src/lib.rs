//! The engine as a package for JavaScript. Nothing is read, sent or kept: texts in, findings out.
//!
//! Values cross the border as JSON, in the same form that the command prints; `core/schemas` describes it.

use std::ops::Deref;
use std::sync::OnceLock;

use connlint_core::findings::Safety;
use connlint_core::fix::{MAX_ROUNDS, plan};
use connlint_core::render::{self, Mask, Shown, graph, json};
use connlint_core::rules::{Rule, load};
use connlint_core::share::redact_sources;
use connlint_core::systems::FILE_KINDS;
use connlint_core::{Outcomes, RuleSet, Settings, Source, Sources, lint, settings};
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

/// Signatures are checked by a module of their own, which most never need. A host without it answers nothing.
#[cfg(target_arch = "wasm32")]
mod signatures {
    use connlint_core::systems::tls::Signed;
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen(raw_module = "./signatures.js")]
    extern "C" {
        #[wasm_bindgen(js_name = checkSignature)]
        fn check(
            kind: &str,
            curve: &str,
            key: &[u8],
            exponent: u32,
            hash: &str,
            message: &[u8],
            signature: &[u8],
        ) -> Option<bool>;
    }

    pub(crate) fn ask(s: &Signed<'_>) -> Option<bool> {
        check(s.kind, s.curve, s.key, s.exponent, s.hash, s.message, s.signature)
    }
}

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
    /// Whether fixing also makes fixes that change more than the fault.
    #[serde(rename = "unsafe")]
    unsafe_fixes: bool,
}

/// What the engine is given.
struct Asked {
    sources: Sources,
    settings: Settings,
    rules: Rules,
    safety: Safety,
}

struct Run {
    sources: Sources,
    outcomes: Outcomes,
    rules: Rules,
}

/// The built-in rules, whose conditions are compiled once, or these with the caller's own.
enum Rules {
    BuiltIn(&'static RuleSet),
    WithOwn(RuleSet),
}

impl Deref for Rules {
    type Target = RuleSet;

    fn deref(&self) -> &RuleSet {
        match self {
            Rules::BuiltIn(rules) => rules,
            Rules::WithOwn(rules) => rules,
        }
    }
}

fn built_in() -> &'static RuleSet {
    static BUILT_IN: OnceLock<RuleSet> = OnceLock::new();
    BUILT_IN.get_or_init(RuleSet::built_in)
}

fn asked(files: &str, options: &str) -> Result<Asked, String> {
    #[cfg(target_arch = "wasm32")]
    connlint_core::systems::tls::check_signatures_by(signatures::ask);
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
    let mut rules = Rules::BuiltIn(built_in());
    if !options.rules.is_empty() {
        let mut all = RuleSet::built_in();
        for file in options.rules {
            let document = load::parse(&file.text).map_err(|mistakes| {
                joined(mistakes.into_iter().map(|m| format!("{}: {}", file.name, m.message)).collect())
            })?;
            all.add(Rule::custom(file.name, document))?;
        }
        rules = Rules::WithOwn(all);
    }
    let mut sources = Sources::new();
    for file in files {
        sources.add(Source::new(file.name, file.text));
    }
    let safety = if options.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
    Ok(Asked { sources, settings, rules, safety })
}

fn run(files: &str, options: &str) -> Result<Run, String> {
    let Asked { sources, settings, rules, .. } = asked(files, options)?;
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

/// Makes fixes, round by round as `connlint check --fix` does: the files that changed, how many findings were mended,
/// and why others were not.
#[wasm_bindgen(js_name = fixJson)]
pub fn fix_json(files: &str, options: &str) -> Result<String, String> {
    let Asked { mut sources, settings, rules, safety } = asked(files, options)?;
    let mut changed = vec![false; sources.len()];
    let (mut made, mut left) = (0, Vec::new());
    for _ in 0..MAX_ROUNDS {
        let Outcomes { report, secrets, .. } = lint(&sources, &settings, &rules);
        let mask = Mask::new(secrets.iter().copied());
        let planned = plan(&report, &sources, &mask, &settings, safety, &|_| None);
        let place = |span: connlint_core::Span| &sources.get(span.file).name;
        left = planned
            .left
            .iter()
            .map(|l| json!({"rule": l.rule, "file": place(l.span), "why": l.why}))
            .collect();
        if planned.texts.is_empty() {
            break;
        }
        made += planned.made;
        let mut next = Sources::new();
        for (i, (id, source)) in sources.iter().enumerate() {
            let new = planned.texts.iter().find(|(file, _)| *file == id).map(|(_, text)| text);
            if let (Some(_), Some(mark)) = (new, changed.get_mut(i)) {
                *mark = true;
            }
            next.add(Source::new(source.name.as_str(), new.unwrap_or(&source.text).as_str()));
        }
        sources = next;
    }
    let files: Vec<_> = sources
        .iter()
        .zip(&changed)
        .filter(|(_, changed)| **changed)
        .map(|((_, source), _)| json!({"name": source.name, "text": source.text}))
        .collect();
    Ok(json!({"files": files, "made": made, "left": left}).to_string())
}

/// Findings, kinds of files and deployments of one run, and facts if they are wanted.
#[wasm_bindgen(js_name = inspectJson)]
pub fn inspect_json(files: &str, options: &str, with_facts: bool) -> Result<String, String> {
    let run = run(files, options)?;
    let Outcomes { report, facts, links, kinds, secrets, .. } = &run.outcomes;
    let mask = Mask::new(secrets.iter().copied());
    let report = json::render(&Shown { report, sources: &run.sources, mask: &mask, rules: &run.rules });
    let deployments = graph::deployments(facts, links, &run.sources);
    let names = json!(kinds.iter().map(|kind| kind.map(|k| k.name)).collect::<Vec<_>>());
    let facts =
        if with_facts { render::facts::render(facts, kinds, &run.sources, &mask) } else { "null".into() };
    let secrets = secrets.len();
    Ok(format!(
        r#"{{"report":{report},"kinds":{names},"deployments":{deployments},"facts":{facts},"secrets":{secrets}}}"#
    ))
}

/// The report in another program's form: `sarif`, `markdown`, or `json`.
#[wasm_bindgen(js_name = renderText)]
pub fn render_text(files: &str, options: &str, format: &str) -> Result<String, String> {
    let run = run(files, options)?;
    let mask = Mask::new(run.outcomes.secrets.iter().copied());
    let shown = Shown { report: &run.outcomes.report, sources: &run.sources, mask: &mask, rules: &run.rules };
    match format {
        "json" => Ok(json::render(&shown)),
        "markdown" => Ok(render::markdown::render(&shown)),
        "sarif" => Ok(render::sarif::render(&shown)),
        other => Err(format!("format: `{other}` is none of json, markdown, sarif")),
    }
}

/// The files with `***` in place of every secret.
#[wasm_bindgen(js_name = maskJson)]
pub fn mask_json(files: &str, options: &str) -> Result<String, String> {
    let Run { sources, outcomes, .. } = run(files, options)?;
    let mask = Mask::new(outcomes.secrets.iter().copied());
    let texts = sources.iter().map(|(id, _)| mask.shortened(&sources, id).into_owned()).collect();
    Ok(renewed(&sources, texts))
}

/// The files without addresses, user names and secrets, to be shown to strangers; the same word stands for the same
/// address in all of them.
#[wasm_bindgen(js_name = redactJson)]
pub fn redact_json(files: &str, options: &str) -> Result<String, String> {
    let Run { sources, outcomes, .. } = run(files, options)?;
    Ok(renewed(&sources, redact_sources(&sources, &outcomes.secrets)))
}

/// The files with other texts.
fn renewed(sources: &Sources, texts: Vec<String>) -> String {
    let files =
        sources.iter().zip(texts).map(|((_, source), text)| json!({"name": source.name, "text": text}));
    json!(files.collect::<Vec<_>>()).to_string()
}

/// Everything that is wrong with a rule of the caller's own, with places, and how it behaves on its examples.
#[wasm_bindgen(js_name = checkRuleJson)]
pub fn check_rule_json(name: &str, text: &str) -> String {
    let source = Source::new(name, text);
    let place = |start: usize, end: usize, message: &str| {
        let (start, end) = (source.position(start), source.position(end));
        json!({
            "message": message,
            "line": start.line,
            "column": start.column,
            "end_line": end.line,
            "end_column": end.column,
        })
    };
    let mut mistakes = Vec::new();
    mistakes.extend(load::name_fault(name).map(|fault| place(0, 0, &fault)));
    let mut examples = Vec::new();
    match load::parse(text) {
        Ok(document) => {
            let verdicts = load::verdicts(name, &document).into_iter();
            examples.extend(verdicts.map(|v| json!({"group": v.group, "index": v.index, "fault": v.fault})));
        }
        Err(faults) => {
            mistakes.extend(faults.into_iter().map(|m| place(m.span.start, m.span.end, &m.message)));
        }
    }
    json!({"mistakes": mistakes, "examples": examples}).to_string()
}

/// The names of all kinds of files.
#[wasm_bindgen(js_name = kindsJson)]
pub fn kinds_json() -> String {
    json!(FILE_KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>()).to_string()
}

/// Name, title, severity and category of every built-in rule.
#[wasm_bindgen(js_name = rulesJson)]
pub fn rules_json() -> String {
    let list: Vec<_> = built_in()
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
