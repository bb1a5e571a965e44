//! Finds and reads the settings file and those it extends.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use connlint_core::Source;
use connlint_core::settings::file::{FILE_NAME, Mention, Project, parse, parse_onto};

use crate::args::ConfigArgs;
use crate::failure::Failure;
use crate::paths::{absolute, common_parent, shown};

/// A file that extends one that extends one: chains are short, and this ends circles.
const MAX_EXTENDS: usize = 8;

/// The settings in force and where they come from.
#[derive(Default)]
pub(crate) struct Config {
    pub(crate) project: Project,
    /// The directory that patterns and paths of the settings are relative to.
    pub(crate) root: PathBuf,
    /// The settings file, if there is one.
    pub(crate) path: Option<PathBuf>,
    /// Names that the files mention, with their places.
    pub(crate) mentions: Vec<(Mention, String)>,
    /// Where each setting is said last, as `file:line`.
    pub(crate) origins: BTreeMap<String, String>,
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
        return read(&absolute(path), path.display().to_string(), Config::default(), 0);
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
            return read(&path, shown(&path), Config::default(), 0);
        }
    }
    Ok(none)
}

/// Reads a settings file on top of those it extends. Directories and files that they name are relative to the file
/// that names them; patterns are relative to the file that is in force.
fn read(path: &Path, name: String, onto: Config, depth: usize) -> Result<Config, Vec<Failure>> {
    let unreadable = |error: io::Error| vec![Failure::Unreadable { path: PathBuf::from(&name), error }];
    let bytes = fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| unreadable(io::Error::new(io::ErrorKind::InvalidData, "this is not UTF-8")))?;
    let source = Source::new(name, text);
    let root = path.parent().unwrap_or(path);
    let failures = |mistakes: Vec<connlint_core::settings::file::Mistake>| -> Vec<Failure> {
        let settings = mistakes.into_iter().map(|m| Failure::Settings {
            place: place(&source, m.span.start),
            message: m.message,
            help: m.help,
        });
        settings.collect()
    };
    let mut config = onto;
    for (base, span) in parse(&source.text).map_err(failures)?.extends {
        let here = place(&source, span.start);
        if depth >= MAX_EXTENDS {
            let message = "this chain of `extends` is too long, or a circle".to_owned();
            let help = format!("at most {MAX_EXTENDS} files may extend each other");
            return Err(vec![Failure::Settings { place: here, message, help }]);
        }
        let base = absolute(&root.join(base));
        config = read(&base, shown(&base), config, depth + 1)?;
        // An absolute path stays what it is when it is joined again.
        config.project.rules = rooted(&config.root, &config.project.rules);
        config.project.baseline = rooted(&config.root, config.project.baseline.as_slice()).pop();
    }
    config.project = parse_onto(std::mem::take(&mut config.project), &source.text).map_err(failures)?;
    for mention in std::mem::take(&mut config.project.mentions) {
        let place = place(&source, mention.span.start);
        config.mentions.push((mention, place));
    }
    for (key, span) in &config.project.said {
        let line = source.position(span.start).line;
        config.origins.insert(key.clone(), format!("{}:{line}", source.name));
    }
    config.root = root.to_owned();
    config.path = Some(path.to_owned());
    Ok(config)
}

fn rooted(root: &Path, names: &[String]) -> Vec<String> {
    names.iter().map(|name| root.join(name).to_string_lossy().into_owned()).collect()
}

fn place(source: &Source, offset: usize) -> String {
    let at = source.position(offset);
    format!("{}:{}:{}", source.name, at.line, at.column)
}
