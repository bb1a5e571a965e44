//! The page: files in an editor, findings beside them. Nothing is sent anywhere; the engine runs in a worker.

mod bridge;
mod custom;
mod findings;
mod mending;
mod picture;
mod prose;
mod rules;
mod settings;
mod sharing;
mod state;
mod tabs;
mod timeline;
mod toml;
mod translation;
mod words;

use leptos::prelude::*;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

use custom::RuleCheck;
use findings::Findings;
use picture::Picture;
use rules::{RuleList, RulePage};
use settings::SettingsForm;
use state::{Offer, Pane, State};
use tabs::Tabs;
use words::Lang;

/// Puts the page into the document.
#[wasm_bindgen(start)]
pub fn start() {
    mount_to_body(App);
}

/// Connects what the browser reports; all of it lives as long as the page.
fn listen(state: State, host: &web_sys::HtmlElement) {
    let changed = Closure::<dyn FnMut(String, bool)>::new(move |text, pasted| state.typed(text, pasted));
    bridge::mount(host, &changed);
    changed.forget();
    let opened = Closure::<dyn FnMut(String)>::new(move |files: String| state.add_all(&files));
    bridge::on_files(&opened);
    opened.forget();
    let step = Closure::<dyn FnMut(bool)>::new(move |forwards| state.step(forwards));
    bridge::on_step(&step);
    step.forget();
    let newer = Closure::<dyn FnMut()>::new(move || {
        let words = state.lang.get_untracked().say("A newer version of this page is ready.");
        state.tell(words, &[Offer::Reload]);
    });
    bridge::on_newer(&newer);
    newer.forget();
}

#[component]
fn App() -> impl IntoView {
    let state = State::new();
    let host = NodeRef::<leptos::html::Div>::new();
    host.on_load(move |host| {
        listen(state, &host);
        state.begin();
    });
    view! {
        <Head state/>
        <Notices state/>
        <main>
            <section class="files" aria-label=move || state.say("Files")>
                <Tabs state/>
                <div class="editor" node_ref=host></div>
            </section>
            <section class="results" aria-label=move || state.say("Findings")>
                <Panes state/>
                <div class="pane" id="pane" role="tabpanel" aria-labelledby=move || format!("to-{:?}", state.pane.get())>
                    {move || match state.pane.get() {
                        Pane::Findings => view! { <RuleCheck state/><Findings state/> }.into_any(),
                        Pane::Deployment => view! { <Picture state/> }.into_any(),
                        Pane::Rules => view! { <RuleList state/> }.into_any(),
                        Pane::Settings => view! { <SettingsForm state/> }.into_any(),
                    }}
                </div>
                <RulePage state/>
            </section>
        </main>
    }
}

#[component]
fn Head(state: State) -> impl IntoView {
    view! {
        <header>
            <h1>"connlint"</h1>
            <p class="promise">{move || state.say("Your text never leaves this tab.")}</p>
            <label class="choice">
                {move || state.say("Example")} " "
                <select on:change=move |event| state.choose_example(&event_target_value(&event))>
                    <option value="">{move || state.say("choose…")}</option>
                    <For each=move || state.example_names() key=|name| name.clone() let:name>
                        <option value=name.clone()>{name.clone()}</option>
                    </For>
                </select>
            </label>
            <button on:click=move |_| bridge::open_files(false)>{move || state.say("Open files")}</button>
            <button on:click=move |_| bridge::open_files(true)>{move || state.say("Open folder")}</button>
            <button on:click=move |_| state.fix_all()>{move || state.say("Fix all safe")}</button>
            <button on:click=move |_| state.share()>{move || state.say("Share link")}</button>
            <select
                aria-label=move || state.say("Language")
                on:change=move |event| state.speak(&event_target_value(&event))
            >
                {[(Lang::English, "English"), (Lang::Chinese, "简体中文")].into_iter().map(|(lang, name)| view! {
                    <option value=lang.tag() lang=lang.tag() selected=move || state.lang.get() == lang>{name}</option>
                }).collect_view()}
            </select>
            <button on:click=move |_| state.turn_theme() aria-label=move || state.say("Light or dark")>"◐"</button>
        </header>
    }
}

#[component]
fn Notices(state: State) -> impl IntoView {
    let words = |offer| match offer {
        Offer::ShareMasked => "Share with *** for each secret",
        Offer::ShareAnyway => "Share all the same",
        Offer::Undo => "Undo",
        Offer::Reload => "Load it",
    };
    view! {
        <Show when=move || !state.fault.get().is_empty()>
            <p class="notice" role="alert">{move || state.fault.get()}</p>
        </Show>
        <Show when=move || !state.notice.get().is_empty()>
            <p class="notice" role="alert">
                {move || state.notice.get()}
                {move || state.offers.get().into_iter().map(|offer| view! {
                    <button on:click=move |_| state.accept(offer)>{state.say(words(offer))}</button>
                }).collect_view()}
                <button on:click=move |_| state.dismiss()>{move || state.say("Close")}</button>
            </p>
        </Show>
    }
}

#[component]
fn Panes(state: State) -> impl IntoView {
    const ALL: [(Pane, &str); 4] = [
        (Pane::Findings, "Findings"),
        (Pane::Deployment, "Deployment"),
        (Pane::Rules, "Rules"),
        (Pane::Settings, "Settings"),
    ];
    view! {
        <div class="panes" role="tablist" aria-label=move || state.say("Findings")>
            {ALL.into_iter().map(|(pane, words)| view! {
                <button
                    role="tab"
                    id=format!("to-{pane:?}")
                    aria-controls="pane"
                    aria-selected=move || (state.pane.get() == pane).to_string()
                    on:click=move |_| state.turn_to(pane)
                >{move || state.say(words)}</button>
            }).collect_view()}
        </div>
    }
}
