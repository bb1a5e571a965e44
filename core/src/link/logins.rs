//! Clients' logins against the users, permissions and virtual hosts that their broker loads.

use std::collections::BTreeSet;

use crate::facts::kinds::definitions::{definitions, permission, user, vhost};
use crate::facts::kinds::{amqp, path};
use crate::facts::{Fact, FactId, Facts, Value};
use crate::nearest::nearest;
use crate::systems::rabbitmq::password_fits;

use super::{Index, Link, Links};

/// Makes a `path.login` of every client that dials the broker whose definitions the deployment holds (`logs_in`).
pub(super) fn link(facts: &mut Facts, index: &Index, links: &mut Links) {
    let mut found: Vec<(FactId, Fact, Option<String>)> = Vec::new();
    let dialling: BTreeSet<FactId> = links.of("dials").map(|l| l.from).collect();
    for client in dialling {
        let fact = facts.get(client);
        let group = links.number(fact.span.file);
        // More than one set of definitions: nobody says which one this broker loads.
        let [definitions] = index.here(&definitions::KIND, group) else { continue };
        let assumed = links.from("dials", client).next().and_then(|l| l.assumed);
        if let Some(login) = login(facts, index, group, client, *definitions) {
            found.push((client, login, assumed));
        }
    }
    for (client, login, assumed) in found {
        let to = facts.add(login);
        links.add("logs_in", Link { from: client, to, assumed });
    }
}

fn login(facts: &Facts, index: &Index, group: u32, client: FactId, definitions: FactId) -> Option<Fact> {
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
        if !users.is_empty() && !filled_in {
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
        if !vhosts.is_empty() {
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
