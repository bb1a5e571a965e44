//! The `cel` crate as a referee: generated expressions of the shared subset have the same value there, or none in both.

use super::super::*;
use crate::facts::{Facts, Value};

/// Marsaglia's xorshift, seeded: every run sees the same expressions.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// Writes expressions of a wanted type, at most so deep, over the variables (all of them ints) in scope.
struct Writer {
    random: Random,
    variables: usize,
}

impl Writer {
    fn bool(&mut self, depth: u64) -> String {
        if depth == 0 {
            return self.random.one(&["true", "false"]).into();
        }
        let d = depth - 1;
        match self.random.below(12) {
            0 | 1 => {
                let op = self.random.one(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {op} {})", self.int(d), self.int(d))
            }
            2 => {
                let op = self.random.one(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {op} {})", self.text(d), self.text(d))
            }
            3 => format!("!{}", self.bool(d)),
            4 => format!("({} && {})", self.bool(d), self.bool(d)),
            5 => format!("({} || {})", self.bool(d), self.bool(d)),
            6 => format!("({} in {})", self.int(d), self.list(d)),
            7 => {
                let of = self.list(d);
                let method = self.random.one(&["exists", "all"]);
                self.each(&of, method, |w| w.bool(d))
            }
            8 => {
                let method = self.random.one(&["startsWith", "endsWith", "contains"]);
                format!("{}.{method}({})", self.text(d), self.text(d))
            }
            9 => format!("({} ? {} : {})", self.bool(d), self.bool(d), self.bool(d)),
            10 => format!("({} {} {})", self.list(d), self.random.one(&["==", "!="]), self.list(d)),
            _ => format!("({} < {})", self.float(d), self.float(d)),
        }
    }

    fn int(&mut self, depth: u64) -> String {
        if depth == 0 {
            if self.variables > 0 && self.random.below(2) == 0 {
                return format!("v{}", self.random.below(self.variables as u64));
            }
            return self.random.one(&["0", "1", "2", "-3", "7", "60", "0x10", "9223372036854775807"]).into();
        }
        let d = depth - 1;
        match self.random.below(8) {
            0..=3 => {
                let op = self.random.one(&["+", "-", "*", "/", "%"]);
                format!("({} {op} {})", self.int(d), self.int(d))
            }
            4 => format!("{}.size()", self.list(d)),
            5 => format!("{}.size()", self.text(d)),
            6 => format!("{}[{}]", self.list(d), self.int(0)),
            _ => format!("({} ? {} : {})", self.bool(d), self.int(d), self.int(d)),
        }
    }

    fn float(&mut self, depth: u64) -> String {
        if depth == 0 {
            return self.random.one(&["0.5", "1.0", "2.25", "1e3", "-7.5"]).into();
        }
        let op = self.random.one(&["+", "-", "*"]);
        format!("({} {op} {})", self.float(depth - 1), self.float(depth - 1))
    }

    fn text(&mut self, depth: u64) -> String {
        if depth == 0 {
            return self
                .random
                .one(&["''", "\"a\"", "'ab'", "'\\n\\''", "\"\\u00e9\\\\\"", "'A'", "'bab'"])
                .into();
        }
        match self.random.below(3) {
            0 => self.text(0),
            1 => format!("({} + {})", self.text(depth - 1), self.text(depth - 1)),
            _ => format!("({} ? {} : {})", self.bool(depth - 1), self.text(depth - 1), self.text(depth - 1)),
        }
    }

    fn list(&mut self, depth: u64) -> String {
        if depth > 0 && self.random.below(2) == 0 {
            let of = self.list(depth - 1);
            return if self.random.below(2) == 0 {
                self.each(&of, "filter", |w| w.bool(depth - 1))
            } else {
                self.each(&of, "map", |w| w.int(depth - 1))
            };
        }
        let items: Vec<String> =
            (0..=self.random.below(3)).map(|_| self.int(depth.saturating_sub(1))).collect();
        format!("[{}]", items.join(", "))
    }

    fn each(&mut self, of: &str, method: &str, body: impl Fn(&mut Writer) -> String) -> String {
        let variable = format!("v{}", self.variables);
        self.variables += 1;
        let body = body(self);
        self.variables -= 1;
        format!("{of}.{method}({variable}, {body})")
    }
}

fn ours(text: &str) -> Option<String> {
    fn show(value: &Value) -> String {
        match value {
            Value::Text(text) => format!("{text:?}"),
            Value::Float(n) => format!("{n:?}"),
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| show(&item.value)).collect();
                format!("[{}]", items.join(", "))
            }
            other => other.to_string(),
        }
    }
    let (expr, _) = compile(text, &Env::default()).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
    match eval(&expr, &Scope::new(&Facts::new(), &[])) {
        Outcome::Value(said) => Some(show(&said.value)),
        _ => None,
    }
}

fn theirs(text: &str) -> Option<String> {
    fn show(value: &::cel::Value) -> String {
        use ::cel::Value;
        match value {
            Value::Int(n) => n.to_string(),
            Value::Float(n) => format!("{n:?}"),
            Value::Bool(b) => b.to_string(),
            Value::String(text) => format!("{text:?}"),
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(show).collect();
                format!("[{}]", items.join(", "))
            }
            other => panic!("{other:?} is not of the shared subset"),
        }
    }
    let program = ::cel::Program::compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    program.execute(&::cel::Context::default()).ok().map(|value| show(&value))
}

#[test]
fn generated_expressions_have_the_referees_value() {
    const EXPRESSIONS: usize = 1_500;
    let mut writer = Writer { random: Random(0x9e37_79b9_7f4a_7c15), variables: 0 };
    let (mut known, mut unlike) = (0, Vec::new());
    for i in 0..EXPRESSIONS {
        let depth = 1 + i as u64 % 4;
        let text = match i % 5 {
            0 => writer.int(depth),
            1 => writer.text(depth),
            2 => writer.list(depth),
            _ => writer.bool(depth),
        };
        if text.len() > MAX_TEXT {
            continue;
        }
        let (ours, theirs) = (ours(&text), theirs(&text));
        known += usize::from(ours.is_some());
        if ours != theirs {
            unlike.push(format!("{text}\n  ours {ours:?}, theirs {theirs:?}"));
        }
    }
    unlike.sort_by_key(String::len);
    assert!(unlike.is_empty(), "{} differ:\n{}", unlike.len(), unlike[..unlike.len().min(12)].join("\n"));
    assert!(known * 2 > EXPRESSIONS, "most expressions should have a value, {known} have");
}
