//! What the page knows, and what can be done to it.

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::prelude::Closure;

use crate::bridge;
use crate::translation::Translation;
use crate::words::Lang;
use crate::{custom, timeline};

/// The tab that holds settings instead of a file to lint.
pub(crate) const SETTINGS: &str = "connlint.toml";
/// Typing pauses this long before it is linted.
const PAUSE: Duration = Duration::from_millis(120);

/// What stands beside the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    Findings,
    Deployment,
    Rules,
    Settings,
}

/// A thing that a notice offers to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    ShareMasked,
    ShareAnyway,
    Undo,
    Reload,
}

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
    pub(crate) offers: RwSignal<Vec<Offer>>,
    pub(crate) linted: RwSignal<bool>,
    /// How long the engine took, in milliseconds.
    pub(crate) took: RwSignal<f64>,
    pub(crate) pane: RwSignal<Pane>,
    pub(crate) lang: RwSignal<Lang>,
    pub(crate) translation: RwSignal<Option<Translation>>,
    /// Deployments and the facts that they join.
    pub(crate) deployments: RwSignal<Value>,
    pub(crate) facts: RwSignal<Value>,
    /// What is wrong with rules of the user's own, by file.
    pub(crate) checks: RwSignal<BTreeMap<String, Value>>,
    /// All built-in rules, and all kinds of files.
    pub(crate) rules: RwSignal<Vec<Value>>,
    pub(crate) all_kinds: RwSignal<Vec<String>>,
    /// The evaluation time; the present when empty.
    pub(crate) now: RwSignal<String>,
    /// Whether files are kept in this browser.
    pub(crate) keeps: RwSignal<bool>,
    /// The finding that was gone to last.
    pub(crate) here: RwSignal<Option<usize>>,
    /// Texts before all fixes were made.
    pub(crate) before: StoredValue<Vec<(String, String)>>,
    gallery: RwSignal<Vec<(String, Vec<File>)>>,
    pub(crate) dark: RwSignal<Option<bool>>,
    /// Whether these files have just been taken up.
    fresh: StoredValue<bool>,
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
            offers: RwSignal::new(Vec::new()),
            linted: RwSignal::new(false),
            took: RwSignal::new(0.0),
            pane: RwSignal::new(Pane::Findings),
            lang: RwSignal::new(Lang::English),
            translation: RwSignal::new(None),
            deployments: RwSignal::new(Value::Null),
            facts: RwSignal::new(Value::Null),
            checks: RwSignal::new(BTreeMap::new()),
            rules: RwSignal::new(Vec::new()),
            all_kinds: RwSignal::new(Vec::new()),
            now: RwSignal::new(String::new()),
            keeps: RwSignal::new(false),
            here: RwSignal::new(None),
            before: StoredValue::new(Vec::new()),
            gallery: RwSignal::new(Vec::new()),
            dark: RwSignal::new(None),
            fresh: StoredValue::new(false),
            last_key: StoredValue::new(0),
            run: StoredValue::new(0),
        }
    }

    /// The page's words in the chosen language; reactive.
    pub(crate) fn say(self, english: &'static str) -> &'static str {
        self.lang.get().say(english)
    }

    /// Loads the examples, and the link's files, those kept here, or the first example.
    pub(crate) fn begin(self) {
        self.recall();
        spawn_local(async move {
            if let Ok(kinds) = bridge::ask("kinds", "[]").await {
                let mut kinds: Vec<String> =
                    serde_json::from_str(&kinds.as_string().unwrap_or_default()).unwrap_or_default();
                kinds.sort();
                self.all_kinds.set(kinds);
            }
        });
        spawn_local(async move {
            let gallery = bridge::examples().await.as_string().unwrap_or_default();
            self.gallery.set(serde_json::from_str(&gallery).unwrap_or_default());
            let shared = bridge::shared().await.as_string().unwrap_or_default();
            match serde_json::from_str::<Vec<File>>(&shared) {
                Ok(files) if !files.is_empty() => self.take(files),
                _ if !self.recalled().is_empty() => self.take(self.recalled()),
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

    pub(crate) fn take(self, mut files: Vec<File>) {
        files.iter_mut().for_each(|file| file.key = self.next_key());
        let first = files.first().map(|file| file.key);
        self.findings.set(Vec::new());
        self.page.set(None);
        self.here.set(None);
        self.fresh.set_value(true);
        self.files.set(files);
        match first {
            Some(key) => self.select(key),
            None => self.add("rabbitmq.conf".into(), String::new()),
        }
        self.lint();
    }

    /// Shows the file that the first finding is in.
    fn show_first(self) {
        let name = self.findings.with_untracked(|f| f.first().map(|f| f["file"].clone()));
        let file = self.files.with_untracked(|files| {
            files.iter().find(|f| name.as_ref().is_some_and(|n| *n == f.name.as_str())).map(|f| f.key)
        });
        if let Some(key) = file {
            self.select(key);
        }
    }

    /// Files that were dropped or opened: they take the place of an example, and join what was written here.
    pub(crate) fn add_all(self, files: &str) {
        let Ok(files) = serde_json::from_str::<Vec<File>>(files) else { return };
        let is_example = self.gallery.with_untracked(|gallery| {
            self.files.with_untracked(|open| {
                let same = |a: &File, b: &File| a.name == b.name && a.text == b.text;
                gallery
                    .iter()
                    .any(|(_, of)| of.len() == open.len() && of.iter().zip(open).all(|(a, b)| same(a, b)))
            })
        });
        if files.is_empty() {
            return;
        }
        if is_example {
            self.take(files);
            return;
        }
        for file in files {
            self.add(file.name, file.text);
        }
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

    /// Says something, and offers what can be done about it.
    pub(crate) fn tell(self, words: impl Into<String>, offers: &[Offer]) {
        self.notice.set(words.into());
        self.offers.set(offers.to_vec());
    }

    /// Shows another pane; a drawing needs facts.
    pub(crate) fn turn_to(self, pane: Pane) {
        self.pane.set(pane);
        if pane == Pane::Deployment && self.facts.with_untracked(Value::is_null) {
            self.lint();
        }
        if pane == Pane::Rules {
            self.load_rules();
        }
    }

    /// Goes to the next finding, or the one before, whichever file it is in.
    pub(crate) fn step(self, forwards: bool) {
        let count = self.findings.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        let next = match (self.here.get_untracked(), forwards) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
        };
        self.here.set(Some(next));
        if let Some(finding) = self.findings.with_untracked(|f| f.get(next).cloned()) {
            self.reveal(&finding);
        }
    }

    pub(crate) fn free_name(self) -> String {
        let taken = |name: &str| self.files.with_untracked(|files| files.iter().any(|f| f.name == name));
        (1..).map(|n| format!("file-{n}.conf")).find(|name| !taken(name)).unwrap_or_default()
    }

    pub(crate) fn rename(self, key: u32, name: String) {
        let taken = self.files.with_untracked(|files| files.iter().any(|f| f.name == name && f.key != key));
        if taken || name.is_empty() {
            self.tell(self.lang.get_untracked().say("A file needs a name of its own."), &[]);
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

    pub(crate) fn current(self) -> Option<File> {
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

    pub(crate) fn lint(self) {
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

    /// The files to lint, and the options of the run.
    pub(crate) fn inputs(self) -> (Vec<File>, Value, Vec<File>) {
        let files = self.files.get_untracked();
        let settings = files.iter().find(|f| f.name == SETTINGS).map(|f| f.text.clone()).unwrap_or_default();
        let (rules, files): (Vec<File>, Vec<File>) =
            files.into_iter().filter(|f| f.name != SETTINGS).partition(custom::is_rule);
        let set = self.now.get_untracked();
        let now = if set.is_empty() { js_sys::Date::new_0().to_iso_string().into() } else { set };
        (files, json!({"settings": settings, "now": now}), rules)
    }

    /// Facts are many: they are asked for when something on the page is drawn from them.
    fn wants_facts(self) -> bool {
        self.pane.get_untracked() == Pane::Deployment
            || self.findings.with_untracked(|all| all.iter().any(timeline::concerns))
    }

    async fn judge(self, run: u32) {
        let (files, options, rules) = self.inputs();
        let rules: Vec<_> = rules.iter().map(|f| json!({"name": custom::name(f), "text": f.text})).collect();
        let inputs = json!([files, options, rules, self.wants_facts()]);
        let answer = bridge::ask("judge", &inputs.to_string()).await;
        if self.run.get_value() != run {
            return;
        }
        match answer {
            Ok(text) => {
                let result: Value =
                    serde_json::from_str(&text.as_string().unwrap_or_default()).unwrap_or_default();
                self.took.set(result["took"].as_f64().unwrap_or_default());
                let checks = result["checks"].as_object().cloned().unwrap_or_default();
                self.checks.set(checks.into_iter().collect());
                let mut seen = result["inspected"].clone();
                let kinds = seen["kinds"].as_array().cloned().unwrap_or_default().into_iter();
                let kinds = files.into_iter().map(|f| f.name).zip(kinds);
                self.kinds
                    .set(kinds.filter_map(|(name, kind)| Some((name, kind.as_str()?.to_owned()))).collect());
                let lacked = !self.wants_facts();
                self.deployments.set(seen["deployments"].take());
                self.findings.set(seen["report"]["findings"].as_array().cloned().unwrap_or_default());
                self.unread.set(seen["report"]["notices"].as_array().cloned().unwrap_or_default());
                self.facts.set(seen["facts"].take());
                self.fault.set(String::new());
                if lacked && self.wants_facts() {
                    self.lint();
                }
            }
            Err(fault) => self.fault.set(fault.as_string().unwrap_or_default()),
        }
        self.linted.set(true);
        self.keep_files();
        if self.fresh.get_value() {
            self.fresh.set_value(false);
            self.show_first();
        }
        self.mark();
    }

    /// Marks the findings of the open file in the editor.
    pub(crate) fn mark(self) {
        let Some(file) = self.current() else { return };
        if let Some(check) = self.checks.with_untracked(|c| c.get(&custom::name(&file)).cloned())
            && custom::is_rule(&file)
        {
            bridge::mark(&file.text, &custom::marks(&check).to_string(), &Closure::new(|_| {}));
            return;
        }
        let here: Vec<Value> = self.findings.with_untracked(|findings| {
            let numbered = findings.iter().enumerate().filter(|(_, f)| f["file"] == file.name.as_str());
            numbered
                .map(|(index, finding)| {
                    let mut finding = finding.clone();
                    finding["index"] = json!(index);
                    for field in ["message", "help"] {
                        finding[field] = json!(untrack(|| self.told(&finding, field)));
                    }
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
}
