//! Routes of bulk reruns.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{
    Caller, Conflict, JsonBody, Page, Path, Query, Routes, at_most, moment, next_link, page_limit,
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::items::BulkItem;
use super::select::Selection;
use super::start::NewBulk;
use super::view::BulkRerunView;
use crate::access::permission::{PROCESSES_READ, PROCESSES_WRITE};
use crate::bulk::Wish;
use crate::processes::reruns::Reruns;
use crate::processes::reruns::start::LONGEST_REASON;

/// Failures a second, when nobody says otherwise, and at most.
const PACE: u32 = 10;
const FASTEST: u32 = 50;
/// The longest text that failures are looked through for, in bytes.
const LONGEST_TEXT: usize = 255;

/// These routes and those of bulk reruns.
pub fn add(routes: Routes<Reruns>) -> Routes<Reruns> {
    routes
        .guarded(PROCESSES_WRITE.of_people(), routes!(start_bulk_rerun))
        .guarded(PROCESSES_READ.of_people(), routes!(list_bulk_reruns))
        .guarded(PROCESSES_READ.of_people(), routes!(find_bulk_rerun))
        .guarded(PROCESSES_READ.of_people(), routes!(list_bulk_rerun_items))
        .guarded(PROCESSES_WRITE.of_people(), routes!(pause_bulk_rerun))
        .guarded(PROCESSES_WRITE.of_people(), routes!(resume_bulk_rerun))
        .guarded(PROCESSES_WRITE.of_people(), routes!(cancel_bulk_rerun))
}

/// A bulk rerun that is wanted. It is about failures that nobody took care of; all that is
/// given must hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkRerunRequest {
    /// Only of this process.
    process_id: Option<i64>,
    /// Only of this step.
    step_id: Option<i64>,
    /// Only with this in what is said of the failure, in capitals or not.
    #[schema(max_length = 255)]
    failure_contains: Option<String>,
    /// Only failed at this moment or later: RFC 3339, or a date (UTC).
    since: Option<String>,
    /// Only failed before this moment: RFC 3339, or a date (UTC).
    until: Option<String>,
    /// Why; needed unless it is only to count.
    #[schema(max_length = 500, example = "The mail server is back")]
    reason: Option<String>,
    /// Failures a second, 1 to 50; 10 when not given.
    #[schema(minimum = 1, maximum = 50)]
    pace: Option<u32>,
    /// Only to count.
    #[serde(default)]
    dry_run: bool,
}

/// How many failures a bulk rerun would be about.
#[derive(Debug, Serialize, ToSchema)]
struct BulkRerunCount {
    /// Always true.
    dry_run: bool,
    matched: usize,
    /// Whether there are more than were counted.
    more: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BulkListParams {
    /// How many, 1 to 100; 20 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where to go on: what the `Link` header of the page before says.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BulkItemParams {
    /// Where to go on: what the `Link` header of the page before says.
    #[param(minimum = 0)]
    cursor: Option<i64>,
}

/// Runs the failures that a query finds again, oldest first.
///
/// With `dry_run` they are only counted. Otherwise a durable job finds them and runs them
/// again at the pace that is given; it can be watched, paused and cancelled.
#[utoipa::path(post, path = "/api/v1/reruns", tag = "processes",
    request_body = BulkRerunRequest,
    responses(
        (status = 200, body = BulkRerunCount, description = "The count (`dry_run`)"),
        (status = 202, body = BulkRerunView, description = "It has started"),
        Error,
    ))]
async fn start_bulk_rerun(
    State(reruns): State<Reruns>,
    caller: Caller,
    JsonBody(request): JsonBody<BulkRerunRequest>,
) -> Result<Response> {
    let dry_run = request.dry_run;
    let new = request.read()?;
    if dry_run {
        let (matched, more) = reruns.count_bulk(&caller.tenant, &new.selection).await?;
        return Ok(Json(BulkRerunCount { dry_run, matched, more }).into_response());
    }
    if new.reason.is_empty() {
        return Err(Error::invalid("reason", "must be given"));
    }
    let bulk = reruns.start_bulk(&caller, new).await?;
    Ok((StatusCode::ACCEPTED, Json(BulkRerunView::of(bulk)?)).into_response())
}

/// Lists bulk reruns, newest first.
///
/// The next page's address is in the `Link` header (`rel="next"`).
#[utoipa::path(get, path = "/api/v1/reruns", tag = "processes", params(BulkListParams),
    responses((status = 200, body = Vec<BulkRerunView>, description = "One page"), Error))]
