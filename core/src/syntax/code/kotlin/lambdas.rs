//! Lambdas: functions of their own, or blocks that run where they stand with another `this` or `it`.

use super::lex::Kind;
use super::{Argument, BlockKind, Call, Expr, Form, Place, Reader, Scope};

/// Functions that run their block once, at once, and give what it gives.
const AT_ONCE: &[&str] = &[
    "run",
    "lazy",
    "runBlocking",
    "withContext",
    "coroutineScope",
    "supervisorScope",
    "runCatching",
    "synchronized",
    "withLock",
    "measureTimeMillis",
    "measureTime",
    "withTimeout",
    "withTimeoutOrNull",
];
/// Functions that run their block again and again.
const REPEATED: &[&str] = &["forEach", "forEachIndexed", "repeat", "onEach"];

impl Reader<'_> {
    /// What a lambda does that is given to a function: the value that the whole call has, if the lambda decides it.
    pub(super) fn given_lambda(
        &mut self,
        name: &str,
        receiver: Option<&mut Expr>,
        callee: &mut String,
        place: Place,
    ) -> Option<Expr> {
        match (name, receiver) {
            ("apply" | "run" | "with", Some(receiver)) => {
                let this = self.name_of(receiver, callee, place, None);
                self.receivers.push(this.clone());
                self.aliases.push((String::from("this"), this.unwrap_or_default()));
                let last = self.inline(place);
                self.aliases.pop();
                self.receivers.pop();
                Some(if name == "apply" { receiver.clone() } else { last })
            }
            ("also" | "let" | "use", Some(receiver)) => {
                let it = self.parameter();
                let known = self.name_of(receiver, callee, place, Some(&it));
                self.aliases.push((it.clone(), known.unwrap_or(it)));
                let last = self.inline(place);
                self.aliases.pop();
                if name == "use" {
                    self.closed(callee, place);
                }
                Some(if name == "also" { receiver.clone() } else { last })
            }
            (name, _) if AT_ONCE.contains(&name) => Some(self.inline(place)),
            (name, _) if REPEATED.contains(&name) => {
                let start = self.start();
                let end = self.at(self.closer(self.pos)).map_or(self.text.len(), |t| t.range.end);
                self.block(BlockKind::Loop, start..end, place);
                Some(self.inline(place.repeated()))
            }
            _ => None,
        }
    }

    /// The name that a thing goes by in a block; a call that nothing names gets one.
    fn name_of(
        &mut self,
        thing: &Expr,
        callee: &mut String,
        place: Place,
        own: Option<&str>,
    ) -> Option<String> {
        match &thing.form {
            Form::Name(name) => Some(name.clone()),
            Form::Call(index) => {
                let made = self
                    .program
                    .calls
                    .get(*index)
                    .map(|c: &Call| (c.callee.clone(), c.targets.first().cloned()))?;
                if let Some(name) = made.1 {
                    *callee = name.clone();
                    return Some(name);
                }
                let name = match own {
                    Some(own) if own != "it" => own.to_owned(),
                    _ => self.new_name(&made.0),
                };
                *callee = name.clone();
                let at = self.program.calls.get(*index).map_or(0..0, |c| c.at.clone());
                self.assign(name.clone(), at, thing.clone(), place);
                Some(name)
            }
            _ => None,
        }
    }

    /// A call of `close` at the end of `use { … }`.
    fn closed(&mut self, callee: &str, place: Place) {
        let at = self.pos.checked_sub(1).and_then(|p| self.at(p)).map_or(0..0, |t| t.range.clone());
        self.call(format!("{callee}.close"), at.clone(), at, Vec::new(), place);
    }

    /// The one parameter of the lambda that stands here, without reading it; `it` where none is named.
    fn parameter(&self) -> String {
        let named = self.is_word_at(self.pos + 1)
            && (self.is_at(self.pos + 2, "->") || self.is_at(self.pos + 2, ":"));
        if named { self.text_at(self.pos + 1).to_owned() } else { String::from("it") }
    }

    /// The block that stands here, as part of the function around it.
    fn inline(&mut self, place: Place) -> Expr {
        let start = self.start();
        let close = self.closer(self.pos);
        self.pos += 1;
        self.skip_parameters(close);
        let last = self.statements(close, place);
        self.leave(close);
        last.unwrap_or_else(|| Expr::unknown(start..self.end().max(start)))
    }

    /// `a, (b, c): T ->`
    fn skip_parameters(&mut self, close: usize) -> Vec<String> {
        /// More parameters than this take no lambda.
        const MOST: usize = 40;
        let mut names = Vec::new();
        let mut pos = self.pos;
        while pos < close.min(self.pos + MOST) {
            if self.is_at(pos, "->") {
                self.pos = pos + 1;
                return names;
            }
            match self.text_at(pos) {
                "," | ":" | "(" | ")" | "<" | ">" | "." | "?" | "*" => {}
                word if self.at(pos).is_some_and(|t| t.kind == Kind::Word) => names.push(word.to_owned()),
                _ => break,
            }
            pos += 1;
        }
        Vec::new()
    }

    /// A lambda that is a function of its own.
    pub(super) fn lambda(&mut self, passed_to: Option<&str>, place: Place) -> Expr {
        let start = self.start();
        let close = self.closer(self.pos);
        self.pos += 1;
        let from = self.start();
        let names = self.skip_parameters(close);
        let parameters = if names.is_empty() {
            String::new()
        } else {
            self.text.get(from..self.end()).unwrap_or_default().trim_end_matches("->").trim().to_owned()
        };
        let passed_to = passed_to.map(str::to_owned);
        let scope = self.scope(Scope { parameters, passed_to, ..Scope::default() }, start, place);
        let (locals, aliases) = (self.locals.len(), self.aliases.len());
        let shadowed = names.into_iter().chain([String::from("it")]);
        self.aliases.extend(shadowed.map(|n| (n.clone(), n)));
        // Whose `this` it is, the function that gets it decides.
        self.receivers.push(None);
        self.statements(close, Place { scope, ..Place::default() });
        self.receivers.pop();
        self.aliases.truncate(aliases);
        self.locals.truncate(locals);
        self.leave(close);
        self.close_scope(scope);
        Expr::unknown(start..self.end().max(start))
    }

    /// A lambda after the arguments of a call.
    pub(super) fn trailing(&mut self, callee: &str, arguments: &mut Vec<Argument>, place: Place) {
        let value = self.lambda(Some(callee), place);
        arguments.push(Argument { name: None, at: value.range.clone(), value });
    }
}
