//! Zabbix: exported templates and hosts, as far as they say what is watched and when somebody is told.

mod expression;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::zabbix::{condition, item, trigger};
use crate::facts::{Fact, FactId, Said, Value};
use crate::nearest::nearest;
use crate::source::{Source, Span, View};
use crate::syntax::{Node, json, yaml};
use crate::systems::containers::nodes;
use crate::systems::{FileKind, Match, Reading, carriers};

/// What Zabbix exports.
pub static EXPORT: FileKind =
    FileKind { name: "zabbix.export", doc: "Templates and hosts that Zabbix exported.", recognise, read };

fn recognise(source: &Source) -> Match {
    let ending = carriers::has_ending(source.base_name(), &["yml", "yaml", "json"]);
    let text = carriers::beginning(&source.text);
    let begins = text.lines().any(|l| l.starts_with("zabbix_export:"))
        || text.trim_start().starts_with('{') && text.contains("\"zabbix_export\"");
    if ending && begins { Match::Sure } else { Match::No }
}

fn read(view: &View<'_>, out: &mut Reading) {
    if view.text.trim_start().starts_with('{') {
        let (root, notices) = json::parse(view);
        out.notices.extend(notices);
        root.iter().for_each(|r| export(r, out));
    } else {
        let (documents, notices) = yaml::parse(view);
        out.notices.extend(notices);
        documents.iter().for_each(|d| export(d, out));
    }
}

/// An item.
struct Item<'n, 'v> {
    node: &'n Node<'v>,
    key: String,
}

/// A template or a host.
struct Template<'n, 'v> {
    name: String,
    /// Items come from other templates too.
    linked: bool,
    items: Vec<Item<'n, 'v>>,
    by_key: BTreeMap<String, usize>,
    macros: BTreeMap<String, String>,
}

impl<'n, 'v> Template<'n, 'v> {
    fn item(&self, key: &str) -> Option<&Item<'n, 'v>> {
        self.by_key.get(key).and_then(|at| self.items.get(*at))
    }
}

/// A trigger.
type Trigger<'n, 'v> = &'n Node<'v>;

fn list<'n, 'v>(node: &'n Node<'v>, key: &str) -> &'n [Node<'v>] {
    node.get(key).map_or(&[][..], Node::items)
}

fn text(node: &Node<'_>, key: &str) -> String {
    node.get(key).and_then(Node::text).unwrap_or_default().to_owned()
}

fn export(root: &Node<'_>, out: &mut Reading) {
    let Some(root) = root.get("zabbix_export") else { return };
    let mut templates = Vec::new();
    let mut triggers: Vec<Trigger<'_, '_>> = list(root, "triggers").iter().collect();
    for (group, name) in [("templates", "template"), ("hosts", "host")] {
        for node in list(root, group) {
            templates.push(template(node, &text(node, name), &mut triggers));
        }
    }
    let by_name: BTreeMap<&str, &Template<'_, '_>> = templates.iter().map(|t| (t.name.as_str(), t)).collect();
    let mut watched = BTreeSet::new();
    let mut alarms = false;
    let at = out.facts.len();
    for node in triggers {
        alarms |= one(node, &by_name, &mut watched, out);
    }
    // Where nobody is told of anything the alerts are kept elsewhere.
    if out.facts.len() == at {
        return;
    }
    mark_earliest(at, out);
    for template in &templates {
        for one in &template.items {
            let mut fact = Fact::new(&item::KIND, one.node.get("key").map_or(one.node.span, nodes::span));
            nodes::put_text(&mut fact, item::key, one.node.get("key"));
            fact.derive(item::template, Value::text(&template.name));
            if let Some(ms) = interval(template, one, 0) {
                fact.derive(item::interval, Value::Duration(ms));
            }
            let seen = watched.contains(&(template.name.clone(), one.key.clone()));
            fact.derive(item::watched, Value::Bool(seen));
            fact.derive(item::alarms_watched, Value::Bool(alarms));
            out.facts.add(fact);
        }
    }
}

