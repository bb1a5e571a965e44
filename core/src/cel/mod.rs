//! Conditions: a checked subset of CEL over facts.
