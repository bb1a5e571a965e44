//! What expressions begin with: numbers, texts, names, calls of functions and constructors.

use std::ops::Range;

use super::super::expressions::number;
use super::super::{Entry, Part};
use super::expressions::{Chain, joined};
use super::lex::Kind;
use super::{Argument, ExitKind, Expr, Form, MAX_NAME, Place, Reader};

/// Functions of Kotlin's library that are called by their names alone, whatever `this` is.
const GLOBAL: &[&str] = &[
    "println",
    "print",
    "listOf",
    "mapOf",
    "setOf",
    "arrayOf",
    "mutableListOf",
    "mutableMapOf",
    "emptyMap",
    "emptyList",
    "hashMapOf",
    "linkedMapOf",
    "require",
    "check",
    "error",
    "TODO",
    "run",
    "with",
    "apply",
    "let",
    "also",
    "lazy",
    "repeat",
    "delay",
    "launch",
    "async",
    "runBlocking",
    "withContext",
    "runCatching",
    "buildList",
    "buildMap",
    "buildString",
    "requireNotNull",
    "checkNotNull",
    "maxOf",
    "minOf",
    "thread",
    "synchronized",
    "byteArrayOf",
    "intArrayOf",
    "sequenceOf",
    "pairOf",
];

impl<'t> Reader<'t> {
    pub(super) fn primary(&mut self, place: Place) -> Chain {
        let start = self.start();
        let plain = |r: &Self, form: Form| {
            let expr = Expr { range: start..r.end().max(start), form };
            Chain { start, callee: r.written(&expr), expr }
        };
        let Some(kind) = self.kind() else { return plain(self, Form::Unknown) };
        let word = self.word();
        match kind {
            Kind::Number => {
                self.pos += 1;
                plain(self, number(word.trim_end_matches(['u', 'U'])))
            }
            Kind::Character => {
                self.pos += 1;
                let Some(letters) = between(word, '\'') else { return plain(self, Form::Unknown) };
                let content = start + 1..start + 1 + letters.len();
                let parts = vec![Part::Literal(letters.to_owned())];
                plain(self, Form::Text { parts, content, whole: true })
            }
            Kind::Quote => {
                let expr = self.text(place);
                Chain { start, expr, callee: String::from("?") }
            }
            Kind::Word => self.named(word, place),
            Kind::Sign => {
                match word {
                    "(" | "[" => {
                        let close = self.closer(self.pos);
                        self.pos += 1;
                        let inner = self.within(close, place);
                        self.leave(close);
                        let form = inner.map_or(Form::Unknown, |i| i.form);
                        return plain(self, if word == "(" { form } else { Form::Unknown });
                    }
                    "{" => {
                        self.deeper(|r| r.lambda(None, place));
                    }
                    "::" => self.pos += 2,
                    // Nothing that an expression begins with; whoever waits for it goes on.
                    _ => {}
                }
                plain(self, Form::Unknown)
            }
            _ => {
                self.pos += 1;
                plain(self, Form::Unknown)
            }
        }
    }

    /// What begins with a word.
    fn named(&mut self, word: &'t str, place: Place) -> Chain {
        let start = self.start();
        let form = match word {
            "true" | "false" => {
                self.pos += 1;
                Form::Bool(word == "true")
            }
            "null" => {
                self.pos += 1;
                Form::Null
            }
            "if" => {
                self.branches(place);
                Form::Unknown
            }
            "when" => {
                self.when(place);
                Form::Unknown
            }
            "try" => {
                self.attempt(place);
                Form::Unknown
            }
            "return" | "throw" | "break" | "continue" => {
                let kind = match word {
                    "return" => ExitKind::Return,
                    "throw" => ExitKind::Throw,
                    "break" => ExitKind::Break,
                    _ => ExitKind::Continue,
                };
                self.jump(kind, place);
                Form::Unknown
            }
            "object" => return self.anonymous(place),
            "fun" => {
                self.pos += 1;
                self.function(start, &[], place);
                Form::Unknown
            }
            "else" | "in" | "is" | "as" | "val" | "var" | "catch" | "finally" => {
                self.pos += 1;
                Form::Unknown
            }
            _ => return self.name(word, place),
        };
        let expr = Expr { range: start..self.end().max(start), form };
        Chain { start, callee: self.written(&expr), expr }
    }

