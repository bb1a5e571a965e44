//! Checks a condition against the declarations of the kinds it names, and resolves names to indices.

use crate::facts::{Field, KeyDef, KeyTable, Kind, Said, Type, Value};
use crate::nearest::nearest;

use super::ast::{Ast, At, Form, Op, Tree};
use super::expr::{Expr, Node, with_article};
use super::{Env, Fault, SETTINGS, ops};

/// Checks a condition; every mistake in it is told.
pub fn check(ast: &Ast, env: &Env) -> Result<(Expr, Type), Vec<Fault>> {
    let mut checker = Checker { env, locals: Vec::new(), faults: Vec::new() };
    let checked = checker.tree(&ast.root);
    match checked {
        Some((root, ty)) if checker.faults.is_empty() => Ok((Expr { root }, ty)),
        _ => Err(checker.faults),
    }
}

/// A checked part and its type; `None` where a fault was told.
pub(super) type Checked = Option<(Node, Type)>;

pub(super) struct Checker<'c> {
    pub(super) env: &'c Env<'c>,
    pub(super) locals: Vec<(&'c str, Type)>,
    pub(super) faults: Vec<Fault>,
}

/// `Node` and type of a value known at compile time.
pub(super) fn constant(value: Value, ty: Type) -> Checked {
    Some((Node::Const(Said::derived(value, None)), ty))
}

/// A list of a type, if there is one: lists that conditions make hold plain values.
pub(super) fn list_of(item: Type) -> Option<Type> {
    let item: &'static Type = match item {
        Type::Bool => &Type::Bool,
        Type::Int => &Type::Int,
        Type::Float => &Type::Float,
        Type::Text => &Type::Text,
        Type::Duration => &Type::Duration,
        Type::Size => &Type::Size,
        Type::Time => &Type::Time,
        Type::Version => &Type::Version,
        Type::Record(_) | Type::List(_) => return None,
    };
    Some(Type::List(item))
}

impl<'c> Checker<'c> {
    pub(super) fn fault(&mut self, at: At, message: impl Into<String>) -> Checked {
        self.faults.push(Fault::new(at, message));
        None
    }

    pub(super) fn tree(&mut self, tree: &'c Tree<'c>) -> Checked {
        match &tree.form {
            Form::Bool(b) => constant(Value::Bool(*b), Type::Bool),
            Form::Int(n) => constant(Value::Int(*n), Type::Int),
            Form::Float(n) => constant(Value::Float(*n), Type::Float),
            Form::Text(t) => constant(Value::text(t), Type::Text),
            Form::List(items) => self.list(tree.at, items),
            Form::Name(name) => self.name(tree.at, name),
            Form::Member { .. } => self.members(tree),
            Form::Index { of, index } => self.index(of, index),
            Form::Call { of, name, name_at, args } => match of {
                None => self.function(tree.at, name, *name_at, args),
                Some(of) => self.method(tree.at, of, name, *name_at, args),
            },
            Form::Not(of) => {
                let of = self.expect_bool(of, "`!` takes")?;
                Some((Node::Not(of.into()), Type::Bool))
            }
            Form::Neg(of) => {
                let (node, ty) = self.tree(of)?;
                match (node, ty) {
                    (Node::Const(Said { value: Value::Float(n), .. }), _) => constant(Value::Float(-n), ty),
                    (node, Type::Int | Type::Float | Type::Duration | Type::Size) => {
                        Some((Node::Neg(node.into()), ty))
                    }
                    _ => self.fault(of.at, format!("`-` takes a number, this is {}", with_article(ty))),
                }
            }
            Form::And(items) => Some((Node::And(self.bools(items, "`&&` joins")?), Type::Bool)),
            Form::Or(items) => Some((Node::Or(self.bools(items, "`||` joins")?), Type::Bool)),
            Form::Binary { op, op_at, sides } => {
                let left = self.tree(&sides[0]);
                let right = self.tree(&sides[1]);
                self.binary(*op, *op_at, [&sides[0], &sides[1]], left?, right?)
            }
            Form::Choose(parts) => {
                let when = self.expect_bool(&parts[0], "`? :` chooses by");
                let yes = self.tree(&parts[1]);
                let no = self.tree(&parts[2]);
                let (when, mut yes, mut no) = (when?, yes?, no?);
                if !unify(&mut yes, &mut no) {
                    let message = format!("`? :` gives {} or {}; both must be of one type", yes.1, no.1);
                    return self.fault(parts[1].at.to(parts[2].at), message);
                }
                Some((Node::Choose(Box::new([when, yes.0, no.0])), yes.1))
            }
        }
    }

