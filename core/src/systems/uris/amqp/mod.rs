//! AMQP URIs as facts.

mod parts;

use std::sync::Arc;

use super::find::scheme_is_mistaken;
use super::{Place, UriContext, is_secret_parameter, is_weak};
use crate::facts::kinds::amqp::{client, uri as kind};
use crate::facts::{Fact, FactId, Field, Said, Value};
use crate::hosts;
use crate::nearest::nearest;
use crate::syntax::uri::{Host, Parameter, Part, PathState, Uri};
use crate::systems::Reading;
use crate::systems::amqp_clients::{self, Library, Unit, Zero};

/// More parameters of one URI are not read.
const MAX_PARAMETERS: usize = 64;

/// What every AMQP library uses when nothing is said (RabbitMQ's URI specification, "defaults").
const DEFAULT_USER: &str = "guest";
const DEFAULT_HOST: &str = "localhost";
const DEFAULT_VHOST: &str = "/";

/// Parameters that set up TLS, in any library.
const TLS_PARAMETERS: &[&str] = &[
    "cacertfile",
    "certfile",
    "keyfile",
    "verify",
    "fail_if_no_peer_cert",
    "depth",
    "server_name_indication",
    "cafile",
    "capath",
    "cadata",
    "no_verify_ssl",
    "cacert",
    "cert",
    "key",
    "ssl",
    "ssl_options",
    "ssl_cert_reqs",
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_keyfile",
];

/// The URI, with what is known about its reader.
struct Read<'u, 'v> {
    uri: &'u Uri<'v>,
    context: &'u UriContext<'u>,
    library: Option<&'static Library>,
    /// The library's name, also of one that is not in the table.
    client: Option<String>,
}

/// Adds the facts of an AMQP URI.
pub(super) fn add(uri: &Uri<'_>, context: &UriContext<'_>, out: &mut Reading) -> FactId {
    let scheme = uri.scheme.as_ref().map_or("", |s| s.raw).to_ascii_lowercase();
    let of_scheme = match scheme.as_str() {
        "pyamqp" | "pyamqps" => Some("kombu"),
        "rabbitmq" | "rabbitmqs" => Some("masstransit"),
        // Only Symfony Messenger writes an exchange behind the default virtual host.
        _ => match uri.segments.as_slice() {
            [vhost, exchange] if vhost.raw.eq_ignore_ascii_case("%2f") && !exchange.raw.is_empty() => {
                Some("symfony")
            }
            _ => None,
        },
    };
    let name = context.client_name().or(of_scheme);
    let library = name.and_then(|n| amqp_clients::find(n, context.client_version));
    let client = library.map(|l| l.name.to_owned()).or(name.map(str::to_owned));
    let read = Read { uri, context, library, client };

    let mut fact = Fact::new(&kind::KIND, uri.span);
    read.whole(&mut fact, &scheme);
    read.credentials(&mut fact);
    read.host(&mut fact);
    read.path(&mut fact);
    read.query(&mut fact);
    read.behaviour(&mut fact);
    let endpoint = (!context.part_of_client && context.place != Place::Prose).then(|| read.client(&fact));
    let id = out.facts.add(fact);
    read.faults(id, out);
    read.parameters(id, out);
    if let Some(mut endpoint) = endpoint {
        endpoint.set(client::uri, Said::written(Value::Record(id), uri.span));
        if let Some(library) = library {
            library.complete(&mut endpoint);
        }
        out.facts.add(endpoint);
    }
    id
}

/// A part's decoded text, as written there.
fn written(part: &Part<'_>) -> Said {
    Said::written(Value::text(&part.text), part.span)
}

