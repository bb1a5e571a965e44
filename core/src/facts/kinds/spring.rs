//! Spring Boot's configuration, as far as it is about RabbitMQ.

use crate::facts::declare_kinds;

declare_kinds! {
    /// The properties below `spring.rabbitmq` of one file or document; every property is a field, named without that prefix.
    rabbitmq "spring.rabbitmq" settings crate::facts::tables::SPRING_RABBITMQ {
        /// The profiles it holds for, as written in the document or the file's name; absent for all.
        profile: Text,
        /// `yaml`, `properties` or `environment`.
        form: Text,
        /// The kind of listener container in use: `simple`, `direct` or `stream`.
        container: Text,
        /// Its acknowledge mode.
        acknowledge_mode: Text,
        /// Its prefetch.
        prefetch: Int,
        /// How many of its consumers may run at once.
        consumers: Int,
        /// Its retries are on.
        retries: Bool,
        /// It puts rejected messages back into the queue; absent when nothing is said.
        requeues_rejected: Bool,
        /// TLS is on.
        tls: Bool,
        /// Host or port stand beside `addresses`, which wins.
        host_beside_addresses: Bool,
    }

    /// One property below `spring.rabbitmq` as it is written.
    setting "spring.setting" {
        /// The property in its canonical spelling, with the prefix.
        key: Text,
        /// The property as written.
        written: Text,
        /// Its value; a secret when the property is about one.
        value: Text,
        /// Spring Boot binds it, in the newest release or an older one.
        known: Bool,
        /// The known property that a mistyped one most likely means, with the prefix.
        nearest: Text,
        /// The release of Spring Boot that no longer binds it.
        removed_in: Version,
        /// The property that took over, with the prefix.
        successor: Text,
        /// The value has the form that Spring Boot can bind.
        well_typed: Bool,
        /// What Spring Boot expects, in words.
        expected: Text,
        /// The unit of a bare number: `s` or `ms`.
        unit: Text,
        /// The value is a bare number of that unit.
        bare_number: Bool,
        /// A value that means what was written, when that is clear.
        suggestion: Text,
    }

    /// How a Spring Boot program stops.
    shutdown "spring.shutdown" {
        /// True if the web server goes on with requests that are in work (`server.shutdown: graceful`).
        graceful: Bool,
        /// How long each phase of the shutdown may take (`spring.lifecycle.timeout-per-shutdown-phase`).
        phase_timeout: Duration,
        /// How long its container sleeps before it is asked to stop, where that is known.
        pre_stop: Duration,
        /// The variable that says so; absent in a file of properties.
        variable: Text,
        /// The Compose service that gets the variable.
        service: Record("compose.service"),
        /// The Kubernetes container that gets the variable.
        container: Record("k8s.container"),
    }

    /// A placeholder `${NAME:default}` whose default looks like a shell's.
    placeholder "spring.placeholder" {
        /// The property it stands in.
        key: Text,
        /// The variable or property it asks for.
        name: Text,
        /// The operator of a shell at the start of the default: `:?`, `:-`, `:=` or `:+`.
        operator: Text,
    }
}
