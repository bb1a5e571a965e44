//! From findings to text: pure functions from a [`Report`] to strings.
//!
//! Every renderer sees source text only through a [`Mask`], so that a password is never shown.

pub mod facts;
pub mod json;
pub mod mask;
pub mod summary;
#[cfg(feature = "text")]
pub mod text;

pub use mask::Mask;
pub use summary::Counts;

use crate::findings::Report;
use crate::source::Sources;

/// Where the pages of the built-in rules are: `<base>/<system>/<name>`.
pub const RULES_URL: &str = "https://connlint.github.io/rules";

/// The page of a rule.
pub fn rule_url(rule: &str) -> String {
    format!("{RULES_URL}/{rule}")
}

/// What a renderer is given.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What was found.
    pub report: &'a Report,
    /// The texts it speaks of.
    pub sources: &'a Sources,
    /// What must not be shown of them.
    pub mask: &'a Mask,
}
