//! Clients' logins against the users, permissions and virtual hosts that their broker loads.

use std::collections::BTreeSet;

use crate::facts::kinds::definitions::{definitions, permission, user, vhost};
use crate::facts::kinds::rabbitmq::server;
use crate::facts::kinds::{amqp, path};
use crate::facts::{Fact, FactId, Facts, Value};
use crate::nearest::nearest;
use crate::source::Sources;
use crate::systems::rabbitmq::password_fits;

use super::{Index, Link, Links};

/// Makes a `path.login` of every client that dials the broker whose definitions the deployment holds (`logs_in`).
pub(super) fn link(sources: &Sources, facts: &mut Facts, index: &Index, links: &mut Links) {
    let mut found: Vec<(FactId, Fact, Option<String>)> = Vec::new();
    let dialling: BTreeSet<FactId> = links.of("dials").map(|l| l.from).collect();
    for client in dialling {
        let fact = facts.get(client);
        let group = links.number(fact.span.file);
        // More than one set of definitions: nobody says which one this broker loads.
        let [definitions] = index.here(&definitions::KIND, group) else { continue };
        let Some(dial) = links.from("dials", client).next() else { continue };
        let servers: Vec<&Fact> = links.from("dials", client).map(|l| facts.get(l.to)).collect();
        let file = &sources.get(facts.get(*definitions).span.file).name;
        let loading = loading(&servers, file);
        let assumed = match loading {
            Loading::Other => continue,
            Loading::These => dial.assumed,
            Loading::Later | Loading::Unsaid => {
                dial.assumed.or_else(|| Some(format!("`{file}` is taken to be what the broker loads")))
            }
        };
        if let Some(login) = login(facts, index, group, client, *definitions, loading) {
            found.push((client, login, assumed));
        }
    }
    for (client, login, assumed) in found {
        let to = facts.add(login);
        links.add("logs_in", Link { from: client, to, assumed });
    }
}

/// What a broker's settings say about a file of definitions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loading {
    /// They name it.
    These,
    /// They name another file or a directory elsewhere.
    Other,
    /// They name none, so whatever imports it finds the default user and virtual host in place.
    Later,
    /// They are not all there.
    Unsaid,
}

/// The settings that name what is loaded at start; the second is the management plug-in's older name.
const LOADS: [&str; 3] = ["load_definitions", "management.load_definitions", "definitions.local.path"];

fn loading(servers: &[&Fact], file: &str) -> Loading {
    let name = file.rsplit('/').next().unwrap_or(file);
    let loaded: Vec<&str> = servers
        .iter()
        .flat_map(|s| LOADS.iter().filter_map(|key| s.setting(key)))
        .filter_map(|said| match &said.value {
            Value::Text(path) => Some(&**path),
            _ => None,
        })
        .collect();
    // A path without extension is a directory, whose files are all loaded.
    let fits = |path: &&str| match path.rsplit('/').next() {
        Some(last) if last.contains('.') => last == name,
        _ => true,
    };
    if loaded.iter().any(fits) {
        Loading::These
    } else if !loaded.is_empty() {
        Loading::Other
    } else if servers.iter().all(|s| s.bool(server::loads_definitions) == Some(false)) {
        Loading::Later
    } else {
        Loading::Unsaid
    }
}

/// The user and the virtual host that a broker makes at its first start, unless it loads definitions.
const FIRST_USER: &str = "guest";
const FIRST_VHOST: &str = "/";

fn login(
    facts: &Facts,
    index: &Index,
    group: u32,
    client: FactId,
    definitions: FactId,
    loading: Loading,
) -> Option<Fact> {
    let made = |name: &str, first: &str| loading == Loading::Later && name == first;
    let dialler = facts.get(client);
    let all = |kind| index.here(kind, group).iter().map(|id| (*id, facts.get(*id)));
    let users: Vec<(FactId, &str)> =
        all(&user::KIND).filter_map(|(id, f)| Some((id, f.text(user::name)?))).collect();
    let vhosts: Vec<&str> = all(&vhost::KIND).filter_map(|(_, f)| f.text(vhost::name)).collect();
    let mut fact = Fact::new(&path::login::KIND, facts.get(definitions).span);
    fact.derive(path::login::client, Value::Record(client));
    let name = dialler.text(amqp::client::user).filter(|u| !u.is_empty());
    if let Some(name) = name {
        fact.copy(path::login::user, dialler, amqp::client::user);
        // A program fills in names there: which ones is not known here.
        let filled_in = all(&user::KIND).any(|(_, f)| f.bool(user::placeholder) == Some(true));
        if !users.is_empty() && !filled_in && !made(name, FIRST_USER) {
            let defined = users.iter().find(|(_, n)| *n == name);
            fact.derive(path::login::user_defined, Value::Bool(defined.is_some()));
            match defined {
                Some((id, _)) => {
                    let span = facts.get(*id).span;
                    fact.write(path::login::defined_user, Value::Record(*id), span);
                }
                None => {
                    if let Some(near) = nearest(name, users.iter().map(|(_, n)| *n)) {
                        fact.derive(path::login::nearest_user, Value::text(near));
                    }
                }
            }
            if let Some((id, _)) = defined
                && let Some(hash) = facts.get(*id).text(user::password_hash)
                && let Some(password) = dialler.text(amqp::client::password)
                && let Some(fits) = password_fits(hash, password)
            {
                fact.derive(path::login::password_fits, Value::Bool(fits));
            }
        }
    }
    let wanted = dialler.text(amqp::client::vhost);
    if let Some(wanted) = wanted {
        fact.copy(path::login::vhost, dialler, amqp::client::vhost);
        if !vhosts.is_empty() && !made(wanted, FIRST_VHOST) {
            let defined = vhosts.contains(&wanted);
            fact.derive(path::login::vhost_defined, Value::Bool(defined));
            if !defined && let Some(near) = nearest(wanted, vhosts.iter().copied()) {
                fact.derive(path::login::nearest_vhost, Value::text(near));
            }
            if let Some(name) = name.filter(|n| defined && users.iter().any(|(_, u)| u == n)) {
                let permitted = all(&permission::KIND).any(|(_, p)| {
                    p.text(permission::user) == Some(name) && p.text(permission::vhost) == Some(wanted)
                });
                fact.derive(path::login::permitted, Value::Bool(permitted));
            }
        }
    }
    Some(fact)
}
