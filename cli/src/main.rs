//! The native command: reads files and settings, asks the engine, writes what it says.

mod args;
mod baseline;
mod collect;
mod commands;
mod config;
mod failure;
mod fix;
mod git;
mod lsp;
mod output;
mod paths;
mod rule_files;
mod run;
mod threads;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    ExitCode::from(commands::run(&args::Arguments::parse()))
}
