//! What is to be written and told with a change of a run.

use serde_json::{Value as Json, json};
use shared::table::Write;
use shared::web::to_the_millisecond;

use super::model::{Run, StepRun};
use crate::messages::catalogue::EventType;

/// A change that was made to a run.
pub struct Change {
    /// What the audit trail calls it, for example `step-run.update`.
    pub action: &'static str,
    /// What it was done to, if not to the run itself.
    pub subject: Option<String>,
    /// What else is to be known of it; nothing that a caller said of people.
    pub details: Json,
    /// Who else is told of it beside those who hear of a run's status.
    pub message: Option<(EventType, Json)>,
    /// What else belongs to it. A refusal of these is a conflict.
    pub also: Vec<Write>,
}

impl Change {
    /// A change of this name, of which nobody is told.
    pub fn of(action: &'static str) -> Self {
        Self { action, subject: None, details: json!({}), message: None, also: Vec::new() }
    }

    /// A change of one step run, of which is told as of this type.
    pub fn of_step(action: &'static str, kind: EventType, run: &Run, step: &StepRun) -> Self {
        Self {
            subject: Some(format!("step-run:{}", run.step_run_id(step.number))),
            details: json!({ "run_id": run.id(), "status": step.status }),
            message: Some((kind, told_of_step(run, step))),
            ..Self::of(action)
        }
    }
}

/// What is told of a run.
pub fn told(run: &Run) -> Json {
    json!({
        "run_id": run.id(),
        "process_id": run.process_id,
        "entity_id": run.entity_id,
        "entity_name": run.entity_name,
        "status": run.status,
        "started_at": run.started_at.map(to_the_millisecond),
        "finished_at": run.finished_at.map(to_the_millisecond),
    })
}

fn told_of_step(run: &Run, step: &StepRun) -> Json {
    json!({
        "run_id": run.id(),
        "process_id": run.process_id,
        "entity_id": run.entity_id,
        "step_run_id": run.step_run_id(step.number),
        "step_id": step.step_id,
        "step_name": step.name,
        "status": step.status,
        "original_step_run_id": step.original.map(|number| run.step_run_id(number)),
    })
}
