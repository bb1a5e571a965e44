//! HTTP as programs speak it: who asks, who answers, and how long each waits.

use crate::facts::declare_kinds;

declare_kinds! {
    /// Something that sends HTTP requests: a single call, or a client that is made for many.
    client "http.client" {
        /// The library.
        library: Text,
        /// `call` for one request, `client` for what sends many, `transport` for the connections below it.
        shape: Text,
        /// What is called or made, as written.
        call: Text,
        /// The function it stands in; absent for the file itself.
        function: Text,
        /// The method of a single call, in capitals.
        method: Text,
        /// How long the whole request may take; zero for no bound.
        timeout: Duration,
        /// How long the connection may take to open; zero for no bound.
        connect_timeout: Duration,
        /// How long the server may be silent; zero for no bound.
        read_timeout: Duration,
        /// How long a caller waits for a connection of the pool; zero for no bound.
        pool_timeout: Duration,
        /// Nothing bounds the wait for an answer.
        unbounded: Bool,
        /// The server is the same machine.
        local: Bool,
        /// Connections are used for one request only.
        keepalive_off: Bool,
        /// How many idle connections are kept for one server.
        max_idle_per_host: Int,
        /// It stands in a loop.
        in_loop: Bool,
        /// It stands in a function that answers a request.
        in_request_handler: Bool,
        /// Somebody in the file closes the answer's body; said only where that is the caller's duty.
        body_closed: Bool,
    }

    /// A server that a program runs.
    server "http.server" {
        /// The library.
        library: Text,
        /// What is called or made, as written.
        call: Text,
        /// How long a client may take for the head of a request; zero for no bound.
        header_timeout: Duration,
        /// How long a client may take for a whole request; zero for no bound.
        read_timeout: Duration,
        /// How long the answer may take; zero for no bound.
        write_timeout: Duration,
        /// How long a connection may be idle between requests; zero for no bound.
        idle_timeout: Duration,
        /// Nothing bounds the wait for a request.
        unbounded: Bool,
    }
}
