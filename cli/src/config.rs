//! Finds and reads the settings file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use connlint_core::Source;
use connlint_core::settings::file::{FILE_NAME, Mention, Project, parse};

use crate::args::ConfigArgs;
use crate::failure::Failure;
use crate::paths::{absolute, common_parent, shown};

/// The settings in force and where they come from.
#[derive(Default)]
pub(crate) struct Config {
    pub(crate) project: Project,
    /// The directory that patterns and paths of the settings are relative to.
    pub(crate) root: PathBuf,
    /// The file, for places of mistakes that show later.
    source: Option<Source>,
}

impl Config {
    /// The place of a name that the settings mention, as `file:line:column`.
    pub(crate) fn place(&self, mention: &Mention) -> Option<String> {
        self.source.as_ref().map(|source| place(source, mention.span.start))
    }
}

/// Reads the settings for a run over these paths. There is one settings file for a run: the nearest at or above the
/// directory that all paths have in common, else at or above the current directory.
pub(crate) fn load<'p>(
    args: &ConfigArgs,
    paths: impl Iterator<Item = &'p Path>,
) -> Result<Config, Vec<Failure>> {
    let here = absolute(Path::new("."));
    let none = Config { root: here.clone(), ..Config::default() };
    if args.no_config {
        return Ok(none);
    }
    if let Some(path) = &args.config {
        return read(&absolute(path), path.display().to_string());
    }
    let directories: Vec<PathBuf> = paths
        .map(|path| {
            let full = absolute(path);
            if full.is_dir() { full } else { full.parent().map_or_else(|| here.clone(), Path::to_owned) }
        })
        .collect();
    let start = common_parent(&directories);
    for directory in start.iter().flat_map(|s| s.ancestors()).chain(here.ancestors()) {
        let path = directory.join(FILE_NAME);
        if path.is_file() {
            return read(&path, shown(&path));
        }
    }
    Ok(none)
}

fn read(path: &Path, name: String) -> Result<Config, Vec<Failure>> {
    let unreadable = |error: io::Error| vec![Failure::Unreadable { path: PathBuf::from(&name), error }];
    let bytes = fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| unreadable(io::Error::new(io::ErrorKind::InvalidData, "this is not UTF-8")))?;
    let source = Source::new(name, text);
    match parse(&source.text) {
        Ok(project) => {
            let root = path.parent().unwrap_or(path).to_owned();
            Ok(Config { project, root, source: Some(source) })
        }
        Err(mistakes) => Err(mistakes
            .into_iter()
            .map(|m| Failure::Settings {
                place: place(&source, m.span.start),
                message: m.message,
                help: m.help,
            })
            .collect()),
    }
}

fn place(source: &Source, offset: usize) -> String {
    let at = source.position(offset);
    format!("{}:{}:{}", source.name, at.line, at.column)
}
