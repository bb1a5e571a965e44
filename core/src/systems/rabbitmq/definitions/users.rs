//! Users and what they may do.

use std::collections::{BTreeMap, BTreeSet};

use super::{File, copy, flag, place, section, text};
use crate::facts::kinds::definitions as kinds;
use crate::facts::{Fact, Said, Value};
use crate::nearest::nearest;
use crate::source::Span;
use crate::syntax::Node;
use crate::systems::Reading;
use crate::systems::rabbitmq::password::{self, Hash};
use crate::systems::rabbitmq::{patterns, values};

/// Tags that RabbitMQ or one of its plug-ins gives a meaning.
const TAGS: [&str; 7] =
    ["administrator", "monitoring", "policymaker", "management", "impersonator", "protected", "none"];

impl File<'_, '_> {
    pub(super) fn users(&self, reading: &mut Reading) {
        let permitted: BTreeSet<&str> =
            section(self.root, "permissions").iter().filter_map(|p| text(p, "user")).collect();
        let mut hashes: BTreeMap<&str, usize> = BTreeMap::new();
        for user in section(self.root, "users") {
            if let Some(hash) = text(user, "password_hash").filter(|h| !h.is_empty()) {
                *hashes.entry(hash).or_default() += 1;
            }
        }
        for node in section(self.root, "users") {
            let Some(name) = text(node, "name") else { continue };
            let mut fact = Fact::new(&kinds::user::KIND, place(node));
            copy(&mut fact, kinds::user::name, node, "name");
            tags(&mut fact, node);
            credentials(&mut fact, node, name, reading);
            if let Some(hash) = text(node, "password_hash") {
                let shared = hashes.get(hash).is_some_and(|n| *n > 1);
                if let Some(span) = node.get("password_hash").map(|n| n.span) {
                    fact.set(kinds::user::password_hash, Said::written(Value::text(hash), span).secret());
                }
                flag(&mut fact, kinds::user::shared_hash, shared, node.get("password_hash").map(|n| n.span));
            }
            if self.root.get("permissions").is_some() {
                let permitted = permitted.contains(name);
                flag(&mut fact, kinds::user::has_permission, permitted, None);
            }
            flag(&mut fact, kinds::user::placeholder, values::is_placeholder(name), None);
            reading.facts.add(fact);
        }
    }

    pub(super) fn permissions(&self, reading: &mut Reading) {
        let admins: BTreeSet<&str> = section(self.root, "users")
            .iter()
            .filter(|u| tag_list(u).iter().any(|(t, _)| *t == "administrator"))
            .filter_map(|u| text(u, "name"))
            .collect();
        for node in section(self.root, "permissions") {
            let at = node.get("user").map_or(node.span, |n| n.span);
            let mut fact = Fact::new(&kinds::permission::KIND, at);
            copy(&mut fact, kinds::permission::user, node, "user");
            copy(&mut fact, kinds::permission::vhost, node, "vhost");
            self.vhost_defined(&mut fact, kinds::permission::vhost_defined, node);
            if let Some(user) = text(node, "user") {
                if self.root.get("users").is_some() && !values::is_placeholder(user) {
                    let defined = self.users.contains(user);
                    flag(&mut fact, kinds::permission::user_defined, defined, Some(at));
                }
                flag(&mut fact, kinds::permission::user_is_admin, admins.contains(user), None);
            }
            let mut everything = true;
            for (name, field) in [
                ("configure", kinds::permission::configure),
                ("write", kinds::permission::write),
                ("read", kinds::permission::read),
            ] {
                copy(&mut fact, field, node, name);
                match node.get(name) {
                    None => {
                        everything = false;
                        if fact.get(kinds::permission::missing).is_none() {
                            fact.derive(kinds::permission::missing, Value::text(name));
                        }
                    }
                    Some(value) => {
                        let pattern = value.text().unwrap_or_default();
                        everything &= patterns::matches_all(pattern);
                        if patterns::fault(pattern).is_some()
                            && fact.get(kinds::permission::invalid).is_none()
                        {
                            let said = Said::derived(Value::text(name), Some(value.span));
                            fact.set(kinds::permission::invalid, said);
                        }
                    }
                }
            }
            flag(&mut fact, kinds::permission::everything, everything, None);
            reading.facts.add(fact);
        }
    }
}

/// The tags, written as a list or as one text with commas.
fn tag_list<'n>(node: &'n Node<'_>) -> Vec<(&'n str, Span)> {
    let Some(tags) = node.get("tags") else { return Vec::new() };
    match tags.text() {
        Some(all) => {
            all.split(',').map(str::trim).filter(|t| !t.is_empty()).map(|t| (t, tags.span)).collect()
        }
        None => tags.items().iter().filter_map(|t| Some((t.text()?, t.span))).collect(),
    }
}

fn tags(fact: &mut Fact, node: &Node<'_>) {
    let tags = tag_list(node);
    let span = node.get("tags").map(|t| t.span);
    let list = tags.iter().map(|(t, span)| Said::written(Value::text(t), *span)).collect();
    fact.set(kinds::user::tags, Said::derived(Value::List(list), span));
    let admin = tags.iter().find(|(t, _)| *t == "administrator");
    flag(fact, kinds::user::is_admin, admin.is_some(), admin.map(|(_, s)| *s));
    if let Some((tag, span)) = tags.iter().find(|(t, _)| !TAGS.contains(t) && !values::is_placeholder(t)) {
        fact.write(kinds::user::unknown_tag, Value::text(tag), *span);
        if let Some(near) = nearest(tag, TAGS) {
            fact.derive(kinds::user::nearest_tag, Value::text(near));
        }
    }
}

fn credentials(fact: &mut Fact, node: &Node<'_>, name: &str, reading: &mut Reading) {
    let plain = node.get("password").filter(|p| p.text().is_some_and(|t| !t.is_empty()));
    let hashed = node.get("password_hash").filter(|p| p.text().is_some_and(|t| !t.is_empty()));
    reading.secrets.extend([plain, hashed].into_iter().flatten().map(|n| n.span));
    let placeholder = |n: &Node<'_>| n.text().is_some_and(values::is_placeholder);
    flag(fact, kinds::user::plaintext, plain.is_some_and(|p| !placeholder(p)), plain.map(|p| p.span));
    let form = |fact: &mut Fact, word: &str, span: Option<Span>| {
        fact.set(kinds::user::hash_form, Said::derived(Value::text(word), span));
    };
    if let Some(hash) = hashed {
        if placeholder(hash) {
            return;
        }
        let (kind, known) = password::examine(hash.text().unwrap_or_default(), name);
        let declared = text(node, "hashing_algorithm").unwrap_or_default();
        let kind = if declared.ends_with("md5") { Hash::Md5 } else { kind };
        form(fact, kind.as_str(), Some(hash.span));
        flag(fact, kinds::user::known_password, known, Some(hash.span));
        return;
    }
    match plain {
        Some(plain) => {
            form(fact, "plain", Some(plain.span));
            let known = password::is_well_known(plain.text().unwrap_or_default(), name);
            flag(fact, kinds::user::known_password, known && !placeholder(plain), Some(plain.span));
        }
        None => form(fact, "none", node.get("password_hash").map(|n| n.span)),
    }
}
