//! What programs do with brokers, as their source code says.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A call that opens a connection to an AMQP broker.
    connection "code.connection" {
        /// The client library, as in `amqp.client`.
        library: Text,
        /// What is called.
        call: Text,
        /// The connection that it opens, as far as the file says.
        client: Record("amqp.client"),
        /// The function it stands in; absent for the file itself.
        function: Text,
        /// It stands in a loop.
        in_loop: Bool,
        /// It stands in a function that answers a request, so that each request opens a connection.
        in_request_handler: Bool,
        /// The function opens, publishes and closes, and is given what it publishes.
        for_one_message: Bool,
        /// The error that the call gives is thrown away.
        error_ignored: Bool,
        /// Something in the file listens for the end of connections or channels, or tries again.
        has_close_handler: Bool,
        /// The file consumes messages of queues that it shares with others.
        consumes: Bool,
        /// The file publishes messages.
        publishes: Bool,
        /// The password stands in the code.
        password_in_code: Bool,
    }

    /// A setting in source code that turns the check of certificates off.
    tls_off "code.tls_off" {
        /// The client library whose connections it is for.
        library: Text,
        /// What turns it off.
        what: Text,
    }

    /// Settings of TLS in source code.
    tls_config "code.tls_config" {
        /// The library.
        library: Text,
        /// What makes them.
        call: Text,
    }

    /// A time that is given as a bare number where the type counts nanoseconds.
    bare_duration "code.bare_duration" {
        /// The library that takes it.
        library: Text,
        /// What it is for, as written.
        option: Text,
        /// The number.
        value: Int,
    }

    /// A call that takes messages from a queue.
    consume "code.consume" {
        /// The client library.
        library: Text,
        /// The queue, where it is written.
        queue: Text,
        /// Messages count as done once they are sent.
        auto_ack: Bool,
        /// The file sets a bound on unacknowledged messages.
        prefetch_set: Bool,
        /// The file opens the channel, so that a bound would be set in it.
        opens_channel: Bool,
        /// The queue is a program's own: exclusive, or for replies.
        own_queue: Bool,
    }

    /// A call that bounds unacknowledged messages.
    prefetch "code.prefetch" {
        /// The client library.
        library: Text,
        /// The bound; zero for none.
        count: Int,
        /// It is for all consumers of the channel together.
        global: Bool,
    }

    /// A call that declares a queue or an exchange.
    declare "code.declare" {
        /// The client library.
        library: Text,
        /// `queue` or `exchange`.
        object: Text,
        /// Its name, where it is written.
        name: Text,
        /// It survives a restart of the broker.
        durable: Bool,
        /// It goes with its last consumer or binding.
        auto_delete: Bool,
        /// It belongs to one connection.
        exclusive: Bool,
        /// It must exist, and is not made.
        passive: Bool,
        /// Its arguments, as far as they are written, `name=value` each; absent where something else makes them.
        arguments: List(&Text),
        /// The argument `x-queue-mode`.
        queue_mode: Text,
        /// The argument `x-queue-type`.
        queue_type: Text,
    }

    /// A call that publishes a message.
    publish "code.publish" {
        /// The client library.
        library: Text,
        /// The message survives a restart of the broker; absent where the file does not say.
        persistent: Bool,
        /// The broker returns it when no queue takes it.
        mandatory: Bool,
        /// The file asks the broker to confirm messages.
        confirms: Bool,
        /// It goes to a durable queue that the file declares.
        durable_queue: Bool,
        /// The file opens the channel, so that confirms would be asked for in it.
        opens_channel: Bool,
        /// The file listens for messages that come back.
        hears_returns: Bool,
    }

    /// A call that refuses a message.
    refuse "code.refuse" {
        /// The client library.
        library: Text,
        /// It goes back to the queue.
        requeue: Bool,
        /// It is refused on every failure of its work, whatever the reason and however often it came.
        on_every_failure: Bool,
        /// The queues that the file declares, or their names, lead what is refused elsewhere; false where they are
        /// declared in full and do not.
        dead_letters: Bool,
    }

    /// A call that tells the broker that a message is done.
    acknowledge "code.acknowledge" {
        /// The client library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// The work comes after it; this is its first step.
        work: Text,
    }

    /// A call that opens a channel.
    channel "code.channel" {
        /// The client library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// The function that opens it.
        function: Text,
        /// The function opens, publishes and closes it, and is given what it publishes.
        for_one_message: Bool,
    }

    /// A call on a connection or channel in a thread that it was not made in.
    foreign_thread "code.foreign_thread" {
        /// The client library.
        library: Text,
        /// What is called, as written.
        call: Text,
        /// The function that the thread runs.
        function: Text,
    }

    /// A pause in a function that a connection calls, which meanwhile answers no heartbeat.
    pause "code.pause" {
        /// The client library.
        library: Text,
        /// The function that the connection calls.
        function: Text,
        /// How long it lasts.
        lasts: Duration,
        /// The heartbeat that the file asks for, or RabbitMQ's.
        heartbeat: Duration,
    }
}
