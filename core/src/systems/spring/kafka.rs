//! The properties below `spring.kafka` that are Kafka's own: a producer and a consumer.

use super::{Document, uniform};
use crate::facts::Value;
use crate::facts::kinds::kafka::setting;
use crate::source::View;
use crate::systems::Reading;
use crate::systems::kafka::Reader;

/// Properties whose values Kafka gets as they are, by their uniform names; times and amounts have units here.
const PLAIN: &[(&str, &str)] = &[
    ("bootstrapservers", "bootstrap.servers"),
    ("acks", "acks"),
    ("retries", "retries"),
    ("autooffsetreset", "auto.offset.reset"),
    ("enableautocommit", "enable.auto.commit"),
    ("groupid", "group.id"),
    ("maxpollrecords", "max.poll.records"),
    ("isolationlevel", "isolation.level"),
    ("compressiontype", "compression.type"),
];

/// The property of Kafka that one of Spring's stands for, without `spring.kafka.` and the role.
fn key(rest: &str) -> Option<String> {
    let (first, below) = rest.split_once('.').unwrap_or((rest, ""));
    if uniform(first) == "properties" && !below.is_empty() {
        return Some(below.trim_matches(['[', ']', '"', '\'']).to_owned());
    }
    let name = uniform(rest);
    PLAIN.iter().find(|(known, _)| *known == name).map(|(_, key)| (*key).to_owned())
}

/// Adds a client for each role that a document speaks of.
pub(super) fn extract(document: &Document<'_>, reading: &mut Reading) {
    let below: Vec<(&str, &super::Property<'_>)> = document
        .properties
        .iter()
        .filter_map(|p| {
            let (first, rest) = p.name.split_once('.')?;
            let (second, rest) = rest.split_once('.')?;
            (uniform(first) == "spring" && uniform(second) == "kafka").then_some((rest, p))
        })
        .collect();
    for role in ["producer", "consumer"] {
        let own =
            |rest: &str| rest.split_once('.').filter(|(r, _)| uniform(r) == role).map(|(_, k)| k.to_owned());
        let Some((_, first)) = below.iter().find(|(rest, _)| own(rest).is_some()) else { continue };
        let mut reader = Reader::new(first.at, "spring", false);
        for (rest, property) in &below {
            // What stands outside a role holds for both.
            let Some(key) = own(rest).and_then(|k| key(&k)).or_else(|| key(rest)) else { continue };
            let view = View::mapped(property.at.file, key.clone(), vec![(0, property.at.start)]);
            let id = reader.take(&view, Some(&property.value), property.at, reading);
            reading.facts.get_mut(id).write(setting::key, Value::text(key), property.at);
        }
        reader.finish(Some(role), reading);
    }
}
