//! Where the calls and assignments of a file are found by what is asked of them, so that each thing that a long file makes
//! costs the same.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::syntax::code::{Assignment, Call, Program};

/// The calls and assignments of a program.
pub(super) struct Index<'p> {
    /// Calls by where they start: a chain's start together.
    starts: BTreeMap<usize, Vec<&'p Call>>,
    /// Calls by what stands before their last name.
    receivers: BTreeMap<&'p str, Vec<&'p Call>>,
    /// Assignments by their targets.
    targets: BTreeMap<&'p str, Vec<&'p Assignment>>,
}

impl<'p> Index<'p> {
    /// Of a program.
    pub(super) fn new(program: &'p Program) -> Self {
        let mut index =
            Index { starts: BTreeMap::new(), receivers: BTreeMap::new(), targets: BTreeMap::new() };
        for call in &program.calls {
            index.starts.entry(call.range.start).or_default().push(call);
            index.receivers.entry(call.receiver()).or_default().push(call);
        }
        for assignment in &program.assignments {
            index.targets.entry(assignment.target.as_str()).or_default().push(assignment);
        }
        index
    }

    /// What follows a call in its chain, in the order of the ends.
    pub(super) fn chained(&self, made: &Call) -> Vec<&'p Call> {
        let all = self.starts.get(&made.range.start).map_or(&[][..], Vec::as_slice);
        all.iter().copied().filter(|c| c.range.end > made.range.end).collect()
    }

    /// The calls of methods of a name, in the order of the ends.
    pub(super) fn of(&self, receiver: &str) -> &[&'p Call] {
        self.receivers.get(receiver).map_or(&[][..], Vec::as_slice)
    }

    /// The assignments to what belongs to a name, and what of it is assigned, in the order of the text.
    pub(super) fn assigned(&self, name: &str) -> Vec<(&'p str, &'p Assignment)> {
        let from = format!("{name}.");
        let range = (Bound::Included(from.as_str()), Bound::Unbounded);
        let mut all: Vec<(&str, &Assignment)> = self
            .targets
            .range::<str, _>(range)
            .map_while(|(target, all)| target.strip_prefix(from.as_str()).map(|rest| (rest, all)))
            .flat_map(|(rest, all)| all.iter().map(move |one| (rest, *one)))
            .collect();
        all.sort_by_key(|(_, one)| one.at.start);
        all
    }
}
