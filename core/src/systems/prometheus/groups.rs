//! Groups of rules: files of Prometheus, and the operator's objects.

use crate::facts::kinds::alerts::rule;
use crate::facts::{Fact, FactId, Said, Value};
use crate::nearest::nearest;
use crate::source::{Source, View};
use crate::syntax::{Data, Node, promql, yaml};
use crate::systems::containers::nodes;
use crate::systems::{FileKind, Match, Reading, carriers};

use super::expression;

/// Files of Prometheus with alerts.
pub static RULES: FileKind = FileKind {
    name: "prometheus.rules",
    doc: "Groups of alerts and computed series of Prometheus.",
    recognise,
    read,
};

fn recognise(source: &Source) -> Match {
    let yaml = carriers::has_ending(
        source.base_name(),
        &["yml", "yaml", "rules", "rule", "alerts", "json", "tpl", "tmpl", "j2"],
    );
    if !yaml {
        return Match::No;
    }
    let text = carriers::beginning(&source.text);
    let line = |start: &str| text.lines().any(|l| l.starts_with(start));
    let rule = ["alert:", "record:", "\"alert\"", "\"record\""].iter().any(|k| text.contains(k));
    if !rule || !text.contains("expr:") && !text.contains("\"expr\"") {
        return Match::No;
    }
    let begins = line("groups:") || text.trim_start().starts_with('{') && text.contains("\"groups\"");
    // Values of charts hold such files somewhere below; manifests have kinds of their own.
    let below = text.lines().any(|l| l.trim() == "groups:") && !line("apiVersion:");
    match (begins, below) {
        (true, _) => Match::Sure,
        (_, true) => Match::Likely,
        _ => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (documents, notices) = yaml::parse(view);
    out.notices.extend(notices);
    for document in &documents {
        below(document, 0, out);
    }
}

/// Groups stand no deeper in values of charts.
const MAX_DEPTH: usize = 6;

fn below(node: &Node<'_>, depth: usize, out: &mut Reading) {
    if node.get("groups").is_some() {
        groups(node, "prometheus", out);
    } else if depth < MAX_DEPTH {
        node.pairs().into_iter().for_each(|(_, value)| below(value, depth + 1, out));
    }
}

/// Reads the groups of a `PrometheusRule`.
pub(crate) fn operated(spec: &Node<'_>, out: &mut Reading) {
    groups(spec, "operator", out);
}

fn groups(root: &Node<'_>, form: &str, out: &mut Reading) {
    let Some(groups) = root.get("groups") else { return };
    for group in groups.items() {
        let rules = group.get("rules").map_or(&[][..], Node::items);
        for one in rules {
            // What a template leaves of a mapping says nothing for sure.
            if matches!(one.data, Data::Map(_)) && !keys(one).any(|k| k.contains("{{")) {
                of_rule(one, group, form, out);
            }
        }
    }
}

fn keys<'n>(node: &'n Node<'_>) -> impl Iterator<Item = String> + use<'n> {
    node.pairs().into_iter().map(|(key, _)| key.view.text.to_string()).collect::<Vec<_>>().into_iter()
}

/// Keys of a rule (rulefmt of Prometheus).
const KEYS: &[&str] = &["alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"];

fn of_rule(one: &Node<'_>, group: &Node<'_>, form: &str, out: &mut Reading) {
    let named = one.get("alert").or_else(|| one.get("record"));
    let head = named.or_else(|| one.get("expr")).unwrap_or(one);
    let mut fact = Fact::new(&rule::KIND, nodes::span(head));
    nodes::put_text(&mut fact, rule::name, named);
    fact.derive(rule::recording, Value::Bool(one.get("record").is_some()));
    fact.derive(rule::form, Value::text(form));
    nodes::put_text(&mut fact, rule::group, group.get("name"));
    let duration = |t: &str| promql::duration(t.trim()).map(Value::Duration);
    nodes::put(&mut fact, rule::wait, one.get("for"), duration);
    nodes::put(&mut fact, rule::interval, group.get("interval"), duration);
    nodes::put_text(&mut fact, rule::severity, one.at(&["labels", "severity"]));
    says(one, &mut fact);
    let view = one.get("expr").and_then(nodes::view);
    if let Some(view) = view {
        fact.write(rule::expression, Value::text(view.text.trim()), view.full_span());
    }
    if let Some((reason, at, near)) = refusal(one) {
        fact.set(rule::reason, Said::derived(Value::text(reason), Some(at)));
        if let Some(near) = near {
            fact.derive(rule::nearest, Value::text(near));
        }
    }
    let judged = one.get("alert").is_some();
    let id = out.facts.add(fact);
    if let Some(view) = view {
        expression::read(view, id, judged, out);
    }
}

/// Why Prometheus refuses a rule, apart from its expression.
fn refusal(one: &Node<'_>) -> Option<(String, crate::source::Span, Option<&'static str>)> {
    for (key, value) in one.pairs() {
        let name = key.view.text.as_ref();
        if !KEYS.contains(&name) {
            let near = nearest(name, KEYS.iter().copied());
            return Some((format!("a rule has no `{name}`"), key.view.full_span(), near));
        }
        if matches!(name, "for" | "keep_firing_for")
            && let Some(text) = value.text().map(str::trim)
            && !text.is_empty()
            && !text.contains(['{', '$'])
            && promql::duration(text).is_none()
        {
            return Some((format!("`{text}` is no duration such as `5m`"), nodes::span(value), None));
        }
    }
    let at = one.span;
    match (one.get("alert"), one.get("record"), one.get("expr")) {
        (Some(alert), Some(_), _) => {
            Some(("a rule has either `alert` or `record`".into(), nodes::span(alert), None))
        }
        (None, None, _) => Some(("a rule has `alert` or `record`".into(), at, None)),
        (Some(name), None, None) | (None, Some(name), None) => {
            Some(("the rule has no `expr`".into(), nodes::span(name), None))
        }
        (None, Some(record), Some(_)) if one.get("for").is_some() => {
            Some(("a computed series has no `for`".into(), nodes::span(record), None))
        }
        _ => None,
    }
}

/// What the name and the annotations of an alert speak of.
fn says(one: &Node<'_>, fact: &mut Fact) {
    let mut text = one.get("alert").and_then(Node::text).unwrap_or_default().to_lowercase();
    for (_, value) in one.get("annotations").map(Node::pairs).unwrap_or_default() {
        text.push(' ');
        text.push_str(&value.text().unwrap_or_default().to_lowercase());
    }
    note(&text, fact);
}

/// Notes which units a text speaks of.
pub(super) fn note(text: &str, fact: &mut Fact) {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let number = |w: &str, unit: &str| {
        w.strip_suffix(unit).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let has = |full: &[&str], short: &str| words.iter().any(|w| full.contains(w) || number(w, short));
    let milliseconds = has(&["milliseconds", "millisecond", "ms"], "ms");
    let seconds = has(&["seconds", "second", "sec", "secs"], "s");
    let minute =
        ["per minute", "/min", "a minute", "each minute", "every minute"].iter().any(|p| text.contains(p));
    fact.derive(rule::says_milliseconds, Value::Bool(milliseconds));
    fact.derive(rule::says_seconds, Value::Bool(seconds && !milliseconds));
    fact.derive(rule::says_per_minute, Value::Bool(minute));
}

/// The rule with a name and an expression that other carriers hold.
pub(super) fn bare(
    name: Option<&Node<'_>>,
    expr: &View<'_>,
    form: &str,
    wait: Option<&Node<'_>>,
    words: &str,
    out: &mut Reading,
) -> FactId {
    let mut fact = Fact::new(&rule::KIND, name.map_or(expr.full_span(), nodes::span));
    nodes::put_text(&mut fact, rule::name, name);
    fact.derive(rule::recording, Value::Bool(false));
    fact.derive(rule::form, Value::text(form));
    nodes::put(&mut fact, rule::wait, wait, |t| promql::duration(t.trim()).map(Value::Duration));
    note(words, &mut fact);
    fact.write(rule::expression, Value::text(expr.text.trim()), expr.full_span());
    let id = out.facts.add(fact);
    expression::read(expr, id, true, out);
    id
}
