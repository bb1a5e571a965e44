//! Policies and their keys.

use super::{File, copy, flag, place, section, text};
use crate::facts::kinds::definitions as kinds;
use crate::facts::{Fact, Value};
use crate::nearest::nearest;
use crate::source::Span;
use crate::syntax::{Data, Node};
use crate::systems::Reading;
use crate::systems::rabbitmq::{arguments, patterns, values};

/// More policies than this in one file are not compared with each other.
const MAX_COMPARED: usize = 500;

/// What a policy may apply to; the last three came with 3.12.
const APPLY_TO: [&str; 6] = ["all", "queues", "exchanges", "classic_queues", "quorum_queues", "streams"];

impl File<'_, '_> {
    pub(super) fn policies(&self, reading: &mut Reading) {
        let mut seen: Vec<(&str, &str, &str, i64, &str)> = Vec::new();
        for node in section(self.root, "policies") {
            let name = text(node, "name").unwrap_or_default();
            let mut fact = Fact::new(&kinds::policy::KIND, place(node));
            copy(&mut fact, kinds::policy::name, node, "name");
            copy(&mut fact, kinds::policy::vhost, node, "vhost");
            copy(&mut fact, kinds::policy::pattern, node, "pattern");
            if let Some(value) = node.get("pattern")
                && let Some(pattern) = value.text()
            {
                let valid = patterns::fault(pattern).is_none();
                flag(&mut fact, kinds::policy::pattern_valid, valid, Some(value.span));
                flag(
                    &mut fact,
                    kinds::policy::looks_like_glob,
                    patterns::looks_like_glob(pattern),
                    Some(value.span),
                );
            }
            apply_to(&mut fact, node);
            let priority = node.get("priority").and_then(|p| p.scalar()?.as_int());
            if let (Some(priority), Some(value)) = (priority, node.get("priority")) {
                fact.write(kinds::policy::priority, Value::Int(priority), value.span);
            }
            let definition = node.get("definition");
            let pairs = definition.map(Node::pairs).unwrap_or_default();
            if definition.is_some_and(|d| matches!(d.data, Data::Map(_))) {
                flag(&mut fact, kinds::policy::empty, pairs.is_empty(), definition.map(|d| d.span));
            }
            let has = |key: &str| pairs.iter().find(|(k, _)| k.view.text == key);
            let mirrors =
                pairs.iter().find(|(k, _)| matches!(&*k.view.text, "ha-mode" | "ha-params" | "ha-sync-mode"));
            flag(
                &mut fact,
                kinds::policy::mirrors,
                mirrors.is_some(),
                mirrors.map(|(k, _)| k.view.full_span()),
            );
            let numbered = has("ha-mode").filter(|(_, v)| matches!(v.text(), Some("exactly" | "nodes")));
            let alone = numbered.filter(|_| has("ha-params").is_none());
            flag(&mut fact, kinds::policy::ha_params_missing, alone.is_some(), alone.map(|(_, v)| v.span));
            let strategy = has("dead-letter-strategy").filter(|(_, v)| v.text() == Some("at-least-once"));
            let rejects = has("overflow").is_some_and(|(_, v)| v.text() == Some("reject-publish"));
            let incomplete = strategy.filter(|_| !rejects);
            flag(
                &mut fact,
                kinds::policy::at_least_once_incomplete,
                incomplete.is_some(),
                incomplete.map(|(_, v)| v.span),
            );
            // Only policies for the very same names are sure to hide each other.
            let same = (
                text(node, "vhost").unwrap_or_default(),
                text(node, "pattern").unwrap_or_default(),
                text(node, "apply-to").unwrap_or("all"),
            );
            let twin = seen.iter().find(|p| (p.0, p.1, p.2) == same && p.3 >= priority.unwrap_or(0));
            if let Some(twin) = twin {
                fact.derive(kinds::policy::hidden_by, Value::text(twin.4));
            }
            if seen.len() < MAX_COMPARED {
                seen.push((same.0, same.1, same.2, priority.unwrap_or(0), name));
            }
            reading.facts.add(fact);
            for (key, value) in &pairs {
                policy_key(name, key.view.full_span(), &key.view.text, value, reading);
            }
        }
    }
}

fn apply_to(fact: &mut Fact, node: &Node<'_>) {
    let Some(value) = node.get("apply-to") else { return };
    let Some(word) = value.text() else { return };
    fact.write(kinds::policy::apply_to, Value::text(word), value.span);
    if values::is_placeholder(word) {
        return;
    }
    flag(fact, kinds::policy::apply_to_valid, APPLY_TO.contains(&word), Some(value.span));
    if let Some(near) = nearest(word, APPLY_TO) {
        fact.derive(kinds::policy::apply_to_nearest, Value::text(near));
    }
}

fn policy_key(policy: &str, at: Span, name: &str, value: &Node<'_>, reading: &mut Reading) {
    use kinds::policy_key as field;
    let mut fact = Fact::new(&field::KIND, at);
    fact.derive(field::policy, Value::text(policy));
    fact.write(field::name, Value::text(name), at);
    let shown = value.text().map_or_else(|| "a structure".to_owned(), str::to_owned);
    fact.write(field::value, Value::text(shown), value.span);
    let known = arguments::find(&arguments::POLICY_KEYS, name);
    flag(&mut fact, field::known, known.is_some(), Some(at));
    match known {
        Some(key) => {
            if let Some(fits) = key.form.fits(value) {
                flag(&mut fact, field::type_ok, fits, Some(value.span));
                fact.derive(field::expected, Value::text(key.form.in_words()));
                if let Some(meant) = key.form.meant(value).filter(|_| !fits) {
                    fact.derive(field::suggestion, Value::text(meant));
                }
            }
        }
        None => {
            let plain = name.strip_prefix("x-").unwrap_or(name);
            let names = arguments::POLICY_KEYS.iter().map(|k| k.name);
            let exact = names.clone().find(|n| *n == plain);
            if let Some(near) = exact.or_else(|| nearest(plain, names)) {
                fact.derive(field::nearest, Value::text(near));
            }
        }
    }
    reading.facts.add(fact);
}
