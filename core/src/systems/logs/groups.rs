//! Entries that say the same thing: counted, timed, by peer.

use std::collections::BTreeMap;

use super::catalogue::{EVENTS, Tells};
use super::idle;
use crate::facts::kinds::log::event;
use crate::facts::{Fact, Field, Said, Value, show_duration};
use crate::source::Span;

/// An event is told for at most this many different users, queues or hosts; the rest are counted.
const MOST_GROUPS: usize = 12;

/// So many peers of a group are kept apart.
const MOST_PEERS: usize = 8;

/// So many pauses and lifetimes of a group are kept: a median needs no more.
const MOST_SAMPLES: usize = 256;

/// So few pauses or lifetimes are chance.
const FEWEST_SAMPLES: usize = 3;

/// Captures that make two entries two matters.
const DISTINGUISHING: [Field; 8] = [
    event::user,
    event::vhost,
    event::queue,
    event::host,
    event::port,
    event::setting,
    event::code,
    event::current,
];

/// One entry.
pub(super) struct Entry {
    /// The index of the event.
    pub(super) event: usize,
    /// Milliseconds, and whether they count from 1970.
    pub(super) moment: Option<(i64, bool)>,
    pub(super) span: Span,
    /// Whom it is about.
    pub(super) peer: Option<(String, Span)>,
    /// How long the connection lived that it ends.
    pub(super) lived: Option<i64>,
    pub(super) captures: Vec<(Field, Value, Span)>,
}

struct Peer {
    address: String,
    span: Span,
    count: u64,
    last: Option<i64>,
}

struct Group {
    sample: Entry,
    count: i64,
    last: Option<(i64, bool)>,
    second: Option<Span>,
    latest: Span,
    peers: Vec<Peer>,
    /// Entries about further peers, and about none.
    elsewhere: bool,
    unnamed_last: Option<i64>,
    pauses: Vec<i64>,
    lives: Vec<i64>,
    more: i64,
}

/// All groups of a log.
#[derive(Default)]
pub(super) struct Groups {
    groups: Vec<Group>,
    by_key: BTreeMap<(usize, Vec<String>), usize>,
    of_event: BTreeMap<usize, Vec<usize>>,
}

impl Groups {
    pub(super) fn add(&mut self, entry: Entry) {
        let shown = |field: &Field| {
            let capture = entry.captures.iter().find(|(f, _, _)| f.index == field.index);
            capture.map_or(String::new(), |(_, value, _)| value.to_string())
        };
        let key = (entry.event, DISTINGUISHING.iter().map(shown).collect::<Vec<_>>());
        if let Some(group) = self.by_key.get(&key).and_then(|at| self.groups.get_mut(*at)) {
            group.again(entry);
            return;
        }
        let known = self.of_event.entry(entry.event).or_default();
        if known.len() >= MOST_GROUPS {
            if let Some(group) = known.first().and_then(|at| self.groups.get_mut(*at)) {
                group.more += 1;
            }
            return;
        }
        known.push(self.groups.len());
        self.by_key.insert(key, self.groups.len());
        self.groups.push(Group::new(entry));
    }

    /// The facts, in the order of their places.
    pub(super) fn facts(self) -> impl Iterator<Item = Fact> {
        self.groups.into_iter().map(Group::fact)
    }
}

impl Group {
    fn new(sample: Entry) -> Group {
        let mut group = Group {
            count: 1,
            last: sample.moment,
            second: None,
            latest: sample.span,
            peers: Vec::new(),
            elsewhere: false,
            unnamed_last: None,
            pauses: Vec::new(),
            lives: sample.lived.into_iter().collect(),
            more: 0,
            sample,
        };
        let peer = group.sample.peer.clone();
        group.meet(peer, group.sample.moment);
        group
    }

    fn again(&mut self, entry: Entry) {
        self.count += 1;
        self.second = self.second.or(Some(entry.span));
        self.latest = entry.span;
        self.last = entry.moment.or(self.last);
        if self.lives.len() < MOST_SAMPLES {
            self.lives.extend(entry.lived);
        }
        self.meet(entry.peer, entry.moment);
    }

    /// Notes a peer, and the pause since it was met before.
    fn meet(&mut self, peer: Option<(String, Span)>, moment: Option<(i64, bool)>) {
        let now = moment.map(|(millis, _)| millis);
        let last = match peer {
            None => std::mem::replace(&mut self.unnamed_last, now),
            Some((address, span)) => {
                if let Some(peer) = self.peers.iter_mut().find(|p| p.address == address) {
                    peer.count += 1;
                    std::mem::replace(&mut peer.last, now)
                } else {
                    if self.peers.len() < MOST_PEERS {
                        self.peers.push(Peer { address, span, count: 1, last: now });
                    } else {
                        self.elsewhere = true;
                    }
                    None
                }
            }
        };
        if let (Some(now), Some(last)) = (now, last)
            && now >= last
            && self.pauses.len() < MOST_SAMPLES
        {
            self.pauses.push(now - last);
        }
    }

