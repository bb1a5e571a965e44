//! What one file says about another's RabbitMQ facts: the version, certificates set elsewhere, Erlang that fits.

use std::collections::BTreeMap;

use crate::facts::kinds::amqp::client;
use crate::facts::kinds::definitions::{definitions, policy, policy_key, queue, queue_argument, user};
use crate::facts::kinds::rabbitmq::{erlang, listener, plugin, release, server, setting};
use crate::facts::{FactId, Facts, Field, Kind, Said, Value, Version};
use crate::link::Places;
use crate::settings::Settings;
use crate::source::FileId;
use crate::systems::rabbitmq::releases;

/// The kinds that carry the broker's version, and the field.
const VERSIONED: [(&Kind, Field); 6] = [
    (&server::KIND, server::version),
    (&setting::KIND, setting::version),
    (&policy::KIND, policy::version),
    (&policy_key::KIND, policy_key::version),
    (&queue::KIND, queue::version),
    (&queue_argument::KIND, queue_argument::version),
];

/// Completes the facts of every deployment.
pub(super) fn complete(places: &Places, facts: &mut Facts, settings: &Settings) {
    let of = |file: FileId| places.number(file);
    let versions = versions(&of, facts, settings);
    let mut with_certificate = Vec::new();
    let mut changes: Vec<(FactId, Field, Said)> = Vec::new();
    for (id, fact) in facts.iter() {
        let group = of(fact.span.file);
        if fact.kind == &server::KIND && fact.bool(server::has_tls_certificate) == Some(true) {
            with_certificate.push(group);
        }
        if fact.kind == &erlang::KIND
            && let Some(said) = installed(facts, fact.span.file)
            && let Value::Version(version) = said.value
            && let Some(range) = releases::erlang_range(version)
            && let Some(Value::Version(otp)) = fact.get(erlang::version).map(|s| &s.value)
            && let Some(fits) = releases::erlang_fits(*otp, range)
        {
            changes.push((id, erlang::rabbitmq, said));
            changes.push((id, erlang::compatible, Said::derived(Value::Bool(fits), None)));
            changes.push((id, erlang::min, Said::derived(Value::text(range.0), None)));
            changes.push((id, erlang::max, Said::derived(Value::text(range.1), None)));
        }
        let Some(said) = versions.get(&group) else { continue };
        let Value::Version(version) = said.value else { continue };
        if let Some((_, field)) = VERSIONED.iter().find(|(kind, _)| *kind == fact.kind)
            && fact.get(*field).is_none()
        {
            changes.push((id, *field, said.clone()));
        }
        if fact.kind == &setting::KIND && fact.bool(setting::known) == Some(true) {
            let bound = |field| match fact.get(field).map(|s| &s.value) {
                Some(Value::Version(v)) => Some(*v),
                _ => None,
            };
            // A version without minor number says nothing about a series.
            if version.written > 1 {
                let known = bound(setting::added_in).is_none_or(|v| version >= v)
                    && bound(setting::removed_in).is_none_or(|v| version < v);
                changes.push((id, setting::in_version, Said::derived(Value::Bool(known), said.span())));
            }
        }
    }
    // Certificate and key may stand in another of the broker's files.
    for (id, fact) in facts.of(&server::KIND) {
        let elsewhere = with_certificate.contains(&of(fact.span.file));
        if elsewhere && fact.bool(server::has_tls_certificate) == Some(false) {
            changes.push((id, server::has_tls_certificate, Said::derived(Value::Bool(true), None)));
        }
    }
    changes.extend(missing_plugins(&of, facts));
    let with_tls: Vec<(u32, i64)> = facts
        .of(&listener::KIND)
        .filter(|(_, l)| l.text(listener::protocol) == Some("amqp") && l.bool(listener::tls) == Some(true))
        .filter_map(|(_, l)| Some((of(l.span.file), l.int(listener::port)?)))
        .collect();
    for (id, fact) in facts.of(&client::KIND) {
        let Some(port) = fact.int(client::port) else { continue };
        if with_tls.contains(&(of(fact.span.file), port)) {
            changes.push((id, client::port_offers_tls, Said::derived(Value::Bool(true), None)));
        }
    }
    let external: Vec<u32> = facts
        .of(&server::KIND)
        .filter(|(_, fact)| match fact.get(server::auth_mechanisms).map(|s| &s.value) {
            Some(Value::List(items)) => items.iter().any(|i| i.value == Value::text("EXTERNAL")),
            _ => false,
        })
        .map(|(_, fact)| of(fact.span.file))
        .collect();
    for (id, fact) in facts.of(&user::KIND) {
        let offered = external.contains(&of(fact.span.file));
        changes.push((id, user::external_login, Said::derived(Value::Bool(offered), None)));
    }
    for (id, field, said) in changes {
        facts.get_mut(id).set(field, said);
    }
}

