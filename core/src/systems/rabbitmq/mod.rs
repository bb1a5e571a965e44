//! RabbitMQ: its settings in either form, plug-ins, environment and definitions.

pub mod addresses;
pub mod advanced;
pub mod amounts;
mod arguments;
pub mod conf;
pub mod definitions;
pub mod environment;
mod inter_node;
pub mod packages;
mod password;
mod patterns;
pub mod plugins;
pub mod releases;
mod server;
pub mod values;

pub use password::password_fits;

pub use advanced::{ADVANCED, CLASSIC};
pub use conf::{CONF, CONF_TEMPLATE};
pub use definitions::DEFINITIONS;
pub use environment::ENVIRONMENT;
pub use inter_node::INTER_NODE_TLS;
pub use plugins::PLUGINS;