fn template<'n, 'v>(node: &'n Node<'v>, name: &str, triggers: &mut Vec<Trigger<'n, 'v>>) -> Template<'n, 'v> {
    let mut items = Vec::new();
    let mut add = |node: &'n Node<'v>| {
        let key = text(node, "key");
        if !key.is_empty() {
            items.push(Item { node, key });
        }
    };
    for item in list(node, "items") {
        add(item);
        triggers.extend(list(item, "triggers"));
    }
    for rule in list(node, "discovery_rules") {
        // The rule itself is asked like an item, and is one that others hang on.
        add(rule);
        for item in list(rule, "item_prototypes") {
            add(item);
            triggers.extend(list(item, "trigger_prototypes"));
        }
        triggers.extend(list(rule, "trigger_prototypes"));
    }
    let macros = list(node, "macros").iter().map(|m| (text(m, "macro"), text(m, "value"))).collect();
    let linked = node.get("templates").is_some() || node.get("httptests").is_some();
    let by_key = items.iter().enumerate().map(|(at, item)| (item.key.clone(), at)).collect();
    Template { name: name.to_owned(), linked, items, by_key, macros }
}

/// A text with the macro that it is in whole resolved, where the template gives it a value.
fn resolved(template: &Template<'_, '_>, text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix("{$").and_then(|t| t.strip_suffix('}')) else {
        return (!text.contains('{')).then(|| text.to_owned());
    };
    // `{$MAX:"a"}` may have a value of its own; without one it has the plain macro's.
    let plain = format!("{{${}}}", inner.split(':').next().unwrap_or(inner));
    let own = template.macros.get(text).or_else(|| template.macros.get(&plain));
    own.filter(|v| !v.contains('{')).cloned()
}

/// Masters of masters of masters; Zabbix itself allows three.
const MAX_MASTERS: usize = 3;

/// How often an item gets a value, in milliseconds.
fn interval(template: &Template<'_, '_>, item: &Item<'_, '_>, depth: usize) -> Option<i64> {
    match text(item.node, "type").as_str() {
        "DEPENDENT" => {
            let key = item.node.at(&["master_item", "key"]).and_then(Node::text)?;
            let master = template.item(key)?;
            (depth < MAX_MASTERS).then(|| interval(template, master, depth + 1)).flatten()
        }
        "TRAP" | "SNMP_TRAP" | "CALCULATED" => None,
        _ => match item.node.get("delay").and_then(Node::text) {
            // What is at its default is left out of exports.
            None => Some(60_000),
            Some(delay) if delay.contains(';') => None,
            Some(delay) => expression::time(&resolved(template, delay)?).filter(|ms| *ms > 0),
        },
    }
}

/// How long unchanged values are thrown away: zero for ever.
fn heartbeat(template: &Template<'_, '_>, item: &Item<'_, '_>) -> Option<i64> {
    let steps = list(item.node, "preprocessing").iter();
    steps
        .filter_map(|s| match text(s, "type").as_str() {
            "DISCARD_UNCHANGED" => Some(0),
            "DISCARD_UNCHANGED_HEARTBEAT" => {
                let written = list(s, "parameters").first().and_then(Node::text)?;
                expression::time(&resolved(template, written)?)
            }
            _ => None,
        })
        .next()
}

/// Reads a trigger; true if it looks at all of a node's or cluster's alarms.
fn one(
    node: &Node<'_>,
    templates: &BTreeMap<&str, &Template<'_, '_>>,
    watched: &mut BTreeSet<(String, String)>,
    out: &mut Reading,
) -> bool {
    let Some(view) = node.get("expression").and_then(nodes::view) else { return false };
    let mut fact = Fact::new(&trigger::KIND, node.get("name").map_or(view.full_span(), nodes::span));
    nodes::put_text(&mut fact, trigger::name, node.get("name"));
    fact.write(trigger::expression, Value::text(view.text.trim()), view.full_span());
    fact.derive(trigger::priority, Value::text(text(node, "priority").to_ascii_lowercase()));
    let id = out.facts.add(fact);
    let mut alarms = false;
    for function in expression::functions(&view.text) {
        alarms |= function.key.contains("alarms");
        let template = templates.get(function.host.as_str()).copied();
        add(&function, template, view, id, out);
        watched.insert((function.host, function.key));
    }
    alarms
}

