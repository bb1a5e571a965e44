//! What calls of libraries mean: `calls/*.yaml`, as constants. `core/src/systems/code/table.rs` says what each part is for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

/// A library.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Library {
    library: String,
    languages: Vec<String>,
    /// Modules or packages; in Go `path = the package's own name`. None for what a language brings along.
    #[serde(default)]
    imports: Vec<String>,
    /// A word without which a file has nothing of it; the imports where it is not said.
    #[serde(default)]
    words: Vec<String>,
    /// Where the defaults are written down.
    #[allow(dead_code)]
    source: Vec<String>,
    /// Texts in a file that make defaults uncertain.
    #[serde(default)]
    elsewhere: Vec<String>,
    objects: Vec<Object>,
}

/// Something that is made or called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    kind: String,
    made: Vec<String>,
    /// The position of the argument that holds the options.
    at: Option<usize>,
    /// Fields that are always so.
    #[serde(default)]
    always: BTreeMap<String, serde_yaml::Value>,
    /// Option to `field unit`, several with `;`.
    #[serde(default)]
    options: BTreeMap<String, String>,
    /// What holds when nothing is said, in base units.
    #[serde(default)]
    defaults: BTreeMap<String, serde_yaml::Value>,
    /// `unbounded` is true when all of these are zero.
    #[serde(default)]
    unbounded: Vec<String>,
    /// Texts in a file that make defaults uncertain, for this object only.
    #[serde(default)]
    elsewhere: Vec<String>,
    /// Defaults count only in a file with one of these texts.
    #[serde(default)]
    needs: Vec<String>,
    /// How options become Kafka's keys: `verbatim`, `underscore` or `named`.
    #[serde(default)]
    keys: String,
    /// Values of Kafka's keys when nothing is said.
    #[serde(default)]
    silent: BTreeMap<String, String>,
    /// The method is the last word of what is called.
    #[serde(default)]
    verb: bool,
}

fn field(kind: &str, name: &str) -> String {
    let (system, kind) = kind.split_once('.').unwrap_or_else(|| panic!("`{kind}` is no kind"));
    let kind = match kind {
        "loop" => "repeat",
        "use" => "usage",
        other => other,
    };
    format!("{system}::{kind}::{name}")
}

fn value(kind: &str, name: &str, value: &serde_yaml::Value) -> String {
    let fixed = match value {
        serde_yaml::Value::Bool(b) => format!("Fixed::Bool({b})"),
        serde_yaml::Value::Number(n) if n.is_i64() => format!("Fixed::Number({n})"),
        serde_yaml::Value::Number(n) => format!("Fixed::Float({:?})", n.as_f64().unwrap_or_default()),
        serde_yaml::Value::String(s) => format!("Fixed::Text({s:?})"),
        other => panic!("{kind}.{name} cannot be {other:?}"),
    };
    format!("({}, {fixed})", field(kind, name))
}

fn unit(words: &[&str]) -> String {
    let word = words.first().copied().unwrap_or_default();
    if let Some(fixed) = word.strip_prefix('=') {
        let value: serde_yaml::Value = serde_yaml::from_str(fixed).unwrap_or_default();
        return match value {
            serde_yaml::Value::Bool(b) => format!("Unit::Fixed(Fixed::Bool({b}))"),
            serde_yaml::Value::Number(n) if n.is_i64() => format!("Unit::Fixed(Fixed::Number({n}))"),
            serde_yaml::Value::Number(n) => {
                format!("Unit::Fixed(Fixed::Float({:?}))", n.as_f64().unwrap_or_default())
            }
            _ => format!("Unit::Fixed(Fixed::Text({fixed:?}))"),
        };
    }
    let plain = match word {
        "s" => "Seconds",
        "ms" => "Millis",
        "go" => "Go",
        "java" => "Java",
        "minutes" => "Minutes",
        "count" => "Count",
        "retries" => "Retries",
        "bytes" => "Bytes",
        "float" => "Float",
        "flag" => "Flag",
        "not" => "Not",
        "text" => "Text",
        "secret" => "Secret",
        "last" => "Last",
        "set" => "Set",
        "present" => "Present",
        "scheme" => "Scheme",
        "key" => return format!("Unit::Key(&{:?})", &words[1..]),
        "inside" => "Inside",
        "unknown" => "Unknown",
        "unsafe-methods" => "UnsafeMethods",
        "uri" => return format!("Unit::Uri({:?})", words.get(1).copied().unwrap_or_default()),
        "off" => return format!("Unit::Off(&{:?})", &words[1..]),
        other => panic!("`{other}` is no unit"),
    };
    format!("Unit::{plain}")
}

