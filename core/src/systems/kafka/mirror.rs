//! The clusters of MirrorMaker 2 and the flows between them.

use std::collections::{BTreeMap, BTreeSet};

use super::worker::Entry;
use crate::facts::kinds::kafka::{flow, mirrored};
use crate::facts::{Fact, Said, Value};
use crate::nearest::nearest;
use crate::source::Span;
use crate::systems::Reading;
use crate::systems::keyed::forms::is_open;

/// More clusters of one file are not read: flows are looked for between all of them.
const MAX_CLUSTERS: usize = 64;

#[derive(Default)]
struct Flow {
    span: Option<Span>,
    enabled: Option<bool>,
    misspelt: Option<Span>,
    options: BTreeMap<String, (String, Span)>,
}

/// The clusters and flows of one file, as far as its lines have been read.
#[derive(Default)]
pub(super) struct Flows {
    /// The clusters' names, and where they are written; `None` without `clusters`.
    aliases: Option<(Vec<String>, Span)>,
    flows: BTreeMap<(String, String), Flow>,
    /// What holds for all flows that say nothing of their own.
    common: BTreeMap<String, (String, Span)>,
    /// The brokers of each cluster.
    brokers: BTreeMap<String, (String, Span)>,
    small_buffers: Vec<(String, i64, Span)>,
}

/// Options that may stand before all flows.
const COMMON: &[&str] = &[
    "topics",
    "topics.exclude",
    "topics.blacklist",
    "sync.group.offsets.enabled",
    "emit.checkpoints.enabled",
];

impl Flows {
    /// The flows of a file with these lines: what `clusters` names has to be known before the lines are read.
    pub(super) fn new(entries: &[Entry<'_>]) -> Flows {
        let named = entries.iter().find(|e| e.key.text == "clusters").and_then(|e| e.value.as_ref());
        let aliases = named.map(|value| {
            let all = value.text.split(',').map(|a| a.trim().to_owned()).filter(|a| !a.is_empty());
            (all.take(MAX_CLUSTERS).collect(), value.full_span())
        });
        Flows { aliases, ..Flows::default() }
    }

    /// True if the file names clusters.
    pub(super) fn known(&self) -> bool {
        self.aliases.is_some()
    }

    /// Takes a line; true if it belongs to a flow or to one cluster, and to nothing else.
    pub(super) fn take(&mut self, entry: &Entry<'_>) -> bool {
        let key = entry.key.text.as_ref();
        let value = (entry.text().to_owned(), entry.span);
        if let Some((source, rest)) = key.split_once("->") {
            let (target, option) = self.target(rest);
            let flow = self.flows.entry((source.trim().to_owned(), target.to_owned())).or_default();
            flow.span.get_or_insert(entry.key.full_span());
            match option {
                "enabled" => flow.enabled = Some(entry.text().eq_ignore_ascii_case("true")),
                "enable" => flow.misspelt = Some(entry.key.full_span()),
                _ => {
                    flow.options.insert(option.to_owned(), value);
                }
            }
            return true;
        }
        let Some((aliases, _)) = &self.aliases else { return false };
        let own = aliases.iter().find_map(|a| Some((a, key.strip_prefix(a.as_str())?.strip_prefix('.')?)));
        if let Some((alias, option)) = own {
            if option == "bootstrap.servers" {
                self.brokers.insert(alias.clone(), value.clone());
            }
            self.buffer(option, entry);
            return true;
        }
        self.buffer(key, entry);
        if COMMON.contains(&key) {
            self.common.insert(key.to_owned(), value);
        }
        false
    }

    /// The cluster that a key's rest begins with, and its option; names of clusters may hold dots.
    fn target<'k>(&self, rest: &'k str) -> (&'k str, &'k str) {
        let aliases = self.aliases.iter().flat_map(|(a, _)| a);
        let named = aliases
            .filter(|a| rest.strip_prefix(a.as_str()).is_some_and(|r| r.starts_with('.')))
            .max_by_key(|a| a.len());
        match named {
            Some(alias) => (&rest[..alias.len()], &rest[alias.len() + 1..]),
            None => rest.split_once('.').map_or((rest.trim(), ""), |(t, o)| (t.trim(), o)),
        }
    }

    fn buffer(&mut self, option: &str, entry: &Entry<'_>) {
        // The manual's example of MirrorMaker gives the producer 32 KiB where 32 MiB are the default.
        if option.ends_with("buffer.memory")
            && let Ok(bytes) = entry.text().parse::<i64>()
        {
            self.small_buffers.push((entry.key.text.to_string(), bytes, entry.span));
        }
    }

    fn option<'f>(&'f self, flow: &'f Flow, name: &str) -> Option<&'f (String, Span)> {
        flow.options.get(name).or_else(|| self.common.get(name))
    }

