//! Kafka clients in source code, read as the properties that they are given.

use std::ops::Range;

use super::File;
use super::calls::go_duration;
use super::objects::Made;
use super::options::Options;
use super::table::{Fixed, Object, Unit};
use crate::facts::Value;
use crate::facts::kinds::kafka::{client, setting};
use crate::facts::tables::KAFKA_CLIENT;
use crate::source::View;
use crate::syntax::code::{Entry, Expr, Form, Known};
use crate::systems::Reading;
use crate::systems::kafka::Reader;

/// A key and what it is set to.
struct Property {
    key: String,
    at: Range<usize>,
    /// The value as Kafka would get it; absent where the file does not say it.
    value: Option<String>,
    range: Range<usize>,
}

/// Adds the client that an object of the table is.
pub(super) fn add(
    file: &File<'_>,
    object: &Object,
    made: Made<'_>,
    found: &Options,
    certain: bool,
    reading: &mut Reading,
) {
    let mut properties = match object.keys {
        "verbatim" => verbatim(file, object, made),
        "underscore" => underscore(file, made),
        _ => named(file, object, found),
    };
    for (key, value) in object.silent.iter().filter(|_| certain && !found.open) {
        let said = object.options.iter().any(|(option, _, unit)| {
            matches!(unit, Unit::Key(words) if words.first() == Some(key))
                && found.choices.iter().any(|c| c.name == *option)
        });
        if !said {
            let at = made.at();
            let value = Some((*value).to_owned());
            properties.push(Property { key: (*key).to_owned(), at: at.clone(), value, range: at });
        }
    }
    let text = |field: &str| {
        object.always.iter().find_map(|(f, value)| match value {
            Fixed::Text(text) if f.kind.fields.get(f.index).is_some_and(|d| d.name == field) => Some(*text),
            _ => None,
        })
    };
    write(file, made.at(), text("form").unwrap_or("code"), text("role"), &properties, reading);
}

fn write(
    file: &File<'_>,
    at: Range<usize>,
    form: &'static str,
    role: Option<&str>,
    properties: &[Property],
    reading: &mut Reading,
) {
    if properties.is_empty() {
        return;
    }
    let mut reader = Reader::new(file.span(&at), form, false);
    for property in properties {
        let Some(value) = &property.value else {
            reader.note(&property.key);
            continue;
        };
        let key = standing_for(file, &property.key, &property.at);
        let value = standing_for(file, value, &property.range);
        let id = reader.take(&key, Some(&value), file.span(&property.at), reading);
        reading.facts.get_mut(id).write(setting::key, Value::text(&property.key), file.span(&property.at));
    }
    reader.finish(role, reading);
}

/// A text that stands for what is written in a range.
fn standing_for<'v>(file: &File<'v>, text: &str, range: &Range<usize>) -> View<'v> {
    let written = file.view.text.get(range.clone()).unwrap_or_default();
    let inner = written.trim_matches(['"', '\'', '`']);
    let start = range.start + written.find(inner).unwrap_or(0);
    let end = start + inner.len();
    file.view.derived(text.to_owned(), &[(0, start as u32), (text.len() as u32, end as u32)])
}

/// The value of an expression as a property.
fn value(file: &File<'_>, expr: &Expr) -> Option<String> {
    if let Form::Name(name) = &file.constants.follow(expr).form {
        return match name.as_str() {
            "Integer.MAX_VALUE" => Some(i32::MAX.to_string()),
            "Long.MAX_VALUE" => Some(i64::MAX.to_string()),
            _ => None,
        };
    }
    match file.constants.known(expr)? {
        Known::Text(text) => Some(text),
        Known::Int(n) => Some(n.to_string()),
        Known::Bool(b) => Some(b.to_string()),
        Known::Float(_) | Known::Null => None,
    }
}

fn of_entry(file: &File<'_>, entry: &Entry) -> Property {
    Property {
        key: entry.key.clone(),
        at: entry.at.clone(),
        value: value(file, &entry.value),
        range: entry.value.range.clone(),
    }
}

/// A dictionary with Kafka's own keys.
fn verbatim(file: &File<'_>, object: &Object, made: Made<'_>) -> Vec<Property> {
    let Made::Call(call) = made else { return Vec::new() };
    let argument = call.arguments.get(object.at.unwrap_or(0));
    let entries = argument.and_then(|a| file.constants.entries(&a.value)).unwrap_or_default();
    entries.iter().filter(|e| e.key != "**").map(|e| of_entry(file, e)).collect()
}

/// Arguments with Kafka's names, written with `_` for the dots.
fn underscore(file: &File<'_>, made: Made<'_>) -> Vec<Property> {
    let Made::Call(call) = made else { return Vec::new() };
    let property = |name: &str, at: &Range<usize>, expr: &Expr| {
        let key = name.replace('_', ".");
        KAFKA_CLIENT.find(&key)?;
        let value = match &file.constants.follow(expr).form {
            // A list of brokers is one property.
            Form::List(items) => {
                items.iter().map(|i| value(file, i)).collect::<Option<Vec<_>>>().map(|v| v.join(","))
            }
            _ => value(file, expr),
        };
        Some(Property { key, at: at.clone(), value, range: expr.range.clone() })
    };
    let named = call.arguments.iter().filter_map(|a| property(a.name.as_deref()?, &a.at, &a.value));
    named.collect()
}

