//! `connlint rules list` and `connlint rules check`.

use std::fmt::Write as _;
use std::path::Path;

use connlint_core::render::rule_url;
use connlint_core::rules::{Rule, load, selects};
use serde_json::json;

use super::Done;
use crate::args::{ConfigArgs, ListArgs, ListFormat};
use crate::failure::{CLEAN, Failure};
use crate::{config, output, rule_files};

pub(super) fn list(args: &ListArgs) -> Done {
    let config = config::load(&args.config, std::iter::empty())?;
    let rules = rule_files::rule_set(&config, &args.config.rules)?;
    let unknown: Vec<Failure> =
        args.select.iter().filter_map(|s| rule_files::check_selector(s, &rules)).collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let listed: Vec<&Rule> = rules.iter().filter(|rule| wanted(rule, args)).collect();
    let text = match args.format {
        ListFormat::Text => {
            let width = listed.iter().map(|r| r.id().len()).max().unwrap_or_default();
            let mut text = String::new();
            for rule in listed {
                let severity = rule.document().map_or("", |d| d.severity.as_str());
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{:width$}  {severity:7}  {}", rule.id(), rule.title());
            }
            text
        }
        ListFormat::Json => {
            let list: Vec<_> = listed
                .iter()
                .filter_map(|rule| {
                    let document = rule.document()?;
                    Some(json!({
                        "rule": rule.id(),
                        "title": rule.title(),
                        "severity": document.severity,
                        "category": document.category,
                        "stage": document.stage,
                        "since": document.since,
                        "facts": rule.kinds(),
                        "fix": document.fix.as_ref().map(|f| f.safety),
                        "proof": document.proof,
                        "built_in": rule.is_built_in(),
                        "url": rule.is_built_in().then(|| rule_url(rule.id())),
                    }))
                })
                .collect();
            format!("{:#}\n", json!({"version": 1, "rules": list}))
        }
    };
    output::write(&text).map_err(|f| vec![f])?;
    Ok(CLEAN)
}

fn wanted(rule: &Rule, args: &ListArgs) -> bool {
    let Some(document) = rule.document() else { return false };
    (args.select.is_empty() || args.select.iter().any(|s| selects(s, rule.id())))
        && (args.category.is_empty() || args.category.contains(&document.category))
        && (args.severity.is_empty() || args.severity.contains(&document.severity))
        && args.stage.is_none_or(|stage| document.stage == stage)
        && (!args.fixable || document.fix.is_some())
        && (!args.proved || document.proof.is_some())
}

pub(super) fn pages(directory: &Path, args: &ConfigArgs) -> Done {
    output::check_free(directory).map_err(|f| vec![f])?;
    let config = config::load(args, std::iter::empty())?;
    let rules = rule_files::rule_set(&config, &args.rules)?;
    for (name, text) in crate::pages::all(&rules) {
        let path = directory.join(name);
        let parent = path.parent().unwrap_or(directory);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| vec![Failure::File { path, error }])?;
    }
    Ok(CLEAN)
}

pub(super) fn check(directory: &Path) -> Done {
    let mut failures = Vec::new();
    let mut good = 0;
    let read = rule_files::read_directory(directory);
    if read.is_empty() {
        let message = "no rules here".to_owned();
        let help = Some("a rule is a file <system>/<name>.yaml below this directory".to_owned());
        return Err(vec![Failure::Rule { place: directory.display().to_string(), message, help }]);
    }
    for file in read {
        let file = match file {
            Ok(file) => file,
            Err(mut faults) => {
                failures.append(&mut faults);
                continue;
            }
        };
        let mut wrong: Vec<Failure> = load::name_fault(file.rule.id())
            .map(|message| Failure::Rule { place: file.source.name.clone(), message, help: None })
            .into_iter()
            .collect();
        if let Some(document) = file.rule.document() {
            let mistakes = load::try_examples(file.rule.id(), &file.source.text, document);
            wrong.extend(mistakes.into_iter().map(|m| rule_files::failure(&file.source, m)));
        }
        good += usize::from(wrong.is_empty());
        failures.append(&mut wrong);
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    let noun = if good == 1 { "rule" } else { "rules" };
    output::write(&format!("{good} {noun} checked\n")).map_err(|f| vec![f])?;
    Ok(CLEAN)
}
