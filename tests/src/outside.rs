use std::path::{Path, PathBuf};

/// Names the folder with real configuration, `kind/owner__repo/…`; tests that want it do nothing without.
pub const CORPUS: &str = "CONNLINT_CORPUS";
/// Names the folder with the test suites of other programs.
pub const REFEREES: &str = "CONNLINT_REFEREES";

/// The folder that a variable names, if it is set.
pub fn folder(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

/// All files below a folder, each folder's entries by name.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, &mut found);
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { collect(&path, found) } else { found.push(path) }
    }
}
