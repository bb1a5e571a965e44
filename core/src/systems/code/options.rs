//! The options that something is made with: arguments, keys, fields, setters and steps of a builder, as one list.

use std::ops::Range;

use super::File;
use super::calls::go_duration;
use super::objects::Made;
use super::table::{Fixed, Unit};
use crate::facts::{Field, Type, Value};
use crate::syntax::code::{Expr, Form, Known};

/// An option and what it is set to.
pub(super) struct Choice {
    /// The path that leads to it: names, keys and positions with dots between.
    pub(super) name: String,
    /// Where it is named.
    pub(super) at: Range<usize>,
    /// The value.
    pub(super) value: Option<Expr>,
    /// The argument after it: a unit of time, perhaps.
    pub(super) second: Option<Expr>,
    /// It is set wherever the thing is made.
    pub(super) sure: bool,
}

/// All options of a thing.
#[derive(Default)]
pub(super) struct Options {
    /// In the order of the text, those that are set afterwards last.
    pub(super) choices: Vec<Choice>,
    /// More may come from where the file does not show it.
    pub(super) open: bool,
}

/// Deeper options, and more of them, are not followed; real ones are three deep.
const MAX_DEPTH: usize = 6;
const MAX_CHOICES: usize = 400;

/// Gathers the options.
pub(super) fn collect(file: &File<'_>, at: Option<usize>, made: Made<'_>) -> Options {
    let mut out = Options::default();
    let (targets, chain) = match made {
        Made::Call(call) => {
            match at {
                // One argument holds them all.
                Some(index) => {
                    if let Some(argument) = call.arguments.get(index) {
                        let before = out.choices.len();
                        out.flatten(file, &argument.value, String::new(), &argument.at, true, 0);
                        let read = matches!(
                            file.constants.follow(&argument.value).form,
                            Form::Map { .. } | Form::Null
                        );
                        out.open |= !read && out.choices.len() <= before + 1;
                    }
                }
                None => out.arguments(file, &call.arguments, "", true, 0),
            }
            let chain = file.index.chained(call);
            let last = chain.iter().max_by_key(|c| c.range.end).copied().unwrap_or(call);
            // Within a block of Kotlin's the thing itself has a name.
            let own = call.targets.first().filter(|_| last.range != call.range);
            (own.into_iter().chain(last.targets.first()).collect::<Vec<_>>(), chain)
        }
        Made::Literal(literal) => {
            for entry in &literal.entries {
                out.flatten(file, &entry.value, entry.key.clone(), &entry.at, true, 0);
            }
            (literal.targets.first().into_iter().collect(), Vec::new())
        }
    };
    for step in chain {
        out.setter(file, step, true);
    }
    for target in targets.into_iter().filter(|t| *t != "_") {
        out.afterwards(file, made, target);
    }
    out
}

impl Options {
    fn push(&mut self, choice: Choice) {
        if self.choices.len() < MAX_CHOICES {
            self.choices.push(choice);
        }
    }

    fn arguments(
        &mut self,
        file: &File<'_>,
        arguments: &[crate::syntax::code::Argument],
        path: &str,
        sure: bool,
        depth: usize,
    ) {
        let mut position = 0;
        for (index, argument) in arguments.iter().enumerate() {
            let name = match argument.name.as_deref() {
                Some("**") => {
                    match file.constants.entries(&argument.value) {
                        _ if stands_in(file, &argument.value) => self.open = true,
                        Some(entries) => {
                            for entry in entries {
                                let name = join(path, &entry.key);
                                self.flatten(file, &entry.value, name, &entry.at, sure, depth + 1);
                            }
                        }
                        None => self.open = true,
                    }
                    continue;
                }
                Some(name) => name.to_owned(),
                None => {
                    position += 1;
                    (position - 1).to_string()
                }
            };
            let before = self.choices.len();
            self.flatten(file, &argument.value, join(path, &name), &argument.at, sure, depth + 1);
            // `10, TimeUnit.SECONDS`
            if let Some(choice) = self.choices.get_mut(before) {
                choice.second = arguments.get(index + 1).map(|a| a.value.clone());
            }
        }
    }

