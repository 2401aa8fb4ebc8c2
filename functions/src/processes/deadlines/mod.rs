//! Deadlines of runs and of steps. Each is a row with a job of its own, written with what it
//! is of, so that it is found when it is due, whoever was alive until then.

mod model;
mod worker;

pub use model::{DEADLINE, made};
pub use worker::Deadlines;
