//! Conditions: a checked subset of CEL over facts.
//!
//! A condition is parsed, then checked against the declarations of the kinds it names, which resolves every field to
//! its index; evaluating it looks nothing up by name. Reading something that is not known gives *absent*, and so does
//! every operation on it, save those that do not need it (`false && x`, `true || x`) or ask about it:
//!
//! | | |
//! |---|---|
//! | `has(x)` | `x` is written or follows from what is written |
//! | `said(x)` | `x` is known, be it only as a program's default |
//! | `x.or(y)` | `x`, or `y` where `x` is absent |
//!
//! A condition whose outcome is absent is skipped. Where CEL has an error (division by zero, overflow, an index out of
//! range) the outcome is absent too.
//!
//! Operators are CEL's: `? :`, `||`, `&&`, `== != < <= > >= in`, `+ -`, `* / %`, `! -`. Values of different types are not
//! compared, apart from int with float, and a literal 0 with any unit. Units are kept: duration / int is a duration,
//! duration / duration a float, time - time a duration. See `functions` for what can be called.

mod ast;
mod calls;
mod check;
mod eval;
mod expr;
mod functions;
mod lexer;
mod ops;
mod parser;
mod path;
mod template;
#[cfg(test)]
mod tests;
mod units;

pub use ast::Ast;
pub use check::check;
pub use eval::{Outcome, OverBudget, Scope, eval, holds};
pub use expr::Expr;
pub use functions::{FUNCTIONS, Function};
pub use parser::parse;
pub use path::{Place, fields_read, is_path, place};
pub use template::Template;

use std::ops::Range;

use crate::facts::{Kind, Type, kinds};

/// Longest condition, in bytes. The longest ones of hand-written rules have a few hundred.
pub const MAX_TEXT: usize = 8 * 1024;

/// Deepest nesting of a condition; parsing, checking and evaluating recurse no further.
pub const MAX_DEPTH: u32 = 64;

/// Most steps that one evaluation may take: a step is an operation, an element of a list, or some bytes of a text.
pub const MAX_STEPS: u32 = 100_000;

/// The name of the run's settings, bound in every condition.
pub const SETTINGS: &str = "settings";

/// A mistake in a condition or template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, in bytes of its text.
    pub range: Range<usize>,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Fault {
    fn new(at: ast::At, message: impl Into<String>) -> Fault {
        Fault { range: at.range(), message: message.into() }
    }
}

/// What a condition may name.
#[derive(Clone, Debug, Default)]
pub struct Env<'e> {
    /// Names that a rule binds, with the kinds of the facts they stand for.
    pub names: Vec<(&'e str, &'static Kind)>,
    /// Kinds of records beyond those of the vocabulary.
    pub kinds: Vec<&'static Kind>,
}

impl<'e> Env<'e> {
    /// An environment of these names, over the vocabulary.
    pub fn new(names: impl IntoIterator<Item = (&'e str, &'static Kind)>) -> Env<'e> {
        Env { names: names.into_iter().collect(), kinds: Vec::new() }
    }

    fn kind(&self, name: &str) -> Option<&'static Kind> {
        let bound = self.names.iter().map(|(_, kind)| *kind);
        bound.chain(self.kinds.iter().copied()).find(|k| k.name == name).or_else(|| kinds::find(name))
    }

    /// Index and kind of a bound name; the settings come after all names of the rule.
    fn bound(&self, name: &str) -> Option<(usize, &'static Kind)> {
        match self.names.iter().position(|(n, _)| *n == name) {
            Some(index) => Some((index, self.names.get(index)?.1)),
            None => (name == SETTINGS).then_some((self.names.len(), &kinds::run::settings::KIND)),
        }
    }
}

/// Parses and checks a text.
pub fn compile(text: &str, env: &Env) -> Result<(Expr, Type), Vec<Fault>> {
    let ast = parse(text).map_err(|fault| vec![fault])?;
    check(&ast, env)
}

/// Parses and checks a text whose outcome must be a bool.
pub fn condition(text: &str, env: &Env) -> Result<Expr, Vec<Fault>> {
    match compile(text, env)? {
        (expr, Type::Bool) => Ok(expr),
        (_, ty) => {
            let start = text.len() - text.trim_start().len();
            let range = start..text.trim_end().len().max(start);
            Err(vec![Fault {
                range,
                message: format!("a condition is a bool, this is {}", expr::with_article(ty)),
            }])
        }
    }
}