    /// A part that must be a bool; `who` starts the sentence that says otherwise.
    pub(super) fn expect_bool(&mut self, tree: &'c Tree<'c>, who: &str) -> Option<Node> {
        match self.tree(tree)? {
            (node, Type::Bool) => Some(node),
            (_, ty) => {
                self.fault(tree.at, format!("{who} a bool, this is {}", with_article(ty)));
                None
            }
        }
    }

    fn bools(&mut self, items: &'c [Tree<'c>], who: &str) -> Option<Vec<Node>> {
        let checked: Vec<_> = items.iter().map(|item| self.expect_bool(item, who)).collect();
        checked.into_iter().collect()
    }

    fn list(&mut self, at: At, items: &'c [Tree<'c>]) -> Checked {
        let checked: Vec<_> = items.iter().map(|item| self.tree(item)).collect();
        let checked: Vec<_> = checked.into_iter().collect::<Option<_>>()?;
        let Some(&(_, first)) = checked.first() else {
            return self.fault(at, "an empty list has no type; compare `.size()` with 0");
        };
        if let Some((other, (_, ty))) = items.iter().zip(&checked).find(|(_, (_, ty))| *ty != first) {
            return self.fault(other.at, format!("this list holds {first}, this is {}", with_article(*ty)));
        }
        let Some(ty) = list_of(first) else {
            return self.fault(at, format!("a list of {first} cannot be written"));
        };
        if checked.iter().all(|(node, _)| matches!(node, Node::Const(_))) {
            let values = checked.into_iter().filter_map(|(node, _)| match node {
                Node::Const(said) => Some(said),
                _ => None,
            });
            return constant(Value::List(values.collect()), ty);
        }
        Some((Node::List(checked.into_iter().map(|(node, _)| node).collect()), ty))
    }

    fn name(&mut self, at: At, name: &str) -> Checked {
        if let Some(local) = self.locals.iter().rposition(|(n, _)| *n == name) {
            let ty = self.locals.get(local)?.1;
            return Some((Node::Local(local), ty));
        }
        if let Some((index, kind)) = self.env.bound(name) {
            return Some((Node::Bound { index, name: name.into() }, Type::Record(kind.name)));
        }
        let mut known: Vec<&str> = self.locals.iter().map(|(n, _)| *n).collect();
        known.extend(self.env.names.iter().map(|(n, _)| *n));
        if !known.contains(&SETTINGS) {
            known.push(SETTINGS);
        }
        let message = match nearest(name, known.iter().copied()) {
            Some(near) => format!("no fact is called `{name}`; did you mean `{near}`?"),
            None => format!("no fact is called `{name}`; there are {}", quoted(&known)),
        };
        self.fault(at, message)
    }

    /// A chain `b.field.field`, of which several parts together may name a key.
    fn members(&mut self, tree: &'c Tree<'c>) -> Checked {
        let mut parts = Vec::new();
        let mut base = tree;
        while let Form::Member { of, name, name_at } = &base.form {
            parts.push((*name, *name_at));
            base = of;
        }
        parts.reverse();
        let (mut node, mut ty) = self.tree(base)?;
        let mut rest = parts.as_slice();
        while let [(name, at), after @ ..] = rest {
            let Type::Record(kind_name) = ty else {
                return self
                    .fault(*at, format!("{} has no fields; this reads `{name}` of one", with_article(ty)));
            };
            let Some(kind) = self.env.kind(kind_name) else {
                return self.fault(*at, format!("facts of the kind `{kind_name}` are not declared"));
            };
            if let Some(index) = kind.field(name) {
                ty = kind.fields.get(index)?.ty;
                node = Node::Field { of: node.into(), field: Field { kind, index } };
                rest = after;
                continue;
            }
            let Some((taken, key, dotted)) = kind.keys.and_then(|table| longest_key(table, rest)) else {
                return self.unknown_field(kind, rest);
            };
            let key_at = rest.get(taken - 1).map_or(*at, |(_, last)| at.to(*last));
            (node, ty) = self.key(kind, key, &dotted, key_at, node)?;
            rest = rest.get(taken..).unwrap_or_default();
        }
        Some((node, ty))
    }

    fn unknown_field(&mut self, kind: &'static Kind, rest: &[(&str, At)]) -> Checked {
        let &(name, at) = rest.first()?;
        let fields = kind.fields.iter().map(|f| f.name);
        if let Some(near) = nearest(name, fields.clone()) {
            let message = format!("`{}` has no field `{name}`; did you mean `{near}`?", kind.name);
            return self.fault(at, message);
        }
        if let Some(table) = kind.keys {
            let dotted = join(rest);
            let whole = rest.last().map_or(at, |(_, last)| at.to(*last));
            let hint = table
                .nearest(&dotted)
                .map_or(String::new(), |near| format!("; did you mean {}?", spelled(near)));
            let message = format!("`{}` has no field or key `{dotted}`{hint}", kind.name);
            return self.fault(whole, message);
        }
        let known: Vec<&str> = fields.collect();
        self.fault(at, format!("`{}` has no field `{name}`; it has {}", kind.name, quoted(&known)))
    }

    fn key(&mut self, kind: &'static Kind, key: usize, name: &str, at: At, of: Node) -> Checked {
        let def: &KeyDef = kind.keys?.keys().get(key)?;
        match def.ty {
            Some(ty) => Some((Node::Key { of: of.into(), kind, key, name: name.into() }, ty)),
            None => {
                let message = format!("`{name}` cannot be compared: it holds {}", def.form);
                self.fault(at, message)
            }
        }
    }

    fn index(&mut self, of: &'c Tree<'c>, index: &'c Tree<'c>) -> Checked {
        let base = self.tree(of);
        if let (Some((_, Type::Record(kind_name))), Form::Text(name)) = (&base, &index.form) {
            let kind = self.env.kind(kind_name)?;
            let Some(table) = kind.keys else {
                let message = format!("`{kind_name}` has no keys to name in brackets; write `.{name}`");
                return self.fault(index.at, message);
            };
            let Some(key) = table.find(name) else {
                let hint =
                    table.nearest(name).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                return self.fault(index.at, format!("`{kind_name}` has no key `{name}`{hint}"));
            };
            return self.key(kind, key, name, index.at, base?.0);
        }
        let at = self.tree(index);
        let ((node, ty), (at, at_ty)) = (base?, at?);
        match (ty, at_ty) {
            (Type::List(item), Type::Int) => Some((Node::Item { of: node.into(), index: at.into() }, *item)),
            (Type::List(_), _) => self.fault(
                index.at,
                format!("elements are counted from 0 by an int, this is {}", with_article(at_ty)),
            ),
            (Type::Record(_), _) => self.fault(index.at, "a key in brackets is a text in quotes"),
            _ => self.fault(of.at, format!("{} has no elements", with_article(ty))),
        }
    }

    fn binary(
        &mut self,
        op: Op,
        op_at: At,
        sides: [&Tree<'_>; 2],
        mut left: (Node, Type),
        mut right: (Node, Type),
    ) -> Checked {
        let ty = match op {
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => {
                let comparable = unify(&mut left, &mut right) || ops::numbers(left.1, right.1);
                if !comparable {
                    let at = literal_side(sides).unwrap_or(op_at);
                    let hint = literal_hint(sides, left.1, right.1);
                    let message = format!("`{}` compares {} with {}{hint}", op.as_str(), left.1, right.1);
                    return self.fault(at, message);
                }
                let ordered = !matches!(left.1, Type::Bool | Type::Record(_) | Type::List(_));
                if !ordered && !matches!(op, Op::Eq | Op::Ne) {
                    return self
                        .fault(op_at, format!("`{}` orders, but {} has no order", op.as_str(), left.1));
                }
                Some(Type::Bool)
            }
            Op::In => match right.1 {
                Type::List(item) => {
                    let mut element = (Node::List(Vec::new()), *item);
                    if !unify(&mut left, &mut element) {
                        let message = format!("`in` looks for {} in a list of {item}", with_article(left.1));
                        return self.fault(sides[0].at, message);
                    }
                    Some(Type::Bool)
                }
                Type::Text => {
                    return self.fault(op_at, "`in` takes a list; write `x.contains(\"...\")` for a text");
                }
                ty => {
                    return self
                        .fault(sides[1].at, format!("`in` takes a list, this is {}", with_article(ty)));
                }
            },
            Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Rem => ops::result(op, left.1, right.1),
        };
        let Some(ty) = ty else {
            let at = literal_side(sides).unwrap_or(op_at);
            let hint = literal_hint(sides, left.1, right.1);
            let message = format!("`{}` cannot join {} and {}{hint}", op.as_str(), left.1, right.1);
            return self.fault(at, message);
        };
        Some((Node::Binary(op, Box::new([left.0, right.0])), ty))
    }
}

