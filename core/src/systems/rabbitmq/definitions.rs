//! Definitions files: users, virtual hosts, permissions, policies, queues, exchanges, bindings, limits, parameters.

use std::collections::{BTreeMap, BTreeSet};

use super::arguments;
use super::password::{self, Hash};
use super::{conf, patterns, values};
use crate::facts::kinds::definitions as kinds;
use crate::facts::{Fact, Field, Said, Value, Version};
use crate::nearest::nearest;
use crate::source::{Source, Span, View};
use crate::syntax::{Data, Node, json};
use crate::systems::{FileKind, Match, Reading};

/// A definitions file.
pub static DEFINITIONS: FileKind = FileKind {
    name: "rabbitmq.definitions",
    doc: "RabbitMQ definitions: users, virtual hosts, permissions, policies, queues (JSON).",
    recognise,
    read,
};

/// Sections that nothing but a definitions file has.
const OWN_SECTIONS: [&str; 5] = [
    "\"rabbit_version\"",
    "\"rabbitmq_version\"",
    "\"rabbitmq_definition_format\"",
    "\"vhosts\"",
    "\"topic_permissions\"",
];
/// Sections that tell one together.
const SECTIONS: [&str; 6] =
    ["\"users\"", "\"permissions\"", "\"queues\"", "\"exchanges\"", "\"bindings\"", "\"policies\""];

fn recognise(source: &Source) -> Match {
    let name = conf::plain_name(source);
    if !name.ends_with(".json") || !source.text.contains('{') {
        return Match::No;
    }
    let has = |needle: &&str| source.text.contains(*needle);
    let own = OWN_SECTIONS.iter().filter(|n| has(n)).count();
    let sections = SECTIONS.iter().filter(|n| has(n)).count();
    let named = name.contains("definitions") || source.name.to_ascii_lowercase().contains("rabbit");
    match (own, sections) {
        (1.., 2..) => Match::Sure,
        (1.., 1) | (0, 2..) if named => Match::Likely,
        _ => Match::No,
    }
}

/// More objects of one sort than this are not read.
const MAX_OBJECTS: usize = 100_000;

fn read(view: &View<'_>, reading: &mut Reading) {
    let (root, notices) = json::parse(view);
    reading.notices.extend(notices);
    let Some(root) = root else { return };
    let file = File::new(&root);
    file.whole(view.full_span(), reading);
    file.users(reading);
    file.vhosts(reading);
    file.permissions(reading);
    file.policies(reading);
    file.queues(reading);
    file.exchanges(reading);
    file.bindings(reading);
    file.limits(reading);
    file.parameters(reading);
}

/// The file with the names it defines.
struct File<'n, 'a> {
    root: &'n Node<'a>,
    users: BTreeSet<&'n str>,
    vhosts: BTreeSet<&'n str>,
    queues: BTreeSet<(&'n str, &'n str)>,
    exchanges: BTreeSet<(&'n str, &'n str)>,
    single_vhost: bool,
}

/// Exchanges that every virtual host has.
const BUILT_IN_EXCHANGES: [&str; 8] = [
    "",
    "amq.direct",
    "amq.fanout",
    "amq.topic",
    "amq.headers",
    "amq.match",
    "amq.rabbitmq.trace",
    "amq.rabbitmq.event",
];

fn section<'n, 'a>(root: &'n Node<'a>, name: &str) -> &'n [Node<'a>] {
    let items = root.get(name).map_or(&[][..], Node::items);
    items.get(..MAX_OBJECTS).unwrap_or(items)
}

fn text<'n>(node: &'n Node<'_>, key: &str) -> Option<&'n str> {
    node.get(key)?.text()
}

/// Writes a text field if the object has it.
fn copy(fact: &mut Fact, field: Field, node: &Node<'_>, key: &str) {
    if let Some(value) = node.get(key)
        && let Some(text) = value.text()
    {
        fact.write(field, Value::text(text), value.span);
    }
}