fn add(
    function: &expression::Function,
    template: Option<&Template<'_, '_>>,
    view: &View<'_>,
    id: FactId,
    out: &mut Reading,
) {
    let span = |at: &std::ops::Range<usize>| -> Span { view.span(at.clone()) };
    let mut fact = Fact::new(&condition::KIND, span(&function.at));
    fact.derive(condition::trigger, Value::Record(id));
    fact.derive(condition::function, Value::text(&function.name));
    fact.derive(condition::template, Value::text(&function.host));
    fact.write(condition::key, Value::text(&function.key), span(&function.key_at));
    let Some(template) = template else {
        out.facts.add(fact);
        return;
    };
    let found = template.item(&function.key);
    if found.is_none() && !template.linked && !template.items.is_empty() {
        fact.derive(condition::missing, Value::Bool(true));
        let known = template.items.iter().map(|i| i.key.as_str()).take(MAX_GUESSES);
        if out.facts.len() < FACTS_WITH_GUESSES
            && let Some(near) = nearest(&function.key, known)
        {
            fact.derive(condition::nearest, Value::text(near));
        }
    }
    if let Some((written, at)) = &function.period
        && let Some(ms) = resolved(template, written).as_deref().and_then(expression::time)
    {
        fact.write(condition::period, Value::Duration(ms), span(at));
    }
    if let Some(item) = found {
        if let Some(ms) = interval(template, item, 0) {
            fact.derive(condition::interval, Value::Duration(ms));
        }
        if let Some(ms) = heartbeat(template, item) {
            fact.derive(condition::heartbeat, Value::Duration(ms));
        }
    }
    if let Some((sign, written, at)) = &function.comparison
        && let Some(number) = resolved(template, written).as_deref().and_then(expression::number)
    {
        fact.derive(condition::operator, Value::text(*sign));
        fact.write(condition::threshold, Value::Float(number), span(at));
        share(function, sign, number, span(at), &mut fact);
    }
    out.facts.add(fact);
}

/// Marks, of the conditions that tell a share in use, those that come first.
fn mark_earliest(from: usize, out: &mut Reading) {
    let percent = |fact: &Fact| match fact.get(condition::used_percent).map(|s| &s.value) {
        Some(Value::Float(percent)) => Some(*percent),
        _ => None,
    };
    let here = out.facts.of(&condition::KIND).filter(|(id, _)| id.0 as usize >= from);
    let all: Vec<(FactId, f64)> = here.filter_map(|(id, f)| Some((id, percent(f)?))).collect();
    let least = all.iter().map(|(_, p)| *p).fold(f64::INFINITY, f64::min);
    for (id, percent) in all {
        out.facts.get_mut(id).derive(condition::earliest, Value::Bool(percent <= least));
    }
}

/// A mistyped key is compared with so many others at most, and while a run's file has few facts.
const MAX_GUESSES: usize = 300;
const FACTS_WITH_GUESSES: usize = 1_000;

const WHOLE: f64 = 100.0;

/// Says of a share of a disk how much is used when the condition holds.
fn share(function: &expression::Function, sign: &str, number: f64, at: Span, fact: &mut Fact) {
    let key = function.key.as_str();
    if !(key.starts_with("vfs.fs.") && key.ends_with(']')) {
        return;
    }
    let last = key.trim_end_matches(']').rsplit(',').next().unwrap_or_default().trim();
    let used = match last {
        "pused" => true,
        "pfree" => false,
        _ => return,
    };
    fact.derive(condition::share, Value::Bool(true));
    let over = matches!(sign, ">" | ">=");
    if over == used && sign != "=" && sign != "<>" && (0.0..=WHOLE).contains(&number) {
        let percent = if used { number } else { WHOLE - number };
        fact.set(condition::used_percent, Said::derived(Value::Float(percent), Some(at)));
    }
}
