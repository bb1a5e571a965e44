//! Rules of the user's own: a file below `rules/` is one, checked and run on the other files as it is written.

use leptos::prelude::*;
use serde_json::{Value, json};

use crate::state::{File, State};

/// A rule to begin with. It finds something in most files, and its examples hold.
const TEMPLATE: &str = include_str!("template.yaml");

/// Whether a file is a rule rather than something to lint.
pub(crate) fn is_rule(file: &File) -> bool {
    file.name.starts_with("rules/")
        && file.name.ends_with(".yaml")
        && ["applies:", "when:", "examples:"].iter().all(|key| file.text.contains(key))
}

/// The rule's name: its path.
pub(crate) fn name(file: &File) -> String {
    let path = file.name.strip_prefix("rules/").unwrap_or(&file.name);
    path.strip_suffix(".yaml").unwrap_or(path).to_owned()
}

/// Mistakes in the form in which the editor marks findings.
pub(crate) fn marks(check: &Value) -> Value {
    let mistakes = check["mistakes"].as_array().into_iter().flatten();
    let marks = mistakes.map(|mistake| {
        let mut mark = mistake.clone();
        mark["severity"] = json!("error");
        mark["rule"] = json!("rule file");
        mark["help"] = json!("");
        mark
    });
    marks.collect()
}

impl State {
    /// Opens a new rule.
    pub(crate) fn new_rule(self) {
        let taken = |name: &str| self.files.with_untracked(|files| files.iter().any(|f| f.name == name));
        let name = (1..).map(|n| format!("rules/own/rule-{n}.yaml")).find(|name| !taken(name));
        self.add(name.unwrap_or_default(), TEMPLATE.to_owned());
    }
}

/// How the open rule does, above the findings.
#[component]
pub(crate) fn RuleCheck(state: State) -> impl IntoView {
    move || {
        let open = state.open.get();
        let file = state.files.with(|files| files.iter().find(|f| f.key == open && is_rule(f)).cloned())?;
        let check = state.checks.with(|checks| checks.get(&name(&file)).cloned())?;
        let mistakes = check["mistakes"].as_array().cloned().unwrap_or_default();
        let examples = check["examples"].as_array().cloned().unwrap_or_default();
        let fine = mistakes.is_empty() && examples.iter().all(|e| e["fault"].is_null());
        let told = mistakes.into_iter().map(|mistake| {
            let words = format!("{}: {}", mistake["line"], mistake["message"].as_str().unwrap_or_default());
            let mut place = mistake;
            place["file"] = json!(file.name);
            view! { <li class="fails"><button class="link" on:click=move |_| state.reveal(&place)>{words}</button></li> }
        });
        let tried = examples.into_iter().map(|example| {
            let number = example["index"].as_u64().unwrap_or_default() + 1;
            let title = format!("{} {number}", example["group"].as_str().unwrap_or_default());
            match example["fault"].as_str() {
                None => view! { <li class="holds">{format!("✓ {title}")}</li> }.into_any(),
                Some(fault) => view! { <li class="fails">{format!("✗ {title}: {fault}")}</li> }.into_any(),
            }
        });
        Some(view! {
            <section class="check" aria-label=name(&file)>
                <h2>{name(&file)}</h2>
                {fine.then(|| view! { <p>{state.say("The rule behaves on every example.")}</p> })}
                <ul>{told.collect_view()}{tried.collect_view()}</ul>
            </section>
        })
    }
}
