//! What container descriptions of every sort say: images and environment variables.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A reference to a container image.
    image "image.reference" {
        /// As written.
        text: Text,
        /// Registry host, where one is written.
        registry: Text,
        /// Repository without registry: `bitnami/rabbitmq`; absent when a template fills in some of it.
        repository: Text,
        /// Last part of the repository.
        name: Text,
        /// Tag; absent if none is written or a template without default fills it in.
        tag: Text,
        /// Version that the tag begins with.
        version: Version,
        /// Digest, with its algorithm.
        digest: Text,
        /// True if the tag is `latest` or another moving name, or there is neither tag nor digest, so that each pull may
        /// bring another release.
        floating: Bool,
        /// True if a template decides the tag and no default is written.
        tag_is_placeholder: Bool,
        /// Program in the image, where its repository is a known one: `rabbitmq`, `kafka`, `postgresql`, `redis`, ….
        software: Text,
        /// What the program is to its clients: `broker`, `store`, `proxy` or `coordinator`.
        role: Text,
        /// Compose service that runs it.
        service: Record("compose.service"),
        /// Kubernetes container that runs it.
        container: Record("k8s.container"),
    }

    /// An environment variable that a container, a service or a script gets.
    variable "environment.variable" {
        /// Name.
        name: Text,
        /// Value; the default where a template with default fills it in, absent where one without default does.
        value: Text,
        /// Value as a whole number, if it is one.
        integer: Int,
        /// True if the value is empty.
        empty: Bool,
        /// True if a template fills in the value or some of it.
        placeholder: Bool,
        /// The variable of another file or of the shell that fills in the whole value.
        refers_to: Text,
        /// Default that `${NAME:-default}` gives.
        default: Text,
        /// True if the name says that the value is a password, token or key.
        sensitive: Bool,
        /// True if such a value is literally there, not left to a template.
        secret_literal: Bool,
        /// True if the value, or the default that a template has, is on the list of passwords tried first.
        weak: Bool,
        /// True if it is the password of a server's first user and the same as that user's name.
        same_as_user: Bool,
        /// Largest heap that it gives a Java machine (`-Xmx`).
        heap: Size,
        /// Compose service that gets it.
        service: Record("compose.service"),
        /// Kubernetes container that gets it.
        container: Record("k8s.container"),
        /// Where a value comes from that is not written here: `secret`, `configmap`, `field` or `shell`.
        from: Text,
        /// Name of the secret or config map it comes from.
        from_name: Text,
        /// Key there.
        from_key: Text,
        /// Kubernetes config map or secret whose key it is.
        config: Record("k8s.config"),
    }

    /// A configuration file that is written inside another one, as a config map's key or a here-document.
    embedded "file.embedded" {
        /// Name or path it will have.
        path: Text,
        /// Kind of file it was read as; absent if none was recognised.
        kind: Text,
        /// Object that carries it: a config map's or secret's name, a Compose configuration's name.
        carrier: Text,
        /// The Compose service whose command says it.
        service: Record("compose.service"),
        /// The container of a pod whose command says it.
        container: Record("kubernetes.container"),
    }
}
