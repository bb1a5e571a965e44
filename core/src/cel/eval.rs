//! Evaluates a checked expression over facts.

use std::borrow::Cow;

use crate::facts::{Fact, FactId, Facts, Origin, Said, Value};

use super::MAX_STEPS;
use super::expr::{Each, Expr, Node, Strict, Strict2};
use super::ops;
use crate::hosts;

/// What the names of a condition stand for.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// All facts of the run.
    pub facts: &'s Facts,
    /// The bound facts, in the order of [`super::Env::names`].
    pub bound: &'s [FactId],
    /// The fact that `settings` stands for.
    pub settings: Option<FactId>,
}

impl<'s> Scope<'s> {
    /// A scope without settings.
    pub fn new(facts: &'s Facts, bound: &'s [FactId]) -> Scope<'s> {
        Scope { facts, bound, settings: None }
    }

    /// The same with these settings.
    pub fn with_settings(mut self, settings: FactId) -> Scope<'s> {
        self.settings = Some(settings);
        self
    }

    pub(super) fn bound(&self, index: usize) -> Option<FactId> {
        self.bound.get(index).copied().or(self.settings)
    }
}

/// What came out of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Something needed is not known.
    Absent,
    /// A value. One read from a field keeps its place; one worked out has none, and is secret if any part of it is.
    Value(Said),
    /// It took more than [`MAX_STEPS`] steps.
    OverBudget,
}

impl Outcome {
    /// The truth of a condition, `None` if it is to be skipped.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Outcome::Value(Said { value: Value::Bool(b), .. }) => Some(*b),
            _ => None,
        }
    }
}

/// Evaluates an expression.
pub fn eval(expr: &Expr, scope: &Scope) -> Outcome {
    match Machine::new(scope).eval(&expr.root) {
        Err(OverBudget) => Outcome::OverBudget,
        Ok(None) => Outcome::Absent,
        Ok(Some(said)) => Outcome::Value(said.into_owned()),
    }
}

/// Whether a condition is true; what is absent is not.
pub fn holds(condition: &Expr, scope: &Scope) -> Result<bool, OverBudget> {
    Machine::new(scope).holds(&condition.root)
}

/// An evaluation takes more than [`MAX_STEPS`] steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverBudget;

/// A truth with its secrecy, or absent. Most of what conditions work out are truths, and a whole [`Said`] for each would
/// be most of the work.
type Truth = Result<Option<(bool, bool)>, OverBudget>;

/// A value, or absent.
pub(super) type Got<'s> = Result<Option<Cow<'s, Said>>, OverBudget>;

pub(super) struct Machine<'s> {
    scope: &'s Scope<'s>,
    locals: Vec<Cow<'s, Said>>,
    steps: u32,
}

fn made<'s>(value: Value, secret: bool) -> Got<'s> {
    Ok(Some(Cow::Owned(Said { value, origin: Origin::Derived(None), secret })))
}

fn made_if<'s>(value: Option<Value>, secret: bool) -> Got<'s> {
    value.map_or(Ok(None), |value| made(value, secret))
}

/// Something read from a place that may itself be secret.
fn read(said: Option<&Said>, secret: bool) -> Got<'_> {
    Ok(said.map(
        |said| {
            if secret && !said.secret { Cow::Owned(said.clone().secret()) } else { Cow::Borrowed(said) }
        },
    ))
}

/// True if a value or a part of it is secret.
fn secret(said: &Said) -> bool {
    said.secret || matches!(&said.value, Value::List(items) if items.iter().any(secret))
}

fn truth(said: &Said) -> bool {
    said.value == Value::Bool(true)
}

/// Steps that looking at a whole value takes.
fn weight(value: &Value) -> usize {
    /// Bytes of text that are compared or copied in about the time of one operation.
    const BYTES_A_STEP: usize = 64;
    match value {
        Value::Text(text) => text.len() / BYTES_A_STEP,
        Value::List(items) => items.iter().map(|item| 1 + weight(&item.value)).sum(),
        _ => 0,
    }
}

