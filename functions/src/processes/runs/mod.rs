//! Runs of processes, and the tries of their steps.

mod change;
mod model;
mod status;
mod store;

pub use change::{Change, told};
pub use model::{
    Dismissal, Run, Start, StepRun, by_status, run_key, step_run_of, unknown_run, unknown_step_run,
};
pub use status::{RunStatus, StepStatus};
pub use store::{RunStore, runs_table};
