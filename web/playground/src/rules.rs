//! The rules: a list to search, and the page of one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::bridge;
use crate::findings::word_of;
use crate::prose::template;
use crate::state::{SETTINGS, State};
use crate::toml;

/// So many rules are listed at once; a longer list is one to search, not to read.
const MOST_LISTED: usize = 200;
/// What a rule can be set to.
const CHOICES: [&str; 4] = ["error", "warning", "info", "off"];

impl State {
    /// Asks for all rules and kinds once.
    pub(crate) fn load_rules(self) {
        if !self.rules.with_untracked(Vec::is_empty) {
            return;
        }
        spawn_local(async move {
            if let Ok(answer) = bridge::ask("rules", "[]").await {
                self.rules
                    .set(serde_json::from_str(&answer.as_string().unwrap_or_default()).unwrap_or_default());
            }
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

    /// The text of the settings, or nothing.
    pub(crate) fn settings_text(self) -> String {
        self.files.with(|files| {
            files.iter().find(|f| f.name == SETTINGS).map(|f| f.text.clone()).unwrap_or_default()
        })
    }

    /// Writes one setting into `connlint.toml`, which begins to exist with it.
    pub(crate) fn set_option(self, table: &str, key: &str, value: Option<&str>) {
        let text = toml::set(&untrack(|| self.settings_text()), table, key, value);
        self.write_settings(text);
        self.lint();
    }
}

#[component]
pub(crate) fn RuleList(state: State) -> impl IntoView {
    let wanted = RwSignal::new(String::new());
    let fits = |rule: &Value, words: &str| {
        let held = ["rule", "title", "category", "severity"].map(|k| rule[k].as_str().unwrap_or_default());
        let held = held.join(" ").to_lowercase();
        words.split_whitespace().all(|word| held.contains(word))
    };
    let shown = move || {
        let words = wanted.get().to_lowercase();
        state.rules.with(|all| all.iter().filter(|r| fits(r, &words)).cloned().collect::<Vec<_>>())
    };
    view! {
        <div class="bar">
            <p class="summary" role="status">{move || format!("{} {}", shown().len(), state.say("rules"))}</p>
            <input
                type="search"
                placeholder=move || state.say("Search rules")
                aria-label=move || state.say("Search rules")
                on:input=move |event| wanted.set(event_target_value(&event))
            />
            <button on:click=move |_| state.new_rule()>{move || state.say("New rule")}</button>
        </div>
        <ul class="rules">
            {move || shown().into_iter().take(MOST_LISTED).map(|rule| {
                let text = |field: &str| rule[field].as_str().unwrap_or_default().to_owned();
                let (id, severity) = (text("rule"), text("severity"));
                let asked = id.clone();
                view! {
                    <li class=severity.clone()>
                        <button class="jump" on:click=move |_| state.explain(&asked)>
                            <span class="word">{state.say(word_of(&severity))}</span>
                            <span class="message">{state.told_of_rule(&id, "title", &text("title"))}</span>
                            <span class="at">{id}</span>
                        </button>
                    </li>
                }
            }).collect_view()}
        </ul>
    }
}

/// The page of a rule, below whatever pane is open.
#[component]
pub(crate) fn RulePage(state: State) -> impl IntoView {
    move || state.page.get().map(|page| shown(state, &page))
}

fn shown(state: State, page: &Value) -> impl IntoView + use<> {
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let document = &page["document"];
    let examples = |kind: &str| {
        let first = page["examples"][kind].as_array().and_then(|list| list.first()).cloned();
        let files = first.and_then(|e| e["files"].as_object().cloned()).unwrap_or_default();
        files
            .into_iter()
            .map(|(name, body)| {
                view! {
                    <figure><figcaption>{name}</figcaption><pre tabindex="0">{text(&body)}</pre></figure>
                }
            })
            .collect_view()
    };
    let sources: Vec<String> = document["sources"].as_array().into_iter().flatten().map(text).collect();
    let proof = document["proof"].as_str().map(str::to_owned);
    let id = text(&page["rule"]);
    let (named, set) = (id.clone(), id.clone());
    let told = |field: &str| state.told_of_rule(&id, field, &text(&document[field]));
    let facts = format!(
        "{} · {} · {} {}",
        text(&document["severity"]),
        text(&document["category"]),
        state.say("Since"),
        text(&document["since"])
    );
    view! {
        <aside class="rule" aria-label=state.say("Rule")>
            <button class="close" aria-label=state.say("Close the rule") on:click=move |_| state.page.set(None)>"×"</button>
            <h2>{told("title")}</h2>
            <p class="name">{id.clone()}</p>
            <p class="name">{facts}</p>
            <label class="choice">
                {state.say("In place of the rule's own severity")} " "
                <select on:change=move |event| {
                    let chosen = event_target_value(&event);
                    state.set_option("severity", &set, (!chosen.is_empty()).then_some(chosen.as_str()));
                }>
                    <option value="">{state.say("the rule's own")}</option>
                    {CHOICES.into_iter().map(|choice| {
                        let chosen = toml::get(&untrack(|| state.settings_text()), "severity", &named);
                        view! { <option value=choice selected=chosen.as_deref() == Some(choice)>{state.say(choice)}</option> }
                    }).collect_view()}
                </select>
            </label>
            <p class="says">{template(&told("message"))}</p>
            <h3>{state.say("Why")}</h3><p lang="en">{template(&text(&document["why"]))}</p>
            <h3>{state.say("What to do")}</h3><p>{template(&told("help"))}</p>
            <h3>{state.say("Finds")}</h3>{examples("bad")}
            <h3>{state.say("Accepts")}</h3>{examples("good")}
            <h3>{state.say("Sources")}</h3>
            <ul>{sources.into_iter().map(|source| if source.starts_with("https://") {
                view! { <li><a href=source.clone() rel="noreferrer" target="_blank">{source.clone()}</a></li> }.into_any()
            } else {
                view! { <li>{source}</li> }.into_any()
            }).collect_view()}</ul>
            {proof.map(|proof| view! { <h3>{state.say("Proof")}</h3><p>{proof}</p> })}
        </aside>
    }
}
