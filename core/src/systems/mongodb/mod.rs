//! MongoDB: the options of connection strings, and `mongod.conf`.

mod conf;

pub use conf::CONF;

use crate::facts::kinds::mongodb::{client, setting};
use crate::facts::tables::MONGODB_URI;
use crate::facts::{Fact, FactId, Said, Value};
use crate::hosts;
use crate::source::View;
use crate::syntax::uri::Uri;
use crate::systems::Reading;
use crate::systems::keyed::forms::{Writing, plain_number};
use crate::systems::keyed::{Line, Lines, Program};

static WRITING: Writing = Writing {
    truth: |word| match word {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    },
    truth_words: "`true` or `false`",
    number: plain_number,
    any_case: true,
};

static OPTIONS: Program = Program {
    setting: &setting::KIND,
    table: &MONGODB_URI,
    writing: &WRITING,
    canonical: |key| key.to_ascii_lowercase(),
    secret: |key| key.ends_with("password") || key == "authmechanismproperties",
};

/// Services that speak MongoDB's protocol and leave out some of what it offers.
const OTHER_SERVICES: &[&str] =
    &[".docdb.amazonaws.com", ".docdb-elastic.amazonaws.com", ".cosmos.azure.com", ".documents.azure.com"];

/// Adds the client that a connection string describes; `id` is its `store.uri`.
pub(super) fn add(uri: &Uri<'_>, id: FactId, out: &mut Reading) {
    let mut lines = Lines::new(&OPTIONS, Fact::new(&client::KIND, uri.span), false);
    for parameter in uri.parameters.iter().filter(|p| !p.name.placeholder && !p.name.raw.is_empty()) {
        let name = &parameter.name;
        let key = View::mapped(name.span.file, name.text.to_string(), vec![(0, name.span.start)]);
        let span = parameter.value.as_ref().map_or(name.span, |v| name.span.to(v.span));
        match &parameter.value {
            Some(value) if !value.placeholder => {
                let view = View::mapped(value.span.file, value.text.to_string(), vec![(0, value.span.start)]);
                lines.line(&Line { section: None, key: &key, value: Some(&view), span }, out);
            }
            _ => lines.left_open(&name.text, span),
        }
    }
    let mut fact = lines.finish(client::filled_in);
    fact.derive(client::uri, Value::Record(id));
    let srv = uri.known.is_some_and(|k| k.name == "mongodb+srv");
    fact.derive(client::srv, Value::Bool(srv));
    fact.derive(client::hosts, Value::Int(uri.hosts.len() as i64));
    let port = uri.hosts.iter().find_map(|h| h.port_text.as_ref());
    fact.set(client::port_written, Said::derived(Value::Bool(port.is_some()), port.map(|p| p.span)));
    if let Some(user) = uri.user.as_ref().filter(|u| !u.placeholder && !u.raw.is_empty()) {
        fact.write(client::user, Value::text(&user.text), user.span);
    }
    fact.derive(client::password, Value::Bool(uri.password.as_ref().is_some_and(|p| !p.raw.is_empty())));
    let database = uri.segments.first().filter(|s| !s.raw.is_empty());
    if let Some(database) = database.filter(|d| !d.placeholder) {
        fact.write(client::database, Value::text(&database.text), database.span);
    }
    let first = uri.hosts.first().map(|h| &h.name).filter(|n| !n.placeholder && !n.raw.is_empty());
    if let Some(name) = first {
        let lower = name.text.to_ascii_lowercase();
        let other = OTHER_SERVICES.iter().any(|s| lower.ends_with(s));
        fact.derive(client::other_service, Value::Bool(other));
        fact.set(client::public, Said::derived(Value::Bool(hosts::is_public(&name.text)), Some(name.span)));
    }
    // A part of the query that a template fills in may say anything.
    let open = uri.query.as_ref().is_some_and(|q| q.placeholder);
    let said = |fact: &Fact, key: &str| match fact.setting(key).map(|s| &s.value) {
        Some(Value::Bool(on)) => Some(*on),
        _ => None,
    };
    let filled = uri.parameters.iter().any(|p| p.value.as_ref().is_some_and(|v| v.placeholder));
    if !open && !filled {
        let tls = said(&fact, "tls").unwrap_or(srv || fact.setting("tlsinsecure").is_some());
        fact.derive(client::tls, Value::Bool(tls));
        if let Some((key, reason)) = conflict(&fact, srv, uri.hosts.len()) {
            let at = fact.setting(key).and_then(Said::span);
            fact.set(client::conflict, Said::derived(Value::text(reason), at));
        }
    }
    out.facts.add(fact);
}

