//! What tests and benchmarks stand on.

pub mod support;
