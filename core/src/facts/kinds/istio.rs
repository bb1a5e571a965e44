//! What Istio's objects say, beyond the way through its proxies.

use crate::facts::declare_kinds;

declare_kinds! {
    /// An HTTP route of a virtual service that retries.
    route "istio.route" {
        /// Name of the virtual service.
        service: Text,
        /// Time that all tries together may take.
        timeout: Duration,
        /// Tries after the first one.
        attempts: Int,
        /// Time that one try may take.
        per_try_timeout: Duration,
        /// What is tried again.
        retry_on: Text,
    }
}
