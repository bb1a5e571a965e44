//! The settings as a form. What it writes is the text of `connlint.toml`, which can be written by hand as well.

use leptos::prelude::*;

use crate::bridge;
use crate::state::{SETTINGS, State};
use crate::toml;

const NETWORKS: [&str; 3] = ["lan", "wan", "mobile"];
const PROFILES: [&str; 3] = ["internal", "external", "batch"];
const FROM: [&str; 3] = ["info", "warning", "error"];
/// Programs whose version decides most; others can be written by hand.
const TARGETS: [(&str, &str); 5] =
    [("rabbitmq", "4.1"), ("erlang", "27.0"), ("kafka", "4.0"), ("haproxy", "3.2"), ("redis", "8.0")];

impl State {
    /// Replaces the text of `connlint.toml`, without leaving the open file.
    pub(crate) fn write_settings(self, text: String) {
        let known =
            self.files.with_untracked(|files| files.iter().find(|f| f.name == SETTINGS).map(|f| f.key));
        match known {
            Some(key) if key == self.open.get_untracked() => bridge::replace(&text),
            Some(key) => self.files.update(|files| {
                if let Some(file) = files.iter_mut().find(|f| f.key == key) {
                    file.text = text;
                }
            }),
            None => {
                let open = self.open.get_untracked();
                self.add(SETTINGS.into(), text);
                self.select(open);
            }
        }
    }
}

#[component]
pub(crate) fn SettingsForm(state: State) -> impl IntoView {
    view! {
        <form class="settings" on:submit=|event| event.prevent_default()>
            <Choice state key="network" words="Network" choices=&NETWORKS/>
            <Choice state key="profile" words="Profile" choices=&PROFILES/>
            <Choice state key="min-severity" words="Shown from" choices=&FROM/>
            <label>
                <span>{move || state.say("Evaluated at")}</span>
                <input
                    type="text"
                    placeholder="2026-01-31T00:00:00Z"
                    prop:value=move || state.now.get()
                    on:change=move |event| {
                        state.now.set(event_target_value(&event).trim().to_owned());
                        state.lint();
                    }
                />
            </label>
            <fieldset>
                <legend>{move || state.say("Versions in use")}</legend>
                {TARGETS.into_iter().map(|(program, example)| view! {
                    <label>
                        <span>{program}</span>
                        <input
                            type="text"
                            placeholder=example
                            prop:value=move || toml::get(&state.settings_text(), "targets", program).unwrap_or_default()
                            on:change=move |event| {
                                let version = event_target_value(&event).trim().to_owned();
                                state.set_option("targets", program, (!version.is_empty()).then_some(version.as_str()));
                            }
                        />
                    </label>
                }).collect_view()}
            </fieldset>
            <h2>{move || state.say("Written to connlint.toml")}</h2>
            <pre tabindex="0">{move || state.settings_text()}</pre>
            <label class="check-line">
                <input
                    type="checkbox"
                    prop:checked=move || state.keeps.get()
                    on:change=move |event| {
                        state.keeps.set(event_target_checked(&event));
                        state.keep();
                    }
                />
                <span>{move || state.say("Keep my files in this browser")}</span>
            </label>
            <p>{move || state.say(if state.keeps.get() {
                "The page keeps your files in this browser until you clear them."
            } else {
                "Not kept: your files live in this tab only."
            })}</p>
            <button type="button" on:click=move |_| state.forget_all()>{move || state.say("Clear what is kept")}</button>
        </form>
    }
}

#[component]
fn Choice(
    state: State,
    key: &'static str,
    words: &'static str,
    choices: &'static [&'static str],
) -> impl IntoView {
    let chosen = move || toml::get(&state.settings_text(), "", key).unwrap_or_default();
    view! {
        <label>
            <span>{move || state.say(words)}</span>
            <select
                prop:value=chosen
                on:change=move |event| {
                    let value = event_target_value(&event);
                    state.set_option("", key, (!value.is_empty()).then_some(value.as_str()));
                }
            >
                <option value="">"–"</option>
                {choices.iter().map(|choice| view! {
                    <option value=*choice selected=move || chosen() == *choice>{*choice}</option>
                }).collect_view()}
            </select>
        </label>
    }
}
