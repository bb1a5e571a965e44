//! Strimzi: clusters, listeners and users that its operator makes from Kubernetes objects.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A Kafka cluster of the operator.
    cluster "strimzi.cluster" {
        /// Its name.
        name: Text,
        /// How many brokers it has, node pools of the same manifest included.
        brokers: Int,
        /// A part of it keeps its data in the pod's own directory.
        ephemeral: Bool,
        /// Volumes go with the cluster when it is deleted.
        deletes_claims: Bool,
        /// How rights are checked: `simple`, `opa`, `keycloak` or `custom`.
        authorization: Text,
        /// True if it has nothing that checks rights.
        authorization_off: Bool,
        /// The version of Kafka.
        version: Version,
    }

    /// A listener of such a cluster.
    listener "strimzi.listener" {
        /// Its name.
        name: Text,
        /// The cluster.
        cluster: Text,
        /// The port.
        port: Int,
        /// How it is reached: `internal`, `cluster-ip`, `nodeport`, `loadbalancer`, `route` or `ingress`.
        reached_by: Text,
        /// It is reached from outside of Kubernetes.
        outside: Bool,
        /// Clients speak TLS to it.
        tls: Bool,
        /// How clients prove who they are.
        authentication: Text,
        /// Why the operator refuses it.
        reason: Text,
    }

    /// A user.
    user "strimzi.user" {
        /// Its name.
        name: Text,
        /// The cluster that it is made in.
        cluster: Text,
        /// Rights are set for it.
        authorization: Text,
        /// How it proves who it is.
        authentication: Text,
        /// A rule lets it do everything on every resource of a sort.
        may_all: Bool,
    }
}
