//! What git says has changed, for `--staged` and `--since`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use connlint_core::source::FileId;
use connlint_core::{Finding, Report, Sources};

use crate::failure::Failure;
use crate::paths::absolute;

/// Absolute paths of changed files.
pub(crate) struct Changed(BTreeSet<PathBuf>);

/// Files whose changes are staged.
pub(crate) fn staged() -> Result<Changed, Failure> {
    Ok(Changed(names(&["diff", "--cached", "--name-only", "-z", "--diff-filter=d"])?))
}

/// Files that differ from where the current branch left a revision, and files that git does not know yet.
pub(crate) fn since(revision: &str) -> Result<Changed, Failure> {
    if revision.starts_with('-') {
        return Err(Failure::Git { message: format!("`{revision}` is no revision") });
    }
    let mut changed =
        names(&["diff", "--merge-base", "--name-only", "-z", "--diff-filter=d", revision, "--"])?;
    changed.extend(names(&["ls-files", "--others", "--exclude-standard", "--full-name", "-z", ":/"])?);
    Ok(Changed(changed))
}

fn names(args: &[&str]) -> Result<BTreeSet<PathBuf>, Failure> {
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let top = Path::new(top.trim_end_matches(['\n', '\r']));
    Ok(git(args)?.split('\0').filter(|name| !name.is_empty()).map(|name| top.join(name)).collect())
}

fn git(args: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git")
        .args(args)
        .output()
        .map_err(|error| Failure::Git { message: format!("git does not start: {error}") })?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let message = text.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ").to_owned();
        return Err(Failure::Git { message });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

impl Changed {
    /// Leaves in a report what has a place in a changed file.
    pub(crate) fn select(&self, report: &mut Report, sources: &Sources) {
        let files: Vec<bool> = sources
            .iter()
            .map(|(_, source)| {
                let path = absolute(Path::new(&source.name));
                // Where the directory is reached over a symbolic link, git names what it leads to.
                self.0.contains(&path) || path.canonicalize().is_ok_and(|real| self.0.contains(&real))
            })
            .collect();
        let changed = |file: FileId| files.get(file.0 as usize).copied().unwrap_or_default();
        let touched = |f: &Finding| changed(f.span.file) || f.related.iter().any(|l| changed(l.span.file));
        report.findings.retain(touched);
        report.suppressed.retain(|s| touched(&s.finding));
        report.notices.retain(|notice| changed(notice.span.file));
    }
}
