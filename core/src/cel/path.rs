//! Where the fields that an expression names stand.

use crate::facts::{FactId, Said};
use crate::source::Span;

use super::eval::{Machine, Scope};
use super::expr::{Expr, Node};

/// Where a field stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Where its value is written, if it is; otherwise the fact's own place stands for it.
    pub span: Option<Span>,
    /// The fact that holds the field, or, on a way that ends early, the last one there is.
    pub fact: FactId,
    /// What is known of the field; its origin tells a default.
    pub said: Option<Said>,
    /// The field or key as a condition names it within its fact; the bound name if the expression is no more than that.
    pub name: String,
}

/// The place of an expression that is a path: a name, and fields, keys or elements of it.
pub fn place(expr: &Expr, scope: &Scope) -> Option<Place> {
    find(&expr.root, scope)
}

/// Whether an expression is such a path.
pub fn is_path(expr: &Expr) -> bool {
    fn go(node: &Node) -> bool {
        match node {
            Node::Bound { .. } => true,
            Node::Field { of, .. } | Node::Key { of, .. } | Node::Item { of, .. } => go(of),
            _ => false,
        }
    }
    go(&expr.root)
}

fn find(node: &Node, scope: &Scope) -> Option<Place> {
    let (of, name) = match node {
        Node::Bound { index, name } => {
            return Some(Place {
                span: None,
                fact: scope.bound(*index)?,
                said: None,
                name: name.to_string(),
            });
        }
        Node::Field { of, field } => (of, field.kind.fields.get(field.index)?.name.to_string()),
        Node::Key { of, name, .. } => (of, name.to_string()),
        Node::Item { of, .. } => {
            let list = find(of, scope)?;
            let said = Machine::new(scope).eval(node).ok().flatten().map(|said| said.into_owned());
            let span = said.as_ref().and_then(Said::span).or(list.span);
            return Some(Place { span, said, ..list });
        }
        _ => return None,
    };
    let Some((fact, _, _)) = Machine::new(scope).fact(of).ok()? else {
        return Some(Place { said: None, name, ..find(of, scope)? });
    };
    let said = Machine::new(scope).eval(node).ok()?.map(|said| said.into_owned());
    Some(Place { span: said.as_ref().and_then(Said::span), fact, said, name })
}

/// Every path to a field that an expression names, once each, in the order of the text: the index of the bound name
/// (the settings come after the names of the rule) and the path as a condition can name it, `client.heartbeat`.
/// Fields of elements, read through the variable of an `exists` and its like, are not among them.
pub fn fields_read(expr: &Expr) -> Vec<(usize, String)> {
    let mut paths = Vec::new();
    collect(&expr.root, &mut paths);
    paths
}

/// The path that a node is, if it starts at a bound name.
fn path(node: &Node) -> Option<(usize, String)> {
    match node {
        Node::Bound { index, name } => Some((*index, name.to_string())),
        Node::Field { of, field } => {
            let (index, before) = path(of)?;
            Some((index, format!("{before}.{}", field.kind.fields.get(field.index)?.name)))
        }
        Node::Key { of, name, .. } => {
            let (index, before) = path(of)?;
            let plain = |part: &str| {
                part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            };
            let dotted = name.split('.').all(plain);
            Some((index, if dotted { format!("{before}.{name}") } else { format!("{before}[\"{name}\"]") }))
        }
        _ => None,
    }
}

fn collect(node: &Node, paths: &mut Vec<(usize, String)>) {
    match node {
        Node::Field { of, .. } | Node::Key { of, .. } => match path(node) {
            Some(path) => {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
            None => collect(of, paths),
        },
        _ => node.parts().into_iter().for_each(|part| collect(part, paths)),
    }
}
