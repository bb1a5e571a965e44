//! MongoDB: connection strings with their options, and the server's configuration.

use super::setting::declare_kinds_with_setting;

declare_kinds_with_setting! {
    "An option of a MongoDB connection string." "mongodb.option" {}

    /// A MongoDB client, as its connection string describes it; options are written in lower case here.
    client "mongodb.client" settings crate::facts::tables::MONGODB_URI {
        /// The connection string.
        uri: Record("store.uri"),
        /// It is `mongodb+srv`, whose servers DNS names.
        srv: Bool,
        /// How many hosts are written.
        hosts: Int,
        /// A port is written.
        port_written: Bool,
        /// A user is written.
        user: Text,
        /// A password is written.
        password: Bool,
        /// The database behind the hosts.
        database: Text,
        /// It is a service that only speaks MongoDB's protocol: DocumentDB or Cosmos DB.
        other_service: Bool,
        /// The host of the first server is a public one.
        public: Bool,
        /// TLS is spoken; absent when a template may say so.
        tls: Bool,
        /// Options whose values another program fills in first.
        filled_in: List(&Text),
        /// Options that exclude each other, and why the driver refuses them.
        conflict: Text,
    }
}

/// The server's configuration.
pub mod server {
    use crate::facts::kinds::setting::declare_kinds_with_setting;

    declare_kinds_with_setting! {
        "An option of mongod.conf." "mongod.setting" {}

        /// A mongod or mongos, as one file describes it.
        server "mongod.server" settings crate::facts::tables::MONGOD {
            /// It listens on addresses that other hosts reach.
            exposed: Bool,
            /// Logins are asked for: `authorization`, a key file or certificates between members.
            authorized: Bool,
            /// Options whose values another program fills in first.
            filled_in: List(&Text),
        }
    }
}
