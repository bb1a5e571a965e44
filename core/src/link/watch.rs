//! What a deployment's alerts leave out of a system that they watch.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::alerts::{comparison, gap, rule, series};
use crate::facts::kinds::{kafka, rabbitmq, tls_end};
use crate::facts::{Fact, Facts, Kind, Value};
use crate::source::Span;

use super::names::record;
use super::{Index, Links};

/// A system, what of it should be watched, and the metrics of which any does it; a metric counts by its beginning.
#[rustfmt::skip]
const CONCERNS: &[(&str, &str, &[&str])] = &[
    ("rabbitmq", "memory", &["rabbitmq_alarms_memory", "rabbitmq_process_resident_memory", "rabbitmq_resident_memory", "rabbitmq_node_mem", "rabbitmq_memory"]),
    ("rabbitmq", "disk", &["rabbitmq_alarms_free_disk", "rabbitmq_disk_space", "rabbitmq_node_disk", "node_filesystem_", "kubelet_volume_stats_"]),
    ("rabbitmq", "backlog", &["rabbitmq_queue_messages", "rabbitmq_detailed_queue_messages", "rabbitmq_queue_head", "rabbitmq_overview_messages"]),
    ("rabbitmq", "connections", &["rabbitmq_connection", "rabbitmq_channels", "rabbitmq_process_open", "rabbitmq_fd_used", "rabbitmq_sockets_used"]),
    ("kafka", "lag", &["kafka_consumergroup", "kafka_burrow", "kafka_consumer_", "kafka_lag"]),
    ("kafka", "replication", &["kafka_server_replicamanager", "kafka_topic_partition_under", "kafka_topic_partition_in_sync", "kafka_cluster_partition_under", "kafka_server_replica"]),
    ("redis", "memory", &["redis_memory", "redis_evicted", "redis_mem"]),
    ("redis", "clients", &["redis_connected_clients", "redis_rejected", "redis_blocked"]),
    ("postgresql", "connections", &["pg_stat_activity", "pg_stat_database_numbackends", "pg_settings_max_connections"]),
    ("mysql", "connections", &["mysql_global_status_threads_connected", "mysql_global_status_max_used", "mysql_global_variables_max_connections"]),
];

/// How the metrics of a system begin.
const SYSTEMS: &[(&str, &str)] = &[
    ("rabbitmq", "rabbitmq_"),
    ("kafka", "kafka_"),
    ("redis", "redis_"),
    ("postgresql", "pg_"),
    ("mysql", "mysql_"),
];

/// Alerts of a system that are only a beginning of watching it leave nothing out on purpose.
const FEW_ALERTS: usize = 2;

/// Metrics that say when certificates end.
const EXPIRY: &[&str] = &[
    "probe_ssl_earliest_cert_expiry",
    "ssl_cert_not_after",
    "x509_cert",
    "strimzi_certificate_expiration",
    "certmanager_certificate",
    "cert_exporter",
    "ssl_certificate",
];

#[derive(Default)]
struct Watch {
    /// The first alert, and the first of each system.
    first: Option<Span>,
    firsts: BTreeMap<&'static str, Span>,
    /// Metrics in alerts.
    metrics: BTreeSet<String>,
    /// The alerts of each system.
    alerts: BTreeMap<&'static str, BTreeSet<u32>>,
    all: BTreeSet<u32>,
    /// Series that are computed beforehand may stand for any metric.
    computed: bool,
}

/// Adds what is left out.
pub(super) fn gaps(facts: &mut Facts, index: &Index, links: &Links) {
    let mut watches: BTreeMap<u32, Watch> = BTreeMap::new();
    for (_, fact) in facts.of(&series::KIND) {
        let Some(owner) = record(fact, series::rule) else { continue };
        if facts.get(owner).bool(rule::recording) == Some(true) {
            continue;
        }
        let Some(metric) = fact.text(series::metric) else { continue };
        let watch = watches.entry(links.number(fact.span.file)).or_default();
        watch.first = Some(watch.first.map_or(facts.get(owner).span, |s| s.min(facts.get(owner).span)));
        watch.all.insert(owner.0);
        watch.computed |= metric.contains(':');
        let plain = metric.to_ascii_lowercase();
        for (system, _) in SYSTEMS.iter().filter(|(_, start)| plain.starts_with(start)) {
            watch.alerts.entry(system).or_default().insert(owner.0);
            let first = watch.firsts.entry(system).or_insert(facts.get(owner).span);
            *first = (*first).min(facts.get(owner).span);
        }
        watch.metrics.insert(plain);
    }
    let mut found = Vec::new();
    for (deployment, watch) in &watches {
        let Some(first) = watch.first else { continue };
        let any = |starts: &[&str]| watch.metrics.iter().any(|m| starts.iter().any(|s| m.starts_with(s)));
        let mut add = |system: &str, missing: &str, alerts: usize| {
            let mut fact = Fact::new(&gap::KIND, watch.firsts.get(system).copied().unwrap_or(first));
            fact.derive(gap::system, Value::text(system));
            fact.derive(gap::missing, Value::text(missing));
            fact.derive(gap::alerts, Value::Int(alerts as i64));
            found.push(fact);
        };
        for (system, missing, metrics) in CONCERNS {
            let alerts = watch.alerts.get(system).map_or(0, BTreeSet::len);
            if alerts >= FEW_ALERTS && !watch.computed && !any(metrics) {
                add(system, missing, alerts);
            }
        }
        let here = |kind: &'static Kind| !index.here(kind, *deployment).is_empty();
        let secured =
            here(&tls_end::end::KIND) && (here(&rabbitmq::server::KIND) || here(&kafka::broker::KIND));
        if secured && watch.all.len() > FEW_ALERTS && !any(EXPIRY) {
            add("tls", "expiry", watch.all.len());
        }
    }
    for fact in found {
        facts.add(fact);
    }
    mark_earliest(facts, links);
}

/// Marks, of the comparisons that tell a share in use, those that come first in their deployment.
fn mark_earliest(facts: &mut Facts, links: &Links) {
    let percent = |fact: &Fact| match fact.get(comparison::used_percent).map(|s| &s.value) {
        Some(Value::Float(percent)) => Some(*percent),
        _ => None,
    };
    let mut all = Vec::new();
    let mut least: BTreeMap<u32, f64> = BTreeMap::new();
    for (id, fact) in facts.of(&comparison::KIND) {
        let Some(percent) = percent(fact) else { continue };
        let deployment = links.number(fact.span.file);
        let entry = least.entry(deployment).or_insert(percent);
        *entry = entry.min(percent);
        all.push((id, deployment, percent));
    }
    for (id, deployment, percent) in all {
        let first = least.get(&deployment).is_some_and(|l| percent <= *l);
        facts.get_mut(id).derive(comparison::earliest, Value::Bool(first));
    }
}