impl<'v> Read<'_, 'v> {
    fn whole(&self, fact: &mut Fact, scheme: &str) {
        let uri = self.uri;
        if let Some(part) = &uri.scheme {
            fact.set(kind::scheme, Said::written(Value::text(part.raw), part.span));
            let known = match self.library {
                Some(library) => library.schemes.contains(&scheme),
                None => uri.known.is_some(),
            };
            fact.set(kind::scheme_known, Said::derived(Value::Bool(known), Some(part.span)));
            if !known {
                let secure = scheme.ends_with('s') || scheme.contains("ssl") || scheme.contains("tls");
                let meant = (uri.known.is_some() || scheme_is_mistaken(scheme)).then_some(if secure {
                    "amqps"
                } else {
                    "amqp"
                });
                let meant = meant.or_else(|| nearest(scheme, ["amqp", "amqps"]));
                if let Some(meant) = meant {
                    fact.set(kind::nearest_scheme, Said::derived(Value::text(meant), Some(part.span)));
                }
            }
            if let Some(tls) = uri.known.and_then(|k| k.tls) {
                fact.set(kind::tls, Said::derived(Value::Bool(tls), Some(part.span)));
            }
        }
        if let Some(client) = &self.client {
            fact.derive(kind::client, Value::text(client));
        }
        if let Some(version) = self.context.client_version {
            fact.derive(kind::client_version, Value::Version(version));
        }
        if let Some(key) = self.context.key {
            fact.derive(kind::key, Value::text(key));
        }
    }

    fn credentials(&self, fact: &mut Fact) {
        let uri = self.uri;
        let opaque = uri.userinfo.as_ref().is_some_and(|u| u.placeholder);
        let at = uri.userinfo.as_ref().map(|u| u.span);
        fact.set(
            kind::credentials_absent,
            Said::derived(Value::Bool(uri.userinfo.is_none()), Some(uri.span)),
        );
        if let Some(userinfo) = uri.userinfo.as_ref().filter(|u| !u.placeholder) {
            let encoded = userinfo.raw.contains('%');
            fact.set(kind::userinfo_encoded, Said::derived(Value::Bool(encoded), Some(userinfo.span)));
        }
        match &uri.user {
            Some(user) => {
                fact.set(kind::user, written(user));
                if !user.placeholder {
                    fact.set(kind::effective_user, written(user));
                }
            }
            None => {
                let whose = self.library.map_or("AMQP clients", |l| l.shown);
                fact.set(kind::effective_user, Said::default(Value::text(DEFAULT_USER), whose));
            }
        }
        // A template that stands for the user may bring the password along.
        let absent = uri.userinfo.is_some() && uri.password.is_none();
        if !(absent && opaque) {
            fact.set(kind::password_absent, Said::derived(Value::Bool(absent), at));
        }
        let Some(password) = &uri.password else { return };
        fact.set(kind::password, written(password).secret());
        let derived = |value| Said::derived(value, Some(password.span));
        let literal = !password.placeholder && !password.raw.is_empty();
        fact.set(kind::password_empty, derived(Value::Bool(password.raw.is_empty())));
        fact.set(kind::password_literal, derived(Value::Bool(literal)));
        if literal {
            let user = uri.user.as_ref().map(|u| u.text.as_ref());
            fact.set(kind::password_weak, derived(Value::Bool(is_weak(&password.text, user))));
            fact.set(kind::password_length, derived(Value::Int(password.text.chars().count() as i64)));
        }
    }

    fn first(&self) -> Option<&Host<'v>> {
        self.uri.hosts.first()
    }

    fn host(&self, fact: &mut Fact) {
        let uri = self.uri;
        fact.derive(kind::host_count, Value::Int(uri.hosts.len() as i64));
        let Some(host) = self.first() else { return };
        let name = &host.name;
        let absent = name.raw.is_empty();
        let derived = |value: bool| Said::derived(Value::Bool(value), Some(name.span));
        fact.set(kind::host_absent, derived(absent));
        fact.set(kind::host_is_placeholder, derived(name.placeholder));
        if !absent {
            fact.set(kind::host, written(name));
        }
        if !absent && !name.placeholder {
            let ip = hosts::is_ip(&name.text);
            fact.set(kind::host_is_loopback, derived(hosts::is_loopback(&name.text)));
            fact.set(kind::host_is_ip, derived(ip));
            fact.set(kind::host_is_ipv6, derived(ip && name.text.contains(':')));
            fact.set(kind::host_is_public, derived(hosts::is_public(&name.text)));
        }
        if let Some(zone) = &host.zone {
            fact.set(kind::zone, written(zone));
        }
        fact.derive(kind::port_written, Value::Bool(host.port_text.is_some()));
        match (&host.port_text, host.port) {
            (Some(text), Some(port)) => {
                fact.set(kind::port, Said::written(Value::Int(port.into()), text.span));
            }
            (None, _) => {
                if let Some(known) = uri.known
                    && let Some(port) = known.port
                {
                    fact.set(kind::port, Said::default(Value::Int(port.into()), known.name));
                }
            }
            _ => {}
        }
    }

    /// The virtual host that is asked for, as far as it is known.
    fn vhost(&self) -> Option<Said> {
        let uri = self.uri;
        let reading = self.library.map(|l| l.reading);
        let Some(path) = &uri.path else {
            return Some(Said::default(
                Value::text(DEFAULT_VHOST),
                self.library.map_or("AMQP clients", |l| l.shown),
            ));
        };
        if path.placeholder {
            return None;
        }
        let at = |text: &str| Said::written(Value::text(text), path.span);
        if path.raw.is_empty() {
            let text = if reading?.empty_vhost == "empty" { "" } else { DEFAULT_VHOST };
            return Some(Said::derived(Value::text(text), Some(path.span)));
        }
        if let (Some("part_of_vhost"), Some(query)) = (reading.map(|r| r.query), &uri.query) {
            return Some(Said::derived(Value::text(format!("{}?{}", path.raw, query.raw)), Some(path.span)));
        }
        if reading.is_some_and(|r| r.decodes_nothing) {
            return Some(at(path.raw));
        }
        if let [_] = uri.segments.as_slice() {
            return Some(at(&path.text));
        }
        match reading?.segments {
            "whole" => Some(at(&path.text)),
            "first" | "vhost_then_exchange" => {
                uri.segments.first().map(|s| Said::written(Value::text(&s.text), s.span))
            }
            _ => None,
        }
    }

    fn path(&self, fact: &mut Fact) {
        let uri = self.uri;
        let span = uri.path.as_ref().map_or(uri.span, |p| p.span);
        // An empty name has no width: point at its slash, which is the byte before.
        let span = if uri.path_state == PathState::Empty {
            crate::Span { start: span.start.saturating_sub(1), ..span }
        } else {
            span
        };
        fact.set(kind::vhost_state, Said::derived(Value::text(uri.path_state.as_str()), Some(span)));
        if let Some(vhost) = self.vhost() {
            fact.set(kind::vhost, vhost);
        }
        if let Some(path) = uri.path.as_ref().filter(|p| !p.placeholder) {
            fact.set(kind::vhost_length, Said::derived(Value::Int(path.text.len() as i64), Some(path.span)));
        }
    }

    fn query(&self, fact: &mut Fact) {
        let uri = self.uri;
        fact.set(
            kind::has_query,
            Said::derived(Value::Bool(uri.query.is_some()), uri.query.as_ref().map(|q| q.span)),
        );
        if let Some(query) = &uri.query {
            let secret = uri.parameters.iter().any(|p| is_secret_parameter(&p.name.text));
            let said = Said::written(Value::text(query.raw), query.span);
            fact.set(kind::query, if secret { said.secret() } else { said });
        }
        let tls = uri.parameters.iter().find(|p| TLS_PARAMETERS.contains(&p.name.text.as_ref()));
        fact.set(
            kind::has_tls_parameters,
            Said::derived(Value::Bool(tls.is_some()), tls.map(|p| p.name.span)),
        );
        for (names, field) in TEXTS {
            if let Some(value) = self.value(names) {
                fact.set(*field, written(value));
            }
        }
        for (names, field) in TIMES {
            if let Some(said) = self.number(names, Value::Duration) {
                fact.set(*field, said);
            }
        }
        if let Some(said) = self.number(&["channel_max", "channelMax"], Value::Int) {
            fact.set(kind::channel_max, said);
        }
        if let Some(said) = self.number(&["frame_max", "frameMax"], Value::Size) {
            fact.set(kind::frame_max, said);
        }
        if let Some(said) = self.forgotten_heartbeat() {
            fact.set(kind::heartbeat, said);
        }
        let off = self.uri.parameters.iter().find(|p| turns_verification_off(p));
        fact.set(kind::verify_off, Said::derived(Value::Bool(off.is_some()), off.map(|p| p.name.span)));
    }

    /// Ruby's reader of URIs makes zero of every number that a query leaves out.
    fn forgotten_heartbeat(&self) -> Option<Said> {
        let query = self.uri.query.as_ref()?;
        let ruby = self.library.is_some_and(|l| l.name == "bunny");
        let named = self.uri.parameters.iter().any(|p| p.name.text == "heartbeat");
        (ruby && !named).then(|| Said::derived(Value::Duration(0), Some(query.span)))
    }

    /// The value of the first of some parameters that the library reads; all are read by a library that is not known.
    fn find(&self, names: &[&str]) -> Option<(&Parameter<'v>, Option<Unit>)> {
        self.uri.parameters.iter().take(MAX_PARAMETERS).find_map(|parameter| {
            let name = parameter.name.text.as_ref();
            if !names.contains(&name) {
                return None;
            }
            match self.library {
                Some(library) if library.reading.query != "read" => None,
                Some(library) => library.parameter(name).map(|p| (parameter, Some(p.unit))),
                None => Some((parameter, usual_unit(name))),
            }
        })
    }

    fn value(&self, names: &[&str]) -> Option<&Part<'v>> {
        self.find(names)?.0.value.as_ref().filter(|v| !v.placeholder)
    }

    fn number(&self, names: &[&str], make: fn(i64) -> Value) -> Option<Said> {
        let (parameter, unit) = self.find(names)?;
        let value = parameter.value.as_ref().filter(|v| !v.placeholder)?;
        let number = in_base_units(&value.text, unit?)?;
        Some(Said::written(make(number), value.span))
    }

    fn behaviour(&self, fact: &mut Fact) {
        let Some(library) = self.library else { return };
        let reading = library.reading;
        let whose: Arc<str> = library.shown.into();
        let mut say = |field: Field, word: &str| {
            if !word.is_empty() {
                fact.set(field, Said::default(Value::text(word), &whose));
            }
        };
        say(kind::client_query, reading.query);
        say(kind::client_empty_vhost, reading.empty_vhost);
        say(kind::client_ipv6, reading.ipv6);
        say(kind::client_raw_at, reading.raw_at);
        say(kind::client_segments, reading.segments);
        if let Some(check) = library.tls_check_of_uri {
            say(kind::client_tls_check, check.as_str());
        }
        let flags = [
            (kind::client_loses_underscore_hosts, Some(reading.loses_underscore_hosts)),
            (kind::client_decodes_nothing, Some(reading.decodes_nothing)),
            (kind::client_heartbeat_zero_disables, library.zero.map(|z| z == Zero::Off)),
        ];
        for (field, flag) in flags {
            if let Some(flag) = flag {
                fact.set(field, Said::default(Value::Bool(flag), library.shown));
            }
        }
    }

    /// The connection that the URI alone describes.
    fn client(&self, uri: &Fact) -> Fact {
        let mut fact = Fact::new(&client::KIND, self.uri.span);
        const SAME: &[(Field, Field)] = &[
            (client::library, kind::client),
            (client::version, kind::client_version),
            (client::host, kind::host),
            (client::host_is_placeholder, kind::host_is_placeholder),
            (client::host_is_loopback, kind::host_is_loopback),
            (client::port, kind::port),
            (client::tls, kind::tls),
            (client::user, kind::effective_user),
            (client::password, kind::password),
            (client::vhost, kind::vhost),
            (client::heartbeat, kind::heartbeat),
            (client::connection_timeout, kind::connection_timeout),
            (client::channel_max, kind::channel_max),
            (client::frame_max, kind::frame_max),
            (client::auth_mechanism, kind::auth_mechanism),
            (client::cacertfile, kind::cacertfile),
            (client::certfile, kind::certfile),
            (client::keyfile, kind::keyfile),
            (client::tls_server_name, kind::server_name_indication),
        ];
        for (to, from) in SAME {
            if let Some(said) = uri.get(*from) {
                fact.set(*to, said.clone());
            }
        }
        if uri.get(kind::host).is_none() {
            let whose = self.library.map_or("AMQP clients", |l| l.shown);
            fact.set(client::host, Said::default(Value::text(DEFAULT_HOST), whose));
            fact.set(client::host_is_loopback, Said::default(Value::Bool(true), whose));
        }
        let verify = uri.text(kind::verify);
        if uri.bool(kind::tls) == Some(true) {
            let check = match (uri.bool(kind::verify_off), verify) {
                (Some(true), _) => Some("none"),
                (_, Some("verify_peer")) => Some("full"),
                _ => None,
            };
            if let Some(check) = check {
                fact.derive(client::tls_check, Value::text(check));
            }
        }
        let times: [(&[&str], Field); 3] = [
            (&["stack_timeout"], client::stack_timeout),
            (&["blocked_connection_timeout"], client::blocked_timeout),
            (&["retry_delay", "reconnect_interval"], client::recovery_interval),
        ];
        for (names, field) in times {
            if let Some(said) = self.number(names, Value::Duration) {
                fact.set(field, said);
            }
        }
        for (name, field) in
            [("connection_attempts", client::connection_attempts), ("prefetch", client::prefetch)]
        {
            if let Some(said) = self.number(&[name], Value::Int) {
                fact.set(field, said);
            }
        }
        fact
    }
}

