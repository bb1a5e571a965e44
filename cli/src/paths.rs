//! Paths as people mean them, without asking the file system.

use std::path::{Component, Path, PathBuf};

/// The absolute form of a path, `.` and `..` resolved by their letters.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in full.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// The deepest directory that holds all of the given absolute directories.
pub(crate) fn common_parent(directories: &[PathBuf]) -> Option<PathBuf> {
    let (first, rest) = directories.split_first()?;
    let mut common = first.clone();
    for directory in rest {
        while !directory.starts_with(&common) {
            common.pop();
        }
    }
    Some(common)
}

/// A path for people: relative to the current directory where it lies within.
pub(crate) fn shown(path: &Path) -> String {
    let here = absolute(Path::new("."));
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_parents_are_whole_directories() {
        let cases: [(&[&str], Option<&str>); 4] = [
            (&["/a/b/c", "/a/b/d"], Some("/a/b")),
            (&["/a/bc", "/a/b"], Some("/a")),
            (&["/a/b"], Some("/a/b")),
            (&[], None),
        ];
        for (paths, common) in cases {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            assert_eq!(common_parent(&paths), common.map(PathBuf::from));
        }
        assert_eq!(absolute(Path::new("/a/./b/../c")), PathBuf::from("/a/c"));
    }
}
