//! Values of trees as fields of facts, with defaults in place of variables.

use crate::facts::{Fact, Field, Said, Value};
use crate::source::{Span, View};
use crate::syntax::{Data, Node};

use super::interpolation::fill;

/// The text of a leaf with its variables filled in, as far as it is known.
pub fn text(node: &Node<'_>) -> Option<String> {
    let scalar = node.scalar()?;
    if scalar.is_null() { None } else { fill(&scalar.view.text).text }
}

/// The place of a leaf without its quotes, or of the whole node.
pub fn span(node: &Node<'_>) -> Span {
    match node.scalar() {
        Some(scalar) if !scalar.view.text.is_empty() => scalar.view.full_span(),
        _ => node.span,
    }
}

/// Sets a text field.
pub fn put_text(fact: &mut Fact, field: Field, node: Option<&Node<'_>>) {
    put(fact, field, node, |t| Some(Value::text(t)));
}

/// Sets a field to what `read` makes of the text.
pub fn put(fact: &mut Fact, field: Field, node: Option<&Node<'_>>, read: impl Fn(&str) -> Option<Value>) {
    if let Some(node) = node
        && let Some(value) = text(node).and_then(|t| read(&t))
    {
        fact.write(field, value, span(node));
    }
}

/// Sets a whole-number field.
pub fn put_int(fact: &mut Fact, field: Field, node: Option<&Node<'_>>) {
    put(fact, field, node, |t| t.trim().replace('_', "").parse().ok().map(Value::Int));
}

/// Sets a field that counts seconds.
pub fn put_seconds(fact: &mut Fact, field: Field, node: Option<&Node<'_>>) {
    put(fact, field, node, |t| t.trim().parse::<i64>().ok()?.checked_mul(1_000).map(Value::Duration));
}

/// Sets a boolean field.
pub fn put_bool(fact: &mut Fact, field: Field, node: Option<&Node<'_>>) {
    if let Some(node) = node
        && let Some(value) = boolean(node)
    {
        fact.write(field, Value::Bool(value), span(node));
    }
}

/// A boolean, quoted or not.
pub fn boolean(node: &Node<'_>) -> Option<bool> {
    match text(node)?.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Sets a field to the texts of a list, or to the one text that stands in its place. Nothing is set for an empty
/// list.
pub fn put_list(fact: &mut Fact, field: Field, node: Option<&Node<'_>>) {
    let Some(node) = node else { return };
    let items = match &node.data {
        Data::Scalar(_) => std::slice::from_ref(node),
        _ => node.items(),
    };
    let said = items.iter().filter_map(|i| Some(Said::written(Value::text(text(i)?), span(i)))).collect();
    put_said(fact, field, said, node.span);
}

/// Sets a field to `name=value` texts, from a map or a list of them.
pub fn put_assignments(fact: &mut Fact, field: Field, node: Option<&Node<'_>>) {
    let Some(node) = node else { return };
    match &node.data {
        Data::Map(entries) => {
            let said = entries.iter().filter_map(|e| {
                let value = text(&e.value)?;
                let at = e.key.view.full_span().to(span(&e.value));
                Some(Said::written(Value::text(format!("{}={value}", e.key.view.text)), at))
            });
            put_said(fact, field, said.collect(), node.span);
        }
        _ => put_list(fact, field, Some(node)),
    }
}

/// Sets a field to whole numbers.
pub fn put_ints(fact: &mut Fact, field: Field, numbers: Vec<(i64, Span)>, at: Span) {
    let said = numbers.into_iter().map(|(n, span)| Said::written(Value::Int(n), span)).collect();
    put_said(fact, field, said, at);
}

fn put_said(fact: &mut Fact, field: Field, said: Vec<Said>, at: Span) {
    if !said.is_empty() {
        fact.set(field, Said::written(Value::List(said), at));
    }
}

/// A command as one text: the words of a list joined by blanks. Variables stay as they stand.
pub fn command(node: &Node<'_>) -> Option<String> {
    match &node.data {
        Data::Scalar(scalar) if !scalar.is_null() => Some(scalar.view.text.trim().to_string()),
        Data::Seq(items) if !items.is_empty() => {
            Some(items.iter().filter_map(Node::text).collect::<Vec<_>>().join(" "))
        }
        _ => None,
    }
}

/// The view of a leaf.
pub fn view<'n, 'a>(node: &'n Node<'a>) -> Option<&'n View<'a>> {
    node.scalar().filter(|s| !s.is_null()).map(|s| &s.view)
}
