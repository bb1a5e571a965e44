//! What a RabbitMQ definitions file sets up: users, virtual hosts, permissions, policies, queues.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A definitions file.
    definitions "rabbitmq.definitions" {
        /// The version of the broker that exported it.
        version: Version,
        /// It lists users, virtual hosts, queues and exchanges, so what it lacks does not exist.
        is_full_export: Bool,
        /// It was exported from one virtual host, and its objects name none.
        single_vhost: Bool,
        /// How many users it has.
        users: Int,
        /// How many virtual hosts it has.
        vhosts: Int,
        /// How many durable queues have no limit on length, bytes or age; absent when a policy sets such limits.
        unlimited_queues: Int,
    }

    /// A user.
    user "rabbitmq.user" {
        /// The name.
        name: Text,
        /// The tags.
        tags: List(&Text),
        /// A tag that RabbitMQ gives no meaning, the first.
        unknown_tag: Text,
        /// The tag that it most likely means.
        nearest_tag: Text,
        /// One of the tags is `administrator`.
        is_admin: Bool,
        /// How the password is kept: `sha256`, `sha512`, `md5`, `plain`, `none`, `not base64` or `other`.
        hash_form: Text,
        /// The password's salted hash, in base64; never shown.
        password_hash: Text,
        /// The password stands there in clear.
        plaintext: Bool,
        /// The password is one that everybody tries first, or the user's own name.
        known_password: Bool,
        /// Other users of the file have the very same hash, so the same password.
        shared_hash: Bool,
        /// The user has a permission in the file.
        has_permission: Bool,
        /// The name stands for a program to fill in.
        placeholder: Bool,
        /// A broker of the deployment takes client certificates for logins (EXTERNAL).
        external_login: Bool,
    }

    /// What a user may do in a virtual host.
    permission "rabbitmq.permission" {
        /// The user.
        user: Text,
        /// The virtual host.
        vhost: Text,
        /// Names it may create and delete, a regular expression.
        configure: Text,
        /// Names it may publish to.
        write: Text,
        /// Names it may consume from.
        read: Text,
        /// The file defines the user.
        user_defined: Bool,
        /// The file defines the virtual host.
        vhost_defined: Bool,
        /// The first of the three that is missing.
        missing: Text,
        /// The first of the three that is no regular expression.
        invalid: Text,
        /// All three match everything.
        everything: Bool,
        /// The user is an administrator.
        user_is_admin: Bool,
    }

    /// A virtual host.
    vhost "rabbitmq.vhost" {
        /// The name.
        name: Text,
        /// The queue type of queues that say none.
        default_queue_type: Text,
    }

    /// A policy.
    policy "rabbitmq.policy" {
        /// The name.
        name: Text,
        /// The virtual host.
        vhost: Text,
        /// The names it applies to, a regular expression.
        pattern: Text,
        /// The pattern is a regular expression.
        pattern_valid: Bool,
        /// The pattern reads like a file glob (`*.orders`).
        looks_like_glob: Bool,
        /// The kind of objects it applies to.
        apply_to: Text,
        /// RabbitMQ knows that kind.
        apply_to_valid: Bool,
        /// The kind that a mistyped one most likely means.
        apply_to_nearest: Text,
        /// The priority.
        priority: Int,
        /// It sets nothing.
        empty: Bool,
        /// It sets one of the keys of classic queue mirroring.
        mirrors: Bool,
        /// It mirrors to a number of nodes but does not say the number.
        ha_params_missing: Bool,
        /// Another policy of the same virtual host with the same pattern that hides it.
        hidden_by: Text,
        /// The broker's version, as far as it is known.
        version: Version,
        /// It asks for at-least-once dead-lettering without `overflow: reject-publish`.
        at_least_once_incomplete: Bool,
    }

    /// One setting of a policy.
    policy_key "rabbitmq.policy_key" {
        /// The policy.
        policy: Text,
        /// The key.
        name: Text,
        /// The value.
        value: Text,
        /// RabbitMQ or one of its plug-ins knows the key.
        known: Bool,
        /// The key that a mistyped one most likely means.
        nearest: Text,
        /// The value has the right form.
        type_ok: Bool,
        /// The right form, in words.
        expected: Text,
        /// A value of the right form that means what was written.
        suggestion: Text,
        /// The broker's version, as far as it is known.
        version: Version,
    }

    /// A queue.
    queue "rabbitmq.queue" {
        /// The name.
        name: Text,
        /// The virtual host.
        vhost: Text,
        /// The file defines the virtual host.
        vhost_defined: Bool,
        /// It outlives a restart.
        durable: Bool,
        /// It goes with its last consumer.
        auto_delete: Bool,
        /// It belongs to one connection.
        exclusive: Bool,
        /// `classic`, `quorum`, `stream`, or what is written.
        queue_type: Text,
        /// RabbitMQ knows that type.
        queue_type_known: Bool,
        /// The name starts with `amq.`, which RabbitMQ keeps to itself.
        reserved_name: Bool,
        /// The exchange that dead messages go to.
        dead_letter_exchange: Text,
        /// That exchange is defined in the file or built in.
        dead_letter_exchange_defined: Bool,
        /// A dead-letter routing key is set without a dead-letter exchange.
        dead_letter_key_alone: Bool,
        /// A limit on length, bytes or age is set by an argument.
        limited: Bool,
        /// Delivery limit, when it is said; -1 for none.
        delivery_limit: Int,
        /// The broker's version, as far as it is known.
        version: Version,
    }

    /// An argument of a queue.
    queue_argument "rabbitmq.queue_argument" {
        /// The queue.
        queue: Text,
        /// The queue's type.
        queue_type: Text,
        /// The argument.
        name: Text,
        /// The value.
        value: Text,
        /// RabbitMQ knows it.
        known: Bool,
        /// The argument that a mistyped one most likely means.
        nearest: Text,
        /// The value has the right form.
        type_ok: Bool,
        /// The right form, in words.
        expected: Text,
        /// A value of the right form that means what was written.
        suggestion: Text,
        /// Queues of that type take it.
        allowed: Bool,
        /// A whole number, when it is one.
        number: Int,
        /// The broker's version, as far as it is known.
        version: Version,
    }

    /// An exchange.
    exchange "rabbitmq.exchange" {
        /// The name.
        name: Text,
        /// The virtual host.
        vhost: Text,
        /// The file defines the virtual host.
        vhost_defined: Bool,
        /// Its type.
        exchange_type: Text,
        /// It outlives a restart.
        durable: Bool,
        /// The name starts with `amq.` and is none of the built-in exchanges.
        reserved_name: Bool,
    }

    /// A binding.
    binding "rabbitmq.binding" {
        /// The virtual host.
        vhost: Text,
        /// The exchange it leads from.
        source: Text,
        /// The queue or exchange it leads to.
        destination: Text,
        /// `queue` or `exchange`.
        destination_type: Text,
        /// The file defines the source, or it is built in.
        source_defined: Bool,
        /// The file defines the destination.
        destination_defined: Bool,
    }

    /// A limit of a user or a virtual host.
    limit "rabbitmq.limit" {
        /// The user or virtual host.
        owner: Text,
        /// `user` or `vhost`.
        scope: Text,
        /// What it limits.
        name: Text,
        /// The limit; negative for none.
        value: Int,
    }

    /// A runtime parameter: a federation upstream, a shovel.
    parameter "rabbitmq.parameter" {
        /// The component it is for.
        component: Text,
        /// The name.
        name: Text,
        /// The virtual host.
        vhost: Text,
        /// A URI in it holds a password.
        has_password: Bool,
        /// A URI in it uses TLS without checking the peer.
        unverified_tls: Bool,
    }
}
