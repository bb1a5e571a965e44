//! The files as tabs.

use leptos::prelude::*;

use crate::state::State;

#[component]
pub(crate) fn Tabs(state: State) -> impl IntoView {
    let kind = move || {
        let open = state.open.get();
        let name = state.files.with(|f| f.iter().find(|f| f.key == open).map(|f| f.name.clone()))?;
        Some(state.kinds.with(|k| k.get(&name).cloned()).unwrap_or_else(|| "not recognised".into()))
    };
    let names = move || state.files.get().into_iter().map(|f| (f.key, f.name)).collect::<Vec<_>>();
    let count = move |name: &str| state.findings.with(|f| f.iter().filter(|f| f["file"] == name).count());
    view! {
        <div class="tabs" role="tablist" aria-label="Files">
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
                                title="Double-click to rename"
                                on:click=move |_| state.select(key)
                                on:dblclick=move |_| {
                                    let asked = window().prompt_with_message_and_default("Name of the file", &renamed);
                                    if let Ok(Some(name)) = asked { state.rename(key, name) }
                                }
                            >
                                {name.clone()}
                                {move || {
                                    let n = count(&counted);
                                    (n > 0).then(|| view! { <b class="count">{n}</b> })
                                }}
                            </button>
                            <button class="close" aria-label=closed on:click=move |_| state.close(key)>"×"</button>
                        </span>
                    }
                }
            </For>
            <button class="add" on:click=move |_| state.add(state.free_name(), String::new()) aria-label="New file">"+"</button>
            <button class="add" on:click=move |_| state.add_settings()>"Settings"</button>
        </div>
        <p class="kind">{kind}</p>
    }
}
