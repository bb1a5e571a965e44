//! The syntax tree of a condition, as written.

use std::borrow::Cow;
use std::ops::Range;

/// A byte range of the condition's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl At {
    pub(super) fn new(start: usize, end: usize) -> At {
        At { start: start as u32, end: end as u32 }
    }

    pub(super) fn to(self, other: At) -> At {
        At { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    In,
}

impl Op {
    /// True if what comes out is a truth.
    pub(super) fn compares(self) -> bool {
        matches!(self, Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::In)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Op::Eq => "==",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Add => "+",
            Op::Sub => "-",
            Op::Mul => "*",
            Op::Div => "/",
            Op::Rem => "%",
            Op::In => "in",
        }
    }
}

/// A parsed condition; names are not looked up yet.
#[derive(Clone, Debug)]
pub struct Ast<'t> {
    pub(super) root: Tree<'t>,
}

/// A part of it.
#[derive(Clone, Debug)]
pub(super) struct Tree<'t> {
    pub(super) at: At,
    /// Levels below and including this one; bounded, so that walking the tree may recurse.
    pub(super) depth: u32,
    pub(super) form: Form<'t>,
}

#[derive(Clone, Debug)]
pub(super) enum Form<'t> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'t, str>),
    List(Vec<Tree<'t>>),
    Name(&'t str),
    Member { of: Box<Tree<'t>>, name: &'t str, name_at: At },
    Index { of: Box<Tree<'t>>, index: Box<Tree<'t>> },
    Call { of: Option<Box<Tree<'t>>>, name: &'t str, name_at: At, args: Vec<Tree<'t>> },
    Not(Box<Tree<'t>>),
    Neg(Box<Tree<'t>>),
    And(Vec<Tree<'t>>),
    Or(Vec<Tree<'t>>),
    Binary { op: Op, op_at: At, sides: Box<[Tree<'t>; 2]> },
    Choose(Box<[Tree<'t>; 3]>),
}
