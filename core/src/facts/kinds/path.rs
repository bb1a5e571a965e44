//! What only shows when files are read together; made by the link stage.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A firewall in front of a port that a client dials or a broker listens on.
    gate "path.gate" {
        /// The firewall.
        firewall: Record("firewall"),
        /// The program that sets it up.
        tool: Text,
        /// The port.
        port: Int,
        /// Whether clients get through, from where the settings say they sit or else from anywhere over IPv4: `yes`, `no`,
        /// `limited` or `unknown`.
        reach: Text,
        /// What happens to the connection when nobody gets through: `drop` or `reject`.
        refusal: Text,
        /// The rate, when it is limited.
        limit: Text,
        /// What decides: its place is the rule or the policy.
        decided_by: Text,
        /// What the firewall lets in instead, as far as it is known for messaging.
        open_ports: List(&Int),
    }

    /// A client's login, held against the definitions that its broker loads.
    login "path.login" {
        /// The client.
        client: Record("amqp.client"),
        /// The user it logs in as.
        user: Text,
        /// The virtual host it asks for.
        vhost: Text,
        /// The definitions hold the user; absent if they hold no users at all.
        user_defined: Bool,
        /// The user's definition.
        defined_user: Record("rabbitmq.user"),
        /// The definitions hold the virtual host; absent if they hold none at all.
        vhost_defined: Bool,
        /// The defined virtual host that a mistyped one most likely means.
        nearest_vhost: Text,
        /// The defined user that a mistyped one most likely means.
        nearest_user: Text,
        /// The user may enter the virtual host; absent if one of them is not defined.
        permitted: Bool,
        /// The client's password is the one that the user's hash was made of; absent if that cannot be told.
        password_fits: Bool,
    }
}
