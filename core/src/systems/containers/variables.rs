//! Environment variables.

use std::collections::BTreeSet;

use crate::facts::kinds::container::variable;
use crate::facts::{Fact, FactId, Field, Said, Value};
use crate::secrets;
use crate::source::View;
use crate::systems::Reading;
use crate::systems::rabbitmq::packages;
use crate::systems::spring;
use crate::systems::uris::{self, Place, UriContext};

use super::interpolation::{self, fill};
use super::quantities;

/// Who gets a variable.
pub type Owner = Option<(Field, FactId)>;

/// A variable of an environment.
pub struct Assignment<'a> {
    /// Its name.
    pub name: View<'a>,
    /// Its value; `None` if it comes from elsewhere.
    pub value: Option<View<'a>>,
    /// Whether `${X}` in the value is filled in by who reads the file.
    pub expands: bool,
}

impl<'a> Assignment<'a> {
    /// One that is written `NAME=value` or `NAME`.
    pub fn parse(text: &'a View<'a>, expands: bool) -> Assignment<'a> {
        let end = text.text.find('=').unwrap_or(text.text.len());
        let value = (end < text.text.len()).then(|| text.sub(end + 1..text.text.len()));
        Assignment { name: text.sub(text.trim_range(0..end)), value, expands }
    }
}

/// Takes down all variables of one environment, and what they mean to Spring Boot together. Of several with one name
/// the first counts.
pub fn add_all(assignments: &[Assignment<'_>], owner: Owner, out: &mut Reading) {
    for one in assignments {
        let scan = !spring::binds(&one.name.text);
        take(&one.name, one.value.as_ref(), one.expands, owner, scan, out);
    }
    bind(assignments, out);
}

/// What variables mean to Spring Boot together.
pub fn bind(assignments: &[Assignment<'_>], out: &mut Reading) {
    let mut seen = BTreeSet::new();
    let bound: Vec<(&View<'_>, View<'_>)> = assignments
        .iter()
        .filter(|a| spring::binds(&a.name.text) && seen.insert(a.name.text.to_ascii_uppercase()))
        .map(|a| (&a.name, seen_by_program(a)))
        .collect();
    spring::environment(bound.iter().map(|(name, value)| (*name, value)), out);
}

/// The value as the program sees it; a placeholder of Spring's in place of what the file does not say.
fn seen_by_program<'v>(assignment: &'v Assignment<'_>) -> View<'v> {
    let open = |view: &'v View<'_>| {
        const UNKNOWN: &str = "${unknown}";
        let pieces: Vec<(u32, u32)> = (0..UNKNOWN.len() as u32).map(|at| (at, 0)).collect();
        view.derived(UNKNOWN, &pieces)
    };
    let Some(value) = &assignment.value else { return open(&assignment.name) };
    let filled = fill(&value.text);
    match (assignment.expands, filled.default) {
        _ if !filled.placeholder && !value.text.contains("$(") => value.sub(0..value.text.len()),
        (true, Some(default)) => match value.text.rfind(&default) {
            Some(at) => value.sub(at..at + default.len()),
            None => open(value),
        },
        _ => open(value),
    }
}

/// Takes down a variable and reads the connection URIs in its value. `expands` says whether `${X}` in the value is
/// filled in by who reads the file.
pub fn add(name: &View<'_>, value: Option<&View<'_>>, expands: bool, owner: Owner, out: &mut Reading) {
    take(name, value, expands, owner, true, out);
}

/// The same, with or without the URIs.
fn take(
    name: &View<'_>,
    value: Option<&View<'_>>,
    expands: bool,
    owner: Owner,
    scan: bool,
    out: &mut Reading,
) {
    if name.text.is_empty() {
        return;
    }
    let mut fact = Fact::new(&variable::KIND, name.full_span());
    fact.write(variable::name, Value::text(&name.text), name.full_span());
    if let Some((field, id)) = owner {
        fact.derive(field, Value::Record(id));
    }
    let sensitive = secrets::is_secret_name(&name.text);
    fact.derive(variable::sensitive, Value::Bool(sensitive));
    let Some(value) = value else {
        fact.derive(variable::from, Value::text("shell"));
        out.facts.add(fact);
        return;
    };
    let span = value.full_span();
    let filled = if expands {
        fill(&value.text)
    } else {
        let mut filled = fill(&value.text.replace('$', "$$"));
        filled.default = None;
        filled
    };
    let keep = |said: Said| if sensitive { said.secret() } else { said };
    let whole = interpolation::variable(value.text.trim()).filter(|v| v.length == value.text.trim().len());
    if let Some(whole) = whole.filter(|_| expands) {
        fact.write(variable::refers_to, Value::text(whole.name), span);
    }
    fact.set(variable::placeholder, Said::derived(Value::Bool(filled.placeholder), Some(span)));
    if let Some(text) = &filled.text {
        fact.set(variable::value, keep(Said::written(Value::text(text), span)));
        fact.derive(variable::empty, Value::Bool(text.is_empty()));
        packages::read_variable(&name.text, text, span, out);
        if let Some(bytes) = heap(text) {
            fact.write(variable::heap, Value::Size(bytes), span);
        }
        if let Ok(number) = text.trim().parse() {
            fact.set(variable::integer, keep(Said::written(Value::Int(number), span)));
        }
    }
    if let Some(default) = &filled.default {
        fact.set(variable::default, keep(Said::written(Value::text(default), span)));
    }
    if sensitive {
        let literal = filled.text.as_deref().is_some_and(|t| !t.is_empty() && !secrets::is_placeholder(t));
        fact.derive(variable::secret_literal, Value::Bool(literal));
        let tried_first = filled.text.as_deref().is_some_and(|t| uris::is_weak(t, None));
        fact.derive(variable::weak, Value::Bool(tried_first));
        if literal {
            out.secrets.push(span);
        }
    }
    out.facts.add(fact);
    if !scan {
        return;
    }
    let context = UriContext {
        key: Some(&name.text),
        place: Place::Value,
        expands_variables: Some(expands),
        ..UriContext::default()
    };
    uris::scan(value, &context, out);
}

/// The heap that the last `-Xmx` of a Java command line allows, in bytes.
fn heap(text: &str) -> Option<i64> {
    const OPTION: &str = "-Xmx";
    let at = text.rfind(OPTION)?;
    quantities::compose_bytes(
        text.get(at + OPTION.len()..)?.split_whitespace().next()?.trim_matches(['"', '\'']),
    )
}

/// Takes down a variable written `NAME=value` or `NAME`.
pub fn add_assignment(text: &View<'_>, expands: bool, owner: Owner, out: &mut Reading) {
    match text.text.find('=') {
        Some(at) => {
            let name = text.sub(text.trim_range(0..at));
            let value = text.sub(at + 1..text.text.len());
            add(&name, Some(&value), expands, owner, out);
        }
        None => add(&text.sub(text.trim_range(0..text.text.len())), None, expands, owner, out),
    }
}