async fn list_bulk_reruns(
    State(reruns): State<Reruns>,
    caller: Caller,
    uri: Uri,
    Query(params): Query<BulkListParams>,
) -> Result<Page<BulkRerunView>> {
    let limit = page_limit(params.limit, 20, 100)?;
    let (rows, next) = reruns.list_bulk(&caller.tenant, limit, params.cursor.as_deref()).await?;
    let items = rows.into_iter().map(BulkRerunView::of).collect::<Result<_>>()?;
    Ok(Page { items, next: next.map(|last| next_link::<BulkListParams>(&uri, &last)) })
}

/// Shows a bulk rerun and how far it is.
#[utoipa::path(get, path = "/api/v1/reruns/{bulk_rerun_id}", tag = "processes",
    params(("bulk_rerun_id" = String, Path, description = "Its id")),
    responses((status = 200, body = BulkRerunView, description = "The bulk rerun"), Error))]
async fn find_bulk_rerun(
    State(reruns): State<Reruns>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<BulkRerunView>> {
    Ok(Json(BulkRerunView::of(reruns.find_bulk(&caller.tenant, &id).await?)?))
}

/// Lists the failures that a bulk rerun found, oldest first, and what became of each.
///
/// The next page's address is in the `Link` header (`rel="next"`). They are known for ninety
/// days.
#[utoipa::path(get, path = "/api/v1/reruns/{bulk_rerun_id}/items", tag = "processes",
    params(("bulk_rerun_id" = String, Path, description = "Its id"), BulkItemParams),
    responses((status = 200, body = Vec<BulkItem>, description = "One page"), Error))]
async fn list_bulk_rerun_items(
    State(reruns): State<Reruns>,
    caller: Caller,
    uri: Uri,
    Path(id): Path<String>,
    Query(params): Query<BulkItemParams>,
) -> Result<Page<BulkItem>> {
    let bulk = reruns.find_bulk(&caller.tenant, &id).await?;
    let (items, next) = reruns.bulk_items(&caller.tenant, &bulk, params.cursor).await?;
    Ok(Page { items, next: next.map(|part| next_link::<BulkItemParams>(&uri, &part.to_string())) })
}

/// Has a bulk rerun wait.
#[utoipa::path(post, path = "/api/v1/reruns/{bulk_rerun_id}/pause", tag = "processes",
    params(("bulk_rerun_id" = String, Path, description = "Its id")),
    responses((status = 200, body = BulkRerunView, description = "It waits"), Error, Conflict))]
async fn pause_bulk_rerun(
    State(reruns): State<Reruns>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<BulkRerunView>> {
    Ok(Json(BulkRerunView::of(reruns.ask_bulk(&caller, &id, Some(Wish::Pause)).await?)?))
}

/// Has a bulk rerun go on.
#[utoipa::path(post, path = "/api/v1/reruns/{bulk_rerun_id}/resume", tag = "processes",
    params(("bulk_rerun_id" = String, Path, description = "Its id")),
    responses((status = 200, body = BulkRerunView, description = "It goes on"), Error, Conflict))]
async fn resume_bulk_rerun(
    State(reruns): State<Reruns>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<BulkRerunView>> {
    Ok(Json(BulkRerunView::of(reruns.ask_bulk(&caller, &id, None).await?)?))
}

/// Ends a bulk rerun; the reruns that it began go on.
#[utoipa::path(post, path = "/api/v1/reruns/{bulk_rerun_id}/cancel", tag = "processes",
    params(("bulk_rerun_id" = String, Path, description = "Its id")),
    responses((status = 200, body = BulkRerunView, description = "It ends"), Error, Conflict))]
async fn cancel_bulk_rerun(
    State(reruns): State<Reruns>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<BulkRerunView>> {
    Ok(Json(BulkRerunView::of(reruns.ask_bulk(&caller, &id, Some(Wish::Cancel)).await?)?))
}

impl BulkRerunRequest {
    fn read(self) -> Result<NewBulk> {
        let pace = self.pace.unwrap_or(PACE);
        if !(1..=FASTEST).contains(&pace) {
            return Err(Error::invalid("pace", format!("must be between 1 and {FASTEST}")));
        }
        let reason = self.reason.map(|reason| reason.trim().to_owned()).unwrap_or_default();
        at_most(LONGEST_REASON, "reason", &reason)?;
        let text = self.failure_contains.map(|text| text.to_lowercase());
        at_most(LONGEST_TEXT, "failure_contains", text.as_deref().unwrap_or_default())?;
        let selection = Selection {
            process_id: self.process_id,
            step_id: self.step_id,
            failure_contains: text.filter(|text| !text.is_empty()),
            since: self.since.map(|text| moment("since", &text)).transpose()?,
            until: self.until.map(|text| moment("until", &text)).transpose()?,
        };
        Ok(NewBulk { selection, reason, pace })
    }
}
