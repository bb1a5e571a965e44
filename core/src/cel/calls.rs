//! Checks calls of functions and methods.

use crate::facts::{Type, Value};
use crate::nearest::nearest;

use super::ast::{At, Form, Tree};
use super::check::{Checked, Checker, constant, list_of, unify};
use super::expr::{Each, Node, Strict, Strict2, with_article};
use super::functions::{FUNCTIONS, form, named};
use super::units;

impl<'c> Checker<'c> {
    /// Tells a wrong number of arguments.
    fn takes(&mut self, at: At, name: &str, method: bool, args: &[Tree<'_>], wanted: usize) -> bool {
        if args.len() == wanted {
            return true;
        }
        let count = if wanted == 1 { "1 argument".to_string() } else { format!("{wanted} arguments") };
        let message = format!("`{name}` takes {count}, not {}: {}", args.len(), form(name, method));
        self.fault(at, message);
        false
    }

    fn unknown(&mut self, at: At, name: &str, method: bool) -> Checked {
        let what = if method { "method" } else { "function" };
        if name == "matches" {
            return self.fault(at, "regular expressions are not supported; use `x.glob(\"*.internal\")`");
        }
        let message = if named(name, !method) {
            format!("there is no {what} `{name}`; write {}", form(name, !method))
        } else {
            let known = FUNCTIONS.iter().filter(|f| f.of.is_empty() != method).map(|f| f.name);
            let hint = nearest(name, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            format!("there is no {what} `{name}`{hint}")
        };
        self.fault(at, message)
    }

    pub(super) fn function(&mut self, at: At, name: &str, name_at: At, args: &'c [Tree<'c>]) -> Checked {
        if !named(name, false) {
            return self.unknown(name_at, name, false);
        }
        if !self.takes(at, name, false, args, 1) {
            return None;
        }
        let arg = args.first()?;
        if matches!(name, "duration" | "size" | "version" | "time") {
            return self.unit(name, arg);
        }
        let (node, ty) = self.tree(arg)?;
        let (strict, result) = match name {
            "has" | "said" => {
                if !matches!(node, Node::Field { .. } | Node::Key { .. } | Node::Item { .. }) {
                    return self
                        .fault(arg.at, format!("`{name}` takes a field, such as {name}(client.host)"));
                }
                let node = Box::new(node);
                return Some((if name == "has" { Node::Has(node) } else { Node::Known(node) }, Type::Bool));
            }
            "loopback" => (Strict::Loopback, Type::Bool),
            "private" => (Strict::Private, Type::Bool),
            "ip" => (Strict::Ip, Type::Bool),
            "int" => (Strict::Int, Type::Int),
            "float" => (Strict::Float, Type::Float),
            _ => (Strict::Text, Type::Text),
        };
        let fits = match strict {
            Strict::Int | Strict::Float => {
                matches!(ty, Type::Int | Type::Float | Type::Text | Type::Duration | Type::Size | Type::Time)
            }
            Strict::Text => !matches!(ty, Type::Record(_) | Type::List(_)),
            _ => ty == Type::Text,
        };
        if !fits {
            let wanted = match strict {
                Strict::Int | Strict::Float => "a number, a text or a value with a unit",
                Strict::Text => "a plain value",
                _ => "a text",
            };
            return self.fault(arg.at, format!("`{name}` takes {wanted}, this is {}", with_article(ty)));
        }
        Some((Node::Call(strict, node.into()), result))
    }

    /// A literal with a unit.
    fn unit(&mut self, name: &str, arg: &'c Tree<'c>) -> Checked {
        let Form::Text(text) = &arg.form else {
            let other = if name == "size" { "; the length of a text or list is `x.size()`" } else { "" };
            let message = format!("`{name}` takes a text in quotes: {}{other}", form(name, false));
            return self.fault(arg.at, message);
        };
        match units::read(name, text) {
            Some(value) => {
                let ty = match value {
                    Value::Duration(_) => Type::Duration,
                    Value::Size(_) => Type::Size,
                    Value::Version(_) => Type::Version,
                    _ => Type::Time,
                };
                constant(value, ty)
            }
            None => {
                self.fault(arg.at, format!("\"{text}\" is not a {name}; write e.g. {}", form(name, false)))
            }
        }
    }

    pub(super) fn method(
        &mut self,
        at: At,
        of: &'c Tree<'c>,
        name: &'c str,
        name_at: At,
        args: &'c [Tree<'c>],
    ) -> Checked {
        if !named(name, true) {
            self.tree(of);
            return self.unknown(name_at, name, true);
        }
        let wanted = match name {
            "lower" | "size" | "min" | "max" | "sum" => 0,
            "exists" | "all" | "filter" | "map" => 2,
            _ => 1,
        };
        let base = self.tree(of);
        if !self.takes(At { start: name_at.start, end: at.end }, name, true, args, wanted) {
            return None;
        }
        let mut base = base?;
        match (name, base.1) {
            ("or", ty) => {
                let arg = args.first()?;
                let mut other = self.tree(arg)?;
                if !unify(&mut base, &mut other) {
                    let message = format!("`or` gives {ty} or {}; both must be of one type", other.1);
                    return self.fault(arg.at, message);
                }
                Some((Node::Else(Box::new([base.0, other.0])), base.1))
            }
            ("size", Type::Text | Type::List(_)) => {
                Some((Node::Call(Strict::Size, base.0.into()), Type::Int))
            }
            ("lower", Type::Text) => Some((Node::Call(Strict::Lower, base.0.into()), Type::Text)),
            ("startsWith" | "endsWith" | "contains" | "glob", Type::Text) => {
                let function = match name {
                    "startsWith" => Strict2::StartsWith,
                    "endsWith" => Strict2::EndsWith,
                    "contains" => Strict2::Contains,
                    _ => Strict2::Glob,
                };
                let arg = args.first()?;
                match self.tree(arg)? {
                    (part, Type::Text) => Some((Node::Call2(function, Box::new([base.0, part])), Type::Bool)),
                    (_, ty) => {
                        self.fault(arg.at, format!("`{name}` takes a text, this is {}", with_article(ty)))
                    }
                }
            }
            ("contains", Type::List(_)) => self.fault(name_at, "a list is searched by `x in list`"),
            ("min" | "max" | "sum", Type::List(item)) => {
                let strict = match name {
                    "min" => Strict::Min,
                    "max" => Strict::Max,
                    _ => Strict::Sum(*item),
                };
                let fits = match strict {
                    Strict::Sum(_) => matches!(item, Type::Int | Type::Float | Type::Duration | Type::Size),
                    _ => !matches!(item, Type::Bool | Type::Text | Type::Record(_) | Type::List(_)),
                };
                if !fits {
                    return self
                        .fault(of.at, format!("`{name}` takes a list of numbers, this is a list of {item}"));
                }
                Some((Node::Call(strict, base.0.into()), *item))
            }
            ("exists" | "all" | "filter" | "map", Type::List(item)) => self.each(name, base, *item, args),
            (_, ty) => {
                let takes: Vec<_> =
                    FUNCTIONS.iter().filter(|f| f.name == name && !f.of.is_empty()).map(|f| f.of).collect();
                let message =
                    format!("`{name}` is a method of {}, this is {}", takes.join(", "), with_article(ty));
                self.fault(of.at, message)
            }
        }
    }

