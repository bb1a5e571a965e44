//! Where objects of Kubernetes listen with TLS: each names the secret that holds certificate and key.

use crate::facts::kinds::tls_end::end;
use crate::facts::{Fact, Said, Value};
use crate::syntax::Node;
use crate::systems::Reading;
use crate::systems::containers::nodes;

/// The port of HTTPS.
const HTTPS: i64 = 443;

/// The port that the operator's brokers speak AMQP with TLS on.
const AMQPS: i64 = 5671;

fn end_of(program: &str, part: String, secret: &Node<'_>) -> Option<Fact> {
    let name = nodes::text(secret).filter(|n| !n.is_empty())?;
    let mut fact = Fact::new(&end::KIND, nodes::span(secret));
    fact.derive(end::program, Value::text(program));
    fact.derive(end::part, Value::text(part));
    fact.derive(end::side, Value::text("listen"));
    fact.write(end::secret, Value::text(name), nodes::span(secret));
    Some(fact)
}

fn names<'n, 'a: 'n>(hosts: impl Iterator<Item = &'n Node<'a>>) -> Value {
    let plain =
        hosts.filter_map(|h| Some((nodes::text(h)?, nodes::span(h)))).filter(|(h, _)| !h.starts_with('*'));
    Value::List(plain.map(|(host, at)| Said::written(Value::text(host), at)).collect())
}

fn ports(all: &[i64]) -> Value {
    Value::List(all.iter().map(|p| Said::derived(Value::Int(*p), None)).collect())
}

fn name_of(object: &Node<'_>) -> String {
    object.at(&["metadata", "name"]).and_then(nodes::text).unwrap_or_default()
}

/// The entries of an Ingress under `tls`.
pub(super) fn ingress(object: &Node<'_>, out: &mut Reading) {
    for entry in object.at(&["spec", "tls"]).map_or(&[][..], Node::items) {
        let Some(secret) = entry.get("secretName") else { continue };
        let Some(mut fact) = end_of("Ingress", name_of(object), secret) else { continue };
        fact.derive(end::names, names(entry.get("hosts").map_or(&[][..], Node::items).iter()));
        fact.derive(end::ports, ports(&[HTTPS]));
        out.facts.add(fact);
    }
}

/// The listeners of a Gateway that end TLS.
pub(super) fn gateway(object: &Node<'_>, out: &mut Reading) {
    for listener in object.at(&["spec", "listeners"]).map_or(&[][..], Node::items) {
        let Some(tls) = listener.get("tls") else { continue };
        // Of several certificates the client's name decides.
        let [reference] = tls.get("certificateRefs").map_or(&[][..], Node::items) else { continue };
        if tls.get("mode").and_then(Node::text) == Some("Passthrough")
            || reference.get("kind").is_some_and(|k| k.text() != Some("Secret"))
        {
            continue;
        }
        let part =
            format!("{} {}", name_of(object), listener.get("name").and_then(Node::text).unwrap_or_default());
        let secret =
            reference.get("name").and_then(|secret| end_of("Gateway", part.trim().to_owned(), secret));
        let Some(mut fact) = secret else { continue };
        fact.derive(end::names, names(listener.get("hostname").into_iter()));
        if let Some(port) = listener.get("port").and_then(Node::text).and_then(|p| p.parse().ok()) {
            fact.derive(end::ports, ports(&[port]));
        }
        out.facts.add(fact);
    }
}

/// What a RabbitmqCluster's brokers listen with.
pub(super) fn cluster(object: &Node<'_>, out: &mut Reading) {
    let secret = object.at(&["spec", "tls", "secretName"]);
    let part = format!("RabbitmqCluster {}", name_of(object));
    let Some(mut fact) = secret.and_then(|secret| end_of("RabbitMQ", part, secret)) else { return };
    fact.derive(end::ports, ports(&[AMQPS]));
    out.facts.add(fact);
}
