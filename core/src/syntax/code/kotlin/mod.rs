//! Kotlin, whose grammar for tree-sitter is larger than all of this program: a reader of our own for what the lowered
//! form holds. Properties that are set become calls of their setters, as they are for the machine, so that what is
//! known of Java's libraries holds here too.

mod declarations;
mod expressions;
mod lambdas;
mod lex;
mod primary;
mod statements;

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Argument, Assignment, Block, BlockKind, Call, Exit, ExitKind, Expr, Form, Program, Scope};
use lex::{Kind, Token};

/// Nesting deeper than this is passed over; people stop before 40.
const MAX_DEPTH: usize = 80;
/// Longer names, and longer chains of operators, are nobody's.
const MAX_NAME: usize = 400;
const MAX_OPERATORS: usize = 30;

/// The place of an expression.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    scope: usize,
    in_loop: bool,
    in_branch: bool,
}

impl Place {
    fn branch(self) -> Place {
        Place { in_branch: true, ..self }
    }

    fn repeated(self) -> Place {
        Place { in_loop: true, ..self }
    }
}

struct Reader<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    pos: usize,
    depth: usize,
    /// Within parentheses lines do not end anything.
    joined: bool,
    program: Program,
    /// The functions that the file declares.
    functions: BTreeSet<&'t str>,
    /// Every name there is, so that a new one is none of them.
    names: BTreeSet<String>,
    /// What names mean here: `it` in `x.also { … }`.
    aliases: Vec<(String, String)>,
    /// What `this` is, for each lambda and function around.
    receivers: Vec<Option<String>>,
    /// Variables of the functions around.
    locals: Vec<&'t str>,
    /// The last `a[key]` that was read: its end, what is before it and the key.
    subscript: Option<(usize, String, Expr)>,
    /// The last map that was read: its end, its name and the index of its call.
    map: Option<(usize, String, usize)>,
}

/// Reads a file.
pub(super) fn program(text: &str) -> Program {
    let tokens = lex::tokens(text);
    let word = |t: &Token| text.get(t.range.clone()).unwrap_or_default();
    let functions = tokens.windows(2).filter(|w| word(&w[0]) == "fun").map(|w| word(&w[1])).collect();
    let names = tokens.iter().filter(|t| t.kind == Kind::Word).map(|t| word(t).to_owned()).collect();
    let file = Scope { range: 0..text.len(), ..Scope::default() };
    let mut reader = Reader {
        text,
        tokens,
        pos: 0,
        depth: 0,
        joined: false,
        program: Program { scopes: vec![file], ..Program::default() },
        functions,
        names,
        aliases: Vec::new(),
        receivers: Vec::new(),
        locals: Vec::new(),
        subscript: None,
        map: None,
    };
    let end = reader.tokens.len();
    reader.statements(end, Place::default());
    reader.program
}

impl<'t> Reader<'t> {
    fn at(&self, pos: usize) -> Option<&Token> {
        self.tokens.get(pos)
    }

