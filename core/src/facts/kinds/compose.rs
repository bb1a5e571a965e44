//! What Compose files say.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A service of a Compose file.
    service "compose.service" {
        /// Name, which other services dial it by.
        name: Text,
        /// Image, as written.
        image: Text,
        /// Last part of the image's repository.
        image_name: Text,
        /// Tag of the image; the default where a template with default fills it in.
        image_tag: Text,
        /// Version that the image's tag begins with.
        image_version: Version,
        /// True if each pull may bring another release of the image.
        image_floating: Bool,
        /// Program in the image, where its repository is a known one.
        software: Text,
        /// What that program is to its clients: `broker`, `store`, `proxy` or `coordinator`.
        role: Text,
        /// True if the image is built from a Dockerfile.
        built: Bool,
        /// `container_name`.
        container_name: Text,
        /// `hostname`.
        hostname: Text,
        /// Further names it has on its networks.
        aliases: List(&Text),
        /// Networks it is on; absent for the project's default network.
        networks: List(&Text),
        /// `network_mode`.
        network_mode: Text,
        /// Files with environment variables.
        env_files: List(&Text),
        /// Entries of `/etc/hosts`, `name:address` or `name=address`.
        extra_hosts: List(&Text),
        /// Profiles that turn it on.
        profiles: List(&Text),
        /// Ports that other services of its networks may dial (`expose`).
        exposed: List(&Int),
        /// Ports in the container that it publishes.
        targets: List(&Int),
        /// Names of the environment variables that are set here.
        variables: List(&Text),
        /// Command, as one text.
        command: Text,
        /// Restart policy: `no`, `always`, `on-failure` or `unless-stopped`, or the condition of `deploy.restart_policy`.
        restart: Text,
        /// Time between the request to stop and the kill.
        stop_grace_period: Duration,
        /// Soft limit on open files.
        nofile_soft: Int,
        /// Hard limit on open files.
        nofile_hard: Int,
        /// Kernel settings of its network, `name=value` each.
        sysctls: List(&Text),
        /// Memory limit.
        memory_limit: Size,
        /// Copies that run.
        replicas: Int,
        /// Connections that a database takes: what its command says, or its default if nothing else can say.
        max_connections: Int,
        /// Services that it starts after.
        depends_on: List(&Text),
        /// True if every service of the file runs a known broker, store or proxy, so that programs run elsewhere.
        servers_only: Bool,
        /// True if another service of the file has a restart policy.
        others_restart: Bool,
        /// True if it has a health check that is not disabled; absent if none is written here, since the image may bring one.
        has_healthcheck: Bool,
        /// Settings that it takes over from another service or file with `extends`.
        extends: Text,
        /// True if the file is an override of another one, so that what is missing here may be said there.
        partial: Bool,
        /// True if volumes keep what it writes.
        has_volumes: Bool,
    }

    /// A port that a Compose service publishes on its host.
    port "compose.port" {
        /// The service.
        service: Record("compose.service"),
        /// Name of the service.
        service_name: Text,
        /// Program that the service runs, where it is known.
        software: Text,
        /// What that program is to its clients.
        role: Text,
        /// Address of the host that it is published on; absent for all.
        host_ip: Text,
        /// Port on the host; the first of a range, absent for any free one.
        published: Int,
        /// Last port on the host.
        published_last: Int,
        /// Port in the container; the first of a range.
        target: Int,
        /// Last port in the container.
        target_last: Int,
        /// `tcp` or `udp`.
        protocol: Text,
        /// True if it is published on every address of the host; false for one address of its own, absent if a template decides.
        to_world: Bool,
        /// As written.
        text: Text,
    }

    /// That a Compose service starts after another one.
    dependency "compose.dependency" {
        /// The service that waits.
        from: Record("compose.service"),
        /// Name of the service that waits.
        from_name: Text,
        /// Name of the service it waits for.
        on: Text,
        /// That service, where it is in the same file.
        target: Record("compose.service"),
        /// Program of that service, where it is known.
        software: Text,
        /// What that program is to its clients.
        role: Text,
        /// What it waits for: `service_started`, `service_healthy` or `service_completed_successfully`.
        condition: Text,
        /// True if no service of the project bears the name, so that Compose refuses the project.
        nowhere: Bool,
        /// The service of the project that a mistyped name most likely means.
        nearest: Text,
        /// `required`: false if Compose goes on without that service.
        required: Bool,
        /// True if that service has a health check in the same file; false if it has none there or it is disabled.
        target_has_healthcheck: Bool,
    }

    /// A health check of a Compose service or a Dockerfile.
    healthcheck "compose.healthcheck" {
        /// The service; absent in a Dockerfile.
        service: Record("compose.service"),
        /// Name of the service.
        service_name: Text,
        /// Program that the service or image runs, where it is known.
        software: Text,
        /// Command, as one text.
        test: Text,
        /// Why the check can never succeed: `one-word` for a whole command line in place of a program's name, `sort` for a
        /// list that starts with none of `CMD`, `CMD-SHELL` and `NONE`.
        fault: Text,
        /// Command line tool that the check runs: `rabbitmq-diagnostics`, `rabbitmqctl`, `curl`, `nc`, `redis-cli`, ….
        tool: Text,
        /// Port of this machine that the check asks, where it says one.
        port: Int,
        /// Time between two checks.
        interval: Duration,
        /// Time a check may take.
        timeout: Duration,
        /// Failures in a row that make it unhealthy.
        retries: Int,
        /// Time at the start in which failures do not count.
        start_period: Duration,
        /// True if the image's check is turned off.
        disabled: Bool,
    }

    /// A network of a Compose file.
    network "compose.network" {
        /// Name in the file.
        name: Text,
        /// Driver.
        driver: Text,
        /// True if it has no way out of the host.
        internal: Bool,
        /// True if it is made elsewhere.
        external: Bool,
    }

    /// A directory or file of the host, or a volume, in a Compose service's container.
    mount "compose.volume_mount" {
        /// The service.
        service: Record("compose.service"),
        /// Name of the service.
        service_name: Text,
        /// Path on the host, or name of the volume, configuration or secret.
        source: Text,
        /// Path in the container.
        target: Text,
        /// `bind`, `volume`, `tmpfs`, `config` or `secret`.
        sort: Text,
        /// True if the container may only read it.
        read_only: Bool,
    }
}
