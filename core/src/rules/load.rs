//! Reads a rule file and says every mistake in it with its place, and tries a rule on its own examples.

use std::ops::Range;

use super::document::{Example, RuleDocument};
use super::{Rule, RuleFault, RuleSet, compile};
use crate::engine::lint;
use crate::facts::parse_time;
use crate::nearest::nearest;
use crate::settings::{self, Settings};
use crate::source::{Source, Sources, floor_boundary};

/// A mistake in a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, in bytes of the file.
    pub span: Range<usize>,
    /// What is wrong, with what would be right.
    pub message: String,
}

/// Reads the text of a rule file; the rule is known to compile.
pub fn parse(text: &str) -> Result<RuleDocument, Vec<Mistake>> {
    let document: RuleDocument = serde_yaml::from_str(text).map_err(|error| {
        let at = error.location().map_or(0, |l| floor_boundary(text, l.index()));
        vec![Mistake { span: at..at, message: own_words(&error.to_string()) }]
    })?;
    match compile(&document) {
        Ok(()) => Ok(document),
        Err(faults) => Err(faults
            .into_iter()
            .map(|fault| Mistake { span: locate(text, &document, &fault), message: fault.message })
            .collect()),
    }
}

/// The YAML library's message without its place, and with a suggestion in place of a list of all keys.
fn own_words(message: &str) -> String {
    let message = message.rfind(" at line ").map_or(message, |at| &message[..at]);
    // The path that leads to the key stands in front: `examples: unknown field ...`.
    let (_, rest) = match message.split_once("unknown field `").or(message.split_once("unknown variant `")) {
        Some(parts) => parts,
        None => return message.to_owned(),
    };
    let mut names = rest.split('`');
    let unknown = names.next().unwrap_or_default();
    let known: Vec<&str> = names.skip(1).step_by(2).collect();
    match nearest(unknown, known.iter().copied()) {
        Some(close) => format!("there is no `{unknown}` here; did you mean `{close}`?"),
        None => format!("there is no `{unknown}` here; known are {}", known.join(", ")),
    }
}

/// The place of a fault: the faulty part of the text if it stands in the file as it is, else the key.
fn locate(text: &str, document: &RuleDocument, fault: &RuleFault) -> Range<usize> {
    let mut key = 0..0;
    for (depth, part) in fault.path.iter().enumerate() {
        // Items of lists have no key of their own.
        if part.parse::<usize>().is_err() {
            key = find_key(text, key.end, part, depth == 0).unwrap_or(key);
        }
    }
    let value = value_of(document, &fault.path);
    let faulty = value.and_then(|v| v.get(fault.range.clone())).filter(|f| !f.is_empty());
    let found = faulty.and_then(|f| Some((text.get(key.end..)?.find(f)? + key.end, f.len())));
    found.map_or(key, |(at, length)| at..at + length)
}

/// The next line after `from` that begins with a key, in the first column or not.
fn find_key(text: &str, from: usize, key: &str, first_column: bool) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if start < from {
            continue;
        }
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let rest = line[indent..].trim_start_matches('"');
        if (indent == 0 || !first_column)
            && rest.strip_prefix(key).is_some_and(|r| r.trim_start_matches('"').starts_with(':'))
        {
            return Some(start + indent..start + indent + key.len());
        }
    }
    None
}

/// The text that a fault's path leads to, where it is one of the long ones.
fn value_of<'d>(document: &'d RuleDocument, path: &[String]) -> Option<&'d str> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    Some(match path[..] {
        ["when"] => &document.when,
        ["at"] => &document.at,
        ["label"] => &document.label,
        ["labels", key] => document.labels.get(key)?,
        ["message"] => &document.message,
        ["why"] => &document.why,
        ["help"] => &document.help,
        ["adjust", i, "when"] => &document.adjust.get(i.parse::<usize>().ok()?)?.when,
        ["fix", "title"] => &document.fix.as_ref()?.title,
        ["fix", "set", key] => document.fix.as_ref()?.set.get(key)?,
        _ => return None,
    })
}

