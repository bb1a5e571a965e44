//! URIs of other brokers and of data stores as facts.

use std::collections::BTreeSet;

use super::{UriContext, is_secret_parameter, is_weak, user_is_secret};
use crate::facts::kinds::store::{uri as kind, uri_parameter, uri_part};
use crate::facts::{Fact, FactId, Said, Value};
use crate::hosts;
use crate::syntax::uri::{Uri, schemes::Scheme};
use crate::systems::{Reading, mongodb};

/// More parameters of one URI are not read.
const MAX_PARAMETERS: usize = 64;

/// Parameters that say whether TLS is spoken, in any driver.
const TLS_MODES: &[&str] = &["sslmode", "sslMode", "ssl", "tls", "encrypt", "useSSL", "ssl-mode"];

/// Adds the facts of a URI.
pub(super) fn add(
    uri: &Uri<'_>,
    known: &'static Scheme,
    protocol: &str,
    context: &UriContext<'_>,
    out: &mut Reading,
) -> FactId {
    let mut fact = Fact::new(&kind::KIND, uri.span);
    if let Some(scheme) = &uri.scheme {
        fact.set(kind::scheme, Said::written(Value::text(known.name), scheme.span));
        fact.set(kind::protocol, Said::derived(Value::text(protocol), Some(scheme.span)));
        if let Some(tls) = known.tls {
            fact.set(kind::tls, Said::derived(Value::Bool(tls), Some(scheme.span)));
        }
    }
    for (field, text) in [(kind::key, context.key), (kind::client, context.client)] {
        if let Some(text) = text {
            fact.derive(field, Value::text(text));
        }
    }
    credentials(uri, &mut fact);
    places(uri, known, &mut fact);
    if let Some(database) = uri.segments.first().filter(|s| !s.raw.is_empty() && !s.placeholder) {
        fact.write(kind::database, Value::text(&database.text), database.span);
    }
    if let Some(query) = &uri.query {
        let secret = uri.parameters.iter().any(|p| is_secret_parameter(&p.name.text));
        let said = Said::written(Value::text(query.raw), query.span);
        fact.set(kind::query, if secret { said.secret() } else { said });
    }
    let mode = uri.parameters.iter().find(|p| TLS_MODES.contains(&p.name.text.as_ref()));
    if let Some(value) = mode.and_then(|p| p.value.as_ref()).filter(|v| !v.placeholder) {
        fact.write(kind::tls_mode, Value::text(&value.text), value.span);
    }
    let id = out.facts.add(fact);
    faults(uri, id, out);
    parameters(uri, protocol, id, out);
    if protocol == "mongodb" {
        mongodb::add(uri, id, out);
    }
    id
}

fn credentials(uri: &Uri<'_>, fact: &mut Fact) {
    if let Some(user) = uri.user.as_ref().filter(|u| !u.raw.is_empty()) {
        let said = Said::written(Value::text(&user.text), user.span);
        fact.set(kind::user, if user_is_secret(uri) { said.secret() } else { said });
        if !user.placeholder {
            fact.set(
                kind::password_absent,
                Said::derived(Value::Bool(uri.password.is_none()), Some(user.span)),
            );
        }
    }
    if let Some(password) = &uri.password {
        let literal = !password.placeholder && !password.raw.is_empty();
        let derived = |value: bool| Said::derived(Value::Bool(value), Some(password.span));
        fact.set(kind::password, Said::written(Value::text(&password.text), password.span).secret());
        fact.set(kind::password_literal, derived(literal));
        if literal {
            let user = uri.user.as_ref().map(|u| u.text.as_ref());
            fact.set(kind::password_weak, derived(is_weak(&password.text, user)));
        }
    }
}

fn places(uri: &Uri<'_>, known: &Scheme, fact: &mut Fact) {
    fact.derive(kind::host_count, Value::Int(uri.hosts.len() as i64));
    let Some(host) = uri.hosts.first() else { return };
    let name = &host.name;
    let derived = |value: bool| Said::derived(Value::Bool(value), Some(name.span));
    fact.set(kind::host_is_placeholder, derived(name.placeholder));
    if !name.raw.is_empty() {
        fact.write(kind::host, Value::text(&name.text), name.span);
    }
    if !name.raw.is_empty() && !name.placeholder {
        fact.set(kind::host_is_loopback, derived(hosts::is_loopback(&name.text)));
        fact.set(kind::host_is_ip, derived(hosts::is_ip(&name.text)));
        fact.set(kind::host_is_public, derived(hosts::is_public(&name.text)));
    }
    fact.derive(kind::port_written, Value::Bool(host.port_text.is_some()));
    match (&host.port_text, host.port, known.port) {
        (Some(text), Some(port), _) => {
            fact.write(kind::port, Value::Int(port.into()), text.span);
        }
        (None, _, Some(port)) => {
            fact.set(kind::port, Said::default(Value::Int(port.into()), known.name));
        }
        _ => {}
    }
    let all = uri.hosts.iter().filter(|h| !h.name.raw.is_empty() && !h.name.placeholder).filter_map(|h| {
        let port = match (&h.port_text, h.port) {
            (Some(_), port) => port?.to_string(),
            (None, _) => known.port?.to_string(),
        };
        Some(Said::written(Value::text(format!("{}:{port}", h.name.text)), h.name.span))
    });
    fact.derive(kind::hosts, Value::List(all.collect()));
}

fn faults(uri: &Uri<'_>, id: FactId, out: &mut Reading) {
    for fault in &uri.faults {
        let mut fact = Fact::new(&uri_part::KIND, fault.span);
        fact.set(uri_part::uri, Said::written(Value::Record(id), uri.span));
        fact.write(uri_part::fault, Value::text(fault.kind.as_str()), fault.span);
        fact.derive(uri_part::component, Value::text(fault.component.as_str()));
        if let Some(replacement) = &fault.replacement {
            fact.derive(uri_part::replacement, Value::text(replacement));
        }
        out.facts.add(fact);
    }
}

fn parameters(uri: &Uri<'_>, protocol: &str, id: FactId, out: &mut Reading) {
    let mut seen = BTreeSet::new();
    for parameter in uri.parameters.iter().take(MAX_PARAMETERS) {
        let name = &parameter.name;
        if name.placeholder || name.raw.is_empty() {
            continue;
        }
        let mut fact = Fact::new(&uri_parameter::KIND, name.span);
        fact.set(uri_parameter::uri, Said::written(Value::Record(id), uri.span));
        fact.derive(uri_parameter::protocol, Value::text(protocol));
        fact.write(uri_parameter::name, Value::text(&name.text), name.span);
        let first = seen.insert(name.text.clone());
        fact.set(uri_parameter::duplicate, Said::derived(Value::Bool(!first), Some(name.span)));
        if let Some(value) = parameter.value.as_ref().filter(|v| !v.placeholder) {
            let said = Said::written(Value::text(&value.text), value.span);
            let secret = is_secret_parameter(&name.text);
            fact.set(uri_parameter::value, if secret { said.secret() } else { said });
            if let Some(integer) = value.text.parse().ok().filter(|_| !secret) {
                fact.write(uri_parameter::integer, Value::Int(integer), value.span);
            }
        }
        out.facts.add(fact);
    }
}
