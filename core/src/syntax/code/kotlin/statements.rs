//! Statements: blocks, loops, branches and assignments.

use super::lex::Kind;
use super::{Argument, BlockKind, ExitKind, Expr, Form, Place, Reader};

impl Reader<'_> {
    /// Statements up to a token; the value of the last.
    pub(super) fn statements(&mut self, end: usize, place: Place) -> Option<Expr> {
        let joined = std::mem::replace(&mut self.joined, false);
        let mut last = None;
        while self.pos < end {
            if self.take(";") || self.take(",") {
                continue;
            }
            let before = self.pos;
            last = self.deeper(|r| r.statement(place));
            if self.pos <= before {
                self.pos = before + 1;
            }
        }
        self.pos = end;
        self.joined = joined;
        last
    }

    /// A block in braces, or one statement.
    pub(super) fn body(&mut self, place: Place) {
        if self.is("{") {
            let close = self.closer(self.pos);
            self.pos += 1;
            self.statements(close, place);
            self.leave(close);
        } else {
            self.deeper(|r| r.statement(place));
        }
    }

    fn statement(&mut self, place: Place) -> Expr {
        let start = self.start();
        if let Some(expr) = self.declaration(place) {
            return expr;
        }
        // `label@ for`
        let jumps = ["return", "break", "continue", "this", "super"].contains(&self.word());
        if self.kind() == Some(Kind::Word) && !jumps && self.is_at(self.pos + 1, "@") && self.adjacent() {
            self.pos += 2;
        }
        match self.word() {
            "for" if self.is("for") => self.for_loop(place),
            "while" if self.is("while") => self.while_loop(place),
            "do" if self.is("do") => self.do_loop(place),
            _ => return self.expression_or_assignment(place),
        }
        Expr::unknown(start..self.end().max(start))
    }

    fn adjacent(&self) -> bool {
        let next = self.at(self.pos + 1).map(|t| t.range.start);
        self.at(self.pos).map(|t| t.range.end) == next
    }

    fn for_loop(&mut self, place: Place) {
        let start = self.start();
        self.pos += 1;
        if self.is("(") {
            let close = self.closer(self.pos);
            self.pos += 1;
            while self.pos < close && !self.take("in") {
                self.pos += 1;
            }
            if self.pos < close {
                self.within(close, place);
            }
            self.leave(close);
        }
        self.looped(BlockKind::Loop, start, place);
    }

    /// The body of a loop, and the loop.
    fn looped(&mut self, kind: BlockKind, start: usize, place: Place) {
        let index = self.program.blocks.len();
        self.block(kind, start..start, place);
        self.body(place.repeated());
        let end = self.end();
        if let Some(block) = self.program.blocks.get_mut(index) {
            block.range.end = end.max(start);
        }
    }

    fn while_loop(&mut self, place: Place) {
        let start = self.start();
        self.pos += 1;
        let kind = self.condition(place.repeated());
        self.looped(kind, start, place);
    }

    fn do_loop(&mut self, place: Place) {
        let start = self.start();
        self.pos += 1;
        let index = self.program.blocks.len();
        self.looped(BlockKind::Loop, start, place);
        if self.take("while") {
            let kind = self.condition(place.repeated());
            if let Some(block) = self.program.blocks.get_mut(index) {
                block.kind = kind;
            }
        }
    }

    /// The condition of a loop in its parentheses.
    fn condition(&mut self, place: Place) -> BlockKind {
        if !self.is("(") {
            return BlockKind::Loop;
        }
        let close = self.closer(self.pos);
        self.pos += 1;
        let endless = self.is("true") && self.pos + 1 == close;
        self.within(close, place);
        self.leave(close);
        if endless { BlockKind::Endless } else { BlockKind::Loop }
    }

    /// `if (…) … else if (…) … else …`
    pub(super) fn branches(&mut self, place: Place) {
        let inner = place.branch();
        while self.take("if") {
            if self.is("(") {
                let close = self.closer(self.pos);
                self.pos += 1;
                self.within(close, place);
                self.leave(close);
            }
            if !self.is(";") && !self.is("else") {
                self.body(inner);
            }
            // A semicolon may stand before `else`.
            if self.is(";") && self.is_at(self.pos + 1, "else") {
                self.pos += 1;
            }
            if !self.take("else") {
                return;
            }
            if !self.is("if") {
                self.body(inner);
                return;
            }
        }
    }

    pub(super) fn when(&mut self, place: Place) {
        self.pos += 1;
        if self.is("(") {
            let close = self.closer(self.pos);
            self.pos += 1;
            if self.take("val") {
                self.pos += 1;
                self.take("=");
            }
            self.within(close, place);
            self.leave(close);
        }
        if !self.is("{") {
            return;
        }
        let close = self.closer(self.pos);
        self.pos += 1;
        let joined = std::mem::replace(&mut self.joined, false);
        while self.pos < close {
            let before = self.pos;
            if self.take("->") {
                self.body(place.branch());
            } else if self.take("is") || (self.is("!") && self.is_at(self.pos + 1, "is")) {
                self.take("!");
                self.take("is");
                self.skip_type();
            } else if !(self.take("else") || self.take(",") || self.take(";") || self.take("in")) {
                self.expression(place);
            }
            if self.pos <= before {
                self.pos = before + 1;
            }
        }
        self.joined = joined;
        self.leave(close);
    }

    pub(super) fn attempt(&mut self, place: Place) {
        self.pos += 1;
        let start = self.start();
        let index = self.program.blocks.len();
        self.block(BlockKind::Try, start..start, place);
        self.body(place);
        let end = self.end();
        if let Some(block) = self.program.blocks.get_mut(index) {
            block.range.end = end.max(start);
        }
        while self.is("catch") && self.is_at(self.pos + 1, "(") {
            let start = self.start();
            self.pos += 1;
            let close = self.closer(self.pos);
            self.leave(close);
            let index = self.program.blocks.len();
            self.block(BlockKind::Handler, start..start, place);
            self.body(place.branch());
            let end = self.end();
            if let Some(block) = self.program.blocks.get_mut(index) {
                block.range.end = end.max(start);
            }
        }
        if self.is("finally") && self.is_at(self.pos + 1, "{") {
            self.pos += 1;
            self.body(place);
        }
    }

    /// `return`, `throw`, `break`, `continue`, with their labels.
    pub(super) fn jump(&mut self, kind: ExitKind, place: Place) {
        let at = self.start();
        self.exit(kind, at, place);
        self.pos += 1;
        if self.is("@") && self.same_line() {
            self.pos += 2;
        }
        let valued = matches!(kind, ExitKind::Return | ExitKind::Throw);
        let ends = ["}", ")", "]", ";", ",", "else"].iter().any(|s| self.is(s));
        if valued && self.same_line() && !ends && self.pos < self.tokens.len() {
            self.expression(place);
        }
    }

    fn expression_or_assignment(&mut self, place: Place) -> Expr {
        let start = self.start();
        let target = self.expression(place);
        let plain = self.is("=");
        if !plain && !["+=", "-=", "*=", "/=", "%="].iter().any(|s| self.is(s)) {
            if let Form::Call(index) = target.form
                && let Some(call) = self.program.calls.get_mut(index)
            {
                call.discarded = true;
            }
            return target;
        }
        let named_at =
            self.pos.checked_sub(1).and_then(|p| self.at(p)).map_or(start..start, |t| t.range.clone());
        let subscript = self.subscript.take().filter(|s| s.0 == target.range.end);
        self.pos += 1;
        let assignments = self.program.assignments.len();
        let value = self.expression(place);
        let range = start..value.range.end.max(start);
        if let Some((_, receiver, key)) = subscript {
            if plain && !receiver.is_empty() {
                let argument = |value: Expr| Argument { name: None, at: value.range.clone(), value };
                let arguments = vec![argument(key), argument(value)];
                self.call(format!("{receiver}.put"), named_at, range, arguments, place);
            }
            return Expr::unknown(target.range);
        }
        let Form::Name(name) = &target.form else { return Expr::unknown(target.range) };
        let name = self.property(name);
        let given = if plain { value } else { Expr::unknown(target.range.clone()) };
        self.give(name.clone(), target.range.clone(), given.clone(), assignments, place);
        if let Some((receiver, property)) = name.rsplit_once('.').filter(|_| plain) {
            let argument = Argument { name: None, at: given.range.clone(), value: given };
            let setter = format!("{receiver}.{}", setter(property));
            self.call(setter, named_at, range, vec![argument], place);
        }
        Expr::unknown(target.range)
    }

    /// Gives a value its name; a call that was named for what is set in it takes the name.
    pub(super) fn give(
        &mut self,
        name: String,
        at: std::ops::Range<usize>,
        value: Expr,
        assignments: usize,
        place: Place,
    ) {
        if let Form::Call(index) = value.form
            && let Some(old) = self.program.calls.get(index).and_then(|c| c.targets.first().cloned())
        {
            self.renamed(&old, &name, index, assignments);
        }
        if let (Form::Map { .. }, Some((end, old, index))) = (&value.form, self.map.take())
            && end == value.range.end
        {
            self.renamed(&old, &name, index, assignments);
        }
        self.assign(name, at, value, place);
    }

    /// A name without anything before it may be a property of `this`.
    fn property(&self, name: &str) -> String {
        match self.receivers.last() {
            Some(Some(receiver)) if !name.contains('.') && !self.locals.contains(&name) => {
                format!("{receiver}.{name}")
            }
            _ => name.to_owned(),
        }
    }
}

/// The setter of a property: `setHost` of `host`, `setOpen` of `isOpen`.
fn setter(property: &str) -> String {
    let plain = match property.strip_prefix("is") {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_uppercase()) => rest,
        _ => property,
    };
    let mut letters = plain.chars();
    let first = letters.next().map_or(String::new(), |c| c.to_uppercase().to_string());
    format!("set{first}{}", letters.as_str())
}
