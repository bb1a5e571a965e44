//! The faults and the parameters of an AMQP URI, a fact each.

use std::collections::BTreeSet;

use super::{MAX_PARAMETERS, Read, in_base_units, usual_unit, written};
use crate::facts::kinds::amqp::{uri_parameter, uri_part};
use crate::facts::{Fact, FactId, Said, Value};
use crate::nearest::nearest;
use crate::syntax::uri::{Component, FaultKind, Parameter};
use crate::systems::Reading;
use crate::systems::amqp_clients::{LIBRARIES, Unit};
use crate::systems::uris::is_secret_parameter;

/// The parameters that RabbitMQ describes for URIs, offered where the client is not known.
const USUAL: [&str; 10] = [
    "heartbeat",
    "connection_timeout",
    "channel_max",
    "frame_max",
    "auth_mechanism",
    "cacertfile",
    "certfile",
    "keyfile",
    "verify",
    "server_name_indication",
];

impl<'v> Read<'_, 'v> {
    pub(super) fn faults(&self, uri: FactId, out: &mut Reading) {
        let mut add =
            |fault: &str, component: Component, span, found: Option<&str>, replacement: Option<&str>| {
                let mut fact = Fact::new(&uri_part::KIND, span);
                fact.set(uri_part::uri, Said::written(Value::Record(uri), self.uri.span));
                fact.write(uri_part::fault, Value::text(fault), span);
                fact.derive(uri_part::component, Value::text(component.as_str()));
                fact.derive(uri_part::segments, Value::Int(self.uri.segments.len() as i64));
                for (field, text) in [
                    (uri_part::found, found),
                    (uri_part::replacement, replacement),
                    (uri_part::client, self.client.as_deref()),
                    (
                        uri_part::client_segments,
                        self.library.map(|l| l.reading.segments).filter(|s| !s.is_empty()),
                    ),
                ] {
                    if let Some(text) = text {
                        fact.derive(field, Value::text(text));
                    }
                }
                out.facts.add(fact);
            };
        for fault in &self.uri.faults {
            // A port that is no number may be a password whose `@` is missing.
            let open = matches!(fault.component, Component::Host | Component::Port)
                && fault.kind != FaultKind::PortNotANumber
                && fault.kind != FaultKind::MultipleHosts;
            let found = if open {
                self.uri.hosts.iter().flat_map(|h| &h.port_text).find(|p| p.range == fault.range)
            } else {
                None
            };
            add(
                fault.kind.as_str(),
                fault.component,
                fault.span,
                found.map(|p| p.raw),
                fault.replacement.as_deref(),
            );
        }
        if self.context.expands_variables == Some(false) {
            let host = self.first();
            let places = [
                (Component::User, self.uri.user.as_ref()),
                (Component::Password, self.uri.password.as_ref()),
                (Component::Host, host.map(|h| &h.name)),
                (Component::Port, host.and_then(|h| h.port_text.as_ref())),
                (Component::Path, self.uri.path.as_ref()),
            ];
            for (component, part) in places {
                if let Some(part) = part.filter(|p| p.placeholder && is_variable(p.raw)) {
                    add("unexpanded_placeholder", component, part.span, None, None);
                }
            }
        }
    }

    pub(super) fn parameters(&self, uri: FactId, out: &mut Reading) {
        let mut seen = BTreeSet::new();
        for parameter in self.uri.parameters.iter().take(MAX_PARAMETERS) {
            let name = &parameter.name;
            if name.placeholder || name.raw.is_empty() {
                continue;
            }
            let mut fact = Fact::new(&uri_parameter::KIND, name.span);
            let here = Some(name.span);
            fact.set(uri_parameter::uri, Said::written(Value::Record(uri), self.uri.span));
            fact.set(uri_parameter::name, written(name));
            if let Some(value) = &parameter.value {
                let said = written(value);
                fact.set(
                    uri_parameter::value,
                    if is_secret_parameter(&name.text) { said.secret() } else { said },
                );
            }
            let first = seen.insert(name.text.clone());
            fact.set(uri_parameter::duplicate, Said::derived(Value::Bool(!first), here));
            let anywhere = LIBRARIES.iter().any(|l| l.parameter(&name.text).is_some());
            fact.set(uri_parameter::known_anywhere, Said::derived(Value::Bool(anywhere), here));
            let reads = self.library.filter(|l| l.reading.query == "read");
            let known = reads.map(|l| l.parameter(&name.text));
            if let Some(known) = known {
                fact.set(uri_parameter::known_for_client, Said::derived(Value::Bool(known.is_some()), here));
            }
            if known.map_or(!anywhere, |k| k.is_none()) {
                let near = match reads {
                    Some(library) => nearest(&name.text, library.reading.parameters.iter().map(|p| p.name)),
                    None => nearest(&name.text, USUAL),
                };
                if let Some(near) = near {
                    fact.set(uri_parameter::nearest, Said::derived(Value::text(near), here));
                }
            }
            let unit = match known {
                Some(known) => known.map(|p| p.unit),
                None => usual_unit(&name.text),
            };
            self.amount(&mut fact, parameter, unit);
            if let Some(client) = &self.client {
                fact.derive(uri_parameter::client, Value::text(client));
            }
            if let Some(library) = reads {
                fact.derive(uri_parameter::client_unknown, Value::text(library.reading.unknown));
            }
            out.facts.add(fact);
        }
    }

    fn amount(&self, fact: &mut Fact, parameter: &Parameter<'v>, unit: Option<Unit>) {
        let Some(value) = parameter.value.as_ref().filter(|v| !v.placeholder) else { return };
        let here = Some(value.span);
        if let Ok(integer) = value.text.parse::<i64>() {
            fact.set(uri_parameter::integer, Said::written(Value::Int(integer), value.span));
        }
        let Some(unit) = unit else { return };
        let number = unit != Unit::Text;
        fact.set(uri_parameter::wants_integer, Said::derived(Value::Bool(number), here));
        let whole = in_base_units(&value.text, unit);
        // Only Python and PHP take fractions of a second.
        let fraction = unit == Unit::Seconds
            && self.library.is_some_and(|l| l.reading.unknown == "refused" || l.name.starts_with("aio"));
        let fits = whole.is_some() || (fraction && value.text.parse::<f64>().is_ok_and(|n| n >= 0.0));
        fact.set(uri_parameter::not_integer, Said::derived(Value::Bool(number && !fits), here));
        if let Unit::Seconds | Unit::Millis = unit {
            fact.derive(uri_parameter::unit, Value::text(if unit == Unit::Seconds { "s" } else { "ms" }));
            if let Some(time) = whole {
                fact.set(uri_parameter::time, Said::written(Value::Duration(time), value.span));
            }
        }
    }
}

/// True for a hole that an environment or template fills, unlike the format holes of a program.
fn is_variable(raw: &str) -> bool {
    ["${", "$(", "{{", "<"].iter().any(|m| raw.contains(m))
        || raw.starts_with('$')
        || (raw.len() > 2 && raw.starts_with('%') && raw.ends_with('%'))
}
