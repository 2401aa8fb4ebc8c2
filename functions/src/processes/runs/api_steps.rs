//! Routes of step runs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared::error::{Error, Result};
use shared::web::{Caller, Changed, Conflict, JsonBody, Missing, Path, Routes};
use utoipa_axum::routes;

use super::create::Runs;
use super::model::{Run, StepRun, unknown_step_run};
use super::status::StepStatus;
use super::steps::{NewStepRun, StepRunChange};
use super::view::StepRunView;
use crate::access::permission::{PROCESSES_READ, PROCESSES_WRITE};

/// These routes and those of step runs.
pub(super) fn add(routes: Routes<Runs>) -> Routes<Runs> {
    routes
        .guarded(PROCESSES_WRITE.of_people(), routes!(add_step_run))
        .guarded(PROCESSES_READ.of_people(), routes!(find_step_run))
        .guarded(PROCESSES_WRITE.of_people(), routes!(change_step_run))
        .guarded(PROCESSES_READ.of_people(), routes!(list_step_runs))
        .guarded(PROCESSES_READ.of_people(), routes!(list_rerunnable_step_runs))
        .guarded(PROCESSES_READ.of_people(), routes!(list_step_runs_of_step))
}

/// Adds a step run to a run.
#[utoipa::path(post, path = "/api/v1/step-runs", tag = "processes", request_body = NewStepRun,
    responses((status = 201, body = StepRunView, description = "Added"), Error, Missing, Conflict))]
async fn add_step_run(
    State(runs): State<Runs>,
    caller: Caller,
    JsonBody(new): JsonBody<NewStepRun>,
) -> Result<(StatusCode, Json<StepRunView>)> {
    let (run, number) = runs.add_step(&caller, &new).await?;
    Ok((StatusCode::CREATED, one(&run, number)?))
}

/// Shows a step run.
#[utoipa::path(get, path = "/api/v1/step-runs/{step_run_id}", tag = "processes",
    params(("step_run_id" = i64, Path, description = "Its number", example = 1001)),
    responses((status = 200, body = StepRunView, description = "The step run"), Error))]
async fn find_step_run(
    State(runs): State<Runs>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<StepRunView>> {
    let (run, number) = runs.of_step_run(&caller, id).await?;
    one(&run, number)
}

/// Says how a step run is going; its run's status follows.
#[utoipa::path(patch, path = "/api/v1/step-runs/{step_run_id}", tag = "processes",
    params(("step_run_id" = i64, Path, description = "Its number", example = 1001)),
    request_body = StepRunChange,
    responses((status = 200, body = StepRunView, description = "What it is now"), Error,
        Conflict))]
async fn change_step_run(
    State(runs): State<Runs>,
    caller: Caller,
    Path(id): Path<i64>,
    Changed(change): Changed<StepRunChange>,
) -> Result<Json<StepRunView>> {
    let (run, number) = runs.change_step(&caller, id, &change).await?;
    one(&run, number)
}

/// Lists a run's step runs.
#[utoipa::path(get, path = "/api/v1/step-runs/run/{run_id}", tag = "processes",
    params(("run_id" = i64, Path, description = "The run's number", example = 1)),
    responses((status = 200, body = Vec<StepRunView>, description = "Its step runs"), Error))]
async fn list_step_runs(
    State(runs): State<Runs>,
    caller: Caller,
    Path(run): Path<i64>,
) -> Result<Json<Vec<StepRunView>>> {
    runs.steps_of(&caller, run, |_| true).await.map(Json)
}

/// Lists a run's failed step runs that may be run again.
#[utoipa::path(get, path = "/api/v1/step-runs/run/{run_id}/rerunnable", tag = "processes",
    params(("run_id" = i64, Path, description = "The run's number", example = 1)),
    responses((status = 200, body = Vec<StepRunView>, description = "Step runs"), Error))]
async fn list_rerunnable_step_runs(
    State(runs): State<Runs>,
    caller: Caller,
    Path(run): Path<i64>,
) -> Result<Json<Vec<StepRunView>>> {
    let may = |step: &StepRun| {
        step.can_rerun && step.status == StepStatus::Failed && step.superseded_by.is_none()
    };
    runs.steps_of(&caller, run, may).await.map(Json)
}

/// Lists a run's tries of one step.
#[utoipa::path(get, path = "/api/v1/step-runs/run/{run_id}/step/{step_id}", tag = "processes",
    params(("run_id" = i64, Path, description = "The run's number", example = 1),
        ("step_id" = i64, Path, description = "The step's number", example = 1)),
    responses((status = 200, body = Vec<StepRunView>, description = "Step runs"), Error))]
async fn list_step_runs_of_step(
    State(runs): State<Runs>,
    caller: Caller,
    Path((run, step_id)): Path<(i64, i64)>,
) -> Result<Json<Vec<StepRunView>>> {
    runs.steps_of(&caller, run, |step| step.step_id == step_id).await.map(Json)
}

impl Runs {
    async fn steps_of(
        &self,
        by: &Caller,
        run: i64,
        wanted: impl Fn(&StepRun) -> bool,
    ) -> Result<Vec<StepRunView>> {
        StepRunView::all_of(&self.store.find(&by.tenant, run).await?, wanted)
    }
}

fn one(run: &Run, number: i64) -> Result<Json<StepRunView>> {
    let step = run.step(number).ok_or_else(unknown_step_run)?;
    StepRunView::of(run, step).map(Json)
}
