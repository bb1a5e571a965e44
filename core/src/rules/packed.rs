//! The form in which built-in rules lie in the program: one text, its parts in a fixed order with a separator behind
//! each. Nothing of it needs a reader of YAML or JSON, and a rule's condition is read without the rest of the rule.
//!
//! The build packs what the engine unpacks; both include this file.

use std::collections::BTreeMap;

use super::document::{Adjust, Category, Example, Examples, FixDocument, InDev, RuleDocument, Stage};
use crate::severity::{Safety, Severity};

/// Stands behind every part; no rule contains it (U+001F, the unit separator).
pub(crate) const SEPARATOR: char = '\u{1f}';

/// Reads parts, one after the other.
pub(crate) struct Unpacker<'t> {
    parts: std::str::Split<'t, char>,
}

impl<'t> Unpacker<'t> {
    pub(crate) fn new(text: &'t str) -> Unpacker<'t> {
        Unpacker { parts: text.split(SEPARATOR) }
    }
}

/// What can be packed.
pub(crate) trait Packed<'t>: Sized {
    #[allow(dead_code, reason = "only the build packs")]
    fn pack(&self, to: &mut String);
    fn unpack(from: &mut Unpacker<'t>) -> Option<Self>;
}

impl<'t> Packed<'t> for &'t str {
    fn pack(&self, to: &mut String) {
        assert!(!self.contains(SEPARATOR), "a rule holds a control character: {self:?}");
        to.push_str(self);
        to.push(SEPARATOR);
    }

    fn unpack(from: &mut Unpacker<'t>) -> Option<Self> {
        from.parts.next()
    }
}

impl<'t> Packed<'t> for String {
    fn pack(&self, to: &mut String) {
        self.as_str().pack(to);
    }

    fn unpack(from: &mut Unpacker<'t>) -> Option<Self> {
        <&str>::unpack(from).map(str::to_owned)
    }
}

impl<'t> Packed<'t> for bool {
    fn pack(&self, to: &mut String) {
        (if *self { "yes" } else { "no" }).pack(to);
    }

    fn unpack(from: &mut Unpacker<'t>) -> Option<Self> {
        <&str>::unpack(from).map(|word| word == "yes")
    }
}

/// The number of elements, then each.
impl<'t, T: Packed<'t>> Packed<'t> for Vec<T> {
    fn pack(&self, to: &mut String) {
        self.len().to_string().pack(to);
        self.iter().for_each(|item| item.pack(to));
    }

    fn unpack(from: &mut Unpacker<'t>) -> Option<Self> {
        let count: usize = <&str>::unpack(from)?.parse().ok()?;
        (0..count).map(|_| T::unpack(from)).collect()
    }
}

impl<'t, A: Packed<'t>, B: Packed<'t>> Packed<'t> for (A, B) {
    fn pack(&self, to: &mut String) {
        self.0.pack(to);
        self.1.pack(to);
    }

    fn unpack(from: &mut Unpacker<'t>) -> Option<Self> {
        Some((A::unpack(from)?, B::unpack(from)?))
    }
}

impl<'t> Packed<'t> for BTreeMap<String, String> {
    fn pack(&self, to: &mut String) {
        let pairs: Vec<(String, String)> = self.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        pairs.pack(to);
    }

    fn unpack(from: &mut Unpacker<'t>) -> Option<Self> {
        Vec::<(String, String)>::unpack(from).map(|pairs| pairs.into_iter().collect())
    }
}

impl<'t, T: Packed<'t>> Packed<'t> for Option<T> {
    fn pack(&self, to: &mut String) {
        self.is_some().pack(to);
        if let Some(value) = self {
            value.pack(to);
        }
    }

    fn unpack(from: &mut Unpacker<'t>) -> Option<Self> {
        if bool::unpack(from)? { T::unpack(from).map(Some) } else { Some(None) }
    }
}

macro_rules! pack_structs {
    ($( $name:ident { $($field:ident),* } )*) => { $(
        impl<'t> Packed<'t> for $name {
            fn pack(&self, to: &mut String) {
                let $name { $($field),* } = self;
                $( $field.pack(to); )*
            }

            fn unpack(from: &mut Unpacker<'t>) -> Option<Self> {
                $( let $field = Packed::unpack(from)?; )*
                Some($name { $($field),* })
            }
        }
    )* };
}

pack_structs! {
    RuleDocument {
        applies, join, when, title, since, stage, severity, category, in_dev, adjust, at, label, labels, message, why,
        help, fix, proof, sources, examples
    }
    Adjust { when, severity }
    FixDocument { title, safety, verbatim, set, remove }
    Examples { bad, good }
    Example { files, settings, now, at }
}

macro_rules! pack_words {
    ($( $name:ident { $($variant:ident),* } )*) => { $(
        impl<'t> Packed<'t> for $name {
            fn pack(&self, to: &mut String) {
                match self { $( $name::$variant => stringify!($variant).pack(to), )* }
            }

            fn unpack(from: &mut Unpacker<'t>) -> Option<Self> {
                match <&str>::unpack(from)? {
                    $( stringify!($variant) => Some($name::$variant), )*
                    _ => None,
                }
            }
        }
    )* };
}

pack_words! {
    Stage { Preview, Stable, Deprecated }
    Severity { Info, Warning, Error }
    Category { Correctness, Reliability, Security, Capacity, Maintenance }
    InDev { Same, Lower, Skip }
    Safety { Safe, Unsafe }
}

/// The parts of a rule that decide whether it finds something; the first ones of a packed rule.
pub(crate) struct Head<'t> {
    /// Name to kind, by name.
    pub(crate) applies: Vec<(&'t str, &'t str)>,
    pub(crate) join: Vec<&'t str>,
    pub(crate) when: &'t str,
}

impl<'t> Head<'t> {
    pub(crate) fn unpack(text: &'t str) -> Option<Head<'t>> {
        let mut from = Unpacker::new(text);
        Some(Head {
            applies: Packed::unpack(&mut from)?,
            join: Packed::unpack(&mut from)?,
            when: Packed::unpack(&mut from)?,
        })
    }

    pub(crate) fn of(document: &'t RuleDocument) -> Head<'t> {
        Head {
            applies: document.applies.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect(),
            join: document.join.iter().map(String::as_str).collect(),
            when: &document.when,
        }
    }
}
