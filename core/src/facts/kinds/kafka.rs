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
        /// The variable has a prefix that the container's image does not read.
        other_prefix: Bool,
        /// The operator that runs the broker sets it itself, and ignores it here.
        operator_owned: Bool,
        /// librdkafka reads it, which refuses what it does not know.
        librdkafka: Bool,
    }

    /// A Kafka client, as one file describes it.
    client "kafka.client" settings crate::facts::tables::KAFKA_CLIENT {
        /// `producer`, `consumer`, `admin`, or `client` when that is not known.
        role: Text,
        /// The Java client reads it; false for librdkafka, absent when that is not known.
        java: Bool,
        /// `properties`, `spring`, `worker` or `environment`; of source code `java`, `librdkafka` or `code`.
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

    /// A producer that a program makes, as the rest of the file uses it.
    usage "kafka.use" {
        /// The library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// The function it stands in; absent for the file itself.
        function: Text,
        /// Something waits until all records are sent.
        flushes: Bool,
        /// It stands in a loop.
        in_loop: Bool,
        /// It stands in a function that answers a request.
        in_request_handler: Bool,
    }

    /// A record that a program hands to a producer.
    produce "kafka.produce" {
        /// The library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// Something hears of records that could not be sent.
        reported: Bool,
    }

    /// A writer of kafka-go.
    writer "kafka.writer" {
        /// The library.
        library: Text,
        /// What is made, as written.
        call: Text,
        /// Errors do not come back from the call.
        asynchronous: Bool,
        /// Something hears of records that could not be sent.
        reported: Bool,
        /// How long a record waits for others.
        batch_timeout: Duration,
    }

    /// A configuration of Sarama, as far as its own check of it goes.
    sarama "kafka.sarama" {
        /// The library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// Successes come back from the producer.
        successes: Bool,
        /// The producer is idempotent.
        idempotent: Bool,
        /// How many requests may be on their way.
        in_flight: Int,
        /// Whose acknowledgements count, by Sarama's name.
        acks: Text,
        /// The file makes a synchronous producer.
        synchronous: Bool,
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
        /// `properties`, `environment` or `strimzi`.
        form: Text,
        /// The Compose service that runs it.
        service: Record("compose.service"),
        /// Last part of the repository of the image that runs it.
        image_name: Text,
        /// The version that the image's tag begins with.
        image_version: Version,
        /// The variable `CLUSTER_ID` is set, where the image asks for it.
        cluster_id_set: Bool,
        /// How many brokers the cluster has, as far as its descriptions stand together.
        brokers: Int,
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
        /// The cluster of an operator that it is made in.
        cluster: Text,
        /// `min.insync.replicas` of its own.
        min_isr: Int,
        /// Leaders may be chosen among copies that lag behind.
        unclean: Bool,
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

    /// What a service of a Compose file dials at a broker of the same file.
    dial "kafka.dial" {
        /// The name it dials.
        host: Text,
        /// The port it dials.
        port: Int,
        /// The broker.
        broker: Record("kafka.broker"),
        /// The broker listens on that port.
        listened: Bool,
        /// The ports on which it listens for clients.
        ports: List(&Int),
        /// The listener that it comes to.
        listener: Text,
        /// The protocol of that listener.
        protocol: Text,
        /// Only controllers use that listener.
        controller: Bool,
        /// The host to which the broker sends it on from there.
        advertised_host: Text,
        /// The port to which the broker sends it on.
        advertised_port: Int,
        /// That host is a loopback address: the client itself.
        advertised_loopback: Bool,
    }

    /// A Connect worker, a connector or a MirrorMaker, as one file describes it.
    worker "kafka.worker" settings crate::facts::tables::KAFKA_CONNECT {
        /// `distributed`, `standalone`, `connector` or `mirror`.
        sort: Text,
        /// `properties`, `environment`, `json` or `strimzi`.
        form: Text,
        /// It copies from Kafka to another system.
        sink: Bool,
        /// It copies to Kafka.
        source: Bool,
        /// Its dead letter topic is one of those it reads.
        reads_own_dead_letters: Bool,
        /// A setting that a connector makes for its own clients, `producer.override.…` and its kin.
        client_override: Text,
        /// `key.converter` or `value.converter`, if it is one that asks a registry whose address is not set.
        registry_missing: Text,
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
        /// It is part of a ring of flows that are on, and topics keep their names.
        loops: Bool,
        /// Consumers' offsets are written on the other side.
        offsets_synced: Bool,
        /// `emit.checkpoints.enabled` is false for it.
        checkpoints_off: Bool,
        /// The topics that it copies, as written.
        topics: Text,
        /// A topic among them that the default of `topics.exclude` leaves out.
        excluded_topic: Text,
        /// The smallest `buffer.memory` of the file.
        buffer: Size,
        /// The key that sets it.
        buffer_key: Text,
        /// `enable` is written for `enabled`.
        enable_misspelt: Bool,
    }

    /// A cluster that MirrorMaker 2 knows by name.
    mirrored "kafka.mirrored" {
        /// Its name.
        alias: Text,
        /// `ALIAS.bootstrap.servers` is not set.
        brokers_missing: Bool,
        /// Another name for the same brokers.
        same_as: Text,
    }

    /// Confluent's Schema Registry.
    registry "kafka.registry" {
        /// `properties` or `environment`.
        form: Text,
        /// The brokers it asks first, as written.
        bootstrap_servers: Text,
        /// The protocol that it speaks to them.
        protocol: Text,
        /// How many of the brokers it uses: the others are written with another protocol, or without a port.
        endpoints_used: Int,
        /// ZooKeeper's address (`kafkastore.connection.url`).
        zookeeper: Text,
        /// The copies of its topic.
        copies: Int,
        /// The topic.
        topic: Text,
        /// `schema.compatibility.level`.
        compatibility: Text,
    }
}
