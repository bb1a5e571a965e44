//! Logs of brokers, clients, proxies, databases and kernels: what went wrong, how often, in which rhythm, with whom.

mod catalogue;
mod groups;
mod idle;
mod pattern;

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use self::catalogue::{Catalogue, EVENTS, Tells, catalogue};
use self::groups::{Entry, Groups};
use self::pattern::Found;
use super::uris::{self, Place, UriContext};
use super::{FileKind, Match, Reading};
use crate::facts::kinds::log::event;
use crate::facts::{Field, Value};
use crate::secrets;
use crate::source::{FileId, Source, View, floor_boundary};
use crate::syntax::log;

/// A log.
pub static LOG: FileKind = FileKind {
    name: "log",
    doc: "A log of RabbitMQ, Kafka, a client library, a proxy, a database, systemd or the kernel, in any of the usual forms",
    recognise,
    read,
};

/// A log shows what it is in its beginning.
const SEARCHED: usize = 64 * 1024;

/// So many of its lines are looked at.
const LINES: usize = 200;

/// URIs are read in the beginning of a log alone: programs tell their settings when they start, and a line a second
/// repeats them.
const URIS_WITHIN: usize = 256 * 1024;

/// Names of logs without an ending, of Linux and its services.
const LOG_NAMES: &[&str] = &["syslog", "messages", "dmesg", "kern", "journal", "daemon", "stdout", "stderr"];

/// What pasted text is called.
const PASTED: &[&str] = &["<stdin>", "-", "stdin", "paste", "pasted", "pasted.txt", "paste.txt", "untitled"];

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    // `rabbit@host.log.1`, `syslog.2`.
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('.');
    let ending = name.rsplit_once('.').map(|(_, e)| e);
    let named = matches!(ending, Some("log" | "out" | "err")) || LOG_NAMES.contains(&name);
    let pasted = PASTED.contains(&name);
    if !named && !pasted && !matches!(ending, None | Some("txt" | "jsonl" | "ndjson")) {
        return Match::No;
    }
    let text = source.text.get(..floor_boundary(&source.text, SEARCHED)).unwrap_or_default();
    let (heads, lines) = log::density(text, LINES);
    if heads > 0 && (named || heads * 2 >= lines) {
        return Match::Sure;
    }
    if (named || pasted || heads > FEW_HEADS) && !events(text, 1).is_empty() {
        return Match::Likely;
    }
    Match::No
}

/// A text of another kind may quote as many lines of a log.
const FEW_HEADS: usize = 3;

/// The names of the first events in a text.
fn events(text: &str, most: usize) -> Vec<&'static str> {
    let mut names = Vec::new();
    let Some(catalogue) = catalogue() else { return names };
    walk(catalogue, text, |event, _, _, _| {
        names.extend(EVENTS.get(event).map(|e| e.name));
        names.len() < most
    });
    names
}

fn read(view: &View<'_>, out: &mut Reading) {
    let text: &str = &view.text;
    let head = view.sub(0..floor_boundary(text, URIS_WITHIN));
    uris::scan(&head, &UriContext { place: Place::Prose, ..UriContext::default() }, out);
    let Some(catalogue) = catalogue() else { return };
    let mut groups = Groups::default();
    let mut open = Open::default();
    walk(catalogue, text, |event, entry, found, words| {
        groups.extend_with(view, event, entry, found, words, &mut open);
        true
    });
    for fact in groups.facts() {
        out.facts.add(fact);
    }
}

/// Matching looks this far back and ahead of the fixed text that was found.
const WINDOW: (usize, usize) = (2 * 1024, 2 * 1024);

/// So many patterns are tried on one entry.
const MOST_TRIES: usize = 48;

/// What fits an entry best so far.
struct Best<'t> {
    /// General events come last, then the order of the patterns counts.
    rank: (bool, u16),
    event: usize,
    found: Found,
    words: Words<'t>,
}

