//! Variables that tasks refer to, as far as the files at hand say them plainly.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::library::{Library, Owner};
use crate::source::Span;
use crate::syntax::{Data, Node};
use crate::systems::Filled;

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Found<'n, 'v> {
    Known(&'n Node<'v>),
    /// Only a run knows it.
    Unknown,
    /// Nobody says it here.
    Missing,
}

/// What one place says of variables.
#[derive(Clone)]
enum Layer<'n, 'v> {
    All(&'n Node<'v>),
    /// The item of a loop.
    Item(String, Option<&'n Node<'v>>),
    /// What a task sets for all that follow.
    Fact(String, Option<&'n Node<'v>>),
    /// Something may set these, and then they have other values.
    Doubtful(&'n Node<'v>),
}

/// The variables in force, the strongest last: those of a play and what its tasks set; below them those of groups; last
/// the defaults of roles.
pub(super) struct Variables<'n, 'v> {
    library: &'n Library<'v>,
    layers: Vec<Layer<'n, 'v>>,
    defaults: Vec<&'n Node<'v>>,
    /// The groups that the play names.
    hosts: Vec<String>,
    filled: RefCell<BTreeSet<(Span, Span, String)>>,
}

impl<'n, 'v> Variables<'n, 'v> {
    pub(super) fn new(library: &'n Library<'v>) -> Variables<'n, 'v> {
        let hosts = Vec::new();
        Variables { library, layers: Vec::new(), defaults: Vec::new(), hosts, filled: RefCell::default() }
    }

    /// Says which hosts the tasks run on: `mq:web:!old`.
    pub(super) fn set_hosts(&mut self, pattern: &str) {
        let names = pattern.split([':', ',']).map(str::trim).filter(|n| !n.is_empty());
        self.hosts = names.map(str::to_owned).collect();
    }

    /// How many layers there are, for [`Variables::leave`].
    pub(super) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Forgets the layers above, but for what tasks set.
    pub(super) fn leave(&mut self, depth: usize) {
        let above = self.layers.split_off(depth.min(self.layers.len()));
        self.layers.extend(above.into_iter().filter(|l| matches!(l, Layer::Fact(..) | Layer::Doubtful(_))));
    }

    pub(super) fn enter(&mut self, map: Option<&'n Node<'v>>) {
        self.layers.extend(map.filter(|m| matches!(m.data, Data::Map(_))).map(Layer::All));
    }

    pub(super) fn set_item(&mut self, name: &str, value: Option<&'n Node<'v>>) {
        self.layers.push(Layer::Item(name.to_owned(), value));
    }

    pub(super) fn set_fact(&mut self, name: &str, value: Option<&'n Node<'v>>) {
        self.layers.push(Layer::Fact(name.to_owned(), value));
    }

    pub(super) fn doubt(&mut self, map: &'n Node<'v>) {
        self.layers.push(Layer::Doubtful(map));
    }

    pub(super) fn add_defaults(&mut self, map: &'n Node<'v>) {
        self.defaults.push(map);
    }

    pub(super) fn get(&self, name: &str) -> Found<'n, 'v> {
        for layer in self.layers.iter().rev() {
            match layer {
                Layer::All(map) => {
                    if let Some(node) = map.get(name) {
                        return Found::Known(node);
                    }
                }
                Layer::Item(own, value) | Layer::Fact(own, value) if own == name => {
                    return value.map_or(Found::Unknown, Found::Known);
                }
                Layer::Doubtful(map) if map.get(name).is_some() => return Found::Unknown,
                _ => {}
            }
        }
        match self.of_hosts(name) {
            Found::Missing => {}
            found => return found,
        }
        let default = self.defaults.iter().rev().find_map(|map| map.get(name));
        default.map_or(Found::Missing, Found::Known)
    }

    /// What the inventory says, if it says one thing to all hosts that are meant.
    fn of_hosts(&self, name: &str) -> Found<'n, 'v> {
        let (mut all, mut own) = (Vec::new(), Vec::new());
        for (owner, map) in self.library.inventory() {
            let Some(node) = map.get(name) else { continue };
            match owner {
                Owner::Group("all") => all.push(node),
                Owner::Group(group) if self.hosts.iter().any(|h| h == group) => own.push(node),
                _ => return Found::Unknown,
            }
        }
        match (own.as_slice(), all.as_slice()) {
            ([], []) => Found::Missing,
            ([only], _) if self.hosts.len() == 1 => Found::Known(only),
            ([], [only]) => Found::Known(only),
            _ => Found::Unknown,
        }
    }

    /// Notes that a value stands somewhere else than where it is used.
    pub(super) fn note(&self, at: Span, from: Span, name: &str) {
        self.filled.borrow_mut().insert((at, from, name.to_owned()));
    }

    /// The places that variables were filled in at.
    pub(super) fn filled(&self) -> Vec<Filled> {
        let all = self.filled.borrow();
        all.iter().map(|(at, from, name)| Filled { at: *at, from: *from, name: name.clone() }).collect()
    }
}