    /// `object : Type(…) { … }`: a call of the type's constructor, and a class of its own.
    fn anonymous(&mut self, place: Place) -> Chain {
        let start = self.start();
        self.pos += 1;
        let mut form = Form::Unknown;
        if self.take(":") {
            let at = self.at(self.pos).map_or(start..start, |t| t.range.clone());
            let from = self.pos;
            self.skip_type();
            let callee = self.text_at(from).to_owned();
            if self.is("(") {
                let arguments = self.arguments(&callee, place);
                form = self.call(callee, at, start..self.end(), arguments, place);
            }
            while self.take(",") {
                self.skip_type();
            }
        }
        if self.is("{") {
            let close = self.closer(self.pos);
            self.pos += 1;
            self.receivers.push(None);
            self.deeper(|r| r.statements(close, Place { scope: place.scope, ..Place::default() }));
            self.receivers.pop();
            self.leave(close);
        }
        let expr = Expr { range: start..self.end().max(start), form };
        Chain { start, callee: self.written(&expr), expr }
    }

    /// A name, or a call of a function or constructor.
    fn name(&mut self, word: &'t str, place: Place) -> Chain {
        let start = self.start();
        let at = self.at(self.pos).map_or(start..start, |t| t.range.clone());
        self.pos += 1;
        // `this@Outer`
        if matches!(word, "this" | "super") && self.is("@") && self.same_line() {
            self.pos += 2;
        }
        let known = self.aliases.iter().rev().find(|a| a.0 == word).map(|a| a.1.clone());
        let label = self.is("@") && self.at(self.pos).is_some_and(|t| t.range.start == at.end);
        if label && self.is_at(self.pos + 1, "{") {
            self.pos += 1;
        }
        let typed = self.generic_call();
        if !(self.called() || typed) {
            let name = match (word, known) {
                (_, Some(known)) => known,
                ("this", None) => String::new(),
                (word, None) => word.trim_matches('`').to_owned(),
            };
            let form =
                if name.is_empty() { Form::Name(String::from("this")) } else { Form::Name(name.clone()) };
            // What is said of `this` in a class is said of its properties.
            let expr = Expr { range: start..self.end(), form };
            if word == "this" && name.is_empty() && self.is(".") && self.is_word_at(self.pos + 1) {
                self.pos += 1;
                let chain = self.name(self.word(), place);
                return Chain { start, ..chain };
            }
            return Chain { start, callee: self.written(&expr), expr };
        }
        let mut arguments = if self.is("(") { self.arguments(word, place) } else { Vec::new() };
        let mut callee = known.unwrap_or_else(|| self.function_of(word));
        if self.lambda_follows() {
            let mut subject = match (word, arguments.as_slice()) {
                ("with", [only]) => Some(only.value.clone()),
                _ => None,
            };
            let mut named = subject.as_ref().map_or(String::new(), |s| self.written(s));
            if let Some(value) = self.given_lambda(word, subject.as_mut(), &mut named, place) {
                let expr = Expr { range: start..self.end(), form: value.form };
                return Chain { start, callee: self.written(&expr), expr };
            }
            self.trailing(word, &mut arguments, place);
        }
        let range = start..self.end();
        let form = match word {
            "mapOf" | "mutableMapOf" | "hashMapOf" | "linkedMapOf" | "propertiesOf" => {
                return self.map(start, at, arguments, place);
            }
            "listOf" | "arrayOf" | "setOf" | "mutableListOf" | "arrayListOf" | "listOfNotNull" => {
                Form::List(arguments.into_iter().map(|a| a.value).collect())
            }
            _ => {
                callee.truncate(callee.char_indices().nth(MAX_NAME).map_or(callee.len(), |c| c.0));
                self.call(callee, at, range.clone(), arguments, place)
            }
        };
        let expr = Expr { range, form };
        Chain { start, callee: self.written(&expr), expr }
    }

