//! Routes of processes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Caller, Changed, Conflict, JsonBody, Path, Routes};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::change::ProcessChange;
use super::fields::SearchableFields;
use super::store::Processes;
use super::view::{ProcessView, VersionView};
use super::wanted::NewProcess;
use super::{api_steps, api_templates};
use crate::access::permission::{ADMIN, PROCESSES_READ, PROCESSES_WRITE};
use crate::processes::paging::{Listed, Listing, Paging, PagingParams};

/// `/api/v1/processes`, `/api/v1/steps` and `/api/v1/process-templates`.
pub fn routes() -> Routes<Processes> {
    let own = Routes::new()
        .guarded(PROCESSES_READ.of_people(), routes!(list_processes))
        .guarded(PROCESSES_WRITE.of_people(), routes!(create_process))
        .guarded(PROCESSES_READ.of_people(), routes!(find_process))
        .guarded(PROCESSES_WRITE.of_people(), routes!(update_process))
        .guarded(ADMIN.of_admins(), routes!(delete_process))
        .guarded(ADMIN.of_admins(), routes!(restore_process))
        .guarded(ADMIN.of_admins(), routes!(retain_process))
        .guarded(PROCESSES_READ.of_people(), routes!(get_searchable_fields))
        .guarded(PROCESSES_READ.of_people(), routes!(list_process_versions))
        .guarded(PROCESSES_READ.of_people(), routes!(find_process_version));
    api_templates::add(api_steps::add(own))
}

/// How long a process's runs are kept as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Retention {
    /// In months; null for as long as there are any.
    #[schema(minimum = 1, maximum = 1200, required = true)]
    retention_months: Option<u32>,
}

/// Lists processes, by their numbers.
#[utoipa::path(get, path = "/api/v1/processes", tag = "processes", params(PagingParams),
    responses((status = 200, body = Listed<ProcessView>, description = "One page"), Error))]
async fn list_processes(
    State(processes): State<Processes>,
    caller: Caller,
    paging: Paging,
) -> Result<Listing<ProcessView>> {
    let all = processes.all(&caller.tenant).await?.into_iter().map(ProcessView::of);
    Ok(paging.cut::<PagingParams, _>(all.collect::<Result<_>>()?))
}

/// Makes a process.
#[utoipa::path(post, path = "/api/v1/processes", tag = "processes", request_body = NewProcess,
    responses((status = 201, body = ProcessView, description = "Made"), Error))]
async fn create_process(
    State(processes): State<Processes>,
    caller: Caller,
    JsonBody(new): JsonBody<NewProcess>,
) -> Result<(StatusCode, Json<ProcessView>)> {
    let process = processes.create(&caller, new.read()?).await?;
    Ok((StatusCode::CREATED, ProcessView::of(process).map(Json)?))
}

/// Shows a process with its steps.
#[utoipa::path(get, path = "/api/v1/processes/{process_id}", tag = "processes",
    params(("process_id" = i64, Path, description = "Its number", example = 1)),
    responses((status = 200, body = ProcessView, description = "The process"), Error))]
async fn find_process(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<ProcessView>> {
    ProcessView::of(processes.find(&caller.tenant, id).await?).map(Json)
}

/// Changes a process.
///
/// What is not named stays as it is; each change makes a version.
#[utoipa::path(patch, path = "/api/v1/processes/{process_id}", tag = "processes",
    params(("process_id" = i64, Path, description = "Its number", example = 1)),
    request_body = ProcessChange,
    responses((status = 200, body = ProcessView, description = "What it is now"), Error,
        Conflict))]
async fn update_process(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
    Changed(change): Changed<ProcessChange>,
) -> Result<Json<ProcessView>> {
    ProcessView::of(processes.update(&caller, id, change).await?).map(Json)
}

/// Deletes a process and its steps; its runs stay. It can be restored.
#[utoipa::path(delete, path = "/api/v1/processes/{process_id}", tag = "processes",
    params(("process_id" = i64, Path, description = "Its number", example = 2)),
    responses((status = 204, description = "It is seen no more"), Error, Conflict))]
async fn delete_process(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    processes.delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Restores a deleted process.
#[utoipa::path(post, path = "/api/v1/processes/{process_id}/restore", tag = "processes",
    params(("process_id" = i64, Path, description = "Its number", example = 2)),
    responses((status = 200, body = ProcessView, description = "What it is now"), Error,
        Conflict))]
async fn restore_process(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<ProcessView>> {
    ProcessView::of(processes.restore(&caller, id).await?).map(Json)
}

/// Says after how many months a process's runs are neutralised.
#[utoipa::path(put, path = "/api/v1/processes/{process_id}/retention", tag = "processes",
    params(("process_id" = i64, Path, description = "Its number", example = 1)), request_body = Retention,
    responses((status = 200, body = ProcessView, description = "What it is now"), Error,
        Conflict))]
async fn retain_process(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonBody(retention): JsonBody<Retention>,
) -> Result<Json<ProcessView>> {
    let months = retention.retention_months;
    ProcessView::of(processes.retain(&caller, id, months).await?).map(Json)
}

/// Tells which fields a process's runs can be searched and sorted by.
#[utoipa::path(get, path = "/api/v1/processes/{process_id}/searchable-fields",
    tag = "processes", params(("process_id" = i64, Path, description = "Its number", example = 1)),
    responses((status = 200, body = SearchableFields, description = "The fields"), Error))]
async fn get_searchable_fields(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<SearchableFields>> {
    SearchableFields::of(&processes.find(&caller.tenant, id).await?).map(Json)
}

/// Lists the newest versions of a process, newest first, at most fifty.
#[utoipa::path(get, path = "/api/v1/processes/{process_id}/versions", tag = "processes",
    params(("process_id" = i64, Path, description = "Its number", example = 1)),
    responses((status = 200, body = Vec<VersionView>, description = "Its versions"), Error))]
async fn list_process_versions(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<Vec<VersionView>>> {
    processes.find(&caller.tenant, id).await?;
    let versions = processes.versions(&caller.tenant, id).await?.into_iter();
    versions.map(VersionView::of).collect::<Result<_>>().map(Json)
}

/// Shows a process as it was in one version.
#[utoipa::path(get, path = "/api/v1/processes/{process_id}/versions/{version}",
    tag = "processes",
    params(("process_id" = i64, Path, description = "Its number", example = 1),
        ("version" = i64, Path, description = "The version's number", example = 1)),
    responses((status = 200, body = VersionView, description = "The version"), Error))]
async fn find_process_version(
    State(processes): State<Processes>,
    caller: Caller,
    Path((id, version)): Path<(i64, i64)>,
) -> Result<Json<VersionView>> {
    processes.find(&caller.tenant, id).await?;
    VersionView::of(processes.version(&caller.tenant, id, version).await?).map(Json)
}