/// Makes two types one, if they are but for a literal 0, which has every unit.
pub(super) fn unify(a: &mut (Node, Type), b: &mut (Node, Type)) -> bool {
    fn take_unit(zero: &mut (Node, Type), unit: Type) {
        let Node::Const(Said { value, .. }) = &mut zero.0 else { return };
        if *value == Value::Int(0) {
            *value = match unit {
                Type::Duration => Value::Duration(0),
                Type::Size => Value::Size(0),
                Type::Time => Value::Time(0),
                _ => return,
            };
            zero.1 = unit;
        }
    }
    let (left, right) = (a.1, b.1);
    take_unit(a, right);
    take_unit(b, left);
    a.1 == b.1
}

/// The longest leading part of a chain that names a key: how many parts, the key, and its name as written.
fn longest_key(table: &KeyTable, rest: &[(&str, At)]) -> Option<(usize, usize, String)> {
    let mut dotted = join(rest);
    for taken in (1..=rest.len()).rev() {
        if let Some(key) = table.find(&dotted) {
            return Some((taken, key, dotted));
        }
        dotted.truncate(dotted.rfind('.').unwrap_or(0));
    }
    None
}

fn join(parts: &[(&str, At)]) -> String {
    parts.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(".")
}

/// How a key is written in a condition.
fn spelled(key: &str) -> String {
    let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    if plain { format!("`{key}`") } else { format!("`[\"{key}\"]`") }
}