    fn text_at(&self, pos: usize) -> &'t str {
        self.at(pos).and_then(|t| self.text.get(t.range.clone())).unwrap_or_default()
    }

    fn kind(&self) -> Option<Kind> {
        self.at(self.pos).map(|t| t.kind)
    }

    fn word(&self) -> &'t str {
        self.text_at(self.pos)
    }

    fn is(&self, sign: &str) -> bool {
        self.is_at(self.pos, sign)
    }

    /// True for a word or sign, not for letters of a text.
    fn is_at(&self, pos: usize, sign: &str) -> bool {
        self.at(pos).is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Sign)) && self.text_at(pos) == sign
    }

    fn is_word_at(&self, pos: usize) -> bool {
        self.at(pos).is_some_and(|t| t.kind == Kind::Word)
    }

    /// True if a token stands on the line of the one before it, or lines count for nothing.
    fn same_line(&self) -> bool {
        self.joined || self.at(self.pos).is_some_and(|t| !t.first)
    }

    fn closer(&self, pos: usize) -> usize {
        self.at(pos).map_or(self.tokens.len(), |t| t.closed_by.max(pos).min(self.tokens.len()))
    }

    fn take(&mut self, sign: &str) -> bool {
        let there = self.is(sign);
        self.pos += usize::from(there);
        there
    }

    fn start(&self) -> usize {
        self.at(self.pos).map_or(self.text.len(), |t| t.range.start)
    }

    /// Where the token before ends.
    fn end(&self) -> usize {
        self.pos.checked_sub(1).and_then(|p| self.at(p)).map_or(0, |t| t.range.end)
    }

    /// Goes behind the token that closes one, wherever reading stopped.
    fn leave(&mut self, close: usize) {
        self.pos = (close + 1).min(self.tokens.len());
    }

    /// Runs something one level deeper; nothing where that is too deep, and the token is passed over with all in it.
    fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.pass_over();
            return None;
        }
        self.depth += 1;
        let out = run(self);
        self.depth -= 1;
        Some(out)
    }

    /// Goes behind a token and all that it opens.
    fn pass_over(&mut self) {
        let last = if self.opens() { self.closer(self.pos) } else { self.pos };
        self.leave(last);
    }

    fn opens(&self) -> bool {
        matches!(self.kind(), Some(Kind::Quote | Kind::Template))
            || ["(", "[", "{"].iter().any(|s| self.is(s))
    }

    /// A name that is no other's, for what has none: `ConnectionFactory().apply { … }`.
    fn new_name(&mut self, callee: &str) -> String {
        let last = callee.trim_end_matches("()").rsplit('.').next().unwrap_or_default();
        let mut letters = last.chars();
        let first = letters.next().unwrap_or('x').to_ascii_lowercase();
        let plain = format!("{first}{}", letters.as_str());
        let mut name = plain.clone();
        let mut count = 2usize;
        while !self.names.insert(name.clone()) {
            // The place makes it one of a kind.
            name = format!("{plain}{}", if count == 2 { 2 } else { self.start() + count });
            count += 1;
        }
        name
    }

    fn call(
        &mut self,
        callee: String,
        at: Range<usize>,
        range: Range<usize>,
        arguments: Vec<Argument>,
        place: Place,
    ) -> Form {
        self.program.calls.push(Call {
            callee,
            at,
            range,
            arguments,
            scope: place.scope,
            in_loop: place.in_loop,
            in_branch: place.in_branch,
            targets: Vec::new(),
            discarded: false,
            decorates: None,
        });
        Form::Call(self.program.calls.len() - 1)
    }

    fn block(&mut self, kind: BlockKind, range: Range<usize>, place: Place) {
        self.program.blocks.push(Block { kind, range, scope: place.scope });
    }

    fn exit(&mut self, kind: ExitKind, at: usize, place: Place) {
        self.program.exits.push(Exit { kind, at, scope: place.scope });
    }

    /// Gives a value a name, and a call what it is assigned to.
    fn assign(&mut self, target: String, at: Range<usize>, value: Expr, place: Place) {
        if let Form::Call(index) = value.form
            && let Some(call) = self.program.calls.get_mut(index)
            && !call.targets.contains(&target)
        {
            call.targets.push(target.clone());
        }
        let in_branch = place.in_branch || place.in_loop;
        self.program.assignments.push(Assignment { target, at, value, scope: place.scope, in_branch });
    }

    /// Renames what a call was called by within itself, once the name that it is given is known.
    fn renamed(&mut self, old: &str, new: &str, calls: usize, assignments: usize) {
        let other = |name: &str| {
            let rest = name.strip_prefix(old)?;
            (rest.is_empty() || rest.starts_with('.')).then(|| format!("{new}{rest}"))
        };
        for call in self.program.calls.iter_mut().skip(calls) {
            if let Some(name) = other(&call.callee) {
                call.callee = name;
            }
            for target in &mut call.targets {
                if let Some(name) = other(target) {
                    *target = name;
                }
            }
            call.targets.dedup();
        }
        for assignment in self.program.assignments.iter_mut().skip(assignments) {
            if let Some(name) = other(&assignment.target) {
                assignment.target = name;
            }
        }
    }
}
