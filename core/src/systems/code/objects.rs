//! What the calls and literals of a file make, as the table of libraries says it.

use std::ops::Range;

use super::File;
use super::calls::{self, in_request_handler};
use super::finish;
use super::imports::{Canon, Imports};
use super::kafka;
use super::options::{self, Choice, Options};
use super::table::{Fixed, LIBRARIES, Library, Object, Unit};
use crate::facts::kinds::code::bare_duration;
use crate::facts::{Fact, Field, Said, Type, Value};
use crate::syntax::code::{Call, Expr, Form, Known, Language, Literal};
use crate::systems::Reading;
use crate::systems::uris::{self, Place, UriContext};

/// What is made, and by what.
#[derive(Clone, Copy)]
pub(super) enum Made<'p> {
    /// A call.
    Call(&'p Call),
    /// A struct literal.
    Literal(&'p Literal),
}

impl<'p> Made<'p> {
    fn name(self) -> &'p str {
        match self {
            Made::Call(call) => &call.callee,
            Made::Literal(literal) => &literal.of,
        }
    }

    pub(super) fn at(self) -> Range<usize> {
        match self {
            Made::Call(call) => call.at.clone(),
            Made::Literal(literal) => literal.at.clone(),
        }
    }

    pub(super) fn range(self) -> Range<usize> {
        match self {
            Made::Call(call) => call.range.clone(),
            Made::Literal(literal) => literal.range.clone(),
        }
    }

    pub(super) fn scope(self) -> usize {
        match self {
            Made::Call(call) => call.scope,
            Made::Literal(literal) => literal.scope,
        }
    }

    pub(super) fn in_branch(self) -> bool {
        match self {
            Made::Call(call) => call.in_branch || call.in_loop,
            Made::Literal(literal) => literal.in_branch || literal.in_loop,
        }
    }

    fn in_loop(self) -> bool {
        match self {
            Made::Call(call) => call.in_loop,
            Made::Literal(literal) => literal.in_loop,
        }
    }
}

/// True if a text has a word of a library for its language.
pub(super) fn speaks_of(text: &str, language: Language) -> bool {
    let mut libraries = LIBRARIES.iter().filter(|l| l.languages.contains(&language.of_libraries()));
    libraries.any(|l| l.words.iter().any(|w| text.contains(w)))
}

/// Adds the facts of everything in a file that the table knows.
pub(super) fn extract(file: &File<'_>, imports: &Imports, language: Language, reading: &mut Reading) {
    let text = file.view.text.as_ref();
    let here: Vec<&Library> = LIBRARIES
        .iter()
        .filter(|l| l.languages.contains(&language.of_libraries()))
        .filter(|l| match l.imports {
            [] => l.words.iter().any(|w| text.contains(w)),
            all => all.iter().any(|(module, _)| imports.has(module)),
        })
        .collect();
    if here.is_empty() {
        return;
    }
    let canon = |name: &str, at: usize| imports.canon(&file.constants, file.program, name, at);
    let calls = file.program.calls.iter().map(|c| (Made::Call(c), canon(&c.callee, c.range.start)));
    let literals = file.program.literals.iter().map(|l| {
        let mut canon = canon(&l.of, l.range.start);
        canon.tail.push_str("{}");
        (Made::Literal(l), canon)
    });
    let mut all: Vec<(Made<'_>, Canon)> = calls.chain(literals).collect();
    all.sort_by_key(|(made, _)| (made.at().start, made.range().end));
    for (made, canon) in &all {
        for library in &here {
            for object in library.objects.iter().filter(|o| makes(imports, library, o, *made, canon)) {
                add(file, library, object, *made, reading);
            }
        }
    }
    finish::whole(file, reading);
}

/// True if an object of the table is what a call or literal makes.
fn makes(imports: &Imports, library: &Library, object: &Object, made: Made<'_>, canon: &Canon) -> bool {
    let ours = match library.imports {
        [] => canon.module.is_empty(),
        all => all.iter().any(|(module, _)| imports.gives(canon, module)),
    };
    object.made.iter().any(|pattern| match pattern.strip_prefix('.') {
        Some(method) => {
            matches!(made, Made::Call(call) if call.name() == method && !call.receiver().is_empty())
        }
        None if library.imports.is_empty() => ours && canon.tail == *pattern,
        None => ours && same(&canon.tail, pattern),
    })
}

/// True if names are those of a pattern, with modules before them perhaps.
fn same(tail: &str, pattern: &str) -> bool {
    // What a module itself is, or gives without a name.
    if let Some(rest) = pattern.strip_prefix("default") {
        return tail == rest;
    }
    tail == pattern
        || tail.strip_suffix(pattern).and_then(|before| before.strip_suffix('.')).is_some_and(|modules| {
            modules.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'.' | b'0'..=b'9'))
        })
}

