//! What no linter can be faster than: walk a folder, read every file, count its lines. One thread, no libraries.

use std::path::Path;

fn lines(path: &Path) -> usize {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        return entries.map(|entry| lines(&entry.path())).sum();
    }
    std::fs::read(path).map_or(0, |bytes| bytes.iter().filter(|b| **b == b'\n').count())
}

fn main() {
    let total: usize = std::env::args().skip(1).map(|path| lines(Path::new(&path))).sum();
    std::process::exit(i32::from(total == usize::MAX));
}
