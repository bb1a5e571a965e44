//! What files say, in the field's own words.
//!
//! A [`Fact`] is a record of one [`Kind`]: an AMQP URI, a RabbitMQ server's settings, a queue, a proxy. Kinds are
//! declared once, with the type and meaning of every field, by the `declare_kinds!` macro; extractors fill facts through the
//! constants it makes, and rules name the same fields in their conditions, where they are checked against the
//! declaration. A field that nobody set is absent, which differs from one set to a program's default.

pub mod keys;
pub mod kinds;
pub mod tables;
mod value;

pub use keys::{KeyDef, KeyTable};
pub use value::{Origin, Said, Type, Value, Version, parse_time, show_duration, show_size, show_time};

use std::collections::BTreeMap;

use crate::source::{FileId, Span};

/// A field of a kind.
#[derive(Debug)]
pub struct FieldDef {
    /// Name, as rules write it.
    pub name: &'static str,
    /// Type.
    pub ty: Type,
}

/// A sort of fact.
#[derive(Debug)]
pub struct Kind {
    /// Dotted name, system first: `rabbitmq.queue`.
    pub name: &'static str,
    /// What it stands for, one sentence; empty without the feature `pages`.
    pub doc: &'static str,
    /// Its fields.
    pub fields: &'static [FieldDef],
    /// What each field means, one sentence a line; empty without the feature `pages`. One text, as a pointer to each
    /// sentence would have to be adjusted at every start.
    pub(crate) field_docs: &'static str,
    /// Settings that are known from a table: rules write `server.tcp_listen_options.backlog` as if it were a field.
    pub keys: Option<&'static KeyTable>,
}

impl Kind {
    /// What a field means, one sentence; empty without the feature `pages`.
    pub fn field_doc(&self, index: usize) -> &'static str {
        self.field_docs.lines().nth(index).unwrap_or_default()
    }

    /// Index of a field.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Names a field of a kind; `declare_kinds!` makes one constant of it a field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The kind it belongs to.
    pub kind: &'static Kind,
    /// Its index there.
    pub index: usize,
}

