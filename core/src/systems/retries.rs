//! What follows from the settings of a retry, whoever makes them.

use crate::facts::kinds::retry::policy;
use crate::facts::{Fact, Said, Value};

/// So many attempts are followed one by one; more last as long as anybody waits.
const MOST_ATTEMPTS: i64 = 1_000;

/// How often, how long and how a policy waits.
pub(crate) fn settle(fact: &mut Fact) {
    let attempts = fact.int(policy::attempts);
    let total = fact.int(policy::total);
    let span = fact.get(policy::attempts).and_then(Said::span).unwrap_or(fact.span);
    if let (Some(attempts), Some(total)) = (attempts, total) {
        fact.set(policy::endless, Said::derived(Value::Bool(attempts == 0 && total == 0), Some(span)));
    }
    let initial = fact.int(policy::initial);
    let factor = match fact.get(policy::factor).map(|s| &s.value) {
        Some(Value::Float(n)) => Some(*n),
        _ => None,
    };
    // A constant wait of nothing is none.
    if fact.text(policy::wait).is_none_or(|wait| wait == "constant" && initial == Some(0)) {
        let wait = match (initial, factor) {
            (Some(0), _) => Some("none"),
            (Some(_), Some(f)) if f > 1.0 => Some("growing"),
            (Some(_), Some(_)) => Some("constant"),
            _ => None,
        };
        if let Some(wait) = wait {
            let span = fact.get(policy::initial).and_then(Said::span).unwrap_or(fact.span);
            fact.set(policy::wait, Said::derived(Value::text(wait), Some(span)));
        }
    }
    if let (Some(attempts), Some(initial), Some(factor), Some(cap)) =
        (attempts.filter(|a| *a > 1), initial, factor, fact.int(policy::cap))
        && attempts < MOST_ATTEMPTS
    {
        let at_once = fact.bool(policy::first_at_once) == Some(true);
        let least = fact.int(policy::least).unwrap_or(0);
        let (sum, longest) = waits(attempts, initial, factor, cap, least, at_once);
        let sum = total.filter(|t| *t > 0).map_or(sum, |t| sum.min(t));
        fact.set(policy::waits_last, Said::derived(Value::Duration(sum), Some(span)));
        fact.set(policy::longest_wait, Said::derived(Value::Duration(longest), Some(span)));
    }
}

/// The sum of the waits between attempts, and the longest of them.
fn waits(attempts: i64, initial: i64, factor: f64, cap: i64, least: i64, at_once: bool) -> (i64, i64) {
    /// A century; what lasts longer is not told apart.
    const LONGEST: f64 = 3.2e12;
    let (mut sum, mut longest) = (0.0f64, 0.0f64);
    let mut wait = initial as f64;
    for i in 1..attempts {
        let this = if at_once && i == 1 {
            0.0
        } else if cap > 0 {
            wait.min(cap as f64)
        } else {
            wait.min(LONGEST)
        };
        let this = if at_once && i == 1 { this } else { this.max(least as f64) };
        sum += this;
        longest = longest.max(this);
        wait = (wait * factor).min(LONGEST);
    }
    (sum.min(LONGEST) as i64, longest as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_add_up() {
        let table = [
            ((3, 1_000, 2.0, 0, 0, false), (3_000, 2_000)),
            ((6, 500, 2.0, 0, 0, false), (15_500, 8_000)),
            ((4, 1_000, 1.0, 0, 0, false), (3_000, 1_000)),
            ((5, 1_000, 3.0, 5_000, 0, false), (14_000, 5_000)),
            ((1, 1_000, 2.0, 0, 0, false), (0, 0)),
            ((5, 1_000, 2.0, 10_000, 4_000, false), (20_000, 8_000)),
            // urllib3 with a factor of 1 and three retries: 0, 2 and 4 seconds.
            ((4, 1_000, 2.0, 0, 0, true), (6_000, 4_000)),
        ];
        for ((attempts, initial, factor, cap, least, at_once), expected) in table {
            assert_eq!(waits(attempts, initial, factor, cap, least, at_once), expected);
        }
    }
}
