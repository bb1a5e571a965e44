//! The engine of connlint: *will this connection stay up, and is it safe?*
//!
//! ```text
//! text ─detect→ FileKind ─parse→ syntax ─extract→ facts ─link→ deployments ─evaluate→ findings ─render→ output
//! ```
//!
//! Each stage is a room that knows only the rooms to its left. Nothing here reads files, clocks, environment or
//! network: the caller hands over texts, settings and the time of evaluation.

pub mod baseline;
mod calendar;
pub mod cel;
pub mod engine;
pub mod facts;
pub mod findings;
pub mod fingerprint;
pub mod firewall;
pub mod fix;
pub mod glob;
mod hosts;
pub mod link;
pub mod nearest;
pub mod render;
mod rows;
pub mod rules;
pub mod secrets;
pub mod settings;
pub mod severity;
pub mod share;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod systems;
pub mod targets;

pub use engine::{Outcomes, judge, lint, read};
pub use findings::{Finding, Report};
pub use rules::RuleSet;
pub use settings::Settings;
pub use severity::Severity;
pub use source::{FileId, Source, Sources, Span};