/// A sentence that only people read: left out, like the pages of rules, where size counts.
pub(crate) const fn doc(sentence: &'static str) -> &'static str {
    if cfg!(feature = "pages") { sentence } else { "" }
}

/// Declares kinds: a module of field constants each, and `ALL`.
///
/// ```ignore
/// declare_kinds! {
///     /// A queue.
///     queue "rabbitmq.queue" {
///         /// Its name.
///         name: Text,
///     }
/// }
/// ```
macro_rules! declare_kinds {
    ($( $(#[doc = $kdoc:literal])+ $module:ident $name:literal $(settings $table:path)? {
        $( $(#[doc = $fdoc:literal])+ $field:ident : $ty:expr ),* $(,)?
    } )*) => {
        $(
            $(#[doc = $kdoc])+
            #[allow(non_upper_case_globals, non_camel_case_types, dead_code, clippy::allow_attributes)]
            pub mod $module {
                #[allow(unused_imports, clippy::allow_attributes)]
                use $crate::facts::Type::*;
                /// The kind.
                pub static KIND: $crate::facts::Kind = $crate::facts::Kind {
                    name: $name,
                    doc: $crate::facts::doc(concat!($($kdoc),+)),
                    fields: &[$( $crate::facts::FieldDef {
                        name: stringify!($field),
                        ty: $ty,
                    } ),*],
                    field_docs: $crate::facts::doc(concat!($($($fdoc),+, "\n"),*)),
                    keys: $crate::facts::declare_kinds!(@table $($table)?),
                };
                #[allow(dead_code, clippy::allow_attributes)]
                enum Index { $($field),* }
                $(
                    $(#[doc = $fdoc])+
                    pub const $field: $crate::facts::Field =
                        $crate::facts::Field { kind: &KIND, index: Index::$field as usize };
                )*
            }
        )*
        /// Every kind declared here.
        pub static ALL: &[&$crate::facts::Kind] = &[$(&$module::KIND),*];
    };
    (@table) => { None };
    (@table $table:path) => { Some(&$table) };
}
pub(crate) use declare_kinds;

/// Values by index. Of a kind's many fields few are said, so only those take room.
#[derive(Clone, Debug, Default)]
struct Sparse(Vec<(u32, Said)>);

impl Sparse {
    fn find(&self, index: usize) -> Result<usize, usize> {
        self.0.binary_search_by(|(at, _)| (*at as usize).cmp(&index))
    }

    fn get(&self, index: usize) -> Option<&Said> {
        self.find(index).ok().and_then(|at| self.0.get(at)).map(|(_, said)| said)
    }

    fn insert(&mut self, index: usize, said: Said) {
        match self.find(index) {
            Ok(at) => self.0[at].1 = said,
            Err(at) => self.0.insert(at, (index as u32, said)),
        }
    }
}

/// Index of a fact in [`Facts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u32);

/// One record.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its kind.
    pub kind: &'static Kind,
    /// Where it stands: the key or line that introduces it, so that a missing field is shown at the place to add it.
    pub span: Span,
    fields: Sparse,
    settings: Sparse,
}

impl Fact {
    /// An empty fact of a kind.
    pub fn new(kind: &'static Kind, span: Span) -> Fact {
        Fact { kind, span, fields: Sparse::default(), settings: Sparse::default() }
    }

    /// Sets a field. A value of another type than declared is a mistake of the extractor: tests stop on it, a release
    /// leaves the field absent.
    pub fn set(&mut self, field: Field, said: Said) -> &mut Self {
        debug_assert_eq!(field.kind, self.kind, "field of another kind");
        let def = &self.kind.fields[field.index];
        let fits = said.value.fits(&def.ty);
        debug_assert!(fits, "{}.{} is {}, not {:?}", self.kind.name, def.name, def.ty, said.value);
        if fits {
            self.fields.insert(field.index, said);
        }
        self
    }

    /// Sets a field to what is written at `span`.
    pub fn write(&mut self, field: Field, value: Value, span: Span) -> &mut Self {
        self.set(field, Said::written(value, span))
    }

    /// Sets a field that follows from the fact as a whole.
    pub fn derive(&mut self, field: Field, value: Value) -> &mut Self {
        self.set(field, Said::derived(value, None))
    }

    /// Sets a field to what another fact says of one of its own, place and secrecy included.
    pub fn copy(&mut self, field: Field, from: &Fact, source: Field) -> &mut Self {
        if let Some(said) = from.get(source) {
            self.set(field, said.clone());
        }
        self
    }

    /// What was said of a field.
    pub fn get(&self, field: Field) -> Option<&Said> {
        debug_assert_eq!(field.kind, self.kind, "field of another kind");
        self.fields.get(field.index)
    }

    /// What was said of the field with this index in the kind.
    pub fn by_index(&self, index: usize) -> Option<&Said> {
        self.fields.get(index)
    }

    /// Sets the value of a key of the kind's table (see [`KeyTable::find`]).
    pub fn set_key(&mut self, key: usize, said: Said) {
        self.settings.insert(key, said);
    }

    /// What was said of a key of the kind's table.
    pub fn key(&self, key: usize) -> Option<&Said> {
        self.settings.get(key)
    }

    /// What was said of a key, by name.
    pub fn setting(&self, name: &str) -> Option<&Said> {
        self.key(self.kind.keys?.find(name)?)
    }

    /// All keys of the table that are set.
    pub fn settings(&self) -> impl Iterator<Item = (&'static KeyDef, &Said)> {
        let table = self.kind.keys;
        self.settings.0.iter().filter_map(move |(k, v)| Some((table?.keys().get(*k as usize)?, v)))
    }

    /// A text field.
    pub fn text(&self, field: Field) -> Option<&str> {
        match &self.get(field)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number field: an integer, or the base units of a duration, size or time.
    pub fn int(&self, field: Field) -> Option<i64> {
        match self.get(field)?.value {
            Value::Int(n) | Value::Duration(n) | Value::Size(n) | Value::Time(n) => Some(n),
            _ => None,
        }
    }

    /// A boolean field.
    pub fn bool(&self, field: Field) -> Option<bool> {
        match self.get(field)?.value {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    fn rebase(&mut self, by: u32) {
        fn go(value: &mut Value, by: u32) {
            match value {
                Value::Record(id) => id.0 += by,
                Value::List(items) => items.iter_mut().for_each(|i| go(&mut i.value, by)),
                _ => {}
            }
        }
        for (_, said) in self.fields.0.iter_mut().chain(&mut self.settings.0) {
            go(&mut said.value, by);
        }
    }
}

/// All facts of a run, in the order of the files and of their places there.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    list: Vec<Fact>,
    /// Those of each file, in their order.
    files: BTreeMap<FileId, Vec<FactId>>,
}

impl Facts {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn add(&mut self, mut fact: Fact) -> FactId {
        fact.fields.0.shrink_to_fit();
        let id = FactId(self.list.len() as u32);
        self.files.entry(fact.span.file).or_default().push(id);
        self.list.push(fact);
        id
    }

    /// Takes over another file's facts; references among them stay true.
    pub fn append(&mut self, other: Facts) {
        let by = self.list.len() as u32;
        for (file, ids) in other.files {
            self.files.entry(file).or_default().extend(ids.into_iter().map(|id| FactId(id.0 + by)));
        }
        self.list.extend(other.list.into_iter().map(|mut fact| {
            fact.rebase(by);
            fact
        }));
    }

    /// One of them.
    pub fn get(&self, id: FactId) -> &Fact {
        &self.list[id.0 as usize]
    }

    /// One of them, to be completed by the link stage.
    pub fn get_mut(&mut self, id: FactId) -> &mut Fact {
        &mut self.list[id.0 as usize]
    }

    /// All of a kind.
    pub fn of<'f>(&'f self, kind: &'static Kind) -> impl Iterator<Item = (FactId, &'f Fact)> {
        self.iter().filter(move |(_, f)| std::ptr::eq(f.kind, kind))
    }

    /// All.
    pub fn iter(&self) -> impl Iterator<Item = (FactId, &Fact)> {
        self.list.iter().enumerate().map(|(i, f)| (FactId(i as u32), f))
    }

    /// All of a file.
    pub fn in_file(&self, file: FileId) -> impl Iterator<Item = (FactId, &Fact)> {
        self.files.get(&file).into_iter().flatten().map(|id| (*id, self.get(*id)))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
