//! Turns `events/*.yaml` into the table of log events and a rule for each of them.
//!
//! A file has the name of a system and its events, the most particular first. Each becomes the rule
//! `logs/SYSTEM-NAME`, whose condition is the event's name and whose bad examples are the event's own.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::document::{Category, Example, Examples, RuleDocument, Stage};
use super::severity::Severity;

/// A file of events.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventFile {
    /// The program or library.
    pub(crate) system: String,
    /// True where the events of other systems say more.
    #[serde(default)]
    pub(crate) general: bool,
    /// Sources of all its events.
    #[serde(default)]
    sources: Vec<String>,
    /// Its events.
    pub(crate) events: Vec<EventDocument>,
}

/// An event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventDocument {
    /// Its name in the system.
    name: String,
    /// What it looks like.
    pub(crate) patterns: Vec<String>,
    /// `begins` or `breaks` a connection.
    #[serde(default)]
    pub(crate) tells: Option<String>,
    /// True where another event of the same entry says more.
    #[serde(default)]
    pub(crate) general: bool,
    /// The rule; an event without one is only remembered.
    rule: Option<EventRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventRule {
    title: String,
    severity: Severity,
    #[serde(default)]
    category: Option<Category>,
    /// A further condition.
    #[serde(default)]
    when: Option<String>,
    /// The fact; number, rhythm and peers are added.
    message: String,
    why: String,
    help: String,
    #[serde(default)]
    sources: Vec<String>,
    /// Texts that show the event.
    examples: Vec<String>,
}

/// A log in which all is well.
const ALL_IS_WELL: &str =
    "2026-11-25 12:00:00.000000+00:00 [info] <0.9.0> Server startup complete; 4 plugins started.\n";

impl EventFile {
    /// The name of an event's rule behind `logs/`.
    pub(crate) fn full_name(&self, event: &EventDocument) -> String {
        format!("{}-{}", self.system, event.name)
    }

    /// The rules of its events, by name.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (String, RuleDocument)> {
        self.events.iter().filter_map(|event| {
            let name = self.full_name(event);
            Some((format!("logs/{name}"), self.rule(&name, event.rule.as_ref()?)))
        })
    }

    fn rule(&self, name: &str, rule: &EventRule) -> RuleDocument {
        let named = format!("event.name == \"{name}\"");
        let example = |text: &str| Example {
            files: BTreeMap::from([("app.log".to_owned(), text.to_owned())]),
            settings: None,
            now: None,
            at: None,
        };
        RuleDocument {
            title: rule.title.clone(),
            since: "0.1.0".into(),
            stage: Stage::Stable,
            severity: rule.severity,
            category: rule.category.unwrap_or(Category::Reliability),
            in_dev: None,
            applies: BTreeMap::from([("event".to_owned(), "log.event".to_owned())]),
            join: Vec::new(),
            when: rule.when.as_ref().map_or(named.clone(), |more| format!("{named} && ({more})")),
            adjust: Vec::new(),
            at: "event".into(),
            label: String::new(),
            labels: BTreeMap::from([
                ("event.second".to_owned(), "again".to_owned()),
                ("event.latest".to_owned(), "the last of {event.count}".to_owned()),
            ]),
            message: format!("{}{{event.summary.or(\"\")}}", rule.message),
            why: rule.why.clone(),
            help: rule.help.clone(),
            fix: None,
            sources: self.sources.iter().chain(&rule.sources).cloned().collect(),
            proof: None,
            examples: Examples {
                bad: rule.examples.iter().map(|text| example(text)).collect(),
                good: vec![example(ALL_IS_WELL)],
            },
        }
    }
}