/// How an import of a module is written, so that few files are read for nothing.
fn written(module: &str, languages: &[String]) -> Vec<String> {
    match languages.first().map(String::as_str) {
        Some("Python") => vec![format!("import {module}"), format!("from {module}")],
        Some("Go") => vec![format!("\"{module}")],
        Some("JavaScript" | "TypeScript") => {
            ["'", "\""].iter().flat_map(|q| [format!("{q}{module}{q}"), format!("{q}{module}/")]).collect()
        }
        _ => vec![module.to_owned()],
    }
}

/// The table as Rust.
pub(crate) fn code(files: &[(String, String)]) -> String {
    let mut out = String::from("pub(super) static LIBRARIES: &[Library] = &[\n");
    for (name, text) in files {
        let libraries: Vec<Library> =
            serde_yaml::from_str(text).unwrap_or_else(|fault| panic!("calls/{name}: {fault}"));
        for library in libraries {
            write(&mut out, &library).expect("a string can be written to");
        }
    }
    out.push_str("];\n");
    out
}

fn write(out: &mut String, library: &Library) -> std::fmt::Result {
    let languages: Vec<String> = library.languages.iter().map(|l| format!("Language::{l}")).collect();
    let imports: Vec<(String, String)> = library
        .imports
        .iter()
        .map(|i| {
            i.split_once(" = ").map_or((i.clone(), String::new()), |(p, n)| (p.to_owned(), n.to_owned()))
        })
        .collect();
    let words: Vec<String> = match library.words.is_empty() {
        true => imports.iter().flat_map(|i| written(&i.0, &library.languages)).collect(),
        false => library.words.clone(),
    };
    writeln!(
        out,
        "  Library {{ name: {:?}, languages: &[{}], imports: &{imports:?}, words: &{words:?}, elsewhere: &{:?}, objects: &[",
        library.library,
        languages.join(", "),
        library.elsewhere
    )?;
    for object in &library.objects {
        let mut options = Vec::new();
        for (option, meaning) in &object.options {
            for one in meaning.split(';').map(str::trim) {
                let words: Vec<&str> = one.split_whitespace().collect();
                let field = match words[0] {
                    "-" => String::from("None"),
                    name => format!("Some({})", field(&object.kind, name)),
                };
                options.push(format!("({option:?}, {field}, {})", unit(&words[1..])));
            }
        }
        let fixed = |map: &BTreeMap<String, serde_yaml::Value>| {
            map.iter().map(|(n, v)| value(&object.kind, n, v)).collect::<Vec<_>>().join(", ")
        };
        let unbounded: Vec<String> = object.unbounded.iter().map(|n| field(&object.kind, n)).collect();
        writeln!(
            out,
            "    Object {{ kind: &{}, made: &{:?}, at: {:?}, always: &[{}], options: &[{}], defaults: &[{}], \
             unbounded: &[{}], elsewhere: &{:?}, needs: &{:?}, keys: {:?}, silent: &{:?}, verb: {} }},",
            field(&object.kind, "KIND"),
            object.made,
            object.at,
            fixed(&object.always),
            options.join(", "),
            fixed(&object.defaults),
            unbounded.join(", "),
            object.elsewhere,
            object.needs,
            object.keys,
            object.silent.iter().collect::<Vec<_>>(),
            object.verb
        )?;
    }
    writeln!(out, "  ] }},")
}
