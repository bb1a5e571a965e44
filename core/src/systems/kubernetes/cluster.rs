//! The RabbitMQ cluster operator's objects.

use crate::facts::kinds::container::image;
use crate::facts::kinds::kubernetes::container;
use crate::facts::{Fact, Said, Value};
use crate::syntax::Node;
use crate::systems::Reading;
use crate::systems::carriers::tree::{self, TreeContext};
use crate::systems::containers::images::{self, Image};
use crate::systems::containers::nodes;

use super::container::{put_image, put_resources};
use super::{tls, workload};

/// Configurations in the object and the files they become.
const FILES: [(&str, &str); 3] = [
    ("additionalConfig", "rabbitmq.conf"),
    ("advancedConfig", "advanced.config"),
    ("envConfig", "rabbitmq-env.conf"),
];

pub(super) fn read(object: &Node<'_>, name: Option<&str>, out: &mut Reading) {
    let workload = workload::operated(object, "RabbitmqCluster", "rabbitmq", out);
    tls::cluster(object, out);
    let Some(spec) = object.get("spec") else { return };
    let span = object.get("kind").map_or(object.span, nodes::span);
    let parsed = spec.get("image").and_then(Node::text).map(Image::parse);
    let mut fact = Fact::new(&container::KIND, span);
    fact.derive(container::workload, Value::Record(workload));
    fact.derive(container::workload_kind, Value::text("RabbitmqCluster"));
    if let Some(name) = name {
        fact.derive(container::workload_name, Value::text(name));
    }
    // The operator gives every pod a container of this name.
    fact.derive(container::name, Value::text("rabbitmq"));
    fact.derive(container::init, Value::Bool(false));
    put_image(&mut fact, spec, parsed.as_ref());
    fact.set(container::software, Said::derived(Value::text("rabbitmq"), Some(span)));
    fact.set(container::role, Said::derived(Value::text("broker"), Some(span)));
    put_resources(&mut fact, spec);
    let id = out.facts.add(fact);
    if let (Some(parsed), Some(view)) = (&parsed, spec.get("image").and_then(nodes::view)) {
        images::add(parsed, view, Some((image::container, id)), true, out);
    }
    for (key, file) in FILES {
        if let Some(view) = spec.at(&["rabbitmq", key]).and_then(nodes::view) {
            out.embed(file, name, view);
        }
    }
    if let Some(over) = spec.get("override") {
        let context = TreeContext { expands: Some(false), carrier: name, skip_environment: false };
        tree::scan(over, &context, out);
    }
}
