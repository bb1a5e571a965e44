//! NATS servers.

use super::setting::declare_kinds_with_setting;

declare_kinds_with_setting! {
    "An option at the top of nats.conf." "nats.setting" {
        /// Why the server refuses it.
        reason: Text,
    }

    /// A NATS server, as one file describes it.
    server "nats.server" settings crate::facts::tables::NATS {
        /// It listens on addresses that other hosts reach.
        exposed: Bool,
        /// Names, tokens, keys or accounts are asked for.
        asks_logins: Bool,
        /// Clients speak TLS to it.
        tls: Bool,
        /// A password stands in the file as it is, not as a hash.
        plain_password: Bool,
        /// Streams are kept (JetStream).
        jetstream: Bool,
        /// Where they are kept; absent for the default below `/tmp`.
        store_dir: Text,
        /// The default place is used, or one that systems empty.
        volatile_store: Bool,
        /// It is part of a cluster.
        clustered: Bool,
        /// How many other servers of the cluster it dials.
        routes: Int,
        /// The cluster has a name.
        cluster_named: Bool,
        /// Members of the cluster have to prove who they are, by password or certificate.
        cluster_secured: Bool,
        /// Other hosts reach the cluster's port.
        cluster_exposed: Bool,
        /// The page with the server's state is open to other hosts.
        monitor_exposed: Bool,
        /// A certificate is not checked, of a leaf node or route that it dials.
        unverified: Bool,
        /// Another file is read too.
        includes: Bool,
        /// Options whose values another program fills in first.
        filled_in: List(&Text),
    }
}