/// A field of a kind by its name.
pub(super) fn field(kind: &'static crate::facts::Kind, name: &str) -> Option<Field> {
    kind.field(name).map(|index| Field { kind, index })
}

fn fixed(field: Field, value: Fixed) -> Option<Value> {
    let ty = field.kind.fields.get(field.index)?.ty;
    Some(match (ty, value) {
        (_, Fixed::Bool(b)) => Value::Bool(b),
        (_, Fixed::Text(text)) => Value::text(text),
        (Type::Duration, Fixed::Number(n)) => Value::Duration(n),
        (Type::Size, Fixed::Number(n)) => Value::Size(n),
        (Type::Float, Fixed::Number(n)) => Value::Float(n as f64),
        (_, Fixed::Number(n)) => Value::Int(n),
        (_, Fixed::Float(n)) => Value::Float(n),
    })
}

fn add(file: &File<'_>, library: &Library, object: &Object, made: Made<'_>, reading: &mut Reading) {
    let kind = object.kind;
    if kafka::is_client(kind) {
        let found = options::collect(file, object.at, made);
        let certain = !uncertain(file, library, object, &found);
        if object.needs.is_empty() || certain {
            kafka::add(file, object, made, &found, certain, reading);
        }
        return;
    }
    let at = file.span(&made.at());
    let mut fact = Fact::new(kind, at);
    let derive = |fact: &mut Fact, name: &str, value: Value| {
        if let Some(field) = field(kind, name) {
            fact.set(field, Said::derived(value, Some(at)));
        }
    };
    derive(&mut fact, "library", Value::text(library.name));
    if let Some(call) = field(kind, "call") {
        fact.write(call, Value::text(made.name()), at);
    }
    let decorates = match made {
        Made::Call(call) => call.decorates.clone().filter(|d| !d.is_empty()),
        Made::Literal(_) => None,
    };
    let scope = file.program.scopes.get(made.scope()).map(|s| s.name.clone()).filter(|n| !n.is_empty());
    if let Some(name) = decorates.or(scope) {
        derive(&mut fact, "function", Value::text(name));
    }
    derive(&mut fact, "in_loop", Value::Bool(made.in_loop()));
    derive(&mut fact, "in_request_handler", Value::Bool(in_request_handler(file, made.scope())));
    for (field, value) in object.always {
        if let Some(value) = fixed(*field, *value) {
            fact.derive(*field, value);
        }
    }
    let found = options::collect(file, object.at, made);
    let mut unknown: Vec<usize> = Vec::new();
    for (name, target, unit) in object.options {
        for choice in found.choices.iter().filter(|c| leads_to(name, &c.name)) {
            take(file, library, object, &mut fact, *target, *unit, choice, &mut unknown, reading);
        }
    }
    if object.verb {
        let verb = made.name().rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(&verb.as_str());
        if let Some(field) = field(kind, "method").filter(|_| known) {
            fact.set(field, Said::derived(Value::text(verb), Some(at)));
        }
    }
    if !uncertain(file, library, object, &found) {
        for (field, value) in object.defaults {
            if fact.get(*field).is_none()
                && !unknown.contains(&field.index)
                && let Some(value) = fixed(*field, *value)
            {
                fact.set(*field, Said::default(value, library.name));
            }
        }
    }
    unbounded(object, &mut fact);
    finish::one(file, made, &mut fact);
    reading.facts.add(fact);
}

/// True if a path of an option is the one that the table has.
fn leads_to(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(rest) => name
            .split_once('.')
            .is_some_and(|(first, after)| after == rest && first.bytes().all(|b| b.is_ascii_digit())),
        None => pattern == name,
    }
}

/// True if something else in the file may set what is not said here.
fn uncertain(file: &File<'_>, library: &Library, object: &Object, found: &Options) -> bool {
    if !object.needs.is_empty() && !object.needs.iter().any(|word| file.count(word) > 0) {
        return true;
    }
    // A setter is elsewhere if it is called more often than on this thing.
    let elsewhere = |word: &'static str| match word.strip_prefix('.') {
        Some(setter) => {
            let own = found.choices.iter().filter(|c| c.name == setter).count();
            file.count(word) > own
        }
        None => file.count(word) > 0,
    };
    found.open || library.elsewhere.iter().chain(object.elsewhere).any(|word| elsewhere(word))
}

