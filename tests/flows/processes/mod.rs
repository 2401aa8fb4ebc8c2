//! Processes, their runs, and what is run again of them.

mod failures;
mod reruns;
