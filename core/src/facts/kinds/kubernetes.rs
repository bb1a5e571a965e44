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
        /// How many containers run side by side in each of its pods.
        containers: Int,
        /// How its pods are replaced: `RollingUpdate`, `Recreate` or `OnDelete`.
        strategy: Text,
        /// How the pods of a stateful set are started: `OrderedReady` or `Parallel`.
        pod_management: Text,
        /// True if volume claims keep what its pods write.
        has_volume_claims: Bool,
        /// True if the file is a template, which may say more than was read.
        template: Bool,
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
        /// How long it sleeps before it is stopped, where `preStop` says a number.
        pre_stop_sleep: Duration,
        /// The longest time that `preStop` lets `rabbitmq-upgrade` wait for the other nodes.
        pre_stop_wait: Duration,
        /// Config maps and secrets whose keys are its variables (`envFrom`).
        env_from: List(&Text),
        /// Names of those of its ports that have one.
        port_names: List(&Text),
        /// True if it names ports, and each of them with a number.
        ports_known: Bool,
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
        /// Settings of Google Cloud's HTTP balancer that an annotation names.
        backend_configs: List(&Text),
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
        /// Balancer that it makes, as far as its annotations say: `AWS NLB`, `AWS CLB`, `Azure`, ….
        balancer: Text,
        /// Names outside the cluster that its annotations give it.
        outer_names: List(&Text),
        /// True if the file is a template, which may say more than was read.
        template: Bool,
        /// The workload of the same name or directory that its selector misses, when it leads to none here.
        missed: Text,
        /// The label of that workload that differs.
        missed_label: Text,
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
        /// True if a container of the pods it leads to names that port; false if all their ports are known and none has
        /// the name, or none has the number and no probe, command or variable holds it.
        target_listed: Bool,
        /// Ports that those containers name.
        listed: List(&Int),
        /// Names of those ports.
        listed_names: List(&Text),
    }

    /// A Kubernetes autoscaler for pods.
    hpa "k8s.hpa" {
        /// Name.
        name: Text,
        /// Kind of what it scales.
        target_kind: Text,
        /// Name of what it scales.
        target: Text,
        /// Namespace.
        namespace: Text,
        /// Least copies.
        min_replicas: Int,
        /// Most copies.
        max_replicas: Int,
    }

    /// A Kubernetes namespace.
    namespace "k8s.namespace" {
        /// Name.
        name: Text,
        /// Labels, `name=value` each.
        labels: List(&Text),
        /// True if the file is a template, which may say more than was read.
        template: Bool,
    }

    /// A Kubernetes network policy.
    network_policy "k8s.network_policy" {
        /// Name.
        name: Text,
        /// Namespace.
        namespace: Text,
        /// Labels that it asks of the pods it isolates, `name=value` each.
        selector: List(&Text),
        /// True if it selects every pod of its namespace.
        selects_all: Bool,
        /// True if the selected pods take only what policies let in.
        isolates_ingress: Bool,
        /// True if the selected pods send only what policies let out.
        isolates_egress: Bool,
        /// How many entries let something out to pods, which are dialled by name.
        egress_to_pods: Int,
        /// True if it or another policy of these files lets pods ask for names (port 53), or a template may do so.
        egress_dns: Bool,
        /// True if the file is a template, which may say more than was read.
        template: Bool,
    }

    /// An entry under `ingress` or `egress` of a network policy.
    policy_rule "k8s.policy_rule" {
        /// The policy.
        policy: Record("k8s.network_policy"),
        /// `ingress` or `egress`.
        way: Text,
        /// True if it names no peers, which is everyone.
        anyone: Bool,
        /// Address blocks it names.
        blocks: List(&Text),
        /// Address blocks of those that hold every address, without exceptions.
        world: List(&Text),
        /// Ports it names by number, the first of each range.
        ports: List(&Int),
        /// True if it names no ports, which is all.
        all_ports: Bool,
        /// The peer that is a namespace alone, with all its pods.
        namespace_alone: Text,
        /// The peer beside it that is a pod alone, of the policy's own namespace.
        pod_alone: Text,
    }

    /// A Kubernetes config map or secret.
    config "k8s.config" {
        /// Name.
        name: Text,
        /// Namespace.
        namespace: Text,
        /// True for a secret.
        secret: Bool,
    }

    /// A Kubernetes budget for planned disruptions.
    budget "k8s.budget" {
        /// Name.
        name: Text,
        /// Namespace.
        namespace: Text,
        /// Labels of the pods it speaks of, `name=value` each.
        selector: List(&Text),
        /// Pods that have to stay.
        min_available: Int,
        /// Pods that may be away.
        max_unavailable: Int,
        /// The same in percent.
        min_available_percent: Int,
        /// The same in percent.
        max_unavailable_percent: Int,
    }
}