    /// Adds the clusters and flows; `identity` if topics keep their names on the other side.
    pub(super) fn finish(self, identity: bool, template: bool, out: &mut Reading) {
        if let Some((aliases, span)) = &self.aliases {
            for alias in aliases.iter().filter(|a| !template && !is_open(a)) {
                self.cluster(alias, *span, out);
            }
        }
        let rings = if identity { self.rings() } else { BTreeSet::new() };
        for ((source, target), flow) in &self.flows {
            let Some(span) = flow.span else { continue };
            let mut fact = Fact::new(&flow::KIND, flow.misspelt.unwrap_or(span));
            fact.write(flow::source, Value::text(source), span);
            fact.write(flow::target, Value::text(target), span);
            fact.derive(flow::enabled, Value::Bool(flow.enabled == Some(true)));
            fact.derive(flow::enable_misspelt, Value::Bool(flow.misspelt.is_some()));
            fact.derive(flow::loops, Value::Bool(rings.contains(&(source.as_str(), target.as_str()))));
            self.options(flow, &mut fact);
            if let Some((aliases, _)) = &self.aliases
                && let Some(unknown) =
                    [source, target].into_iter().find(|a| !aliases.contains(a) && *a != "*")
            {
                fact.write(flow::unknown_alias, Value::text(unknown), span);
                if let Some(near) = nearest(unknown, aliases.iter().map(String::as_str)) {
                    fact.derive(flow::nearest, Value::text(near));
                }
            }
            out.facts.add(fact);
        }
    }

    fn cluster(&self, alias: &str, span: Span, out: &mut Reading) {
        let brokers = self.brokers.get(alias);
        let mut fact = Fact::new(&mirrored::KIND, brokers.map_or(span, |b| b.1));
        fact.derive(mirrored::alias, Value::text(alias));
        fact.derive(mirrored::brokers_missing, Value::Bool(brokers.is_none()));
        if let Some((list, at)) = brokers.filter(|(list, _)| !list.is_empty() && !is_open(list)) {
            let same = self.brokers.iter().find(|(other, (o, _))| other.as_str() < alias && o == list);
            if let Some((other, _)) = same {
                fact.write(mirrored::same_as, Value::text(other), *at);
            }
        }
        out.facts.add(fact);
    }

    fn options(&self, flow: &Flow, fact: &mut Fact) {
        let on = |name: &str| self.option(flow, name).map(|(v, at)| (v.eq_ignore_ascii_case("true"), *at));
        let synced = on("sync.group.offsets.enabled");
        fact.set(
            flow::offsets_synced,
            Said::derived(Value::Bool(synced.is_some_and(|(on, _)| on)), synced.map(|(_, at)| at)),
        );
        if let Some((false, at)) = on("emit.checkpoints.enabled") {
            fact.set(flow::checkpoints_off, Said::derived(Value::Bool(true), Some(at)));
        }
        if let Some((topics, at)) = self.option(flow, "topics") {
            fact.write(flow::topics, Value::text(topics), *at);
            let exclude = ["topics.exclude", "topics.blacklist"];
            let own = exclude.iter().any(|k| self.option(flow, k).is_some());
            let lost = topics.split(',').map(str::trim).find(|t| !own && excluded(t));
            if let Some(topic) = lost {
                fact.write(flow::excluded_topic, Value::text(topic), *at);
            }
        }
        let small = self.small_buffers.iter().min_by_key(|b| b.1);
        if let Some((key, bytes, at)) = small {
            fact.write(flow::buffer, Value::Size(*bytes), *at);
            fact.write(flow::buffer_key, Value::text(key), *at);
        }
    }

    /// The flows that lead back to where they start from, by any number of others.
    fn rings(&self) -> BTreeSet<(&str, &str)> {
        let on: Vec<(&str, &str)> = self
            .flows
            .iter()
            .filter(|((s, t), f)| f.enabled == Some(true) && s != t)
            .map(|((s, t), _)| (s.as_str(), t.as_str()))
            .take(MAX_CLUSTERS * MAX_CLUSTERS)
            .collect();
        let mut out_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (source, target) in &on {
            out_of.entry(source).or_default().push(target);
        }
        let leads = |from: &str, to: &str| {
            let mut seen = BTreeSet::from([from]);
            let mut open = vec![from];
            while let Some(here) = open.pop() {
                if here == to {
                    return true;
                }
                for &next in out_of.get(here).into_iter().flatten() {
                    if seen.insert(next) {
                        open.push(next);
                    }
                }
            }
            false
        };
        // A flow is on a ring if its target leads back to its source.
        let starts: BTreeSet<&str> = out_of.keys().copied().take(MAX_CLUSTERS).collect();
        on.iter().copied().filter(|(s, t)| starts.contains(s) && leads(t, s)).collect()
    }
}

/// True for a topic, named in full, that MirrorMaker leaves out unless told otherwise (DefaultTopicFilter).
fn excluded(topic: &str) -> bool {
    // Dots and dashes are part of names; anything else makes it a pattern.
    let plain =
        !topic.is_empty() && topic.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    plain
        && (topic.ends_with(".internal")
            || topic.ends_with("-internal")
            || topic.ends_with(".replica")
            || topic.starts_with("__"))
}
