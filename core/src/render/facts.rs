//! What was understood of files, as JSON.

use serde_json::{Map, Value as Json, json};

use super::mask::{HIDDEN, Mask};
use crate::facts::kinds::run::settings::KIND as RUN;
use crate::facts::{Fact, Facts, Origin, Said, Value};
use crate::source::{Sources, Span};
use crate::systems::FileKind;

/// The version of the document's form.
pub const VERSION: u32 = 1;

/// What each file was taken for, and all facts in the order of files and places, with a line end. A fact that another
/// one refers to is named by its index in the list.
pub fn render(facts: &Facts, kinds: &[Option<&'static FileKind>], sources: &Sources, mask: &Mask) -> String {
    let kind_of = |i: usize| kinds.get(i).copied().flatten().map(|k| k.name);
    let files: Vec<Json> =
        sources.iter().enumerate().map(|(i, (_, s))| json!({"file": s.name, "kind": kind_of(i)})).collect();
    let writer = Writer { sources, mask };
    let list: Vec<Json> = facts
        .iter()
        // The run's settings stand in no file.
        .filter(|(_, fact)| fact.kind != &RUN)
        .map(|(_, fact)| writer.fact(fact))
        .collect();
    let document = json!({"version": VERSION, "files": files, "facts": list});
    // Strings, numbers and lists only: there is nothing in it that could fail to serialize.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

struct Writer<'a> {
    sources: &'a Sources,
    mask: &'a Mask,
}

impl Writer<'_> {
    fn fact(&self, fact: &Fact) -> Json {
        let fields =
            fact.kind.fields.iter().enumerate().filter_map(|(i, def)| Some((def.name, fact.by_index(i)?)));
        let settings = fact.settings().map(|(key, said)| (key.name, said));
        let fields: Map<String, Json> =
            fields.chain(settings).map(|(name, said)| (name.to_owned(), self.said(said))).collect();
        let mut out = Map::from_iter([("kind".to_owned(), json!(fact.kind.name))]);
        self.place(&mut out, fact.span);
        out.insert("fields".into(), Json::Object(fields));
        Json::Object(out)
    }

    fn said(&self, said: &Said) -> Json {
        let mut out = Map::new();
        if self.hides(said) {
            out.insert("value".into(), json!(HIDDEN));
        } else {
            let (value, unit) = self.value(&said.value);
            out.insert("value".into(), value);
            if let Some(unit) = unit {
                out.insert("unit".into(), json!(unit));
                out.insert("text".into(), json!(said.value.to_string()));
            }
        }
        let origin = match &said.origin {
            Origin::Written(_) => "written".to_owned(),
            Origin::Default(whose) => format!("default of {whose}"),
            Origin::Derived(_) => "derived".to_owned(),
        };
        out.insert("origin".into(), json!(origin));
        if let Some(span) = said.span() {
            self.place(&mut out, span);
        }
        Json::Object(out)
    }

    /// True for secrets, and for texts that are read from a place which holds one.
    fn hides(&self, said: &Said) -> bool {
        let touches = |span: Span| self.mask.touches(span);
        said.secret || matches!(said.value, Value::Text(_)) && said.span().is_some_and(touches)
    }

    /// A value in base units, and their name.
    fn value(&self, value: &Value) -> (Json, Option<&'static str>) {
        match value {
            Value::Bool(b) => (json!(b), None),
            Value::Int(n) => (json!(n), None),
            Value::Float(n) => (json!(n), None),
            Value::Text(text) => (json!(text.as_ref()), None),
            Value::Duration(ms) => (json!(ms), Some("ms")),
            Value::Size(bytes) => (json!(bytes), Some("bytes")),
            Value::Time(seconds) => (json!(seconds), Some("seconds since 1970")),
            Value::Version(version) => (json!(version.to_string()), None),
            Value::Record(id) => (json!({"fact": id.0}), None),
            Value::List(items) => (items.iter().map(|i| self.said(i)).collect(), None),
        }
    }

    fn place(&self, out: &mut Map<String, Json>, span: Span) {
        let source = self.sources.get(span.file);
        let at = source.position(span.start as usize);
        out.insert("file".into(), json!(source.name));
        out.insert("line".into(), json!(at.line));
        out.insert("column".into(), json!(at.column));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::kinds::amqp::uri;
    use crate::source::Source;

    #[test]
    fn values_have_units_and_origins_and_secrets_stay_hidden() {
        let mut sources = Sources::new();
        let file = sources.add(Source::new("f", "hb=60\nnet=geheim"));
        let heartbeat = Span::new(file, 3, 5);
        let secret = Span::new(file, 10, 16);
        let mut fact = Fact::new(&uri::KIND, heartbeat);
        fact.write(uri::heartbeat, Value::Duration(60_000), heartbeat);
        fact.write(uri::query, Value::text("geheim"), secret);
        fact.set(uri::password, Said::default(Value::text("geheim"), "x").secret());
        let mut facts = Facts::new();
        facts.add(fact);
        facts.add(Fact::new(&RUN, heartbeat));
        let text = render(&facts, &[], &sources, &Mask::new([secret]));
        assert!(!text.contains("geheim"), "{text}");
        let value: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(value["files"], json!([{"file": "f", "kind": null}]));
        assert_eq!(value["facts"].as_array().map(Vec::len), Some(1));
        let fields = &value["facts"][0]["fields"];
        let written = json!({"value": 60_000, "unit": "ms", "text": "60 s", "origin": "written",
            "file": "f", "line": 1, "column": 4});
        assert_eq!(fields["heartbeat"], written);
        assert_eq!(fields["password"], json!({"value": "***", "origin": "default of x"}));
        assert_eq!(fields["query"]["value"], "***");
    }
}
