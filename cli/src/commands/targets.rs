//! `connlint targets`.

use std::fmt::Write as _;

use connlint_core::targets::{Environment, environments};

use super::Done;
use crate::failure::CLEAN;
use crate::output;

pub(super) fn run() -> Done {
    let mut text = String::new();
    for environment in environments() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:8} {:18} TLS {}  {}",
            environment.client,
            versions(environment),
            tls(environment),
            environment.source
        );
    }
    output::write(&text).map_err(|f| vec![f])?;
    Ok(CLEAN)
}

fn versions(of: &Environment) -> String {
    match of.below {
        Some(below) => format!("{} to below {below}", of.from),
        None => format!(">= {}", of.from),
    }
}

fn tls(of: &Environment) -> String {
    let (least, most) = of.tls;
    if least == most { format!("{most}    ") } else { format!("{least}-{most}") }
}
