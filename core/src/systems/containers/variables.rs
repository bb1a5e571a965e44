//! Environment variables.

use crate::facts::kinds::container::variable;
use crate::facts::{Fact, FactId, Field, Said, Value};
use crate::secrets;
use crate::source::View;
use crate::systems::Reading;
use crate::systems::rabbitmq::packages;
use crate::systems::uris::{self, Place, UriContext};

use super::interpolation::fill;
use super::quantities;

/// Who gets a variable.
pub type Owner = Option<(Field, FactId)>;

/// Takes down a variable and reads the connection URIs in its value. `expands` says whether `${X}` in the value is
/// filled in by who reads the file.
pub fn add(name: &View<'_>, value: Option<&View<'_>>, expands: bool, owner: Owner, out: &mut Reading) {
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
    fact.derive(variable::placeholder, Value::Bool(filled.placeholder));
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
