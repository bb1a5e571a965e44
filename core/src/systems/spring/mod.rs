//! Spring Boot's `application.yml` and `application.properties`: the properties below `spring.rabbitmq`, and the
//! URIs in all others.

mod kafka;
mod pool;
mod rabbitmq;
mod resilience;
mod shutdown;
mod values;

pub(crate) use shutdown::from_environment as shutdown_from_environment;

use crate::source::{Source, Span, View};
use crate::syntax::keyvalue::{self, dialects};
use crate::syntax::{Data, Node, yaml};
use crate::systems::uris::{self, Place, UriContext};
use crate::systems::{FileKind, Match, Reading};

/// Spring Boot's configuration files.
pub static SPRING: FileKind =
    FileKind { name: "spring", doc: "Spring Boot's properties as YAML or `.properties`.", recognise, read };

/// A property as it is written.
#[derive(Debug)]
struct Property<'v> {
    /// Its dotted name as written, positions in lists left out.
    name: String,
    /// Where the last part of the name stands.
    at: Span,
    value: View<'v>,
}

/// The properties of one document, in order.
#[derive(Debug)]
struct Document<'v> {
    properties: Vec<Property<'v>>,
    form: &'static str,
    span: Span,
}

/// A name as Spring compares it: without case, `-` and `_`.
fn uniform(name: &str) -> String {
    let plain = name.split('[').next().unwrap_or(name);
    plain.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    let name = [".template", ".example", ".sample", ".j2", ".tmpl", ".tpl"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    let Some((stem, ending)) = name.rsplit_once('.') else { return Match::No };
    if !matches!(ending, "yml" | "yaml" | "properties") {
        return Match::No;
    }
    let named = ["application", "bootstrap"].iter().any(|word| {
        stem.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.']))
    });
    // A ConfigMap that carries such a file has its lines indented.
    let (mut spring, mut boot, mut rabbit) = (false, false, false);
    for line in source.text.lines() {
        let word = line.split([':', '.', '=']).next().unwrap_or_default();
        let part = word.len() < line.len();
        spring |= word == "spring" && part;
        boot |= part && matches!(word, "server" | "management" | "logging" | "eureka");
        rabbit |= line.starts_with("spring.rabbitmq") || (spring && line.trim() == "rabbitmq:");
    }
    match (named, spring) {
        (true, true) => Match::Sure,
        (true, _) if boot => Match::Likely,
        _ if rabbit => Match::Likely,
        _ => Match::No,
    }
}

fn read(view: &View<'_>, reading: &mut Reading) {
    for document in if is_yaml(&view.text) { of_yaml(view, reading) } else { of_properties(view, reading) } {
        for property in &document.properties {
            let name = uniform(&property.name);
            if !name.starts_with("spring.rabbitmq.") && !has_user_beside(&document, property) {
                let context = UriContext {
                    key: Some(&property.name),
                    place: Place::Value,
                    expands_variables: Some(true),
                    ..UriContext::default()
                };
                uris::scan(&property.value, &context, reading);
            }
            values::placeholders(&property.name, &property.value, reading);
        }
        rabbitmq::extract(&document, reading);
        kafka::extract(&document, reading);
        pool::extract(&document, reading);
        shutdown::extract(&document, reading);
        resilience::extract(&document, reading);
    }
}

/// True for an address without user where a property beside it says the user: the two are joined elsewhere.
fn has_user_beside(document: &Document<'_>, property: &Property<'_>) -> bool {
    if property.value.text.contains('@') || !property.value.text.contains("amqp") {
        return false;
    }
    let parent = |name: &str| uniform(name.rsplit_once('.').map_or("", |(parent, _)| parent));
    document.properties.iter().any(|other| {
        let last = uniform(other.name.rsplit('.').next().unwrap_or_default());
        matches!(last.as_str(), "user" | "username" | "login")
            && parent(&other.name) == parent(&property.name)
    })
}

/// True if the lines are YAML's, `key:` before a value, and not properties, `key=value`.
fn is_yaml(text: &str) -> bool {
    /// So many lines tell.
    const LINES: usize = 200;
    let lines =
        text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with(['#', '!'])).take(LINES);
    let (mut yaml, mut properties) = (0, 0);
    for line in lines {
        let end = line.find([':', '=']).unwrap_or(line.len());
        match line.get(end..).unwrap_or_default() {
            "" => yaml += usize::from(line == "---" || line.starts_with("- ")),
            rest if rest.starts_with('=') => properties += 1,
            rest if rest == ":" || rest.starts_with(": ") => yaml += 1,
            _ => {}
        }
    }
    yaml > properties
}

