//! Runs and step runs as the API shows them.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::model::{Run, StepRun};
use super::status::{RunStatus, StepStatus};

/// A run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    id: i64,
    process_id: i64,
    /// Which version of the process it started with.
    process_version: i64,
    /// What it is about.
    entity_id: String,
    entity_name: Option<String>,
    #[schema(value_type = Object)]
    meta: Map<String, Json>,
    /// As its steps are.
    status: RunStatus,
    /// Of its steps, how many in a hundred ended well.
    #[schema(example = 87.5)]
    success_rate: f64,
    #[schema(format = DateTime)]
    started_at: Option<String>,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// When it is to have ended, and when it was found late.
    #[schema(format = DateTime)]
    deadline: Option<String>,
    #[schema(format = DateTime)]
    late_at: Option<String>,
    is_neutralized: bool,
    steps: Vec<StepRunView>,
}

/// One try of one step of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepRunView {
    id: i64,
    run_id: i64,
    step_id: i64,
    step_index: i64,
    /// What the step was called when it was made.
    name: String,
    status: StepStatus,
    #[schema(format = DateTime)]
    started_at: Option<String>,
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    /// Why it failed.
    #[schema(value_type = Option<Object>)]
    failure: Option<Json>,
    #[schema(value_type = Object)]
    meta: Map<String, Json>,
    can_rerun: bool,
    #[schema(value_type = Object)]
    rerun_config: Map<String, Json>,
    rerun_count: u32,
    max_reruns: u32,
    /// The step run that this one is another try of.
    original_step_run_id: Option<i64>,
    /// The step run that is another try of this one.
    superseded_by: Option<i64>,
    /// That its failure needs nothing more.
    dismissed: Option<DismissalView>,
    last_modified_by: Option<String>,
    deadline_seconds: Option<i64>,
    /// When it was found late.
    #[schema(format = DateTime)]
    late_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// Who said that a failure needs nothing more, when and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct DismissalView {
    by: String,
    #[schema(format = DateTime)]
    at: String,
    reason: String,
}

impl RunView {
    /// Of this run.
    ///
    /// # Errors
    /// `Internal` when the row is broken, here and below.
    pub fn of(run: &Run) -> Result<Self> {
        Ok(Self {
            id: run.id(),
            process_id: run.process_id,
            process_version: run.process_version,
            entity_id: run.entity_id.clone(),
            entity_name: run.entity_name.clone(),
            meta: run.meta()?,
            status: run.status,
            success_rate: run.success_rate(),
            started_at: run.started_at.map(to_the_millisecond),
            finished_at: run.finished_at.map(to_the_millisecond),
            created_at: to_the_millisecond(run.created_at),
            updated_at: to_the_millisecond(run.updated_at),
            deadline: run.deadline.map(to_the_millisecond),
            late_at: run.late_at.map(to_the_millisecond),
            is_neutralized: run.neutralised_at.is_some(),
            steps: StepRunView::all_of(run, |_| true)?,
        })
    }
}

impl StepRunView {
    /// Those of a run's step runs that are wanted, in the order of the process.
    pub fn all_of(run: &Run, wanted: impl Fn(&StepRun) -> bool) -> Result<Vec<Self>> {
        let mut steps: Vec<&StepRun> = run.steps.iter().filter(|step| wanted(step)).collect();
        steps.sort_by_key(|step| (step.step_index, step.number));
        steps.into_iter().map(|step| Self::of(run, step)).collect()
    }

    /// Of this step run.
    pub fn of(run: &Run, step: &StepRun) -> Result<Self> {
        let dismissed = step.dismissed.as_ref().map(|dismissed| DismissalView {
            by: dismissed.by.clone(),
            at: to_the_millisecond(dismissed.at),
            reason: dismissed.reason.clone(),
        });
        Ok(Self {
            id: run.step_run_id(step.number),
            run_id: run.id(),
            step_id: step.step_id,
            step_index: step.step_index,
            name: step.name.clone(),
            status: step.status,
            started_at: step.started_at.map(to_the_millisecond),
            finished_at: step.finished_at.map(to_the_millisecond),
            failure: step.failure.as_deref().map(parsed).transpose()?,
            meta: parsed(&step.meta)?,
            can_rerun: step.can_rerun,
            rerun_config: parsed(&step.rerun_config)?,
            rerun_count: step.rerun_count,
            max_reruns: step.max_reruns,
            original_step_run_id: step.original.map(|number| run.step_run_id(number)),
            superseded_by: step.superseded_by.map(|number| run.step_run_id(number)),
            dismissed,
            last_modified_by: step.last_modified_by.clone(),
            deadline_seconds: step.deadline_seconds,
            late_at: step.late_at.map(to_the_millisecond),
            created_at: to_the_millisecond(step.created_at),
            updated_at: to_the_millisecond(step.updated_at),
        })
    }
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}
