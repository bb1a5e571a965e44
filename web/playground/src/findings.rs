//! The list of findings.

use leptos::prelude::*;
use serde_json::Value;

use crate::prose::prose;
use crate::state::State;
use crate::timeline;

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
        (false, _) => state.say("Loading the engine…").to_owned(),
        (true, 0) => state.say("Nothing found.").to_owned(),
        (true, 1) => format!("1 {}", state.say("finding")),
        (true, n) => format!("{n} {}", state.say("findings")),
    };
    view! {
        <div class="bar">
            <p class="summary" role="status">{summary}</p>
            <span class="took">{move || state.linted.get().then(|| format!("{:.0} ms", state.took.get()))}</span>
            <button aria-label=move || state.say("Previous finding") title="Shift+F8" on:click=move |_| state.step(false)>"↑"</button>
            <button aria-label=move || state.say("Next finding") title="F8" on:click=move |_| state.step(true)>"↓"</button>
            {SEVERITIES.into_iter().map(|(severity, many)| view! {
                <button
                    class=format!("filter {severity}")
                    aria-pressed=move || (!hidden.with(|h| h.contains(&severity))).to_string()
                    on:click=move |_| hidden.update(|h| match h.iter().position(|s| *s == severity) {
                        Some(at) => { h.remove(at); }
                        None => h.push(severity),
                    })
                >{move || count(severity)} " " {move || state.say(if count(severity) == 1 { severity } else { many })}</button>
            }).collect_view()}
            <input
                type="search"
                placeholder=move || state.say("Filter")
                aria-label=move || state.say("Filter findings")
                on:input=move |event| filter.set(event_target_value(&event))
            />
            <span class="download">
                {move || state.say("Download")}
                {[("json", "JSON"), ("sarif", "SARIF"), ("markdown", "Markdown")].into_iter().map(|(format, name)| view! {
                    <button class="link" on:click=move |_| state.download(format)>{name}</button>
                }).collect_view()}
            </span>
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

/// The severity as a word that the page can translate.
pub(crate) fn word_of(severity: &str) -> &'static str {
    SEVERITIES.iter().find(|(one, _)| *one == severity).map_or("info", |(one, _)| one)
}

fn place(value: &Value) -> String {
    format!("{}:{}", text(value, "file"), value["line"])
}

fn entry(state: State, index: usize, finding: Value) -> impl IntoView {
    let (rule, severity) = (text(&finding, "rule"), text(&finding, "severity"));
    let explained = rule.clone();
    let related = finding["related"].as_array().cloned().unwrap_or_default();
    let fix = finding["fix"]["title"].as_str().map(str::to_owned);
    let (message, help) = (state.told(&finding, "message"), state.told(&finding, "help"));
    let (why, at) = (text(&finding, "why"), place(&finding));
    let frames = finding.clone();
    let current = move || state.here.get() == Some(index);
    view! {
        <li class=format!("finding {severity}") class:here=current>
            <button class="jump" on:click=move |_| {
                state.here.set(Some(index));
                state.reveal(&finding);
            }>
                <span class="word">{state.say(word_of(&severity))}</span>
                <span class="message">{prose(&message)}</span>
                <span class="at">{at}</span>
            </button>
            {move || state.facts.with(|facts| timeline::of(&frames, facts)).map(|line| timeline::draw(&line))}
            <p lang="en">{prose(&why)}</p>
            <p class="help">{prose(&help)}</p>
            {related.into_iter().map(|other| {
                let words = format!("{} {}", place(&other), text(&other, "message"));
                view! { <button class="link" on:click=move |_| state.reveal(&other)>{words}</button> }
            }).collect_view()}
            <div class="actions">
                {fix.map(|title| view! { <button on:click=move |_| state.fix(index)>{prose(&title)}</button> })}
                <button class="link" on:click=move |_| state.explain(&explained)>{rule.clone()}</button>
            </div>
        </li>
    }
}
