//! The engine as a package for JavaScript.
