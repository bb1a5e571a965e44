//! How long a program may take to stop.

use crate::facts::kinds::container::variable;
use crate::facts::kinds::spring::shutdown;
use crate::facts::{Fact, Facts, Field, Value};
use crate::systems::Reading;
use crate::systems::keyed::forms::is_open;

use super::values;
use super::{Document, uniform};

/// The properties in one spelling.
const GRACEFUL: &str = "server.shutdown";
const TIMEOUT: &str = "spring.lifecycle.timeoutpershutdownphase";

/// The unit of a bare number (`Duration` of Spring Boot without `@DurationUnit`).
const UNIT: &str = "ms";

/// Adds what a document says.
pub(super) fn extract(document: &Document<'_>, reading: &mut Reading) {
    let mut found: Option<Fact> = None;
    for property in &document.properties {
        let (text, at) = (property.value.text.trim(), property.value.full_span());
        if is_open(text) {
            continue;
        }
        let name = uniform(&property.name);
        let fact = || Fact::new(&shutdown::KIND, property.at);
        match name.as_str() {
            GRACEFUL => {
                let graceful = Value::Bool(text.eq_ignore_ascii_case("graceful"));
                found.get_or_insert_with(fact).write(shutdown::graceful, graceful, at);
            }
            TIMEOUT => {
                if let Some(ms) = values::duration(text, UNIT) {
                    found.get_or_insert_with(fact).write(shutdown::phase_timeout, Value::Duration(ms), at);
                }
            }
            _ => {}
        }
    }
    if let Some(fact) = found {
        reading.facts.add(fact);
    }
}

/// The same from a container's variables, which Spring Boot binds with and without `_` for `-`.
pub(crate) fn from_environment(facts: &Facts) -> Vec<Fact> {
    let mut out = Vec::new();
    for (_, fact) in facts.of(&variable::KIND) {
        let Some(name) = fact.text(variable::name).filter(|n| n.starts_with("SPRING_LIFECYCLE_")) else {
            continue;
        };
        let plain: String = name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
        if plain != TIMEOUT.replace('.', "") {
            continue;
        }
        let Some(said) = fact.get(variable::value) else { continue };
        let (Value::Text(text), Some(at)) = (&said.value, said.span()) else { continue };
        let Some(ms) = values::duration(text.trim(), UNIT) else { continue };
        let mut made = Fact::new(&shutdown::KIND, fact.span);
        made.write(shutdown::phase_timeout, Value::Duration(ms), at);
        made.derive(shutdown::variable, Value::text(name));
        let owners: [(Field, Field); 2] =
            [(shutdown::service, variable::service), (shutdown::container, variable::container)];
        for (field, source) in owners {
            made.copy(field, fact, source);
        }
        out.push(made);
    }
    out
}
