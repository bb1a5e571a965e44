//! The key tables of `core/tables`, as constants.

#[allow(unused_imports, reason = "a build without tables needs none of them")]
use super::{KeyDef, KeyTable, Type};

include!(concat!(env!("OUT_DIR"), "/tables.rs"));