    /// A function without anything before it is one of `this`, unless it is known to be another.
    fn function_of(&self, word: &str) -> String {
        let small = word.starts_with(|c: char| c.is_lowercase());
        match self.receivers.last() {
            Some(Some(receiver)) if small && !self.functions.contains(word) && !GLOBAL.contains(&word) => {
                joined(receiver, word)
            }
            _ => word.trim_matches('`').to_owned(),
        }
    }

    /// `mapOf(a to b)`: keys and values, and each as if it were put in.
    fn map(&mut self, start: usize, at: Range<usize>, arguments: Vec<Argument>, place: Place) -> Chain {
        let range = start..self.end();
        let mut entries = Vec::new();
        for argument in arguments {
            let Argument { at, value, .. } = argument;
            match value.form {
                Form::Map { entries: one, .. } => entries.extend(one),
                // Pairs that are made elsewhere.
                _ => entries.push(Entry { key: String::from("**"), at, value }),
            }
        }
        let name = self.new_name("map");
        let maker = self.call(String::from("mapOf"), at.clone(), range.clone(), Vec::new(), place);
        self.map = Some((range.end, name.clone(), self.program.calls.len() - 1));
        self.assign(name.clone(), at, Expr { range: range.clone(), form: maker }, place);
        for entry in entries.iter().filter(|e| e.key != "**") {
            let written = self.text.get(entry.at.clone()).unwrap_or_default();
            let form = match between(written, '"') {
                Some(letters) => {
                    let content = entry.at.start + 1..entry.at.start + 1 + letters.len();
                    Form::Text { parts: vec![Part::Literal(letters.to_owned())], content, whole: true }
                }
                None => Form::Name(entry.key.clone()),
            };
            let key = Expr { range: entry.at.clone(), form };
            let argument = |value: Expr| Argument { name: None, at: value.range.clone(), value };
            let range = entry.at.start..entry.value.range.end.max(entry.at.end);
            // What lies in it is read where it stands.
            let value = match entry.value.form {
                Form::Map { .. } | Form::List(_) => Expr::unknown(entry.value.range.clone()),
                _ => entry.value.clone(),
            };
            let arguments = vec![argument(key), argument(value)];
            self.call(format!("{name}.put"), entry.at.clone(), range, arguments, place);
        }
        let expr = Expr { range, form: Form::Map { of: String::new(), entries } };
        Chain { start, callee: name, expr }
    }

    /// A text with what is put in.
    pub(super) fn text(&mut self, place: Place) -> Expr {
        let start = self.start();
        self.pos += 1;
        let from = self.end();
        let mut to = from;
        let mut parts = Vec::new();
        while let Some(kind) = self.kind() {
            let range = self.at(self.pos).map_or(0..0, |t| t.range.clone());
            match kind {
                Kind::Letters => parts.push(Part::Literal(self.word().to_owned())),
                Kind::Inserted => {
                    let word = self.word().trim_start_matches('$');
                    let known = self.aliases.iter().rev().find(|a| a.0 == word).map(|a| a.1.clone());
                    let form = Form::Name(known.unwrap_or_else(|| word.to_owned()));
                    parts.push(Part::Value(Expr { range: range.clone(), form }));
                }
                Kind::Template => {
                    let close = self.closer(self.pos);
                    self.pos += 1;
                    let value = self.within(close, place);
                    parts.push(Part::Value(value.unwrap_or_else(|| Expr::unknown(range.clone()))));
                    self.leave(close);
                    to = self.end();
                    continue;
                }
                Kind::Unquote => {
                    self.pos += 1;
                    break;
                }
                _ => break,
            }
            to = range.end;
            self.pos += 1;
        }
        let form = Form::Text { parts, content: from..to.max(from), whole: true };
        Expr { range: start..self.end().max(start), form }
    }
}

/// What stands between one pair of quotes.
fn between(written: &str, quote: char) -> Option<&str> {
    written.strip_prefix(quote)?.strip_suffix(quote).filter(|inner| !inner.contains(quote))
}
