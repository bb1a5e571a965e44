//! The combinations of facts that a rule's joins bring together.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::cel::{Scope, holds};
use crate::facts::{FactId, Facts};
use crate::link::{Link, Links};
use crate::rules::{Condition, Join};

/// A rule is tried on at most this many combinations of facts in one run. A real deployment has hundreds; the bound
/// keeps the time of a run linear on hostile input.
pub(crate) const MAX_COMBINATIONS: usize = 200_000;

/// The facts of each kind, by deployment, in their order.
pub(crate) type Index = BTreeMap<&'static str, BTreeMap<u32, Vec<FactId>>>;

pub(crate) fn index(facts: &Facts, links: &Links) -> Index {
    let mut index = Index::new();
    for (id, fact) in facts.iter() {
        let here = index.entry(fact.kind.name).or_default();
        here.entry(links.number(fact.span.file)).or_default().push(id);
    }
    index
}

/// Facts for all names of a rule, and what was assumed to bring them together.
pub(crate) struct Row {
    pub(crate) facts: Vec<FactId>,
    pub(crate) assumed: Vec<String>,
}

/// All combinations that a rule of several names may hold for, sorted. Facts that fail the rule by themselves are left
/// out before anything is combined.
pub(crate) fn rows(
    condition: &Condition,
    facts: &Facts,
    links: &Links,
    settings: FactId,
    index: &Index,
) -> Vec<Row> {
    let mut sides = Vec::new();
    for (slot, (_, kind)) in condition.names.iter().enumerate() {
        let own = condition.own.get(slot).map_or(&[][..], Vec::as_slice);
        // The parts name this one fact only, so that it may stand for all.
        let mut row = vec![settings; condition.names.len()];
        let fits = |id: &FactId| {
            row.fill(*id);
            let scope = Scope::new(facts, &row).with_settings(settings);
            // What takes too many steps here does so again with the whole condition, where it is told.
            own.iter().all(|part| holds(part, &scope).unwrap_or(true))
        };
        let all = index.get(kind.name).into_iter().flat_map(|deployments| deployments.values().flatten());
        let there: Vec<FactId> = all.copied().filter(fits).collect();
        if there.is_empty() {
            return Vec::new();
        }
        sides.push(Side::new(there));
    }
    let combining = Combining { condition, facts, links, sides };
    let nothing = Partial { facts: vec![None; condition.names.len()], assumed: Vec::new() };
    let mut partial = vec![nothing];
    for join in &condition.joins {
        partial = combining.joined(join, &partial);
    }
    let full = |row: Partial| {
        let facts: Option<Vec<FactId>> = row.facts.into_iter().collect();
        Some(Row { facts: facts?, assumed: row.assumed })
    };
    let mut rows: Vec<Row> = partial.into_iter().filter_map(full).collect();
    rows.sort_by(|a, b| a.facts.cmp(&b.facts));
    rows
}

/// A row on the way: the names that the joins so far reach have facts.
struct Partial {
    facts: Vec<Option<FactId>>,
    assumed: Vec<String>,
}

/// The facts that may stand for a name.
struct Side {
    /// Sorted.
    all: Vec<FactId>,
    /// By deployment, for `with`.
    deployments: OnceCell<Groups>,
    /// By deployment and file, for `within`.
    texts: OnceCell<Groups>,
}

type Groups = BTreeMap<(u32, u32), Vec<FactId>>;

impl Side {
    fn new(mut all: Vec<FactId>) -> Side {
        all.sort_unstable();
        Side { all, deployments: OnceCell::new(), texts: OnceCell::new() }
    }

    fn holds(&self, id: FactId) -> bool {
        self.all.binary_search(&id).is_ok()
    }
}

struct Combining<'r> {
    condition: &'r Condition,
    facts: &'r Facts,
    links: &'r Links,
    sides: Vec<Side>,
}

impl Combining<'_> {
    fn joined(&self, join: &Join, rows: &[Partial]) -> Vec<Partial> {
        let mut next = Vec::new();
        for row in rows {
            for link in self.pairs(join, &row.facts) {
                if next.len() >= MAX_COMBINATIONS {
                    return next;
                }
                let mut facts = row.facts.clone();
                facts[join.from] = Some(link.from);
                facts[join.to] = Some(link.to);
                let mut assumed = row.assumed.clone();
                // The same assumption may carry several joins; it is told once.
                assumed.extend(link.assumed.filter(|note| !assumed.contains(note)));
                next.push(Partial { facts, assumed });
            }
        }
        next
    }

    /// The pairs of a join that agree with what is bound already.
    fn pairs(&self, join: &Join, row: &[Option<FactId>]) -> Vec<Link> {
        let (from, to) = (row[join.from], row[join.to]);
        if join.relation != "with" && join.relation != "within" {
            let fits = |slot: usize, id: FactId| match row[slot] {
                Some(bound) => bound == id,
                None => self.facts.get(id).kind == self.condition.names[slot].1 && self.sides[slot].holds(id),
            };
            let all: Vec<Link> = match (from, to) {
                (Some(from), _) => self.links.from(join.relation, from).collect(),
                (None, Some(to)) => self.links.to(join.relation, to).collect(),
                (None, None) => self.links.of(join.relation).collect(),
            };
            return all.into_iter().filter(|l| fits(join.from, l.from) && fits(join.to, l.to)).collect();
        }
        let mut pairs = Vec::new();
        let mut pair = |from: &[FactId], to: &[FactId]| {
            for &from in from {
                for &to in to {
                    if pairs.len() >= MAX_COMBINATIONS {
                        return;
                    }
                    if from != to {
                        pairs.push(Link { from, to, assumed: None });
                    }
                }
            }
        };
        let there =
            |slot: usize, key: (u32, u32)| self.groups(slot, join).get(&key).map_or(&[][..], Vec::as_slice);
        match (from, to) {
            (Some(from), Some(to)) if self.place(join, from) == self.place(join, to) => pair(&[from], &[to]),
            (Some(_), Some(_)) => {}
            (Some(from), None) => pair(&[from], there(join.to, self.place(join, from))),
            (None, Some(to)) => pair(there(join.from, self.place(join, to)), &[to]),
            (None, None) => {
                for (key, from) in self.groups(join.from, join) {
                    pair(from, there(join.to, *key));
                }
            }
        }
        pairs
    }

    /// What the facts of a pair must have in common: the deployment and, for `within`, the file.
    fn place(&self, join: &Join, id: FactId) -> (u32, u32) {
        let file = self.facts.get(id).span.file;
        let text = if join.relation == "within" { self.links.text(file).0 } else { 0 };
        (self.links.number(file), text)
    }

    fn groups(&self, slot: usize, join: &Join) -> &Groups {
        let side = &self.sides[slot];
        let groups = if join.relation == "within" { &side.texts } else { &side.deployments };
        groups.get_or_init(|| {
            let mut groups = Groups::new();
            for &id in &side.all {
                groups.entry(self.place(join, id)).or_default().push(id);
            }
            groups
        })
    }
}
