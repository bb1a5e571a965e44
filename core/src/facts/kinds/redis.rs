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

    /// A client that a program makes.
    client "redis.client" {
        /// The library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// The function it stands in; absent for the file itself.
        function: Text,
        /// The server, where it is written.
        host: Text,
        /// How long the server may be silent; zero for no bound.
        read_timeout: Duration,
        /// How long connecting may take; zero for no bound.
        connect_timeout: Duration,
        /// How long a command may take, waits for a connection included; zero for no bound.
        command_timeout: Duration,
        /// How long a caller waits for a connection of the pool; zero for no bound.
        wait_timeout: Duration,
        /// How long a connection may be idle.
        idle_time: Duration,
        /// The most connections of the pool; zero for no bound.
        max_open: Int,
        /// How often a command is tried again; zero for no bound.
        retries: Int,
        /// A command that timed out is tried again.
        retries_timeouts: Bool,
        /// How often an idle connection is tried.
        health_check: Duration,
        /// TCP looks whether the peer is still there.
        keepalive: Bool,
        /// Commands wait in memory while there is no connection.
        offline_queue: Bool,
        /// It connects again by itself.
        reconnects: Bool,
        /// Connections are encrypted.
        tls: Bool,
        /// A deadline of the caller bounds each command.
        context: Bool,
        /// Something listens for its errors.
        listens: Bool,
        /// It stands in a loop.
        in_loop: Bool,
        /// It stands in a function that answers a request.
        in_request_handler: Bool,
    }

    /// A lock that a program takes in Redis.
    lock "redis.lock" {
        /// The library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// After how long it falls open by itself; zero for never.
        ttl: Duration,
        /// How long what it guards takes, as far as the code says it.
        work: Duration,
        /// What takes the longest of it, as written.
        slow: Text,
        /// It is a key that is deleted at the end, whoever has set it by then.
        unchecked: Bool,
    }

    /// A value that a program sets.
    set "redis.set" {
        /// The library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// It is set only where there is none: a lock, most likely.
        only_new: Bool,
        /// It goes by itself.
        expires: Bool,
        /// After how long it goes.
        ttl: Duration,
    }

    /// A command that waits for something to come.
    block "redis.block" {
        /// The library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// How long it waits; zero for no bound.
        wait: Duration,
        /// How long the one client of the file lets a server be silent.
        client_timeout: Duration,
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
