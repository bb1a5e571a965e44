//! Declarations: packages, imports, classes, functions, properties and what is written before them.

use super::lex::Kind;
use super::{Argument, Assignment, Call, Expr, Place, Reader, Scope};

/// Words before a declaration; elsewhere they are names like any other.
const MODIFIERS: &[&str] = &[
    "public",
    "private",
    "internal",
    "protected",
    "open",
    "abstract",
    "final",
    "sealed",
    "data",
    "inline",
    "override",
    "suspend",
    "const",
    "lateinit",
    "companion",
    "enum",
    "annotation",
    "inner",
    "value",
    "tailrec",
    "operator",
    "infix",
    "external",
    "vararg",
    "noinline",
    "crossinline",
    "expect",
    "actual",
];

impl Reader<'_> {
    /// A declaration, if one stands here.
    pub(super) fn declaration(&mut self, place: Place) -> Option<Expr> {
        let start = self.start();
        let first = self.pos;
        let mut annotations = Vec::new();
        loop {
            if self.is("@") {
                annotations.push(self.pos);
                self.skip_annotation();
            } else if MODIFIERS.contains(&self.word())
                && (self.is_word_at(self.pos + 1) || self.is_at(self.pos + 1, "@"))
            {
                self.pos += 1;
            } else {
                break;
            }
        }
        let before = self.pos;
        match self.word() {
            _ if self.kind() != Some(Kind::Word) => {}
            "package" | "import" if first == before => self.import(),
            "class" | "interface" => self.class(place),
            "object" if self.is_word_at(self.pos + 1) || before > first => self.class(place),
            "fun" if self.is_at(self.pos + 1, "interface") => {
                self.pos += 1;
                self.class(place);
            }
            "fun" if !self.is_at(self.pos + 1, "(") => {
                self.pos += 1;
                self.function(start, &annotations, place);
            }
            "val" | "var" => return Some(self.variable(place)),
            "typealias" => {
                self.pos += 2;
                self.skip_type();
                if self.take("=") {
                    self.skip_type();
                }
            }
            "init" if self.is_at(self.pos + 1, "{") => {
                self.pos += 1;
                self.body(place);
            }
            "constructor" if self.is_at(self.pos + 1, "(") => {
                self.function(start, &annotations, place);
            }
            _ => {}
        }
        if self.pos == before {
            // What looked like modifiers are names of an expression; annotations may stand before one.
            if annotations.is_empty() {
                self.pos = first;
            }
            return None;
        }
        Some(Expr::unknown(start..self.end().max(start)))
    }

    fn import(&mut self) {
        let start = self.start();
        let imports = self.is("import");
        self.pos += 1;
        while self.pos < self.tokens.len() && self.same_line() && !self.is(";") {
            self.pos += 1;
        }
        if imports {
            let text = self.text.get(start..self.end()).unwrap_or_default();
            self.program.imports.push(text.to_owned());
        }
    }

    /// `@Name`, `@field:Name(…)`, `@[A B]`.
    fn skip_annotation(&mut self) {
        self.pos += 1;
        if self.is("[") {
            let close = self.closer(self.pos);
            self.leave(close);
            return;
        }
        while self.kind() == Some(Kind::Word) {
            self.pos += 1;
            if !(self.is(".") || self.is(":")) {
                break;
            }
            self.pos += 1;
        }
        self.skip_generics();
        if self.is("(") && self.at(self.pos).is_some_and(|t| t.range.start == self.end()) {
            let close = self.closer(self.pos);
            self.leave(close);
        }
    }

    /// The annotation at a token as a call that gets the function.
    fn annotation(&mut self, pos: usize, function: &str, place: Place) {
        let back = std::mem::replace(&mut self.pos, pos + 1);
        let start = self.at(pos).map_or(0, |t| t.range.start);
        let mut name = pos;
        while self.kind() == Some(Kind::Word) {
            name = self.pos;
            self.pos += 1;
            if !(self.is(".") || self.is(":")) {
                break;
            }
            self.pos += 1;
        }
        if name > pos {
            let at = self.at(name).map_or(start..start, |t| t.range.clone());
            let callee = self.text_at(name).to_owned();
            let arguments = if self.is("(") { self.arguments(&callee, place) } else { Vec::new() };
            let range = start..self.end().max(at.end);
            self.program.calls.push(Call {
                callee,
                at,
                range,
                arguments,
                scope: place.scope,
                in_loop: false,
                in_branch: false,
                targets: Vec::new(),
                discarded: true,
                decorates: Some(function.to_owned()),
            });
        }
        self.pos = back;
    }

    /// A class, an interface or an object, with the parameters of its constructor and all that it inherits.
    fn class(&mut self, place: Place) {
        self.pos += 1;
        if self.kind() == Some(Kind::Word) && !self.is("constructor") {
            self.pos += 1;
        }
        self.skip_generics();
        while MODIFIERS.contains(&self.word()) || self.is("@") || self.is("constructor") {
            if self.is("@") { self.skip_annotation() } else { self.pos += 1 }
        }
        if self.is("(") {
            self.parameters(place);
        }
        if self.take(":") {
            while self.pos < self.tokens.len() && !self.is("{") {
                self.skip_type();
                if self.is("(") {
                    self.arguments("", place);
                }
                if self.take("by") {
                    self.expression_before_brace(place);
                }
                if !self.take(",") {
                    break;
                }
            }
        }
        if self.is("where") {
            while self.pos < self.tokens.len() && !self.is("{") && !self.is("}") {
                self.pos += 1;
            }
        }
        if self.is("{") {
            let close = self.closer(self.pos);
            self.pos += 1;
            self.receivers.push(None);
            let locals = self.locals.len();
            self.statements(close, place);
            self.locals.truncate(locals);
            self.receivers.pop();
            self.leave(close);
        }
    }

    /// What a class hands its interface on to: no brace after it belongs to it.
    fn expression_before_brace(&mut self, place: Place) {
        while self.kind() == Some(Kind::Word) {
            self.pos += 1;
            if self.is("(") {
                self.arguments("", place);
            }
            if !self.take(".") {
                break;
            }
        }
    }

    /// The parameters in parentheses, as names that stand for something unknown.
    fn parameters(&mut self, place: Place) {
        let close = self.closer(self.pos);
        self.pos += 1;
        while self.pos < close {
            let before = self.pos;
            if self.is("@") {
                self.skip_annotation();
            } else if self.kind() == Some(Kind::Word) && self.is_at(self.pos + 1, ":") {
                let at = self.at(self.pos).map_or(0..0, |t| t.range.clone());
                let target = self.word().to_owned();
                self.pos += 2;
                self.skip_type();
                let value = Expr::unknown(at.clone());
                let assignment = Assignment { target, at, value, scope: place.scope, in_branch: false };
                self.program.assignments.push(assignment);
                if self.take("=") {
                    let joined = std::mem::replace(&mut self.joined, true);
                    self.expression(place);
                    self.joined = joined;
                }
            } else {
                self.pos += 1;
            }
            if self.pos <= before {
                self.pos = before + 1;
            }
        }
        self.leave(close);
    }

    /// A function from its name on: a receiver's type may stand before the name.
    pub(super) fn function(&mut self, start: usize, annotations: &[usize], place: Place) {
        self.skip_generics();
        let mut name = "";
        while self.pos < self.tokens.len() && !self.is("(") && !self.is("{") && !self.is("}") && !self.is("=")
        {
            if self.kind() == Some(Kind::Word) {
                name = self.word();
            }
            self.pos += 1;
            self.skip_generics();
        }
        for annotation in annotations {
            self.annotation(*annotation, name, place);
        }
        let decorators = match annotations.first().and_then(|a| self.at(*a)) {
            Some(first) => self.text.get(first.range.start..self.start()).unwrap_or_default().to_owned(),
            None => String::new(),
        };
        let close = self.closer(self.pos);
        let parameters = match (self.is("("), self.at(close)) {
            (true, Some(last)) => self.text.get(self.start()..last.range.end).unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let name = name.to_owned();
        let scope = self.scope(Scope { name, parameters, decorators, ..Scope::default() }, start, place);
        let inner = Place { scope, ..Place::default() };
        let locals = self.locals.len();
        self.receivers.push(None);
        if self.is("(") {
            self.parameters(inner);
        }
        if self.take(":") {
            self.skip_type();
            // A constructor hands its parameters on.
            if self.is("(") {
                self.arguments("", inner);
            }
        }
        if self.is("where") {
            while self.pos < self.tokens.len() && !["{", "=", "}"].iter().any(|s| self.is(s)) {
                self.pos += 1;
            }
        }
        if self.take("=") {
            self.deeper(|r| r.expression(inner));
        } else if self.is("{") {
            self.body(inner);
        }
        self.receivers.pop();
        self.locals.truncate(locals);
        self.close_scope(scope);
    }

    pub(super) fn scope(&mut self, scope: Scope, start: usize, place: Place) -> usize {
        self.program.scopes.push(Scope { parent: Some(place.scope), range: start..start, ..scope });
        self.program.scopes.len() - 1
    }

    pub(super) fn close_scope(&mut self, scope: usize) {
        let end = self.end();
        if let Some(scope) = self.program.scopes.get_mut(scope) {
            scope.range.end = end.max(scope.range.start);
        }
    }

    /// `val name: Type = value`, `by lazy { value }`, `val (a, b) = value`, and accessors after it.
    fn variable(&mut self, place: Place) -> Expr {
        let start = self.start();
        self.pos += 1;
        self.skip_generics();
        let mut name = None;
        if self.is("(") {
            let close = self.closer(self.pos);
            self.leave(close);
        } else {
            while self.kind() == Some(Kind::Word) {
                name = Some(self.pos);
                self.pos += 1;
                self.skip_generics();
                self.take("?");
                if !self.take(".") {
                    break;
                }
            }
            if self.take(":") {
                self.skip_type();
            }
        }
        let name = name.and_then(|n| Some((self.text_at(n), self.at(n)?.range.clone())));
        if let Some((name, _)) = name.as_ref().filter(|_| place.scope != 0) {
            self.locals.push(name);
        }
        if self.take("=") || self.take("by") {
            let assignments = self.program.assignments.len();
            let value = self.expression(place);
            if let Some((name, at)) = name {
                self.give(name.to_owned(), at, value, assignments, place);
            }
        }
        self.accessors(place);
        Expr::unknown(start..self.end().max(start))
    }

    /// `get() = …`, `private set(value) { … }`.
    fn accessors(&mut self, place: Place) {
        loop {
            let back = self.pos;
            while MODIFIERS.contains(&self.word()) {
                self.pos += 1;
            }
            let closes = self.is_at(self.pos + 1, "(").then(|| self.closer(self.pos + 1));
            let given = closes.map_or(0, |c| c.saturating_sub(self.pos + 2));
            let getter = self.is("get") && closes.is_some() && given == 0;
            let setter =
                self.is("set") && (closes.is_some() && given == 1 || closes.is_none() && self.pos > back);
            let follows = closes.is_none_or(|c| ["=", "{", ":"].iter().any(|s| self.is_at(c + 1, s)));
            if !((getter || setter) && follows) {
                self.pos = back;
                return;
            }
            let start = self.start();
            match closes {
                Some(_) => self.function(start, &[], place),
                None => self.pos += 1,
            }
        }
    }

    /// Passes over `<…>` of names, if that is what stands here.
    pub(super) fn skip_generics(&mut self) -> bool {
        /// Longer lists of types are written by no one.
        const MOST: usize = 60;
        if !self.is("<") {
            return false;
        }
        let mut open = 0usize;
        for pos in self.pos..(self.pos + MOST).min(self.tokens.len()) {
            match self.text_at(pos) {
                "<" => open += 1,
                ">" => {
                    open -= 1;
                    if open == 0 {
                        self.pos = pos + 1;
                        return true;
                    }
                }
                "," | "." | "?" | "*" | ":" | "->" | "(" | ")" | "@" | "&" => {}
                _ if self.is_word_at(pos) => {}
                _ => return false,
            }
        }
        false
    }

    /// Passes over a type.
    pub(super) fn skip_type(&mut self) {
        loop {
            while self.is("@") {
                self.skip_annotation();
            }
            if self.is("suspend") || self.is("in") || self.is("out") || self.is("dynamic") {
                self.pos += 1;
            }
            // After `is Type` an arrow is no part of the type.
            let function = self.is("(");
            if function {
                self.pass_over();
            } else if self.kind() == Some(Kind::Word) {
                self.pos += 1;
            } else if !self.take("*") {
                return;
            }
            self.skip_generics();
            while self.take("?") {}
            // A receiver's type, a result's, another one that holds too.
            if !(self.take(".") || function && self.take("->") || self.take("&") || self.take("?.")) {
                return;
            }
        }
    }

    /// The arguments of a call, named ones by their names.
    pub(super) fn arguments(&mut self, callee: &str, place: Place) -> Vec<Argument> {
        let close = self.closer(self.pos);
        self.pos += 1;
        let joined = std::mem::replace(&mut self.joined, true);
        let mut out = Vec::new();
        while self.pos < close {
            if self.take(",") {
                continue;
            }
            let before = self.pos;
            let at = self.at(self.pos).map_or(0..0, |t| t.range.clone());
            let mut name = None;
            if self.kind() == Some(Kind::Word) && self.is_at(self.pos + 1, "=") {
                name = Some(self.word().to_owned());
                self.pos += 2;
            } else if self.take("*") {
                name = Some(String::from("**"));
            }
            let value = self.argument(callee, place);
            out.push(Argument { name, at, value });
            // Whatever is left of it is not understood.
            while self.pos < close && !self.is(",") {
                self.pass_over();
            }
            if self.pos <= before {
                self.pos = before + 1;
            }
        }
        self.joined = joined;
        self.leave(close);
        out
    }
}
