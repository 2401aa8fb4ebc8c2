//! Routes of runs.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::error::{Error, Result};
use shared::idempotency::idempotency_key;
use shared::web::{Caller, Conflict, JsonBody, Missing, Path, Routes};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::create::{NewRun, Runs};
use super::view::RunView;
use super::{api_steps, neutralise};
use crate::access::permission::{ADMIN, PROCESSES_READ, PROCESSES_WRITE};

/// `/api/v1/runs/{run_id}` and what belongs to it, and `/api/v1/step-runs`.
pub fn routes() -> Routes<Runs> {
    let own = Routes::new()
        .guarded(PROCESSES_WRITE.of_people(), routes!(start_run))
        .guarded(PROCESSES_READ.of_people(), routes!(find_run))
        .guarded(PROCESSES_WRITE.of_people(), routes!(change_run_metadata))
        .guarded(PROCESSES_WRITE.of_people(), routes!(cancel_run))
        .guarded(ADMIN.of_admins(), routes!(delete_run))
        .guarded(ADMIN.of_admins(), routes!(restore_run))
        .guarded(ADMIN.of_admins(), routes!(neutralize_run));
    api_steps::add(own)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "headers are read by name; this is their documentation")]
struct StartHeaders {
    /// A repeat under the same key is answered with the run that was started first.
    #[serde(rename = "Idempotency-Key")]
    #[param(max_length = 255)]
    idempotency_key: Option<String>,
}

/// Members of a run's metadata.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read in two forms; this documents one")]
struct MetadataChange {
    /// Members that the metadata has, and what they become.
    #[schema(value_type = Object, example = json!({ "priority": "low" }))]
    meta: Map<String, Value>,
}

/// Starts a run.
///
/// It has a step run for each step of its process from the beginning.
#[utoipa::path(post, path = "/api/v1/runs", tag = "processes", params(StartHeaders),
    request_body = NewRun,
    responses((status = 201, body = RunView, description = "It has started"), Error, Missing))]
async fn start_run(
    State(runs): State<Runs>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(new): JsonBody<NewRun>,
) -> Result<(StatusCode, Json<RunView>)> {
    let run = runs.start(&caller, &new, idempotency_key(&headers, "run")?).await?;
    Ok((StatusCode::CREATED, Json(RunView::of(&run)?)))
}

/// Shows a run with its step runs.
#[utoipa::path(get, path = "/api/v1/runs/{run_id}", tag = "processes",
    params(("run_id" = i64, Path, description = "Its number", example = 1)),
    responses((status = 200, body = RunView, description = "The run"), Error))]
async fn find_run(
    State(runs): State<Runs>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<RunView>> {
    RunView::of(&runs.store.find(&caller.tenant, id).await?).map(Json)
}

/// Changes members of a run's metadata that it has.
#[utoipa::path(patch, path = "/api/v1/runs/{run_id}/metadata", tag = "processes",
    params(("run_id" = i64, Path, description = "Its number", example = 1)), request_body = MetadataChange,
    responses((status = 200, body = RunView, description = "What it is now"), Error, Conflict))]
async fn change_run_metadata(
    State(runs): State<Runs>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonBody(members): JsonBody<Map<String, Value>>,
) -> Result<Json<RunView>> {
    // The service before this one took the members alone as well.
    let members = match members.get("meta") {
        Some(Value::Object(inner)) if members.len() == 1 => inner.clone(),
        _ => members,
    };
    RunView::of(&runs.change_meta(&caller, id, &members).await?).map(Json)
}

/// Cancels what is not done of a run.
#[utoipa::path(post, path = "/api/v1/runs/{run_id}/cancel", tag = "processes",
    params(("run_id" = i64, Path, description = "Its number", example = 3)),
    responses((status = 200, body = RunView, description = "What it is now"), Error, Conflict))]
async fn cancel_run(
    State(runs): State<Runs>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<RunView>> {
    RunView::of(&runs.cancel(&caller, id).await?).map(Json)
}

/// Deletes a run; it can be restored.
#[utoipa::path(delete, path = "/api/v1/runs/{run_id}", tag = "processes",
    params(("run_id" = i64, Path, description = "Its number", example = 2)),
    responses((status = 204, description = "It is seen no more"), Error, Conflict))]
async fn delete_run(
    State(runs): State<Runs>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    runs.delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Restores a deleted run.
#[utoipa::path(post, path = "/api/v1/runs/{run_id}/restore", tag = "processes",
    params(("run_id" = i64, Path, description = "Its number", example = 2)),
    responses((status = 200, body = RunView, description = "What it is now"), Error, Conflict))]
async fn restore_run(
    State(runs): State<Runs>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<RunView>> {
    RunView::of(&runs.restore(&caller, id).await?).map(Json)
}

/// Takes out of a run whatever may be about people. It cannot be taken back.
///
/// `entity_id` becomes `NEUTRALIZED_<id>`, the name is gone, texts become `[NEUTRALIZED]` and
/// numbers 0, but for `category`, `type`, `department` and `status_code`.
#[utoipa::path(post, path = "/api/v1/runs/{run_id}/neutralize", tag = "processes",
    params(("run_id" = i64, Path, description = "Its number", example = 2)),
    responses((status = 200, body = RunView, description = "What it is now"), Error, Conflict))]
async fn neutralize_run(
    State(runs): State<Runs>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<RunView>> {
    RunView::of(&neutralise::neutralise(&runs.store, &caller, id).await?).map(Json)
}
