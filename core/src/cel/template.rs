//! Messages with values in them.

use crate::facts::{Said, Type, Value};

use super::eval::{Outcome, Scope, eval};
use super::expr::Expr;
use super::{Env, Fault, MAX_TEXT, compile, fields_read};

/// A text with expressions in braces: `a heartbeat of {client.heartbeat}`; `{{` and `}}` stand for braces.
#[derive(Clone, Debug)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(Box<str>),
    Hole(Expr),
}

impl Template {
    /// Parses and checks a template; ranges of faults are bytes of the whole text.
    pub fn compile(text: &str, env: &Env) -> Result<Template, Vec<Fault>> {
        let mut parts = Vec::new();
        let mut faults = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..) {
            let Some(brace) = rest.find(['{', '}']) else {
                plain.push_str(rest);
                break;
            };
            let (before, from) = rest.split_at(brace);
            plain.push_str(before);
            at += brace;
            if from.starts_with("{{") || from.starts_with("}}") {
                plain.push_str(&from[..1]);
                at += 2;
            } else if from.starts_with('}') {
                faults.push(Fault { range: at..at + 1, message: "write `}}` for a brace".into() });
                at += 1;
            } else if let Some(length) = hole(&from[1..]) {
                let inner = &from[1..1 + length];
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain).into()));
                }
                match expression(inner, env) {
                    Ok(expr) => parts.push(Part::Hole(expr)),
                    Err(inner) => faults.extend(inner.into_iter().map(|fault| Fault {
                        range: fault.range.start + at + 1..fault.range.end + at + 1,
                        message: fault.message,
                    })),
                }
                at += length + 2;
            } else {
                let message = "this brace is never closed; write `{{` for a brace".into();
                faults.push(Fault { range: at..at + 1, message });
                break;
            }
        }
        if text.len() > MAX_TEXT {
            let message = format!("a message is at most {MAX_TEXT} bytes long, this one has {}", text.len());
            faults.push(Fault { range: 0..text.len(), message });
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain.into()));
        }
        if faults.is_empty() { Ok(Template { parts }) } else { Err(faults) }
    }

    /// Fills in the values: `***` for a secret one, `unset` for an absent one.
    pub fn render(&self, scope: &Scope) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Hole(expr) => show_outcome(expr, scope, &mut text),
            }
        }
        text
    }

    /// The values alone, as [`Template::render`] shows them.
    pub fn values(&self, scope: &Scope) -> Vec<String> {
        let holes = self.parts.iter().filter_map(|part| match part {
            Part::Hole(expr) => Some(expr),
            Part::Text(_) => None,
        });
        holes
            .map(|expr| {
                let mut text = String::new();
                show_outcome(expr, scope, &mut text);
                text
            })
            .collect()
    }

    /// Fills in the values; `None` if one is absent or secret, so that no edit writes a word in its place.
    pub fn fill(&self, scope: &Scope) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Hole(expr) => match eval(expr, scope) {
                    Outcome::Value(said) if !holds_secret(&said) => show(&said, &mut text),
                    _ => return None,
                },
            }
        }
        Some(text)
    }

    /// Every path to a field that it names, see [`fields_read`].
    pub fn fields_read(&self) -> Vec<(usize, String)> {
        let mut paths = Vec::new();
        for part in &self.parts {
            if let Part::Hole(expr) = part {
                for path in fields_read(expr) {
                    if !paths.contains(&path) {
                        paths.push(path);
                    }
                }
            }
        }
        paths
    }
}

fn holds_secret(said: &Said) -> bool {
    said.secret || matches!(&said.value, Value::List(items) if items.iter().any(holds_secret))
}

/// Length of the expression up to the brace that closes it; one within quotes does not.
fn hole(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (i, b) in text.bytes().enumerate() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if b == b'\\' => escaped = true,
            Some(q) if b == q => quote = None,
            Some(_) => {}
            None if b == b'}' => return Some(i),
            None if b == b'"' || b == b'\'' => quote = Some(b),
            None => {}
        }
    }
    None
}

fn expression(text: &str, env: &Env) -> Result<Expr, Vec<Fault>> {
    let fault = |message: &str| vec![Fault { range: 0..text.len(), message: message.into() }];
    if text.trim().is_empty() {
        return Err(fault("the braces are empty"));
    }
    match compile(text, env)? {
        (_, Type::Record(_) | Type::List(Type::Record(_))) => {
            Err(fault("a whole fact cannot be shown; name a field of it"))
        }
        (expr, _) => Ok(expr),
    }
}

fn show_outcome(expr: &Expr, scope: &Scope, text: &mut String) {
    match eval(expr, scope) {
        Outcome::Value(said) => show(&said, text),
        Outcome::Absent => text.push_str("unset"),
        Outcome::OverBudget => text.push_str("unknown"),
    }
}

fn show(said: &Said, text: &mut String) {
    match &said.value {
        Value::List(items) if !said.secret => {
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push_str(", ");
                }
                show(item, text);
            }
        }
        _ => text.push_str(&said.shown()),
    }
}