fn of_yaml<'v>(view: &'v View<'_>, reading: &mut Reading) -> Vec<Document<'v>> {
    let (nodes, notices) = yaml::parse(view);
    reading.notices.extend(notices);
    let document = |node: Node<'v>| {
        let span = node.span;
        let mut properties = Vec::new();
        flatten(node, "", span, &mut properties);
        Document { properties, form: "yaml", span }
    };
    nodes.into_iter().map(document).collect()
}

fn flatten<'v>(node: Node<'v>, name: &str, at: Span, out: &mut Vec<Property<'v>>) {
    match node.data {
        Data::Scalar(scalar) => out.push(Property { name: name.to_owned(), at, value: scalar.view }),
        Data::Map(entries) => {
            for entry in entries {
                let part = entry.key.view.text.as_ref();
                let name = if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
                flatten(entry.value, &name, entry.key.view.full_span(), out);
            }
        }
        Data::Seq(items) | Data::Tuple(items) => {
            for item in items {
                let at = item.span;
                flatten(item, name, at, out);
            }
        }
    }
}

fn of_properties<'v>(view: &'v View<'_>, reading: &mut Reading) -> Vec<Document<'v>> {
    let (pairs, notices) = keyvalue::pairs(view, &dialects::PROPERTIES);
    reading.notices.extend(notices);
    // A comment of three dashes parts documents, since 2.4.
    let mut borders = Vec::new();
    let mut at = 0;
    for line in view.text.split_inclusive('\n') {
        if matches!(line.trim_end(), "#---" | "!---") {
            borders.push(view.outer(at) as u32);
        }
        at += line.len();
    }
    let empty = || Document { properties: Vec::new(), form: "properties", span: view.full_span() };
    let mut documents = vec![empty()];
    let mut borders = borders.into_iter().peekable();
    for pair in pairs.into_iter().filter(|p| p.assigned) {
        if borders.next_if(|&b| b <= pair.span.start).is_some() {
            documents.push(empty());
        }
        let property =
            Property { name: pair.key.text.to_string(), at: pair.key.full_span(), value: pair.value };
        if let Some(document) = documents.last_mut() {
            document.properties.push(property);
        }
    }
    documents
}

/// True for a variable that Spring Boot binds to a property of its RabbitMQ client.
pub(crate) fn binds(name: &str) -> bool {
    rabbitmq::of_variable(name).is_some()
}

/// Reads variables of an environment that Spring Boot binds to properties (`SPRING_RABBITMQ_HOST`); others are left
/// alone.
pub fn environment<'v>(
    variables: impl IntoIterator<Item = (&'v View<'v>, &'v View<'v>)>,
    reading: &mut Reading,
) {
    let mut properties: Vec<Property<'v>> = Vec::new();
    for (name, value) in variables {
        if let Some(property) = rabbitmq::of_variable(&name.text) {
            properties.push(Property { name: property, at: name.full_span(), value: value.clone() });
        }
    }
    let Some(first) = properties.first() else { return };
    let span = first.at;
    rabbitmq::extract(&Document { properties, form: "environment", span }, reading);
}

#[cfg(test)]
mod tests;
