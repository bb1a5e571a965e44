//! What several whole-file tests share.

/// Certificates made on the spot.
pub mod authority;
/// Our verdict on certificates, in the words of other judges.
pub mod certificates;
pub mod namespaces;
/// Files that are not part of the project: a corpus of real configuration, the suites of other programs.
pub mod outside;
