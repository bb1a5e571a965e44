//! A rule's page beside the findings.

use leptos::prelude::*;
use serde_json::Value;

use crate::state::State;

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
        files.into_iter().map(|(name, body)| view! { <figure><figcaption>{name}</figcaption><pre>{text(&body)}</pre></figure> }).collect_view()
    };
    let sources: Vec<String> = document["sources"].as_array().into_iter().flatten().map(text).collect();
    view! {
        <aside class="rule" aria-label="Rule">
            <button class="close" aria-label="Close the rule" on:click=move |_| state.page.set(None)>"×"</button>
            <h2>{text(&document["title"])}</h2>
            <p class="name">{text(&page["rule"])}</p>
            <h3>"Why"</h3><p>{text(&document["why"])}</p>
            <h3>"What to do"</h3><p>{text(&document["help"])}</p>
            <h3>"Finds"</h3>{examples("bad")}
            <h3>"Accepts"</h3>{examples("good")}
            <h3>"Sources"</h3>
            <ul>{sources.into_iter().map(|source| if source.starts_with("https://") {
                view! { <li><a href=source.clone() rel="noreferrer" target="_blank">{source.clone()}</a></li> }.into_any()
            } else {
                view! { <li>{source}</li> }.into_any()
            }).collect_view()}</ul>
        </aside>
    }
}
