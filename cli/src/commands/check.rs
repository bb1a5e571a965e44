//! `connlint check`.

use connlint_core::Severity;
use connlint_core::render::{Mask, Shown};
use connlint_core::settings::file::FailOn;

use super::Done;
use crate::args::{CheckArgs, OutputArgs};
use crate::failure::{CLEAN, FAILED, FOUND, Failure};
use crate::output;
use crate::rule_files::check_selector;
use crate::run;

pub(super) fn run(args: &CheckArgs, output: &OutputArgs) -> Done {
    output::check_reports(&args.format).map_err(|f| vec![f])?;
    let mut run = run::prepare(&args.input)?;
    let unknown: Vec<Failure> =
        args.select.iter().chain(&args.ignore).filter_map(|s| check_selector(s, &run.rules)).collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let project = &mut run.config.project;
    let fail_on = args.fail_on.or(project.fail_on).unwrap_or(FailOn::At(Severity::Warning));
    let min_severity = args.min_severity.or(project.min_severity);
    let settings = &mut project.settings;
    settings.now = args.now.or_else(run::system_time);
    if !args.select.is_empty() {
        settings.select.clone_from(&args.select);
    }
    settings.ignore.extend(args.ignore.iter().cloned());

    let (collected, mut outcomes, rules) = run.execute(&args.input)?;
    if let Some(min) = min_severity {
        outcomes.report.findings.retain(|f| f.severity >= min);
        outcomes.report.suppressed.retain(|s| s.finding.severity >= min);
    }
    let mask = Mask::new(outcomes.secrets);
    let shown = Shown { report: &outcomes.report, sources: &collected.sources, mask: &mask, rules: &rules };
    output::report(&shown, &args.format, args.output_file.as_deref(), output).map_err(|f| vec![f])?;

    if !output.quiet {
        output::tell(&collected.warnings);
    }
    output::tell(&collected.failures);
    let failed = |f: &connlint_core::Finding| matches!(fail_on, FailOn::At(least) if f.severity >= least);
    Ok(if !collected.failures.is_empty() {
        FAILED
    } else if outcomes.report.findings.iter().any(failed) {
        FOUND
    } else {
        CLEAN
    })
}
