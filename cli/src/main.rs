//! The native command: reads files and settings, asks the engine, writes what it says.

mod args;
mod baseline;
mod collect;
mod commands;
mod config;
mod doctor;
mod failure;
mod fix;
mod git;
mod lsp;
mod output;
mod pages;
mod paths;
mod progress;
mod rule_files;
mod run;
mod threads;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // The text of a panic can quote the file that it was reading, and with it a secret: the place is enough.
    std::panic::set_hook(Box::new(|panic| {
        let place =
            panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        output::tell_line(&format!("connlint: a mistake of its own{place}; please report this line"));
    }));
    ExitCode::from(commands::run(&args::Arguments::parse()))
}
