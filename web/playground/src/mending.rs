//! Fixes: one, all that are safe, and back again.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::bridge;
use crate::state::{File, Offer, State};

impl State {
    /// Makes the fix of a finding.
    pub(crate) fn fix(self, index: usize) {
        let edits = self.findings.with_untracked(|f| f.get(index).map(|f| f["fix"]["edits"].clone()));
        let Some(Value::Array(edits)) = edits else { return };
        let mut of: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for edit in edits {
            of.entry(edit["file"].as_str().unwrap_or_default().to_owned()).or_default().push(edit);
        }
        for (name, edits) in of {
            let text =
                self.files.with_untracked(|f| f.iter().find(|f| f.name == name).map(|f| f.text.clone()));
            if let Some(text) = text {
                self.change(&name, bridge::edited(&text, &json!(edits).to_string()));
            }
        }
        self.lint();
    }

    /// Gives a file another text, through the editor so that it can be undone.
    fn change(self, name: &str, text: String) {
        let key = self.files.with_untracked(|files| files.iter().find(|f| f.name == name).map(|f| f.key));
        if let Some(key) = key {
            self.select(key);
            bridge::replace(&text);
        }
    }

    /// Makes every safe fix; one press takes all of them back.
    pub(crate) fn fix_all(self) {
        spawn_local(async move {
            let (files, options, _) = self.inputs();
            let Ok(answer) = bridge::ask("fix", &json!([files, options]).to_string()).await else { return };
            let fixed: Value =
                serde_json::from_str(&answer.as_string().unwrap_or_default()).unwrap_or_default();
            let text_of = |name: &str| files.iter().find(|f: &&File| f.name == name).map(|f| f.text.clone());
            let open = self.open.get_untracked();
            let mut before = Vec::new();
            for file in fixed["files"].as_array().into_iter().flatten() {
                let name = file["name"].as_str().unwrap_or_default();
                before.extend(text_of(name).map(|text| (name.to_owned(), text)));
                self.change(name, file["text"].as_str().unwrap_or_default().to_owned());
            }
            self.before.set_value(before);
            self.select(open);
            let made = fixed["made"].as_u64().unwrap_or_default();
            let offers: &[Offer] = if made > 0 { &[Offer::Undo] } else { &[] };
            self.tell(format!("{made} {}", self.lang.get_untracked().say("fixes made")), offers);
            self.lint();
        });
    }

    /// Takes back what `fix_all` did.
    pub(crate) fn undo_all(self) {
        let open = self.open.get_untracked();
        for (name, text) in self.before.get_value() {
            self.change(&name, text);
        }
        self.before.set_value(Vec::new());
        self.select(open);
        self.dismiss();
        self.lint();
    }
}
