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

    /// An argument of a queue that two places declare differently, so that the second one is refused.
    argument "path.argument" {
        /// The queue.
        queue: Text,
        /// The argument: `x-message-ttl`, `x-max-length`, ….
        name: Text,
        /// Its value here; absent if the argument is not given here.
        value: Text,
        /// Its value there; absent if the argument is not given there.
        other: Text,
        /// The declaration here.
        declared: Record("code.declare"),
        /// The queue there, when definitions give it.
        defined: Record("rabbitmq.queue"),
        /// The other declaration, when a program makes it.
        declared_there: Record("code.declare"),
    }

    /// A port that a client dials on a host whose listening sockets are shown, and that does not answer it.
    door "path.door" {
        /// Host that the client dials.
        host: Text,
        /// Port that it dials.
        port: Int,
        /// Protocol that it speaks, in the words of `store.uri`.
        protocol: Text,
        /// True if something listens on the port, on an address that the client does not dial; false if nothing does.
        other_address: Bool,
        /// True if all that listens on the port answers its own host only, and the client is elsewhere.
        loopback: Bool,
        /// Ports on which the host answers that protocol.
        ports: List(&Int),
        /// Addresses on which it does.
        addresses: List(&Text),
    }

    /// The way of a client's connection from its pod to the pods of a Kubernetes service.
    admission "path.admission" {
        /// Host that the client dials.
        host: Text,
        /// Port that it dials.
        port: Int,
        /// The workload that the client runs in.
        home: Record("k8s.workload"),
        /// The service it names.
        service: Record("k8s.service"),
        /// A workload behind the service.
        server: Record("k8s.workload"),
        /// True if the service has that port; absent if it passes any port on, or is not wholly known.
        on_service: Bool,
        /// The service's namespace, if a host name without a dot does not lead there from the client's.
        other_namespace: Text,
        /// Port of the pods that the service leads to.
        pod_port: Int,
        /// Which policies were asked: `ingress` for the service's pods, `egress` for the client's.
        way: Text,
        /// Whether they let the connection through: `yes`, `no` or `unknown`.
        reach: Text,
        /// The first policy that isolates the pods, if nothing lets the connection through.
        policy: Record("k8s.network_policy"),
        /// What decides: its place is the rule or policy.
        decided_by: Text,
        /// What no rule has: the `port`, the `peer`, or `both`.
        missing: Text,
        /// Ports that are let through instead, as far as they are numbers.
        let_through: List(&Int),
    }
}
