//! Concrete syntaxes: one file each. They know nothing about brokers, never panic, recover after an error (one bad
//! line loses one line) and are bounded in depth and size.

mod assembly;
#[cfg(feature = "code")]
pub mod code;
pub mod erlang;
mod escape;
pub mod haproxy;
pub mod hcl;
pub mod json;
pub mod keyvalue;
pub mod log;
pub mod nats;
pub mod nginx;
pub mod pem;
pub mod promql;
mod quoted;
pub mod script;
pub mod shell;
pub mod template;
pub mod toml;
pub mod tree;
pub mod uri;
pub mod yaml;

pub use tree::{Data, Entry, Node, Scalar, Style};

use crate::source::Span;

/// Nesting deeper than this is cut off with a notice. Hand-written files stay below 20; the bound keeps recursive
/// readers of hostile input within a small stack.
pub const MAX_DEPTH: usize = 96;

/// A tree with more nodes than this is cut off with a notice; the largest generated manifests stay below 100 000.
pub const MAX_NODES: usize = 1_000_000;

/// Something in a file that could not be read. Never a judgement: findings judge, notices excuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Where.
    pub span: Span,
    /// What could not be read, and what to do about it; never holds a value of the file.
    pub message: String,
}

impl Notice {
    /// A notice at a place.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}
