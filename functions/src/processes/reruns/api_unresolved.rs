//! Routes of failures that nobody took care of.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Path, Query, Routes, page_limit};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::start::Reruns;
use crate::access::permission::{PROCESSES_READ, PROCESSES_WRITE};
use crate::processes::runs::{Run, StepRunView, unknown_step_run};

/// These routes and those of unresolved failures.
pub(super) fn add(routes: Routes<Reruns>) -> Routes<Reruns> {
    routes
        .guarded(PROCESSES_READ.of_people(), routes!(list_unresolved_failures))
        .guarded(PROCESSES_WRITE.of_people(), routes!(dismiss_failure))
        .guarded(PROCESSES_WRITE.of_people(), routes!(take_up_failure))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UnresolvedParams {
    /// Only of this process.
    process_id: Option<i64>,
    /// How many, 1 to 1000; 100 when not given. There may be some more, as the failures of
    /// one run stay together.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    #[param(minimum = 0)]
    cursor: Option<i64>,
}

/// Failures that nobody took care of.
#[derive(Debug, Serialize, ToSchema)]
struct UnresolvedPage {
    /// How many there are in all.
    total: i64,
    items: Vec<UnresolvedFailure>,
    /// Where to go on, if there are more.
    next_cursor: Option<i64>,
}

/// A failure that nobody took care of.
#[derive(Debug, Serialize, ToSchema)]
struct UnresolvedFailure {
    process_id: i64,
    run_id: i64,
    entity_id: String,
    entity_name: Option<String>,
    step_run: StepRunView,
}

/// Why a failure needs nothing more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DismissRequest {
    #[schema(min_length = 1, max_length = 500, example = "Done by hand")]
    reason: String,
}

/// Lists failed step runs that were neither run again nor dismissed, newest runs first.
#[utoipa::path(get, path = "/api/v1/step-runs/unresolved", tag = "processes",
    params(UnresolvedParams),
    responses((status = 200, body = UnresolvedPage, description = "One page"), Error))]
async fn list_unresolved_failures(
    State(reruns): State<Reruns>,
    caller: Caller,
    Query(params): Query<UnresolvedParams>,
) -> Result<Json<UnresolvedPage>> {
    let limit = page_limit(params.limit, 100, 1000)?;
    let (tenant, below) = (&caller.tenant, params.cursor.unwrap_or(i64::MAX));
    let (runs, next_cursor) = reruns.unresolved(tenant, params.process_id, limit, below).await?;
    let mut items = Vec::new();
    for run in &runs {
        for step_run in StepRunView::all_of(run, |step| step.is_unresolved())? {
            items.push(UnresolvedFailure::of(run, step_run));
        }
    }
    let total = reruns.count_unresolved(tenant, params.process_id).await?;
    Ok(Json(UnresolvedPage { total, items, next_cursor }))
}

/// Says that a failure needs nothing more: it is no longer among the unresolved ones.
#[utoipa::path(post, path = "/api/v1/step-runs/{step_run_id}/dismiss", tag = "processes",
    params(("step_run_id" = i64, Path, description = "The failed step run's number")),
    request_body = DismissRequest,
    responses((status = 200, body = StepRunView, description = "What it is now"), Error,
        Conflict))]
async fn dismiss_failure(
    State(reruns): State<Reruns>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonBody(request): JsonBody<DismissRequest>,
) -> Result<Json<StepRunView>> {
    let (run, number) = reruns.dismiss(&caller, id, &request.reason).await?;
    one(&run, number)
}

/// Takes back that a failure needs nothing more.
#[utoipa::path(delete, path = "/api/v1/step-runs/{step_run_id}/dismiss", tag = "processes",
    params(("step_run_id" = i64, Path, description = "The failed step run's number")),
    responses((status = 200, body = StepRunView, description = "What it is now"), Error,
        Conflict))]
async fn take_up_failure(
    State(reruns): State<Reruns>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<StepRunView>> {
    let (run, number) = reruns.take_up(&caller, id).await?;
    one(&run, number)
}

fn one(run: &Run, number: i64) -> Result<Json<StepRunView>> {
    let step = run.step(number).ok_or_else(unknown_step_run)?;
    StepRunView::of(run, step).map(Json)
}

impl UnresolvedFailure {
    fn of(run: &Run, step_run: StepRunView) -> Self {
        Self {
            process_id: run.process_id,
            run_id: run.id(),
            entity_id: run.entity_id.clone(),
            entity_name: run.entity_name.clone(),
            step_run,
        }
    }
}
