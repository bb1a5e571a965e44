//! Locks in Redis: how long what they guard takes, and how they are given back.

use std::ops::Range;

use super::File;
use super::calls::go_duration;
use crate::facts::kinds::http::client;
use crate::facts::kinds::redis::{lock, set};
use crate::facts::{Fact, FactId, Origin, Said, Value};
use crate::syntax::code::{Block, BlockKind, Call, Known, Language};
use crate::systems::Reading;

/// More locks of one file, and more calls under one, are not looked at.
const MAX_LOCKS: usize = 100;
const MAX_CALLS: usize = 200;

/// Texts of code that prolongs its lock.
const PROLONGS: &[&str] =
    &[".extend(", ".reacquire(", ".Extend(", ".ExtendContext(", ".Refresh(", ".expire(", ".Expire("];
/// Texts of code that looks whose lock it is before it opens it.
const CHECKS: &[&str] = &["eval", "Eval", "lua", "Lua", "script", "Script", ".watch(", ".Watch(", "cmsgpack"];

/// Calls that take a lock.
const TAKES: &[&str] = &["acquire", "Lock", "LockContext", "TryLock", "TryLockContext", "lock", "tryLock"];

/// Completes the locks of a file, and adds those that are keys set once and deleted.
pub(super) fn extract(file: &File<'_>, language: Language, reading: &mut Reading) {
    let text = file.view.text.as_ref();
    if PROLONGS.iter().any(|p| text.contains(p)) {
        return;
    }
    let locks: Vec<FactId> = reading.facts.of(&lock::KIND).map(|(id, _)| id).take(MAX_LOCKS).collect();
    for id in locks {
        let span = reading.facts.get(id).span;
        let Some(call) = file.program.calls.iter().find(|c| file.span(&c.at) == span) else { continue };
        if let Some((region, scope)) = held(file, call) {
            let work = work(file, &region, scope, reading);
            put(file, work, reading.facts.get_mut(id));
        }
    }
    keys(file, language, reading);
}

fn put(file: &File<'_>, work: Option<(i64, &Call)>, fact: &mut Fact) {
    if let Some((lasts, call)) = work {
        let at = file.span(&call.at);
        fact.set(lock::work, Said::derived(Value::Duration(lasts), Some(at)));
        fact.write(lock::slow, Value::text(&call.callee), at);
    }
}

/// The part of the text that a lock guards, and the function that it is in.
fn held(file: &File<'_>, made: &Call) -> Option<(Range<usize>, usize)> {
    let program = file.program;
    let text = file.view.text.as_ref();
    let head = |range: &Range<usize>| text.get(range.clone())?.lines().next();
    let withs = || program.blocks.iter().filter(|b| b.kind == BlockKind::Held);
    // `with r.lock('a', timeout=5):`
    let own = withs().find(|b| {
        let first = head(&b.range).map_or(b.range.start, |h| b.range.start + h.len());
        b.range.start < made.range.start && made.range.end <= first
    });
    if let Some(block) = own {
        return Some((made.range.end..block.range.end, made.scope));
    }
    let own = if TAKES.contains(&made.name()) { Some(made.receiver()) } else { None };
    let name = made.targets.first().map(String::as_str).or(own).filter(|t| !matches!(*t, "_" | ""))?;
    let with = withs().find(|b| {
        let Some(head) = head(&b.range) else { return false };
        let item = head.trim_start_matches("async ").trim_start_matches("with ").trim_end_matches(':').trim();
        item == name && b.range.start > made.range.end
    });
    if let Some(block) = with {
        return Some((block.range.clone(), block.scope));
    }
    const GIVES: &[&str] = &["release", "Release", "Unlock", "UnlockContext", "unlock"];
    let of = |names: &'static [&'static str]| {
        program.calls.iter().filter(move |c| c.receiver() == name && names.contains(&c.name()))
    };
    let start = of(TAKES).find(|c| c.range.start >= made.range.start).unwrap_or(made);
    let end = of(GIVES).find(|c| c.scope == start.scope && c.range.start > start.range.end)?;
    Some((start.range.end..until(file, end), start.scope))
}

/// Where a call happens: at the end of the function, if it is put off.
fn until(file: &File<'_>, call: &Call) -> usize {
    let before = file.view.text.get(..call.range.start).unwrap_or_default();
    match file.program.scopes.get(call.scope).filter(|_| before.trim_end().ends_with("defer")) {
        Some(scope) => scope.range.end,
        None => call.range.start,
    }
}

