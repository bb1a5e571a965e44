//! What an expression is worth, as far as the file alone says it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Assignment, Entry, Expr, Form, Part, Program};

/// A value that the file says.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Nothing.
    Null,
}

/// References followed from one to the next; real constants refer once or twice.
const MAX_STEPS: usize = 8;

/// The values that names have in a file, or in one function: those that are assigned once.
#[derive(Debug)]
pub struct Constants<'p> {
    program: &'p Program,
    names: BTreeMap<&'p str, Vec<&'p Assignment>>,
}

impl<'p> Constants<'p> {
    /// Of a program.
    pub fn new(program: &'p Program) -> Self {
        let mut names: BTreeMap<&str, Vec<&Assignment>> = BTreeMap::new();
        for assignment in &program.assignments {
            names.entry(assignment.target.as_str()).or_default().push(assignment);
        }
        Self { program, names }
    }

    /// The one value of a name at a place: the only one there is, or the only one of the innermost function that
    /// gives it any.
    pub fn named(&self, name: &str, at: usize) -> Option<&'p Expr> {
        let all = self.names.get(name)?;
        if let [only] = all.as_slice() {
            return Some(&only.value);
        }
        let width = |scope: usize| {
            self.program.scopes.get(scope).filter(|s| s.range.contains(&at)).map(|s| s.range.len())
        };
        let inner = all.iter().filter(|a| a.scope != 0).filter_map(|a| Some((width(a.scope)?, *a)));
        let innermost = inner.clone().map(|(w, _)| w).min()?;
        let mut there = inner.filter(|(w, _)| *w == innermost);
        let (_, one) = there.next()?;
        there.next().is_none().then_some(&one.value)
    }

    /// The expression that a name stands for, or the default that a call falls back to, followed to its end.
    pub fn follow<'e>(&'e self, expr: &'e Expr) -> &'e Expr {
        let mut expr = expr;
        for _ in 0..MAX_STEPS {
            expr = match &expr.form {
                Form::Name(name) => match self.named(name, expr.range.start) {
                    Some(value) => value,
                    None => return expr,
                },
                Form::Either(sides) => &sides[1],
                Form::Call(index) => match self.fallback(*index) {
                    Some(value) => value,
                    None => return expr,
                },
                _ => return expr,
            };
        }
        expr
    }

    /// The default of `os.getenv("X", default)` and its kin; a conversion passes its argument on.
    fn fallback(&self, index: usize) -> Option<&'p Expr> {
        let call = self.program.calls.get(index)?;
        let conversions = ["int", "str", "float", "bool", "Number", "parseInt", "String"];
        if conversions.contains(&call.callee.as_str()) {
            return call.positional(0).map(|a| &a.value);
        }
        let name = call.name().to_ascii_lowercase();
        let receiver = call.receiver();
        let of_environment = ["environ", "env", "config", "values"]
            .iter()
            .any(|word| receiver == *word || receiver.ends_with(&format!(".{word}")));
        if !(name.contains("env") || name == "config" || of_environment) {
            return None;
        }
        if let Some(named) = call.named("default") {
            return Some(&named.value);
        }
        call.positional(1).map(|a| &a.value)
    }

    /// The value, if it is plain.
    pub fn known(&self, expr: &Expr) -> Option<Known> {
        self.value(expr, MAX_STEPS)
    }

    fn value(&self, expr: &Expr, left: usize) -> Option<Known> {
        let left = left.checked_sub(1)?;
        let expr = self.follow(expr);
        Some(match &expr.form {
            Form::Int(n) => Known::Int(*n),
            Form::Float(n) => Known::Float(*n),
            Form::Bool(b) => Known::Bool(*b),
            Form::Null => Known::Null,
            Form::Text { parts, .. } => {
                let mut out = String::new();
                for part in parts {
                    match part {
                        Part::Literal(text) => out.push_str(text),
                        Part::Value(value) => match self.value(value, left)? {
                            Known::Text(text) => out.push_str(&text),
                            Known::Int(n) => out.push_str(&n.to_string()),
                            _ => return None,
                        },
                    }
                }
                Known::Text(out)
            }
            Form::Binary(sign, sides) => {
                let [a, b] = sides.as_ref();
                arithmetic(*sign, self.value(a, left)?, self.value(b, left)?)?
            }
            Form::Call(index) => Known::Int(self.seconds(*index, left)?),
            _ => return None,
        })
    }

    /// `timedelta(minutes=5)`, in seconds.
    fn seconds(&self, index: usize, left: usize) -> Option<i64> {
        let call = self.program.calls.get(index).filter(|c| c.name() == "timedelta")?;
        const UNITS: [(&str, i64); 5] =
            [("weeks", 604_800), ("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1)];
        let mut sum = 0i64;
        for argument in &call.arguments {
            let unit = match &argument.name {
                Some(name) => UNITS.iter().find(|u| u.0 == name)?.1,
                None => 86_400,
            };
            let Known::Int(n) = self.value(&argument.value, left)? else { return None };
            sum = sum.checked_add(n.checked_mul(unit)?)?;
        }
        Some(sum)
    }

    /// The keys and values of an expression that is a dictionary, an object or `dict(…)`.
    pub fn entries(&self, expr: &Expr) -> Option<Vec<Entry>> {
        let expr = self.follow(expr);
        match &expr.form {
            Form::Map { entries, .. } => Some(entries.clone()),
            Form::Call(index) => {
                let call = self.program.calls.get(*index).filter(|c| c.callee == "dict")?;
                let entry = |a: &super::Argument| {
                    Some(Entry { key: a.name.clone()?, at: a.at.clone(), value: a.value.clone() })
                };
                call.arguments.iter().map(entry).collect()
            }
            _ => None,
        }
    }

    /// The range between the quotes, if the expression is one text in the end and stands in the file as it is.
    pub fn text_range(&self, expr: &Expr) -> Option<Range<usize>> {
        match &self.follow(expr).form {
            Form::Text { content, whole: true, .. } => Some(content.clone()),
            _ => None,
        }
    }
}

fn arithmetic(sign: char, a: Known, b: Known) -> Option<Known> {
    if let (Known::Text(a), Known::Text(b), '+') = (&a, &b, sign) {
        return Some(Known::Text(format!("{a}{b}")));
    }
    if let (Known::Int(a), Known::Int(b)) = (&a, &b) {
        return Some(Known::Int(match sign {
            '+' => a.checked_add(*b)?,
            '-' => a.checked_sub(*b)?,
            '*' => a.checked_mul(*b)?,
            '/' => a.checked_div(*b)?,
            '%' => a.checked_rem(*b)?,
            _ => return None,
        }));
    }
    let float = |k: Known| match k {
        Known::Int(n) => Some(n as f64),
        Known::Float(n) => Some(n),
        _ => None,
    };
    let (a, b) = (float(a)?, float(b)?);
    Some(Known::Float(match sign {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        '/' => a / b,
        _ => return None,
    }))
}
