//! Routes of replays.

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

use super::found::ReplayedEvent;
use super::select::{Replayed, Selection};
use super::start::{NewReplay, Replays};
use super::view::ReplayView;
use crate::access::permission::{EVENTS_READ, EVENTS_WRITE};
use crate::bulk::Wish;

/// Events a second, when nobody says otherwise, and at most.
const PACE: u32 = 10;
const FASTEST: u32 = 50;
/// The longest reason, in bytes.
const LONGEST_REASON: usize = 500;

/// `/events/replays`.
pub fn routes() -> Routes<Replays> {
    Routes::new()
        .guarded(EVENTS_WRITE.of_people(), routes!(start_replay))
        .guarded(EVENTS_READ.of_people(), routes!(list_replays))
        .guarded(EVENTS_READ.of_people(), routes!(find_replay))
        .guarded(EVENTS_READ.of_people(), routes!(list_replayed_events))
        .guarded(EVENTS_WRITE.of_people(), routes!(pause_replay))
        .guarded(EVENTS_WRITE.of_people(), routes!(resume_replay))
        .guarded(EVENTS_WRITE.of_people(), routes!(cancel_replay))
}

/// A replay that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplayRequest {
    /// Which events: `failed` when not given.
    #[serde(default)]
    status: Replayed,
    /// Only of this type.
    event: Option<String>,
    /// Only of this case.
    case_id: Option<String>,
    /// Only received at this moment or later: RFC 3339, or a date (UTC).
    since: Option<String>,
    /// Only received before this moment: RFC 3339, or a date (UTC).
    until: Option<String>,
    /// Why, for those who look at it later.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// Events a second, 1 to 50; 10 when not given.
    #[schema(minimum = 1, maximum = 50)]
    pace: Option<u32>,
    /// Whether what was done already is done again; events that were `processed` are
    /// replayed only so.
    #[serde(default)]
    afresh: bool,
    /// Only to count.
    #[serde(default)]
    dry_run: bool,
}

/// How many events a replay would be about.
#[derive(Debug, Serialize, ToSchema)]
struct ReplayCount {
    /// Always true.
    dry_run: bool,
    matched: usize,
    /// Whether there are more than were counted.
    more: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// How many, 1 to 100; 20 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Where to go on: what the `Link` header of the page before says.
    cursor: Option<String>,
}

/// Has the events that a query finds worked through again, oldest first.
///
/// With `dry_run` they are only counted. Otherwise a durable job finds them and drives them
/// anew at the pace that is given; it can be watched, paused and cancelled.
#[utoipa::path(post, path = "/events/replays", tag = "pega", request_body = ReplayRequest,
    responses(
        (status = 200, body = ReplayCount, description = "The count (`dry_run`)"),
        (status = 202, body = ReplayView, description = "It has started"),
        Error,
    ))]
async fn start_replay(
    State(replays): State<Replays>,
    caller: Caller,
    JsonBody(request): JsonBody<ReplayRequest>,
) -> Result<Response> {
    let dry_run = request.dry_run;
    let new = request.read()?;
    if dry_run {
        let (matched, more) = replays.count(&caller.tenant, &new.selection).await?;
        return Ok(Json(ReplayCount { dry_run, matched, more }).into_response());
    }
    if new.reason.is_empty() {
        return Err(Error::invalid("reason", "must be given"));
    }
    let replay = replays.start(&caller, new).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayView::of(replay)?)).into_response())
}

/// Lists replays, newest first.
///
/// The next page's address is in the `Link` header (`rel="next"`).
#[utoipa::path(get, path = "/events/replays", tag = "pega", params(ListParams),
    responses((status = 200, body = Vec<ReplayView>, description = "One page"), Error))]
async fn list_replays(
    State(replays): State<Replays>,
    caller: Caller,
    uri: Uri,
    Query(params): Query<ListParams>,
) -> Result<Page<ReplayView>> {
    let limit = page_limit(params.limit, 20, 100)?;
    let (rows, next) = replays.list(&caller.tenant, limit, params.cursor.as_deref()).await?;
    let items = rows.into_iter().map(ReplayView::of).collect::<Result<_>>()?;
    Ok(Page { items, next: next.map(|last| next_link::<ListParams>(&uri, &last)) })
}

