//! `connlint check`.

use std::cell::Cell;

use connlint_core::findings::Safety;
use connlint_core::render::{Mask, Shown, statistics};
use connlint_core::{Report, Sources};

use super::Done;
use crate::args::{CheckArgs, OutputArgs};
use crate::baseline;
use crate::collect::Collected;
use crate::failure::{CLEAN, FAILED, FOUND, Failure};
use crate::fix::{self, Mended};
use crate::git;
use crate::output;
use crate::rule_files::check_selector;
use crate::run::{self, Found, Run};
use crate::watch;

pub(super) fn run(args: &CheckArgs, output: &OutputArgs) -> Done {
    output::check_reports(&args.format).map_err(|f| vec![f])?;
    if args.watch {
        return watch::watch(&args.input, |before| once(args, output, before));
    }
    let (status, collected) = once(args, output, None)?;
    std::mem::forget(collected);
    Ok(status)
}

/// Checks once; `before` is what was read the last time.
fn once(
    args: &CheckArgs,
    output: &OutputArgs,
    before: Option<&Collected>,
) -> Result<(u8, Collected), Vec<Failure>> {
    let mut run = run::prepare(&args.input)?;
    let unknown: Vec<Failure> =
        args.select.iter().chain(&args.ignore).filter_map(|s| check_selector(s, &run.rules)).collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    if args.proved_only {
        run.rules.retain(|rule| rule.proof().is_some());
    }
    let project = &mut run.config.project;
    let fail_on = args.fail_on.or(project.fail_on);
    let min_severity = args.min_severity.or(project.min_severity);
    let settings = &mut project.settings;
    if !args.select.is_empty() {
        settings.select.clone_from(&args.select);
    }
    settings.ignore.extend(args.ignore.iter().cloned());
    run.set_now(args.now);
    run.progress = !output.quiet;
    let baseline = baseline::path(args.baseline.as_deref(), &run.config).filter(|_| !args.no_baseline);
    let baseline = baseline.map(baseline::read).transpose().map_err(|f| vec![f])?;

    let mut collected = run.collect_again(&args.input, before)?;
    let changed = match &args.since {
        Some(revision) => Some(git::since(revision)),
        None => args.staged.then(git::staged),
    };
    let changed = changed.transpose().map_err(|f| vec![f])?;
    let gone = Cell::new(0);
    let select = |report: &mut Report, sources: &Sources| {
        if let Some(known) = &baseline {
            gone.set(known.apply(report, sources));
        }
        if let Some(changed) = &changed {
            changed.select(report, sources);
        }
        if let Some(min) = min_severity {
            report.findings.retain(|f| f.severity >= min);
            report.suppressed.retain(|s| s.finding.severity >= min);
        }
    };
    let mut outcomes = run.report(&collected);
    select(&mut outcomes.report, &collected.sources);
    if args.fix || args.diff {
        let safety = if args.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let mended = fix::mend(&run, &mut collected, outcomes, safety, &select);
        if args.diff {
            output::write(&mended.diff(&collected.sources)).map_err(|f| vec![f])?;
        } else {
            collected.failures.extend(mended.write(&collected.sources));
        }
        if !output.quiet {
            tell_fixes(&mended, &collected.sources, args.diff);
        }
        if args.diff {
            output::tell(&collected.failures);
            let status = if mended.files() > 0 { FOUND } else { CLEAN };
            let status = if collected.failures.is_empty() { status } else { FAILED };
            return Ok((status, collected));
        }
        outcomes = mended.outcomes;
    }
    if output.verbose {
        tell_files(&run, &collected.sources, &outcomes);
    }
    let mask = Mask::new(outcomes.secrets.iter().copied());
    let shown =
        Shown { report: &outcomes.report, sources: &collected.sources, mask: &mask, rules: &run.rules };
    if args.statistics {
        let text = statistics::render(&shown);
        output::to(args.output_file.as_deref(), &text).map_err(|f| vec![f])?;
    } else {
        output::report(&shown, &args.format, args.output_file.as_deref(), output).map_err(|f| vec![f])?;
    }

    if !output.quiet {
        output::tell(&collected.warnings);
        if gone.get() > 0 {
            let (n, verb) = (gone.get(), if gone.get() == 1 { "is" } else { "are" });
            output::say(&format!(
                "{n} of the baseline {verb} found no more; `connlint baseline prune` forgets it"
            ));
        }
    }
    output::tell(&collected.failures);
    let status = super::status(&outcomes.report, fail_on, &collected.failures);
    if !args.watch {
        // The process ends here; the system takes its memory back faster than each part is freed.
        std::mem::forget((run, outcomes));
    }
    Ok((status, collected))
}

/// Says which settings are in force and what each file was taken for.
fn tell_files(run: &Run, sources: &Sources, outcomes: &Found) {
    match &run.config.path {
        Some(path) => output::say(&format!("settings of {}", crate::paths::shown(path))),
        None => output::say("no settings file"),
    }
    for ((_, source), kind) in sources.iter().zip(&outcomes.kinds) {
        output::say(&format!("{}: {}", source.name, kind.map_or("not read", |k| k.name)));
    }
}

/// Says what was mended and what was not, and why.
fn tell_fixes(mended: &Mended, sources: &Sources, only_shown: bool) {
    for left in &mended.left {
        let source = sources.get(left.span.file);
        let at = source.position(left.span.start as usize);
        output::say(&format!(
            "{}:{}:{}: {} is not fixed: {}",
            source.name, at.line, at.column, left.rule, left.why
        ));
    }
    if mended.unsettled {
        output::say("some fixes call for each other without end; look at what they made");
    }
    let number = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let (findings, files) = (number(mended.made, "finding"), number(mended.files(), "file"));
    output::say(&match only_shown {
        true => format!("--fix would mend {findings} in {files}"),
        false => format!("mended {findings} in {files}"),
    });
}
