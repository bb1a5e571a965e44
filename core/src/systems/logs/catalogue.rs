//! The events that are known, from `core/events`.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::pattern::Pattern;

/// An event as it lies in the program.
pub(super) struct Event {
    /// Its name, which is that of its rule.
    pub(super) name: &'static str,
    /// The program or library that writes it.
    pub(super) system: &'static str,
    /// What it looks like, one form after the other.
    pub(super) patterns: &'static [&'static str],
    /// What it tells of a connection.
    pub(super) tells: Tells,
    /// True where another event of the same entry says more.
    pub(super) general: bool,
}

/// What an event tells of a connection's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// Nothing.
    Nothing,
    /// It begins; such an event is only remembered.
    Begins,
    /// It ends without having been closed.
    Breaks,
}

include!(concat!(env!("OUT_DIR"), "/events.rs"));

/// All patterns at once.
pub(super) struct Catalogue {
    /// Finds the anchors.
    pub(super) anchors: AhoCorasick,
    /// The patterns of each anchor.
    pub(super) by_anchor: Vec<Vec<u16>>,
    /// Each pattern with the index of its event.
    pub(super) patterns: Vec<(Pattern, usize)>,
}

/// The patterns, made ready when the first log is read.
pub(super) fn catalogue() -> Option<&'static Catalogue> {
    static CATALOGUE: OnceLock<Option<Catalogue>> = OnceLock::new();
    CATALOGUE.get_or_init(build).as_ref()
}

fn build() -> Option<Catalogue> {
    let mut patterns = Vec::new();
    let mut anchors: Vec<String> = Vec::new();
    let mut by_anchor: Vec<Vec<u16>> = Vec::new();
    for (index, event) in EVENTS.iter().enumerate() {
        for pattern in event.patterns.iter().filter_map(|p| Pattern::parse(p).ok()) {
            let number = u16::try_from(patterns.len()).ok()?;
            match anchors.iter().position(|a| a == pattern.anchor()) {
                Some(at) => by_anchor.get_mut(at)?.push(number),
                None => {
                    anchors.push(pattern.anchor().to_owned());
                    by_anchor.push(vec![number]);
                }
            }
            patterns.push((pattern, index));
        }
    }
    let anchors = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(&anchors).ok()?;
    Some(Catalogue { anchors, by_anchor, patterns })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_pattern_is_well_formed_and_rare_enough_to_be_searched_for() {
        /// `" cD "` of HAProxy's logs; anything shorter stands in every other line.
        const SHORTEST: usize = 4;
        for event in EVENTS {
            for text in event.patterns {
                let pattern =
                    Pattern::parse(text).unwrap_or_else(|fault| panic!("{}: {text}: {fault}", event.name));
                assert!(pattern.anchor().len() >= SHORTEST, "{}: {text}", event.name);
            }
        }
        let names: BTreeSet<&str> = EVENTS.iter().map(|e| e.name).collect();
        assert_eq!(names.len(), EVENTS.len());
        assert!(catalogue().is_some());
    }
}