/// Says whether nothing bounds the wait, where all that could is said.
fn unbounded(object: &Object, fact: &mut Fact) {
    let Some(field) = field(object.kind, "unbounded").filter(|_| !object.unbounded.is_empty()) else {
        return;
    };
    let said: Vec<Option<i64>> = object.unbounded.iter().map(|f| fact.int(*f)).collect();
    let bounded = said.iter().any(|s| s.is_some_and(|n| n > 0));
    if bounded || said.iter().all(|s| *s == Some(0)) {
        let span =
            object.unbounded.iter().find_map(|f| fact.get(*f).and_then(Said::span)).unwrap_or(fact.span);
        fact.set(field, Said::derived(Value::Bool(!bounded), Some(span)));
    }
}

#[allow(clippy::too_many_arguments, reason = "a step of `add` with all that it has at hand")]
fn take(
    file: &File<'_>,
    library: &Library,
    object: &Object,
    fact: &mut Fact,
    target: Option<Field>,
    unit: Unit,
    choice: &Choice,
    unknown: &mut Vec<usize>,
    reading: &mut Reading,
) {
    if let Unit::Off(values) = unit {
        let settled = object.elsewhere.iter().any(|word| file.count(word) > 0);
        if !settled && choice.sure && is_one_of(file, choice.value.as_ref(), values) {
            let range = choice.at.start..choice.value.as_ref().map_or(choice.at.end, |v| v.range.end);
            let written = file.view.text.get(range.clone()).filter(|t| t.len() < 60 && !t.contains('\n'));
            calls::unverified(file, &range, library.name, written.unwrap_or(choice.name.as_str()), reading);
        }
        return;
    }
    if let (Unit::Uri(client), Some(expr)) = (unit, &choice.value) {
        uri(file, client, expr, reading);
    }
    if matches!(unit, Unit::Key(_)) {
        return;
    }
    let Some(target) = target else { return };
    let shown = choice
        .value
        .as_ref()
        .is_some_and(|expr| matches!(file.constants.follow(expr).form, Form::Map { .. } | Form::Null));
    if unit == Unit::Inside && shown && choice.sure {
        return;
    }
    if !choice.sure || matches!(unit, Unit::Inside | Unit::Unknown) {
        unknown.push(target.index);
        return;
    }
    let span = file.span(&choice.value.as_ref().map_or(choice.at.clone(), |v| v.range.clone()));
    if let (Unit::Go, Some(expr)) = (unit, &choice.value)
        && let Form::Int(n) = file.constants.follow(expr).form
        && (1..MOST_BARE).contains(&n)
    {
        let mut bare = Fact::new(&bare_duration::KIND, span);
        bare.derive(bare_duration::library, Value::text(library.name));
        bare.derive(bare_duration::option, Value::text(choice.name.rsplit('.').next().unwrap_or_default()));
        bare.write(bare_duration::value, Value::Int(n), span);
        reading.facts.add(bare);
        unknown.push(target.index);
        return;
    }
    match options::value(file, choice, target, unit) {
        Some(value) => {
            let said = Said::written(value, span);
            let secret = unit == Unit::Secret;
            if secret {
                reading.secrets.push(span);
            }
            fact.set(target, if secret { said.secret() } else { said });
        }
        None => unknown.push(target.index),
    }
}

/// Numbers of nanoseconds below a millisecond were meant as something else.
const MOST_BARE: i64 = 1_000_000;

fn uri(file: &File<'_>, client: &'static str, expr: &Expr, reading: &mut Reading) {
    let Some(range) = file.constants.text_range(expr) else { return };
    if file.done.borrow().contains(&range) {
        return;
    }
    let client = if client.is_empty() { None } else { Some(client) };
    let context = UriContext { client, key: Some("url"), place: Place::Value, ..UriContext::default() };
    uris::scan(&file.view.sub(range.clone()), &context, reading);
    file.done.borrow_mut().push(range);
}

fn is_one_of(file: &File<'_>, expr: Option<&Expr>, values: &[&str]) -> bool {
    let Some(expr) = expr else { return values.contains(&"") };
    if let Form::Name(name) = &expr.form
        && values.contains(&name.rsplit('.').next().unwrap_or_default())
    {
        return true;
    }
    match file.constants.known(expr) {
        Some(Known::Bool(b)) => values.contains(&if b { "true" } else { "false" }),
        Some(Known::Int(n)) => values.contains(&n.to_string().as_str()),
        Some(Known::Text(text)) => values.contains(&text.as_str()),
        Some(Known::Null) => values.contains(&"None"),
        _ => false,
    }
}
