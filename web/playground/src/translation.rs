//! What the engine says, in another language, as far as it is translated. The engine speaks English with the values
//! filled in; the English template takes them out again and the translated one takes them up.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::Value;

use crate::bridge;
use crate::prose::{Piece, pieces};
use crate::state::State;
use crate::words::Lang;

/// A template in English and in the other language.
#[derive(Clone, Deserialize)]
struct Pair(String, String);

/// What is translated of a rule.
#[derive(Clone, Deserialize)]
struct Entry {
    title: String,
    message: Pair,
    help: Option<Pair>,
}

/// One language.
#[derive(Clone, Deserialize)]
pub(crate) struct Translation {
    /// Words that templates put in under a condition.
    phrases: BTreeMap<String, String>,
    rules: BTreeMap<String, Entry>,
}

/// The value of each hole in a text that was made of a template.
fn values<'t>(template: &str, said: &'t str) -> Option<Vec<(String, &'t str)>> {
    let mut rest = said;
    let mut open: Option<String> = None;
    let mut found = Vec::new();
    for piece in pieces(template) {
        match piece {
            Piece::Hole(hole) => found.extend(open.replace(hole).map(|before| (before, ""))),
            Piece::Text(text) => match open.take() {
                None => rest = rest.strip_prefix(text.as_str())?,
                Some(hole) => {
                    let (value, after) = rest.split_once(text.as_str())?;
                    found.push((hole, value));
                    rest = after;
                }
            },
        }
    }
    match open {
        Some(hole) => found.push((hole, rest)),
        None if !rest.is_empty() => return None,
        None => {}
    }
    Some(found)
}

impl Translation {
    fn value(&self, hole: &str, value: &str) -> String {
        if let Some(phrase) = self.phrases.get(value) {
            return phrase.clone();
        }
        // Only a hole with a text of its own writes more than a value.
        if !hole.contains('"') {
            return value.to_owned();
        }
        self.phrases.iter().fold(value.to_owned(), |text, (english, other)| text.replace(english, other))
    }

    fn of(&self, Pair(english, other): &Pair, said: &str) -> Option<String> {
        let values = values(english, said)?;
        let mut out = String::new();
        for piece in pieces(other) {
            match piece {
                Piece::Text(text) => out.push_str(&text),
                Piece::Hole(hole) => {
                    let (_, value) = values.iter().find(|(name, _)| *name == hole)?;
                    out.push_str(&self.value(&hole, value));
                }
            }
        }
        Some(out)
    }
}

impl State {
    /// Loads the translation once it is wanted.
    pub(crate) fn translate(self) {
        let lang = self.lang.get_untracked();
        if lang == Lang::English || self.translation.with_untracked(Option::is_some) {
            return;
        }
        spawn_local(async move {
            let text = bridge::translation(lang.tag()).await.as_string().unwrap_or_default();
            self.translation.set(serde_json::from_str(&text).ok());
            self.mark();
        });
    }

    /// A text of a finding: `message` or `help`.
    pub(crate) fn told(self, finding: &Value, field: &str) -> String {
        let said = finding[field].as_str().unwrap_or_default();
        let rule = finding["rule"].as_str().unwrap_or_default();
        let translated = self.translated(rule, |language, entry| match field {
            "message" => language.of(&entry.message, said),
            _ => entry.help.as_ref().and_then(|help| language.of(help, said)),
        });
        translated.unwrap_or_else(|| said.to_owned())
    }

    /// A text of a rule's page: `title`, `message` or `help`, with holes for values.
    pub(crate) fn told_of_rule(self, rule: &str, field: &str, english: &str) -> String {
        let translated = self.translated(rule, |_, entry| match field {
            "title" => Some(entry.title.clone()),
            "message" => Some(entry.message.1.clone()),
            _ => entry.help.as_ref().map(|help| help.1.clone()),
        });
        translated.unwrap_or_else(|| english.to_owned())
    }

    fn translated(self, rule: &str, text: impl Fn(&Translation, &Entry) -> Option<String>) -> Option<String> {
        if self.lang.get() == Lang::English {
            return None;
        }
        self.translation.with(|all| {
            let all = all.as_ref()?;
            text(all, all.rules.get(rule)?)
        })
    }
}
