//! Source code, as far as connections are concerned: calls, assignments and the values they are given.
//!
//! Tree-sitter's grammars give the tree; [`read`] lowers Go, Java, JavaScript, Python and TypeScript into one small
//! form, and a reader of our own gives the same for Kotlin. What it does not understand becomes [`Form::Unknown`], and
//! whoever asks for it gets no answer.

mod expressions;
mod kotlin;
mod lower;
mod values;

use std::ops::Range;

pub use values::{Constants, Known};

use crate::source::View;
use crate::syntax::Notice;

/// A language whose files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Go.
    Go,
    /// Java.
    Java,
    /// JavaScript, JSX included.
    JavaScript,
    /// Kotlin.
    Kotlin,
    /// Python.
    Python,
    /// TypeScript.
    TypeScript,
}

impl Language {
    /// The language whose libraries it calls.
    pub fn of_libraries(self) -> Language {
        match self {
            Language::Kotlin => Language::Java,
            other => other,
        }
    }
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum Form {
    /// A text of literal parts and of expressions put in.
    Text {
        /// The literal text; expressions in it as they are written.
        parts: Vec<Part>,
        /// The range between the quotes.
        content: Range<usize>,
        /// It stands between one pair of quotes.
        whole: bool,
    },
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// `None`, `null`, `nil` or `undefined`.
    Null,
    /// A name, or names with dots between.
    Name(String),
    /// A list, tuple or array.
    List(Vec<Expr>),
    /// Keys and values: a dictionary, an object, a struct literal.
    Map {
        /// The type that is named before it.
        of: String,
        /// In order.
        entries: Vec<Entry>,
    },
    /// A call, by its index in [`Program::calls`].
    Call(usize),
    /// Arithmetic.
    Binary(char, Box<[Expr; 2]>),
    /// The first, or the second where the first is nothing: `a or b`, `a || b`, `a ?? b`.
    Either(Box<[Expr; 2]>),
    /// Anything else.
    Unknown,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub enum Part {
    /// As it is.
    Literal(String),
    /// The value of an expression.
    Value(Expr),
}

/// A key and a value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key: a name or a text.
    pub key: String,
    /// Where it stands.
    pub at: Range<usize>,
    /// The value.
    pub value: Expr,
}

/// An expression and where it stands, in bytes of the view.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where it stands.
    pub range: Range<usize>,
    /// What it is.
    pub form: Form,
}

impl Expr {
    fn unknown(range: Range<usize>) -> Self {
        Self { range, form: Form::Unknown }
    }
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name, where it is given by name.
    pub name: Option<String>,
    /// Where the name stands.
    pub at: Range<usize>,
    /// The value.
    pub value: Expr,
}

/// A call of a function, method or constructor.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called, with dots between; a call in the middle is `f()`.
    pub callee: String,
    /// Where the last name of it stands.
    pub at: Range<usize>,
    /// The whole call.
    pub range: Range<usize>,
    /// In order.
    pub arguments: Vec<Argument>,
    /// The function it stands in, by its index in [`Program::scopes`].
    pub scope: usize,
    /// It stands in a loop of that function.
    pub in_loop: bool,
    /// It stands in a branch of that function, which may not be taken.
    pub in_branch: bool,
    /// What the result is assigned to, in order.
    pub targets: Vec<String>,
    /// The result is neither assigned nor passed on.
    pub discarded: bool,
    /// The name of the function that it is a decorator or an annotation of.
    pub decorates: Option<String>,
}

impl Call {
    /// The last name of what is called.
    pub fn name(&self) -> &str {
        self.callee.rsplit('.').next().unwrap_or(&self.callee)
    }

    /// What stands before the last name.
    pub fn receiver(&self) -> &str {
        self.callee.rsplit_once('.').map_or("", |(r, _)| r)
    }

    /// An argument that is given by name.
    pub fn named(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|a| a.name.as_deref() == Some(name))
    }

    /// The argument at a position, none of the named ones counted.
    pub fn positional(&self, index: usize) -> Option<&Argument> {
        self.arguments.iter().filter(|a| a.name.is_none()).nth(index)
    }
}

/// A value that is given a name.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The name, with dots between.
    pub target: String,
    /// Where it stands.
    pub at: Range<usize>,
    /// The value.
    pub value: Expr,
    /// The function it stands in, by its index in [`Program::scopes`].
    pub scope: usize,
    /// It stands in a branch, which may not be taken.
    pub in_branch: bool,
}

