//! Alerts that Grafana is provisioned with.

use crate::facts::Value;
use crate::source::{Source, View};
use crate::syntax::{Node, json, promql, yaml};
use crate::systems::containers::nodes;
use crate::systems::{FileKind, Match, Reading, carriers};

use super::{expression, groups};

/// Files with which Grafana is provisioned.
pub static GRAFANA: FileKind =
    FileKind { name: "grafana.alerts", doc: "Alerts that Grafana is provisioned with.", recognise, read };

fn recognise(source: &Source) -> Match {
    let ending = carriers::has_ending(source.base_name(), &["yml", "yaml", "json"]);
    let text = carriers::beginning(&source.text);
    let has = |key: &str| text.contains(&format!("{key}:")) || text.contains(&format!("\"{key}\""));
    let ours = has("groups") && has("datasourceUid") && has("refId") && has("condition");
    match ending && ours && (has("for") || has("folder")) {
        true => Match::Sure,
        false => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    if view.text.trim_start().starts_with('{') {
        let (root, notices) = json::parse(view);
        out.notices.extend(notices);
        root.iter().for_each(|r| file(r, out));
    } else {
        let (documents, notices) = yaml::parse(view);
        out.notices.extend(notices);
        documents.iter().for_each(|d| file(d, out));
    }
}

fn file(root: &Node<'_>, out: &mut Reading) {
    for group in root.get("groups").map_or(&[][..], Node::items) {
        for rule in group.get("rules").map_or(&[][..], Node::items) {
            one(rule, out);
        }
    }
}

fn one(rule: &Node<'_>, out: &mut Reading) {
    let mut words = rule.get("title").and_then(Node::text).unwrap_or_default().to_lowercase();
    for (_, value) in rule.get("annotations").map(Node::pairs).unwrap_or_default() {
        words.push(' ');
        words.push_str(&value.text().unwrap_or_default().to_lowercase());
    }
    let data = rule.get("data").map_or(&[][..], Node::items);
    let queries: Vec<&Node<'_>> = data.iter().filter(|d| d.at(&["model", "expr"]).is_some()).collect();
    for query in &queries {
        let Some(view) = query.at(&["model", "expr"]).and_then(nodes::view) else { continue };
        let id = groups::bare(rule.get("title"), view, "grafana", rule.get("for"), &words, out);
        // One query and one threshold leave no doubt which number it is compared with.
        if let ([_], Some((op, number))) = (queries.as_slice(), threshold(data))
            && let Ok(node) = promql::parse(&view.text)
            && let Some(Value::Float(value)) = number.text().and_then(|t| t.parse().ok()).map(Value::Float)
        {
            expression::against(&node, op, value, nodes::span(number), id, out);
        }
    }
}

/// The comparison of a rule's only threshold.
fn threshold<'n, 'v>(data: &'n [Node<'v>]) -> Option<(&'static str, &'n Node<'v>)> {
    let mut all = data.iter().filter_map(|d| {
        let evaluator = d.at(&["model", "conditions"])?.items().first()?.get("evaluator")?;
        let op = match evaluator.get("type").and_then(Node::text)? {
            "gt" => ">",
            "lt" => "<",
            _ => return None,
        };
        let kind = d.at(&["model", "type"]).and_then(Node::text)?;
        matches!(kind, "threshold" | "classic_conditions")
            .then(|| Some((op, evaluator.get("params")?.items().first()?)))
            .flatten()
    });
    let first = all.next()?;
    all.next().is_none().then_some(first)
}
