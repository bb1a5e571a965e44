//! RabbitMQ: its settings in either form, plug-ins, environment and definitions.

pub mod conf;
pub mod releases;
mod server;
pub mod values;

pub use conf::{CONF, CONF_TEMPLATE};
