//! What crosses the border to JavaScript. The TypeScript types of the package are made from these.

use connlint_core::rules::{Category, Examples, RuleDocument};
use connlint_core::Severity;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tsify::Tsify;

/// A file to lint. Its name tells its kind and how it belongs to the others: paths, parts separated by `/`.
#[derive(Serialize, Deserialize, Tsify)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
}