/// Options that the table gives Kafka's names.
fn named(file: &File<'_>, object: &Object, found: &Options) -> Vec<Property> {
    let mut out = Vec::new();
    for (option, _, unit) in object.options {
        let Unit::Key(words) = unit else { continue };
        let [key, form, words @ ..] = words else { continue };
        let Some(choice) = found.choices.iter().rfind(|c| c.name == *option) else { continue };
        let Some(expr) = choice.value.as_ref() else { continue };
        let last = match &expr.form {
            Form::Name(name) => name.rsplit('.').next().map(str::to_owned),
            _ => value(file, expr),
        };
        let translated = words
            .iter()
            .filter_map(|w| w.rsplit_once('='))
            .find(|(written, _)| last.as_deref() == Some(written))
            .map(|(_, meant)| meant.to_owned());
        let said = match *form {
            "go" => go_duration(file, expr).map(|n| n.to_string()),
            _ => translated.or_else(|| value(file, expr)),
        };
        let value = said.filter(|_| choice.sure);
        out.push(Property {
            key: (*key).to_owned(),
            at: choice.at.clone(),
            value,
            range: expr.range.clone(),
        });
    }
    out
}

/// More properties of one object are not read.
const MAX_PROPERTIES: usize = 200;

/// Java: `properties.put(ProducerConfig.ACKS_CONFIG, "all")`, for each object that is filled so.
pub(super) fn java(file: &File<'_>, reading: &mut Reading) {
    if !file.program.imports("org.apache.kafka") && !file.view.text.contains("\"bootstrap.servers\"") {
        return;
    }
    let mut groups: Vec<(String, usize, Vec<Property>, Option<&'static str>)> = Vec::new();
    for call in file.program.calls.iter().filter(|c| matches!(c.name(), "put" | "setProperty")) {
        let [key, given] = call.arguments.as_slice() else { continue };
        let (name, role) = match &key.value.form {
            Form::Name(name) => match constant(name) {
                Some((key, role)) => (key, role),
                None => continue,
            },
            _ => match file.constants.known(&key.value) {
                Some(Known::Text(text)) if KAFKA_CLIENT.find(&text).is_some() => (text, None),
                _ => continue,
            },
        };
        let receiver = call.receiver();
        if receiver.is_empty() {
            continue;
        }
        let property = Property {
            key: name,
            at: key.value.range.clone(),
            value: value(file, &given.value).filter(|_| !call.in_branch && !call.in_loop),
            range: given.value.range.clone(),
        };
        let at = groups.iter().position(|g| g.0 == receiver && g.1 == call.scope);
        let group = match at {
            Some(at) => groups.get_mut(at),
            None => {
                groups.push((receiver.to_owned(), call.scope, Vec::new(), None));
                groups.last_mut()
            }
        };
        if let Some(group) = group.filter(|g| g.2.len() < MAX_PROPERTIES) {
            group.2.push(property);
            group.3 = group.3.or(role);
        }
    }
    for (_, _, properties, role) in groups {
        let asks = properties.iter().any(|p| p.key == "bootstrap.servers");
        if asks || role.is_some() || properties.len() > 2 {
            let Some(first) = properties.first() else { continue };
            write(file, first.at.clone(), "java", role, &properties, reading);
        }
    }
}

/// The key that a constant of Kafka's classes stands for, and whose it is.
fn constant(name: &str) -> Option<(String, Option<&'static str>)> {
    let (class, constant) = name.rsplit_once('.').unwrap_or(("", name));
    let role = match class.rsplit('.').next() {
        Some("ProducerConfig") => Some("producer"),
        Some("ConsumerConfig") => Some("consumer"),
        Some("AdminClientConfig" | "CommonClientConfigs" | "SaslConfigs" | "SslConfigs") => None,
        _ => return None,
    };
    let plain = constant.strip_suffix("_CONFIG").unwrap_or(constant).to_ascii_lowercase().replace('_', ".");
    let whole = constant.to_ascii_lowercase().replace('_', ".");
    let without_class = plain.strip_suffix(".class").unwrap_or(&plain).to_owned();
    // `RECEIVE_BUFFER_CONFIG` is `receive.buffer.bytes`.
    let forms = [plain.clone(), whole, format!("{plain}.bytes"), without_class];
    let key = forms.into_iter().find(|k| KAFKA_CLIENT.find(k).is_some())?;
    Some((key, role))
}

/// Facts of the client kind are made by the reader of properties; the table's own fields would say nothing.
pub(super) fn is_client(kind: &'static crate::facts::Kind) -> bool {
    std::ptr::eq(kind, &client::KIND)
}
