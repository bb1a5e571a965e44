//! Tables of the keys that a program's configuration knows.
//!
//! They are data (`core/tables/*.tsv`), turned into constants when the project is built, and sorted by name.

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
    /// Sorted by name.
    pub keys: &'static [KeyDef],
}

impl KeyTable {
    /// Index of the key a written name means; `$` parts match one dotted part each.
    pub fn find(&self, name: &str) -> Option<usize> {
        if let Ok(at) = self.keys.binary_search_by(|k| k.name.cmp(name)) {
            return Some(at);
        }
        let parts = name.split('.').count();
        let first = name.split('.').next()?;
        let from = self.keys.partition_point(|k| k.name < first);
        self.keys[from..]
            .iter()
            .take_while(|k| k.name.starts_with(first))
            .position(|k| {
                k.name.contains('$')
                    && k.name.split('.').count() == parts
                    && k.name.split('.').zip(name.split('.')).all(|(k, n)| k.starts_with('$') || k == n)
            })
            .map(|at| from + at)
    }

    /// The known name that a mistyped one most likely means.
    pub fn nearest(&self, name: &str) -> Option<&'static str> {
        crate::nearest::nearest(name, self.keys.iter().map(|k| k.name))
    }
}
