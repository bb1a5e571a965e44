//! SQL databases as programs use them.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A pool of connections that a program makes.
    pool "sql.pool" {
        /// The library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// The function it stands in; absent for the file itself.
        function: Text,
        /// The driver, or the scheme of the URI without what follows `+`.
        driver: Text,
        /// The class of the pool.
        pool: Text,
        /// The most connections; zero for no bound.
        max_open: Int,
        /// The most connections that are kept when nobody needs them.
        max_idle: Int,
        /// How many connections are kept open always.
        min_idle: Int,
        /// Connections beyond those that are kept.
        overflow: Int,
        /// How long a connection is used; zero for no bound.
        lifetime: Duration,
        /// How long a connection may be idle; zero for no bound.
        idle_time: Duration,
        /// How long opening a connection may take; zero for no bound.
        connect_timeout: Duration,
        /// How long a caller waits for a connection; zero for no bound.
        wait_timeout: Duration,
        /// How long a statement may take; zero for no bound.
        statement_timeout: Duration,
        /// How many callers may wait for a connection; zero for no bound.
        queue: Int,
        /// Callers wait for a connection when all are in use.
        waits: Bool,
        /// A connection is tried before it is given out.
        ping: Bool,
        /// It stands in a loop.
        in_loop: Bool,
        /// It stands in a function that answers a request.
        in_request_handler: Bool,
    }

    /// A single connection that a program opens.
    connection "sql.connection" {
        /// The library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// The function it stands in; absent for the file itself.
        function: Text,
        /// How long opening may take; zero for no bound.
        connect_timeout: Duration,
        /// How long the server may be silent; zero for no bound.
        read_timeout: Duration,
        /// It stands in a loop.
        in_loop: Bool,
        /// It stands in a function that answers a request.
        in_request_handler: Bool,
    }
}
