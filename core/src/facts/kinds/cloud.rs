//! What Terraform configurations say of networks, balancers and managed brokers and databases.

use crate::facts::declare_kinds;

declare_kinds! {
    /// Something that a firewall of a cloud lets in.
    ingress "cloud.ingress" {
        /// Type of the resource: `aws_security_group`, `google_compute_firewall`, ….
        resource: Text,
        /// Its name in the configuration.
        name: Text,
        /// The security group that it belongs to, by its name in the configuration.
        group: Text,
        /// First port that is let in; absent for all.
        first: Int,
        /// Last port that is let in.
        last: Int,
        /// True if all ports are let in.
        all_ports: Bool,
        /// Addresses that are let in.
        sources: List(&Text),
        /// Those of them that are everybody.
        world: List(&Text),
        /// A port among them of a broker, a database or their clusters.
        port: Int,
        /// What answers there.
        service: Text,
        /// Who may see that port: `broker`, `broker-tls`, `cluster`, `management`, `metrics` or `database`.
        class: Text,
    }

    /// A security group, as its module defines it.
    group "cloud.group" {
        /// Type of the resource.
        resource: Text,
        /// Its name in the configuration.
        name: Text,
        /// True if an expression decides some of what it, or a rule for it, lets in.
        open_ended: Bool,
    }

    /// A port of a cloud's balancer.
    listener "cloud.listener" {
        /// Type of the resource.
        resource: Text,
        /// Its name in the configuration.
        name: Text,
        /// The port.
        port: Int,
        /// `TCP`, `TLS`, `HTTP`, ….
        protocol: Text,
        /// What the port is known for: `amqp`, `mqtt`, `postgresql`, ….
        service: Text,
        /// Security groups of the balancer, by their names in the configuration; absent if an expression decides.
        groups: List(&Text),
        /// True if one of them lets the port in; false if none does; absent when not all of them are known.
        port_let_in: Bool,
        /// Ports that they let in, `first` or `first-last` each.
        group_ports: List(&Text),
        /// Silence after which a connection is forgotten.
        idle_timeout: Duration,
        /// True if both sides are told when that happens; absent where the cloud does so by itself.
        tcp_reset: Bool,
        /// The balancer's own idle timeout, which counts for HTTP only.
        http_idle_timeout: Duration,
    }

    /// A broker or database that a cloud runs.
    store "cloud.store" {
        /// Type of the resource.
        resource: Text,
        /// Its name in the configuration.
        name: Text,
        /// The program: `rabbitmq`, `activemq`, `postgresql`, `mysql`, `redis`, `kafka`, ….
        software: Text,
        /// Ports that clients dial, as far as they are known.
        ports: List(&Int),
        /// Its security groups, by their names in the configuration; absent if an expression decides.
        groups: List(&Text),
        /// True if one of them lets one of the ports in; false if none does; absent when not all of them are known.
        port_let_in: Bool,
        /// Ports that they let in, `first` or `first-last` each.
        group_ports: List(&Text),
        /// True if it has an address of the public Internet.
        public: Bool,
        /// True if clients may connect without TLS.
        plain: Bool,
    }
}
