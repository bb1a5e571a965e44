//! Values of tasks: what a loop fills in, and what only a run can know.

use super::variables::{Found, Variables};
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

/// What expressions of a task can refer to.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s, 'n, 'v> {
    pub(super) item: Option<Item<'n, 'v>>,
    pub(super) variables: &'s Variables<'n, 'v>,
}

/// Variables that refer to variables that refer to variables; longer chains end here.
const MAX_REFERENCES: usize = 8;

/// What an expression stands for.
enum Meaning {
    /// The value; where it stands if it is that of an item, and the variable that it is the value of.
    Known(String, Option<Span>, Option<(Span, String)>),
    Unknown,
    /// The parameter is left out.
    Omitted,
    /// The item has no such part.
    Missing,
}

/// Works out `{{ item }}`, `{{ port }}`, `{{ item['port'] | default('22') }}`.
fn meaning(expression: &str, scope: Scope<'_, '_, '_>) -> Meaning {
    meaning_within(expression, scope, 0)
}

fn meaning_within(expression: &str, scope: Scope<'_, '_, '_>, depth: usize) -> Meaning {
    let mut parts = split_filters(expression).into_iter();
    let mut meaning = parts.next().map_or(Meaning::Unknown, |path| value(path.trim(), scope, depth));
    for filter in parts {
        let (name, argument) = filter.trim().split_once('(').unwrap_or((filter.trim(), ""));
        meaning = match (name.trim(), meaning) {
            ("default" | "d", Meaning::Missing) => default(argument),
            ("default" | "d" | "int" | "string" | "trim" | "quote" | "bool", meaning) => meaning,
            ("lower", Meaning::Known(text, span, of)) => Meaning::Known(text.to_ascii_lowercase(), span, of),
            ("upper", Meaning::Known(text, span, of)) => Meaning::Known(text.to_ascii_uppercase(), span, of),
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

/// Follows `item.port` or `ports['amqp']`; the second answer is whether it begins with the loop's item.
fn find<'n, 'v>(path: &str, scope: Scope<'_, 'n, 'v>) -> (Found<'n, 'v>, bool) {
    let length = path.len() - path.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
    let (name, mut rest) = path.split_at(length);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return (Found::Unknown, false);
    }
    let of_item = scope.item.is_some_and(|item| item.name == name);
    let start = match scope.item.filter(|_| of_item) {
        Some(item) => item.node.map_or(Found::Unknown, Found::Known),
        // What nobody says here may be said elsewhere.
        None => match scope.variables.get(name) {
            Found::Missing => Found::Unknown,
            found => found,
        },
    };
    let Found::Known(mut node) = start else { return (start, of_item) };
    while !rest.is_empty() {
        let (key, after) = if let Some(inner) = rest.strip_prefix('[') {
            let Some((key, after)) = inner.split_once(']') else { return (Found::Unknown, of_item) };
            (key.trim_matches(['"', '\'']), after)
        } else if let Some(inner) = rest.strip_prefix('.') {
            inner.split_at(inner.find(['.', '[']).unwrap_or(inner.len()))
        } else {
            return (Found::Unknown, of_item);
        };
        let next = match key.parse::<usize>() {
            Ok(number) => node.items().get(number),
            Err(_) => node.get(key),
        };
        match (next, &node.data) {
            (Some(next), _) => node = next,
            // A method of a text, rather than a key that is not there.
            (None, Data::Scalar(_)) => return (Found::Unknown, of_item),
            (None, _) => return (Found::Missing, of_item),
        }
        rest = after;
    }
    (Found::Known(node), of_item)
}

fn value(path: &str, scope: Scope<'_, '_, '_>, depth: usize) -> Meaning {
    let (found, of_item) = find(path, scope);
    let node = match found {
        Found::Known(node) => node,
        Found::Unknown => return Meaning::Unknown,
        Found::Missing => return Meaning::Missing,
    };
    match node.scalar() {
        Some(scalar) if is_template(&scalar.view.text) => match whole(&scalar.view.text) {
            Some(inner) if depth < MAX_REFERENCES => meaning_within(inner, scope, depth + 1),
            _ => Meaning::Unknown,
        },
        Some(scalar) if scalar.is_null() => Meaning::Missing,
        Some(scalar) => {
            let span = scalar.view.full_span();
            let of = (!of_item).then(|| (span, path.to_owned()));
            Meaning::Known(scalar.view.text.to_string(), of_item.then_some(span), of)
        }
        None => Meaning::Unknown,
    }
}

/// What stands between the signs of a text that is one expression.
fn whole(text: &str) -> Option<&str> {
    text.trim().strip_prefix("{{")?.strip_suffix("}}").filter(|t| !t.contains("{{"))
}

/// The list or map that `{{ ports }}` stands for.
pub(super) fn tree<'n, 'v>(text: &str, scope: Scope<'_, 'n, 'v>) -> Option<&'n Node<'v>> {
    let mut node: Option<&'n Node<'v>> = None;
    for _ in 0..MAX_REFERENCES {
        let text = node.map_or(text, |n| n.text().unwrap_or_default());
        let Found::Known(next) = find(whole(text)?.trim(), scope).0 else { return None };
        match &next.data {
            Data::Scalar(scalar) if is_template(&scalar.view.text) => node = Some(next),
            Data::Scalar(_) => return None,
            _ => return Some(next),
        }
    }
    None
}

/// Whether `when: name`, `when: name | bool` or `when: not name` holds, if the files at hand say it.
pub(super) fn holds(condition: &str, scope: Scope<'_, '_, '_>) -> Option<bool> {
    let condition = condition.trim();
    let (negated, plain) = match condition.strip_prefix("not ") {
        Some(rest) => (true, rest.trim()),
        None => (false, condition),
    };
    let path = plain.split('|').next().unwrap_or_default().trim();
    if !path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')) {
        return None;
    }
    let Meaning::Known(text, ..) = meaning(plain, scope) else { return None };
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(!negated),
        "false" | "no" | "off" => Some(negated),
        _ => None,
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
    if literal && !argument.is_empty() {
        Meaning::Known(bare.to_owned(), None, None)
    } else {
        Meaning::Unknown
    }
}

/// Whether a text is rendered before a module gets it.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// What stands for an expression in a text when it is not known: a shell variable that nobody sets.
pub(super) const UNKNOWN: &str = "${_}";

/// The text that an expression stands for inside of a longer one.
pub(super) fn inline(expression: &str, scope: Scope<'_, '_, '_>) -> String {
    match meaning(expression, scope) {
        Meaning::Known(text, ..) if text.is_ascii() => text,
        Meaning::Omitted => String::new(),
        _ => UNKNOWN.to_owned(),
    }
}

/// The text of an expression that a file at hand gives a plain value, with where it stands and the variable's name.
pub(super) fn plain(expression: &str, scope: Scope<'_, '_, '_>) -> Option<(String, Span, String)> {
    match meaning(expression, scope) {
        Meaning::Known(text, _, Some((span, name))) if text.is_ascii() && !text.contains('\n') => {
            Some((text, span, name))
        }
        _ => None,
    }
}

/// A value as a module gets it; nothing when it is left out.
fn word(scalar: &Scalar<'_>, scope: Scope<'_, '_, '_>) -> Option<Word> {
    let text = scalar.view.text.trim();
    let span = scalar.view.full_span();
    if scalar.is_null() {
        return None;
    }
    if !is_template(text) {
        return Some(Word::new(text, span));
    }
    if let Some(expression) = whole(text) {
        return match meaning(expression, scope) {
            Meaning::Known(text, of_item, of) => {
                if let Some((from, name)) = of {
                    scope.variables.note(span, from, &name);
                }
                Some(Word::new(text, of_item.unwrap_or(span)))
            }
            Meaning::Omitted => None,
            _ => Some(Word { text: text.to_owned(), span, open: true }),
        };
    }
    let filled = template::fill(&scalar.view, &mut |expression| inline(expression, scope));
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
    pub(super) fn read(node: &Node<'_>, scope: Scope<'_, '_, '_>) -> Params {
        let mut out = Params::default();
        match &node.data {
            Data::Map(entries) => {
                for entry in entries {
                    let words = match &entry.value.data {
                        Data::Scalar(scalar) => match tree(&scalar.view.text, scope) {
                            Some(list) if list.items().iter().all(|i| i.scalar().is_some()) => {
                                list.items().iter().filter_map(|i| word(i.scalar()?, scope)).collect()
                            }
                            _ => word(scalar, scope).into_iter().collect(),
                        },
                        Data::Seq(items) => items.iter().filter_map(|i| word(i.scalar()?, scope)).collect(),
                        _ => vec![Word { text: String::new(), span: entry.value.span, open: true }],
                    };
                    out.entries.push((entry.key.view.text.to_string(), words));
                }
            }
            Data::Scalar(scalar) => {
                let filled = template::fill(&scalar.view, &mut |e| inline(e, scope));
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
