//! Keys that a program knows, while one is written, and the words that a key takes.

use connlint_core::facts::{KeyDef, KeyTable, tables};
use connlint_core::settings::file::{FILE_NAME, SCHEMA};
use connlint_core::source::FileId;
use connlint_core::systems::haproxy;
use connlint_core::systems::keyed::forms::note;
use serde_json::{Value, json};

use super::places::Encoding;
use super::workspace::{Judged, Workspace};

/// A longer list is one to type on in, and the editor asks again.
const MOST_ITEMS: usize = 200;

/// How editors call these sorts of items.
const PROPERTY: u8 = 10;
const ENUM_MEMBER: u8 = 20;

/// A form of files whose lines are a key and a value.
struct Form {
    /// The kind of file.
    kind: &'static str,
    keys: &'static KeyTable,
    /// What stands between key and value.
    between: &'static str,
    comment: &'static str,
}

const fn form(kind: &'static str, keys: &'static KeyTable, between: &'static str) -> Form {
    Form { kind, keys, between, comment: "#;!" }
}

static FORMS: &[Form] = &[
    form("rabbitmq.conf", &tables::RABBITMQ, " = "),
    form("kafka.server", &tables::KAFKA_BROKER, "="),
    form("kafka.client", &tables::KAFKA_CLIENT, "="),
    form("kafka.connect", &tables::KAFKA_CONNECT, "="),
    form("redis.conf", &tables::REDIS, " "),
    form("postgresql.conf", &tables::POSTGRESQL, " = "),
    form("mysql.cnf", &tables::MYSQL, " = "),
    form("pgbouncer.ini", &tables::PGBOUNCER, " = "),
    form("sysctl", &tables::SYSCTL, " = "),
];

/// Something to offer.
struct Item {
    label: String,
    insert: String,
    detail: String,
    doc: String,
    sort: u8,
}

pub(super) fn answer(workspace: &Workspace, encoding: Encoding, params: &Value) -> Option<Value> {
    let judged = workspace.judged()?;
    let (file, source) = workspace.file(judged, params["textDocument"]["uri"].as_str()?)?;
    let at = encoding.offset(source, &params["position"])?;
    let line = source.line_range(source.line_of(at));
    let before = source.text.get(line.start..at)?;
    let written = before.trim_start();
    // Whatever of the key's or value's word stands behind the cursor is replaced too.
    let rest = source.text.get(at..line.end)?;
    let more = rest.find(|c: char| !in_word(c)).unwrap_or(rest.len());
    let (word, mut items) = items(judged, file, source.base_name(), written)?;
    let lower = word.to_lowercase();
    items.retain(|item| item.label.to_lowercase().starts_with(&lower));
    let incomplete = items.len() > MOST_ITEMS;
    let range = encoding.range(source, at - word.len()..at + more);
    let shown: Vec<Value> = items
        .into_iter()
        .take(MOST_ITEMS)
        .map(|item| {
            json!({
                "label": item.label,
                "kind": item.sort,
                "detail": item.detail,
                "documentation": {"kind": "markdown", "value": item.doc},
                "textEdit": {"range": range, "newText": item.insert},
                "filterText": item.label,
            })
        })
        .collect();
    Some(json!({"isIncomplete": incomplete, "items": shown}))
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '$')
}

/// What may stand where the line ends, and the part of it that is written.
fn items<'w>(judged: &Judged, file: FileId, name: &str, written: &'w str) -> Option<(&'w str, Vec<Item>)> {
    if name == FILE_NAME {
        return written.chars().all(in_word).then(|| (written, settings()));
    }
    let kind = (*judged.outcomes.kinds.get(file.0 as usize)?)?.name;
    if kind == "haproxy" {
        return timeouts(written);
    }
    // A file that has only begun is not known by its content yet; the kinds are called as their files are.
    let form = FORMS.iter().find(|f| f.kind == kind).or_else(|| FORMS.iter().find(|f| f.kind == name))?;
    if written.starts_with(|c| form.comment.contains(c)) || written.starts_with('[') {
        return None;
    }
    let end = written.find(|c: char| !in_word(c)).unwrap_or(written.len());
    let (key, value) = written.split_at(end);
    if value.is_empty() {
        return Some((
            key,
            form.keys.keys().iter().filter(|k| k.alias_of.is_empty()).map(|k| item(k, form)).collect(),
        ));
    }
    let value = value.trim_start_matches([' ', '\t', '=', ':']);
    let def = form.keys.find(key).and_then(|at| form.keys.keys().get(at))?;
    value.chars().all(in_word).then(|| (value, values(def)))
}

