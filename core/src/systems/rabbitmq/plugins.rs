//! enabled_plugins: one Erlang list of names.

use crate::facts::kinds::rabbitmq::plugin;
use crate::facts::{Fact, Value};
use crate::nearest::nearest;
use crate::source::{Source, Span, View};
use crate::syntax::{Node, erlang};
use crate::systems::{FileKind, Match, Reading};

/// The file of enabled plug-ins.
pub static PLUGINS: FileKind = FileKind {
    name: "rabbitmq.plugins",
    doc: "RabbitMQ's enabled_plugins, one Erlang list.",
    recognise: |source: &Source| {
        let name = source.base_name();
        if name == "enabled_plugins" || name.ends_with("enabled_plugins") { Match::Sure } else { Match::No }
    },
    read,
};

/// Plug-ins that ship with RabbitMQ 3.8 to 4.3 (<https://www.rabbitmq.com/docs/plugins#plugins-tiers>).
const KNOWN: [&str; 43] = [
    "rabbitmq_amqp1_0",
    "rabbitmq_auth_backend_cache",
    "rabbitmq_auth_backend_http",
    "rabbitmq_auth_backend_internal_loopback",
    "rabbitmq_auth_backend_ldap",
    "rabbitmq_auth_backend_oauth2",
    "rabbitmq_auth_mechanism_ssl",
    "rabbitmq_consistent_hash_exchange",
    "rabbitmq_event_exchange",
    "rabbitmq_exchange_federation",
    "rabbitmq_federation",
    "rabbitmq_federation_management",
    "rabbitmq_federation_prometheus",
    "rabbitmq_jms_topic_exchange",
    "rabbitmq_management",
    "rabbitmq_management_agent",
    "rabbitmq_mqtt",
    "rabbitmq_peer_discovery_aws",
    "rabbitmq_peer_discovery_common",
    "rabbitmq_peer_discovery_consul",
    "rabbitmq_peer_discovery_etcd",
    "rabbitmq_peer_discovery_k8s",
    "rabbitmq_prometheus",
    "rabbitmq_queue_federation",
    "rabbitmq_random_exchange",
    "rabbitmq_recent_history_exchange",
    "rabbitmq_sharding",
    "rabbitmq_shovel",
    "rabbitmq_shovel_management",
    "rabbitmq_shovel_prometheus",
    "rabbitmq_stomp",
    "rabbitmq_stream",
    "rabbitmq_stream_common",
    "rabbitmq_stream_management",
    "rabbitmq_top",
    "rabbitmq_tracing",
    "rabbitmq_trust_store",
    "rabbitmq_web_dispatch",
    "rabbitmq_web_mqtt",
    "rabbitmq_web_mqtt_examples",
    "rabbitmq_web_stomp",
    "rabbitmq_web_stomp_examples",
    "rabbitmq_delayed_message_exchange",
];

fn read(view: &View<'_>, reading: &mut Reading) {
    let (terms, notices) = erlang::parse(view);
    reading.notices.extend(notices);
    for item in terms.iter().flat_map(Node::items) {
        let Some(name) = item.text() else { continue };
        let mut fact = plugin_fact(name, item.span);
        fact.derive(plugin::in_list, Value::Bool(true));
        reading.facts.add(fact);
    }
}

/// A fact for a plug-in that is enabled.
pub fn plugin_fact(name: &str, span: Span) -> Fact {
    let mut fact = Fact::new(&plugin::KIND, span);
    fact.write(plugin::name, Value::text(name), span);
    let known = KNOWN.contains(&name);
    fact.derive(plugin::known, Value::Bool(known));
    if !known && let Some(near) = nearest(name, KNOWN) {
        fact.derive(plugin::nearest, Value::text(near));
    }
    fact
}