/// Runs a rule on its examples and says, for each that does not behave, what happened instead.
pub fn try_examples(id: &str, document: &RuleDocument) -> Vec<String> {
    let mut wrong = Vec::new();
    if document.examples.bad.is_empty() || document.examples.good.is_empty() {
        wrong.push("a rule shows at least one bad and one good example".to_owned());
    }
    let groups = [("bad", &document.examples.bad, true), ("good", &document.examples.good, false)];
    for (group, examples, is_bad) in groups {
        for (i, example) in examples.iter().enumerate() {
            if let Err(what) = try_example(id, document, example, is_bad) {
                wrong.push(format!("{group} example {}: {what}", i + 1));
            }
        }
    }
    wrong
}

fn try_example(id: &str, document: &RuleDocument, example: &Example, is_bad: bool) -> Result<(), String> {
    let mut settings = match &example.settings {
        Some(text) => {
            settings::file::parse(text)
                .map_err(|mistakes| mistakes.into_iter().map(|m| m.message).collect::<Vec<_>>().join("; "))?
                .settings
        }
        None => Settings::default(),
    };
    if let Some(now) = &example.now {
        settings.now = Some(parse_time(now).ok_or_else(|| format!("`{now}` is not a time"))?);
    }
    // By its full name, so that a preview rule runs too.
    settings.select = vec![id.to_owned()];
    let mut rules = RuleSet::empty();
    rules.add(Rule::custom(id, document.clone()))?;
    let mut sources = Sources::new();
    for (name, text) in &example.files {
        sources.add(Source::new(name.as_str(), text.as_str()));
    }
    let outcomes = lint(&sources, &settings, &rules);
    let findings = &outcomes.report.findings;
    match (is_bad, findings.first()) {
        (true, None) if outcomes.facts.len() <= 1 => Err("nothing was understood of its files".into()),
        (true, None) => Err("nothing is found".into()),
        (false, Some(found)) => Err(format!("this is found: {}", found.message)),
        (true, Some(_)) => match &example.at {
            Some(at) if !findings.iter().any(|f| sources.slice(f.span) == at) => {
                let places: Vec<_> =
                    findings.iter().map(|f| format!("`{}`", sources.slice(f.span))).collect();
                Err(format!("it points at {}, not at `{at}`", places.join(", ")))
            }
            _ => Ok(()),
        },
        (false, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "\
title: A name
since: 0.1.0
severity: error
category: reliability
applies:
  uri: amqp.uri
when: uri.heartbeat == 0
at: uri.heartbeat
message: heartbeat is {uri.heartbeat}
why: w
help: h
sources: [s]
examples:
  bad: []
  good: []
";

    #[test]
    fn mistakes_name_their_place() {
        assert_eq!(parse(RULE).map(|_| ()), Ok(()));
        let cases = [
            ("uri.heartbeat == 0", "uri.hartbeat == 0", "hartbeat", "heartbeat"),
            ("uri: amqp.uri", "uri: amqp.url", "uri", "amqp.uri"),
            ("{uri.heartbeat}", "{uri.heartbeet}", "heartbeet", "heartbeat"),
        ];
        for (good, bad, place, meant) in cases {
            let text = RULE.replacen(good, bad, 1);
            let mistakes = parse(&text).unwrap_err();
            let found = &text[mistakes[0].span.clone()];
            assert!(found.contains(place), "{bad}: points at {found:?}: {mistakes:?}");
            assert!(mistakes[0].message.contains(meant), "{mistakes:?}");
        }
        let text = RULE.replace("why: w", "whi: w");
        assert_eq!(parse(&text).unwrap_err()[0].message, "there is no `whi` here; did you mean `why`?");
        assert!(parse("title: [").is_err());
    }

    #[test]
    fn examples_that_do_not_behave_are_told() {
        let document = parse(RULE).unwrap();
        assert_eq!(try_examples("a/b", &document), ["a rule shows at least one bad and one good example"]);
        let bad = RULE.replace("bad: []", "bad: [{files: {f.txt: nothing}}]");
        let document = parse(&bad).unwrap();
        assert!(try_examples("a/b", &document)[1].starts_with("bad example 1: "));
    }
}
