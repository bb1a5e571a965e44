//! Reads a rule file and says every mistake in it with its place, and tries a rule on its own examples.

use std::ops::Range;

use super::document::{Example, RuleDocument};
use super::{Rule, RuleFault, RuleSet, compile};
use crate::engine::{Outcomes, lint};
use crate::facts::parse_time;
use crate::nearest::nearest;
use crate::settings::{self, Settings};
use crate::source::{FileId, Source, Sources, View, floor_boundary};
use crate::syntax::yaml;

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
    let mut faults = compile(&document).err().unwrap_or_default();
    faults.extend(form(&document));
    if faults.is_empty() {
        return Ok(document);
    }
    Err(faults
        .into_iter()
        .map(|fault| Mistake { span: locate(text, &fault.path, &fault.range), message: fault.message })
        .collect())
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

/// The place of a fault: the faulty part of the value it names, else the whole value, else the nearest key.
fn locate(text: &str, path: &[String], faulty: &Range<usize>) -> Range<usize> {
    let view = View::slice(FileId(0), text, 0);
    let (documents, _) = yaml::parse(&view);
    let Some(mut node) = documents.first() else { return 0..0 };
    let mut place = 0..0;
    for part in path {
        let item = part.parse::<usize>().ok().and_then(|i| node.items().get(i));
        let entry = node.pairs().into_iter().find(|(key, _)| key.view.text == part.as_str());
        node = match (item, entry) {
            (Some(item), _) => {
                place = item.span.range();
                item
            }
            (None, Some((key, value))) => {
                place = key.view.full_span().range();
                value
            }
            (None, None) => return place,
        };
    }
    match node.scalar().map(|s| &s.view) {
        Some(value) if !faulty.is_empty() && value.text.get(faulty.clone()).is_some() => {
            value.span(faulty.clone()).range()
        }
        Some(value) => value.full_span().range(),
        None => place,
    }
}

/// What a rule lacks in form, as faults with the keys that lead there.
fn form(document: &RuleDocument) -> Vec<RuleFault> {
    let mut faults = Vec::new();
    let mut say = |key: &str, message: &str| {
        faults.push(RuleFault { path: vec![key.to_owned()], range: 0..0, message: message.to_owned() });
    };
    let message = document.message.trim();
    if message.ends_with('.') || message.contains('\n') {
        say("message", "a message is one line without a final period");
    }
    for (key, text) in [("title", &document.title), ("why", &document.why), ("help", &document.help)] {
        if text.trim().is_empty() {
            say(key, "this is for people to read; it cannot be empty");
        }
    }
    if document.sources.is_empty() {
        say("sources", "a rule names where it is written down or how it was shown");
    }
    faults
}

/// What is wrong with a rule's name, if anything.
pub fn name_fault(id: &str) -> Option<String> {
    let plain = |part: &str| {
        part.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    };
    let good = id.split('/').count() == 2 && id.split('/').all(plain);
    (!good).then(|| {
        format!("`{id}` is no name for a rule; write system/plain-words, in lower case with hyphens")
    })
}

/// Runs a rule on its examples and says, for each that does not behave, what happened instead. `text` is the file that
/// the rule was read from.
pub fn try_examples(id: &str, text: &str, document: &RuleDocument) -> Vec<Mistake> {
    let mut wrong = Vec::new();
    let mut say = |path: &[&str], message: String| {
        let path: Vec<String> = path.iter().map(|p| (*p).to_owned()).collect();
        wrong.push(Mistake { span: locate(text, &path, &(0..0)), message });
    };
    if document.examples.bad.is_empty() || document.examples.good.is_empty() {
        say(&["examples"], "a rule shows at least one bad and one good example".to_owned());
    }
    for Verdict { group, index, fault } in verdicts(id, document) {
        if let Some(what) = fault {
            say(&["examples", group, &index.to_string()], format!("{group} example {}: {what}", index + 1));
        }
    }
    wrong
}

/// How a rule behaves on one of its examples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `bad` or `good`.
    pub group: &'static str,
    /// Its place in the group, from 0.
    pub index: usize,
    /// What happened instead of what it shows, if anything.
    pub fault: Option<String>,
}

/// Runs a rule on each of its examples.
pub fn verdicts(id: &str, document: &RuleDocument) -> Vec<Verdict> {
    let groups = [("bad", &document.examples.bad, true), ("good", &document.examples.good, false)];
    let each = groups.into_iter().flat_map(|(group, examples, is_bad)| {
        examples.iter().enumerate().map(move |(index, example)| (group, is_bad, index, example))
    });
    each.map(|(group, is_bad, index, example)| {
        let fault = try_example(id, document, example, is_bad).err();
        Verdict { group, index, fault }
    })
    .collect()
}

/// Runs a rule, and no other, on an example.
pub fn run_example(
    id: &str,
    document: &RuleDocument,
    example: &Example,
) -> Result<(Sources, Outcomes), String> {
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
    Ok((sources, outcomes))
}

fn try_example(id: &str, document: &RuleDocument, example: &Example, is_bad: bool) -> Result<(), String> {
    let (sources, outcomes) = run_example(id, document, example)?;
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
            ("uri: amqp.uri", "uri: amqp.url", "amqp.url", "amqp.uri"),
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
        let mistakes = try_examples("a/b", RULE, &document);
        assert_eq!(mistakes[0].message, "a rule shows at least one bad and one good example");
        let bad = RULE.replace("bad: []", "bad: [{files: {f.txt: nothing}}]");
        let document = parse(&bad).unwrap();
        assert!(try_examples("a/b", &bad, &document)[1].message.starts_with("bad example 1: "));
    }
}
