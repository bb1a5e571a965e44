//! nginx's configuration.

use crate::facts::declare_kinds;

declare_kinds! {
    /// The whole configuration, as far as one file says it: the main and events contexts.
    main "nginx.main" {
        /// Worker processes; absent for `auto`.
        worker_processes: Int,
        /// True for `worker_processes auto`.
        worker_processes_auto: Bool,
        /// Connections a worker holds at once, those to servers included.
        worker_connections: Int,
        /// File descriptors a worker may open.
        worker_rlimit_nofile: Int,
        /// Proxied connections a worker can carry: each takes two.
        worker_sessions: Int,
        /// Proxied connections all workers can carry together; absent for `auto`.
        max_sessions: Int,
        /// File descriptors that `worker_connections` needs at most when all are proxied.
        needed_nofile: Int,
        /// True if it has a `stream` block.
        stream: Bool,
        /// True if it proxies anything.
        proxies: Bool,
    }

    /// A `server` block.
    server "nginx.server" {
        /// The context: `http`, `stream` or `mail`.
        context: Text,
        /// Its names.
        names: List(&Text),
        /// What it listens on, as written.
        listen: List(&Text),
        /// The ports it listens on.
        ports: List(&Int),
        /// True if a `listen` says `ssl`.
        tls: Bool,
        /// True if a `listen` says `ssl` and no certificate is named here or around.
        certificate_missing: Bool,
        /// `keepalive_timeout`.
        keepalive_timeout: Duration,
        /// True if it passes anything on.
        proxies: Bool,
    }

    /// A duration as it is written.
    time "nginx.time" {
        /// The directive.
        name: Text,
        /// The context: `http`, `stream`, `main`, ….
        context: Text,
        /// What is written.
        written: Text,
        /// What nginx makes of it.
        value: Duration,
        /// True if nginx refuses it.
        invalid: Bool,
        /// What to write instead of a refused one.
        instead: Text,
    }

    /// A directive that stops nginx or does nothing: misplaced, removed, or in conflict with another.
    directive "nginx.directive" {
        /// The directive.
        name: Text,
        /// The context: `http`, `stream`, `main`, ….
        context: Text,
        /// `unknown`, `misplaced`, `removed`, `deprecated`, or `scheme` for an `http://` address in `stream`.
        problem: Text,
        /// The version since which it is so.
        since: Version,
        /// What to write instead.
        instead: Text,
    }
}
