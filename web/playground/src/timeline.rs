//! Frames against an idle limit: when a heartbeat or a keepalive comes, and when somebody in between lets go.

use leptos::prelude::*;
use serde_json::Value;

/// Systems whose peers send a heartbeat frame twice in the agreed interval (AMQP 0-9-1, section 4.2.7, and the
/// clients' and the broker's sources).
const HALVED: [&str; 4] = ["amqp.", "rabbitmq.", "celery.", "spring."];

/// What a timeline shows, in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Timeline {
    /// Between two frames.
    every: f64,
    /// Silence that is borne.
    limit: f64,
}

struct Lasting<'f> {
    kind: &'f str,
    field: &'f str,
    ms: f64,
}

fn same(place: &Value, other: &Value) -> bool {
    ["file", "line", "column"].iter().all(|k| !place[*k].is_null() && place[*k] == other[*k])
}

/// The duration that stands at a place.
fn lasting<'f>(facts: &'f Value, place: &Value) -> Option<Lasting<'f>> {
    facts["facts"].as_array()?.iter().find_map(|fact| {
        fact["fields"].as_object()?.iter().find_map(|(field, said)| {
            let ms = said["value"].as_f64().filter(|ms| *ms > 0.0 && said["unit"] == "ms")?;
            let kind = fact["kind"].as_str().unwrap_or_default();
            same(said, place).then_some(Lasting { kind, field, ms })
        })
    })
}

/// Whether a finding is about frames and silence at all.
pub(crate) fn concerns(finding: &Value) -> bool {
    let rule = finding["rule"].as_str().unwrap_or_default();
    ["heartbeat", "idle", "keepalive"].iter().any(|word| rule.contains(word))
}

/// The timeline of a finding whose two places both hold a duration.
pub(crate) fn of(finding: &Value, facts: &Value) -> Option<Timeline> {
    if !concerns(finding) {
        return None;
    }
    let here = lasting(facts, finding)?;
    let there = finding["related"].as_array()?.iter().find_map(|place| lasting(facts, place))?;
    let sends =
        |l: &Lasting<'_>| ["heartbeat", "keepalive", "interval"].iter().any(|word| l.field.contains(word));
    let (frames, limit) = if sends(&there) && !sends(&here) { (there, here) } else { (here, there) };
    let halved = frames.field.contains("heartbeat") && HALVED.iter().any(|s| frames.kind.starts_with(s));
    Some(Timeline { every: if halved { frames.ms / 2.0 } else { frames.ms }, limit: limit.ms })
}

/// A duration as people write it.
fn words(ms: f64) -> String {
    match ms {
        ms if ms >= 7_200_000.0 => format!("{:.1} h", ms / 3_600_000.0).replace(".0 ", " "),
        ms if ms >= 120_000.0 => format!("{:.1} min", ms / 60_000.0).replace(".0 ", " "),
        ms if ms >= 1000.0 => format!("{:.1} s", ms / 1000.0).replace(".0 ", " "),
        ms => format!("{ms} ms"),
    }
}

/// The drawing. Its numbers are units of the view box.
pub(crate) fn draw(line: &Timeline) -> impl IntoView + use<> {
    const WIDTH: f64 = 560.0;
    const LEFT: f64 = 12.0;
    let Timeline { every, limit } = *line;
    let drops = every >= limit;
    let span = every.max(limit) * 1.25;
    let x = move |ms: f64| LEFT + ms / span * (WIDTH - 2.0 * LEFT);
    // More marks than this are a blur.
    const MOST_FRAMES: f64 = 40.0;
    let count = (span / every).floor().min(MOST_FRAMES) as u32;
    let said = if drops {
        format!(
            "a frame every {}, but silence is borne for {} only: dropped there",
            words(every),
            words(limit)
        )
    } else {
        format!("a frame every {}, silence is borne for {}", words(every), words(limit))
    };
    let frames = (0..=count).map(|n| {
        let at = x(f64::from(n) * every);
        let late = drops && n > 0;
        view! { <line class="frame" class:late=late x1=at x2=at y1="22" y2="42"/> }
    });
    view! {
        <svg class="timeline" viewBox="0 0 560 66" role="img" aria-label=said.clone()>
            <rect class="borne" x=x(0.0) y="26" width=x(limit) - x(0.0) height="12"/>
            <line class="axis" x1=x(0.0) x2=x(span) y1="32" y2="32"/>
            {frames.collect_view()}
            <text x=x(0.0) y="16">"0"</text>
            <text class="end" text-anchor="middle" x=x(limit) y="58">{words(limit)}{if drops { " dropped" } else { "" }}</text>
            {drops.then(|| view! {
                <path class="drop" d=format!("M{} 24 l16 16 m0 -16 l-16 16", x(limit) - 8.0)/>
            })}
            <text text-anchor="middle" x=x(every).min(WIDTH - 60.0) y="16">{format!("frame at {}", words(every))}</text>
        </svg>
    }
}
