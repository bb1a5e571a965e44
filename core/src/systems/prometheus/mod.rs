//! Prometheus: alerts, wherever they are written, and the servers that evaluate them.

mod expression;
mod grafana;
mod groups;
mod server;
mod shape;

pub use grafana::GRAFANA;
pub use groups::RULES;
pub use server::SERVER;

pub(crate) use groups::operated;
