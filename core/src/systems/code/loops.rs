//! Loops that try again, written by hand.

use std::ops::Range;

use super::File;
use super::calls::go_duration;
use crate::facts::kinds::retry::repeat;
use crate::facts::{Fact, Said, Value};
use crate::syntax::code::{Block, BlockKind, Call, ExitKind, Known};
use crate::systems::Reading;

/// Words in the names of calls that go over a network.
const REMOTE: &[&str] =
    &["connect", "connection", "dial", "request", "fetch", "urlopen", "publish", "ping", "post", "produce"];
/// Words in the names of calls that wait, or that look for the time.
const WAITS: &[&str] = &[
    "sleep", "delay", "wait", "timeout", "after", "tick", "backoff", "pause", "park", "select", "poll",
    "throttle",
];

/// Adds the loops of a file.
pub(super) fn extract(file: &File<'_>, reading: &mut Reading) {
    let loops = file.program.blocks.iter().filter(|b| matches!(b.kind, BlockKind::Endless | BlockKind::Loop));
    for block in loops {
        if let Some(fact) = read(file, block) {
            reading.facts.add(fact);
        }
    }
}

fn holds(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end && outer != inner
}

fn read(file: &File<'_>, block: &Block) -> Option<Fact> {
    let program = file.program;
    let blocks: Vec<&Block> =
        program.blocks.iter().filter(|b| b.scope == block.scope && holds(&block.range, &b.range)).collect();
    // The innermost loop is the one that tries again.
    if blocks.iter().any(|b| matches!(b.kind, BlockKind::Endless | BlockKind::Loop)) {
        return None;
    }
    let of = |kind: BlockKind| blocks.iter().filter(move |b| b.kind == kind).map(|b| &b.range);
    let handlers: Vec<&Range<usize>> = of(BlockKind::Handler).collect();
    let tried = of(BlockKind::Try).next();
    if handlers.is_empty() {
        return None;
    }
    let in_handler = |at: usize| handlers.iter().any(|h| h.contains(&at));
    let exits: Vec<_> =
        program.exits.iter().filter(|e| e.scope == block.scope && block.range.contains(&e.at)).collect();
    let leaves = |kind: ExitKind| matches!(kind, ExitKind::Break | ExitKind::Return);
    // A failure must lead to the next round, and success out of the loop or past a `continue`.
    if exits.iter().any(|e| in_handler(e.at) && e.kind != ExitKind::Continue) {
        return None;
    }
    let success = exits.iter().any(|e| !in_handler(e.at) && leaves(e.kind));
    let goes_on = exits.iter().any(|e| in_handler(e.at) && e.kind == ExitKind::Continue);
    if !(success || goes_on && tried.is_none()) {
        return None;
    }
    let first_handler = handlers.iter().map(|h| h.start).min()?;
    let within = |call: &&Call| call.scope == block.scope && block.range.contains(&call.range.start);
    let calls: Vec<&Call> = program.calls.iter().filter(within).collect();
    let is = |call: &Call, words: &[&str]| {
        let name = call.name().to_ascii_lowercase();
        words.iter().any(|w| name.contains(w))
    };
    let remote = calls.iter().find(|c| {
        let there = match tried {
            Some(range) => range.contains(&c.range.start),
            None => c.range.start < first_handler && !c.targets.is_empty(),
        };
        there && is(c, REMOTE) && !is(c, &["close", "disconnect", "is_connected", "isconnected", "logger"])
    })?;
    let waiting: Vec<&&Call> = calls.iter().filter(|c| is(c, WAITS)).collect();
    let text = file.view.text.get(block.range.clone()).unwrap_or_default();
    // Go waits for channels and timers without calling anything.
    let waits = !waiting.is_empty() || text.contains("<-");
    // Something that can end it: an error that is thrown, a counter that is looked at.
    let counted = exits.iter().any(|e| e.kind == ExitKind::Throw)
        || exits
            .iter()
            .any(|e| leaves(e.kind) && !in_handler(e.at) && tried.is_some_and(|t| !t.contains(&e.at)));
    let endless = block.kind == BlockKind::Endless && !counted;
    let at = file.span(&remote.at);
    let mut fact = Fact::new(&repeat::KIND, at);
    fact.write(repeat::call, Value::text(&remote.callee), at);
    if let Some(scope) = program.scopes.get(block.scope).filter(|s| !s.name.is_empty()) {
        fact.derive(repeat::function, Value::text(&scope.name));
    }
    fact.derive(repeat::endless, Value::Bool(endless));
    fact.derive(repeat::busy, Value::Bool(!waits));
    if let [only] = waiting.as_slice()
        && let Some((ms, range)) = pause(file, only)
    {
        fact.set(repeat::wait, Said::written(Value::Duration(ms), file.span(&range)));
    }
    Some(fact)
}

/// The length of a pause that is always the same.
fn pause(file: &File<'_>, call: &Call) -> Option<(i64, Range<usize>)> {
    let value = &call.arguments.first()?.value;
    let range = value.range.clone();
    let ms = match call.callee.as_str() {
        "time.Sleep" => go_duration(file, value)?,
        "time.sleep" | "asyncio.sleep" | "sleep" | "gevent.sleep" | "trio.sleep" => {
            match file.constants.known(value)? {
                Known::Int(n) => n.checked_mul(1_000)?,
                Known::Float(n) => (n * 1_000.0) as i64,
                _ => return None,
            }
        }
        "Thread.sleep" => match file.constants.known(value)? {
            Known::Int(n) => n,
            _ => return None,
        },
        _ => return None,
    };
    Some((ms, range))
}