/// Options that exclude each other (uri-options.md and its kin of mongodb/specifications): one of them, and why.
fn conflict(fact: &Fact, srv: bool, hosts: usize) -> Option<(&'static str, &'static str)> {
    let on = |key: &str| matches!(fact.setting(key).map(|s| &s.value), Some(Value::Bool(true)));
    let has = |key: &str| fact.setting(key).is_some();
    let number = |key: &str| match fact.setting(key).map(|s| &s.value) {
        Some(Value::Int(n)) => Some(*n),
        _ => None,
    };
    let mechanism = fact.setting("authmechanism").map(|s| s.shown()).unwrap_or_default();
    let external = matches!(mechanism.as_str(), "mongodb-x509" | "mongodb-aws" | "gssapi" | "mongodb-oidc");
    let source = fact.setting("authsource").map(|s| s.shown());
    if on("directconnection") && hosts > 1 {
        return Some(("directconnection", "a direct connection goes to one host, and several are written"));
    }
    if on("directconnection") && srv {
        return Some((
            "directconnection",
            "a direct connection needs a host, and `mongodb+srv` names a list of them",
        ));
    }
    if on("loadbalanced") && hosts > 1 {
        return Some(("loadbalanced", "behind a balancer there is one host, and several are written"));
    }
    if on("loadbalanced") && has("replicaset") {
        return Some(("loadbalanced", "behind a balancer no replica set can be named"));
    }
    if on("loadbalanced") && on("directconnection") {
        return Some(("loadbalanced", "a connection is direct or through a balancer, not both"));
    }
    if has("srvmaxhosts") && !srv {
        return Some(("srvmaxhosts", "`srvMaxHosts` belongs to `mongodb+srv`"));
    }
    if has("srvservicename") && !srv {
        return Some(("srvservicename", "`srvServiceName` belongs to `mongodb+srv`"));
    }
    if number("srvmaxhosts").is_some_and(|n| n > 0) && has("replicaset") {
        return Some((
            "srvmaxhosts",
            "with a replica set all its members are used, so `srvMaxHosts` is refused",
        ));
    }
    if has("tlsinsecure") && (has("tlsallowinvalidcertificates") || has("tlsallowinvalidhostnames")) {
        return Some((
            "tlsinsecure",
            "`tlsInsecure` stands for both `tlsAllowInvalid…` options and excludes them",
        ));
    }
    if let (Some(least), Some(most)) = (number("minpoolsize"), number("maxpoolsize"))
        && most > 0
        && least > most
    {
        return Some(("minpoolsize", "`minPoolSize` is above `maxPoolSize`"));
    }
    if number("maxstalenessseconds").is_some_and(|n| (0..MIN_STALENESS).contains(&n)) {
        return Some(("maxstalenessseconds", "`maxStalenessSeconds` is 90 or more, or -1"));
    }
    let primary = fact.setting("readpreference").is_none_or(|r| r.shown() == "primary");
    if number("maxstalenessseconds").is_some_and(|n| n > 0) && primary {
        return Some((
            "maxstalenessseconds",
            "the primary is never stale: `maxStalenessSeconds` needs another `readPreference`",
        ));
    }
    if external && source.as_ref().is_some_and(|s| s != "$external") {
        return Some(("authsource", "with this mechanism users live in `$external`"));
    }
    if fact.setting("w").is_some_and(|w| w.shown() == "0") && on("journal") {
        return Some(("journal", "a write that nobody acknowledges (`w=0`) cannot wait for the journal"));
    }
    None
}

/// The least `maxStalenessSeconds` (max-staleness.md of mongodb/specifications).
const MIN_STALENESS: i64 = 90;