fn copy_bool(fact: &mut Fact, field: Field, node: &Node<'_>, key: &str) {
    if let Some(value) = node.get(key)
        && let Some(on) = value.scalar().and_then(|s| s.as_bool())
    {
        fact.write(field, Value::Bool(on), value.span);
    }
}

fn flag(fact: &mut Fact, field: Field, on: bool, span: Option<Span>) {
    fact.set(field, Said::derived(Value::Bool(on), span));
}

/// Where an object is shown: its name, or else itself.
fn place(node: &Node<'_>) -> Span {
    node.get("name").map_or(node.span, |n| n.span)
}

impl<'n, 'a> File<'n, 'a> {
    fn new(root: &'n Node<'a>) -> Self {
        let names = |section_name| -> BTreeSet<&'n str> {
            section(root, section_name).iter().filter_map(|n| text(n, "name")).collect()
        };
        let placed = |section_name| -> BTreeSet<(&'n str, &'n str)> {
            section(root, section_name)
                .iter()
                .filter_map(|n| Some((text(n, "vhost").unwrap_or_default(), text(n, "name")?)))
                .collect()
        };
        let objects = section(root, "queues").iter().chain(section(root, "exchanges"));
        let vhosts = names("vhosts");
        let mut placed_in = objects.map(|o| o.get("vhost").is_some()).peekable();
        let single_vhost = vhosts.is_empty() && placed_in.peek().is_some() && placed_in.all(|placed| !placed);
        File {
            root,
            users: names("users"),
            vhosts,
            queues: placed("queues"),
            exchanges: placed("exchanges"),
            single_vhost,
        }
    }

    /// A file with all of these says what exists; what it leaves out does not.
    fn is_full(&self) -> bool {
        ["users", "vhosts", "queues", "exchanges", "bindings"].iter().all(|s| self.root.get(s).is_some())
    }

    fn whole(&self, span: Span, reading: &mut Reading) {
        let first = self.root.pairs().first().map_or(span, |(key, _)| key.view.full_span());
        let mut fact = Fact::new(&kinds::definitions::KIND, first);
        for key in ["rabbitmq_version", "rabbit_version"] {
            if let Some(node) = self.root.get(key)
                && let Some(version) = node.text().and_then(Version::parse)
            {
                fact.write(kinds::definitions::version, Value::Version(version), node.span);
                break;
            }
        }
        flag(&mut fact, kinds::definitions::is_full_export, self.is_full(), None);
        flag(&mut fact, kinds::definitions::single_vhost, self.single_vhost, None);
        fact.derive(kinds::definitions::users, Value::Int(self.users.len() as i64));
        fact.derive(kinds::definitions::vhosts, Value::Int(self.vhosts.len() as i64));
        reading.facts.add(fact);
    }

    fn users(&self, reading: &mut Reading) {
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

    fn vhosts(&self, reading: &mut Reading) {
        for node in section(self.root, "vhosts") {
            let mut fact = Fact::new(&kinds::vhost::KIND, place(node));
            copy(&mut fact, kinds::vhost::name, node, "name");
            copy(&mut fact, kinds::vhost::default_queue_type, node, "default_queue_type");
            reading.facts.add(fact);
        }
    }

    /// Whether the file defines an object's virtual host; unknown for a file that lists none.
    fn vhost_defined(&self, fact: &mut Fact, field: Field, node: &Node<'_>) {
        if self.vhosts.is_empty() {
            return;
        }
        if let Some(value) = node.get("vhost")
            && let Some(name) = value.text()
            && !values::is_placeholder(name)
        {
            flag(fact, field, self.vhosts.contains(name), Some(value.span));
        }
    }

    fn permissions(&self, reading: &mut Reading) {
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

    fn policies(&self, reading: &mut Reading) {
        let mut seen: Vec<(&str, &str, &str, i64, &str)> = Vec::new();
        for node in section(self.root, "policies") {
            let name = text(node, "name").unwrap_or_default();
            let mut fact = Fact::new(&kinds::policy::KIND, place(node));
            copy(&mut fact, kinds::policy::name, node, "name");
            copy(&mut fact, kinds::policy::vhost, node, "vhost");
            copy(&mut fact, kinds::policy::pattern, node, "pattern");
            if let Some(value) = node.get("pattern")
                && let Some(pattern) = value.text()
            {
                let valid = patterns::fault(pattern).is_none();
                flag(&mut fact, kinds::policy::pattern_valid, valid, Some(value.span));
                flag(
                    &mut fact,
                    kinds::policy::looks_like_glob,
                    patterns::looks_like_glob(pattern),
                    Some(value.span),
                );
            }
            apply_to(&mut fact, node);
            let priority = node.get("priority").and_then(|p| p.scalar()?.as_int());
            if let (Some(priority), Some(value)) = (priority, node.get("priority")) {
                fact.write(kinds::policy::priority, Value::Int(priority), value.span);
            }
            let definition = node.get("definition");
            let pairs = definition.map(Node::pairs).unwrap_or_default();
            if definition.is_some_and(|d| matches!(d.data, Data::Map(_))) {
                flag(&mut fact, kinds::policy::empty, pairs.is_empty(), definition.map(|d| d.span));
            }
            let has = |key: &str| pairs.iter().find(|(k, _)| k.view.text == key);
            let mirrors =
                pairs.iter().find(|(k, _)| matches!(&*k.view.text, "ha-mode" | "ha-params" | "ha-sync-mode"));
            flag(
                &mut fact,
                kinds::policy::mirrors,
                mirrors.is_some(),
                mirrors.map(|(k, _)| k.view.full_span()),
            );
            let numbered = has("ha-mode").filter(|(_, v)| matches!(v.text(), Some("exactly" | "nodes")));
            let alone = numbered.filter(|_| has("ha-params").is_none());
            flag(&mut fact, kinds::policy::ha_params_missing, alone.is_some(), alone.map(|(_, v)| v.span));
            let strategy = has("dead-letter-strategy").filter(|(_, v)| v.text() == Some("at-least-once"));
            let rejects = has("overflow").is_some_and(|(_, v)| v.text() == Some("reject-publish"));
            let incomplete = strategy.filter(|_| !rejects);
            flag(
                &mut fact,
                kinds::policy::at_least_once_incomplete,
                incomplete.is_some(),
                incomplete.map(|(_, v)| v.span),
            );
            // Only policies for the very same names are sure to hide each other.
            let same = (
                text(node, "vhost").unwrap_or_default(),
                text(node, "pattern").unwrap_or_default(),
                text(node, "apply-to").unwrap_or("all"),
            );
            let twin = seen.iter().find(|p| (p.0, p.1, p.2) == same && p.3 >= priority.unwrap_or(0));
            if let Some(twin) = twin {
                fact.derive(kinds::policy::hidden_by, Value::text(twin.4));
            }
            if seen.len() < MAX_COMPARED {
                seen.push((same.0, same.1, same.2, priority.unwrap_or(0), name));
            }
            reading.facts.add(fact);
            for (key, value) in &pairs {
                policy_key(name, key.view.full_span(), &key.view.text, value, reading);
            }
        }
    }

    fn queues(&self, reading: &mut Reading) {
        for node in section(self.root, "queues") {
            let mut fact = Fact::new(&kinds::queue::KIND, place(node));
            let name = text(node, "name").unwrap_or_default();
            copy(&mut fact, kinds::queue::name, node, "name");
            copy(&mut fact, kinds::queue::vhost, node, "vhost");
            self.vhost_defined(&mut fact, kinds::queue::vhost_defined, node);
            copy_bool(&mut fact, kinds::queue::durable, node, "durable");
            copy_bool(&mut fact, kinds::queue::auto_delete, node, "auto_delete");
            copy_bool(&mut fact, kinds::queue::exclusive, node, "exclusive");
            let reserved = name.starts_with("amq.");
            flag(&mut fact, kinds::queue::reserved_name, reserved, Some(place(node)));
            let arguments = node.get("arguments");
            let pairs = arguments.map(Node::pairs).unwrap_or_default();
            let get = |key: &str| pairs.iter().find(|(k, _)| k.view.text == key).map(|(_, v)| *v);
            let typed = get("x-queue-type").or_else(|| node.get("type"));
            let queue_type = typed.and_then(Node::text).unwrap_or("classic");
            match typed {
                Some(value) => fact.write(kinds::queue::queue_type, Value::text(queue_type), value.span),
                None => fact.set(kinds::queue::queue_type, Said::default(Value::text("classic"), "RabbitMQ")),
            };
            let known = matches!(queue_type, "classic" | "quorum" | "stream")
                || queue_type.starts_with("rabbit_")
                || queue_type.starts_with("x-")
                || values::is_placeholder(queue_type);
            flag(&mut fact, kinds::queue::queue_type_known, known, typed.map(|t| t.span));
            if let Some(value) = get("x-dead-letter-exchange")
                && let Some(exchange) = value.text()
            {
                fact.write(kinds::queue::dead_letter_exchange, Value::text(exchange), value.span);
                let vhost = text(node, "vhost").unwrap_or_default();
                let defined =
                    BUILT_IN_EXCHANGES.contains(&exchange) || self.exchanges.contains(&(vhost, exchange));
                if self.is_full() && !values::is_placeholder(exchange) {
                    flag(&mut fact, kinds::queue::dead_letter_exchange_defined, defined, Some(value.span));
                }
            }
            let alone = get("x-dead-letter-routing-key").filter(|_| get("x-dead-letter-exchange").is_none());
            flag(&mut fact, kinds::queue::dead_letter_key_alone, alone.is_some(), alone.map(|v| v.span));
            let limits = ["x-max-length", "x-max-length-bytes", "x-message-ttl", "x-expires", "x-max-age"];
            flag(&mut fact, kinds::queue::limited, limits.iter().any(|l| get(l).is_some()), None);
            if let Some(value) = get("x-delivery-limit")
                && let Some(limit) = value.scalar().and_then(|s| s.as_int())
            {
                fact.write(kinds::queue::delivery_limit, Value::Int(limit), value.span);
            }
            reading.facts.add(fact);
            for (key, value) in &pairs {
                queue_argument(name, queue_type, key.view.full_span(), &key.view.text, value, reading);
            }
        }
    }

    fn exchanges(&self, reading: &mut Reading) {
        for node in section(self.root, "exchanges") {
            let mut fact = Fact::new(&kinds::exchange::KIND, place(node));
            let name = text(node, "name").unwrap_or_default();
            copy(&mut fact, kinds::exchange::name, node, "name");
            copy(&mut fact, kinds::exchange::vhost, node, "vhost");
            copy(&mut fact, kinds::exchange::exchange_type, node, "type");
            copy_bool(&mut fact, kinds::exchange::durable, node, "durable");
            self.vhost_defined(&mut fact, kinds::exchange::vhost_defined, node);
            let reserved = name.starts_with("amq.") && !BUILT_IN_EXCHANGES.contains(&name);
            flag(&mut fact, kinds::exchange::reserved_name, reserved, Some(place(node)));
            reading.facts.add(fact);
        }
    }

    fn bindings(&self, reading: &mut Reading) {
        for node in section(self.root, "bindings") {
            let at = node.get("destination").map_or(node.span, |n| n.span);
            let mut fact = Fact::new(&kinds::binding::KIND, at);
            copy(&mut fact, kinds::binding::vhost, node, "vhost");
            copy(&mut fact, kinds::binding::source, node, "source");
            copy(&mut fact, kinds::binding::destination, node, "destination");
            copy(&mut fact, kinds::binding::destination_type, node, "destination_type");
            let vhost = text(node, "vhost").unwrap_or_default();
            let exchange =
                |name: &str| BUILT_IN_EXCHANGES.contains(&name) || self.exchanges.contains(&(vhost, name));
            if let Some(source) = text(node, "source")
                && self.root.get("exchanges").is_some()
                && !values::is_placeholder(source)
            {
                let span = node.get("source").map(|n| n.span);
                flag(&mut fact, kinds::binding::source_defined, exchange(source), span);
            }
            if let Some(destination) = text(node, "destination")
                && !values::is_placeholder(destination)
            {
                let defined = match text(node, "destination_type") {
                    Some("queue") if self.root.get("queues").is_some() => {
                        Some(self.queues.contains(&(vhost, destination)))
                    }
                    Some("exchange") if self.root.get("exchanges").is_some() => Some(exchange(destination)),
                    _ => None,
                };
                if let Some(defined) = defined {
                    flag(&mut fact, kinds::binding::destination_defined, defined, Some(at));
                }
            }
            reading.facts.add(fact);
        }
    }

    fn limits(&self, reading: &mut Reading) {
        let mut add = |scope: &str, owner: &Node<'_>, limits: &Node<'_>| {
            for (key, value) in limits.pairs() {
                let Some(number) = value.scalar().and_then(|s| s.as_int()) else { continue };
                let mut fact = Fact::new(&kinds::limit::KIND, key.view.full_span());
                fact.derive(kinds::limit::scope, Value::text(scope));
                fact.write(kinds::limit::owner, Value::text(owner.text().unwrap_or_default()), owner.span);
                fact.write(kinds::limit::name, Value::text(&key.view.text), key.view.full_span());
                fact.write(kinds::limit::value, Value::Int(number), value.span);
                reading.facts.add(fact);
            }
        };
        for node in section(self.root, "parameters") {
            if text(node, "component") == Some("vhost-limits")
                && let (Some(owner), Some(limits)) = (node.get("vhost"), node.get("value"))
            {
                add("vhost", owner, limits);
            }
        }
        for (section_name, scope) in [("users", "user"), ("vhosts", "vhost")] {
            for node in section(self.root, section_name) {
                if let (Some(owner), Some(limits)) = (node.get("name"), node.get("limits")) {
                    add(scope, owner, limits);
                }
            }
        }
    }

    fn parameters(&self, reading: &mut Reading) {
        for node in section(self.root, "parameters") {
            let mut fact = Fact::new(&kinds::parameter::KIND, place(node));
            copy(&mut fact, kinds::parameter::component, node, "component");
            copy(&mut fact, kinds::parameter::name, node, "name");
            copy(&mut fact, kinds::parameter::vhost, node, "vhost");
            let (mut password, mut unverified) = (None, None);
            if let Some(value) = node.get("value") {
                value.walk(&mut |_, scalar| {
                    let text = scalar.view.text.as_ref();
                    let Some((scheme, rest)) = text.split_once("://") else { return };
                    if !matches!(scheme, "amqp" | "amqps") {
                        return;
                    }
                    let authority = rest.split(['/', '?']).next().unwrap_or_default();
                    let span = scalar.view.full_span();
                    if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
                        password.get_or_insert(span);
                    }
                    // Since 3.13 and Erlang 26 the peer is checked unless the URI says otherwise.
                    if scheme == "amqps" && rest.contains("verify=verify_none") {
                        unverified.get_or_insert(span);
                    }
                });
            }
            flag(&mut fact, kinds::parameter::has_password, password.is_some(), password);
            flag(&mut fact, kinds::parameter::unverified_tls, unverified.is_some(), unverified);
            reading.facts.add(fact);
        }
    }
}