/// Parameters whose values are texts.
const TEXTS: &[(&[&str], Field)] = &[
    (&["auth_mechanism", "auth", "login_method", "sasl_method"], kind::auth_mechanism),
    (&["verify", "ssl_cert_reqs"], kind::verify),
    (&["cacertfile", "cafile", "cacert", "ssl_ca_certs"], kind::cacertfile),
    (&["certfile", "cert", "ssl_certfile"], kind::certfile),
    (&["keyfile", "key", "ssl_keyfile"], kind::keyfile),
    (&["server_name_indication"], kind::server_name_indication),
];

/// Parameters whose values are times.
const TIMES: &[(&[&str], Field)] = &[
    (&["heartbeat"], kind::heartbeat),
    (&["connection_timeout", "connect_timeout", "socket_timeout", "timeout"], kind::connection_timeout),
];

/// The unit that RabbitMQ's description of URI query parameters gives, for a library that is not known.
fn usual_unit(name: &str) -> Option<Unit> {
    match name {
        "heartbeat" => Some(Unit::Seconds),
        "connection_timeout" => Some(Unit::Millis),
        "channel_max" | "channelMax" => Some(Unit::Count),
        "frame_max" | "frameMax" => Some(Unit::Bytes),
        "auth_mechanism" | "verify" | "cacertfile" | "certfile" | "keyfile" | "server_name_indication" => {
            Some(Unit::Text)
        }
        _ => None,
    }
}

/// A whole number that is not negative, in milliseconds or as it is.
fn in_base_units(text: &str, unit: Unit) -> Option<i64> {
    let number: i64 = text.parse().ok().filter(|n| *n >= 0)?;
    match unit {
        Unit::Seconds => number.checked_mul(1000),
        Unit::Millis | Unit::Count | Unit::Bytes => Some(number),
        Unit::Text => None,
    }
}

/// True for a parameter that turns the check of the peer's certificate off, whatever the library.
fn turns_verification_off(parameter: &Parameter<'_>) -> bool {
    let value = parameter.value.as_ref().map_or("", |v| v.text.as_ref()).to_ascii_lowercase();
    match parameter.name.text.as_ref() {
        "verify" => matches!(value.as_str(), "verify_none" | "none" | "false" | "0"),
        "no_verify_ssl" => matches!(value.as_str(), "1" | "true"),
        "ssl_cert_reqs" => matches!(value.as_str(), "none" | "cert_none" | "0"),
        _ => false,
    }
}
