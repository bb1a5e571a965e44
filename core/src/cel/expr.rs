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
