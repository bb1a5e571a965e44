//! What follows from the options of one thing, and from several things of a file together.

use super::File;
use super::objects::Made;
use crate::facts::kinds::http::client;
use crate::facts::kinds::kafka::sarama;
use crate::facts::kinds::redis::{block, client as redis};
use crate::facts::kinds::retry::policy;
use crate::facts::kinds::sql::pool;
use crate::facts::{Fact, FactId, Said, Value};
use crate::syntax::code::{Form, Part};
use crate::systems::{Reading, retries};

/// Completes a fact.
pub(super) fn one(file: &File<'_>, made: Made<'_>, fact: &mut Fact) {
    if fact.kind == &policy::KIND {
        let text = file.view.text.get(made.range()).unwrap_or_default().to_ascii_lowercase();
        let function = fact.text(policy::function).unwrap_or_default().to_ascii_lowercase();
        const ASKS: &[&str] =
            &["notfinished", "notdone", "notready", "running", "pending", "inprogress", "poll"];
        let asks = ASKS.iter().any(|w| text.contains(w))
            || ["wait_for", "waitfor", "poll", "wait_until"].iter().any(|w| function.contains(w));
        fact.derive(policy::polls, Value::Bool(asks));
        retries::settle(fact);
    }
    if fact.kind == &client::KIND && fact.text(client::shape) == Some("call") {
        local(made, fact);
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

/// Whether a call is for the machine itself.
fn local(made: Made<'_>, fact: &mut Fact) {
    let Made::Call(call) = made else { return };
    for argument in call.arguments.iter().take(2) {
        let Form::Text { parts, .. } = &argument.value.form else { continue };
        let Some(Part::Literal(start)) = parts.first() else { continue };
        let Some((_, rest)) = start.split_once("://") else { continue };
        let host = rest.split(['/', ':', '?', '%', '{']).next().unwrap_or_default();
        fact.derive(client::local, Value::Bool(crate::hosts::is_loopback(host) || rest.starts_with("[::1]")));
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
    let closed = text.contains(".Close()") || handed_on(text);
    fact.derive(client::body_closed, Value::Bool(closed));
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
