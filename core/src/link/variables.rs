//! What variables of one container say about each other.

use std::collections::BTreeMap;

use crate::facts::kinds::container::variable;
use crate::facts::{FactId, Facts, Value};

use super::names::record;

/// The variables that name a server's first user and give its password, by the images that read them.
#[rustfmt::skip]
const FIRST_USERS: &[(&str, &str)] = &[
    ("RABBITMQ_DEFAULT_USER", "RABBITMQ_DEFAULT_PASS"),
    ("RABBITMQ_USERNAME", "RABBITMQ_PASSWORD"),
    ("POSTGRES_USER", "POSTGRES_PASSWORD"),
    ("POSTGRESQL_USERNAME", "POSTGRESQL_PASSWORD"),
    ("MYSQL_USER", "MYSQL_PASSWORD"),
    ("MARIADB_USER", "MARIADB_PASSWORD"),
    ("MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"),
];

/// Marks passwords that are the same as their user's name.
pub(super) fn complete(facts: &mut Facts) {
    let mut users: BTreeMap<(FactId, &str), String> = BTreeMap::new();
    let mut passwords: Vec<(FactId, FactId, &str, String)> = Vec::new();
    for (id, fact) in facts.of(&variable::KIND) {
        let owner = record(fact, variable::service).or_else(|| record(fact, variable::container));
        let (Some(owner), Some(name), Some(value)) =
            (owner, fact.text(variable::name), fact.text(variable::value))
        else {
            continue;
        };
        for (user, password) in FIRST_USERS {
            if name == *user {
                users.insert((owner, user), value.to_owned());
            } else if name == *password {
                passwords.push((id, owner, user, value.to_owned()));
            }
        }
    }
    for (id, owner, user, value) in passwords {
        if let Some(name) = users.get(&(owner, user)) {
            facts.get_mut(id).derive(variable::same_as_user, Value::Bool(*name == value));
        }
    }
}
