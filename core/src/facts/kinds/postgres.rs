//! PostgreSQL and PgBouncer: their settings, who may log in, and the pools in between.

use super::setting::declare_kinds_with_setting;

declare_kinds_with_setting! {
    "A line of postgresql.conf." "postgres.setting" {
        /// A number with `k`, `m`, `g` or another unit that PostgreSQL does not know.
        unit_mistake: Bool,
        /// The value stands bare and may not: `*`, commas, blanks, fractions with a unit.
        quotes_missing: Bool,
    }

    /// A PostgreSQL server, as one postgresql.conf describes it.
    server "postgres.server" settings crate::facts::tables::POSTGRESQL {
        /// It listens on addresses that other hosts reach; absent where the file does not say.
        exposed: Bool,
        /// Another file is read too.
        includes: Bool,
        /// Parameters whose values another program fills in first.
        filled_in: List(&Text),
        /// How many connections are left for ordinary users.
        usable_connections: Int,
    }

    /// A line of postgresql.conf that stops the server.
    malformed_line "postgres.malformed_line" {
        /// What is wrong with it.
        reason: Text,
    }

    /// A record of pg_hba.conf: who may log in from where, and how.
    hba_rule "postgres.hba_rule" {
        /// `local`, `host`, `hostssl`, `hostnossl`, `hostgssenc` or `hostnogssenc`.
        connection: Text,
        /// The databases it is for.
        databases: List(&Text),
        /// The users it is for.
        users: List(&Text),
        /// It is for every user.
        all_users: Bool,
        /// It is for `replication`.
        replication: Bool,
        /// The address as written, with its mask.
        address: Text,
        /// It is for every address.
        any_address: Bool,
        /// The address is of this host only, or it is a local socket.
        loopback: Bool,
        /// The address is of a network that the public Internet does not reach.
        private: Bool,
        /// How many bits of the address must agree.
        prefix: Int,
        /// How a user proves who they are.
        method: Text,
        /// The method lets everybody in who names a user.
        unconditional: Bool,
        /// The password goes over the network as it is.
        clear_password: Bool,
        /// TLS is asked for: `hostssl`.
        tls: Bool,
        /// Why the server refuses the record.
        reason: Text,
        /// The method that a mistyped one most likely means.
        nearest: Text,
        /// An earlier record decides every case of this one.
        shadowed_by: Record("postgres.hba_rule"),
        /// What that record does, in words.
        shadow: Text,
        /// It is the last record.
        last: Bool,
    }
}

/// PgBouncer: the pooler's settings and what it serves.
pub mod pgbouncer {
    use crate::facts::kinds::setting::declare_kinds_with_setting;

    declare_kinds_with_setting! {
        "A line of the section `pgbouncer`." "pgbouncer.setting" {}

        /// A PgBouncer, as one file describes it.
        server "pgbouncer.server" settings crate::facts::tables::PGBOUNCER {
            /// It listens on addresses that other hosts reach; absent where the file does not say.
            exposed: Bool,
            /// How many databases the file names.
            databases: Int,
            /// A `*` entry serves every database.
            any_database: Bool,
            /// Another file is read too.
            includes: Bool,
            /// Settings whose values another program fills in first.
            filled_in: List(&Text),
        }

        /// A database that PgBouncer serves: a line of the section `databases`.
        database "pgbouncer.database" {
            /// Its name as clients write it.
            name: Text,
            /// The host of the server.
            host: Text,
            /// The server's port.
            port: Int,
            /// The user that it logs in as.
            user: Text,
            /// The password for it is literally there.
            password_literal: Bool,
            /// `pool_mode` for it.
            pool_mode: Text,
            /// `pool_size` for it.
            pool_size: Int,
            /// A parameter that PgBouncer does not know.
            unknown: Text,
        }

        /// A line of a file of users.
        user "pgbouncer.user" {
            /// The user.
            name: Text,
            /// How the password is kept: `plain`, `md5`, `scram` or `empty`.
            storage: Text,
            /// The password is plain and one of those tried first, or the user's name.
            weak: Bool,
        }
    }
}
