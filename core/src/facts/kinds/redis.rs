//! Redis and Valkey: the server's settings, and Sentinel's.

use super::setting::declare_kinds_with_setting;

declare_kinds_with_setting! {
    "A line of redis.conf or sentinel.conf." "redis.setting" {
        /// How many arguments follow the directive.
        arguments: Int,
        /// Why the server refuses the arguments.
        reason: Text,
        /// It is a line of a Sentinel's file.
        sentinel: Bool,
    }

    /// A Redis or Valkey server, as one file describes it.
    server "redis.server" settings crate::facts::tables::REDIS {
        /// It listens on addresses that other hosts reach; absent where the file does not say.
        exposed: Bool,
        /// The addresses it is bound to.
        bind: List(&Text),
        /// A password or access list for the default user is set.
        protected_by_password: Bool,
        /// The password is one of those tried first.
        weak_password: Bool,
        /// The password is literally there.
        password_literal: Bool,
        /// It takes TLS on some port.
        tls: Bool,
        /// It takes connections without TLS.
        plain: Bool,
        /// It copies another server.
        replica: Bool,
        /// Snapshots are switched off with `save \"\"`.
        snapshots_off: Bool,
        /// Snapshots are named.
        snapshots: Bool,
        /// A directive is renamed or switched off with `rename-command`.
        renames_commands: Bool,
        /// Another file is read too.
        includes: Bool,
        /// Directives whose values another program fills in first.
        filled_in: List(&Text),
        /// The limit for a slow subscriber, where it is set: the hard one.
        pubsub_limit: Size,
        /// The limit for a slow replica, where it is set: the hard one.
        replica_limit: Size,
    }

    /// A primary that a Sentinel watches.
    monitor "redis.monitor" {
        /// Its name.
        name: Text,
        /// The host.
        host: Text,
        /// The port.
        port: Int,
        /// How many Sentinels must agree that it is down.
        quorum: Int,
        /// How long it may be silent.
        down_after: Duration,
        /// How long a failover may take.
        failover_timeout: Duration,
        /// How many replicas copy from the new primary at once.
        parallel_syncs: Int,
        /// A password for it is set.
        password: Bool,
    }
}
