//! Rules of the user's own, and the words that rule files use.

use std::fs;
use std::path::{Path, PathBuf};

use connlint_core::rules::{Rule, RuleSet, load};
use connlint_core::settings::file::{Mention, Named};
use connlint_core::{Source, systems};
use ignore::WalkBuilder;

use crate::config::Config;
use crate::failure::Failure;

/// A rule file that was read.
pub(crate) struct RuleFile {
    pub(crate) source: Source,
    pub(crate) rule: Rule,
}

/// The built-in rules and those of the settings' and the command line's directories.
pub(crate) fn rule_set(config: &Config, directories: &[PathBuf]) -> Result<RuleSet, Vec<Failure>> {
    let mut rules = RuleSet::built_in();
    let mut failures = Vec::new();
    let own = config.project.rules.iter().map(|d| config.root.join(d));
    for directory in own.chain(directories.iter().cloned()) {
        for read in read_directory(&directory) {
            let added = read.and_then(|file| {
                let place = file.source.name;
                rules.add(file.rule).map_err(|message| vec![Failure::Rule { place, message, help: None }])
            });
            failures.extend(added.err().into_iter().flatten());
        }
    }
    for (mention, place) in &config.mentions {
        failures.extend(check_mention(mention, place, &rules));
    }
    if failures.is_empty() { Ok(rules) } else { Err(failures) }
}

/// The rule files of a directory that can be seen.
pub(crate) fn below(directory: &Path) -> Vec<PathBuf> {
    let walker = WalkBuilder::new(directory).standard_filters(false).build();
    let is_rule = |path: &PathBuf| path.extension().is_some_and(|e| e == "yaml");
    walker.flatten().map(ignore::DirEntry::into_path).filter(is_rule).collect()
}

/// All rules of a directory, by name; the path below it, without the ending, is a rule's name.
pub(crate) fn read_directory(directory: &Path) -> Vec<Result<RuleFile, Vec<Failure>>> {
    let mut files = Vec::new();
    let walker =
        WalkBuilder::new(directory).standard_filters(false).sort_by_file_name(|a, b| a.cmp(b)).build();
    for entry in walker {
        match entry {
            Ok(entry) if entry.path().extension().is_some_and(|e| e == "yaml") => {
                files.push(read_file(directory, entry.path()));
            }
            Ok(_) => {}
            Err(error) => {
                let error = error.into_io_error().unwrap_or_else(|| std::io::Error::other("cannot be read"));
                files.push(Err(vec![Failure::Unreadable { path: directory.to_owned(), error }]));
            }
        }
    }
    files
}

fn read_file(directory: &Path, path: &Path) -> Result<RuleFile, Vec<Failure>> {
    let text = fs::read_to_string(path)
        .map_err(|error| vec![Failure::Unreadable { path: path.to_owned(), error }])?;
    let source = Source::new(crate::paths::shown(path), text);
    let id = path.strip_prefix(directory).unwrap_or(path).with_extension("");
    let id = id.to_string_lossy().replace('\\', "/");
    match load::parse(&source.text) {
        Ok(document) => Ok(RuleFile { rule: Rule::custom(id, document), source }),
        Err(mistakes) => Err(mistakes.into_iter().map(|m| failure(&source, m)).collect()),
    }
}

/// A mistake in a rule file, for people.
pub(crate) fn failure(source: &Source, mistake: load::Mistake) -> Failure {
    let at = source.position(mistake.span.start);
    let place = format!("{}:{}:{}", source.name, at.line, at.column);
    Failure::Rule { place, message: mistake.message, help: None }
}

fn check_mention(mention: &Mention, at: &str, rules: &RuleSet) -> Option<Failure> {
    let mut failure = match mention.named {
        Named::Rule => check_selector(&mention.name, rules)?,
        Named::Kind => check_kind(&mention.name)?,
    };
    if let Failure::Unknown { place, .. } = &mut failure {
        *place = Some(at.to_owned());
    }
    Some(failure)
}

/// The failure of a selector that means no rule.
pub(crate) fn check_selector(selector: &str, rules: &RuleSet) -> Option<Failure> {
    if rules.iter().any(|r| connlint_core::rules::selects(selector, r.id()))
        || selector.eq_ignore_ascii_case("all")
    {
        return None;
    }
    let groups = rules.iter().filter_map(|r| r.id().split_once('/')).map(|(group, _)| group);
    let near = connlint_core::nearest::nearest(selector, rules.iter().map(|r| r.id()).chain(groups));
    let near = near.map(str::to_owned);
    Some(Failure::Unknown { what: "rule or group", name: selector.to_owned(), place: None, near })
}

/// The failure of a name that is no kind of file.
pub(crate) fn check_kind(name: &str) -> Option<Failure> {
    if systems::kind(name).is_some() {
        return None;
    }
    let near = connlint_core::nearest::nearest(name, systems::FILE_KINDS.iter().map(|k| k.name));
    let near = near.map(str::to_owned);
    Some(Failure::Unknown { what: "kind of file", name: name.to_owned(), place: None, near })
}

/// The word that rule files use for a value.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
