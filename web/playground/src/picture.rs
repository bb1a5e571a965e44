//! The deployment as a drawing: who dials whom, through what, and which hop fails.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use serde_json::Value;

use crate::state::State;

/// Boxes, gaps within a row and between rows, in units of the view box.
const BOX: (f64, f64) = (172.0, 58.0);
const GAP: (f64, f64) = (60.0, 64.0);
/// Beside and above everything, so that lines which go round the boxes have room.
const EDGE: (f64, f64) = (60.0, 36.0);
/// Letters of a box's three lines, which are of different sizes; longer ones are cut.
const LETTERS: [usize; 3] = [25, 19, 22];
/// Lines that pass between the same two columns keep this distance.
const LANE: f64 = 9.0;
/// A label's height, and the width of one of its letters.
const LABEL: (f64, f64) = (13.0, 6.2);
/// More boxes than this are no picture. The first ones are drawn.
const MOST: usize = 60;
/// Relations that only say that two facts are neighbours.
const NEIGHBOURS: [&str; 2] = ["with", "within"];

/// The row of a kind: from the client by the proxy and the firewall down to the listener; then what else has a say.
/// Services stand beside the clients that live in them.
fn row(kind: &str) -> usize {
    let last = kind.rsplit('.').next().unwrap_or(kind);
    match (kind, last) {
        (_, "client" | "uri" | "pool" | "datasource" | "producer" | "consumer") => 0,
        (_, "service" | "workload" | "container") => 0,
        ("proxy.path", _) | (_, "frontend" | "proxy") => 1,
        (_, "gate" | "firewall") => 2,
        (_, "server" | "listener" | "broker") => 3,
        _ => 4,
    }
}

#[derive(Clone)]
struct Node {
    title: String,
    name: String,
    place: Value,
    at: (f64, f64),
    /// The worst finding here.
    finding: Option<Value>,
}

#[derive(Clone)]
struct Edge {
    from: u64,
    to: u64,
    relation: String,
    assumed: bool,
    /// What fails between the two.
    finding: Option<Value>,
}

struct Drawing {
    nodes: BTreeMap<u64, Node>,
    edges: Vec<Edge>,
    size: (f64, f64),
}

type Place = (String, u64, u64);

fn place_of(value: &Value) -> Option<Place> {
    Some((value["file"].as_str()?.to_owned(), value["line"].as_u64()?, value["column"].as_u64()?))
}

/// Every place that a fact was read from.
fn places(fact: &Value) -> BTreeSet<Place> {
    let fields = fact["fields"].as_object().into_iter().flat_map(|f| f.values());
    fields.chain([fact]).filter_map(place_of).collect()
}

fn rank(finding: &Value) -> u8 {
    match finding["severity"].as_str() {
        Some("error") => 2,
        Some("warning") => 1,
        _ => 0,
    }
}

/// The end of a path tells more than its beginning.
fn cut_path(path: &str, letters: usize) -> String {
    let count = path.chars().count();
    if count <= letters {
        return path.to_owned();
    }
    format!("…{}", path.chars().skip(count - letters + 1).collect::<String>())
}

fn cut(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(letters - 1).collect::<String>())
}

/// Where a line passes a row of boxes, given their left sides: as near to `x` as a gap between them is.
fn passage(x: f64, lefts: &[f64]) -> f64 {
    // With room for three lines on either side.
    let room = 3.0 * LANE;
    if lefts.iter().all(|left| x < left - room || x > left + BOX.0 + room) {
        return x;
    }
    let step = BOX.0 + GAP.0;
    let gap = ((x - EDGE.0 + GAP.0 / 2.0) / step).round();
    EDGE.0 - GAP.0 / 2.0 + gap * step
}

