//! The keys of policies and the arguments of queues: which there are, what values they take, on which queue types.
//!
//! Sources: rabbit_policies.erl, rabbit_amqqueue.erl, rabbit_classic_queue.erl, rabbit_quorum_queue.erl and
//! rabbit_stream_queue.erl of rabbitmq-server at v3.10.25 and v4.3.5; shown on RabbitMQ 3.10.8.

use crate::syntax::{Data, Node, Style};

/// What values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A whole number of at least so much.
    Whole(i64),
    /// A whole number between two.
    Between(i64, i64),
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// True or false.
    Bool,
    /// A text such as `7D`: a number and Y, M, D, h, m or s.
    Age,
    /// Whatever a plug-in makes of it.
    Any,
}

/// A key and its form.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// The queue types that take it, `cqs` for classic, quorum and stream.
    types: &'static str,
}

const fn known(name: &'static str, form: Form, types: &'static str) -> Known {
    Known { name, form, types }
}

const OVERFLOW: Form = Form::Word(&["drop-head", "reject-publish", "reject-publish-dlx"]);
const LOCATOR: Form = Form::Word(&["client-local", "balanced", "random", "least-leaders", "min-masters"]);
const STRATEGY: Form = Form::Word(&["at-most-once", "at-least-once"]);
const MODE: Form = Form::Word(&["default", "lazy"]);
const SYNC: Form = Form::Word(&["manual", "automatic"]);

/// Keys of policies.
pub(super) static POLICY_KEYS: [Known; 34] = [
    known("alternate-exchange", Form::Text, "e"),
    known("consumer-timeout", Form::Whole(0), "cqs"),
    known("dead-letter-exchange", Form::Text, "cq"),
    known("dead-letter-routing-key", Form::Text, "cq"),
    known("dead-letter-strategy", STRATEGY, "q"),
    known("delivery-limit", Form::Whole(-1), "q"),
    known("expires", Form::Whole(1), "cq"),
    known("federation-upstream", Form::Text, "ec"),
    known("federation-upstream-pattern", Form::Text, "ec"),
    known("federation-upstream-set", Form::Text, "ec"),
    known("ha-mode", Form::Word(&["all", "exactly", "nodes"]), "c"),
    known("ha-params", Form::Any, "c"),
    known("ha-promote-on-failure", Form::Word(&["always", "when-synced"]), "c"),
    known("ha-promote-on-shutdown", Form::Word(&["always", "when-synced"]), "c"),
    known("ha-sync-batch-size", Form::Whole(1), "c"),
    known("ha-sync-mode", SYNC, "c"),
    known("initial-cluster-size", Form::Whole(0), "s"),
    known("max-age", Form::Age, "s"),
    known("max-in-memory-bytes", Form::Whole(0), "q"),
    known("max-in-memory-length", Form::Whole(0), "q"),
    known("max-length", Form::Whole(0), "cq"),
    known("max-length-bytes", Form::Whole(0), "cqs"),
    known("max-segment-size", Form::Whole(0), "s"),
    known("message-ttl", Form::Whole(0), "cq"),
    known("overflow", OVERFLOW, "cq"),
    known("queue-leader-locator", LOCATOR, "qs"),
    known("queue-master-locator", LOCATOR, "c"),
    known("queue-mode", MODE, "c"),
    known("queue-version", Form::Between(1, 2), "c"),
    known("shovel", Form::Any, "e"),
    known("stream-filter-size-bytes", Form::Between(16, 255), "s"),
    known("stream-max-segment-size-bytes", Form::Whole(0), "s"),
    known("target-group-size", Form::Whole(0), "q"),
    known("delayed-retry-type", Form::Any, "q"),
];

