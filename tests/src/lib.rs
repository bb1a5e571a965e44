//! What several whole-file tests share.

/// Files that are not part of the project: a corpus of real configuration, the suites of other programs.
pub mod outside;
