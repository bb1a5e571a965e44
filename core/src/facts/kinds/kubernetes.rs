//! What Kubernetes manifests say.

use crate::facts::declare_kinds;

declare_kinds! {
    /// An object that runs pods.
    workload "k8s.workload" {
        /// Its kind: `Deployment`, `StatefulSet`, `DaemonSet`, `Job`, `CronJob`, `Pod`, `RabbitmqCluster`, ….
        kind: Text,
        /// Name.
        name: Text,
        /// Namespace.
        namespace: Text,
        /// Copies that run.
        replicas: Int,
        /// Labels of its pods, `name=value` each.
        labels: List(&Text),
        /// Time between the request to stop and the kill.
        termination_grace_period: Duration,
        /// Service account.
        service_account: Text,
        /// True if its pods use the host's network.
        host_network: Bool,
        /// Kernel settings of its pods, `name=value` each.
        sysctls: List(&Text),
        /// Name of the service that gives its pods their names (`serviceName`).
        service_name: Text,
        /// Programs of its containers, where they are known.
        software: List(&Text),
        /// How its pods are replaced: `RollingUpdate`, `Recreate` or `OnDelete`.
        strategy: Text,
        /// How the pods of a stateful set are started: `OrderedReady` or `Parallel`.
        pod_management: Text,
        /// True if volume claims keep what its pods write.
        has_volume_claims: Bool,
    }

    /// A container of a Kubernetes workload.
    container "k8s.container" {
        /// The workload.
        workload: Record("k8s.workload"),
        /// Kind of the workload.
        workload_kind: Text,
        /// Name of the workload.
        workload_name: Text,
        /// Name.
        name: Text,
        /// True if it runs before the others and ends.
        init: Bool,
        /// Image, as written.
        image: Text,
        /// Last part of the image's repository.
        image_name: Text,
        /// Tag of the image.
        image_tag: Text,
        /// Version that the image's tag begins with.
        image_version: Version,
        /// True if each pull may bring another release of the image.
        image_floating: Bool,
        /// Program in the image, where its repository is a known one.
        software: Text,
        /// What that program is to its clients: `broker`, `store`, `proxy` or `coordinator`.
        role: Text,
        /// Ports it names.
        ports: List(&Int),
        /// Ports of the host that it takes (`hostPort`).
        host_ports: List(&Int),
        /// Memory limit.
        memory_limit: Size,
        /// Memory asked for.
        memory_request: Size,
        /// CPU limit in thousandths of a core.
        cpu_limit: Int,
        /// Command and arguments, as one text.
        command: Text,
        /// Command that runs before the container is stopped (`lifecycle.preStop`).
        pre_stop: Text,
        /// True if it has a readiness probe.
        has_readiness_probe: Bool,
        /// True if it has a liveness probe.
        has_liveness_probe: Bool,
        /// True if it has a startup probe.
        has_startup_probe: Bool,
    }

    /// A probe of a Kubernetes container.
    probe "k8s.probe" {
        /// The container.
        container: Record("k8s.container"),
        /// Name of the container.
        container_name: Text,
        /// Program of the container, where it is known.
        software: Text,
        /// `readiness`, `liveness` or `startup`.
        sort: Text,
        /// How it asks: `exec`, `http`, `tcp` or `grpc`.
        way: Text,
        /// Port it asks; the number of a named one.
        port: Int,
        /// Name of the port it asks.
        port_name: Text,
        /// True if the container names that port; absent for a number if the container names no port.
        port_declared: Bool,
        /// Path it asks for.
        path: Text,
        /// Command it runs, as one text.
        command: Text,
        /// Command line tool that the command runs.
        tool: Text,
        /// Time an answer may take.
        timeout: Duration,
        /// Time between two probes.
        period: Duration,
        /// Time before the first probe.
        initial_delay: Duration,
        /// Failures in a row that count.
        failure_threshold: Int,
        /// Successes in a row that count.
        success_threshold: Int,
    }

    /// A Kubernetes service.
    service "k8s.service" {
        /// Name.
        name: Text,
        /// Namespace.
        namespace: Text,
        /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
        sort: Text,
        /// True if it has no address of its own (`clusterIP: None`).
        headless: Bool,
        /// Labels of the pods it leads to, `name=value` each.
        selector: List(&Text),
        /// Annotations, `name=value` each.
        annotations: List(&Text),
        /// Idle timeout of the load balancer, where an annotation says one.
        idle_timeout: Duration,
        /// True if the load balancer is reachable only from inside, as an annotation says.
        internal: Bool,
        /// True if only some addresses may use the load balancer.
        has_source_ranges: Bool,
        /// Ports clients dial.
        ports: List(&Int),
        /// True if it sends a client always to the same pod (`sessionAffinity: ClientIP`).
        sticky: Bool,
        /// Name outside that `ExternalName` stands for.
        external_name: Text,
        /// True if it leads to pods that are not ready.
        publishes_not_ready: Bool,
    }

    /// A port of a Kubernetes service.
    service_port "k8s.service_port" {
        /// The service.
        service: Record("k8s.service"),
        /// Name of the service.
        service_name: Text,
        /// Type of the service.
        sort: Text,
        /// Name.
        name: Text,
        /// Port clients dial.
        port: Int,
        /// Port of the pods.
        target: Int,
        /// Name of the pods' port.
        target_name: Text,
        /// Port on every node.
        node_port: Int,
        /// `TCP` or `UDP`.
        protocol: Text,
        /// True if clients from outside the cluster may dial it, as far as the service says.
        to_world: Bool,
    }

    /// A Kubernetes autoscaler for pods.
    hpa "k8s.hpa" {
        /// Name.
        name: Text,
        /// Kind of what it scales.
        target_kind: Text,
        /// Name of what it scales.
        target: Text,
        /// Least copies.
        min_replicas: Int,
        /// Most copies.
        max_replicas: Int,
    }
}
