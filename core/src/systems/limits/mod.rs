//! What the operating system allows: limits of users, units and processes, kernel settings, listening sockets.

mod captured;
mod conf;
mod docker;
pub(crate) mod sysctl;
mod unit;

pub use captured::{LISTENING, PROCESS_LIMITS, server_of};
pub use conf::LIMITS_CONF;
pub use docker::DOCKER_DAEMON;
pub use sysctl::SYSCTL_CONF;
pub use unit::{SYSTEMD_MANAGER, SYSTEMD_UNIT};
