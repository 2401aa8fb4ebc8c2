//! Reruns as the API shows them.

use serde::Serialize;
use serde_json::Value as Json;
use shared::error::{Error, Result};
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::model::{Outcome, Rerun};
use super::start::Begun;
use crate::processes::runs::{Run, StepRun, StepRunView, StepStatus, unknown_step_run};

/// A step that is being run again.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartedRerun {
    /// The number of the new step run.
    #[schema(example = 156_003)]
    id: i64,
    /// The step run that it is another try of.
    #[schema(example = 156_001)]
    original_step_run_id: Option<i64>,
    status: StepStatus,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(example = "Step rerun initiated successfully")]
    message: &'static str,
    run_id: i64,
    rerun_count: u32,
    /// Who is told to do it.
    #[schema(example = "api_endpoint")]
    adapter: String,
    step_run: StepRunView,
    rerun_result: RerunResult,
}

/// What came of asking for a rerun; how it went stands on the step run later.
#[derive(Debug, Serialize, ToSchema)]
struct RerunResult {
    /// Always `success`: it was taken on.
    result: &'static str,
    message: &'static str,
    adapter: String,
}

/// One try of a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct TryView {
    step_run_id: i64,
    status: StepStatus,
    /// The step run that it is another try of; none for the first.
    original_step_run_id: Option<i64>,
    /// The step run that is another try of it.
    superseded_by: Option<i64>,
    /// Who asked for it.
    by: Option<String>,
    /// Why.
    reason: Option<String>,
    /// The bulk rerun that it is of.
    bulk_rerun_id: Option<String>,
    /// Who was told to do it.
    adapter: Option<String>,
    /// Calls that were answered badly or not at all.
    failed_calls: u32,
    /// What it came to, so far as is known.
    outcome: Option<Outcome>,
    /// In what way its calls failed, if that was why.
    failed_with: Option<String>,
    /// Why it failed.
    #[schema(value_type = Option<Object>)]
    failure: Option<Json>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    started_at: Option<String>,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
}

impl StartedRerun {
    /// Of this rerun.
    pub(super) fn of(begun: &Begun) -> Result<Self> {
        const MESSAGE: &str = "Step rerun initiated successfully";
        let Begun { run, number, adapter } = begun;
        let step = run.step(*number).ok_or_else(unknown_step_run)?;
        Ok(Self {
            id: run.step_run_id(*number),
            original_step_run_id: step.original.map(|number| run.step_run_id(number)),
            status: step.status,
            created_at: to_the_millisecond(step.created_at),
            message: MESSAGE,
            run_id: run.id(),
            rerun_count: step.rerun_count,
            adapter: adapter.clone(),
            step_run: StepRunView::of(run, step)?,
            rerun_result: RerunResult {
                result: "success",
                message: MESSAGE,
                adapter: adapter.clone(),
            },
        })
    }
}

impl TryView {
    /// Of this step run, which this rerun led to, if one did.
    pub(super) fn of(run: &Run, step: &StepRun, rerun: Option<&Rerun>) -> Result<Self> {
        let meta: Json = serde_json::from_str(&step.meta).map_err(Error::internal)?;
        let failure = step.failure.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            step_run_id: run.step_run_id(step.number),
            status: step.status,
            original_step_run_id: step.original.map(|number| run.step_run_id(number)),
            superseded_by: step.superseded_by.map(|number| run.step_run_id(number)),
            by: rerun.map(|rerun| rerun.by.clone()),
            reason: meta["rerun_reason"].as_str().map(str::to_owned),
            bulk_rerun_id: rerun.and_then(|rerun| rerun.bulk.clone()),
            adapter: rerun.map(|rerun| rerun.adapter.clone()),
            failed_calls: rerun.map_or(0, |rerun| rerun.tries),
            outcome: rerun.and_then(|rerun| rerun.outcome),
            failed_with: rerun.and_then(|rerun| rerun.failed_with.clone()),
            failure: failure.map_err(Error::internal)?,
            created_at: to_the_millisecond(step.created_at),
            started_at: step.started_at.map(to_the_millisecond),
            finished_at: step.finished_at.map(to_the_millisecond),
        })
    }
}
