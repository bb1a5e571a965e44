//! What Compose, Kubernetes and Dockerfiles have in common: images, environment variables, commands (what they run and what they set) and quantities.

pub mod commands;
pub mod images;
pub mod interpolation;
pub mod invocation;
pub mod nodes;
pub mod quantities;
pub mod variables;
