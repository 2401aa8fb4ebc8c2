//! Routes of templates.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Path, Routes};
use utoipa_axum::routes;

use super::store::Processes;
use super::templates::OfTemplate;
use super::view::{ProcessView, TemplateView};
use super::wanted::NewProcess;
use crate::access::permission::{PROCESSES_READ, PROCESSES_WRITE};
use crate::processes::paging::{Listed, Listing, Paging, PagingParams};

/// These routes and those of templates.
pub(super) fn add(routes: Routes<Processes>) -> Routes<Processes> {
    routes
        .guarded(PROCESSES_READ.of_people(), routes!(list_process_templates))
        .guarded(PROCESSES_WRITE.of_people(), routes!(add_process_template))
        .guarded(PROCESSES_READ.of_people(), routes!(find_process_template))
        .guarded(PROCESSES_WRITE.of_people(), routes!(replace_process_template))
        .guarded(PROCESSES_WRITE.of_people(), routes!(remove_process_template))
        .guarded(PROCESSES_WRITE.of_people(), routes!(create_process_of_template))
}

/// Lists templates of processes, by their numbers.
#[utoipa::path(get, path = "/api/v1/process-templates", tag = "processes", params(PagingParams),
    responses((status = 200, body = Listed<TemplateView>, description = "One page"), Error))]
async fn list_process_templates(
    State(processes): State<Processes>,
    caller: Caller,
    paging: Paging,
) -> Result<Listing<TemplateView>> {
    let all = processes.templates(&caller.tenant).await?;
    let all = all.iter().map(TemplateView::of).collect::<Result<_>>()?;
    Ok(paging.cut::<PagingParams, _>(all))
}

/// Keeps a definition that many processes are made of.
#[utoipa::path(post, path = "/api/v1/process-templates", tag = "processes",
    request_body = NewProcess,
    responses((status = 201, body = TemplateView, description = "Kept"), Error))]
async fn add_process_template(
    State(processes): State<Processes>,
    caller: Caller,
    JsonBody(new): JsonBody<NewProcess>,
) -> Result<(StatusCode, Json<TemplateView>)> {
    let template = processes.add_template(&caller, new).await?;
    Ok((StatusCode::CREATED, TemplateView::of(&template).map(Json)?))
}

/// Shows a template.
#[utoipa::path(get, path = "/api/v1/process-templates/{template_id}", tag = "processes",
    params(("template_id" = i64, Path, description = "Its number", example = 1)),
    responses((status = 200, body = TemplateView, description = "The template"), Error))]
async fn find_process_template(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<TemplateView>> {
    TemplateView::of(&processes.template(&caller.tenant, id).await?).map(Json)
}

/// Puts another definition in a template's place. Processes that were made of it stay as they
/// are.
#[utoipa::path(put, path = "/api/v1/process-templates/{template_id}", tag = "processes",
    params(("template_id" = i64, Path, description = "Its number", example = 1)), request_body = NewProcess,
    responses((status = 200, body = TemplateView, description = "What it is now"), Error,
        Conflict))]
async fn replace_process_template(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
    JsonBody(new): JsonBody<NewProcess>,
) -> Result<Json<TemplateView>> {
    TemplateView::of(&processes.replace_template(&caller, id, new).await?).map(Json)
}

/// Takes a template away. Processes that were made of it stay.
#[utoipa::path(delete, path = "/api/v1/process-templates/{template_id}", tag = "processes",
    params(("template_id" = i64, Path, description = "Its number", example = 2)),
    responses((status = 204, description = "It is gone"), Error, Conflict))]
async fn remove_process_template(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    processes.remove_template(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a process of a template.
#[utoipa::path(post, path = "/api/v1/process-templates/{template_id}/processes",
    tag = "processes", params(("template_id" = i64, Path, description = "Its number", example = 1)),
    request_body = Option<OfTemplate>,
    responses((status = 201, body = ProcessView, description = "Made"), Error))]
async fn create_process_of_template(
    State(processes): State<Processes>,
    caller: Caller,
    Path(id): Path<i64>,
    body: Option<JsonBody<OfTemplate>>,
) -> Result<(StatusCode, Json<ProcessView>)> {
    let over = body.map(|JsonBody(over)| over).unwrap_or_default();
    let process = processes.instantiate(&caller, id, over).await?;
    Ok((StatusCode::CREATED, ProcessView::of(process).map(Json)?))
}
