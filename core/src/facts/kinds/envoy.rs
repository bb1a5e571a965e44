//! Envoy's configuration, beside the ways through it (see `proxy.path`).

use crate::facts::declare_kinds;

declare_kinds! {
    /// A cluster: a group of servers that Envoy passes connections to.
    cluster "envoy.cluster" {
        /// Its name.
        name: Text,
        /// `STATIC`, `STRICT_DNS`, `LOGICAL_DNS`, `EDS`, ….
        discovery: Text,
        /// How long connecting may take.
        connect_timeout: Duration,
        /// The circuit breaker's limit of connections.
        max_connections: Int,
        /// True if Envoy speaks TLS to it.
        tls: Bool,
        /// True if a certificate authority is named to check the servers' certificates with.
        verify: Bool,
        /// True if the servers are checked.
        checked: Bool,
        /// True if the kernel probes silent servers (TCP keepalive).
        keepalive: Bool,
        /// Its servers, `host:port` each.
        endpoints: List(&Text),
        /// What the servers' ports are known for.
        service: Text,
        /// True if a TCP listener passes connections to it.
        tcp: Bool,
    }
}