fn item(key: &KeyDef, form: &Form) -> Item {
    // A part that stands for any name is left to be written.
    let insert = match key.name.split_once('$') {
        Some((fixed, _)) => fixed.to_owned(),
        None => format!("{}{}", key.name, form.between),
    };
    let mut detail = key.form.to_owned();
    if let Some(unit) = note(key, "unit") {
        detail.push_str(&format!(", {unit}"));
    }
    let mut doc = format!("A setting of {}.", form.keys.program);
    if let Some(default) = note(key, "default") {
        detail.push_str(&format!(" = {default}"));
        doc.push_str(&format!("\n\nDefault: `{default}`"));
        doc.push_str(&note(key, "unit").map_or_else(String::new, |unit| format!(" ({unit})")));
    }
    if key.series != "all" && !key.series.is_empty() {
        doc.push_str(&format!("\n\nKnown to {}.", key.series));
    }
    Item { label: key.name.to_owned(), insert, detail, doc, sort: PROPERTY }
}

/// The words of a form that lists them: `enum a b`, `{enum, [a, b]}`, `bool`.
fn values(key: &KeyDef) -> Vec<Item> {
    let listed: Vec<&str> = match key.form.split_once("enum") {
        Some((_, rest)) => {
            let rest = rest.split(']').next().unwrap_or(rest);
            rest.split([' ', ',', '[']).filter(|w| !w.is_empty()).collect()
        }
        None if key.form == "boolean" => vec!["true", "false"],
        None if key.form == "bool" => match note(key, "default") {
            Some("yes" | "no") => vec!["yes", "no"],
            Some("on" | "off") => vec!["on", "off"],
            Some("0" | "1") => vec!["0", "1"],
            _ => vec!["true", "false"],
        },
        None => Vec::new(),
    };
    let default = note(key, "default");
    let item = |word: &str| Item {
        label: word.to_owned(),
        insert: word.to_owned(),
        detail: if default == Some(word) { "the default".to_owned() } else { String::new() },
        doc: format!("A value of `{}`.", key.name),
        sort: ENUM_MEMBER,
    };
    listed.into_iter().map(item).collect()
}

/// `timeout` and the name behind it.
fn timeouts(written: &str) -> Option<(&str, Vec<Item>)> {
    let name = match written.strip_prefix("timeout") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => return None,
    };
    let item = |name: &&str| Item {
        label: (*name).to_owned(),
        insert: format!("{name} "),
        detail: "a time; a bare number is milliseconds".to_owned(),
        doc: format!("`timeout {name}` of HAProxy."),
        sort: PROPERTY,
    };
    name.chars().all(in_word).then(|| (name, haproxy::TIMEOUTS.iter().map(item).collect()))
}

/// The keys of connlint.toml, after its schema.
fn settings() -> Vec<Item> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    let item = |(key, about): (&String, &Value)| {
        let is_table = about["type"] == "object" || about["items"]["type"] == "object";
        let mut doc = about["description"].as_str().unwrap_or_default().to_owned();
        let choices: Vec<&str> =
            about["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !choices.is_empty() {
            doc.push_str(&format!("\n\nOne of `{}`.", choices.join("`, `")));
        }
        Item {
            label: key.clone(),
            insert: if is_table { key.clone() } else { format!("{key} = ") },
            detail: about["default"].as_str().map_or_else(String::new, |d| format!("= {d}")),
            doc,
            sort: PROPERTY,
        }
    };
    schema["properties"].as_object().into_iter().flatten().map(item).collect()
}