/// The longest that a part of a function surely takes or may take, and what takes it.
fn work<'f>(
    file: &File<'f>,
    region: &Range<usize>,
    scope: usize,
    reading: &Reading,
) -> Option<(i64, &'f Call)> {
    let here = |c: &&Call| c.scope == scope && region.contains(&c.range.start);
    let mut longest: Option<(i64, &'f Call)> = None;
    for call in file.program.calls.iter().filter(here).take(MAX_CALLS) {
        let lasts = match sleep(file, call) {
            Some(ms) => Some(ms),
            None => request(file, call, reading),
        };
        if let Some(ms) = lasts
            && longest.is_none_or(|(most, _)| ms > most)
        {
            longest = Some((ms, call));
        }
    }
    longest
}

/// How long a call sleeps.
fn sleep(file: &File<'_>, call: &Call) -> Option<i64> {
    let first = &call.arguments.first()?.value;
    let known = || file.constants.known(first);
    match (call.callee.as_str(), known()) {
        ("time.Sleep", _) => go_duration(file, first),
        ("time.sleep" | "asyncio.sleep" | "sleep" | "gevent.sleep", Some(Known::Int(n))) => {
            n.checked_mul(1_000)
        }
        ("time.sleep" | "asyncio.sleep" | "sleep", Some(Known::Float(n))) => Some((n * 1_000.0) as i64),
        ("Thread.sleep", Some(Known::Int(n))) => Some(n),
        _ => None,
    }
}

/// How long the answer to a request may take.
fn request(file: &File<'_>, call: &Call, reading: &Reading) -> Option<i64> {
    let span = file.span(&call.at);
    let fact = reading.facts.of(&client::KIND).map(|(_, f)| f).find(|f| f.span == span)?;
    if fact.text(client::shape) != Some("call") {
        return None;
    }
    [client::timeout, client::read_timeout].into_iter().find_map(|f| {
        let said = fact.get(f).filter(|s| matches!(s.origin, Origin::Written(_)))?;
        match said.value {
            Value::Duration(ms) if ms > 0 => Some(ms),
            _ => None,
        }
    })
}

/// A key that is set where there is none, and what guards it.
fn keys(file: &File<'_>, language: Language, reading: &mut Reading) {
    let text = file.view.text.as_ref();
    let checks = CHECKS.iter().any(|c| text.contains(c));
    let sets: Vec<(FactId, crate::source::Span, Option<Said>)> = reading
        .facts
        .of(&set::KIND)
        .filter(|(_, f)| f.bool(set::only_new) == Some(true))
        .map(|(id, f)| (id, f.span, f.get(set::ttl).cloned()))
        .take(MAX_LOCKS)
        .collect();
    let position = usize::from(language == Language::Go);
    for (id, span, ttl) in sets {
        let Some(call) = file.program.calls.iter().find(|c| file.span(&c.at) == span) else { continue };
        let argument = |c: &Call| {
            let value = &c.positional(position).or_else(|| c.named("name"))?.value;
            text.get(value.range.clone()).map(str::to_owned)
        };
        let Some(key) = argument(call) else { continue };
        let deletes = |c: &&Call| {
            matches!(c.name(), "delete" | "del" | "Del" | "unlink" | "Unlink")
                && c.scope == call.scope
                && c.receiver() == call.receiver()
                && c.range.start > call.range.end
                && argument(c).as_ref() == Some(&key)
        };
        let Some(given) = file.program.calls.iter().find(deletes) else { continue };
        let failed = |b: &Block| b.kind == BlockKind::Handler && b.range.contains(&given.range.start);
        // A mark that a failure takes back is no lock, nor is one whose value is read again.
        let asks = file.program.calls.iter().any(|c| {
            matches!(c.name(), "get" | "Get")
                && c.receiver() == call.receiver()
                && argument(c).as_ref() == Some(&key)
        });
        if file.program.blocks.iter().any(failed) || !names_a_lock(file, call, position, &key) {
            continue;
        }
        let mut fact = Fact::new(&lock::KIND, file.span(&call.at));
        if let Some(library) = reading.facts.get(id).text(set::library) {
            let library = Value::text(library);
            fact.derive(lock::library, library);
        }
        fact.write(lock::call, Value::text(&call.callee), file.span(&call.at));
        if let Some(ttl) = ttl {
            fact.set(lock::ttl, ttl);
        }
        let work = work(file, &(call.range.end..until(file, given)), call.scope, reading);
        put(file, work, &mut fact);
        if !checks && !asks {
            fact.set(lock::unchecked, Said::derived(Value::Bool(true), Some(file.span(&given.at))));
        }
        reading.facts.add(fact);
    }
}

/// True if a key, or the name it is kept in, says that it is a lock.
fn names_a_lock(file: &File<'_>, call: &Call, position: usize, written: &str) -> bool {
    let says = |text: &str| {
        let lower = text.to_ascii_lowercase();
        lower.contains("mutex")
            || lower.contains("lock") && !["block", "clock"].iter().any(|w| lower.contains(w))
    };
    let value = call.positional(position).map(|a| file.constants.follow(&a.value).range.clone());
    let kept = value.and_then(|range| file.view.text.get(range)).unwrap_or_default();
    says(kept) || says(written)
}
