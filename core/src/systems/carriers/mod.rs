//! Files that carry anything: environment files, scripts, trees and line formats without a system of their own, and
//! any other text. What they say of connections they say in URIs, and in the configurations that are written inside.

pub mod bundle;
pub mod env;
pub mod generic;
pub mod shell;
pub mod tree;

/// True for a name that ends in one of these endings (without dot, in lower case).
pub(super) fn has_ending(base_name: &str, endings: &[&str]) -> bool {
    base_name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

/// The beginning of a text that content is judged by: real files show what they are within it.
pub(super) fn beginning(text: &str) -> &str {
    const LENGTH: usize = 16 * 1024;
    &text[..crate::source::floor_boundary(text, LENGTH)]
}
