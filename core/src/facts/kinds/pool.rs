//! Pools of connections to databases.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A HikariCP pool, as Spring Boot's properties describe it.
    hikari "pool.hikari" {
        /// The properties' common start: `spring.datasource.hikari`.
        prefix: Text,
        /// How long a connection lives.
        max_lifetime: Duration,
        /// How long a connection may be idle.
        idle_timeout: Duration,
        /// How long a caller waits for a connection.
        connection_timeout: Duration,
        /// How often an idle connection is used, so that it is not forgotten.
        keepalive_time: Duration,
        /// How long the check of a connection may take.
        validation_timeout: Duration,
        /// After how long a connection that was not given back is reported.
        leak_detection_threshold: Duration,
        /// The most connections.
        maximum_pool_size: Int,
        /// How many connections are kept idle.
        minimum_idle: Int,
    }

    /// A property of a pool that takes a bare number and is written with a unit.
    literal "pool.literal" {
        /// The property as written.
        key: Text,
        /// Its value.
        value: Text,
        /// The number of milliseconds that it means.
        suggestion: Text,
    }
}