/// The RabbitMQ version that a file installs by itself, when it is one only. An image of RabbitMQ brings its own Erlang,
/// and an Erlang image beside it in the same deployment runs something else.
fn installed(facts: &Facts, file: FileId) -> Option<Said> {
    let mut found = facts.of(&release::KIND).filter(|(_, fact)| {
        fact.span.file == file && matches!(fact.text(release::origin), Some("package" | "variable"))
    });
    let said = found.next()?.1.get(release::version)?;
    let agreed = found.all(|(_, fact)| fact.get(release::version).is_some_and(|s| s.value == said.value));
    agreed.then(|| Said::derived(said.value.clone(), said.span()))
}

/// Login mechanisms and backends, by the ends of their names, and the plug-ins that bring them
/// (<https://www.rabbitmq.com/docs/access-control#backends>).
const BROUGHT_BY_PLUGIN: [(&str, &str); 7] = [
    ("EXTERNAL", "rabbitmq_auth_mechanism_ssl"),
    ("ldap", "rabbitmq_auth_backend_ldap"),
    ("http", "rabbitmq_auth_backend_http"),
    ("oauth2", "rabbitmq_auth_backend_oauth2"),
    ("oauth", "rabbitmq_auth_backend_oauth2"),
    ("cache", "rabbitmq_auth_backend_cache"),
    ("internal_loopback", "rabbitmq_auth_backend_internal_loopback"),
];

/// The first mechanism or backend of each broker whose plug-in is missing in the deployment's `enabled_plugins`.
fn missing_plugins(of: &dyn Fn(FileId) -> u32, facts: &Facts) -> Vec<(FactId, Field, Said)> {
    let mut enabled: BTreeMap<u32, (bool, Vec<&str>)> = BTreeMap::new();
    for (_, fact) in facts.of(&plugin::KIND) {
        let entry = enabled.entry(of(fact.span.file)).or_default();
        entry.0 |= fact.bool(plugin::in_list) == Some(true);
        entry.1.extend(fact.text(plugin::name));
    }
    let mut changes = Vec::new();
    for (id, broker) in facts.of(&server::KIND) {
        let Some((true, plugins)) = enabled.get(&of(broker.span.file)) else { continue };
        let lists = [server::auth_mechanisms, server::auth_backends];
        let items = lists.iter().filter_map(|field| match broker.get(*field).map(|s| &s.value) {
            Some(Value::List(items)) => Some(items),
            _ => None,
        });
        let missing = items.flatten().find_map(|item| {
            let Value::Text(name) = &item.value else { return None };
            let short = name.strip_prefix("rabbit_auth_backend_").unwrap_or(name);
            let (_, plugin) = BROUGHT_BY_PLUGIN.iter().find(|(word, _)| *word == short)?;
            (!plugins.contains(plugin)).then_some((item, *plugin))
        });
        if let Some((item, plugin)) = missing {
            changes.push((id, server::login_without_plugin, Said::derived(item.value.clone(), item.span())));
            changes.push((id, server::missing_plugin, Said::derived(Value::text(plugin), None)));
        }
    }
    changes
}

/// The version of each deployment's broker: what the settings say, or what its files agree on.
fn versions(of: &dyn Fn(FileId) -> u32, facts: &Facts, settings: &Settings) -> BTreeMap<u32, Said> {
    let mut named: BTreeMap<u32, Option<Said>> = BTreeMap::new();
    let version = |said: &Said| match said.value {
        Value::Version(v) => Some(v),
        _ => None,
    };
    let target = settings.targets.get("rabbitmq").and_then(|t| Version::parse(t));
    for (_, fact) in facts.iter() {
        let group = of(fact.span.file);
        if let Some(target) = target {
            named.insert(group, Some(Said::default(Value::Version(target), "connlint.toml")));
            continue;
        }
        let said = match fact.kind {
            kind if kind == &release::KIND => fact.get(release::version),
            kind if kind == &definitions::KIND => fact.get(definitions::version),
            _ => continue,
        };
        let Some(said) = said else { continue };
        let exact = Said::derived(said.value.clone(), said.span());
        match named.get(&group) {
            None => {
                named.insert(group, Some(exact));
            }
            // An export names the version it came from, which an upgrade leaves behind; an image names what runs.
            Some(Some(before)) if version(before) != version(&exact) => {
                let same_series =
                    version(before).map(Version::series) == version(&exact).map(Version::series);
                if !same_series {
                    named.insert(group, None);
                }
            }
            Some(_) => {}
        }
    }
    named.into_iter().filter_map(|(group, said)| Some((group, said?))).collect()
}
