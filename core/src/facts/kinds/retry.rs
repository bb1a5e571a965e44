//! Trying again: how often, and after how long.

use crate::facts::declare_kinds;

declare_kinds! {
    /// What is done when a call fails.
    policy "retry.policy" {
        /// The library or program.
        library: Text,
        /// What is called or made, as written.
        call: Text,
        /// The function that is repeated, or that it stands in.
        function: Text,
        /// How often the call is made at most, the first time included; zero for no bound.
        attempts: Int,
        /// The wait before the second attempt.
        initial: Duration,
        /// What each wait is multiplied by to give the next; 1 for a constant wait.
        factor: Float,
        /// The longest wait; zero for no bound.
        cap: Duration,
        /// The shortest wait.
        least: Duration,
        /// It asks again and again whether something is done, and no failure is the reason.
        polls: Bool,
        /// The second attempt follows the first at once.
        first_at_once: Bool,
        /// The waits are drawn by lot, in part at least.
        jitter: Bool,
        /// How long all attempts may take together; zero for no bound.
        total: Duration,
        /// How the wait develops: `none`, `constant`, `growing` or `random`.
        wait: Text,
        /// Neither a number of attempts nor a time ends it.
        endless: Bool,
        /// How long the waits are together when every attempt fails.
        waits_last: Duration,
        /// The longest wait that happens when every attempt fails.
        longest_wait: Duration,
        /// Calls are repeated that may have changed something already: `POST`, `PATCH`.
        unsafe_methods: Bool,
        /// How many attempts become of one, with those of the functions that it calls and that are repeated themselves.
        product: Int,
    }

    /// A breaker, which stops calls when too many of them fail.
    breaker "retry.breaker" {
        /// The library or program.
        library: Text,
        /// Its name.
        name: Text,
        /// How many calls it looks back on; seconds where it goes by time.
        window: Int,
        /// How many calls there must be before it opens.
        minimum: Int,
        /// It looks back on a time, not on a number of calls.
        by_time: Bool,
        /// How long it stays open.
        open_for: Duration,
    }

    /// A loop that tries again, written by hand.
    repeat "retry.loop" {
        /// The function it stands in.
        function: Text,
        /// What is tried, as written.
        call: Text,
        /// Nothing but success ends it.
        endless: Bool,
        /// Nothing waits between two attempts.
        busy: Bool,
        /// The wait, where it is always the same.
        wait: Duration,
    }
}
