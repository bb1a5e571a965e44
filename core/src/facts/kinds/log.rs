//! What programs wrote down while they ran.

use crate::facts::declare_kinds;

declare_kinds! {
    /// Entries of a log that say the same thing, counted and timed; the place is the first of them.
    event "log.event" {
        /// The event's name, which is that of its rule: `rabbitmq-missed-heartbeats`.
        name: Text,
        /// The program or library that wrote it: `rabbitmq`, `pika`, `haproxy`, ….
        system: Text,
        /// How many entries there are.
        count: Int,
        /// The moment of the first one, when the log says the date.
        first: Time,
        /// The moment of the last one, when the log says the date.
        last: Time,
        /// The usual pause between two entries about the same peer; absent when there is no rhythm.
        interval: Duration,
        /// How long the connections lived that it ended, as a rule; absent when the log does not tell.
        lived: Duration,
        /// The device or program that is known for closing connections after just that much silence.
        idle_of: Text,
        /// Number, rhythm, peers and lifetimes in a few words for messages.
        summary: Text,
        /// The address of the client or server that most of them are about.
        peer: Text,
        /// The addresses they are about, the most frequent first.
        peers: List(&Text),
        /// The user.
        user: Text,
        /// The virtual host.
        vhost: Text,
        /// The queue, exchange or topic.
        queue: Text,
        /// The host that was dialled.
        host: Text,
        /// The port.
        port: Int,
        /// The timeout that it names.
        timeout: Duration,
        /// The limit that it names.
        limit: Int,
        /// Another number that it names.
        number: Int,
        /// The code that it names.
        code: Text,
        /// The setting or argument that it names.
        setting: Text,
        /// What it is about: a process, a plug-in, a certificate.
        subject: Text,
        /// The value that was given.
        given: Text,
        /// The value that is in force.
        current: Text,
        /// The place of the second entry.
        second: Text,
        /// The place of the last entry, if there are more than two.
        latest: Text,
        /// How many more entries name other users, queues or hosts than the events of this name that are told.
        more: Int,
    }
}
