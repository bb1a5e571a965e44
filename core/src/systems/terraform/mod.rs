//! Terraform and OpenTofu: what resources of clouds do to connections. Literals count, variables are not known.

mod balancers;
mod firewalls;
mod stores;

use crate::facts::{Fact, Field, Said, Value};
use crate::source::{Source, Span, View};
use crate::syntax::hcl::{self, Block};
use crate::syntax::{Node, Style};

use super::carriers::generic;
use super::containers::nodes;
use super::{FileKind, Match, Reading};

/// Terraform configurations.
pub static TERRAFORM: FileKind = FileKind {
    name: "terraform",
    doc: "Terraform and OpenTofu configurations: balancers, security groups, managed brokers and databases",
    recognise: |source: &Source| {
        let name = source.base_name();
        let ending = name.ends_with(".tf") || name.ends_with(".tofu");
        if ending && !source.text.contains('\0') { Match::Sure } else { Match::No }
    },
    read,
};

fn read(view: &View<'_>, out: &mut Reading) {
    (generic::TEXT.read)(view, out);
    let (root, notices) = hcl::parse(view);
    out.notices.extend(notices);
    let resources: Vec<Resource<'_, '_>> = root.inner("resource").map(|block| Resource { block }).collect();
    balancers::read(&resources, out);
    firewalls::read(&resources, out);
    stores::read(&resources, out);
}

/// The resource that a security group of AWS is.
const GROUP: &str = "aws_security_group";

/// A resource block.
#[derive(Clone, Copy)]
struct Resource<'b, 'a> {
    block: &'b Block<'a>,
}

impl<'b, 'a> Resource<'b, 'a> {
    fn sort(self) -> &'b str {
        self.block.label(0)
    }

    fn name(self) -> &'b str {
        self.block.label(1)
    }

    fn span(self) -> Option<Span> {
        self.block.span()
    }

    /// The resource of a type that an attribute refers to, among those of the file.
    fn refers(self, attribute: &str, sort: &str, all: &[Resource<'b, 'a>]) -> Option<Resource<'b, 'a>> {
        let scalar = self.block.get(attribute)?.scalar().filter(|s| s.style == Style::Plain)?;
        let name = scalar.view.text.strip_prefix(sort)?.strip_prefix('.')?.split(['.', '[']).next()?;
        all.iter().copied().find(|r| r.sort() == sort && r.name() == name)
    }
}

/// The names of resources of a type that a list, or one text in its place, refers to by their `id`; `None` if anything
/// else stands there.
fn references(node: &Node<'_>, sort: &str) -> Option<Vec<Said>> {
    let items = if node.scalar().is_some() { std::slice::from_ref(node) } else { node.items() };
    let one = |item: &Node<'_>| {
        let scalar = item.scalar().filter(|s| s.style == Style::Plain)?;
        let name = scalar.view.text.strip_prefix(sort)?.strip_prefix('.')?.strip_suffix(".id")?;
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        plain.then(|| Said::written(Value::text(name), nodes::span(item)))
    };
    let found: Option<Vec<Said>> = items.iter().map(one).collect();
    found.filter(|list| !list.is_empty())
}

/// Sets a field to the names of the security groups that a list refers to.
fn put_groups(fact: &mut Fact, field: Field, node: Option<&Node<'_>>) {
    if let Some(node) = node
        && let Some(list) = references(node, GROUP)
    {
        fact.write(field, Value::List(list), node.span);
    }
}

/// The literal text of a value: a quoted text without template, a number or a boolean.
fn literal(node: &Node<'_>) -> Option<String> {
    let scalar = node.scalar()?;
    let text = scalar.view.text.as_ref();
    let plain = |t: &str| matches!(t, "true" | "false") || t.parse::<i64>().is_ok();
    match scalar.style {
        Style::Quoted if !text.contains("${") && !text.contains("%{") => Some(text.to_owned()),
        Style::Plain if plain(text) => Some(text.to_owned()),
        _ => None,
    }
}

fn number(node: &Node<'_>) -> Option<i64> {
    literal(node)?.trim().parse().ok()
}

/// Sets a field to what `read` makes of a literal.
fn put(fact: &mut Fact, field: Field, node: Option<&Node<'_>>, read: impl Fn(&str) -> Option<Value>) {
    if let Some(node) = node
        && let Some(value) = literal(node).and_then(|t| read(&t))
    {
        fact.write(field, value, nodes::span(node));
    }
}

/// Sets a field to a time in units of `ms` milliseconds; to the provider's default if nothing is written, and to
/// nothing if an expression decides.
fn put_time(fact: &mut Fact, field: Field, node: Option<&Node<'_>>, ms: i64, default: Option<(i64, &str)>) {
    match (node, default) {
        (None, Some((count, whose))) => {
            fact.set(field, Said::default(Value::Duration(count.saturating_mul(ms)), whose));
        }
        _ => put(fact, field, node, |t| t.trim().parse::<i64>().ok()?.checked_mul(ms).map(Value::Duration)),
    }
}

/// Literal texts of a list, or of the one text in its place.
fn texts(node: Option<&Node<'_>>) -> Vec<Said> {
    let Some(node) = node else { return Vec::new() };
    let items = if node.scalar().is_some() { std::slice::from_ref(node) } else { node.items() };
    items.iter().filter_map(|i| Some(Said::written(Value::text(literal(i)?), nodes::span(i)))).collect()
}

#[cfg(test)]
mod tests;
