//! AMQP connections: what a URI says, and what a program's connection settings say.
//!
//! A URI gives one `amqp.uri` (how it is written), one `amqp.uri_part` for each mistake in it and one
//! `amqp.uri_parameter` for each parameter. What will be dialled, and how, is an `amqp.client`: the link stage joins
//! clients with brokers, proxies and hosts, and never URIs. The reader of URIs makes the client of a URI that stands
//! alone; a reader that knows more (Spring's properties, source code) makes its own and names the URI in `uri`.

use crate::facts::declare_kinds;

declare_kinds! {
    /// An AMQP connection URI, wherever it stands.
    uri "amqp.uri" {
        /// The scheme as written.
        scheme: Text,
        /// True for the schemes that this client reads, or that any client reads when the client is not known.
        scheme_known: Bool,
        /// The known scheme that an unknown one most likely means.
        nearest_scheme: Text,
        /// True if the scheme asks for TLS.
        tls: Bool,
        /// The user, decoded; absent if none is written.
        user: Text,
        /// The user that is logged in with: the one written, else the client's default.
        effective_user: Text,
        /// The password; never shown.
        password: Text,
        /// True if the password is literally there, not left to a template.
        password_literal: Bool,
        /// True if the password is on the list of those tried first, or the same as the user.
        password_weak: Bool,
        /// Length of a literal password in characters.
        password_length: Int,
        /// True if user or password hold percent escapes.
        userinfo_encoded: Bool,
        /// True if there is no user and no password.
        credentials_absent: Bool,
        /// True if a user is written and no password, not even an empty one.
        password_absent: Bool,
        /// True if the password is written and empty.
        password_empty: Bool,
        /// True if program code in the same file opens a connection with it.
        dialled_in_code: Bool,
        /// The host, decoded, without brackets; absent if none is written.
        host: Text,
        /// True if no host is written.
        host_absent: Bool,
        /// True if a template fills in the host or some of it.
        host_is_placeholder: Bool,
        /// True for `localhost` and the loopback addresses.
        host_is_loopback: Bool,
        /// True if the host is an IP address.
        host_is_ip: Bool,
        /// True if the host is an IPv6 address.
        host_is_ipv6: Bool,
        /// True for an address of the public Internet, or a name with a public suffix's form: at least two labels, the last one
        /// not reserved for private use.
        host_is_public: Bool,
        /// The zone of a link-local IPv6 address.
        zone: Text,
        /// How many hosts are written.
        host_count: Int,
        /// The port written, or the scheme's own.
        port: Int,
        /// True if a port is written.
        port_written: Bool,
        /// The virtual host as this client understands it; absent when a template fills it in, or when the client is not known
        /// and clients differ.
        vhost: Text,
        /// How the virtual host is written: `absent` (no slash), `empty` (a slash and nothing) or `named`.
        vhost_state: Text,
        /// Length of the decoded virtual host in bytes.
        vhost_length: Int,
        /// The query without `?`; absent if there is none.
        query: Text,
        /// True if there is a query.
        has_query: Bool,
        /// True if a parameter names a CA, a certificate, a key or how to verify.
        has_tls_parameters: Bool,
        /// Heartbeat interval asked for, or the client's own.
        heartbeat: Duration,
        /// How long to wait for a connection, in the client's own unit; milliseconds when the client is not known.
        connection_timeout: Duration,
        /// Most channels on the connection.
        channel_max: Int,
        /// Largest frame.
        frame_max: Size,
        /// Authentication mechanism asked for.
        auth_mechanism: Text,
        /// How the peer's certificate is checked, as written: `verify_peer`, `verify_none`, ….
        verify: Text,
        /// True if a parameter turns the check of the peer's certificate off.
        verify_off: Bool,
        /// File with the certificates of trusted authorities.
        cacertfile: Text,
        /// File with the client's certificate.
        certfile: Text,
        /// File with the client's private key.
        keyfile: Text,
        /// Name asked for in TLS and checked in the certificate; `disable` turns both off.
        server_name_indication: Text,
        /// The client library that reads it, by the name of its table row.
        client: Text,
        /// Version of the client library, when it is known.
        client_version: Version,
        /// The key or variable it is the value of.
        key: Text,
        /// How this client reads parameters: `read`, `ignored`, `refused` or `part_of_vhost`.
        client_query: Text,
        /// How this client understands an empty virtual host: `empty` or `default`.
        client_empty_vhost: Text,
        /// How this client takes a bracketed IPv6 address: `fine`, `localhost` (it is lost) or `brackets` (they stay).
        client_ipv6: Text,
        /// True if this client loses hosts with `_` and dials localhost instead.
        client_loses_underscore_hosts: Bool,
        /// What a raw `@` in the password does: `accepted`, `refused`, `wrong_host` or `localhost`.
        client_raw_at: Text,
        /// What this client makes of a raw `/` inside the path: `whole`, `first`, `refused` or `vhost_then_exchange`.
        client_segments: Text,
        /// True if this client decodes nothing, as Spring Boot's addresses.
        client_decodes_nothing: Bool,
        /// How this client checks the peer's certificate when nothing is said: `full`, `no_hostname`, `chain_ignored` or `none`.
        client_tls_check: Text,
        /// True if a heartbeat of zero turns heartbeats off in this client; false if the server's value is used instead.
        client_heartbeat_zero_disables: Bool,
    }

    /// A place in an AMQP URI where something is wrong.
    uri_part "amqp.uri_part" {
        /// The URI.
        uri: Record("amqp.uri"),
        /// What is wrong: `missing_double_slash`, `whitespace`, `reserved_in_userinfo`, `illegal_character`, `colon_in_password`,
        /// `bad_percent`, `non_ascii_credential`, `plus_in_credential`, `ipv6_unbracketed`, `bracket_mismatch`,
        /// `port_not_a_number`, `port_out_of_range`, `port_zero`, `port_empty`, `multiple_hosts`, `double_slash_path`,
        /// `multi_segment_path`, `trailing_slash_path`, `double_encoded`, `fragment` or `unexpanded_placeholder`.
        fault: Text,
        /// The part it lies in: `scheme`, `user`, `password`, `host`, `port`, `path`, `query` or `fragment`.
        component: Text,
        /// The text at fault, where it may be shown.
        found: Text,
        /// The text that is right there, where that is certain.
        replacement: Text,
        /// How many segments the path has.
        segments: Int,
        /// What the client makes of a raw `/` inside the path, as in `amqp.uri`.
        client_segments: Text,
        /// The client library that reads the URI.
        client: Text,
    }

    /// A parameter in the query of an AMQP URI.
    uri_parameter "amqp.uri_parameter" {
        /// The URI.
        uri: Record("amqp.uri"),
        /// Its name.
        name: Text,
        /// Its value, decoded; absent without `=`.
        value: Text,
        /// The value as a whole number, if it is one.
        integer: Int,
        /// True if this client reads a number here.
        wants_integer: Bool,
        /// True if this client reads a number here and the value is none.
        not_integer: Bool,
        /// True if this client knows it; absent when the client is not known.
        known_for_client: Bool,
        /// True if any client knows it.
        known_anywhere: Bool,
        /// The known parameter that this one most likely means.
        nearest: Text,
        /// The unit in which this client reads the value: `s` or `ms`.
        unit: Text,
        /// The value in time, by that unit.
        time: Duration,
        /// True if the same name stands earlier in the query.
        duplicate: Bool,
        /// What this client does with a parameter it does not know: `refused` or `ignored`.
        client_unknown: Text,
        /// The client library that reads the URI.
        client: Text,
    }

    /// A program's connection to an AMQP broker: where it dials, and how.
    client "amqp.client" {
        /// The client library, by the name of its table row: `pika`, `java`, `spring`, `celery`, ….
        library: Text,
        /// Version of the library, when it is known.
        version: Version,
        /// What the program calls itself, or the service it runs in.
        name: Text,
        /// The URI it dials, when its settings come from one.
        uri: Record("amqp.uri"),
        /// Host it dials; the first one of several.
        host: Text,
        /// All hosts it dials, `host:port` each.
        hosts: List(&Text),
        /// True if a template fills in the host.
        host_is_placeholder: Bool,
        /// What the host stands for among the files of the deployment: `service`, `loopback` or `unknown`; absent when
        /// a template fills it in or several things bear the name.
        resolves_to: Text,
        /// True if a container gets it in its environment.
        in_container: Bool,
        /// True for `localhost` and the loopback addresses.
        host_is_loopback: Bool,
        /// Port it dials.
        port: Int,
        /// True if it speaks TLS.
        tls: Bool,
        /// True if a broker of the deployment speaks TLS on that port.
        port_offers_tls: Bool,
        /// How it checks the peer's certificate: `full`, `no_hostname`, `chain_ignored` or `none`.
        tls_check: Text,
        /// Name it expects in the certificate, where that is not the host.
        tls_server_name: Text,
        /// Lowest TLS version it offers, as `1.2`.
        tls_min_version: Text,
        /// File with the certificates of trusted authorities.
        cacertfile: Text,
        /// File with its own certificate.
        certfile: Text,
        /// File with its private key.
        keyfile: Text,
        /// User.
        user: Text,
        /// Password; never shown.
        password: Text,
        /// Virtual host.
        vhost: Text,
        /// Authentication mechanism.
        auth_mechanism: Text,
        /// Heartbeat interval it asks for; zero as written.
        heartbeat: Duration,
        /// True if zero turns heartbeats off in this library; false if the server's value is used instead.
        heartbeat_zero_disables: Bool,
        /// True if this library's value wins over a smaller one of the server; false if the smaller one is used.
        heartbeat_wins: Bool,
        /// Heartbeat interval that client and server settle on, given the server's value or RabbitMQ's default of 60 s.
        effective_heartbeat: Duration,
        /// True if the program itself must call the library for heartbeats to be sent.
        heartbeat_needs_calls: Bool,
        /// How long to wait for a TCP connection; zero for ever.
        connection_timeout: Duration,
        /// How long to wait for the protocol's opening.
        handshake_timeout: Duration,
        /// How long the whole of TCP, TLS and opening may take.
        stack_timeout: Duration,
        /// How long a read from the socket may take.
        read_timeout: Duration,
        /// How long a write to the socket may take.
        write_timeout: Duration,
        /// How long to wait for the answer to a method.
        rpc_timeout: Duration,
        /// How long to stay when the broker blocks publishers; absent or zero for ever.
        blocked_timeout: Duration,
        /// Most channels on the connection; zero as the server likes.
        channel_max: Int,
        /// Largest frame; zero as the server likes.
        frame_max: Size,
        /// True if a lost connection is opened again without the program's doing.
        recovery: Bool,
        /// Pause between attempts to open it again.
        recovery_interval: Duration,
        /// True if the pause grows from attempt to attempt.
        recovery_backoff: Bool,
        /// Attempts before it gives up; absent for no end.
        recovery_attempts: Int,
        /// Attempts to connect at the start.
        connection_attempts: Int,
        /// Unacknowledged messages that it takes on; zero for no bound.
        prefetch: Int,
        /// True if the bound is for the whole channel (`global`), not each consumer.
        prefetch_global: Bool,
        /// True if messages count as done once they are sent.
        auto_ack: Bool,
        /// True if the broker confirms what is published.
        confirms: Bool,
        /// Name under which the broker shows the connection.
        connection_name: Text,
        /// True if TCP keepalive is on.
        tcp_keepalive: Bool,
        /// Idle time before the first TCP keepalive probe.
        tcp_keepalive_idle: Duration,
        /// True if this library's opening lets the broker see lost consumers again (topology recovery).
        topology_recovery: Bool,
    }
}