impl<'s> Machine<'s> {
    pub(super) fn new(scope: &'s Scope<'s>) -> Machine<'s> {
        Machine { scope, locals: Vec::new(), steps: 0 }
    }

    fn charge(&mut self, steps: usize) -> Result<(), OverBudget> {
        self.steps = self.steps.saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
        if self.steps > MAX_STEPS { Err(OverBudget) } else { Ok(()) }
    }

    /// The fact that a node stands for, and whether the way to it is secret.
    pub(super) fn fact(&mut self, node: &'s Node) -> Result<Option<(FactId, &'s Fact, bool)>, OverBudget> {
        let (id, secret) = match node {
            Node::Bound { index, .. } => (self.scope.bound(*index), false),
            _ => match self.eval(node)?.as_deref() {
                Some(Said { value: Value::Record(id), secret, .. }) => (Some(*id), *secret),
                _ => (None, false),
            },
        };
        Ok(id.map(|id| (id, self.scope.facts.get(id), secret)))
    }

    /// Like [`Machine::eval`], but ends at the first part of an `&&` that is not true: most conditions end there.
    fn holds(&mut self, node: &'s Node) -> Result<bool, OverBudget> {
        self.charge(1)?;
        match node {
            Node::And(items) => {
                for item in items {
                    if !self.holds(item)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(self.truth(node)?.is_some_and(|(holds, _)| holds)),
        }
    }

    /// Like [`Machine::eval`], for a node of which only the truth counts.
    fn truth(&mut self, node: &'s Node) -> Truth {
        match node {
            Node::Not(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Binary(..)
            | Node::Has(_)
            | Node::Known(_)
            | Node::Call2(..) => {
                self.charge(1)?;
                self.decided(node)
            }
            _ => Ok(self.eval(node)?.map(|said| (truth(&said), said.secret))),
        }
    }

    /// The truth of a node that compares, asks or joins truths; of other nodes nothing.
    fn decided(&mut self, node: &'s Node) -> Truth {
        match node {
            Node::Not(of) => Ok(self.truth(of)?.map(|(holds, secret)| (!holds, secret))),
            Node::And(items) => self.junction(items, false),
            Node::Or(items) => self.junction(items, true),
            Node::Binary(op, sides) => {
                let Some(left) = self.eval(&sides[0])? else { return Ok(None) };
                let Some(right) = self.eval(&sides[1])? else { return Ok(None) };
                self.charge(weight(&left.value) + weight(&right.value))?;
                let holds = ops::compare(*op, &left.value, &right.value);
                Ok(holds.map(|holds| (holds, secret(&left) || secret(&right))))
            }
            Node::Has(of) => {
                let said = self.eval(of)?;
                Ok(Some((said.is_some_and(|said| !matches!(said.origin, Origin::Default(_))), false)))
            }
            Node::Known(of) => Ok(Some((self.eval(of)?.is_some(), false))),
            Node::Call2(function, args) => {
                let Some(text) = self.eval(&args[0])? else { return Ok(None) };
                let Some(part) = self.eval(&args[1])? else { return Ok(None) };
                let (Value::Text(t), Value::Text(p)) = (&text.value, &part.value) else { return Ok(None) };
                self.charge(weight(&text.value) + weight(&part.value))?;
                let holds = match function {
                    Strict2::StartsWith => t.starts_with(&**p),
                    Strict2::EndsWith => t.ends_with(&**p),
                    Strict2::Contains => t.contains(&**p),
                    Strict2::Glob => {
                        // Each `*` makes the rest of the text be walked once more.
                        let stars = p.bytes().filter(|b| *b == b'*').count();
                        self.charge(if stars > 1 {
                            t.len().saturating_mul(p.len()) / 8
                        } else {
                            t.len() / 8
                        })?;
                        ops::glob(p, t)
                    }
                };
                Ok(Some((holds, text.secret || part.secret)))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn eval(&mut self, node: &'s Node) -> Got<'s> {
        self.charge(1)?;
        match node {
            Node::Const(said) => Ok(Some(Cow::Borrowed(said))),
            Node::Bound { index, .. } => made_if(self.scope.bound(*index).map(Value::Record), false),
            Node::Local(local) => {
                let said = self.locals.get(*local).cloned();
                if let Some(Cow::Owned(said)) = &said {
                    self.charge(weight(&said.value))?;
                }
                Ok(said)
            }
            Node::Field { of, field } => match self.fact(of)? {
                Some((_, fact, secret)) if std::ptr::eq(fact.kind, field.kind) => {
                    read(fact.by_index(field.index), secret)
                }
                _ => Ok(None),
            },
            Node::Key { of, kind, key, .. } => match self.fact(of)? {
                Some((_, fact, secret)) if std::ptr::eq(fact.kind, *kind) => read(fact.key(*key), secret),
                _ => Ok(None),
            },
            Node::Item { of, index } => self.item(of, index),
            Node::List(items) => self.list(items),
            Node::Neg(of) => match self.eval(of)? {
                Some(said) => made_if(ops::negate(&said.value), said.secret),
                None => Ok(None),
            },
            Node::Binary(op, sides) if !op.compares() => {
                let Some(left) = self.eval(&sides[0])? else { return Ok(None) };
                let Some(right) = self.eval(&sides[1])? else { return Ok(None) };
                self.charge(weight(&left.value) + weight(&right.value))?;
                made_if(ops::apply(*op, &left.value, &right.value), secret(&left) || secret(&right))
            }
            Node::Not(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Binary(..)
            | Node::Has(_)
            | Node::Known(_)
            | Node::Call2(..) => match self.decided(node)? {
                Some((holds, secret)) => made(Value::Bool(holds), secret),
                None => Ok(None),
            },
            Node::Choose(parts) => {
                let Some(when) = self.eval(&parts[0])? else { return Ok(None) };
                let chosen = self.eval(&parts[if truth(&when) { 1 } else { 2 }])?;
                Ok(chosen.map(|said| if when.secret { Cow::Owned(said.into_owned().secret()) } else { said }))
            }
            Node::Else(parts) => match self.eval(&parts[0])? {
                Some(said) => Ok(Some(said)),
                None => self.eval(&parts[1]),
            },
            Node::Call(function, of) => {
                let Some(said) = self.eval(of)? else { return Ok(None) };
                self.charge(weight(&said.value))?;
                made_if(call(*function, &said.value), secret(&said))
            }
            Node::Each(each, parts) => {
                let [list, body] = &**parts;
                match self.eval(list)? {
                    Some(Cow::Borrowed(Said { value: Value::List(items), secret, .. })) => {
                        self.each(*each, &mut items.iter().map(Cow::Borrowed), *secret, body)
                    }
                    Some(Cow::Owned(Said { value: Value::List(items), secret, .. })) => {
                        self.each(*each, &mut items.into_iter().map(Cow::Owned), secret, body)
                    }
                    _ => Ok(None),
                }
            }
        }
    }

    /// `&&` ends at the first false, `||` at the first true; otherwise an absent part leaves the whole unknown.
    fn junction(&mut self, items: &'s [Node], ends: bool) -> Truth {
        let (mut absent, mut secret) = (false, false);
        for item in items {
            match self.truth(item)? {
                None => absent = true,
                Some((holds, hidden)) if holds == ends => return Ok(Some((ends, hidden))),
                Some((_, hidden)) => secret |= hidden,
            }
        }
        Ok((!absent).then_some((!ends, secret)))
    }

    fn item(&mut self, of: &'s Node, index: &'s Node) -> Got<'s> {
        let Some(list) = self.eval(of)? else { return Ok(None) };
        let Some(index) = self.eval(index)? else { return Ok(None) };
        let hidden = list.secret || index.secret;
        let Value::Int(at) = index.value else { return Ok(None) };
        let Ok(at) = usize::try_from(at) else { return Ok(None) };
        match list {
            Cow::Borrowed(Said { value: Value::List(items), .. }) => read(items.get(at), hidden),
            Cow::Owned(Said { value: Value::List(items), .. }) => {
                let item = items.into_iter().nth(at);
                Ok(item.map(|item| Cow::Owned(if hidden { item.secret() } else { item })))
            }
            _ => Ok(None),
        }
    }

    fn list(&mut self, items: &'s [Node]) -> Got<'s> {
        let mut values = Vec::with_capacity(items.len());
        let mut hidden = false;
        for item in items {
            let Some(said) = self.eval(item)? else { return Ok(None) };
            hidden |= secret(&said);
            values.push(said.into_owned());
        }
        made(Value::List(values), hidden)
    }

    fn each(
        &mut self,
        each: Each,
        items: &mut dyn Iterator<Item = Cow<'s, Said>>,
        mut hidden: bool,
        body: &'s Node,
    ) -> Got<'s> {
        let mut absent = false;
        let mut kept = Vec::new();
        for item in items {
            self.locals.push(item);
            let result = self.eval(body);
            let item = self.locals.pop();
            let Some(said) = result? else {
                absent = true;
                continue;
            };
            hidden |= said.secret;
            match each {
                Each::Exists if truth(&said) => return made(Value::Bool(true), hidden),
                Each::All if !truth(&said) => return made(Value::Bool(false), hidden),
                Each::Exists | Each::All => {}
                Each::Filter if truth(&said) => {
                    let item = item.map(Cow::into_owned);
                    self.charge(item.as_ref().map_or(0, |item| weight(&item.value)))?;
                    kept.extend(item);
                }
                Each::Filter => {}
                Each::Map => {
                    self.charge(weight(&said.value))?;
                    kept.push(said.into_owned());
                }
            }
        }
        if absent {
            return Ok(None);
        }
        match each {
            Each::Exists => made(Value::Bool(false), hidden),
            Each::All => made(Value::Bool(true), hidden),
            Each::Filter | Each::Map => made(Value::List(kept), hidden),
        }
    }
}

fn call(function: Strict, value: &Value) -> Option<Value> {
    Some(match (function, value) {
        (Strict::Lower, Value::Text(text)) => Value::text(text.to_lowercase()),
        (Strict::Size, Value::Text(text)) => Value::Int(i64::try_from(text.chars().count()).ok()?),
        (Strict::Size, Value::List(items)) => Value::Int(i64::try_from(items.len()).ok()?),
        (Strict::Loopback, Value::Text(text)) => Value::Bool(hosts::is_loopback(text)),
        (Strict::Private, Value::Text(text)) => Value::Bool(hosts::is_private(text)),
        (Strict::Ip, Value::Text(text)) => Value::Bool(hosts::is_ip(text)),
        (Strict::Int, Value::Float(n)) => Value::Int(ops::whole(*n)?),
        (Strict::Int, Value::Text(text)) => Value::Int(text.trim().parse().ok()?),
        (Strict::Int, Value::Int(n) | Value::Duration(n) | Value::Size(n) | Value::Time(n)) => Value::Int(*n),
        (Strict::Float, Value::Float(n)) => Value::Float(*n),
        (Strict::Float, Value::Text(text)) => {
            Value::Float(text.trim().parse().ok().filter(|n: &f64| n.is_finite())?)
        }
        (Strict::Float, Value::Int(n) | Value::Duration(n) | Value::Size(n) | Value::Time(n)) => {
            Value::Float(*n as f64)
        }
        (Strict::Text, value) => Value::text(value.to_string()),
        (Strict::Min, Value::List(items)) => {
            items.iter().map(|item| &item.value).reduce(|a, b| if less(b, a) { b } else { a })?.clone()
        }
        (Strict::Max, Value::List(items)) => {
            items.iter().map(|item| &item.value).reduce(|a, b| if less(a, b) { b } else { a })?.clone()
        }
        (Strict::Sum(ty), Value::List(items)) => ops::sum(items, ty)?,
        _ => return None,
    })
}

fn less(a: &Value, b: &Value) -> bool {
    ops::order(a, b) == Some(std::cmp::Ordering::Less)
}
