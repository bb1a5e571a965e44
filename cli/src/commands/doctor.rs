//! `connlint doctor`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use connlint_core::render::{Mask, Shown};
use connlint_core::settings::Deployment;
use connlint_core::{Outcomes, Source, Sources, share};

use super::Done;
use crate::args::{DoctorArgs, InputArgs, OutputArgs};
use crate::doctor::{self, Bundle};
use crate::failure::Failure;
use crate::{output, run};

/// The name under which a copy says what it holds and what it lacks.
const ACCOUNT: &str = "doctor.txt";

pub(super) fn run(args: &DoctorArgs, output: &OutputArgs) -> Done {
    output::check_reports(&args.format).map_err(|f| vec![f])?;
    if let Some(path) = &args.save {
        output::check_free(path).map_err(|f| vec![f])?;
    }
    let input = InputArgs::of(args.paths.clone(), args.config.clone());
    let mut run = run::prepare(&input)?;
    run.set_now(args.now);
    let mut collected = run.collect(&input)?;
    let bundle = doctor::gather(args);
    for entry in &bundle.entries {
        collected.sources.add(Source::new(&entry.name, &*entry.text));
    }
    // All of it is one host, wherever the files lie.
    let host = Deployment { name: "host".into(), files: vec!["*".into()], from: None };
    run.config.project.settings.deployments.push(host);
    let outcomes = run.judge(&collected);
    if let Some(path) = &args.save {
        save(path, args.anonymous, &bundle, &collected.sources, &outcomes).map_err(|f| vec![f])?;
    }
    let mask = Mask::new(outcomes.secrets.iter().copied());
    let shown =
        Shown { report: &outcomes.report, sources: &collected.sources, mask: &mask, rules: &run.rules };
    output::report(&shown, &args.format, None, output).map_err(|f| vec![f])?;
    if output.verbose {
        bundle.entries.iter().for_each(|e| output::say(&format!("{}: {}", e.name, e.origin)));
    }
    if !output.quiet {
        bundle.missing.iter().for_each(|m| output::say(&format!("not read: {}: {}", m.what, m.why)));
        output::tell(&collected.warnings);
    }
    output::tell(&collected.failures);
    Ok(super::status(&outcomes.report, args.fail_on.or(run.config.project.fail_on), &collected.failures))
}

/// True for a name that is to become a directory.
fn is_directory(path: &Path) -> bool {
    path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator)
}

/// Writes what was judged, without secrets.
fn save(
    path: &Path,
    anonymous: bool,
    bundle: &Bundle,
    sources: &Sources,
    outcomes: &Outcomes,
) -> Result<(), Failure> {
    let mut sources = sources.clone();
    sources.add(Source::new(ACCOUNT, bundle.account()));
    let texts = match anonymous {
        true => share::redact_sources(&sources, &outcomes.secrets),
        false => share::without_secrets(&sources, &outcomes.secrets),
    };
    let names = sources.iter().map(|(_, source)| source.name.as_str());
    let mut files: Vec<(&str, &str)> = names.zip(texts.iter().map(String::as_str)).collect();
    // Who opens it wants to know first what it holds.
    files.rotate_right(1);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| Failure::File { path, error }
    };
    if !is_directory(path) {
        return write_new(path, &doctor::in_one(files.into_iter())).map_err(failed(path));
    }
    for (name, text) in files {
        let plain: PathBuf =
            Path::new(name).components().filter(|c| matches!(c, Component::Normal(_))).collect();
        let file = path.join(plain);
        let directory = file.parent().unwrap_or(path);
        fs::create_dir_all(directory).map_err(failed(directory))?;
        write_new(&file, text).map_err(failed(&file))?;
    }
    Ok(())
}

/// Writes a file that nobody else may read: what a host shows of itself is not for everybody, even without secrets.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
