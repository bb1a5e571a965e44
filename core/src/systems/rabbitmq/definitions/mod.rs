//! Definitions files: users, virtual hosts, permissions, policies, queues, exchanges, bindings, limits, parameters.

mod policies;
mod queues;
mod users;

use std::collections::BTreeSet;

use super::{conf, values};
use crate::facts::kinds::definitions as kinds;
use crate::facts::{Fact, Field, Said, Value, Version};
use crate::source::{Source, Span, View};
use crate::syntax::{Node, json};
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
        if let Some((count, first)) = self.unlimited_queues() {
            fact.set(kinds::definitions::unlimited_queues, Said::derived(Value::Int(count), Some(first)));
        }
        reading.facts.add(fact);
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
