//! What follows from the options of one thing, and from several things of a file together.

use super::File;
use super::objects::Made;
use crate::facts::kinds::http::client;
use crate::facts::kinds::kafka::sarama;
use crate::facts::kinds::redis::{block, client as redis};
use crate::facts::kinds::retry::policy;
use crate::facts::kinds::sql::pool;
use crate::facts::{Fact, FactId, Said, Value};
use crate::systems::Reading;

/// So many attempts are followed one by one; more last as long as anybody waits.
const MOST_ATTEMPTS: i64 = 1_000;

/// Completes a fact.
pub(super) fn one(file: &File<'_>, made: Made<'_>, fact: &mut Fact) {
    if fact.kind == &policy::KIND {
        retry(fact);
    }
    if fact.kind == &pool::KIND {
        bound(fact);
    }
    if fact.kind == &sarama::KIND {
        let synchronous = file.program.calls.iter().any(|c| c.name().starts_with("NewSyncProducer"));
        fact.derive(sarama::synchronous, Value::Bool(synchronous));
    }
    if fact.kind == &client::KIND && fact.text(client::library) == Some("net/http") {
        body(file, made, fact);
    }
}

/// SQLAlchemy's bound is the number that it keeps and those beyond.
fn bound(fact: &mut Fact) {
    if let (Some(kept), Some(beyond)) = (fact.int(pool::max_idle), fact.int(pool::overflow)) {
        let span = fact.get(pool::max_idle).and_then(Said::span).unwrap_or(fact.span);
        // A size of zero is no bound there.
        let most = if kept == 0 { 0 } else { kept.saturating_add(beyond) };
        fact.set(pool::max_open, Said::derived(Value::Int(most), Some(span)));
    }
}

/// Whether the answer's body is closed, where an answer comes out of a call.
fn body(file: &File<'_>, made: Made<'_>, fact: &mut Fact) {
    let Made::Call(call) = made else { return };
    let Some(target) = call.targets.first().filter(|t| *t != "_") else { return };
    let Some(scope) = file.program.scopes.get(call.scope).filter(|_| call.scope != 0) else { return };
    let Some(text) = file.view.text.get(call.range.end..scope.range.end) else { return };
    // An answer that is handed on is closed elsewhere.
    let handed_on = |text: &str| {
        text.match_indices(target.as_str()).any(|(at, _)| {
            let before = text.get(..at).and_then(|t| t.chars().next_back()).unwrap_or(' ');
            let after = text.get(at + target.len()..).and_then(|t| t.chars().next()).unwrap_or(' ');
            !before.is_alphanumeric()
                && before != '.'
                && before != '_'
                && matches!(after, ',' | ')' | '\n' | '}')
        })
    };
    let closed = text.contains("Body.Close") || handed_on(text);
    fact.derive(client::body_closed, Value::Bool(closed));
}

/// How often, how long and how a policy waits.
pub(super) fn retry(fact: &mut Fact) {
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
    if fact.get(policy::wait).is_none() {
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
        let (sum, longest) = waits(attempts, initial, factor, cap, at_once);
        let sum = total.filter(|t| *t > 0).map_or(sum, |t| sum.min(t));
        fact.set(policy::waits_last, Said::derived(Value::Duration(sum), Some(span)));
        fact.set(policy::longest_wait, Said::derived(Value::Duration(longest), Some(span)));
    }
}

/// The sum of the waits between attempts, and the longest of them.
fn waits(attempts: i64, initial: i64, factor: f64, cap: i64, at_once: bool) -> (i64, i64) {
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
        sum += this;
        longest = longest.max(this);
        wait = (wait * factor).min(LONGEST);
    }
    (sum.min(LONGEST) as i64, longest as i64)
}

/// Joins what one file makes: policies whose functions call each other, and waits with the client that waits.
pub(super) fn whole(file: &File<'_>, reading: &mut Reading) {
    waits_of_clients(reading);
    let policies: Vec<(FactId, String, i64)> = reading
        .facts
        .of(&policy::KIND)
        .filter_map(|(id, f)| Some((id, f.text(policy::function)?.to_owned(), f.int(policy::attempts)?)))
        .filter(|(_, _, attempts)| *attempts > 0)
        .collect();
    let decorated = |name: &str| file.program.calls.iter().any(|c| c.decorates.as_deref() == Some(name));
    for (id, name, attempts) in policies.iter().filter(|p| decorated(&p.1)) {
        let Some(scope) = file.program.scopes.iter().find(|s| s.name == *name) else { continue };
        let mut product = *attempts;
        for (_, inner, times) in policies.iter().filter(|p| p.1 != *name && decorated(&p.1)) {
            let calls =
                file.program.calls.iter().any(|c| {
                    c.name() == inner && c.decorates.is_none() && scope.range.contains(&c.range.start)
                });
            if calls {
                product = product.saturating_mul(*times);
            }
        }
        let fact = reading.facts.get_mut(*id);
        fact.derive(policy::product, Value::Int(product));
    }
}

/// Gives each waiting command the timeout of the file's client, where there is one only.
fn waits_of_clients(reading: &mut Reading) {
    let timeouts: Vec<Said> =
        reading.facts.of(&redis::KIND).filter_map(|(_, f)| f.get(redis::read_timeout).cloned()).collect();
    let [only] = timeouts.as_slice() else { return };
    let waiting: Vec<FactId> = reading.facts.of(&block::KIND).map(|(id, _)| id).collect();
    for id in waiting {
        reading.facts.get_mut(id).set(block::client_timeout, only.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_add_up() {
        let table = [
            ((3, 1_000, 2.0, 0, false), (3_000, 2_000)),
            ((6, 500, 2.0, 0, false), (15_500, 8_000)),
            ((4, 1_000, 1.0, 0, false), (3_000, 1_000)),
            ((5, 1_000, 3.0, 5_000, false), (14_000, 5_000)),
            ((1, 1_000, 2.0, 0, false), (0, 0)),
            // urllib3 with a factor of 1 and three retries: 0, 2 and 4 seconds.
            ((4, 1_000, 2.0, 0, true), (6_000, 4_000)),
        ];
        for ((attempts, initial, factor, cap, at_once), expected) in table {
            assert_eq!(waits(attempts, initial, factor, cap, at_once), expected);
        }
    }
}
