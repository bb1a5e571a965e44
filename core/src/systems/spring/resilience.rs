//! resilience4j's properties: how often calls are tried again, and when a breaker opens (RetryProperties.java,
//! CircuitBreakerConfig.java).

use std::collections::BTreeMap;

use super::{Document, Property, uniform, values};
use crate::facts::kinds::retry::{breaker, policy};
use crate::facts::{Fact, Field, Said, Value};
use crate::source::Span;
use crate::systems::Reading;
use crate::systems::keyed::forms::is_open;
use crate::systems::retries;

/// What an instance has when nothing is said (RetryConfig.java; a growing wait grows by half).
const ATTEMPTS: i64 = 3;
const WAIT_MS: i64 = 500;
const GROWTH: f64 = 1.5;
/// The same of a breaker (CircuitBreakerConfig.java).
const WINDOW: i64 = 100;
const MINIMUM: i64 = 100;

const OWNER: &str = "resilience4j";

/// The properties of one instance or shared configuration, by their uniform names.
type Group<'d, 'v> = BTreeMap<String, &'d Property<'v>>;

/// Adds the policies and breakers of a document.
pub(super) fn extract(document: &Document<'_>, reading: &mut Reading) {
    for part in ["retry", "circuitbreaker"] {
        let mut instances: BTreeMap<String, Group<'_, '_>> = BTreeMap::new();
        let mut shared: BTreeMap<String, Group<'_, '_>> = BTreeMap::new();
        for property in &document.properties {
            let words: Vec<&str> = property.name.split('.').collect();
            let [first, second, kind, name, key] = words[..] else { continue };
            if uniform(first) != OWNER || uniform(second) != part {
                continue;
            }
            let group = match uniform(kind).as_str() {
                "instances" | "backends" => &mut instances,
                "configs" => &mut shared,
                _ => continue,
            };
            group.entry(name.to_owned()).or_default().insert(uniform(key), property);
        }
        // A shared configuration counts where an instance takes it, the one named `default` for all.
        for (name, own) in &instances {
            let base = own.get("baseconfig").map_or("default", |p| p.value.text.trim());
            let mut all = shared.get(base).cloned().unwrap_or_default();
            all.extend(own.iter().map(|(k, p)| (k.clone(), *p)));
            let Some(at) = own.values().next().map(|p| p.at) else { continue };
            let fact = if part == "retry" { retry(name, at, &all) } else { breaker_of(name, at, &all) };
            reading.facts.add(fact);
        }
    }
}

/// The first of some names of a property that is written and not left to a template.
fn find<'d, 'v>(all: &Group<'d, 'v>, names: &[&str]) -> Option<&'d Property<'v>> {
    names.iter().find_map(|n| all.get(*n)).copied().filter(|p| !is_open(p.value.text.trim()))
}

fn number(fact: &mut Fact, field: Field, all: &Group<'_, '_>, names: &[&str], default: i64) {
    let said = match names.iter().any(|n| all.contains_key(*n)) {
        true => find(all, names).and_then(|p| {
            let n = p.value.text.trim().parse().ok()?;
            Some(Said::written(Value::Int(n), p.value.full_span()))
        }),
        false => Some(Said::default(Value::Int(default), OWNER)),
    };
    if let Some(said) = said {
        fact.set(field, said);
    }
}

fn duration(fact: &mut Fact, field: Field, all: &Group<'_, '_>, names: &[&str], default: Option<i64>) {
    let said = match names.iter().any(|n| all.contains_key(*n)) {
        true => find(all, names).and_then(|p| {
            let ms = values::duration(p.value.text.trim(), "ms")?;
            Some(Said::written(Value::Duration(ms), p.value.full_span()))
        }),
        false => default.map(|ms| Said::default(Value::Duration(ms), OWNER)),
    };
    if let Some(said) = said {
        fact.set(field, said);
    }
}

fn flag(all: &Group<'_, '_>, name: &str) -> Option<bool> {
    match all.get(name).map(|p| p.value.text.trim().to_ascii_lowercase()).as_deref() {
        None | Some("false") => Some(false),
        Some("true") => Some(true),
        Some(_) => None,
    }
}

fn retry(name: &str, at: Span, all: &Group<'_, '_>) -> Fact {
    let mut fact = Fact::new(&policy::KIND, at);
    fact.derive(policy::library, Value::text(OWNER));
    fact.write(policy::call, Value::text(name), at);
    fact.derive(policy::function, Value::text(name));
    fact.derive(policy::total, Value::Duration(0));
    number(&mut fact, policy::attempts, all, &["maxattempts", "maxretryattempts"], ATTEMPTS);
    duration(&mut fact, policy::initial, all, &["waitduration"], Some(WAIT_MS));
    duration(&mut fact, policy::cap, all, &["exponentialmaxwaitduration"], Some(0));
    let (grows, random) = (flag(all, "enableexponentialbackoff"), flag(all, "enablerandomizedwait"));
    if let (Some(grows), Some(random)) = (grows, random) {
        fact.derive(policy::jitter, Value::Bool(random));
        let growth = match find(all, &["exponentialbackoffmultiplier"]) {
            _ if !grows => Some(Said::default(Value::Float(1.0), OWNER)),
            Some(p) => {
                let n = p.value.text.trim().parse().ok();
                n.map(|n: f64| Said::written(Value::Float(n), p.value.full_span()))
            }
            None => Some(Said::default(Value::Float(GROWTH), OWNER)),
        };
        if let Some(growth) = growth {
            fact.set(policy::factor, growth);
        }
    }
    retries::settle(&mut fact);
    fact
}

fn breaker_of(name: &str, at: Span, all: &Group<'_, '_>) -> Fact {
    let mut fact = Fact::new(&breaker::KIND, at);
    fact.derive(breaker::library, Value::text(OWNER));
    fact.write(breaker::name, Value::text(name), at);
    number(&mut fact, breaker::window, all, &["slidingwindowsize"], WINDOW);
    number(&mut fact, breaker::minimum, all, &["minimumnumberofcalls"], MINIMUM);
    let by_time = find(all, &["slidingwindowtype"]).map(|p| uniform(p.value.text.trim()) == "timebased");
    fact.derive(breaker::by_time, Value::Bool(by_time.unwrap_or(false)));
    duration(&mut fact, breaker::open_for, all, &["waitdurationinopenstate"], None);
    fact
}
