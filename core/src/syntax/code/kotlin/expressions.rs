//! Expressions: operators, and chains of names, calls and subscripts.

use std::ops::Range;

use super::super::Entry;
use super::lex::Kind;
use super::{Argument, Expr, Form, MAX_NAME, MAX_OPERATORS, Place, Reader};

/// Words that end an expression or begin something else.
const KEYWORDS: &[&str] = &[
    "as",
    "break",
    "class",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "fun",
    "if",
    "in",
    "interface",
    "is",
    "null",
    "object",
    "package",
    "return",
    "super",
    "this",
    "throw",
    "true",
    "try",
    "typealias",
    "val",
    "var",
    "when",
    "while",
    "by",
    "where",
    "catch",
    "finally",
];

/// Conversions and the like, which leave the value as it is.
const SAME: &[&str] = &[
    "toInt",
    "toLong",
    "toShort",
    "toDouble",
    "toFloat",
    "toString",
    "toJavaDuration",
    "toKotlinDuration",
    "trim",
    "trimIndent",
    "trimMargin",
    "toIntOrNull",
    "toLongOrNull",
];

/// Units of time as properties of numbers, with the constructors of Java's durations that mean the same.
const UNITS: &[(&str, &str, i64)] = &[
    ("milliseconds", "Duration.ofMillis", 1),
    ("seconds", "Duration.ofSeconds", 1_000),
    ("minutes", "Duration.ofMinutes", 60_000),
    ("hours", "Duration.ofHours", 3_600_000),
    ("days", "Duration.ofDays", 86_400_000),
];

/// What gives the number of units in a duration, and the milliseconds of one.
const WHOLE: &[(&str, i64)] = &[
    ("toMillis", 1),
    ("inWholeMilliseconds", 1),
    ("toSeconds", 1_000),
    ("seconds", 1_000),
    ("inWholeSeconds", 1_000),
    ("toMinutes", 60_000),
    ("inWholeMinutes", 60_000),
];

/// A chain of names and calls as far as it is read.
pub(super) struct Chain {
    pub(super) start: usize,
    pub(super) expr: Expr,
    /// How what stands so far is written in a callee.
    pub(super) callee: String,
}

impl<'t> Reader<'t> {
    /// An expression up to what ends it.
    pub(super) fn expression(&mut self, place: Place) -> Expr {
        let start = self.start();
        self.deeper(|r| r.operators(0, place)).unwrap_or_else(|| Expr::unknown(start..self.end().max(start)))
    }

    /// An expression between brackets that end at a token.
    pub(super) fn within(&mut self, close: usize, place: Place) -> Option<Expr> {
        let joined = std::mem::replace(&mut self.joined, true);
        let mut only = None;
        let mut several = false;
        while self.pos < close {
            let before = self.pos;
            let expr = self.expression(place);
            several |= only.is_some();
            only = Some(expr);
            if self.pos <= before {
                self.pos = before + 1;
            }
        }
        self.joined = joined;
        only.filter(|_| !several)
    }

    /// An argument; a lambda in it knows to whom it is given.
    pub(super) fn argument(&mut self, callee: &str, place: Place) -> Expr {
        if self.is("{") {
            return self.deeper(|r| r.lambda(Some(callee), place)).unwrap_or_else(|| Expr::unknown(0..0));
        }
        self.expression(place)
    }

    /// The binding of an operator that stands here, and how many tokens it has.
    fn operator(&self) -> Option<(u8, usize)> {
        let word = self.word();
        let goes_on = self.kind() == Some(Kind::Sign) && matches!(word, "?:" | "&&" | "||");
        if !self.same_line() && !goes_on {
            return None;
        }
        Some(match (self.kind()?, word) {
            (Kind::Sign, "||") => (1, 1),
            (Kind::Sign, "&&") => (2, 1),
            (Kind::Sign, "==" | "!=" | "===" | "!==") => (3, 1),
            (Kind::Sign, "<" | ">" | "<=" | ">=") => (4, 1),
            (Kind::Word, "in" | "is") => (5, 1),
            (Kind::Sign, "!") if self.is_at(self.pos + 1, "in") || self.is_at(self.pos + 1, "is") => (5, 2),
            (Kind::Sign, "?:") => (6, 1),
            (Kind::Sign, ".." | "..<") => (8, 1),
            (Kind::Sign, "+" | "-") => (9, 1),
            (Kind::Sign, "*" | "/" | "%") => (10, 1),
            (Kind::Word, "as") => (11, 1 + usize::from(self.is_at(self.pos + 1, "?"))),
            (Kind::Word, word) if !KEYWORDS.contains(&word) => (7, 1),
            _ => return None,
        })
    }

