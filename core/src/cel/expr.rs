//! A checked expression: every name is an index.

use crate::facts::{Field, Kind, Said, Type};

use super::ast::Op;

/// An expression that was checked against the declarations of kinds, ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Expr {
    pub(super) root: Node,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Const(Said),
    /// The fact bound to a name of the rule.
    Bound {
        index: usize,
        name: Box<str>,
    },
    /// The variable of a surrounding `exists`, `all`, `filter` or `map`, counted from the outermost.
    Local(usize),
    Field {
        of: Box<Node>,
        field: Field,
    },
    Key {
        of: Box<Node>,
        kind: &'static Kind,
        key: usize,
        name: Box<str>,
    },
    Item {
        of: Box<Node>,
        index: Box<Node>,
    },
    List(Vec<Node>),
    Not(Box<Node>),
    Neg(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Binary(Op, Box<[Node; 2]>),
    Choose(Box<[Node; 3]>),
    /// `x.or(y)`
    Else(Box<[Node; 2]>),
    /// `has(x)`
    Has(Box<Node>),
    /// `said(x)`
    Known(Box<Node>),
    Call(Strict, Box<Node>),
    Call2(Strict2, Box<[Node; 2]>),
    /// A list and what to work out of every element.
    Each(Each, Box<[Node; 2]>),
}

impl Node {
    /// What it is made of.
    pub(super) fn parts(&self) -> Vec<&Node> {
        match self {
            Node::Const(_) | Node::Bound { .. } | Node::Local(_) => Vec::new(),
            Node::Field { of, .. } | Node::Key { of, .. } => vec![of],
            Node::Not(of) | Node::Neg(of) | Node::Has(of) | Node::Known(of) | Node::Call(_, of) => vec![of],
            Node::Item { of, index } => vec![of, index],
            Node::List(items) | Node::And(items) | Node::Or(items) => items.iter().collect(),
            Node::Binary(_, parts) | Node::Else(parts) | Node::Call2(_, parts) | Node::Each(_, parts) => {
                parts.iter().collect()
            }
            Node::Choose(parts) => parts.iter().collect(),
        }
    }

    /// Calls back with the index of each bound name in it.
    fn names(&self, found: &mut impl FnMut(usize)) {
        if let Node::Bound { index, .. } = self {
            found(*index);
        }
        self.parts().into_iter().for_each(|part| part.names(found));
    }
}

impl Expr {
    /// The parts of an `&&` that name one of the first `names` bound names only, each with its index: the whole can
    /// hold only for facts for which these do.
    pub(crate) fn about_one(&self, names: usize) -> Vec<(usize, Expr)> {
        let parts: &[Node] = match &self.root {
            Node::And(items) => items,
            one => std::slice::from_ref(one),
        };
        let about = |part: &Node| {
            let (mut only, mut several) = (None, false);
            part.names(&mut |index| {
                if index < names {
                    several |= only.is_some_and(|other| other != index);
                    only = Some(index);
                }
            });
            only.filter(|_| !several).map(|index| (index, Expr { root: part.clone() }))
        };
        parts.iter().filter_map(about).collect()
    }
}

/// Functions of one value, absent where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strict {
    Lower,
    Size,
    Loopback,
    Private,
    Ip,
    Int,
    Float,
    Text,
    Min,
    Max,
    /// With the type of the elements, which says what the sum of none is.
    Sum(Type),
}

/// Functions of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strict2 {
    StartsWith,
    EndsWith,
    Contains,
    Glob,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Each {
    Exists,
    All,
    Filter,
    Map,
}

/// A type's name in a sentence.
pub(super) fn with_article(ty: Type) -> String {
    match ty {
        Type::Int => "an int".into(),
        _ => format!("a {ty}"),
    }
}
