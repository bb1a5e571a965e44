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
            "{:8} {:18} TLS {}  {:26} {:12}  {}",
            environment.client,
            versions(environment),
            tls(environment),
            without(&environment.lacks),
            without(&environment.roots_missing.iter().map(|r| root(r)).collect::<Vec<_>>()),
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

/// `no dhe, ccm`.
fn without(words: &[&str]) -> String {
    if words.is_empty() { String::new() } else { format!("no {}", words.join(", ")) }
}

/// The root that a word of the table stands for.
fn root(word: &str) -> &str {
    match word {
        "nox1" => "X1",
        "nox2" => "X2",
        _ => "GTS",
    }
}

fn tls(of: &Environment) -> String {
    let (least, most) = of.tls;
    if least == most { format!("{most}    ") } else { format!("{least}-{most}") }
}
