//! What the operating system allows: limits of users, units and processes, kernel settings, listening sockets.

mod sysctl;

pub use sysctl::SYSCTL_CONF;
