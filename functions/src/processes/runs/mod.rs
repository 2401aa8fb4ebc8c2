//! Runs of processes, and the tries of their steps.

pub mod api;
mod api_steps;
mod change;
mod create;
mod edit;
mod model;
mod neutralise;
mod status;
mod steps;
mod store;
mod view;

pub use change::{Change, told};
pub use create::Runs;
pub use model::{
    Dismissal, Run, Start, StepRun, UNRESOLVED, by_status, run_key, step_run_of, unknown_run,
    unknown_step_run,
};
pub use neutralise::neutralise;
pub use status::{RunStatus, StepStatus};
pub use store::{RunStore, runs_table};
pub use view::{RunView, StepRunView};