    /// Adds an option and what lies inside its value.
    fn flatten(
        &mut self,
        file: &File<'_>,
        expr: &Expr,
        name: String,
        at: &Range<usize>,
        sure: bool,
        depth: usize,
    ) {
        if depth > MAX_DEPTH || self.choices.len() >= MAX_CHOICES {
            return;
        }
        if !name.is_empty() {
            let value = Some(expr.clone());
            self.push(Choice { name: name.clone(), at: at.clone(), value, second: None, sure });
        }
        if stands_in(file, expr) {
            self.open = true;
            return;
        }
        match &file.constants.follow(expr).form {
            Form::Map { entries, .. } => {
                for entry in entries {
                    if entry.key == "**" {
                        match file.constants.entries(&entry.value) {
                            Some(more) => {
                                for entry in more {
                                    let name = join(&name, &entry.key);
                                    self.flatten(file, &entry.value, name, &entry.at, sure, depth + 1);
                                }
                            }
                            None => self.open = true,
                        }
                        continue;
                    }
                    self.flatten(file, &entry.value, join(&name, &entry.key), &entry.at, sure, depth + 1);
                }
            }
            Form::Call(index) => {
                if let Some(call) = file.program.calls.get(*index) {
                    if call.callee == "dict" {
                        self.arguments(file, &call.arguments, &name, sure, depth + 1);
                        return;
                    }
                    let inner = join(&name, call.name());
                    let value = Some(expr.clone());
                    self.push(Choice { name: inner.clone(), at: call.at.clone(), value, second: None, sure });
                    self.arguments(file, &call.arguments, &inner, sure, depth + 1);
                }
            }
            Form::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.flatten(file, item, join(&name, &i.to_string()), &item.range, sure, depth + 1);
                }
            }
            Form::Binary('|' | '+', sides) => {
                for side in sides.iter() {
                    self.flatten(file, side, name.clone(), at, sure, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// `.setTimeout(5)`: an option with the method's name.
    fn setter(&mut self, file: &File<'_>, call: &crate::syntax::code::Call, sure: bool) {
        let name = call.name().to_owned();
        let second = call.arguments.get(1).map(|a| a.value.clone());
        match call.arguments.first() {
            Some(first) => {
                let value = Some(first.value.clone());
                self.push(Choice { name: name.clone(), at: call.at.clone(), value, second, sure });
                self.arguments(file, &call.arguments, &name, sure, 1);
            }
            None => self.push(Choice { name, at: call.at.clone(), value: None, second, sure }),
        }
    }

    /// What is set on the name that the thing gets.
    fn afterwards(&mut self, file: &File<'_>, made: Made<'_>, target: &str) {
        let scope = file.program.scopes.get(made.scope());
        let of_object = target.contains('.');
        let here = |at: usize| of_object || scope.is_some_and(|s| s.range.contains(&at));
        let within = made.range();
        for call in file.index.of(target).iter().filter(|c| here(c.range.start)) {
            if !within.contains(&call.range.start) {
                self.setter(file, call, made.in_branch() || !(call.in_branch || call.in_loop));
            }
        }
        for (rest, assignment) in file.index.assigned(target) {
            if here(assignment.at.start) {
                let sure = made.in_branch() || !assignment.in_branch;
                self.flatten(file, &assignment.value, rest.to_owned(), &assignment.at, sure, 0);
            }
        }
    }
}

/// True for `given or {}`: the keys that are seen only stand in for others.
fn stands_in(file: &File<'_>, expr: &Expr) -> bool {
    let mut expr = expr;
    for _ in 0..MAX_DEPTH {
        expr = match &expr.form {
            Form::Either(_) => return matches!(file.constants.follow(expr).form, Form::Map { .. }),
            Form::Name(name) => match file.constants.named(name, expr.range.start) {
                Some(value) => value,
                None => return false,
            },
            _ => return false,
        };
    }
    false
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Names of numbers that stand for no bound.
const ENDLESS: &[&str] =
    &["Infinity", "inf", "MAX_VALUE", "MaxInt64", "MaxInt32", "MaxInt", "MaxUint64", "MaxUint32"];

/// The value of an option in the unit of its field; zero for no bound.
pub(super) fn value(file: &File<'_>, choice: &Choice, field: Field, unit: Unit) -> Option<Value> {
    if unit == Unit::Present {
        return Some(Value::Bool(true));
    }
    if let Unit::Fixed(fixed) = unit {
        let nothing = choice.value.as_ref().and_then(|e| file.constants.known(e)) == Some(Known::Null);
        return (!nothing).then(|| match fixed {
            Fixed::Bool(b) => Value::Bool(b),
            Fixed::Text(text) => Value::text(text),
            Fixed::Float(n) => Value::Float(n),
            Fixed::Number(n) => number(field, n as f64).unwrap_or(Value::Int(n)),
        });
    }
    let expr = choice.value.as_ref()?;
    let known = file.constants.known(expr);
    if unit == Unit::Set {
        return Some(Value::Bool(!matches!(known, Some(Known::Null | Known::Bool(false) | Known::Int(0)))));
    }
    if unit == Unit::UnsafeMethods {
        return methods(file, expr, known.as_ref());
    }
    match unit {
        Unit::Go => return go_duration(file, expr).map(|n| Value::Duration(n.max(0))),
        Unit::Java => {
            return java_duration(file, expr, choice.second.as_ref()).map(|n| Value::Duration(n.max(0)));
        }
        Unit::Scheme => {
            let text = match known? {
                Known::Text(text) => text,
                _ => return None,
            };
            let (scheme, _) = text.split_once(':')?;
            return Some(Value::text(scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase()));
        }
        Unit::Last => {
            return match (&file.constants.follow(expr).form, known) {
                (_, Some(Known::Text(text))) => Some(Value::text(text)),
                (Form::Name(name), _) => Some(Value::text(name.rsplit('.').next().unwrap_or_default())),
                _ => None,
            };
        }
        _ => {}
    }
    let endless = match &expr.form {
        Form::Name(name) => ENDLESS.contains(&name.rsplit('.').next().unwrap_or_default()),
        Form::Call(index) => file.program.calls.get(*index).is_some_and(|c| {
            let first = c.positional(0).and_then(|a| file.constants.known(&a.value));
            c.callee == "float" && first == Some(Known::Text("inf".into()))
        }),
        _ => false,
    };
    let plain = match known {
        Some(Known::Int(n)) => Some(n as f64),
        Some(Known::Float(n)) => Some(n),
        Some(Known::Null) => Some(0.0),
        _ if endless => Some(0.0),
        _ => None,
    };
    match unit {
        Unit::Seconds => number(field, plain? * 1_000.0),
        Unit::Minutes => number(field, plain? * 60_000.0),
        Unit::Millis | Unit::Bytes | Unit::Count | Unit::Float => number(field, plain?),
        Unit::Retries => {
            let tries = plain?;
            let none = endless || known == Some(Known::Null) || tries < 0.0;
            number(field, if none { 0.0 } else { tries + 1.0 })
        }
        Unit::Flag | Unit::Not => match known? {
            Known::Bool(b) => Some(Value::Bool(b == (unit == Unit::Flag))),
            _ => None,
        },
        Unit::Text | Unit::Secret | Unit::Uri(_) => match known? {
            Known::Text(text) => Some(Value::text(text)),
            _ => None,
        },
        _ => None,
    }
}

/// A number as the field's type counts it; negative ones stand for no bound.
fn number(field: Field, n: f64) -> Option<Value> {
    let n = n.max(0.0);
    Some(match field.kind.fields.get(field.index)?.ty {
        Type::Duration => Value::Duration(n as i64),
        Type::Size => Value::Size(n as i64),
        Type::Float => Value::Float(n),
        Type::Int => Value::Int(n as i64),
        _ => return None,
    })
}

/// Whether methods are among a list that change something, and would do so twice.
fn methods(file: &File<'_>, expr: &Expr, known: Option<&Known>) -> Option<Value> {
    if matches!(known, Some(Known::Null | Known::Bool(false))) {
        return Some(Value::Bool(true));
    }
    let items = match &file.constants.follow(expr).form {
        Form::List(items) => items.clone(),
        Form::Call(index) => {
            let call = file.program.calls.get(*index)?;
            let inner = call.positional(0).filter(|_| matches!(call.name(), "frozenset" | "set" | "Set"))?;
            match &file.constants.follow(&inner.value).form {
                Form::List(items) => items.clone(),
                _ => return None,
            }
        }
        _ => return None,
    };
    let mut unsafe_one = false;
    for item in &items {
        match file.constants.known(item)? {
            Known::Text(method) => {
                unsafe_one |= matches!(method.to_ascii_uppercase().as_str(), "POST" | "PATCH");
            }
            _ => return None,
        }
    }
    Some(Value::Bool(unsafe_one))
}

/// Milliseconds of `Duration.ofSeconds(5)` or `5, TimeUnit.SECONDS`; of a bare number in milliseconds.
fn java_duration(file: &File<'_>, expr: &Expr, second: Option<&Expr>) -> Option<i64> {
    let number = |expr: &Expr| match file.constants.known(expr) {
        Some(Known::Int(n)) => Some(n),
        _ => None,
    };
    let of_unit = |unit: &str| {
        Some(match unit {
            "ofMillis" | "MILLISECONDS" | "MILLIS" => 1,
            "ofSeconds" | "SECONDS" => 1_000,
            "ofMinutes" | "MINUTES" => 60_000,
            "ofHours" | "HOURS" => 3_600_000,
            "ofDays" | "DAYS" => 86_400_000,
            _ => return None,
        })
    };
    match &file.constants.follow(expr).form {
        Form::Call(index) => {
            let call = file.program.calls.get(*index)?;
            number(&call.positional(0)?.value)?.checked_mul(of_unit(call.name())?)
        }
        Form::Name(name) if name.ends_with("Duration.ZERO") => Some(0),
        _ => match second.map(|s| &s.form) {
            Some(Form::Name(unit)) => {
                number(expr)?.checked_mul(of_unit(unit.rsplit('.').next().unwrap_or_default())?)
            }
            _ => number(expr),
        },
    }
}
