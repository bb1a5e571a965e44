//! RabbitMQ brokers: settings, listeners, plug-ins, environment, releases.

use crate::facts::declare_kinds;

declare_kinds! {
    /// The settings of a broker as one file or one set of variables gives them; every key of rabbitmq.conf is a field.
    server "rabbitmq.server" settings crate::facts::tables::RABBITMQ {
        /// `rabbitmq.conf`, `advanced.config`, `classic config` or `environment`.
        source_form: Text,
        /// The broker's version, as far as the files or the settings say.
        version: Version,
        /// A plain AMQP listener is configured or, as nothing is said, on by default.
        has_tcp_listener: Bool,
        /// An AMQP listener with TLS is configured.
        has_tls_listener: Bool,
        /// The plain AMQP listeners are switched off (`listeners.tcp = none`).
        tcp_listeners_none: Bool,
        /// A plain AMQP listener is named although they are switched off.
        tcp_listener_overruled: Bool,
        /// Ports of the plain AMQP listeners.
        tcp_ports: List(&Int),
        /// Ports of the AMQP listeners with TLS.
        tls_ports: List(&Int),
        /// A setting gives certificate and key of the TLS listeners.
        has_tls_certificate: Bool,
        /// TLS versions that are offered, when they are said.
        tls_versions: List(&Text),
        /// Login mechanisms that are offered, when they are said.
        auth_mechanisms: List(&Text),
        /// Authentication and authorisation backends, when they are said.
        auth_backends: List(&Text),
        /// The user `guest` may log in from other hosts.
        guest_from_anywhere: Bool,
        /// How many of the three default permissions are set.
        default_permissions: Int,
        /// Definitions are loaded from a file at start.
        loads_definitions: Bool,
        /// Nodes that the peer discovery lists.
        node_count: Int,
        /// A memory limit is set as a share and as an amount.
        memory_limit_twice: Bool,
        /// A disk limit is set as a factor and as an amount.
        disk_limit_twice: Bool,
        /// The login mechanism or backend whose plug-in `enabled_plugins` does not list.
        login_without_plugin: Text,
        /// That plug-in.
        missing_plugin: Text,
    }

    /// A setting as it is written: one line of rabbitmq.conf.
    setting "rabbitmq.setting" {
        /// The key as written.
        key: Text,
        /// The value as RabbitMQ reads it; a secret when the key is about one.
        value: Text,
        /// The broker's version, as far as it is known.
        version: Version,
        /// At least one release series knows the key.
        known: Bool,
        /// The known key that a mistyped one most likely means.
        nearest: Text,
        /// The release series that know the key, in words.
        known_in: Text,
        /// The first series that knows the key, when 3.8 did not.
        added_in: Version,
        /// The first series that no longer knows the key.
        removed_in: Version,
        /// The broker's version knows the key; absent when the version is not known.
        in_version: Bool,
        /// What to write instead of a key that is gone.
        successor: Text,
        /// The key this one is only another spelling of.
        alias_of: Text,
        /// The schema's word for the value's form.
        form: Text,
        /// The value has the form that every release series asks for; absent when they disagree.
        well_typed: Bool,
        /// What stands in place of a value of a wrong form, in words.
        expected: Text,
        /// A value of the right form that means what was written, when that is clear.
        suggestion: Text,
        /// An integer is written with a unit.
        unit_mistake: Bool,
        /// An amount that passes the schema but that no version understands; the default holds instead.
        unparsable_size: Bool,
        /// An amount with a bare K, M, G or T, which stands for 1024 in old versions and for 1000 in new ones.
        ambiguous_size: Bool,
        /// The value that an earlier line gives the same key.
        earlier: Text,
        /// A `#` inside the value cut off what follows.
        hash_truncated: Bool,
        /// The value stands in double quotes, which stay part of it.
        double_quoted: Bool,
        /// The value stands in single quotes, which versions before 3.13.7 take as part of it.
        single_quoted: Bool,
        /// The value holds `${NAME}`, which RabbitMQ never replaces.
        dollar_brace: Bool,
        /// The file is filled in by another program before RabbitMQ reads it.
        template: Bool,
    }

    /// A line of rabbitmq.conf that stops the broker.
    malformed_line "rabbitmq.malformed_line" {
        /// What is wrong with it.
        reason: Text,
        /// The line as it should be, when that is clear.
        suggestion: Text,
    }

    /// A port that a broker listens on.
    listener "rabbitmq.listener" {
        /// `amqp`, `mqtt`, `stomp`, `management`, `prometheus`, `stream`, `web-mqtt` or `web-stomp`.
        protocol: Text,
        /// TLS is spoken on it.
        tls: Bool,
        /// The address it is bound to; absent for all.
        address: Text,
        /// The port.
        port: Int,
        /// It is bound to all interfaces.
        all_interfaces: Bool,
        /// It is bound to the loopback interface only.
        loopback_only: Bool,
        /// The broker understands how it is written.
        valid: Bool,
        /// Why the broker refuses it.
        reason: Text,
        /// How it should be written.
        suggestion: Text,
        /// What else listens on the same port.
        clashes_with: Text,
        /// The broker it belongs to.
        server: Record("rabbitmq.server"),
    }

    /// A plug-in that a file enables.
    plugin "rabbitmq.plugin" {
        /// Its name.
        name: Text,
        /// It ships with RabbitMQ.
        known: Bool,
        /// The plug-in that a mistyped name most likely means.
        nearest: Text,
        /// It stands in `enabled_plugins`, which lists all that are enabled.
        in_list: Bool,
    }

    /// A RabbitMQ release that a file names.
    release "rabbitmq.release" {
        /// The version.
        version: Version,
        /// Its series, `4.1`.
        series: Text,
        /// As it is written.
        written: Text,
        /// Where it is named: `image`, `package`, `definitions`, `variable`.
        origin: Text,
        /// The end of community support of its series.
        supported_until: Time,
        /// The end of commercial support of its series.
        commercial_until: Time,
        /// The image tag names no version, so that every pull may bring another one.
        floating: Bool,
    }

    /// An Erlang/OTP release that a file names.
    erlang "erlang.release" {
        /// The version.
        version: Version,
        /// As it is written.
        written: Text,
        /// Where it is named.
        origin: Text,
        /// The RabbitMQ version that the same file installs on it.
        rabbitmq: Version,
        /// That RabbitMQ version supports it.
        compatible: Bool,
        /// The lowest version that RabbitMQ supports.
        min: Text,
        /// The highest version that RabbitMQ supports.
        max: Text,
    }

    /// A variable of rabbitmq-env.conf.
    environment "rabbitmq.environment" {
        /// Its name, with the prefix `RABBITMQ_` where rabbitmq-env.conf leaves it out.
        name: Text,
        /// Its value; a secret when the variable is about one.
        value: Text,
        /// RabbitMQ or its official image reads it.
        known: Bool,
        /// The variable that a mistyped name most likely means.
        nearest: Text,
        /// The value is one of the passwords that everybody tries first.
        well_known_password: Bool,
    }
}