    fn each(&mut self, name: &str, list: (Node, Type), item: Type, args: &'c [Tree<'c>]) -> Checked {
        let [variable, body] = args else { return None };
        let Form::Name(local) = variable.form else {
            let message = format!("`{name}` takes a new name for the elements first: {}", form(name, true));
            return self.fault(variable.at, message);
        };
        if self.env.bound(local).is_some() || self.locals.iter().any(|(n, _)| *n == local) {
            return self
                .fault(variable.at, format!("`{local}` already has a meaning here; take another name"));
        }
        self.locals.push((local, item));
        let body_at = body.at;
        let body = self.tree(body);
        self.locals.pop();
        let (body, ty) = body?;
        let (each, result) = match name {
            "map" => {
                let Some(result) = list_of(ty) else {
                    return self
                        .fault(body_at, format!("`map` gives plain values, this is {}", with_article(ty)));
                };
                (Each::Map, result)
            }
            _ if ty != Type::Bool => {
                return self
                    .fault(body_at, format!("`{name}` takes a bool here, this is {}", with_article(ty)));
            }
            "exists" => (Each::Exists, Type::Bool),
            "all" => (Each::All, Type::Bool),
            _ => (Each::Filter, list.1),
        };
        Some((Node::Each(each, Box::new([list.0, body])), result))
    }
}
