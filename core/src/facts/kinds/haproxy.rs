//! HAProxy's configuration.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A HAProxy configuration file.
    file "haproxy.file" {
        /// True if it ends with a line feed.
        final_newline: Bool,
        /// True if another program renders it first.
        template: Bool,
        /// True if it has a `global` section.
        has_global: Bool,
        /// The end of the last line.
        last_line: Text,
    }

    /// The `global` section.
    global "haproxy.global" {
        /// Connections the process takes at once.
        maxconn: Int,
        /// File descriptors the process asks for.
        ulimit_n: Int,
        /// Processes (removed in 2.5).
        nbproc: Int,
        /// Threads.
        nbthread: Int,
        /// File descriptors that `maxconn` needs: two for each connection, and some for listeners and checks.
        needed_nofile: Int,
        /// `none` if certificates of servers are not checked unless said otherwise.
        ssl_server_verify: Text,
        /// The user it runs as.
        user: Text,
        /// True if it is chrooted.
        chroot: Bool,
        /// True if it logs somewhere.
        log: Bool,
        /// True if another program renders the file first.
        template: Bool,
    }

    /// A `frontend`, `backend`, `listen` or `defaults` section, what it inherits included.
    section "haproxy.section" {
        /// `frontend`, `backend`, `listen` or `defaults`.
        section: Text,
        /// Its name.
        name: Text,
        /// `tcp` or `http`.
        mode: Text,
        /// `timeout client`; 0 for never.
        client: Duration,
        /// `timeout server`; 0 for never.
        server: Duration,
        /// `timeout connect`; 0 for never.
        connect: Duration,
        /// `timeout tunnel`; 0 for never.
        tunnel: Duration,
        /// `timeout client-fin`.
        client_fin: Duration,
        /// `timeout check`.
        check: Duration,
        /// `timeout queue`.
        queue: Duration,
        /// `timeout http-request`.
        http_request: Duration,
        /// The timeouts that a section of this sort needs and that are neither set nor inherited, or are 0.
        missing_timeouts: List(&Text),
        /// `option httplog`.
        httplog: Bool,
        /// `option forwardfor`.
        forwardfor: Bool,
        /// `option httpchk`.
        httpchk: Bool,
        /// `option clitcpka` or `option tcpka`.
        clitcpka: Bool,
        /// `option srvtcpka` or `option tcpka`.
        srvtcpka: Bool,
        /// `option independent-streams`.
        independent_streams: Bool,
        /// `option redispatch`.
        redispatch: Bool,
        /// `retries`.
        retries: Int,
        /// `maxconn`.
        maxconn: Int,
        /// `maxconn` of the `global` section of the file.
        global_maxconn: Int,
        /// How many `bind` lines it has.
        binds: Int,
        /// How many servers it has, backups left out.
        servers: Int,
        /// How many of them are not checked.
        unchecked_servers: Int,
        /// True if a frontend passes connections to it; absent for sections that are no backends.
        used: Bool,
        /// The backends it names that the file does not have.
        unknown_backends: List(&Text),
        /// `balance`.
        balance: Text,
        /// What the servers' ports are known for.
        service: Text,
        /// User and password of the statistics page.
        stats_auth: Text,
        /// True if the password of the statistics page is one of those tried first.
        stats_password_weak: Bool,
        /// True if another program renders the file first.
        template: Bool,
    }

    /// A duration as it is written: a `timeout`, an `inter`, a `clitcpka-idle`.
    timeout "haproxy.timeout" {
        /// Its name: `client`, `server`, `inter`, ….
        name: Text,
        /// The sort of section it stands in.
        section: Text,
        /// What is written.
        written: Text,
        /// What HAProxy makes of it.
        value: Duration,
        /// The unit written; absent for a bare number.
        unit: Text,
        /// The unit of a bare number here: `ms` or `s`.
        default_unit: Text,
        /// The number before the unit.
        number: Int,
        /// What follows the first unit, which HAProxy ignores or refuses.
        rest: Text,
        /// True if HAProxy refuses it.
        invalid: Bool,
        /// True if it is longer than HAProxy can count (2147483647 ms).
        overflow: Bool,
        /// The value that a later line of the section gives it.
        replaced_by: Duration,
        /// True if sections of this sort do not use it.
        ignored: Bool,
        /// `tcp` or `http`, the mode of its section.
        mode: Text,
    }

    /// A keyword that does nothing or stops HAProxy: unknown, removed, deprecated, or without effect where it stands.
    keyword "haproxy.keyword" {
        /// The keyword.
        name: Text,
        /// The sort of section it stands in.
        section: Text,
        /// `unknown`, `removed`, `deprecated`, `misplaced`, or `ignored` for one that needs HTTP mode.
        problem: Text,
        /// The version since which it is so.
        since: Version,
        /// What to write instead.
        instead: Text,
        /// The known keyword it most likely means.
        meant: Text,
    }

    /// A `bind` line.
    bind "haproxy.bind" {
        /// The section's name.
        section: Text,
        /// The host; absent for all addresses.
        host: Text,
        /// The port.
        port: Int,
        /// True if clients speak TLS.
        tls: Bool,
        /// `tcp` or `http`.
        mode: Text,
        /// True if it expects the PROXY protocol's header.
        accept_proxy: Bool,
        /// The length of its queue of connections.
        backlog: Int,
    }

    /// A `server` line, what it inherits from `default-server` included.
    server "haproxy.server" {
        /// The section's name.
        section: Text,
        /// Its name.
        name: Text,
        /// `tcp` or `http`.
        mode: Text,
        /// The host.
        host: Text,
        /// The port.
        port: Int,
        /// True if it is checked.
        check: Bool,
        /// How its service is checked: `tcp`, `http`, `mysql`, …, `none`.
        check_kind: Text,
        /// The port that is checked.
        check_port: Int,
        /// What the checked port is known for.
        check_service: Text,
        /// `inter`.
        inter: Duration,
        /// True if HAProxy speaks TLS to it.
        tls: Bool,
        /// True if its certificate is checked.
        verify: Bool,
        /// True if a certificate authority is named for it.
        ca: Bool,
        /// True if HAProxy sends the PROXY protocol's header.
        send_proxy: Bool,
        /// `maxconn`.
        maxconn: Int,
        /// True if it is a backup.
        backup: Bool,
        /// True if `resolvers` keep its name resolved.
        resolvers: Bool,
    }
}
