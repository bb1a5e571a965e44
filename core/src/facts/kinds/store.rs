//! Connections to other brokers and data stores, as their URIs say them.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A connection URI of another protocol than AMQP 0-9-1.
    uri "store.uri" {
        /// The scheme in lower case.
        scheme: Text,
        /// The protocol that is spoken: `redis`, `postgresql`, `mysql`, `mongodb`, `kafka`, `nats`, `mqtt`, `stomp`, `http`, `amqp-1.0`, ….
        protocol: Text,
        /// True if the scheme asks for TLS, false if it asks for none; absent when a parameter decides it.
        tls: Bool,
        /// The user, decoded.
        user: Text,
        /// The password; never shown.
        password: Text,
        /// True if the password is literally there, not left to a template.
        password_literal: Bool,
        /// True if the password is on the list of those tried first, or the same as the user.
        password_weak: Bool,
        /// True if a user is written and no `:`.
        password_absent: Bool,
        /// The first host, decoded, without brackets.
        host: Text,
        /// All hosts, `host:port` each.
        hosts: List(&Text),
        /// How many hosts are written.
        host_count: Int,
        /// True if a template fills in the host.
        host_is_placeholder: Bool,
        /// True for `localhost` and the loopback addresses.
        host_is_loopback: Bool,
        /// What the host stands for among the files of the deployment: `service`, `loopback` or `unknown`; absent when
        /// a template fills it in or several things bear the name.
        resolves_to: Text,
        /// True if a container gets it in its environment.
        in_container: Bool,
        /// How often a pool of the same file uses its idle connections (HikariCP's `keepaliveTime`).
        pool_asks_every: Duration,
        /// After how much silence the kernel of its container, or of the only host there is, begins to probe.
        kernel_asks_after: Duration,
        /// True if the host is an IP address.
        host_is_ip: Bool,
        /// True for an address of the public Internet, or a name with a public suffix's form.
        host_is_public: Bool,
        /// The port written, or the protocol's own.
        port: Int,
        /// True if a port is written.
        port_written: Bool,
        /// The database, the first segment of the path.
        database: Text,
        /// The query without `?`; absent if there is none.
        query: Text,
        /// `sslmode`, `sslMode`, `ssl`, `tls` or `encrypt`, as written.
        tls_mode: Text,
        /// The key or variable it is the value of.
        key: Text,
        /// The client library that reads it, when it is known.
        client: Text,
    }

    /// A place in such a URI where something is wrong.
    uri_part "store.uri_part" {
        /// The URI.
        uri: Record("store.uri"),
        /// What is wrong, in the words of `amqp.uri_part`.
        fault: Text,
        /// The part it lies in.
        component: Text,
        /// The text that is right there, where that is certain.
        replacement: Text,
    }

    /// A parameter of such a URI.
    uri_parameter "store.uri_parameter" {
        /// The URI.
        uri: Record("store.uri"),
        /// The protocol that is spoken.
        protocol: Text,
        /// Its name.
        name: Text,
        /// Its value, decoded; absent without `=`.
        value: Text,
        /// The value as a whole number, if it is one.
        integer: Int,
        /// True if the same name stands earlier.
        duplicate: Bool,
    }
}
