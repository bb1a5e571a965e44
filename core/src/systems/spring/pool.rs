//! HikariCP's properties (HikariConfig.java): plain numbers, of milliseconds where they are times.

use std::collections::BTreeMap;

use super::{Document, uniform};
use crate::facts::kinds::pool::{hikari, literal};
use crate::facts::{Fact, Field, Value};
use crate::systems::Reading;
use crate::systems::keyed::forms::is_open;

/// Times, by their uniform names.
const TIMES: &[(&str, Field)] = &[
    ("maxlifetime", hikari::max_lifetime),
    ("idletimeout", hikari::idle_timeout),
    ("connectiontimeout", hikari::connection_timeout),
    ("keepalivetime", hikari::keepalive_time),
    ("validationtimeout", hikari::validation_timeout),
    ("leakdetectionthreshold", hikari::leak_detection_threshold),
];

/// Numbers, by their uniform names.
const NUMBERS: &[(&str, Field)] =
    &[("maximumpoolsize", hikari::maximum_pool_size), ("minimumidle", hikari::minimum_idle)];

/// Milliseconds of a number with a unit as `java.time` and people write it.
fn milliseconds(text: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let each = match unit.trim().to_ascii_lowercase().as_str() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(each)
}

/// Adds the pools of a document, one for each prefix.
pub(super) fn extract(document: &Document<'_>, reading: &mut Reading) {
    let mut pools: BTreeMap<String, Fact> = BTreeMap::new();
    for property in &document.properties {
        let Some((prefix, last)) = property.name.rsplit_once('.') else { continue };
        let part = uniform(prefix.rsplit('.').next().unwrap_or_default());
        if part != "hikari" {
            continue;
        }
        let name = uniform(last);
        let pool = pools.entry(prefix.to_owned()).or_insert_with(|| Fact::new(&hikari::KIND, property.at));
        let (text, span) = (property.value.text.trim(), property.value.full_span());
        if is_open(text) {
            continue;
        }
        let time = TIMES.iter().find(|(known, _)| *known == name);
        let number = NUMBERS.iter().find(|(known, _)| *known == name);
        match (text.parse::<i64>(), time, number) {
            (Ok(n), Some((_, field)), _) => drop(pool.write(*field, Value::Duration(n), span)),
            (Ok(n), _, Some((_, field))) => drop(pool.write(*field, Value::Int(n), span)),
            (Err(_), Some(_), _) => {
                if let Some(meant) = milliseconds(text) {
                    let mut fact = Fact::new(&literal::KIND, property.at);
                    fact.write(literal::key, Value::text(&property.name), property.at);
                    fact.write(literal::value, Value::text(text), span);
                    fact.derive(literal::suggestion, Value::text(meant.to_string()));
                    reading.facts.add(fact);
                }
            }
            _ => {}
        }
    }
    for (prefix, mut fact) in pools {
        fact.derive(hikari::prefix, Value::text(prefix));
        reading.facts.add(fact);
    }
}
