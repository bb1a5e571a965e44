//! From findings to text: pure functions from a [`Report`] to strings.
//!
//! Every renderer sees source text only through a [`Mask`], so that a password is never shown.

pub mod checkstyle;
pub mod facts;
pub mod github;
pub mod gitlab;
pub mod graph;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod mask;
pub mod reach;
pub mod sarif;
pub mod statistics;
pub mod summary;
#[cfg(feature = "text")]
pub mod text;
mod xml;

pub use mask::Mask;
pub use summary::Counts;

use crate::findings::{Finding, Report};
use crate::rules::{Rule, RuleSet};
use crate::source::Sources;

/// Where the pages of the built-in rules are: `<base>/<system>/<name>`.
pub const RULES_URL: &str = "https://connlint.github.io/rules";

/// The page of a built-in rule.
pub fn rule_url(rule: &str) -> String {
    format!("{RULES_URL}/{rule}")
}

/// What a renderer is given.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// What was found.
    pub report: &'a Report,
    /// The texts it speaks of.
    pub sources: &'a Sources,
    /// What must not be shown of them.
    pub mask: &'a Mask,
    /// The rules of the run.
    pub rules: &'a RuleSet,
}

impl Shown<'_> {
    /// What identifies a finding in the whole project, in hexadecimal digits.
    fn fingerprint(&self, finding: &Finding) -> String {
        finding.fingerprint.and(&self.sources.get(finding.span.file).name).to_string()
    }

    /// The page of a rule, for those that have one: a user's own do not.
    fn url(&self, rule: &str) -> Option<String> {
        self.rules.get(rule).is_some_and(Rule::is_built_in).then(|| rule_url(rule))
    }
}
