//! What the page knows, and what can be done to it.

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::prelude::Closure;

use crate::bridge;

/// The tab that holds settings instead of a file to lint.
pub(crate) const SETTINGS: &str = "connlint.toml";
/// Typing pauses this long before it is linted.
const PAUSE: Duration = Duration::from_millis(120);

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct File {
    #[serde(skip)]
    pub(crate) key: u32,
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Runs of the engine are many; what came of the last one counts.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) files: RwSignal<Vec<File>>,
    pub(crate) open: RwSignal<u32>,
    pub(crate) findings: RwSignal<Vec<Value>>,
    /// Why the engine refused its input.
    pub(crate) fault: RwSignal<String>,
    /// What the engine could not read.
    pub(crate) unread: RwSignal<Vec<Value>>,
    pub(crate) kinds: RwSignal<BTreeMap<String, String>>,
    pub(crate) page: RwSignal<Option<Value>>,
    pub(crate) notice: RwSignal<String>,
    pub(crate) asks_to_share: RwSignal<bool>,
    pub(crate) linted: RwSignal<bool>,
    gallery: RwSignal<Vec<(String, Vec<File>)>>,
    dark: RwSignal<Option<bool>>,
    last_key: StoredValue<u32>,
    run: StoredValue<u32>,
}

impl State {
    pub(crate) fn new() -> State {
        State {
            files: RwSignal::new(Vec::new()),
            open: RwSignal::new(0),
            findings: RwSignal::new(Vec::new()),
            fault: RwSignal::new(String::new()),
            unread: RwSignal::new(Vec::new()),
            kinds: RwSignal::new(BTreeMap::new()),
            page: RwSignal::new(None),
            notice: RwSignal::new(String::new()),
            asks_to_share: RwSignal::new(false),
            linted: RwSignal::new(false),
            gallery: RwSignal::new(Vec::new()),
            dark: RwSignal::new(None),
            last_key: StoredValue::new(0),
            run: StoredValue::new(0),
        }
    }

    /// Loads the examples, and the link's files or the first example.
    pub(crate) fn begin(self) {
        spawn_local(async move {
            let gallery = bridge::examples().await.as_string().unwrap_or_default();
            self.gallery.set(serde_json::from_str(&gallery).unwrap_or_default());
            let shared = bridge::shared().await.as_string().unwrap_or_default();
            match serde_json::from_str::<Vec<File>>(&shared) {
                Ok(files) if !files.is_empty() => self.take(files),
                _ => {
                    let first = self.gallery.with_untracked(|g| g.first().map(|(_, files)| files.clone()));
                    self.take(first.unwrap_or_default());
                }
            }
        });
    }

    fn next_key(self) -> u32 {
        self.last_key.update_value(|key| *key += 1);
        self.last_key.get_value()
    }

    fn take(self, mut files: Vec<File>) {
        files.iter_mut().for_each(|file| file.key = self.next_key());
        let first = files.first().map(|file| file.key);
        self.findings.set(Vec::new());
        self.page.set(None);
        self.files.set(files);
        match first {
            Some(key) => self.select(key),
            None => self.add("rabbitmq.conf".into(), String::new()),
        }
        self.lint();
    }

    pub(crate) fn example_names(self) -> Vec<String> {
        self.gallery.with(|g| g.iter().map(|(name, _)| name.clone()).collect())
    }

    pub(crate) fn choose_example(self, name: &str) {
        let files =
            self.gallery.with_untracked(|g| g.iter().find(|(n, _)| n == name).map(|(_, f)| f.clone()));
        if let Some(files) = files {
            self.take(files);
        }
    }

    /// Opens a new file, or gives one of the same name a new text.
    pub(crate) fn add(self, name: String, text: String) {
        let known = self.files.with_untracked(|files| files.iter().find(|f| f.name == name).map(|f| f.key));
        let key = known.unwrap_or_else(|| self.next_key());
        self.files.update(|files| match files.iter_mut().find(|f| f.key == key) {
            Some(file) => file.text = text,
            None => files.push(File { key, name, text }),
        });
        self.select(key);
        self.lint();
    }

    /// Opens the settings.
    pub(crate) fn add_settings(self) {
        match self.files.with_untracked(|files| files.iter().find(|f| f.name == SETTINGS).map(|f| f.key)) {
            Some(key) => self.select(key),
            None => self.add(SETTINGS.into(), "network = \"lan\"\n".into()),
        }
    }

    pub(crate) fn free_name(self) -> String {
        let taken = |name: &str| self.files.with_untracked(|files| files.iter().any(|f| f.name == name));
        (1..).map(|n| format!("file-{n}.conf")).find(|name| !taken(name)).unwrap_or_default()
    }

    pub(crate) fn rename(self, key: u32, name: String) {
        let taken = self.files.with_untracked(|files| files.iter().any(|f| f.name == name && f.key != key));
        if taken || name.is_empty() {
            self.notice.set(format!("A file needs a name of its own: \"{name}\" is none."));
            return;
        }
        self.files.update(|files| {
            if let Some(file) = files.iter_mut().find(|f| f.key == key) {
                file.name = name;
            }
        });
        // Its name tells its colours.
        bridge::forget(key);
        self.select(key);
        self.lint();
    }

    pub(crate) fn close(self, key: u32) {
        self.files.update(|files| files.retain(|f| f.key != key));
        bridge::forget(key);
        if self.open.get_untracked() == key {
            match self.files.with_untracked(|files| files.first().map(|f| f.key)) {
                Some(first) => self.select(first),
                None => self.add(self.free_name(), String::new()),
            }
        }
        self.lint();
    }