/// More policies than this in one file are not compared with each other.
const MAX_COMPARED: usize = 500;

/// Tags that RabbitMQ or one of its plug-ins gives a meaning.
const TAGS: [&str; 7] =
    ["administrator", "monitoring", "policymaker", "management", "impersonator", "protected", "none"];

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

/// What a policy may apply to; the last three came with 3.12.
const APPLY_TO: [&str; 6] = ["all", "queues", "exchanges", "classic_queues", "quorum_queues", "streams"];

fn apply_to(fact: &mut Fact, node: &Node<'_>) {
    let Some(value) = node.get("apply-to") else { return };
    let Some(word) = value.text() else { return };
    fact.write(kinds::policy::apply_to, Value::text(word), value.span);
    if values::is_placeholder(word) {
        return;
    }
    flag(fact, kinds::policy::apply_to_valid, APPLY_TO.contains(&word), Some(value.span));
    if let Some(near) = nearest(word, APPLY_TO) {
        fact.derive(kinds::policy::apply_to_nearest, Value::text(near));
    }
}

fn policy_key(policy: &str, at: Span, name: &str, value: &Node<'_>, reading: &mut Reading) {
    use kinds::policy_key as field;
    let mut fact = Fact::new(&field::KIND, at);
    fact.derive(field::policy, Value::text(policy));
    fact.write(field::name, Value::text(name), at);
    let shown = value.text().map_or_else(|| "a structure".to_owned(), str::to_owned);
    fact.write(field::value, Value::text(shown), value.span);
    let known = arguments::find(&arguments::POLICY_KEYS, name);
    flag(&mut fact, field::known, known.is_some(), Some(at));
    match known {
        Some(key) => {
            if let Some(fits) = key.form.fits(value) {
                flag(&mut fact, field::type_ok, fits, Some(value.span));
                fact.derive(field::expected, Value::text(key.form.in_words()));
                if let Some(meant) = key.form.meant(value).filter(|_| !fits) {
                    fact.derive(field::suggestion, Value::text(meant));
                }
            }
        }
        None => {
            let plain = name.strip_prefix("x-").unwrap_or(name);
            let names = arguments::POLICY_KEYS.iter().map(|k| k.name);
            let exact = names.clone().find(|n| *n == plain);
            if let Some(near) = exact.or_else(|| nearest(plain, names)) {
                fact.derive(field::nearest, Value::text(near));
            }
        }
    }
    reading.facts.add(fact);
}

