//! What a proxy does to a connection, whichever program it is.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A way through a proxy: from what it listens on to the servers it passes connections to.
    path "proxy.path" {
        /// The program or cloud's balancer: `nginx`, `haproxy`, `envoy`, `istio`, `ingress-nginx`, `AWS NLB`, ….
        program: Text,
        /// Its name in the configuration: a frontend's, a server block's or a listener's.
        name: Text,
        /// Names that clients dial it by.
        names: List(&Text),
        /// The name of the group of servers behind it.
        upstream: Text,
        /// `tcp`, `http` or `udp`.
        mode: Text,
        /// What it listens on, `host:port` each; the host is `*` for all addresses.
        listen: List(&Text),
        /// The first host it listens on; absent for all addresses.
        listen_host: Text,
        /// The first port it listens on.
        listen_port: Int,
        /// All ports it listens on.
        listen_ports: List(&Int),
        /// True if clients speak TLS to it.
        listen_tls: Bool,
        /// The servers behind it, `host:port` each.
        upstreams: List(&Text),
        /// Their hosts.
        upstream_hosts: List(&Text),
        /// Their ports, each once.
        upstream_ports: List(&Int),
        /// How many servers there are.
        upstream_count: Int,
        /// What the servers' ports are known for: `amqp`, `mqtt`, `postgresql`, …; absent if no port is known.
        service: Text,
        /// True if it speaks TLS to the servers.
        upstream_tls: Bool,
        /// True if it checks the servers' certificates.
        upstream_verify: Bool,
        /// After this much silence of the client the connection is closed; 0 for never.
        client_timeout: Duration,
        /// After this much silence of the server the connection is closed; 0 for never.
        server_timeout: Duration,
        /// What replaces both once data flows both ways (HAProxy's `timeout tunnel`); 0 for never.
        tunnel_timeout: Duration,
        /// How long connecting to a server may take.
        connect_timeout: Duration,
        /// The silence after which an established connection is closed, all settings taken together; absent if never.
        idle_timeout: Duration,
        /// True if no silence is too long.
        idle_unlimited: Bool,
        /// True if it passes packets on, so that the probes of TCP keepalive count as a sign of life; false if only data
        /// does. Said of balancers of clouds.
        keepalive_counts: Bool,
        /// True if the kernel probes silent clients (TCP keepalive).
        client_keepalive: Bool,
        /// True if the kernel probes silent servers (TCP keepalive).
        server_keepalive: Bool,
        /// True if traffic in one direction does not keep the other one alive (HAProxy's `option independent-streams`).
        independent_streams: Bool,
        /// True if it sends the PROXY protocol's header to the servers.
        send_proxy: Bool,
        /// True if it expects the PROXY protocol's header from clients.
        accept_proxy: Bool,
        /// How many connections it takes at once.
        maxconn: Int,
        /// How servers are checked: `tcp`, `http`, `mysql`, `redis`, …, or `none`.
        check: Text,
        /// How often servers are checked.
        check_interval: Duration,
        /// True if it passes an HTTP upgrade on (WebSocket).
        websocket: Bool,
        /// True if it sets the `Connection` header towards the servers (nginx); it sends `close` otherwise.
        connection_header: Bool,
        /// True if the program resolves servers' names only when it starts.
        resolved_once: Bool,
        /// True if a template or variable decides something that matters here.
        template: Bool,
    }

    /// TLS settings of a proxy, on the side of clients or of servers.
    tls "proxy.tls" {
        /// The program: `nginx`, `haproxy` or `envoy`.
        program: Text,
        /// `listen` towards clients, `upstream` towards servers.
        side: Text,
        /// The protocol versions that are offered, as `TLSv1.2`.
        protocols: List(&Text),
        /// The lowest of them, as a version: 1.2 for TLS 1.2, 0.3 for SSL 3.
        min_version: Version,
        /// The list of cipher suites.
        ciphers: Text,
        /// Whether the other side's certificate is checked.
        verify: Bool,
    }
}
