//! What Compose, Kubernetes and Dockerfiles have in common: images, environment variables, commands and quantities.

pub mod commands;
pub mod images;
pub mod interpolation;
pub mod nodes;
pub mod quantities;
pub mod variables;
