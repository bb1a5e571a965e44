//! The form of a rule file. One YAML file a rule; its path below the rules directory, without the ending, is its name.
//!
//! The same structure reads built-in rules when the project is built and users' rules at run time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::severity::{Safety, Severity};

/// A rule file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    /// A few words for lists; no values.
    pub title: String,
    /// The version of connlint that brought it.
    pub since: String,
    /// How far along it is.
    #[serde(default, skip_serializing_if = "Stage::is_stable")]
    pub stage: Stage,
    /// How bad what it finds is, unless `adjust` says otherwise.
    pub severity: Severity,
    /// What it is about; decides what becomes of its findings in development and test files.
    pub category: Category,
    /// What becomes of its findings in development and test files, when the category's way is not right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_dev: Option<InDev>,
    /// The facts it looks at: name to kind.
    pub applies: BTreeMap<String, String>,
    /// How several facts belong together: `client dials broker`, relations that the link stage worked out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join: Vec<String>,
    /// The condition, a CEL expression. A comparison with something not said is no finding.
    pub when: String,
    /// Other severities under further conditions; the first that holds wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjust: Vec<Adjust>,
    /// The place to point at: a path such as `uri.heartbeat`, or a name alone for the whole fact.
    pub at: String,
    /// A few words at that place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Other places involved, each with a few words: path to text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The fact with its values, one line, `{expression}` filled in.
    pub message: String,
    /// The failure, and when it strikes.
    pub why: String,
    /// What to do.
    pub help: String,
    /// The edit, where it is clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<FixDocument>,
    /// Where it is written down, or how it was shown.
    pub sources: Vec<String>,
    /// How it is known to be true: the name of a proof in the lab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Texts that show it at work, run as tests.
    pub examples: Examples,
}

/// How far along a rule is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// New: runs only when selected by its full name.
    Preview,
    /// Runs by default.
    #[default]
    Stable,
    /// Still runs, will go.
    Deprecated,
}

impl Stage {
    fn is_stable(&self) -> bool {
        *self == Stage::Stable
    }
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// The program refuses or misreads what is written.
    Correctness,
    /// Connections drop, hang, or lose messages.
    Reliability,
    /// Strangers get in, or secrets get out.
    Security,
    /// It works, but not for many or not for long.
    Capacity,
    /// Out of support, deprecated, without effect.
    Maintenance,
}

/// What becomes of a finding in a file that serves development or tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InDev {
    /// It is the same there.
    Same,
    /// One severity less.
    Lower,
    /// It is nothing there.
    Skip,
}

impl Category {
    /// The usual way of a category: what stops a program stops it in tests too, what endures a bad day is not asked
    /// of a test, and a test's password is no secret.
    pub fn in_dev(self) -> InDev {
        match self {
            Category::Correctness => InDev::Same,
            Category::Reliability => InDev::Lower,
            Category::Security | Category::Capacity | Category::Maintenance => InDev::Skip,
        }
    }
}

/// Another severity under a further condition.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    /// The condition.
    pub when: String,
    /// The severity while it holds.
    pub severity: Severity,
}

/// An edit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixDocument {
    /// What it does, as an order.
    pub title: String,
    /// Whether it changes nothing but the fault.
    pub safety: Safety,
    /// The texts are written as they are: quotes and line ends in them are meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verbatim: bool,
    /// Paths and the text that replaces what is written there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// Paths whose whole line goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// Texts that show a rule at work.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// It must find something in each.
    pub bad: Vec<Example>,
    /// It must find nothing in any.
    pub good: Vec<Example>,
}

/// Files that are linted together.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// File name to text.
    pub files: BTreeMap<String, String>,
    /// The settings of the run, as in `connlint.toml`, in TOML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// The evaluation time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// The text that the finding must point at (bad examples only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}
