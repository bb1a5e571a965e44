//! Compose files that Compose reads together by itself: the project's file and its override.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{FileId, Span};
use crate::syntax::{Data, Entry, Node, Scalar, Style};

/// Names of a project's file, the one that wins first (compose-go, cli/options.go: DefaultFileNames).
const PROJECT: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Names of its override (compose-go, cli/options.go: DefaultOverrideFileNames).
const OVERRIDE: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Keys whose list in an override takes the place of the list (compose-go, override/merge.go).
const REPLACED: [&str; 3] = ["command", "entrypoint", "test"];

/// Keys that are written as a list of names or assignments or as a map, and merged as maps.
const MAPS: [&str; 7] = ["environment", "depends_on", "networks", "labels", "sysctls", "extra_hosts", "args"];

/// Keys that are written as one text or as a list, and merged as lists.
const LISTS: [&str; 5] = ["env_file", "dns", "dns_search", "tmpfs", "label_file"];

/// True for the base name of a file that matters to a Compose file in the same directory.
pub(in crate::systems) fn is_beside(base_name: &str) -> bool {
    base_name == ".env" || PROJECT.contains(&base_name) || OVERRIDE.contains(&base_name)
}

/// The project's file among those with a name for it: which of them counts.
pub(super) fn first_of<'n>(project: bool, names: &[&'n str]) -> Option<&'n str> {
    let order = if project { PROJECT } else { OVERRIDE };
    order.iter().find_map(|o| names.iter().find(|n| *n == o)).copied()
}

/// The file of an override, and its text.
pub(super) type Layer<'s> = (FileId, &'s str);

/// What a tag in front of a value says of its merge.
enum Tag {
    None,
    Reset,
    Override,
}

fn tag((file, text): Layer<'_>, span: Span) -> Tag {
    if span.file != file {
        return Tag::None;
    }
    let before = text.get(..span.start as usize).unwrap_or_default().trim_end();
    // The tag of an empty value stands behind the place of the value.
    let behind = text.get(span.start as usize..).unwrap_or_default().trim_start_matches([' ', '\t']);
    if before.ends_with("!reset") || behind.starts_with("!reset") {
        Tag::Reset
    } else if before.ends_with("!override") || behind.starts_with("!override") {
        Tag::Override
    } else {
        Tag::None
    }
}

/// Lays an override over a project's file.
pub(super) fn merge<'a>(base: Node<'a>, over: Node<'a>, source: Layer<'_>) -> Node<'a> {
    values("", base, over, source)
}

fn values<'a>(key: &str, base: Node<'a>, over: Node<'a>, source: Layer<'_>) -> Node<'a> {
    let (base, over) = match key {
        _ if MAPS.contains(&key) => (as_map(base), as_map(over)),
        _ if LISTS.contains(&key) => (as_list(base), as_list(over)),
        _ => (base, over),
    };
    let span = base.span;
    match (base.data, over.data) {
        (Data::Map(entries), Data::Map(more)) => {
            let mut at: BTreeMap<String, usize> =
                entries.iter().enumerate().map(|(i, e)| (e.key.view.text.to_string(), i)).collect();
            let mut merged: Vec<Option<Entry<'a>>> = entries.into_iter().map(Some).collect();
            for entry in more {
                let name = entry.key.view.text.to_string();
                let slot = at.get(&name).and_then(|i| merged.get_mut(*i));
                match (tag(source, entry.value.span), slot) {
                    (Tag::Reset, Some(slot)) => *slot = None,
                    (Tag::Reset, None) => {}
                    (Tag::None, Some(slot)) => {
                        *slot = Some(match slot.take() {
                            Some(Entry { key, value }) => {
                                Entry { key, value: values(&name, value, entry.value, source) }
                            }
                            None => entry,
                        });
                    }
                    (Tag::Override, Some(slot)) => *slot = Some(entry),
                    (_, None) => {
                        at.insert(name, merged.len());
                        merged.push(Some(entry));
                    }
                }
            }
            Node { data: Data::Map(merged.into_iter().flatten().collect()), span }
        }
        (Data::Seq(mut items), Data::Seq(more)) if !REPLACED.contains(&key) => {
            // A mount at the same place takes the place of the one before.
            if key == "volumes" {
                let taken: BTreeSet<String> = more.iter().filter_map(target).collect();
                items.retain(|i| target(i).is_none_or(|t| !taken.contains(&t)));
            }
            items.extend(more);
            Node { data: Data::Seq(items), span }
        }
        (_, data) => Node { data, span: over.span },
    }
}

/// Where a volume is mounted.
fn target(item: &Node<'_>) -> Option<String> {
    if let Some(node) = item.get("target") {
        return node.text().map(str::to_owned);
    }
    let text = item.text()?;
    let parts = super::ports::split(text);
    let at = if parts.len() > 1 { parts.get(1)? } else { parts.first()? };
    text.get(at.clone()).map(str::to_owned)
}

/// One text as a list of it.
fn as_list(node: Node<'_>) -> Node<'_> {
    let span = node.span;
    match &node.data {
        Data::Seq(_) => node,
        _ => Node { data: Data::Seq(vec![node]), span },
    }
}

/// A list of `NAME=value` or `NAME` as a map.
fn as_map(node: Node<'_>) -> Node<'_> {
    let Data::Seq(items) = &node.data else { return node };
    let entries = items.iter().filter_map(|item| {
        let view = &item.scalar()?.view;
        let end = view.text.len();
        let at = view.text.find(['=', ':']).unwrap_or(end);
        let (from, style) = if at < end { (at + 1, Style::Quoted) } else { (end, Style::Plain) };
        let key = Scalar { view: view.sub_owned(0..at), style: Style::Quoted };
        let value = Scalar { view: view.sub_owned(from..end), style };
        let span = value.view.full_span();
        Some(Entry { key, value: Node { data: Data::Scalar(value), span } })
    });
    Node { data: Data::Map(entries.collect()), span: node.span }
}