/// A struct literal: a type and the fields that are set.
#[derive(Clone, Debug)]
pub struct Literal {
    /// The type as written.
    pub of: String,
    /// Where the type stands.
    pub at: Range<usize>,
    /// The whole literal.
    pub range: Range<usize>,
    /// The fields.
    pub entries: Vec<Entry>,
    /// The function it stands in, by its index in [`Program::scopes`].
    pub scope: usize,
    /// It stands in a loop of that function.
    pub in_loop: bool,
    /// It stands in a branch of that function.
    pub in_branch: bool,
    /// What it is assigned to.
    pub targets: Vec<String>,
}

/// What a block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// It is repeated until something leaves it.
    Endless,
    /// It is repeated as long as a condition holds or for each of several things.
    Loop,
    /// What is tried.
    Try,
    /// What is done about a failure.
    Handler,
    /// What is done while something is held: Python's `with`.
    Held,
}

/// A part of a function that runs often, or not always.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it is for.
    pub kind: BlockKind,
    /// Where it stands.
    pub range: Range<usize>,
    /// The function it stands in, by its index in [`Program::scopes`].
    pub scope: usize,
}

/// How a block is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitKind {
    /// Out of the loop.
    Break,
    /// Out of the function.
    Return,
    /// With an error.
    Throw,
    /// To the next round of the loop.
    Continue,
}

/// A statement that leaves a block.
#[derive(Clone, Debug)]
pub struct Exit {
    /// How.
    pub kind: ExitKind,
    /// Where it stands.
    pub at: usize,
    /// The function it stands in, by its index in [`Program::scopes`].
    pub scope: usize,
}

/// A function, or the file itself.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Its name; empty for the file and for functions without one.
    pub name: String,
    /// Its parameters as written.
    pub parameters: String,
    /// The decorators or annotations before it, as written.
    pub decorators: String,
    /// The scope it stands in.
    pub parent: Option<usize>,
    /// The call that it is an argument of.
    pub passed_to: Option<String>,
    /// Where it stands.
    pub range: Range<usize>,
}

/// A file of source code.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Every call, in the order of their ends.
    pub calls: Vec<Call>,
    /// Every assignment.
    pub assignments: Vec<Assignment>,
    /// The file itself and every function.
    pub scopes: Vec<Scope>,
    /// Every struct literal, in the order of their ends.
    pub literals: Vec<Literal>,
    /// Loops, tries and what is done about failures, in the order of their starts.
    pub blocks: Vec<Block>,
    /// Statements that leave a block.
    pub exits: Vec<Exit>,
    /// What is imported, as written.
    pub imports: Vec<String>,
    /// Texts that nobody uses: Python's documentation.
    pub documentation: Vec<Range<usize>>,
}

impl Program {
    /// The scope and all around it, the innermost first.
    pub fn around(&self, scope: usize) -> impl Iterator<Item = &Scope> {
        let mut next = Some(scope);
        std::iter::from_fn(move || {
            let scope = self.scopes.get(next?)?;
            next = scope.parent;
            Some(scope)
        })
    }

    /// True if an import names a module or package.
    pub fn imports(&self, module: &str) -> bool {
        self.imports.iter().any(|i| i.contains(module))
    }
}

/// Longer files are not written by hand; what generators write opens no connections.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Reads a file.
pub fn read(view: &View<'_>, language: Language) -> (Program, Vec<Notice>) {
    let text = view.text.as_ref();
    if text.len() > MAX_BYTES {
        let notice = "the file is too long for hand-written code; its connections are not read";
        return (Program::default(), vec![Notice::new(view.span(0..1), notice)]);
    }
    let grammar = match language {
        Language::Go => tree_sitter_go::LANGUAGE,
        Language::Java => tree_sitter_java::LANGUAGE,
        Language::JavaScript => tree_sitter_javascript::LANGUAGE,
        Language::Kotlin => return (kotlin::program(text), Vec::new()),
        Language::Python => tree_sitter_python::LANGUAGE,
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
    };
    let mut parser = tree_sitter::Parser::new();
    let tree = parser.set_language(&grammar.into()).ok().and_then(|()| parser.parse(text, None));
    match tree {
        Some(tree) => (lower::program(text, tree.root_node()), Vec::new()),
        None => (Program::default(), vec![Notice::new(view.span(0..1), "the file could not be parsed")]),
    }
}

#[cfg(test)]
mod tests;