    fn fact(mut self) -> Fact {
        let mut fact = Fact::new(&event::KIND, self.sample.span);
        let Some(known) = EVENTS.get(self.sample.event) else { return fact };
        fact.derive(event::name, Value::text(known.name));
        fact.derive(event::system, Value::text(known.system));
        fact.derive(event::count, Value::Int(self.count));
        for (field, value, span) in std::mem::take(&mut self.sample.captures) {
            fact.write(field, value, span);
        }
        for (field, moment) in [(event::first, self.sample.moment), (event::last, self.last)] {
            if let Some((millis, true)) = moment {
                fact.derive(field, Value::Time(millis.div_euclid(1_000)));
            }
        }
        // Ties keep the order in which they were met.
        self.peers.sort_by_key(|p| std::cmp::Reverse(p.count));
        if let Some(first) = self.peers.first() {
            fact.write(event::peer, Value::text(&first.address), first.span);
            let all = self.peers.iter().map(|p| Said::written(Value::text(&p.address), p.span)).collect();
            fact.derive(event::peers, Value::List(all));
        }
        let interval = rhythm(&mut self.pauses).map(rounded).filter(|ms| *ms > 0);
        if let Some(interval) = interval {
            fact.derive(event::interval, Value::Duration(interval));
        }
        let lived = rhythm(&mut self.lives).map(rounded);
        if let Some(lived) = lived {
            fact.derive(event::lived, Value::Duration(lived));
        }
        let idle_of =
            if known.tells == Tells::Breaks { lived.or(interval).and_then(idle::known) } else { None };
        if let Some(whose) = idle_of {
            fact.derive(event::idle_of, Value::text(whose));
        }
        if let Some(second) = self.second {
            fact.write(event::second, Value::text("again"), second);
        }
        if self.count > 2 {
            fact.write(event::latest, Value::text("latest"), self.latest);
        }
        if self.more > 0 {
            fact.derive(event::more, Value::Int(self.more));
        }
        let summary = self.summary(interval, lived, idle_of);
        if !summary.is_empty() {
            fact.derive(event::summary, Value::text(format!(" ({summary})")));
        }
        fact
    }

    fn summary(&self, interval: Option<i64>, lived: Option<i64>, idle_of: Option<&str>) -> String {
        let mut parts = Vec::new();
        if self.count > 1 {
            parts.push(format!("{} times", self.count));
        }
        if let Some(interval) = interval {
            parts.push(format!("every {}", show_duration(interval)));
        }
        match (self.peers.as_slice(), self.elsewhere) {
            ([], _) => {}
            ([only], false) => parts.push(only.address.clone()),
            ([first, others @ ..], false) => {
                let noun = if others.len() == 1 { "other" } else { "others" };
                parts.push(format!("{} and {} {noun}", first.address, others.len()));
            }
            ([first, ..], true) => parts.push(format!("{} and many others", first.address)),
        }
        if let Some(lived) = lived {
            parts.push(format!("after {} each", show_duration(lived)));
        }
        if let Some(whose) = idle_of {
            parts.push(format!("just the idle timeout of {whose}"));
        }
        if self.more > 0 {
            parts.push(format!("and {} like it about others", self.more));
        }
        parts.join(", ")
    }
}

/// The median, when most of the values lie close to it.
fn rhythm(values: &mut [i64]) -> Option<i64> {
    /// The clock of a log and the load of a machine make even a timer's beats differ by this.
    const JITTER: i64 = 1_500;
    values.sort_unstable();
    let median = values.get(values.len() / 2).copied().filter(|_| values.len() >= FEWEST_SAMPLES)?;
    let near = (median / 20).max(JITTER).min(median / 2);
    let close = values.iter().filter(|v| (*v - median).abs() <= near).count();
    (close * 10 >= values.len() * 7).then_some(median)
}

/// Whole seconds from ten seconds on, tenths below.
fn rounded(millis: i64) -> i64 {
    let unit = if millis >= 10_000 { 1_000 } else { 100 };
    (millis + unit / 2) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_is_told_from_chance() {
        assert_eq!(rhythm(&mut [60_010, 59_990, 60_400, 61_000]), Some(60_400));
        assert_eq!(rhythm(&mut [60_000, 60_100, 60_200, 300_000]), Some(60_200));
        assert_eq!(rhythm(&mut [1_000, 60_000, 300_000, 9_000_000]), None);
        assert_eq!(rhythm(&mut [60_000, 60_000]), None);
        assert_eq!((rounded(60_400), rounded(1_234)), (60_000, 1_200));
    }
}
