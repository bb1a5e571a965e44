//! The project's baseline: finds it, reads it, and marks what it knows.

use std::fs;
use std::path::{Path, PathBuf};

use connlint_core::baseline::{Baseline, FILE_NAME};
use connlint_core::source::FileId;
use connlint_core::{Report, Sources};

use crate::config::Config;
use crate::failure::Failure;
use crate::paths::absolute;

/// A baseline and the directory that its paths are relative to.
pub(crate) struct Known {
    pub(crate) path: PathBuf,
    pub(crate) baseline: Baseline,
}

/// The path of the baseline that is asked for on the command line or in the settings.
pub(crate) fn path(asked: Option<&Path>, config: &Config) -> Option<PathBuf> {
    let set = config.project.baseline.as_ref().map(|name| config.root.join(name));
    asked.map(absolute).or(set)
}

/// Where a baseline goes that is named nowhere: beside the settings.
pub(crate) fn default_path(config: &Config) -> PathBuf {
    config.root.join(FILE_NAME)
}

/// Reads a baseline.
pub(crate) fn read(path: PathBuf) -> Result<Known, Failure> {
    let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::NoBaseline { path: path.clone() },
        _ => Failure::Unreadable { path: path.clone(), error },
    })?;
    let baseline =
        Baseline::parse(&text).map_err(|message| Failure::Baseline { path: path.clone(), message })?;
    Ok(Known { path, baseline })
}

impl Known {
    /// Moves what is known out of the findings; how many entries are found no more.
    pub(crate) fn apply(&self, report: &mut Report, sources: &Sources) -> usize {
        self.baseline.apply(report, sources, |file| name(&self.path, sources, file)).len()
    }
}

/// A source's path as a baseline at `path` names it.
pub(crate) fn name(path: &Path, sources: &Sources, file: FileId) -> String {
    let full = absolute(Path::new(&sources.get(file).name));
    let root = path.parent().unwrap_or(path);
    let below = full.strip_prefix(root).map(Path::to_owned).unwrap_or(full);
    below.to_string_lossy().replace('\\', "/")
}
