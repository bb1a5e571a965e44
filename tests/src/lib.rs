//! Shared helpers of the whole-file tests.