    fn operators(&mut self, least: u8, place: Place) -> Expr {
        let mut left = self.prefix(place);
        let mut count = 0;
        while let Some((binding, tokens)) = self.operator().filter(|o| o.0 > least) {
            let name = self.word();
            let before = self.pos;
            self.pos += tokens;
            if name == "as" || name == "is" || self.is_at(before + 1, "is") && tokens == 2 {
                self.skip_type();
                left.range.end = self.end().max(left.range.start);
                if name != "as" {
                    left.form = Form::Unknown;
                }
                continue;
            }
            let start = self.start();
            let right = self.deeper(|r| r.operators(binding, place));
            let right = right.unwrap_or_else(|| Expr::unknown(start..start));
            count += 1;
            let range = left.range.start..right.range.end.max(left.range.end);
            // A chain without end would be nested without end.
            let form = if count > MAX_OPERATORS { Form::Unknown } else { self.combined(name, left, right) };
            left = Expr { range, form };
        }
        left
    }

    fn combined(&mut self, operator: &str, left: Expr, right: Expr) -> Form {
        match operator {
            "?:" => Form::Either(Box::new([left, right])),
            "+" | "-" | "*" | "/" | "%" => {
                let sign = operator.chars().next().unwrap_or('+');
                Form::Binary(sign, Box::new([left, right]))
            }
            "to" => {
                let key = self.text.get(left.range.clone()).unwrap_or_default().trim_matches('"').to_owned();
                let entry = Entry { key, at: left.range, value: right };
                Form::Map { of: String::new(), entries: vec![entry] }
            }
            _ => Form::Unknown,
        }
    }

    fn prefix(&mut self, place: Place) -> Expr {
        let start = self.start();
        let mut minus = false;
        let mut other = false;
        while self.kind() == Some(Kind::Sign) {
            match self.word() {
                "-" => minus = !minus,
                "+" => {}
                "!" | "++" | "--" | "*" | "&" => other = true,
                _ => break,
            }
            self.pos += 1;
        }
        let mut expr = self.chain(place);
        expr.range.start = start.min(expr.range.start);
        expr.form = match expr.form {
            _ if other => Form::Unknown,
            Form::Int(n) if minus => Form::Int(n.saturating_neg()),
            Form::Float(n) if minus => Form::Float(-n),
            _ if minus => Form::Unknown,
            form => form,
        };
        expr
    }

    /// Something and what is asked of it: names, calls, subscripts.
    fn chain(&mut self, place: Place) -> Expr {
        let start = self.start();
        let mut chain = self.primary(place);
        loop {
            if self.is("!!") && self.same_line() {
                self.pos += 1;
                chain.expr.range.end = self.end();
            } else if self.is(".") || self.is("?.") {
                self.pos += 1;
                if self.kind() != Some(Kind::Word) {
                    break;
                }
                self.step(&mut chain, place);
            } else if self.is("::") {
                self.pos += 2;
                chain.expr = Expr::unknown(start..self.end());
                chain.callee = String::from("?");
            } else if self.is("[") && self.same_line() {
                self.subscript(&mut chain, place);
            } else if self.is("(") && self.same_line() {
                // What a call gives is called in its turn.
                let callee = std::mem::replace(&mut chain.callee, String::from("?"));
                self.arguments(&callee, place);
                chain.expr = Expr::unknown(start..self.end());
            } else if (self.is("++") || self.is("--")) && self.same_line() {
                self.pos += 1;
                chain.expr = Expr::unknown(start..self.end());
            } else {
                break;
            }
        }
        chain.expr
    }

    /// `.name`, `.name(…)`, `.name { … }`.
    fn step(&mut self, chain: &mut Chain, place: Place) {
        let name = self.word();
        let at = self.at(self.pos).map_or(0..0, |t| t.range.clone());
        self.pos += 1;
        let typed = self.generic_call();
        if self.called() || typed {
            let mut arguments = if self.is("(") { self.arguments(name, place) } else { Vec::new() };
            if self.lambda_follows() {
                let mut callee = chain.callee.clone();
                let mut receiver = chain.expr.clone();
                if let Some(value) = self.given_lambda(name, Some(&mut receiver), &mut callee, place) {
                    let range = chain.start..self.end();
                    let same = matches!(name, "apply" | "also");
                    chain.callee = if same { callee } else { self.written(&value) };
                    chain.expr = Expr { range, form: value.form };
                    return;
                }
                let to = joined(&chain.callee, name);
                self.trailing(&to, &mut arguments, place);
            }
            self.method(chain, name, at, arguments, place);
            return;
        }
        let range = chain.start..self.end();
        let form = match (&chain.expr.form, name) {
            (Form::Int(_) | Form::Float(_), unit) if UNITS.iter().any(|u| u.0 == unit) => {
                self.duration(&chain.expr, unit, at, range.clone(), place)
            }
            (Form::Name(constant), unit) if is_constant(constant) && UNITS.iter().any(|u| u.0 == unit) => {
                self.duration(&chain.expr, unit, at, range.clone(), place)
            }
            (Form::Call(_), unit) if self.whole(&chain.expr, unit).is_some() => {
                self.whole(&chain.expr, unit).unwrap_or(Form::Unknown)
            }
            (Form::Name(before), _) => Form::Name(joined(before, name)),
            (Form::Call(_), _) => Form::Name(joined(&chain.callee, name)),
            _ => Form::Unknown,
        };
        chain.expr = Expr { range, form };
        chain.callee = self.written(&chain.expr);
    }

