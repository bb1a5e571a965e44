//! Facts about the run itself, which every condition may name.

use crate::facts::declare_kinds;

declare_kinds! {
    /// The run's settings, bound to the name `settings` in every condition.
    settings "settings" {
        /// The network between clients and brokers: `lan`, `wan` or `mobile`.
        network: Text,
        /// The evaluation time; absent when the caller gave none.
        now: Time,
        /// The scenario profile for calls: `internal`, `external` or `batch`.
        profile: Text,
        /// How long before its end a certificate counts as expiring; absent when nothing is set.
        certificate_expiry_warning: Duration,
        /// How far a consumer may be behind before somebody looks.
        watch_lag: Duration,
        /// How many percent of a disk may be used before somebody looks.
        watch_disk_percent: Int,
        /// How often a minute partitions may change their leaders before somebody looks.
        watch_leader_changes: Int,
    }
}
