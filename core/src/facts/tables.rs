//! The key tables of `core/tables`, as constants.

use super::KeyTable;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));
