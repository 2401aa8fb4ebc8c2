//! Routes of steps.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared::error::{Error, Kind, Result};
use shared::web::{Caller, Changed, Conflict, JsonBody, Missing, Path, Routes};
use utoipa_axum::routes;

use super::model::{Process, Step, unknown_step};
use super::steps::{AddedStep, StepChange};
use super::store::Processes;
use super::view::StepView;
use crate::access::permission::{PROCESSES_READ, PROCESSES_WRITE};

/// These routes and those of steps.
pub(super) fn add(routes: Routes<Processes>) -> Routes<Processes> {
    routes
        .guarded(PROCESSES_WRITE.of_people(), routes!(add_step))
        .guarded(PROCESSES_READ.of_people(), routes!(find_step))
        .guarded(PROCESSES_WRITE.of_people(), routes!(change_step))
        .guarded(PROCESSES_WRITE.of_people(), routes!(remove_step))
        .guarded(PROCESSES_READ.of_people(), routes!(list_steps))
        .guarded(PROCESSES_READ.of_people(), routes!(list_rerunnable_steps))
}

/// Adds a step to a process. Runs that have started do not get it.
#[utoipa::path(post, path = "/api/v1/steps", tag = "processes", request_body = AddedStep,
    responses((status = 201, body = StepView, description = "Added"), Error, Missing, Conflict))]
async fn add_step(
    State(processes): State<Processes>,
    caller: Caller,
    JsonBody(added): JsonBody<AddedStep>,
) -> Result<(StatusCode, Json<StepView>)> {
    let (process, id) = processes.add_step(&caller, added).await?;
    Ok((StatusCode::CREATED, one(&process, id)?))
}

/// Shows a step.
#[utoipa::path(get, path = "/api/v1/steps/{step_id}", tag = "processes",
    params(("step_id" = i64, Path, description = "Its number", example = 1)),
    responses((status = 200, body = StepView, description = "The step"), Error))]
async fn find_step(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<StepView>> {
    one(&processes.of_step(&caller.tenant, id).await?, id)
}

/// Changes a step.
///
/// What is not named stays as it is. Runs that have started keep it as it was.
#[utoipa::path(patch, path = "/api/v1/steps/{step_id}", tag = "processes",
    params(("step_id" = i64, Path, description = "Its number", example = 1)), request_body = StepChange,
    responses((status = 200, body = StepView, description = "What it is now"), Error, Conflict))]
async fn change_step(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
    Changed(change): Changed<StepChange>,
) -> Result<Json<StepView>> {
    one(&processes.change_step(&caller, id, &change).await?, id)
}

/// Takes a step out of its process. Runs that have started keep it.
#[utoipa::path(delete, path = "/api/v1/steps/{step_id}", tag = "processes",
    params(("step_id" = i64, Path, description = "Its number", example = 2)),
    responses((status = 204, description = "The process has it no more"), Error, Conflict))]
async fn remove_step(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    processes.remove_step(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists a process's steps in their order; none when there is no such process.
#[utoipa::path(get, path = "/api/v1/steps/process/{process_id}", tag = "processes",
    params(("process_id" = i64, Path, description = "The process's number", example = 1)),
    responses((status = 200, body = Vec<StepView>, description = "Its steps"), Error))]
async fn list_steps(
    State(processes): State<Processes>,
    caller: Caller,
    Path(process): Path<i64>,
) -> Result<Json<Vec<StepView>>> {
    processes.steps(&caller, process, |_| true).await.map(Json)
}

/// Lists those of a process's steps that may be run again; none when there is no such process.
#[utoipa::path(get, path = "/api/v1/steps/process/{process_id}/rerunnable", tag = "processes",
    params(("process_id" = i64, Path, description = "The process's number", example = 1)),
    responses((status = 200, body = Vec<StepView>, description = "Steps"), Error))]
async fn list_rerunnable_steps(
    State(processes): State<Processes>,
    caller: Caller,
    Path(process): Path<i64>,
) -> Result<Json<Vec<StepView>>> {
    processes.steps(&caller, process, |step| step.is_rerunnable).await.map(Json)
}

impl Processes {
    async fn steps(
        &self,
        by: &Caller,
        process: i64,
        wanted: impl Fn(&Step) -> bool,
    ) -> Result<Vec<StepView>> {
        match self.find(&by.tenant, process).await {
            Ok(process) => StepView::all_of(&process, wanted),
            Err(error) if error.kind == Kind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn one(process: &Process, id: i64) -> Result<Json<StepView>> {
    let step = process.step(id).ok_or_else(unknown_step)?;
    StepView::of(process.id, step).map(Json)
}