/// Shows a replay and how far it is.
#[utoipa::path(get, path = "/events/replays/{replay_id}", tag = "pega",
    params(("replay_id" = String, Path, description = "Its id")),
    responses((status = 200, body = ReplayView, description = "The replay"), Error))]
async fn find_replay(
    State(replays): State<Replays>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ReplayView>> {
    Ok(Json(ReplayView::of(replays.find(&caller.tenant, &id).await?)?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FoundParams {
    /// Where to go on: what the `Link` header of the page before says.
    #[param(minimum = 0)]
    cursor: Option<i64>,
}

/// Lists the events that a replay found, oldest first, and what became of each.
///
/// The next page's address is in the `Link` header (`rel="next"`). They are known for ninety
/// days.
#[utoipa::path(get, path = "/events/replays/{replay_id}/events", tag = "pega",
    params(("replay_id" = String, Path, description = "Its id"), FoundParams),
    responses((status = 200, body = Vec<ReplayedEvent>, description = "One page"), Error))]
async fn list_replayed_events(
    State(replays): State<Replays>,
    caller: Caller,
    uri: Uri,
    Path(id): Path<String>,
    Query(params): Query<FoundParams>,
) -> Result<Page<ReplayedEvent>> {
    let replay = replays.find(&caller.tenant, &id).await?;
    let (items, next) = replays.found(&caller.tenant, &replay, params.cursor).await?;
    Ok(Page { items, next: next.map(|part| next_link::<FoundParams>(&uri, &part.to_string())) })
}

/// Has a replay wait.
#[utoipa::path(post, path = "/events/replays/{replay_id}/pause", tag = "pega",
    params(("replay_id" = String, Path, description = "Its id")),
    responses((status = 200, body = ReplayView, description = "It waits"), Error, Conflict))]
async fn pause_replay(
    State(replays): State<Replays>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ReplayView>> {
    Ok(Json(ReplayView::of(replays.ask(&caller, &id, Some(Wish::Pause)).await?)?))
}

/// Has a replay go on.
#[utoipa::path(post, path = "/events/replays/{replay_id}/resume", tag = "pega",
    params(("replay_id" = String, Path, description = "Its id")),
    responses((status = 200, body = ReplayView, description = "It goes on"), Error, Conflict))]
async fn resume_replay(
    State(replays): State<Replays>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ReplayView>> {
    Ok(Json(ReplayView::of(replays.ask(&caller, &id, None).await?)?))
}

/// Ends a replay; what it drove anew goes on.
#[utoipa::path(post, path = "/events/replays/{replay_id}/cancel", tag = "pega",
    params(("replay_id" = String, Path, description = "Its id")),
    responses((status = 200, body = ReplayView, description = "It ends"), Error, Conflict))]
async fn cancel_replay(
    State(replays): State<Replays>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ReplayView>> {
    Ok(Json(ReplayView::of(replays.ask(&caller, &id, Some(Wish::Cancel)).await?)?))
}

impl ReplayRequest {
    fn read(self) -> Result<NewReplay> {
        let pace = self.pace.unwrap_or(PACE);
        if !(1..=FASTEST).contains(&pace) {
            return Err(Error::invalid("pace", format!("must be between 1 and {FASTEST}")));
        }
        let reason = self.reason.map(|reason| reason.trim().to_owned()).unwrap_or_default();
        at_most(LONGEST_REASON, "reason", &reason)?;
        if self.status == Replayed::Processed && !self.afresh {
            let message =
                "must be true for events that were processed: what was done for them is done again";
            return Err(Error::invalid("afresh", message));
        }
        let selection = Selection {
            status: self.status,
            event: self.event,
            case_id: self.case_id,
            since: self.since.map(|text| moment("since", &text)).transpose()?,
            until: self.until.map(|text| moment("until", &text)).transpose()?,
        };
        Ok(NewReplay { selection, reason, pace, afresh: self.afresh })
    }
}
