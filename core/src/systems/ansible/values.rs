//! Values of tasks: what a loop fills in, and what only a run can know.

use crate::source::Span;
use crate::syntax::{Data, Node, Scalar, script, template};
use crate::systems::firewall::commands::Word;

/// The item that a task is run for.
#[derive(Clone, Copy)]
pub(super) struct Item<'n, 'v> {
    /// What the task calls it.
    pub(super) name: &'n str,
    /// Its value, unless only a run knows it.
    pub(super) node: Option<&'n Node<'v>>,
}

/// What an expression stands for.
enum Meaning {
    Known(String, Option<Span>),
    Unknown,
    /// The parameter is left out.
    Omitted,
    /// The item has no such part.
    Missing,
}

/// Works out `{{ item }}`, `{{ item.port }}`, `{{ item['port'] | default('22') }}`.
fn meaning(expression: &str, item: Option<Item<'_, '_>>) -> Meaning {
    let mut parts = split_filters(expression).into_iter();
    let Some(item) = item else { return Meaning::Unknown };
    let mut meaning = parts.next().map_or(Meaning::Unknown, |path| value(path.trim(), item));
    for filter in parts {
        let (name, argument) = filter.trim().split_once('(').unwrap_or((filter.trim(), ""));
        meaning = match (name.trim(), meaning) {
            ("default" | "d", Meaning::Missing) => default(argument),
            ("default" | "d" | "int" | "string" | "trim" | "quote" | "bool", meaning) => meaning,
            ("lower", Meaning::Known(text, span)) => Meaning::Known(text.to_ascii_lowercase(), span),
            ("upper", Meaning::Known(text, span)) => Meaning::Known(text.to_ascii_uppercase(), span),
            (_, Meaning::Omitted) => Meaning::Omitted,
            _ => Meaning::Unknown,
        };
    }
    meaning
}