fn queue_argument(
    queue: &str,
    queue_type: &str,
    at: Span,
    name: &str,
    value: &Node<'_>,
    reading: &mut Reading,
) {
    use kinds::queue_argument as field;
    let mut fact = Fact::new(&field::KIND, at);
    fact.derive(field::queue, Value::text(queue));
    fact.derive(field::queue_type, Value::text(queue_type));
    fact.write(field::name, Value::text(name), at);
    let shown = value.text().map_or_else(|| "a structure".to_owned(), str::to_owned);
    fact.write(field::value, Value::text(shown), value.span);
    if let Some(number) = value.scalar().and_then(|s| s.as_int()) {
        fact.write(field::number, Value::Int(number), value.span);
    }
    let known = arguments::find(&arguments::QUEUE_ARGUMENTS, name);
    // Names without `x-` are the applications' own.
    flag(&mut fact, field::known, known.is_some() || !name.starts_with("x-"), Some(at));
    match known {
        Some(key) => {
            if let Some(allowed) = key.allowed(queue_type) {
                flag(&mut fact, field::allowed, allowed, Some(at));
            }
            if let Some(fits) = key.form.fits(value) {
                flag(&mut fact, field::type_ok, fits, Some(value.span));
                fact.derive(field::expected, Value::text(key.form.in_words()));
                if let Some(meant) = key.form.meant(value).filter(|_| !fits) {
                    fact.derive(field::suggestion, Value::text(meant));
                }
            }
        }
        None => {
            if let Some(near) = nearest(name, arguments::QUEUE_ARGUMENTS.iter().map(|k| k.name)) {
                fact.derive(field::nearest, Value::text(near));
            }
        }
    }
    reading.facts.add(fact);
}
