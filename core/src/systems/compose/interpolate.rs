//! Variables of a `.env` file, filled in where a Compose file refers to them.
//!
//! Compose fills in values before it reads anything of them, so the tree is filled in as a whole. What no file sets
//! stays as it stands, for whoever knows a default of it. Passwords stay variables: that they are not written in the
//! Compose file is what its readers want to know.

use std::collections::BTreeMap;

use crate::secrets;
use crate::source::{FileId, Source, Span, View};
use crate::syntax::keyvalue::{self, dialects};
use crate::syntax::{Data, Node, Scalar};
use crate::systems::Filled;
use crate::systems::containers::interpolation::{Variable, variable};

/// A longer value of a variable is not filled in: hosts, ports and names are short.
const LONGEST_VALUE: usize = 256;

/// A longer value of a Compose file is not filled in.
const LONGEST: usize = 4096;

/// More references of one file are not filled in; real files stay below a few hundred.
const MAX_FILLED: usize = 10_000;

/// The variables of one `.env` file.
#[derive(Debug, Default)]
pub(super) struct Environment {
    values: BTreeMap<String, (String, Span)>,
}

impl Environment {
    /// Reads a `.env` file; of several lines with one name the last counts.
    pub(super) fn read(file: FileId, source: &Source) -> Environment {
        let view = View::whole(file, source);
        let (pairs, _) = keyvalue::pairs(&view, &dialects::DOTENV);
        let mut values = BTreeMap::new();
        for pair in pairs.iter().filter(|p| p.assigned) {
            let (name, value) = (pair.key.text.trim(), pair.value.text.as_ref());
            // A whole URI is read where it stands.
            let usable = value.len() <= LONGEST_VALUE && !value.contains('$') && !value.contains("://");
            if usable && !secrets::is_secret_name(name) {
                values.insert(name.to_owned(), (value.to_owned(), pair.value.full_span()));
            } else {
                values.remove(name);
            }
        }
        Environment { values }
    }

    /// Fills in all values below a node, and notes what was filled in.
    pub(super) fn fill(&self, node: &mut Node<'_>, filled: &mut Vec<Filled>) {
        if !self.values.is_empty() {
            self.walk(node, "", filled);
        }
    }

    fn walk(&self, node: &mut Node<'_>, key: &str, filled: &mut Vec<Filled>) {
        match &mut node.data {
            Data::Scalar(scalar) => self.scalar(scalar, key, filled),
            Data::Map(entries) => {
                for entry in entries {
                    self.walk(&mut entry.value, &entry.key.view.text, filled);
                }
            }
            Data::Seq(items) | Data::Tuple(items) => {
                for item in items {
                    self.walk(item, "", filled);
                }
            }
        }
    }

    fn scalar(&self, scalar: &mut Scalar<'_>, key: &str, filled: &mut Vec<Filled>) {
        let text = scalar.view.text.as_ref();
        let name =
            text.split_once('=').map_or(key, |(name, _)| if key.is_empty() { name.trim() } else { key });
        if !text.contains('$') || text.len() > LONGEST || secrets::is_secret_name(name) {
            return;
        }
        let (mut out, mut pieces, mut from) = (String::new(), Vec::new(), 0);
        let mut changed = Vec::new();
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|t| t.find('$')).map(|f| at + f) {
            let rest = text.get(found..).unwrap_or_default();
            if rest.starts_with("$$") {
                at = found + 2;
                continue;
            }
            let Some(reference) = variable(rest) else {
                at = found + 1;
                continue;
            };
            let end = found + reference.length;
            let before = text.get(..found).unwrap_or_default();
            let password = before.ends_with(':')
                && before.contains("://")
                && text.get(end..).is_some_and(|t| t.starts_with('@'));
            let value = if password { None } else { self.value(&reference) };
            if let Some((value, span)) = value.filter(|_| filled.len() + changed.len() < MAX_FILLED) {
                pieces.push((out.len() as u32, from as u32));
                out.push_str(text.get(from..found).unwrap_or_default());
                // Every byte of the value stands where the reference stands, as a whole.
                let last = value.len().saturating_sub(1);
                for byte in 0..value.len() {
                    let place = if byte == last && last > 0 { end - 1 } else { found };
                    pieces.push(((out.len() + byte) as u32, place as u32));
                }
                out.push_str(value);
                changed.push(Filled {
                    at: scalar.view.span(found..end),
                    from: *span,
                    name: reference.name.to_owned(),
                });
                from = end;
            }
            at = end;
        }
        if changed.is_empty() {
            return;
        }
        pieces.push((out.len() as u32, from as u32));
        out.push_str(text.get(from..).unwrap_or_default());
        if from == text.len() {
            pieces.dedup_by_key(|p| p.0);
        }
        scalar.view = scalar.view.derived(out, &pieces);
        filled.append(&mut changed);
    }

    /// The value that a reference stands for, if the file sets its variable.
    fn value(&self, reference: &Variable<'_>) -> Option<(&str, &Span)> {
        let (value, span) = self.values.get(reference.name)?;
        // `:-`, `:?` and `:+` take an empty variable for one that is not set.
        let counts = !value.is_empty() || !reference.operation.starts_with(':');
        // With `+` another value takes the place of the variable's own.
        let replaced = reference.operation.trim_start_matches(':').starts_with('+');
        (counts && !replaced && !value.is_empty()).then_some((value.as_str(), span))
    }
}
