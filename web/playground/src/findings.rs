//! The list of findings.

use leptos::prelude::*;
use serde_json::Value;

use crate::state::State;

/// Severities and what many of one are called.
const SEVERITIES: [(&str, &str); 3] = [("error", "errors"), ("warning", "warnings"), ("info", "infos")];

#[component]
pub(crate) fn Findings(state: State) -> impl IntoView {
    let filter = RwSignal::new(String::new());
    let hidden = RwSignal::new(Vec::<&str>::new());
    let shown = move || {
        let words = filter.get().to_lowercase();
        let hidden = hidden.get();
        state.findings.with(|all| {
            let numbered = all.iter().cloned().enumerate();
            numbered
                .filter(|(_, f)| !hidden.iter().any(|h| f["severity"] == *h))
                .filter(|(_, f)| {
                    ["rule", "message", "file"]
                        .iter()
                        .any(|k| f[*k].as_str().unwrap_or_default().to_lowercase().contains(&words))
                })
                .collect::<Vec<_>>()
        })
    };
    let count =
        move |severity: &str| state.findings.with(|f| f.iter().filter(|f| f["severity"] == severity).count());
    let summary = move || match (state.linted.get(), state.findings.with(Vec::len)) {
        (false, _) => "Loading the engine…".to_owned(),
        (true, 0) => "Nothing found.".to_owned(),
        (true, 1) => "1 finding".to_owned(),
        (true, n) => format!("{n} findings"),
    };
    view! {
        <div class="bar">
            <p class="summary" role="status">{summary}</p>
            {SEVERITIES.into_iter().map(|(severity, many)| view! {
                <button
                    class=format!("filter {severity}")
                    aria-pressed=move || (!hidden.with(|h| h.contains(&severity))).to_string()
                    on:click=move |_| hidden.update(|h| match h.iter().position(|s| *s == severity) {
                        Some(at) => { h.remove(at); }
                        None => h.push(severity),
                    })
                >{move || count(severity)} " " {move || if count(severity) == 1 { severity } else { many }}</button>
            }).collect_view()}
            <input
                type="search"
                placeholder="Filter"
                aria-label="Filter findings"
                on:input=move |event| filter.set(event_target_value(&event))
            />
        </div>
        <ul class="findings">
            {move || shown().into_iter().map(|(index, finding)| entry(state, index, finding)).collect_view()}
        </ul>
        <ul class="unread">
            {move || state.unread.get().into_iter().map(|notice| {
                let words = format!("{} {}", place(&notice), text(&notice, "message"));
                view! { <li><button class="link" on:click=move |_| state.reveal(&notice)>{words}</button></li> }
            }).collect_view()}
        </ul>
    }
}

fn text(finding: &Value, field: &str) -> String {
    finding[field].as_str().unwrap_or_default().to_owned()
}

fn place(value: &Value) -> String {
    format!("{}:{}", text(value, "file"), value["line"])
}

fn entry(state: State, index: usize, finding: Value) -> impl IntoView {
    let (rule, severity) = (text(&finding, "rule"), text(&finding, "severity"));
    let explained = rule.clone();
    let related = finding["related"].as_array().cloned().unwrap_or_default();
    let fix = finding["fix"]["title"].as_str().map(str::to_owned);
    let (message, why, help, at) =
        (text(&finding, "message"), text(&finding, "why"), text(&finding, "help"), place(&finding));
    view! {
        <li class=format!("finding {severity}")>
            <button class="jump" on:click=move |_| state.reveal(&finding)>
                <span class="word">{severity.clone()}</span>
                <span class="message">{message}</span>
                <span class="at">{at}</span>
            </button>
            <p>{why}</p>
            <p class="help">{help}</p>
            {related.into_iter().map(|other| {
                let words = format!("{} {}", place(&other), text(&other, "message"));
                view! { <button class="link" on:click=move |_| state.reveal(&other)>{words}</button> }
            }).collect_view()}
            <div class="actions">
                {fix.map(|title| view! { <button on:click=move |_| state.fix(index)>{title}</button> })}
                <button class="link" on:click=move |_| state.explain(&explained)>{rule.clone()}</button>
            </div>
        </li>
    }
}