fn drawing(deployments: &Value, facts: &Value, findings: &[Value]) -> Drawing {
    let all = facts["facts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut edges = Vec::new();
    let mut ids = BTreeSet::new();
    let relations = deployments["deployments"].as_array().into_iter().flatten();
    for relation in relations.flat_map(|d| d["relations"].as_array().into_iter().flatten()) {
        let name = relation["relation"].as_str().unwrap_or_default();
        let (Some(from), Some(to)) = (relation["from"]["fact"].as_u64(), relation["to"]["fact"].as_u64())
        else {
            continue;
        };
        if NEIGHBOURS.contains(&name) {
            continue;
        }
        let more = [from, to].iter().filter(|id| !ids.contains(*id)).count();
        if ids.len() + more > MOST {
            continue;
        }
        ids.extend([from, to]);
        edges.push(Edge {
            from,
            to,
            relation: name.replace('_', " "),
            assumed: !relation["assumed"].is_null(),
            finding: None,
        });
    }
    // Who comes by a proxy does not come straight as well.
    let feeds = |proxy: u64, to: u64| {
        edges.iter().any(|e: &Edge| e.relation == "feeds" && e.from == proxy && e.to == to)
    };
    let led =
        |e: &Edge| edges.iter().any(|t| t.relation == "through" && t.from == e.from && feeds(t.to, e.to));
    let straight: Vec<bool> = edges.iter().map(|e| e.relation == "dials" && led(e)).collect();
    let mut spared = straight.into_iter();
    edges.retain(|_| !spared.next().unwrap_or_default());
    let fact = |id: u64| all.get(id as usize).unwrap_or(&Value::Null);
    let known: BTreeMap<u64, BTreeSet<Place>> = ids.iter().map(|id| (*id, places(fact(*id)))).collect();
    let at = |id: u64, place: &Option<Place>| match (known.get(&id), place) {
        (Some(places), Some(place)) => places.contains(place),
        _ => false,
    };
    let ends = |f: &Value| {
        let related = f["related"].as_array().into_iter().flatten().map(place_of).collect::<Vec<_>>();
        (place_of(f), related)
    };
    for edge in &mut edges {
        let between = findings.iter().filter(|f| {
            let (own, related) = ends(f);
            let joins = |a: u64, b: u64| at(a, &own) && related.iter().any(|r| at(b, r));
            joins(edge.from, edge.to) || joins(edge.to, edge.from)
        });
        edge.finding = between.max_by_key(|f| rank(f)).cloned();
    }
    let mut rows: [Vec<u64>; 5] = Default::default();
    for id in &ids {
        rows[row(fact(*id)["kind"].as_str().unwrap_or_default())].push(*id);
    }
    let mut nodes = BTreeMap::new();
    let (mut y, mut width) = (EDGE.1, 0.0_f64);
    for row in rows.iter().filter(|r| !r.is_empty()) {
        for (place, id) in row.iter().enumerate() {
            let x = EDGE.0 + place as f64 * (BOX.0 + GAP.0);
            width = width.max(x + BOX.0 + EDGE.0);
            let fact = fact(*id);
            let text = |field: &str| match &fact["fields"][field]["value"] {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            let name =
                ["name", "host", "program", "tool", "port"].iter().find_map(|f| text(f)).unwrap_or_default();
            let port = text("port").filter(|port| *port != name).map(|p| format!(":{p}")).unwrap_or_default();
            let finding = findings.iter().filter(|f| at(*id, &place_of(f))).max_by_key(|f| rank(f)).cloned();
            let title = fact["kind"].as_str().unwrap_or_default().replace('_', " ");
            nodes.insert(
                *id,
                Node { title, name: format!("{name}{port}"), place: fact.clone(), at: (x, y), finding },
            );
        }
        y += BOX.1 + GAP.1;
    }
    Drawing { nodes, edges, size: (width, y - GAP.1 + EDGE.1) }
}

fn class(what: &str, finding: &Option<Value>) -> String {
    let severity = finding.as_ref().and_then(|f| f["severity"].as_str()).unwrap_or("fine");
    format!("{what} {severity}")
}

/// The pane with the drawing.
#[component]
pub(crate) fn Picture(state: State) -> impl IntoView {
    move || {
        let facts = state.facts.get();
        let drawn = state.deployments.with(|d| state.findings.with(|f| drawing(d, &facts, f)));
        if drawn.nodes.is_empty() {
            return view! { <p class="empty">{state.say("No two of these files are joined yet.")}</p> }
                .into_any();
        }
        let (width, height) = drawn.size;
        let mut paper = Paper::default();
        let edges = drawn.edges.iter().map(|edge| line(state, edge, &drawn.nodes, &mut paper)).collect_view();
        let boxes = drawn.nodes.values().map(|node| plate(state, node)).collect_view();
        view! {
            <div class="picture" role="group" aria-label=state.say("Deployment")>
                <svg viewBox=format!("0 0 {width} {height}") width=width height=height>
                    <defs>
                        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
                            <path d="M0 0 L8 4 L0 8 z" fill="context-stroke"/>
                        </marker>
                    </defs>
                    {edges}
                    {boxes}
                </svg>
            </div>
        }
        .into_any()
    }
}

fn activates(event: &leptos::ev::KeyboardEvent) -> bool {
    let pressed = matches!(event.key().as_str(), "Enter" | " ");
    if pressed {
        event.prevent_default();
    }
    pressed
}

/// What is drawn already: lines between boxes by where they pass, and labels.
#[derive(Default)]
struct Paper {
    lanes: BTreeMap<(i64, i64), u32>,
    labels: Vec<(f64, f64, f64)>,
}

impl Paper {
    /// A free place for a label near one.
    fn label(&mut self, (x, y): (f64, f64), text: &str) -> (f64, f64) {
        let half = text.chars().count() as f64 * LABEL.1 / 2.0;
        let free = |y: f64| {
            self.labels
                .iter()
                .all(|(ox, oy, other)| (oy - y).abs() >= LABEL.0 || (ox - x).abs() >= half + other)
        };
        // Below and above in turn.
        let tries = (0..8).map(|n| {
            let away = f64::from((n + 1) / 2) * LABEL.0;
            if n % 2 == 0 { y + away } else { y - away }
        });
        let at = tries.into_iter().find(|y| free(*y)).unwrap_or(y);
        self.labels.push((x, at, half));
        (x, at)
    }

    /// The points where a line passes the rows between its ends, without running behind a box.
    fn passages(&mut self, from: &Node, to: &Node, nodes: &BTreeMap<u64, Node>) -> Vec<(f64, f64, f64)> {
        let (top, bottom) = if from.at.1 < to.at.1 { (from, to) } else { (to, from) };
        let mut rows: Vec<f64> = nodes.values().map(|n| n.at.1).collect();
        rows.sort_by(f64::total_cmp);
        rows.dedup();
        let between: Vec<f64> = rows.into_iter().filter(|y| *y > top.at.1 && *y < bottom.at.1).collect();
        let mut x = top.at.0 + BOX.0 / 2.0;
        let aim = bottom.at.0 + BOX.0 / 2.0;
        let count = between.len() as f64;
        between
            .into_iter()
            .enumerate()
            .map(|(n, y)| {
                let lefts: Vec<f64> = nodes.values().filter(|n| n.at.1 == y).map(|n| n.at.0).collect();
                let towards = x + (aim - x) / (count - n as f64 + 1.0);
                let middle = passage(towards, &lefts);
                let used = self.lanes.entry((y.round() as i64, middle.round() as i64)).or_default();
                // Beside those that are there: right, left, further right.
                let side = if *used % 2 == 0 { -1.0 } else { 1.0 };
                x = middle + side * LANE * f64::from(used.div_ceil(2));
                *used += 1;
                (x, y, y + BOX.1)
            })
            .collect()
    }
}

fn line(state: State, edge: &Edge, nodes: &BTreeMap<u64, Node>, paper: &mut Paper) -> Option<AnyView> {
    let (from, to) = (nodes.get(&edge.from)?, nodes.get(&edge.to)?);
    // Who stands behind a firewall is reached through it.
    let (from, to) = if edge.relation == "stands behind" { (to, from) } else { (from, to) };
    let centre = |node: &Node| (node.at.0 + BOX.0 / 2.0, node.at.1 + BOX.1 / 2.0);
    let ((ax, ay), (bx, by)) = (centre(from), centre(to));
    // Down or up between rows; along the upper edge of boxes within one.
    let (x1, y1, x2, y2, bend) = match ay.total_cmp(&by) {
        std::cmp::Ordering::Less => (ax, from.at.1 + BOX.1, bx, to.at.1, GAP.1 / 2.0),
        std::cmp::Ordering::Greater => (ax, from.at.1, bx, to.at.1 + BOX.1, -GAP.1 / 2.0),
        std::cmp::Ordering::Equal if (bx - ax).abs() <= BOX.0 + GAP.0 => {
            let towards = (bx - ax).signum() * BOX.0 / 2.0;
            (ax + towards, ay, bx - towards, by, 0.0)
        }
        std::cmp::Ordering::Equal => (ax, from.at.1 + BOX.1, bx, to.at.1 + BOX.1, GAP.1 / 2.0),
    };
    let end = if y1 == y2 { bend } else { -bend };
    let mut passages = paper.passages(from, to, nodes);
    if bend < 0.0 {
        passages = passages.into_iter().rev().map(|(x, top, bottom)| (x, bottom, top)).collect();
    }
    let mut path = format!("M{x1} {y1}");
    let (mut x, mut y) = (x1, y1);
    let mut first = None;
    for (px, enter, leave) in passages {
        path.push_str(&format!(" C{x} {} {px} {} {px} {enter} L{px} {leave}", y + bend, enter - bend));
        first.get_or_insert((px, enter));
        (x, y) = (px, leave);
    }
    path.push_str(&format!(" C{x} {} {x2} {} {x2} {y2}", y + bend, y2 + end));
    // The label stands in the first stretch.
    let (x2, y2) = first.unwrap_or((x2, y2));
    let label = edge.relation.clone();
    let dash = if edge.assumed { "5 4" } else { "none" };
    let lower = if y1 == y2 { bend * 0.75 } else { 0.0 };
    let beside = ((x1 + x2) / 2.0, (y1 + y2) / 2.0 + lower + if bend == 0.0 { -6.0 } else { 4.0 });
    let (lx, ly) = paper.label(beside, &label);
    let drawn = view! {
        <path d=path stroke-dasharray=dash marker-end="url(#tip)"/>
        <text x=lx y=ly text-anchor="middle">{label}</text>
    };
    let class = class("hop", &edge.finding);
    Some(match edge.finding.clone() {
        None => view! { <g class=class>{drawn}</g> }.into_any(),
        Some(finding) => {
            let said = format!("{} → {}: {}", from.title, to.title, state.told(&finding, "message"));
            let again = finding.clone();
            view! {
                <g
                    class=class
                    role="button"
                    tabindex="0"
                    on:click=move |_| state.reveal(&finding)
                    on:keydown=move |event| if activates(&event) { state.reveal(&again) }
                ><title>{said}</title>{drawn}</g>
            }
            .into_any()
        }
    })
}

fn plate(state: State, node: &Node) -> impl IntoView + use<> {
    let Node { title, name, place, at: (x, y), finding } = node.clone();
    let file = format!("{}:{}", place["file"].as_str().unwrap_or_default(), place["line"]);
    let told = finding.as_ref().map(|f| format!(": {}", state.told(f, "message"))).unwrap_or_default();
    let said = format!("{title} {name}, {file}{told}");
    let target = finding.clone().unwrap_or(place);
    let again = target.clone();
    let move_to = format!("translate({x} {y})");
    view! {
        <g
            class=class("plate", &finding)
            role="button"
            tabindex="0"
            transform=move_to
            on:click=move |_| state.reveal(&target)
            on:keydown=move |event| if activates(&event) { state.reveal(&again) }
        >
            <title>{said}</title>
            <rect width=BOX.0 height=BOX.1 rx="7"/>
            <text class="title" x="10" y="18">{cut(&title, LETTERS[0])}</text>
            <text class="name" x="10" y="34">{cut(&name, LETTERS[1])}</text>
            <text class="place" x="10" y="50">{cut_path(&file, LETTERS[2])}</text>
        </g>
    }
}
