//! The files as tabs.

use leptos::prelude::*;

use crate::custom;
use crate::state::{SETTINGS, State};
use crate::toml;

#[component]
pub(crate) fn Tabs(state: State) -> impl IntoView {
    let names = move || state.files.get().into_iter().map(|f| (f.key, f.name)).collect::<Vec<_>>();
    let count = move |name: &str| state.findings.with(|f| f.iter().filter(|f| f["file"] == name).count());
    view! {
        <div class="strip">
        <div class="tabs" role="tablist" aria-label=move || state.say("Files")>
            <For
                each=names
                key=|file| file.clone()
                let:file
            >
                {
                    let (key, name) = file;
                    let counted = name.clone();
                    let renamed = name.clone();
                    let closed = format!("Close {name}");
                    view! {
                        <span class="tab" class:open=move || state.open.get() == key>
                            <button
                                role="tab"
                                aria-selected=move || (state.open.get() == key).to_string()
                                title="Double-click to rename, Delete to close"
                                aria-keyshortcuts="Delete"
                                on:keydown=move |event| if event.key() == "Delete" { state.close(key) }
                                on:click=move |_| state.select(key)
                                on:dblclick=move |_| {
                                    let asked = window().prompt_with_message_and_default(state.lang.get_untracked().say("Name of the file"), &renamed);
                                    if let Ok(Some(name)) = asked { state.rename(key, name) }
                                }
                            >
                                {name.clone()}
                                {move || {
                                    let n = count(&counted);
                                    (n > 0).then(|| view! { <b class="count">{n}</b> })
                                }}
                            </button>
                            <button class="close" title=closed tabindex="-1" aria-hidden="true" on:click=move |_| state.close(key)>"×"</button>
                        </span>
                    }
                }
            </For>
        </div>
            <button class="add" on:click=move |_| state.add(state.free_name(), String::new()) aria-label=move || state.say("New file")>"+"</button>
            <button class="add" on:click=move |_| state.add_settings()>{SETTINGS}</button>
            <button class="add" on:click=move |_| state.new_rule()>{move || state.say("New rule")}</button>
        </div>
        <KindLine state/>
    }
}

/// What the open file was taken for, and a way to put that right.
#[component]
fn KindLine(state: State) -> impl IntoView {
    let settings = Memo::new(move |_| state.settings_text());
    let open = Memo::new(move |_| {
        let key = state.open.get();
        let linted = |f: &&crate::state::File| f.key == key && f.name != SETTINGS && !custom::is_rule(f);
        state.files.with(|files| files.iter().find(linted).map(|f| f.name.clone()))
    });
    let set = move |name: &str| toml::get(&settings.get(), "files", name).unwrap_or_default();
    view! {
        <p class="kind">
            {move || open.get().map(|name| {
                let known = state.kinds.with(|kinds| kinds.get(&name).cloned());
                let (chosen, written) = (set(&name), name.clone());
                view! {
                    <span>{known.unwrap_or_else(|| state.say("not recognised").to_owned())}</span>
                    <select
                        aria-label=state.say("Kind of this file")
                        on:change=move |event| {
                            let kind = event_target_value(&event);
                            state.set_option("files", &written, (!kind.is_empty()).then_some(kind.as_str()));
                        }
                    >
                        <option value="">{state.say("as the file says")}</option>
                        {state.all_kinds.get().into_iter().map(|kind| {
                            let is_chosen = kind == chosen;
                            view! { <option value=kind.clone() selected=is_chosen>{kind.clone()}</option> }
                        }).collect_view()}
                    </select>
                }
            })}
        </p>
    }
}