    /// A call of a method on what is read so far.
    fn method(
        &mut self,
        chain: &mut Chain,
        name: &str,
        at: Range<usize>,
        arguments: Vec<Argument>,
        place: Place,
    ) {
        let range = chain.start..self.end();
        if SAME.contains(&name) && arguments.is_empty() {
            chain.expr.range = range;
            return;
        }
        if let Some(form) = self.whole(&chain.expr, name) {
            chain.expr = Expr { range, form };
            return;
        }
        if name == "format" && matches!(chain.expr.form, Form::Text { .. }) {
            return;
        }
        let callee = joined(&chain.callee, name);
        // `TimeUnit.SECONDS.toMillis(30)`
        let unit = chain.callee.strip_prefix("TimeUnit.").map(str::to_ascii_lowercase);
        let from = unit.and_then(|u| UNITS.iter().find(|k| k.0 == u));
        if let (Some(from), Some(to), [only]) =
            (from, WHOLE.iter().find(|w| w.0 == name), arguments.as_slice())
        {
            chain.expr = Expr { form: scaled(only.value.clone(), from.2, to.1), range };
            chain.callee = String::from("?");
            return;
        }
        let form = self.call(callee, at, range.clone(), arguments, place);
        chain.expr = Expr { range, form };
        chain.callee = self.written(&chain.expr);
    }

    /// The call of Java's that `10.seconds` is.
    fn duration(
        &mut self,
        number: &Expr,
        unit: &str,
        at: Range<usize>,
        range: Range<usize>,
        place: Place,
    ) -> Form {
        let callee = UNITS.iter().find(|u| u.0 == unit).map_or("", |u| u.1).to_owned();
        let argument = Argument { name: None, at: number.range.clone(), value: number.clone() };
        self.call(callee, at, range, vec![argument], place)
    }

    /// `duration.toMillis()` as the product that it is.
    fn whole(&self, expr: &Expr, name: &str) -> Option<Form> {
        let Form::Call(index) = expr.form else { return None };
        let call = self.program.calls.get(index)?;
        let from = UNITS.iter().find(|u| u.1 == call.callee)?;
        let to = WHOLE.iter().find(|w| w.0 == name)?;
        Some(scaled(call.positional(0)?.value.clone(), from.2, to.1))
    }

    /// `a[key]`.
    fn subscript(&mut self, chain: &mut Chain, place: Place) {
        let close = self.closer(self.pos);
        self.pos += 1;
        let key = self.within(close, place);
        self.leave(close);
        let range = chain.start..self.end();
        let written = key.as_ref().and_then(|k| self.text.get(k.range.clone())).unwrap_or_default();
        let form = match &chain.expr.form {
            Form::Name(name) if !written.is_empty() && written.len() < MAX_NAME => {
                Form::Name(joined(name, written.trim_matches('"')))
            }
            _ => Form::Unknown,
        };
        let receiver = std::mem::replace(&mut chain.callee, String::from("?"));
        if let Some(key) = key {
            self.subscript = Some((range.end, receiver, key));
        }
        chain.expr = Expr { range, form };
        chain.callee = self.written(&chain.expr);
    }

    /// How an expression is written in a callee.
    pub(super) fn written(&self, expr: &Expr) -> String {
        let name = match &expr.form {
            Form::Name(name) => name.clone(),
            Form::Call(index) => match self.program.calls.get(*index) {
                Some(call) => format!("{}()", call.callee),
                None => String::new(),
            },
            _ => String::from("?"),
        };
        if name.len() > MAX_NAME { String::from("?") } else { name }
    }

    /// True if a call's arguments or lambda follow.
    pub(super) fn called(&self) -> bool {
        self.is("(") && self.same_line() || self.lambda_follows()
    }

    pub(super) fn lambda_follows(&self) -> bool {
        self.is("{") && self.at(self.pos).is_some_and(|t| !t.first)
    }

    /// Passes over the types of a call: `<String>(`.
    pub(super) fn generic_call(&mut self) -> bool {
        let back = self.pos;
        if self.skip_generics() && (self.called() || self.is("::")) {
            return true;
        }
        self.pos = back;
        false
    }
}

pub(super) fn joined(before: &str, name: &str) -> String {
    if before.len() > MAX_NAME { String::from("?") } else { format!("{before}.{name}") }
}

/// True for `CONNECT_TIMEOUT`, and for one of a class.
fn is_constant(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    !last.is_empty() && last.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// A number of one unit in another, both given in milliseconds.
fn scaled(value: Expr, from: i64, to: i64) -> Form {
    let (sign, by) = if from >= to { ('*', from / to) } else { ('/', to / from) };
    if by == 1 {
        return value.form;
    }
    let number = Expr { range: value.range.clone(), form: Form::Int(by) };
    Form::Binary(sign, Box::new([value, number]))
}
