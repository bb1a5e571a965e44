//! Who talks to whom: deployments as JSON, and their relations as a drawing for Mermaid or Graphviz.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::Mask;
use crate::facts::{Fact, FactId, Facts, Value};
use crate::link::{Link, Links, RELATIONS};
use crate::source::Sources;

/// The version of the JSON document's form.
pub const VERSION: u32 = 1;

/// The language of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Mermaid's flowchart.
    Mermaid,
    /// Graphviz's DOT.
    Dot,
}

/// Fields that tell people which thing of its kind a fact is, in the order they are shown.
const TELLING: [&str; 7] = ["name", "library", "program", "tool", "host", "port", "listen_ports"];

/// What is drawn.
pub struct Graph<'a> {
    /// What was understood.
    pub facts: &'a Facts,
    /// Who is who.
    pub links: &'a Links,
    /// The texts.
    pub sources: &'a Sources,
    /// What must not be shown.
    pub mask: &'a Mask,
}

/// All pairs, by the deployment that both are of.
fn pairs(facts: &Facts, links: &Links) -> BTreeMap<u32, Vec<(&'static str, Link)>> {
    let mut all: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for relation in RELATIONS {
        for link in links.of(relation.name) {
            let number = links.number(facts.get(link.from).span.file);
            all.entry(number).or_default().push((relation.name, link));
        }
    }
    all
}

/// The files of each deployment and the pairs of facts in it, with a line end. A fact is named by its index in the list
/// that [`super::facts::render`] writes.
pub fn deployments(facts: &Facts, links: &Links, sources: &Sources) -> String {
    let mut files: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (id, source) in sources.iter() {
        files.entry(links.number(id)).or_default().push(&source.name);
    }
    let mut pairs = pairs(facts, links);
    let end = |id: FactId| {
        let fact = facts.get(id);
        let source = sources.get(fact.span.file);
        let line = source.position(fact.span.start as usize).line;
        json!({"fact": id.0, "kind": fact.kind.name, "file": source.name, "line": line})
    };
    let all: Vec<Json> = files
        .iter()
        .map(|(number, files)| {
            let named = links.places.named.get(number);
            let relations: Vec<Json> = pairs
                .remove(number)
                .unwrap_or_default()
                .into_iter()
                .map(|(relation, link)| {
                    let (from, to) = (end(link.from), end(link.to));
                    json!({"relation": relation, "from": from, "to": to, "assumed": link.assumed})
                })
                .collect();
            let (name, from) = (named.map(|d| &d.name), named.and_then(|d| d.from.as_ref()));
            json!({"name": name, "from": from, "files": files, "relations": relations})
        })
        .collect();
    // Strings, numbers and lists only: there is nothing in it that could fail to serialize.
    let document = json!({"version": VERSION, "deployments": all});
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

impl Graph<'_> {
    /// The drawing, with a line end: a box for each deployment that has pairs, dashed lines for what was assumed.
    pub fn render(&self, style: Style) -> String {
        let mut out = String::from(match style {
            Style::Mermaid => "flowchart LR\n",
            Style::Dot => "digraph connlint {\n  rankdir=LR\n  node [shape=box]\n",
        });
        let (directories, here) = (self.directories(), ".".to_owned());
        for (number, pairs) in pairs(self.facts, self.links) {
            let title = match self.links.places.named.get(&number) {
                Some(deployment) => &deployment.name,
                None => directories.get(&number).filter(|d| !d.is_empty()).unwrap_or(&here),
            };
            let title = escaped(title, style);
            let _ = match style {
                Style::Mermaid => writeln!(out, "  subgraph d{number}[\"{title}\"]"),
                Style::Dot => writeln!(out, "  subgraph cluster_{number} {{\n    label=\"{title}\""),
            };
            let nodes: BTreeSet<FactId> = pairs.iter().flat_map(|(_, l)| [l.from, l.to]).collect();
            for id in nodes {
                let label = self.label(self.facts.get(id), style);
                let _ = match style {
                    Style::Mermaid => writeln!(out, "    f{}[\"{label}\"]", id.0),
                    Style::Dot => writeln!(out, "    f{} [label=\"{label}\"]", id.0),
                };
            }
            out.push_str(if style == Style::Mermaid { "  end\n" } else { "  }\n" });
            // Whoever `meets` a broker also `dials` it: one line says both.
            for (relation, link) in pairs.iter().filter(|(relation, _)| *relation != "meets") {
                let (from, to) = (link.from.0, link.to.0);
                let _ = match (style, link.assumed.is_some()) {
                    (Style::Mermaid, false) => writeln!(out, "  f{from} -->|{relation}| f{to}"),
                    (Style::Mermaid, true) => writeln!(out, "  f{from} -.->|{relation}| f{to}"),
                    (Style::Dot, false) => writeln!(out, "  f{from} -> f{to} [label=\"{relation}\"]"),
                    (Style::Dot, true) => {
                        writeln!(out, "  f{from} -> f{to} [label=\"{relation}\" style=dashed]")
                    }
                };
            }
        }
        if style == Style::Dot {
            out.push_str("}\n");
        }
        out
    }

    /// The directory above all files of each deployment.
    fn directories(&self) -> BTreeMap<u32, String> {
        let mut common: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for (id, source) in self.sources.iter() {
            let parts = source.directory().split('/');
            match common.get_mut(&self.links.number(id)) {
                Some(known) => {
                    let same = known.iter().zip(parts).take_while(|(a, b)| **a == *b).count();
                    known.truncate(same);
                }
                None => {
                    common.insert(self.links.number(id), parts.collect());
                }
            }
        }
        common.into_iter().map(|(number, parts)| (number, parts.join("/"))).collect()
    }

    fn label(&self, fact: &Fact, style: Style) -> String {
        let mut words = vec![fact.kind.name.to_owned()];
        for wanted in TELLING {
            let at = fact.kind.fields.iter().position(|def| def.name == wanted);
            let Some(said) = at.and_then(|i| fact.by_index(i)) else { continue };
            let hidden = said.secret || said.span().is_some_and(|s| self.mask.touches(s));
            if !hidden && matches!(said.value, Value::Text(_) | Value::Int(_) | Value::List(_)) {
                words.push(said.shown());
            }
        }
        let source = self.sources.get(fact.span.file);
        let line = source.position(fact.span.start as usize).line;
        let place = format!("{}:{line}", source.name);
        let between = if style == Style::Mermaid { "<br>" } else { "\\n" };
        format!("{}{between}{}", escaped(&words.join(" "), style), escaped(&place, style))
    }
}

