//! The page: files in an editor, findings beside them. Nothing is sent anywhere; the engine runs in a worker.

mod bridge;
mod findings;
mod rule;
mod state;
mod tabs;

use leptos::prelude::*;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

use findings::Findings;
use rule::RulePage;
use state::State;
use tabs::Tabs;

/// Puts the page into the document.
#[wasm_bindgen(start)]
pub fn start() {
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let state = State::new();
    let host = NodeRef::<leptos::html::Div>::new();
    host.on_load(move |host| {
        let changed = Closure::<dyn FnMut(String, bool)>::new(move |text, pasted| state.typed(text, pasted));
        bridge::mount(&host, &changed);
        // The editor lives as long as the page.
        changed.forget();
        let dropped = Closure::<dyn FnMut(String, String)>::new(move |name, text| state.add(name, text));
        bridge::on_drop(&dropped);
        dropped.forget();
        state.begin();
    });
    view! {
        <header>
            <h1>"connlint"</h1>
            <p class="promise">"Your text never leaves this tab."</p>
            <label class="choice">
                "Example "
                <select on:change=move |event| state.choose_example(&event_target_value(&event))>
                    <option value="">"choose…"</option>
                    <For each=move || state.example_names() key=|name| name.clone() let:name>
                        <option value=name.clone()>{name.clone()}</option>
                    </For>
                </select>
            </label>
            <button on:click=move |_| state.fix_all()>"Fix all safe"</button>
            <button on:click=move |_| state.share()>"Share link"</button>
            <button on:click=move |_| state.turn_theme() aria-label="Light or dark">"◐"</button>
        </header>
        <Show when=move || !state.fault.get().is_empty()>
            <p class="notice" role="alert">{move || state.fault.get()}</p>
        </Show>
        <Show when=move || !state.notice.get().is_empty()>
            <p class="notice" role="alert">
                {move || state.notice.get()}
                <Show when=move || state.asks_to_share.get()>
                    <button on:click=move |_| state.share_anyway()>"Share all the same"</button>
                </Show>
                <button on:click=move |_| state.dismiss()>"Close"</button>
            </p>
        </Show>
        <main>
            <section class="files" aria-label="Files">
                <Tabs state/>
                <div class="editor" node_ref=host></div>
            </section>
            <section class="results" aria-label="Findings">
                <Findings state/>
                <RulePage state/>
            </section>
        </main>
    }
}
