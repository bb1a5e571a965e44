//! One file for each command.

mod baseline;
mod check;
mod config;
mod doctor;
mod documents;
mod explain;
mod facts;
mod graph;
mod reach;
mod rules;
mod targets;

use crate::args::{Arguments, Command, ConfigCommand, RulesCommand};
use connlint_core::settings::file::FailOn;
use connlint_core::{Report, Severity};

use crate::failure::{CLEAN, FAILED, FOUND, Failure};
use crate::{lsp, output};

/// What a command does: the exit status, or everything that kept it from its job.
type Done = Result<u8, Vec<Failure>>;

/// Runs what was asked for and says the exit status.
pub(crate) fn run(arguments: &Arguments) -> u8 {
    let done = match &arguments.command {
        Command::Check(args) => check::run(args, &arguments.output),
        Command::Facts(args) => facts::run(args, &arguments.output),
        Command::Graph(args) => graph::run(args, &arguments.output),
        Command::Reach(args) => reach::run(args, &arguments.output),
        Command::Doctor(args) => doctor::run(args, &arguments.output),
        Command::Explain(args) => explain::run(args, &arguments.output),
        Command::Baseline { command } => baseline::run(command, &arguments.output),
        Command::Init(args) => config::init(args, &arguments.output),
        Command::Config { command: ConfigCommand::Show(args) } => config::show(args),
        Command::Lsp(args) => match lsp::serve(args.clone()) {
            Ok(()) => Ok(CLEAN),
            Err(error) => Err(vec![Failure::Editor { message: error.to_string() }]),
        },
        Command::Completions { shell } => documents::completions(*shell),
        Command::Man { directory } => documents::man(directory.as_deref()),
        Command::Rules { command: RulesCommand::List(args) } => rules::list(args),
        Command::Rules { command: RulesCommand::Pages { directory, config } } => {
            rules::pages(directory, config)
        }
        Command::Targets => targets::run(),
        Command::Rules { command: RulesCommand::Check { directory } } => rules::check(directory),
    };
    done.unwrap_or_else(|failures| {
        output::tell(&failures);
        FAILED
    })
}

/// The exit status for what was found; without a threshold said that is a warning.
fn status(report: &Report, fail_on: Option<FailOn>, failures: &[Failure]) -> u8 {
    let fail_on = fail_on.unwrap_or(FailOn::At(Severity::Warning));
    let counts = |f: &connlint_core::Finding| matches!(fail_on, FailOn::At(least) if f.severity >= least);
    if !failures.is_empty() {
        FAILED
    } else if report.findings.iter().any(counts) {
        FOUND
    } else {
        CLEAN
    }
}
