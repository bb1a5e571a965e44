//! AMQP connections.

use crate::facts::declare_kinds;

declare_kinds! {
    /// An AMQP connection URI, wherever it stands.
    uri "amqp.uri" {
        /// The scheme in lower case.
        scheme: Text,
        /// The host, decoded, without brackets; absent if none is written.
        host: Text,
        /// The port written, or the scheme's own.
        port: Int,
        /// Heartbeat asked for in the query.
        heartbeat: Duration,
    }
}
