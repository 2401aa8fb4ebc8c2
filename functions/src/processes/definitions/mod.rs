//! Processes and their steps, as somebody defined them, and the versions there were.

mod model;

pub use model::{Process, Step, unknown_process, unknown_step};
