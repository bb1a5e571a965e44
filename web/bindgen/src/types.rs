//! TypeScript types from the JSON Schemas of `core/schemas`. A keyword that it does not know is an error, so that a
//! schema cannot say something that its types silently leave out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Keywords about values rather than shapes: TypeScript has no word for them.
const UNTYPED: &[&str] = &[
    "$schema",
    "$id",
    "$defs",
    "title",
    "description",
    "default",
    "minimum",
    "minLength",
    "minItems",
    "minProperties",
    "pattern",
    "format",
    "unevaluatedProperties",
];

/// The declarations of a schema; `stem` names the type of the whole document.
pub(crate) fn declarations(stem: &str, schema: &Value) -> Result<String, String> {
    let mut out = String::from("// Generated from the JSON Schema of the same name.\n");
    for foreign in foreign(schema) {
        let stem = referred(&foreign);
        writeln!(out, "import type {{ {} }} from \"./{stem}.js\";", title(stem))
            .map_err(|e| e.to_string())?;
    }
    let none = Map::new();
    let defs = schema.get("$defs").and_then(Value::as_object).unwrap_or(&none);
    // A schema may be a collection of definitions without a document of its own.
    let whole = schema.get("type").map(|_| (stem, schema));
    for (name, def) in whole.into_iter().chain(defs.iter().map(|(n, d)| (n.as_str(), d))) {
        let def = def.as_object().ok_or("a schema is an object")?;
        comment(&mut out, def, "");
        writeln!(out, "export type {} = {};", title(name), shape(def, "")?).map_err(|e| e.to_string())?;
    }
    Ok(out)
}

/// The name of what a reference names: a definition, or the document of another schema.
fn referred(reference: &str) -> &str {
    let last = reference.rsplit('/').next().unwrap_or_default();
    last.split('.').next().unwrap_or_default()
}

/// References to other schemas.
fn foreign(schema: &Value) -> BTreeSet<String> {
    match schema {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).filter(|r| !r.starts_with('#'));
            own.map(str::to_owned).into_iter().chain(members.values().flat_map(foreign)).collect()
        }
        Value::Array(items) => items.iter().flat_map(foreign).collect(),
        _ => BTreeSet::new(),
    }
}

fn shape(schema: &Map<String, Value>, indent: &str) -> Result<String, String> {
    let known = |k: &str| {
        UNTYPED.contains(&k)
            || matches!(
                k,
                "$ref"
                    | "type"
                    | "properties"
                    | "required"
                    | "additionalProperties"
                    | "items"
                    | "enum"
                    | "const"
                    | "oneOf"
            )
    };
    if let Some(unknown) = schema.keys().find(|k| !known(k)) {
        return Err(format!("no type is known for `{unknown}`"));
    }
    let mut parts = Vec::new();
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        parts.push(title(referred(reference)));
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        parts.push(members(schema, properties, indent)?);
    } else if let Some(value) = schema.get("additionalProperties").and_then(Value::as_object) {
        parts.push(format!("Record<string, {}>", shape(value, indent)?));
    } else if let Some(items) = schema.get("items").and_then(Value::as_object) {
        parts.push(format!("Array<{}>", shape(items, indent)?));
    } else if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        parts.push(values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | "));
    } else if let Some(value) = schema.get("const") {
        parts.push(value.to_string());
    } else if let Some(types) = schema.get("type") {
        parts.push(primitive(types)?);
    } else if let Some(ways) = schema.get("oneOf").and_then(Value::as_array) {
        let ways: Result<Vec<_>, _> =
            ways.iter().filter_map(Value::as_object).map(|way| shape(way, indent)).collect();
        parts.push(ways?.join(" | "));
    }
    match parts.is_empty() {
        true => Err("an empty schema".into()),
        false => Ok(parts.join(" & ")),
    }
}

fn members(
    schema: &Map<String, Value>,
    properties: &Map<String, Value>,
    indent: &str,
) -> Result<String, String> {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let inner = format!("{indent}  ");
    let mut out = String::from("{\n");
    for (name, member) in properties {
        let member = member.as_object().ok_or("a property is an object")?;
        comment(&mut out, member, &inner);
        let mark = if required.contains(&name.as_str()) { "" } else { "?" };
        out.push_str(&format!("{inner}{name}{mark}: {};\n", shape(member, &inner)?));
    }
    out.push_str(indent);
    out.push('}');
    Ok(out)
}

fn primitive(types: &Value) -> Result<String, String> {
    let one = |word: &Value| match word.as_str() {
        Some("integer" | "number") => Ok("number"),
        Some("string") => Ok("string"),
        Some("boolean") => Ok("boolean"),
        Some("null") => Ok("null"),
        Some("object") => Ok("Record<string, unknown>"),
        _ => Err(format!("no type is known for {word}")),
    };
    match types {
        Value::Array(words) => Ok(words.iter().map(one).collect::<Result<Vec<_>, _>>()?.join(" | ")),
        word => one(word).map(str::to_owned),
    }
}

fn comment(out: &mut String, schema: &Map<String, Value>, indent: &str) {
    if let Some(text) = schema.get("description").and_then(Value::as_str) {
        out.push_str(&format!("{indent}/** {} */\n", text.replace("*/", "*\\/")));
    }
}

fn title(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}