/// A text between quotation marks.
fn escaped(text: &str, style: Style) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match (c, style) {
            (c, _) if c.is_control() => out.push(' '),
            ('"' | '\\', Style::Dot) => out.extend(['\\', c]),
            ('"' | '<' | '>' | '&' | '#', Style::Mermaid) => {
                let _ = write!(out, "#{};", c as u32);
            }
            (c, _) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleSet;
    use crate::settings::{Deployment, Settings};
    use crate::source::Source;

    #[test]
    fn a_drawing_shows_pairs_and_no_secret() {
        let mut sources = Sources::new();
        sources.add(Source::new(
            "d/compose.yml",
            "services:\n  mq: {image: \"rabbitmq:4.1\"}\n  app:\n    image: x:1\n    environment:\n      \
             AMQP_URL: amqp://u:GEHEIM77@mq:5672/v\n",
        ));
        sources.add(Source::new("d/rabbitmq.conf", "heartbeat = 60\n"));
        let one = Deployment { name: "a \"b\"".into(), files: vec!["d/**".into()], from: None };
        let settings = Settings { deployments: vec![one], ..Settings::default() };
        let outcomes = crate::lint(&sources, &settings, &RuleSet::built_in());
        let mask = Mask::new(outcomes.secrets.clone());
        let graph = Graph { facts: &outcomes.facts, links: &outcomes.links, sources: &sources, mask: &mask };
        let mermaid = graph.render(Style::Mermaid);
        assert!(mermaid.starts_with("flowchart LR\n  subgraph d0[\"a #34;b#34;\"]\n"), "{mermaid}");
        assert!(mermaid.contains("-->|names|") && mermaid.contains("-.->|runs|"), "{mermaid}");
        let dot = graph.render(Style::Dot);
        assert!(dot.contains("label=\"a \\\"b\\\"\"") && dot.contains("style=dashed"), "{dot}");
        let json = deployments(&outcomes.facts, &outcomes.links, &sources);
        let read: Json = serde_json::from_str(&json).unwrap();
        assert_eq!(read["deployments"][0]["files"], json!(["d/compose.yml", "d/rabbitmq.conf"]));
        assert!(read["deployments"][0]["relations"].as_array().is_some_and(|r| r.len() > 2), "{json}");
        for text in [mermaid, dot, json] {
            assert!(!text.contains("GEHEIM"), "{text}");
        }
    }
}
