//! Every built-in rule compiles, finds something in each of its bad examples and nothing in its good ones.

use connlint_core::source::{Source, Sources};
use connlint_core::{RuleSet, engine, rules};

fn run(id: &str, example: &rules::Example, rules: &RuleSet) -> (Sources, Vec<connlint_core::Finding>) {
    let mut sources = Sources::new();
    for (name, text) in &example.files {
        sources.add(Source::new(name.as_str(), text.as_str()));
    }
    let text = example.settings.clone().unwrap_or_default();
    let mut settings = match connlint_core::settings::file::parse(&text) {
        Ok(project) => project.settings,
        Err(mistakes) => panic!("{id}: the settings of an example are wrong: {mistakes:?}"),
    };
    settings.select = vec![id.to_owned()];
    settings.now = example.now.as_deref().and_then(connlint_core::facts::parse_time).or(settings.now);
    let outcomes = engine::lint(&sources, &settings, rules);
    (sources, outcomes.report.findings)
}

#[test]
fn rules_find_their_bad_examples_and_leave_their_good_ones() {
    let rules = RuleSet::built_in();
    let mut faults = Vec::new();
    for rule in rules.iter() {
        let id = rule.id();
        match rule.document().map(rules::compile) {
            Some(Ok(())) => {}
            other => {
                faults.push(format!("{id} does not compile: {other:?}"));
                continue;
            }
        }
        let Some(examples) = rule.examples() else {
            faults.push(format!("{id} has no examples"));
            continue;
        };
        for (i, example) in examples.bad.iter().enumerate() {
            let (sources, found) = run(id, example, &rules);
            let places: Vec<&str> = found.iter().map(|f| sources.slice(f.span)).collect();
            match &example.at {
                _ if found.is_empty() => faults.push(format!("{id}: bad example {i} is found good")),
                Some(at) if !places.contains(&at.as_str()) => {
                    faults.push(format!("{id}: bad example {i} is found at {places:?}, not {at:?}"));
                }
                _ => {}
            }
            for finding in &found {
                for text in [&finding.message, &finding.why, &finding.help] {
                    if text.contains("unset") {
                        faults.push(format!("{id}: bad example {i} names a value that is absent: {text}"));
                    }
                }
            }
        }
        for (i, example) in examples.good.iter().enumerate() {
            let (_, found) = run(id, example, &rules);
            if let Some(first) = found.first() {
                faults.push(format!("{id}: good example {i} is found bad: {}", first.message));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