/// The parts of an expression between its filter signs.
fn split_filters(expression: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut quote = None;
    let mut start = 0;
    for (i, c) in expression.char_indices() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '|') => {
                parts.push(&expression[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&expression[start..]);
    parts
}

fn value(path: &str, item: Item<'_, '_>) -> Meaning {
    let length = path.len() - path.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
    let (name, mut rest) = path.split_at(length);
    let (true, Some(mut node)) = (name == item.name, item.node) else { return Meaning::Unknown };
    while !rest.is_empty() {
        let (key, after) = if let Some(inner) = rest.strip_prefix('[') {
            let Some((key, after)) = inner.split_once(']') else { return Meaning::Unknown };
            (key.trim_matches(['"', '\'']), after)
        } else if let Some(inner) = rest.strip_prefix('.') {
            inner.split_at(inner.find(['.', '[']).unwrap_or(inner.len()))
        } else {
            return Meaning::Unknown;
        };
        let next = match key.parse::<usize>() {
            Ok(number) => node.items().get(number),
            Err(_) => node.get(key),
        };
        match (next, &node.data) {
            (Some(next), _) => node = next,
            // A method of a text, rather than a key that is not there.
            (None, Data::Scalar(_)) => return Meaning::Unknown,
            (None, _) => return Meaning::Missing,
        }
        rest = after;
    }
    match node.scalar() {
        Some(scalar) if is_template(&scalar.view.text) => Meaning::Unknown,
        Some(scalar) if scalar.is_null() => Meaning::Missing,
        Some(scalar) => Meaning::Known(scalar.view.text.to_string(), Some(scalar.view.full_span())),
        None => Meaning::Unknown,
    }
}

/// What `default(…)` gives.
fn default(argument: &str) -> Meaning {
    let argument = argument.trim_end().trim_end_matches(')');
    let argument = argument.split(',').next().unwrap_or_default().trim();
    if argument == "omit" {
        return Meaning::Omitted;
    }
    let bare = argument.trim_matches(['"', '\'']);
    let literal = bare.len() + 2 == argument.len() || argument.bytes().all(|b| b.is_ascii_digit());
    if literal && !argument.is_empty() { Meaning::Known(bare.to_owned(), None) } else { Meaning::Unknown }
}

/// Whether a text is rendered before a module gets it.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// What stands for an expression in a text when it is not known: a shell variable that nobody sets.
pub(super) const UNKNOWN: &str = "${_}";

/// The text that an expression stands for inside of a longer one.
pub(super) fn inline(expression: &str, item: Option<Item<'_, '_>>) -> String {
    match meaning(expression, item) {
        Meaning::Known(text, _) if text.is_ascii() => text,
        Meaning::Omitted => String::new(),
        _ => UNKNOWN.to_owned(),
    }
}

/// A value as a module gets it; nothing when it is left out.
fn word(scalar: &Scalar<'_>, item: Option<Item<'_, '_>>) -> Option<Word> {
    let text = scalar.view.text.trim();
    let span = scalar.view.full_span();
    if scalar.is_null() {
        return None;
    }
    if !is_template(text) {
        return Some(Word::new(text, span));
    }
    let whole = text.strip_prefix("{{").and_then(|t| t.strip_suffix("}}")).filter(|t| !t.contains("{{"));
    if let Some(expression) = whole {
        return match meaning(expression, item) {
            Meaning::Known(text, of_item) => Some(Word::new(text, of_item.unwrap_or(span))),
            Meaning::Omitted => None,
            _ => Some(Word { text: text.to_owned(), span, open: true }),
        };
    }
    let filled = template::fill(&scalar.view, &mut |expression| inline(expression, item));
    let open = filled.text.contains(UNKNOWN);
    Some(Word { text: filled.text.into_owned(), span, open })
}

/// The parameters of a module.
#[derive(Default)]
pub(super) struct Params {
    entries: Vec<(String, Vec<Word>)>,
}

impl Params {
    /// Reads `{rule: allow, port: 22}` or `rule=allow port=22`.
    pub(super) fn read(node: &Node<'_>, item: Option<Item<'_, '_>>) -> Params {
        let mut out = Params::default();
        match &node.data {
            Data::Map(entries) => {
                for entry in entries {
                    let words = match &entry.value.data {
                        Data::Scalar(scalar) => word(scalar, item).into_iter().collect(),
                        Data::Seq(items) => items.iter().filter_map(|i| word(i.scalar()?, item)).collect(),
                        _ => vec![Word { text: String::new(), span: entry.value.span, open: true }],
                    };
                    out.entries.push((entry.key.view.text.to_string(), words));
                }
            }
            Data::Scalar(scalar) => {
                let filled = template::fill(&scalar.view, &mut |e| inline(e, item));
                for word in Word::all(script::words(&filled.text, 0), &filled) {
                    if let Some((name, text)) = word.text.split_once('=') {
                        let text = text.trim_matches(['"', '\'']).to_owned();
                        out.entries.push((name.to_owned(), vec![Word { text, ..word.clone() }]));
                    }
                }
            }
            _ => {}
        }
        out
    }

    /// All values of a parameter, under any of its names.
    pub(super) fn all(&self, names: &[&str]) -> &[Word] {
        let found = self.entries.iter().rev().find(|(name, _)| names.contains(&name.as_str()));
        found.map_or(&[], |(_, words)| words)
    }

    /// The value of a parameter, under any of its names.
    pub(super) fn one(&self, names: &[&str]) -> Option<&Word> {
        self.all(names).first()
    }

    /// The text of a parameter.
    pub(super) fn text(&self, name: &str) -> &str {
        self.one(&[name]).map_or("", |w| w.text.as_str())
    }

    /// Whether a parameter is set to yes, in any of Ansible's spellings.
    pub(super) fn is_on(&self, name: &str) -> bool {
        matches!(self.text(name).to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1" | "y" | "t")
    }
}
