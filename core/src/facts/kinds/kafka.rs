//! Kafka: clients, brokers, Connect workers and MirrorMaker, as their properties describe them.

use super::setting::declare_kinds_with_setting;

declare_kinds_with_setting! {
    "A property of a Kafka client, broker or worker." "kafka.setting" {
        /// Whose it is: `client`, `broker` or `worker`.
        of: Text,
        /// A key that clients know and brokers do not.
        client_key: Bool,
        /// The environment variable that it is set by.
        variable: Text,
    }

    /// A Kafka client, as one file describes it.
    client "kafka.client" settings crate::facts::tables::KAFKA_CLIENT {
        /// `producer`, `consumer`, `admin`, or `client` when that is not known.
        role: Text,
        /// The Java client reads it; false for librdkafka, absent when that is not known.
        java: Bool,
        /// `properties`, `spring`, `worker` or `environment`.
        form: Text,
        /// How long the retries of a failed batch last at most, when `retries` is set; for clients from 3.7 on.
        retries_last: Duration,
        /// How many brokers it asks first.
        bootstrap_count: Int,
        /// All of them are loopback addresses.
        local: Bool,
        /// Keys whose values another program fills in first.
        filled_in: List(&Text),
    }

    /// One broker that a client asks first.
    bootstrap "kafka.bootstrap" {
        /// As written.
        text: Text,
        /// The scheme before it, which clients throw away.
        scheme: Text,
        /// The host.
        host: Text,
        /// The port.
        port: Int,
        /// It is a loopback address.
        loopback: Bool,
        /// What the host stands for among the files of the deployment: `service`, `loopback` or `unknown`; absent when
        /// several things bear the name.
        resolves_to: Text,
        /// True if a container gets it in its environment.
        in_container: Bool,
        /// The client that asks it.
        client: Record("kafka.client"),
        /// A blank stands in it.
        blank: Bool,
        /// No port is written.
        port_missing: Bool,
        /// The client is one that cannot do without the port.
        java: Bool,
    }

    /// A Kafka broker or controller, as one file or one service describes it.
    broker "kafka.broker" settings crate::facts::tables::KAFKA_BROKER {
        /// It keeps its metadata itself; false with ZooKeeper, absent when neither is said.
        kraft: Bool,
        /// How many controllers vote.
        voters: Int,
        /// All its listeners and what it advertises are loopback addresses.
        local: Bool,
        /// Its data lies where a restart or the system cleans up.
        volatile_data: Bool,
        /// Retention set in several units: the one that counts.
        retention: Duration,
        /// `properties` or `environment`.
        form: Text,
        /// Keys whose values another program fills in first.
        filled_in: List(&Text),
    }

    /// A reason for a broker not to start, as its own check of the configuration finds it.
    refusal "kafka.refusal" {
        /// What it is about: `listener`, `advertised`, `inter-broker`, `controller` or `roles`.
        check: Text,
        /// What is wrong.
        reason: Text,
    }

    /// A topic that a file makes.
    topic "kafka.topic" {
        /// Its name.
        name: Text,
        /// Partitions, of which each is read by one member of a consumer group.
        partitions: Int,
        /// Copies of each partition.
        replication: Int,
        /// What makes it: `object` for Strimzi's, `command` for `kafka-topics`, `variable` for an image's.
        form: Text,
    }

    /// A listener of a broker, or an address that it advertises.
    listener "kafka.listener" {
        /// Its name.
        name: Text,
        /// The protocol that the name stands for: `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.
        protocol: Text,
        /// The host; absent for all addresses.
        host: Text,
        /// The port.
        port: Int,
        /// True in `advertised.listeners`.
        advertised: Bool,
        /// It is bound to all addresses.
        any_address: Bool,
        /// It is a loopback address.
        loopback: Bool,
        /// Controllers use it.
        controller: Bool,
        /// The broker it belongs to.
        broker: Record("kafka.broker"),
    }

    /// A Connect worker, a connector or a MirrorMaker, as one file describes it.
    worker "kafka.worker" settings crate::facts::tables::KAFKA_CONNECT {
        /// `distributed`, `standalone`, `connector` or `mirror`.
        sort: Text,
        /// It copies from Kafka to another system.
        sink: Bool,
        /// Security is set for the worker's own client and for none of those of its connectors.
        security_not_prefixed: Bool,
        /// `producer.acks` or what else overrides the safe settings of its producers, as written.
        weakened_by: Text,
        /// All its brokers are loopback addresses.
        local: Bool,
        /// Keys whose values another program fills in first.
        filled_in: List(&Text),
    }

    /// A flow of MirrorMaker 2 from one cluster to another.
    flow "kafka.flow" {
        /// The source as written.
        source: Text,
        /// The target as written.
        target: Text,
        /// It is switched on.
        enabled: Bool,
        /// An alias that `clusters` does not name.
        unknown_alias: Text,
        /// The alias that it most likely means.
        nearest: Text,
        /// Both directions are on and topics keep their names.
        loops: Bool,
        /// `enable` is written for `enabled`.
        enable_misspelt: Bool,
    }
}