/// Arguments of queues.
pub(super) static QUEUE_ARGUMENTS: [Known; 31] = [
    known("x-cancel-on-ha-failover", Form::Bool, "c"),
    known("x-consumer-timeout", Form::Whole(0), "cqs"),
    known("x-dead-letter-exchange", Form::Text, "cq"),
    known("x-dead-letter-routing-key", Form::Text, "cq"),
    known("x-dead-letter-strategy", STRATEGY, "q"),
    known("x-delayed-retry-type", Form::Any, "q"),
    known("x-delivery-limit", Form::Whole(-1), "q"),
    known("x-expires", Form::Whole(1), "cq"),
    known("x-ha-policy", Form::Any, "c"),
    known("x-initial-cluster-size", Form::Whole(0), "s"),
    known("x-internal-purpose", Form::Any, "cqs"),
    known("x-max-age", Form::Age, "s"),
    known("x-max-in-memory-bytes", Form::Whole(0), "q"),
    known("x-max-in-memory-length", Form::Whole(0), "q"),
    known("x-max-length", Form::Whole(0), "cq"),
    known("x-max-length-bytes", Form::Whole(0), "cqs"),
    known("x-max-priority", Form::Between(0, 255), "c"),
    known("x-message-ttl", Form::Whole(0), "cq"),
    known("x-overflow", OVERFLOW, "cq"),
    known("x-queue-leader-locator", LOCATOR, "cqs"),
    known("x-queue-master-locator", LOCATOR, "c"),
    known("x-queue-mode", MODE, "c"),
    known("x-queue-type", Form::Word(&["classic", "quorum", "stream"]), "cqs"),
    known("x-queue-version", Form::Between(1, 2), "c"),
    known("x-quorum-initial-group-size", Form::Whole(1), "q"),
    known("x-quorum-target-group-size", Form::Whole(1), "q"),
    known("x-single-active-consumer", Form::Bool, "cq"),
    known("x-stream-filter-size-bytes", Form::Between(16, 255), "s"),
    known("x-stream-max-segment-size-bytes", Form::Whole(0), "s"),
    known("x-match", Form::Any, "cqs"),
    known("x-mqtt-subscription", Form::Any, "cqs"),
];

pub(super) fn find(table: &'static [Known], name: &str) -> Option<&'static Known> {
    table.iter().find(|k| k.name == name)
}

impl Known {
    /// Whether queues of a type take it; `None` for a type that is not known.
    pub(super) fn allowed(&self, queue_type: &str) -> Option<bool> {
        let letter = match queue_type {
            "classic" => 'c',
            "quorum" => 'q',
            "stream" => 's',
            _ => return None,
        };
        Some(self.types.contains(letter))
    }
}

impl Form {
    /// Whether a value has the form; `None` when it cannot be told.
    pub(super) fn fits(self, value: &Node<'_>) -> Option<bool> {
        let Some(scalar) = value.scalar() else {
            return (self != Form::Any && matches!(value.data, Data::Map(_) | Data::Seq(_))).then_some(false);
        };
        let quoted = scalar.style != Style::Plain;
        let text = scalar.view.text.as_ref();
        if super::values::is_placeholder(text) {
            return None;
        }
        Some(match self {
            Form::Whole(least) => scalar.as_int().is_some_and(|n| n >= least),
            Form::Between(least, most) => scalar.as_int().is_some_and(|n| (least..=most).contains(&n)),
            Form::Text => quoted,
            Form::Word(words) => quoted && words.contains(&text),
            Form::Bool => !quoted && matches!(text, "true" | "false"),
            Form::Age => {
                let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                quoted && digits > 0 && matches!(&text[digits..], "Y" | "M" | "D" | "h" | "m" | "s")
            }
            Form::Any => true,
        })
    }

    /// The form in words.
    pub(super) fn in_words(self) -> String {
        match self {
            Form::Whole(0) => "a whole number, 0 or more, without quotes".into(),
            Form::Whole(-1) => "a whole number without quotes, -1 for no limit".into(),
            Form::Whole(least) => format!("a whole number from {least} on, without quotes"),
            Form::Between(least, most) => format!("a whole number from {least} to {most}, without quotes"),
            Form::Text => "a text in quotes".into(),
            Form::Word(words) => {
                let words: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
                words.join(" or ")
            }
            Form::Bool => "`true` or `false`, without quotes".into(),
            Form::Age => "a number and one of Y, M, D, h, m, s, such as `\"7D\"`".into(),
            Form::Any => "something else".into(),
        }
    }

    /// The JSON text that a value of the wrong form most likely means.
    pub(super) fn meant(self, value: &Node<'_>) -> Option<String> {
        let text = value.text()?;
        match self {
            Form::Whole(least) => text.parse::<i64>().ok().filter(|n| *n >= least).map(|n| n.to_string()),
            Form::Between(least, most) => {
                text.parse::<i64>().ok().filter(|n| (least..=most).contains(n)).map(|n| n.to_string())
            }
            Form::Word(words) => {
                let lower = text.to_ascii_lowercase();
                let exact = words.iter().find(|w| **w == lower).copied();
                let near = exact.or_else(|| crate::nearest::nearest(&lower, words.iter().copied()));
                near.map(|w| format!("\"{w}\""))
            }
            Form::Bool => matches!(text, "true" | "false").then(|| text.to_owned()),
            Form::Text => Some(format!("\"{text}\"")).filter(|_| !text.contains(['"', '\\'])),
            Form::Age | Form::Any => None,
        }
    }
}
