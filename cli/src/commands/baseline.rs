//! `connlint baseline create`, `update` and `prune`.

use connlint_core::baseline::Baseline;
use connlint_core::source::FileId;

use super::Done;
use crate::args::{BaselineArgs, BaselineCommand, OutputArgs};
use crate::failure::{CLEAN, FAILED, Failure};
use crate::{baseline, output, run};

pub(super) fn run(command: &BaselineCommand, output: &OutputArgs) -> Done {
    let (BaselineCommand::Create(args) | BaselineCommand::Update(args) | BaselineCommand::Prune(args)) =
        command;
    let BaselineArgs { input, file, now } = args;
    let mut run = run::prepare(input)?;
    run.set_now(*now);
    let path =
        baseline::path(file.as_deref(), &run.config).unwrap_or_else(|| baseline::default_path(&run.config));
    let create = matches!(command, BaselineCommand::Create(_));
    let old = match baseline::read(path.clone()) {
        Ok(_) if create => return Err(vec![Failure::Exists { path, instead: "connlint baseline update" }]),
        Ok(known) => known.baseline,
        Err(Failure::NoBaseline { .. }) if create => Baseline::default(),
        Err(failure) => return Err(vec![failure]),
    };
    let collected = run.collect(input)?;
    let outcomes = run.report(&collected);
    let name = |file: FileId| baseline::name(&path, &collected.sources, file);
    let mut new = Baseline::of(&outcomes.report, name);
    if matches!(command, BaselineCommand::Prune(_)) {
        new.entries.retain(|e| old.entries.iter().any(|o| o.is_same(e)));
    }
    // What is known of files that were not read now stays.
    let read: Vec<String> = collected.sources.iter().map(|(id, _)| name(id)).collect();
    let unread = |file: &String| !read.contains(file) && path.with_file_name(file).exists();
    new.entries.extend(old.entries.iter().filter(|e| unread(&e.file)).cloned());
    new.entries.sort();
    std::fs::write(&path, new.render()).map_err(|error| vec![Failure::File { path: path.clone(), error }])?;
    if !output.quiet {
        let count = |of: &Baseline, other: &Baseline| {
            of.entries.iter().filter(|e| !other.entries.iter().any(|o| o.is_same(e))).count()
        };
        output::say(&format!(
            "{}: {} known ({} added, {} removed)",
            crate::paths::shown(&path),
            new.entries.len(),
            count(&new, &old),
            count(&old, &new),
        ));
        output::tell(&collected.warnings);
    }
    output::tell(&collected.failures);
    Ok(if collected.failures.is_empty() { CLEAN } else { FAILED })
}
