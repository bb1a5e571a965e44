//! Makes fixes: plans them with the engine until nothing is left to do, and writes files or a diff.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use connlint_core::findings::Safety;
use connlint_core::fix::{self, Left, MAX_ROUNDS};
use connlint_core::render::Mask;
use connlint_core::source::FileId;
use connlint_core::{Report, Sources};
use similar::TextDiff;

use crate::collect::Collected;
use crate::failure::Failure;
use crate::run::{Found, Run};

/// Lines around a change, as everybody's diffs have them.
const CONTEXT: usize = 3;

/// What came of mending.
pub(crate) struct Mended {
    /// What is found in the new texts, which are now the collected ones.
    pub(crate) outcomes: Found,
    /// How many findings are mended.
    pub(crate) made: usize,
    /// Fixes that are not made.
    pub(crate) left: Vec<Left>,
    /// Each change made room for another one until the last round.
    pub(crate) unsettled: bool,
    changes: Vec<Change>,
}

/// A file that changes.
struct Change {
    file: FileId,
    old: String,
    /// The old text as it may be shown.
    old_shown: String,
}

/// Mends the texts of a run in memory. `select` leaves in a report only what counts.
pub(crate) fn mend(
    run: &Run,
    collected: &mut Collected,
    outcomes: Found,
    safety: Safety,
    select: &dyn Fn(&mut Report, &Sources),
) -> Mended {
    let mut changes: BTreeMap<FileId, Change> = BTreeMap::new();
    let mut mended = Mended { outcomes, made: 0, left: Vec::new(), unsettled: false, changes: Vec::new() };
    for round in 0..=MAX_ROUNDS {
        let mask = Mask::new(mended.outcomes.secrets.iter().copied());
        let refuses = |file| refusal(collected, file);
        let settings = run.settings();
        let plan = fix::plan(&mended.outcomes.report, &collected.sources, &mask, settings, safety, &refuses);
        mended.left = plan.left;
        if plan.texts.is_empty() {
            break;
        }
        if round == MAX_ROUNDS {
            mended.unsettled = true;
            break;
        }
        mended.made += plan.made;
        for (file, text) in plan.texts {
            let old = &collected.sources.get(file).text;
            changes.entry(file).or_insert_with(|| Change {
                file,
                old: old.clone(),
                old_shown: mask.text(&collected.sources, file, 0..old.len()).into_owned(),
            });
            collected.sources.set_text(file, text);
        }
        mended.outcomes = run.report(collected);
        select(&mut mended.outcomes.report, &collected.sources);
    }
    mended.changes = changes.into_values().filter(|c| c.old != collected.sources.get(c.file).text).collect();
    mended
}

/// Why a file may not be changed.
fn refusal(collected: &Collected, file: FileId) -> Option<String> {
    let why = if collected.stdin == Some(file) {
        "it came on standard input"
    } else if collected.lossy.contains(&file) {
        "its file is not UTF-8"
    } else {
        let path = &collected.sources.get(file).name;
        match fs::symlink_metadata(path) {
            Ok(what) if what.is_symlink() => "its file is a symbolic link",
            Ok(what) if what.is_file() && what.permissions().readonly() => "its file is read-only",
            Ok(what) if what.is_file() => return None,
            _ => "its file cannot be found again",
        }
    };
    Some(why.to_owned())
}

impl Mended {
    /// How many files change.
    pub(crate) fn files(&self) -> usize {
        self.changes.len()
    }

    /// The changes as a unified diff, in which secrets are masked.
    pub(crate) fn diff(&self, sources: &Sources) -> String {
        let mask = Mask::new(self.outcomes.secrets.iter().copied());
        let mut out = String::new();
        for change in &self.changes {
            let source = sources.get(change.file);
            let new = mask.text(sources, change.file, 0..source.text.len());
            let diff = TextDiff::from_lines(change.old_shown.as_str(), &new);
            let name = |side: &str| format!("{side}/{}", source.name.trim_start_matches('/'));
            let unified =
                diff.unified_diff().context_radius(CONTEXT).header(&name("a"), &name("b")).to_string();
            out.push_str(&unified);
        }
        out
    }

    /// Writes the changed files, each as a whole or not at all.
    pub(crate) fn write(&self, sources: &Sources) -> Vec<Failure> {
        let mut failures = Vec::new();
        for change in &self.changes {
            let source = sources.get(change.file);
            let path = PathBuf::from(&source.name);
            if let Err(error) = replace(&path, &change.old, &source.text) {
                failures.push(Failure::File { path, error });
            }
        }
        failures
    }
}

/// Puts a new text in the place of the old one: through a file beside it that takes its name, so that a reader sees
/// one or the other, and with its permissions and, where that is allowed, its owner.
fn replace(path: &Path, old: &str, new: &str) -> io::Result<()> {
    if fs::read(path)? != old.as_bytes() {
        return Err(io::Error::other("it has changed since it was read"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.connlint-{}", std::process::id()));
    let written = write_beside(&beside, path, new).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The text is still in its old place; what was to take it is of no use.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_beside(beside: &Path, path: &Path, text: &str) -> io::Result<()> {
    let like = fs::metadata(path)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    // Until it has the permissions of the other, nobody else may read it: it may hold passwords.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(beside)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        // Only the superuser may give files away.
        let _ = std::os::unix::fs::fchown(&file, Some(like.uid()), Some(like.gid()));
    }
    file.set_permissions(like.permissions())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_permissions_and_is_not_written_over_another_change() {
        let directory = std::env::temp_dir().join(format!("connlint-replace-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join("a.conf");
        fs::write(&path, "old").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        let before = fs::metadata(&path).unwrap().permissions();
        assert!(replace(&path, "other", "new").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        replace(&path, "old", "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions(), before);
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing is left beside it");
        fs::remove_dir_all(&directory).unwrap();
    }
}