pub(super) fn quoted(names: &[&str]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

fn is_literal(tree: &Tree<'_>) -> bool {
    matches!(tree.form, Form::Bool(_) | Form::Int(_) | Form::Float(_) | Form::Text(_))
}

/// The range of the only literal of two sides.
fn literal_side(sides: [&Tree<'_>; 2]) -> Option<At> {
    match (is_literal(sides[0]), is_literal(sides[1])) {
        (true, false) => Some(sides[0].at),
        (false, true) => Some(sides[1].at),
        _ => None,
    }
}

/// How a literal is given the unit of the other side.
fn literal_hint(sides: [&Tree<'_>; 2], left: Type, right: Type) -> String {
    let (literal, unit) = match (is_literal(sides[0]), is_literal(sides[1])) {
        (true, false) => (sides[0], right),
        (false, true) => (sides[1], left),
        _ => return String::new(),
    };
    let (name, example) = match unit {
        Type::Duration => ("duration", "30s"),
        Type::Size => ("size", "64KiB"),
        Type::Version => ("version", "4.1"),
        Type::Time => ("time", "2026-01-01"),
        _ => return String::new(),
    };
    let text = match &literal.form {
        Form::Text(text) if super::units::read(name, text).is_some() => text,
        _ => example,
    };
    format!("; write {name}(\"{text}\")")
}
