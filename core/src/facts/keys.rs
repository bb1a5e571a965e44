//! Tables of the keys that a program's configuration knows.
//!
//! They are data (`core/tables/*.tsv`), sorted by name when the project is built, and read when first looked into.

use std::sync::OnceLock;

use super::Type;

/// A key that a program's configuration knows.
#[derive(Debug)]
pub struct KeyDef {
    /// Its name; a part written `$name` stands for any name.
    pub name: &'static str,
    /// The type of its value, when it is one that rules can compare.
    pub ty: Option<Type>,
    /// The program's own word for the value's form (`integer`, `{enum, [a, b]}`), for messages.
    pub form: &'static str,
    /// Release series that know it, e.g. `3.13 4.0`, or `all`.
    pub series: &'static str,
    /// The name this key is only another spelling of, or empty.
    pub alias_of: &'static str,
    /// One more column, whose meaning the system that owns the table defines.
    pub note: &'static str,
}

/// The keys of one program.
#[derive(Debug)]
pub struct KeyTable {
    /// The program's name, for messages.
    pub program: &'static str,
    /// A line for each key, sorted by name, its columns in the order of [`KeyDef`].
    rows: &'static str,
    keys: OnceLock<Vec<KeyDef>>,
    /// Indices of the keys with a part that stands for any name, and what stands before the first such part.
    open: OnceLock<Vec<(usize, &'static str)>>,
}

/// The type that a table's word means.
fn type_of(word: &str) -> Option<Type> {
    Some(match word {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "float" => Type::Float,
        "text" => Type::Text,
        "duration" => Type::Duration,
        "size" => Type::Size,
        "time" => Type::Time,
        "version" => Type::Version,
        "list" => Type::List(&Type::Text),
        _ => return None,
    })
}

impl KeyTable {
    /// A table of these lines.
    pub const fn new(program: &'static str, rows: &'static str) -> KeyTable {
        KeyTable { program, rows, keys: OnceLock::new(), open: OnceLock::new() }
    }

    /// The keys, sorted by name.
    pub fn keys(&self) -> &[KeyDef] {
        let row = |line: &'static str| {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().unwrap_or_default();
            let (name, ty) = (cell(), type_of(cell()));
            KeyDef { name, ty, form: cell(), series: cell(), alias_of: cell(), note: cell() }
        };
        self.keys.get_or_init(|| self.rows.lines().map(row).collect())
    }

    /// Index of the key a written name means; `$` parts match one dotted part each.
    pub fn find(&self, name: &str) -> Option<usize> {
        let keys = self.keys();
        if let Ok(at) = keys.binary_search_by(|k| k.name.cmp(name)) {
            return Some(at);
        }
        let open = self.open.get_or_init(|| {
            let before = |k: &KeyDef| k.name.split_once('$').map(|(before, _)| before);
            keys.iter().enumerate().filter_map(|(at, k)| Some((at, before(k)?))).collect()
        });
        let fits = |pattern: &str| {
            let mut written = name.split('.');
            pattern.split('.').all(|p| written.next().is_some_and(|n| p.starts_with('$') || p == n))
                && written.next().is_none()
        };
        let mut begun = open.iter().filter(|(_, before)| name.starts_with(before)).map(|(at, _)| *at);
        begun.find(|at| keys.get(*at).is_some_and(|k| fits(k.name)))
    }

    /// The known name that a mistyped one most likely means.
    pub fn nearest(&self, name: &str) -> Option<&'static str> {
        crate::nearest::nearest(name, self.keys().iter().map(|k| k.name))
    }
}
