//! Mosquitto, the MQTT broker of the Eclipse foundation.

use super::setting::declare_kinds_with_setting;

declare_kinds_with_setting! {
    "A line of mosquitto.conf." "mosquitto.setting" {}

    /// A Mosquitto broker, as one file describes it.
    server "mosquitto.server" settings crate::facts::tables::MOSQUITTO {
        /// How many listeners it names; without any it serves its own host only, since 2.0.
        listeners: Int,
        /// Another directory is read too.
        includes: Bool,
        /// Some check of logins is set up: a file of passwords, a plug-in, keys or certificates.
        checks_logins: Bool,
        /// Options whose values another program fills in first.
        filled_in: List(&Text),
    }

    /// A listener.
    listener "mosquitto.listener" {
        /// The broker.
        server: Record("mosquitto.server"),
        /// The port.
        port: Int,
        /// The address; absent for all.
        address: Text,
        /// Only its own host reaches it.
        loopback: Bool,
        /// Clients speak TLS to it.
        tls: Bool,
        /// Whoever connects gets in, with no name.
        anonymous: Bool,
        /// Nobody gets in: nameless clients are refused and no name is known.
        nobody: Bool,
        /// Names and passwords are checked.
        passwords: Bool,
        /// Certificates of clients are asked for, and no authority for them is named.
        authorities_missing: Bool,
        /// `certfile` or `keyfile`, if only the other one is set.
        half_missing: Text,
        /// `tls_version`.
        tls_version: Text,
    }

    /// A bridge to another broker.
    bridge "mosquitto.bridge" {
        /// Its name.
        name: Text,
        /// The other broker, `host:port`.
        address: Text,
        /// The other broker is on the public Internet.
        public: Bool,
        /// TLS is spoken to it.
        tls: Bool,
        /// The name in its certificate is not looked at.
        insecure: Bool,
        /// A password is sent to it.
        password: Bool,
        /// How often it is asked for a sign of life.
        keepalive: Duration,
        /// Messages that wait are forgotten with each connection.
        clean: Bool,
        /// Some topic goes over it with QoS 1 or 2.
        acknowledged: Bool,
        /// Why the broker does not start with it.
        reason: Text,
    }
}