/// Goes through the entries that hold something known, until `each` says to stop. It gets the event, the entry, the
/// match in the entry's words, and those words.
fn walk(
    catalogue: &Catalogue,
    text: &str,
    mut each: impl FnMut(usize, &log::Entry, &Found, &Words<'_>) -> bool,
) {
    let mut entry: Option<(log::Entry, Vec<u16>, Option<Best<'_>>)> = None;
    for hit in catalogue.anchors.find_overlapping_iter(text) {
        let inside = entry.as_ref().is_some_and(|(e, _, _)| hit.start() < e.range.end);
        if !inside {
            if let Some((entry, _, Some(best))) = entry.take()
                && !each(best.event, &entry, &best.found, &best.words)
            {
                return;
            }
            entry = Some((log::entry_around(text, hit.start()), Vec::new(), None));
        }
        let Some((entry, tried, best)) = &mut entry else { continue };
        for number in catalogue.by_anchor.get(hit.pattern().as_usize()).into_iter().flatten() {
            if tried.len() >= MOST_TRIES || tried.contains(number) {
                continue;
            }
            let Some((pattern, event)) = catalogue.patterns.get(usize::from(*number)) else { continue };
            let rank = (EVENTS.get(*event).is_some_and(|e| e.general), *number);
            if best.as_ref().is_some_and(|b| b.rank <= rank) {
                continue;
            }
            tried.push(*number);
            let words = Words::around(text, entry, hit.start());
            if let Some(found) = pattern.find(&words.text) {
                *best = Some(Best { rank, event: *event, found, words });
            }
        }
    }
    if let Some((entry, _, Some(best))) = entry {
        each(best.event, &entry, &best.found, &best.words);
    }
}

/// The part of an entry that patterns are held against.
struct Words<'t> {
    text: Cow<'t, str>,
    /// Where it stands in the log.
    range: Range<usize>,
}

impl<'t> Words<'t> {
    fn around(text: &'t str, entry: &log::Entry, hit: usize) -> Words<'t> {
        let json = entry.head.is_some_and(|h| h.json);
        let mut start = floor_boundary(text, hit.saturating_sub(WINDOW.0)).max(entry.range.start);
        let mut end = floor_boundary(text, hit.saturating_add(WINDOW.1)).min(entry.range.end);
        if json {
            let line = log::line_around(text, hit);
            (start, end) = (start.max(line.start), end.min(line.end));
        }
        let slice = text.get(start..end).unwrap_or_default();
        let text = if json { log::unescaped(slice) } else { Cow::Borrowed(slice) };
        Words { text, range: start..end }
    }

    /// Where a part of the words stands in the log; all of them where escapes were undone.
    fn place(&self, range: &Range<usize>) -> Range<usize> {
        match self.text {
            Cow::Borrowed(_) => self.range.start + range.start..self.range.start + range.end,
            Cow::Owned(_) => self.range.clone(),
        }
    }
}

/// Connections that began, by the pair of their addresses, so that their lifetime is known when they end.
#[derive(Default)]
struct Open {
    began: BTreeMap<String, i64>,
    order: VecDeque<String>,
}

/// So many open connections are remembered, the oldest forgotten first.
const MOST_OPEN: usize = 10_000;

impl Open {
    fn begin(&mut self, pair: &str, moment: i64) {
        if self.began.insert(pair.to_owned(), moment).is_none() {
            self.order.push_back(pair.to_owned());
        }
        if self.order.len() > MOST_OPEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.began.remove(&oldest);
        }
    }

    fn lived(&self, pair: &str, moment: i64) -> Option<i64> {
        self.began.get(pair).map(|began| moment - began).filter(|ms| *ms >= 0)
    }
}

impl Groups {
    fn extend_with(
        &mut self,
        view: &View<'_>,
        event: usize,
        entry: &log::Entry,
        found: &Found,
        words: &Words<'_>,
        open: &mut Open,
    ) {
        let Some(known) = EVENTS.get(event) else { return };
        let moment = entry.head.and_then(|h| h.stamp).map(|s| (s.millis, s.absolute));
        let pair = pair(&words.text, &found.range);
        let key = pair.as_ref().and_then(|p| words.text.get(p.clone()));
        if known.tells == Tells::Begins {
            if let (Some(key), Some((millis, _))) = (key, moment) {
                open.begin(key, millis);
            }
            return;
        }
        let mut lived = key.zip(moment).and_then(|(key, (millis, _))| open.lived(key, millis));
        let mut peer = pair.and_then(|p| {
            let (from, _) = words.text.get(p.clone())?.split_once(" -> ")?;
            Some((p.start..p.start + from.len(), from))
        });
        let mut captures = Vec::new();
        let mut keep = |index: usize, value: Value, range: Range<usize>| {
            let text = words.text.get(range.clone()).unwrap_or_default();
            // What may hold a password is not repeated.
            if secrets::scan(FileId(0), text).is_empty() {
                let field = Field { kind: &event::KIND, index };
                captures.push((field, value, view.span(words.place(&range))));
            }
        };
        for (index, value, range) in found.captures.iter().cloned() {
            if index == event::peer.index {
                peer = words.text.get(range.clone()).map(|text| (range, text));
            } else if index == event::lived.index {
                lived = match value {
                    Value::Duration(millis) => Some(millis),
                    _ => None,
                };
            } else {
                keep(index, value, range);
            }
        }
        if known.system == BROKER {
            for (field, before) in [(event::user, ", user: '"), (event::vhost, ", vhost: '")] {
                let said = found.captures.iter().any(|(index, _, _)| *index == field.index);
                if let Some(range) = quoted(&words.text, before).filter(|_| !said) {
                    let value = Value::text(words.text.get(range.clone()).unwrap_or_default());
                    keep(field.index, value, range);
                }
            }
        }
        let peer = peer.map(|(range, text)| {
            let host = host(text);
            (host.to_owned(), view.span(words.place(&(range.start..range.start + host.len()))))
        });
        let span = view.span(words.place(&found.range));
        self.add(Entry { event, moment, span, peer, lived, captures });
    }
}

/// The system whose entries name connections as `(10.0.3.7:40198 -> 10.0.0.1:5672, vhost: '/', user: 'app')`.
const BROKER: &str = "rabbitmq";

/// What stands between `before` and the next quote.
fn quoted(text: &str, before: &str) -> Option<Range<usize>> {
    let start = text.find(before)? + before.len();
    let length = text.get(start..)?.find(['\'', '\n'])?;
    Some(start..start + length)
}

/// The addresses of a connection, `10.0.3.7:40198 -> 10.0.0.1:5672`: the first ones, or those last named before the
/// match.
fn pair(text: &str, found: &Range<usize>) -> Option<Range<usize>> {
    const ARROW: &str = " -> ";
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '[' | ']' | '%' | '-');
    let at = text.get(..found.start)?.rfind(ARROW).or_else(|| text.find(ARROW))?;
    let before = text.get(..at)?;
    let after = text.get(at + ARROW.len()..)?;
    let start = before.rfind(|c| !part(c)).map_or(0, |n| n + 1);
    let length = after.find(|c| !part(c)).unwrap_or(after.len());
    // An address has a port; `a -> b` in a sentence has none.
    let range = start..at + ARROW.len() + length;
    let pair = text.get(range.clone())?;
    let ported =
        |address: &str| address.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    pair.split_once(ARROW).is_some_and(|(a, b)| ported(a) && ported(b)).then_some(range)
}

/// An address without its port and brackets.
fn host(address: &str) -> &str {
    let bare = match address.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']')) => {
            host
        }
        // RabbitMQ writes IPv6 addresses without brackets, which needs eight groups or `::` to be told from a port.
        Some((host, port)) if port.parse::<u16>().is_ok() && port.len() == 5 => host,
        _ => address,
    };
    bare.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(bare)
}

#[cfg(test)]
mod tests;
