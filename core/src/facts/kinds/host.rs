//! The host: limits of processes, units of systemd, kernel settings, sockets that listen.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A line of limits.conf.
    limit "limits.entry" {
        /// Whom it is for: a user, `@group`, `*`, ….
        domain: Text,
        /// `soft`, `hard`, or `-` for both.
        kind: Text,
        /// The resource in lower case: `nofile`, `nproc`, ….
        item: Text,
        /// The value as written.
        written: Text,
        /// The number in front; absent for `unlimited`.
        value: Int,
        /// True for `unlimited`, `infinity` and `-1`.
        unlimited: Bool,
        /// What follows the number, which is cut off silently.
        suffix: Text,
        /// How many fields the line has; four are read, others are ignored.
        fields: Int,
        /// What makes the line ignored: `fields`, `type`, `item`, `value`, `domain`; absent if nothing does.
        problem: Text,
        /// The known type or item that a mistyped one most likely means.
        meant: Text,
        /// The hard limit for the same domain and item in this file, when this is a soft one.
        hard: Int,
        /// The value of a later line for the same domain, type and item.
        replaced_by: Int,
        /// The user this domain most likely runs as a systemd service: `rabbitmq`, `postgres`, `nginx`, ….
        service_user: Text,
    }

    /// A unit of systemd or a drop-in to one.
    unit "systemd.unit" {
        /// The unit: `rabbitmq-server.service`.
        name: Text,
        /// True for a drop-in.
        drop_in: Bool,
        /// The program in `ExecStart`, without its directory.
        program: Text,
        /// `ExecStart` as written.
        exec: Text,
        /// `User`.
        user: Text,
        /// `Type`.
        service_type: Text,
        /// `Restart`.
        restart: Text,
        /// `RestartSec`.
        restart_delay: Duration,
        /// `StartLimitIntervalSec`.
        start_limit_interval: Duration,
        /// `StartLimitBurst`.
        start_limit_burst: Int,
        /// `TimeoutStartSec`.
        start_timeout: Duration,
        /// `TimeoutStopSec`.
        stop_timeout: Duration,
        /// The soft limit of `LimitNOFILE`.
        nofile: Int,
        /// The hard limit of `LimitNOFILE`.
        nofile_hard: Int,
        /// True for `LimitNOFILE=infinity`.
        nofile_infinity: Bool,
        /// The soft limit of open files that the program gets, all files of the unit and the manager's defaults taken
        /// together; absent where a file that is not here may say it.
        effective_nofile: Int,
        /// The hard limit, likewise.
        effective_nofile_hard: Int,
        /// True if another file of the unit, read later, sets `LimitNOFILE` anew.
        nofile_replaced: Bool,
        /// `LimitNPROC`.
        nproc: Int,
        /// `TasksMax`, a number.
        tasks_max: Int,
        /// `After`.
        after: List(&Text),
        /// `Requires`, `BindsTo` and `Requisite`.
        requires: List(&Text),
        /// `Wants`.
        wants: List(&Text),
        /// Those of `requires` that `after` and `before` do not name.
        unordered: List(&Text),
        /// True if it waits for `network-online.target` with `After` but does not pull it in with `Wants`.
        online_not_wanted: Bool,
        /// The well-known server it runs: `rabbitmq`, `postgresql`, `nginx`, `haproxy`, …; absent for others.
        server: Text,
    }

    /// The defaults that the manager gives to units (`system.conf`).
    manager "systemd.manager" {
        /// The soft limit of `DefaultLimitNOFILE`; absent for `infinity`.
        nofile: Int,
        /// The hard limit of `DefaultLimitNOFILE`; absent for `infinity`.
        nofile_hard: Int,
    }

    /// A setting of a unit that systemd ignores, with or without a line in its log.
    unit_setting "systemd.setting" {
        /// The key as written.
        name: Text,
        /// The section it stands in.
        section: Text,
        /// The value as written.
        written: Text,
        /// `value`, `comment`, `case`, `section`, `unknown` or `soft-above-hard`.
        problem: Text,
        /// What to write instead, where it is clear.
        instead: Text,
    }

    /// The kernel settings of a file or of a host.
    sysctl "sysctl.host" settings crate::facts::tables::SYSCTL {
        /// How many keys are set.
        count: Int,
        /// True if it is the output of `sysctl`, not a file that is read at boot.
        output: Bool,
        /// True if a container or pod has them for itself; false for a host's, of which containers take over nothing that
        /// belongs to a network.
        in_container: Bool,
        /// The Compose service whose containers have them.
        service: Record("compose.service"),
        /// The Kubernetes workload whose pods have them.
        workload: Record("k8s.workload"),
        /// The first port that is picked for outgoing connections.
        port_low: Int,
        /// The last port that is picked for outgoing connections.
        port_high: Int,
        /// How many ports there are for outgoing connections.
        port_count: Int,
        /// Ports of well-known servers in that range that are not reserved.
        ports_at_risk: List(&Int),
        /// `net.ipv4.ip_local_reserved_ports`, single ports and ranges.
        reserved_ports: List(&Text),
        /// How long TCP keepalive takes to notice a dead peer: time + interval × probes.
        keepalive_detection: Duration,
        /// How long unacknowledged data is sent again before the connection is given up.
        retries2_timeout: Duration,
        /// How long a connection that nobody answers is tried at most (`tcp_syn_retries`).
        syn_timeout: Duration,
    }

    /// A line of a sysctl file.
    setting "sysctl.setting" {
        /// The key, with dots.
        name: Text,
        /// The value as written.
        written: Text,
        /// The value, if it is one number.
        value: Int,
        /// `unparsable`, `range`, `removed`, `dead`, `unknown`, `no-value` or `reversed`; absent if nothing is wrong.
        problem: Text,
        /// Why it is so, or what the range is.
        reason: Text,
        /// The known key that a mistyped one most likely means.
        meant: Text,
        /// The version of Linux since which a removed or dead key is so.
        since: Version,
        /// The value of a later line for the same key.
        replaced_by: Text,
    }

    /// The limits of a running process, as the system shows them.
    process "process.limits" {
        /// The soft limit of open files.
        nofile: Int,
        /// The hard limit of open files.
        nofile_hard: Int,
        /// The soft limit of processes.
        nproc: Int,
        /// The hard limit of processes.
        nproc_hard: Int,
        /// `ulimit` for a shell's own, `proc` for those of another process.
        source: Text,
        /// The program's name, where a line `Name:` as in /proc/PID/status tells it.
        name: Text,
        /// The server that the program is.
        server: Text,
    }

    /// The configuration of the Docker daemon.
    docker "docker.daemon" {
        /// The soft limit of open files for containers.
        nofile: Int,
        /// The hard limit of open files for containers.
        nofile_hard: Int,
        /// Whether Docker writes firewall rules.
        iptables: Bool,
        /// The address that published ports are bound to.
        publish_address: Text,
        /// The addresses that the daemon itself listens on.
        hosts: List(&Text),
        /// True if the daemon asks for TLS certificates of its clients.
        tls_verify: Bool,
        /// Whether containers go on when the daemon stops.
        live_restore: Bool,
        /// Whether connections to published ports pass a process of their own.
        userland_proxy: Bool,
    }

    /// A socket that listens, as the system shows it.
    socket "listening.socket" {
        /// `tcp` or `udp`.
        protocol: Text,
        /// The address; `*` for all.
        address: Text,
        /// The port.
        port: Int,
        /// The program.
        process: Text,
        /// True if only the host itself can reach it.
        loopback_only: Bool,
        /// True if the same holds for every other socket that listens on the port.
        port_loopback_only: Bool,
        /// True if it listens on all addresses.
        any_address: Bool,
        /// The length of its accept queue.
        backlog: Int,
        /// What the port is known for.
        service: Text,
    }
}
