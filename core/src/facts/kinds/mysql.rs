//! MySQL and MariaDB: the options of their servers.

use super::setting::declare_kinds_with_setting;

declare_kinds_with_setting! {
    "A line of my.cnf in a group that the server reads." "mysql.setting" {
        /// It is marked with `loose`: a server that does not know it goes on.
        loose: Bool,
        /// MySQL from this version on refuses to start with it.
        mysql_removed_in: Version,
        /// The file speaks of MariaDB.
        mariadb: Bool,
    }

    /// A MySQL or MariaDB server, as one file describes it.
    server "mysql.server" settings crate::facts::tables::MYSQL {
        /// It listens on addresses that other hosts reach; absent where the file does not say.
        exposed: Bool,
        /// It checks no passwords: `skip-grant-tables`.
        grants_off: Bool,
        /// Other files are read too.
        includes: Bool,
        /// It is a node of a Galera cluster.
        galera: Bool,
        /// Options whose values another program fills in first.
        filled_in: List(&Text),
    }
}
