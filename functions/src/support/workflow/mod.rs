//! The workflow of a ticket: what the policies say of it, who must approve, what is done. It
//! is durable: each step is written before the next one begins, and none has its effect
//! twice.

mod advance;
mod assessment;
mod model;
mod model_planner;
mod perform;
mod plan;
mod planner;
mod route;
mod rules;
mod spent;
mod worker;

pub use advance::{Stage, ask};
pub use assessment::{Assessment, Verdict};
pub use model::{WORKFLOW, Workflow, workflow_key};
pub use plan::{Actor, Plan, Step, StepState};
pub use planner::by_rules;
pub use worker::Flowing;
