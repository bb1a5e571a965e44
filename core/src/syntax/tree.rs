//! The tree that YAML, JSON, TOML and Erlang terms are read into.

use crate::source::{Span, View};

/// How a scalar was written. A quoted `"yes"` is a text, a plain `yes` may be a boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Bare: YAML plain, JSON/TOML numbers, booleans and null, Erlang atoms and numbers.
    Plain,
    /// Between quotes, whichever.
    Quoted,
    /// A YAML block scalar (`|` or `>`).
    Block,
}

/// A leaf.
#[derive(Clone, Debug)]
pub struct Scalar<'a> {
    /// The value, unescaped, with its way back to the file.
    pub view: View<'a>,
    /// How it was written.
    pub style: Style,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The key.
    pub key: Scalar<'a>,
    /// The value; an empty plain scalar right after the key if there is none.
    pub value: Node<'a>,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Data<'a> {
    /// A leaf.
    Scalar(Scalar<'a>),
    /// Keys in file order, duplicates kept; merge keys (`<<`) already merged behind the map's own.
    Map(Vec<Entry<'a>>),
    /// A sequence or list.
    Seq(Vec<Node<'a>>),
    /// An Erlang tuple.
    Tuple(Vec<Node<'a>>),
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// What it holds.
    pub data: Data<'a>,
    /// Where it stands, quotes and brackets included.
    pub span: Span,
}

impl<'a> Node<'a> {
    /// The value of a key of a map, or of an Erlang proplist (a list of pairs); the last one if it occurs twice.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        match &self.data {
            Data::Map(entries) => entries.iter().rev().find(|e| e.key.view.text == key).map(|e| &e.value),
            Data::Seq(items) => {
                items.iter().rev().filter_map(Node::pair).find(|(k, _)| k.view.text == key).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    /// Follows keys down.
    pub fn at(&self, path: &[&str]) -> Option<&Node<'a>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Keys and values of a map or an Erlang proplist.
    pub fn pairs(&self) -> Vec<(&Scalar<'a>, &Node<'a>)> {
        match &self.data {
            Data::Map(entries) => entries.iter().map(|e| (&e.key, &e.value)).collect(),
            Data::Seq(items) => items.iter().filter_map(Node::pair).collect(),
            _ => Vec::new(),
        }
    }

    /// Key and value of an item of an Erlang proplist.
    fn pair(&self) -> Option<(&Scalar<'a>, &Node<'a>)> {
        let Data::Tuple(parts) = &self.data else { return None };
        match parts.as_slice() {
            [Node { data: Data::Scalar(key), .. }, value] => Some((key, value)),
            _ => None,
        }
    }

    /// Items of a sequence or tuple.
    pub fn items(&self) -> &[Node<'a>] {
        match &self.data {
            Data::Seq(items) | Data::Tuple(items) => items,
            _ => &[],
        }
    }

    /// The leaf, if it is one.
    pub fn scalar(&self) -> Option<&Scalar<'a>> {
        match &self.data {
            Data::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a leaf.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|s| s.view.text.as_ref())
    }

    /// Calls `visit` for every leaf with the keys that lead to it (sequence items add no key), in file order.
    pub fn walk<'n>(&'n self, visit: &mut dyn FnMut(&[&'n str], &'n Scalar<'a>)) {
        fn go<'n, 'a>(
            node: &'n Node<'a>,
            path: &mut Vec<&'n str>,
            visit: &mut dyn FnMut(&[&'n str], &'n Scalar<'a>),
        ) {
            match &node.data {
                Data::Scalar(scalar) => visit(path, scalar),
                Data::Map(entries) => {
                    for entry in entries {
                        path.push(&entry.key.view.text);
                        go(&entry.value, path, visit);
                        path.pop();
                    }
                }
                Data::Seq(items) | Data::Tuple(items) => items.iter().for_each(|i| go(i, path, visit)),
            }
        }
        go(self, &mut Vec::new(), visit);
    }
}

impl Scalar<'_> {
    /// True for a bare `null`, `~` or nothing.
    pub fn is_null(&self) -> bool {
        self.style == Style::Plain && matches!(self.view.text.as_ref(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// A bare boolean. YAML 1.1 spellings (`yes`, `on`) count, since the programs that read these files take them.
    pub fn as_bool(&self) -> Option<bool> {
        if self.style != Style::Plain {
            return None;
        }
        match self.view.text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    /// A bare whole number.
    pub fn as_int(&self) -> Option<i64> {
        (self.style == Style::Plain).then(|| self.view.text.replace('_', "").parse().ok()).flatten()
    }
}
