//! Queues with their arguments, exchanges and bindings.

use super::{BUILT_IN_EXCHANGES, File, copy, copy_bool, flag, place, section, text};
use crate::facts::kinds::definitions as kinds;
use crate::facts::{Fact, Said, Value};
use crate::nearest::nearest;
use crate::source::Span;
use crate::syntax::Node;
use crate::systems::Reading;
use crate::systems::rabbitmq::{arguments, values};

/// Arguments that keep a queue from growing without end.
const LIMITS: [&str; 5] = ["x-max-length", "x-max-length-bytes", "x-message-ttl", "x-expires", "x-max-age"];

impl File<'_, '_> {
    /// How many durable queues no argument limits, and where the first stands, unless a policy may limit them.
    pub(super) fn unlimited_queues(&self) -> Option<(i64, Span)> {
        let policies = ["policies", "operator_policies"].into_iter().flat_map(|s| section(self.root, s));
        let mut keys = policies.filter_map(|p| p.get("definition")).flat_map(|d| d.pairs().into_iter());
        if keys.any(|(key, _)| LIMITS.iter().any(|l| l.strip_prefix("x-") == Some(key.view.text.as_ref()))) {
            return None;
        }
        let grows = |node: &&Node<'_>| {
            let argument = |key: &str| node.at(&["arguments", key]);
            node.get("durable").and_then(Node::scalar).and_then(|s| s.as_bool()) == Some(true)
                && argument("x-queue-type").and_then(Node::text) != Some("stream")
                && LIMITS.iter().all(|limit| argument(limit).is_none())
        };
        let mut found = section(self.root, "queues").iter().filter(grows);
        let first = place(found.next()?);
        Some((1 + found.count() as i64, first))
    }

    pub(super) fn queues(&self, reading: &mut Reading) {
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
            flag(&mut fact, kinds::queue::limited, LIMITS.iter().any(|l| get(l).is_some()), None);
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

    pub(super) fn exchanges(&self, reading: &mut Reading) {
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

    pub(super) fn bindings(&self, reading: &mut Reading) {
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