    pub(crate) fn select(self, key: u32) {
        self.open.set(key);
        if let Some(file) = self.current() {
            bridge::show(key, &file.name, &file.text);
            self.mark();
        }
    }

    fn current(self) -> Option<File> {
        let open = self.open.get_untracked();
        self.files.with_untracked(|files| files.iter().find(|f| f.key == open).cloned())
    }

    /// The editor's text is another one.
    pub(crate) fn typed(self, text: String, pasted: bool) {
        let open = self.open.get_untracked();
        self.files.update(|files| {
            if let Some(file) = files.iter_mut().find(|f| f.key == open) {
                file.text = text;
            }
        });
        if pasted { self.lint() } else { self.lint_after(PAUSE) }
    }

    fn lint(self) {
        self.lint_after(Duration::ZERO);
    }

    fn lint_after(self, pause: Duration) {
        self.run.update_value(|run| *run += 1);
        let run = self.run.get_value();
        set_timeout(
            move || {
                if self.run.get_value() == run {
                    spawn_local(self.judge(run));
                }
            },
            pause,
        );
    }

    fn inputs(self) -> Value {
        let files = self.files.get_untracked();
        let settings = files.iter().find(|f| f.name == SETTINGS).map(|f| f.text.clone()).unwrap_or_default();
        let files: Vec<&File> = files.iter().filter(|f| f.name != SETTINGS).collect();
        let now = js_sys::Date::new_0().to_iso_string().as_string();
        json!([files, {"settings": settings, "now": now}])
    }

    async fn judge(self, run: u32) {
        let answer = bridge::ask("lint", &self.inputs().to_string()).await;
        if self.run.get_value() != run {
            return;
        }
        match answer {
            Ok(text) => {
                let result: Value =
                    serde_json::from_str(&text.as_string().unwrap_or_default()).unwrap_or_default();
                let found = result["report"]["findings"].as_array().cloned().unwrap_or_default();
                let kinds = result["kinds"].as_array().cloned().unwrap_or_default();
                let names = self.files.with_untracked(|files| {
                    files.iter().map(|f| f.name.clone()).filter(|n| n != SETTINGS).collect::<Vec<_>>()
                });
                let kinds = names.into_iter().zip(kinds);
                self.kinds
                    .set(kinds.filter_map(|(name, kind)| Some((name, kind.as_str()?.to_owned()))).collect());
                self.findings.set(found);
                self.unread.set(result["report"]["notices"].as_array().cloned().unwrap_or_default());
                self.fault.set(String::new());
            }
            Err(fault) => self.fault.set(fault.as_string().unwrap_or_default()),
        }
        self.linted.set(true);
        self.mark();
    }

    /// Marks the findings of the open file in the editor.
    fn mark(self) {
        let Some(file) = self.current() else { return };
        let here: Vec<Value> = self.findings.with_untracked(|findings| {
            let numbered = findings.iter().enumerate().filter(|(_, f)| f["file"] == file.name.as_str());
            numbered
                .map(|(index, finding)| {
                    let mut finding = finding.clone();
                    finding["index"] = json!(index);
                    finding
                })
                .collect()
        });
        let apply = Closure::<dyn FnMut(u32)>::new(move |index| self.fix(index as usize));
        bridge::mark(&file.text, &json!(here).to_string(), &apply);
        // The marks may be clicked for as long as they stand; the browser frees it with them.
        apply.into_js_value();
    }

    /// Moves to a place, in whichever file it is.
    pub(crate) fn reveal(self, place: &Value) {
        let name = place["file"].as_str().unwrap_or_default();
        let file = self.files.with_untracked(|files| files.iter().find(|f| f.name == name).cloned());
        if let Some(file) = file {
            self.select(file.key);
            bridge::reveal(&file.text, &place.to_string());
        }
    }

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

    pub(crate) fn fix_all(self) {
        spawn_local(async move {
            let Ok(answer) = bridge::ask("fix", &self.inputs().to_string()).await else { return };
            let fixed: Value =
                serde_json::from_str(&answer.as_string().unwrap_or_default()).unwrap_or_default();
            let open = self.open.get_untracked();
            for file in fixed["files"].as_array().into_iter().flatten() {
                let text = file["text"].as_str().unwrap_or_default().to_owned();
                self.change(file["name"].as_str().unwrap_or_default(), text);
            }
            self.select(open);
            self.lint();
        });
    }

    /// Shows a rule's page.
    pub(crate) fn explain(self, rule: &str) {
        let inputs = json!([rule]).to_string();
        spawn_local(async move {
            if let Ok(answer) = bridge::ask("explain", &inputs).await {
                self.page.set(serde_json::from_str(&answer.as_string().unwrap_or_default()).ok());
            }
        });
    }

    pub(crate) fn share(self) {
        let text = json!(self.files.get_untracked()).to_string().to_lowercase();
        let secret = ["pass", "secret", "token", "private key", "://"].iter().any(|word| text.contains(word));
        if secret {
            self.notice.set(
                "These files may hold passwords or keys, and whoever has the link can read them.".into(),
            );
            self.asks_to_share.set(true);
        } else {
            self.share_anyway();
        }
    }

    pub(crate) fn share_anyway(self) {
        self.asks_to_share.set(false);
        let state = json!(self.files.get_untracked()).to_string();
        spawn_local(async move {
            bridge::share_link(&state).await;
            self.notice.set("The address of this page now holds the files; it is on the clipboard.".into());
        });
    }

    pub(crate) fn dismiss(self) {
        self.asks_to_share.set(false);
        self.notice.set(String::new());
    }

    pub(crate) fn turn_theme(self) {
        let dark = !self.dark.get_untracked().unwrap_or(false);
        self.dark.set(Some(dark));
        bridge::set_theme(if dark { "dark" } else { "light" });
    }
}
