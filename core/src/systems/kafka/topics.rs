//! Topics that files make: Strimzi's objects, `kafka-topics --create`, and variables of images.

use crate::facts::kinds::kafka::topic;
use crate::facts::{Fact, Value};
use crate::source::View;
use crate::syntax::Node;
use crate::syntax::shell::{self, Command};
use crate::systems::Reading;
use crate::systems::containers::nodes;

/// The tool that makes topics, without directory.
const TOOLS: [&str; 2] = ["kafka-topics", "kafka-topics.sh"];

/// The variable that makes topics in several images: `name:partitions:replicas[:policy]`, separated by commas.
pub(super) const VARIABLE: &str = "KAFKA_CREATE_TOPICS";

/// More topics of one variable are not read.
const MAX_TOPICS: usize = 1_000;

/// The label that says which cluster of Strimzi's an object belongs to.
pub(crate) const OF_CLUSTER: &str = "strimzi.io/cluster";

/// Strimzi's object.
pub(crate) fn object(object: &Node<'_>, out: &mut Reading) {
    let name = object.at(&["spec", "topicName"]).or_else(|| object.at(&["metadata", "name"]));
    let (Some(name), Some(spec)) = (name, object.get("spec")) else { return };
    let mut fact = Fact::new(&topic::KIND, nodes::span(name));
    fact.derive(topic::form, Value::text("object"));
    nodes::put_text(&mut fact, topic::name, Some(name));
    nodes::put_int(&mut fact, topic::partitions, spec.get("partitions"));
    nodes::put_int(&mut fact, topic::replication, spec.get("replicas"));
    nodes::put_text(&mut fact, topic::cluster, object.at(&["metadata", "labels", OF_CLUSTER]));
    nodes::put_int(&mut fact, topic::min_isr, spec.at(&["config", "min.insync.replicas"]));
    nodes::put_bool(&mut fact, topic::unclean, spec.at(&["config", "unclean.leader.election.enable"]));
    out.facts.add(fact);
}

/// The commands of a text that a shell runs.
pub(crate) fn script(view: &View<'_>, out: &mut Reading) {
    if TOOLS.iter().any(|tool| view.text.contains(tool)) {
        shell::parse(view).commands.iter().for_each(|command| read_command(view, command, out));
    }
}

/// A command with its words, wherever the tool stands among them.
pub(crate) fn read_command(view: &View<'_>, command: &Command<'_>, out: &mut Reading) {
    let tool = |text: &str| text.rsplit('/').next().is_some_and(|last| TOOLS.contains(&last));
    let words = command.words.iter().skip_while(|w| !tool(&w.text)).collect::<Vec<_>>();
    if !words.iter().any(|w| w.text == "--create") {
        return;
    }
    // `--key value` and `--key=value`.
    let option = |key: &str| {
        words.iter().enumerate().find_map(|(at, word)| match word.text.strip_prefix(key)? {
            "" => words.get(at + 1).map(|value| value.view(view, 0..value.text.len())),
            rest => rest.strip_prefix('=').map(|_| word.view(view, key.len() + 1..word.text.len())),
        })
    };
    let Some(name) = option("--topic").filter(|n| is_name(&n.text)) else { return };
    let mut fact = Fact::new(&topic::KIND, name.full_span());
    fact.derive(topic::form, Value::text("command"));
    fact.write(topic::name, Value::text(&name.text), name.full_span());
    for (field, key) in [(topic::partitions, "--partitions"), (topic::replication, "--replication-factor")] {
        if let Some(value) = option(key)
            && let Ok(number) = value.text.parse()
        {
            fact.write(field, Value::Int(number), value.full_span());
        }
    }
    out.facts.add(fact);
}

/// The value of the variable.
pub(super) fn variable(value: &View<'_>, out: &mut Reading) {
    let mut at = 0;
    for part in value.text.split([',', '\n']).take(MAX_TOPICS) {
        let range = value.trim_range(at..at + part.len());
        at += part.len() + 1;
        let view = value.sub(range);
        let mut parts = view.text.split(':');
        let (Some(name), Some(Ok(partitions))) = (parts.next(), parts.next().map(str::parse)) else {
            continue;
        };
        if !is_name(name) {
            continue;
        }
        let mut fact = Fact::new(&topic::KIND, view.full_span());
        fact.derive(topic::form, Value::text("variable"));
        fact.write(topic::name, Value::text(name), view.full_span());
        fact.write(topic::partitions, Value::Int(partitions), view.full_span());
        if let Some(Ok(copies)) = parts.next().map(str::parse) {
            fact.write(topic::replication, Value::Int(copies), view.full_span());
        }
        out.facts.add(fact);
    }
}

/// True for a name that Kafka takes.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}
