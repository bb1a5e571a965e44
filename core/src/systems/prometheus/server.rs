//! `prometheus.yml`: how often targets are asked and alerts evaluated.

use std::collections::BTreeSet;

use crate::facts::kinds::alerts::{job, server};
use crate::facts::{Fact, Said, Value};
use crate::source::{Source, View};
use crate::syntax::{Node, promql, yaml};
use crate::systems::containers::nodes;
use crate::systems::{FileKind, Match, Reading, carriers};

/// The configuration of a Prometheus server.
pub static SERVER: FileKind =
    FileKind { name: "prometheus.yml", doc: "The configuration of a Prometheus server.", recognise, read };

/// `global` of Prometheus where nothing is set.
const INTERVAL_MS: i64 = 60_000;
const TIMEOUT_MS: i64 = 10_000;

fn recognise(source: &Source) -> Match {
    let ending = carriers::has_ending(source.base_name(), &["yml", "yaml"]);
    let text = carriers::beginning(&source.text);
    let line = |start: &str| text.lines().any(|l| l.starts_with(start));
    match ending && line("scrape_configs:") && !line("apiVersion:") {
        true => Match::Sure,
        false => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (documents, notices) = yaml::parse(view);
    out.notices.extend(notices);
    for root in &documents {
        let Some(jobs) = root.get("scrape_configs") else { continue };
        let duration = |t: &str| promql::duration(t.trim()).map(Value::Duration);
        let head = root.get("global").map_or(jobs.span, |g| g.span);
        let mut fact = Fact::new(&server::KIND, head);
        for (field, key, default) in [
            (server::scrape_interval, "scrape_interval", INTERVAL_MS),
            (server::scrape_timeout, "scrape_timeout", TIMEOUT_MS),
            (server::evaluation_interval, "evaluation_interval", INTERVAL_MS),
        ] {
            let node = root.at(&["global", key]);
            nodes::put(&mut fact, field, node, duration);
            if node.is_none() {
                fact.set(field, Said::default(Value::Duration(default), "Prometheus"));
            }
        }
        nodes::put_list(&mut fact, server::rule_files, root.get("rule_files"));
        let told = root.at(&["alerting", "alertmanagers"]).is_some_and(|a| !a.items().is_empty());
        fact.derive(server::tells, Value::Bool(told));
        let mut names = BTreeSet::new();
        for one in jobs.items() {
            of_job(one, &fact, &mut names, out);
        }
        out.facts.add(fact);
    }
}

fn of_job(one: &Node<'_>, global: &Fact, names: &mut BTreeSet<String>, out: &mut Reading) {
    let Some(name) = one.get("job_name") else { return };
    let mut fact = Fact::new(&job::KIND, nodes::span(name));
    nodes::put_text(&mut fact, job::name, Some(name));
    let duration = |t: &str| promql::duration(t.trim()).map(Value::Duration);
    for (field, key, of) in [
        (job::interval, "scrape_interval", server::scrape_interval),
        (job::timeout, "scrape_timeout", server::scrape_timeout),
    ] {
        nodes::put(&mut fact, field, one.get(key), duration);
        if one.get(key).is_none()
            && let Some(said) = global.get(of)
        {
            fact.set(field, said.clone());
        }
    }
    nodes::put_text(&mut fact, job::path, one.get("metrics_path"));
    nodes::put_text(&mut fact, job::scheme, one.get("scheme"));
    let targets = one.get("static_configs").map_or(&[][..], Node::items).iter();
    let all: Vec<Said> = targets
        .flat_map(|t| t.get("targets").map_or(&[][..], Node::items))
        .filter_map(|t| Some(Said::written(Value::text(nodes::text(t)?), nodes::span(t))))
        .collect();
    fact.derive(job::targets, Value::List(all));
    let again = nodes::text(name).is_some_and(|n| !names.insert(n));
    fact.derive(job::duplicate, Value::Bool(again));
    if let Some(off) = one.at(&["tls_config", "insecure_skip_verify"]) {
        nodes::put_bool(&mut fact, job::unverified, Some(off));
    }
    out.facts.add(fact);
}
