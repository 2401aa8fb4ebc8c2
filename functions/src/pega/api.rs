//! Routes of the Pega bridge.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::web::{
    Body, Caller, Conflict, CorrelationId, JsonBody, Page, Path, Problem, Query, Routes, at_most,
    moment, next_link, page_limit,
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::event::Status;
use super::history::{Happened, HappenedView};
use super::ruling::Verdict;
use super::search::Filter;
use super::view::EventView;
use super::{EventLog, Intake, envelope};
use crate::access::permission::{EVENTS_READ, EVENTS_WRITE};

/// The largest event, in bytes.
const EVENT_LIMIT: usize = 1024 * 1024;

/// The longest comment on a decision, in bytes.
const LONGEST_COMMENT: usize = 1000;

/// Where events come in.
pub fn intake_routes() -> Routes<Intake> {
    Routes::new().guarded(EVENTS_WRITE.of_senders().with_body(EVENT_LIMIT), routes!(accept_event))
}

/// Where they can be seen.
pub fn log_routes() -> Routes<EventLog> {
    Routes::new()
        .guarded(EVENTS_READ.of_people(), routes!(list_events))
        .guarded(EVENTS_READ.of_people(), routes!(find_event))
        .guarded(EVENTS_WRITE.of_people(), routes!(reprocess_event))
        .guarded(EVENTS_READ.of_people(), routes!(show_event_history))
        .guarded(EVENTS_WRITE.of_people(), routes!(decide_event))
}

/// The answer to an accepted event.
#[derive(Debug, Serialize, ToSchema)]
struct EventReceived {
    /// Always `received`.
    status: &'static str,
    /// The event's number.
    #[serde(rename = "eventId")]
    event_id: i64,
    message: String,
}

/// The answer to a re-drive.
#[derive(Debug, Serialize, ToSchema)]
struct EventQueued {
    /// Always `queued`.
    status: &'static str,
    message: &'static str,
}

/// Takes an event from Pega.
///
/// A body with `caseId` and `event`, or a CloudEvent (structured or binary). The
/// event is stored before it is answered and worked through afterwards. A request
/// repeated under the same `Idempotency-Key`, `webhook-id`, `ce-id`, `X-Request-ID`
/// or body `eventId` answers with the first one's `eventId` and the header
/// `Idempotent-Replayed: true`; the same key with another body is a 422.
#[utoipa::path(post, path = "/webhook/pega", tag = "pega",
    request_body(content = Object, content_type = "application/json", examples(
        ("Flat" = (value = json!({
            "caseId": "HR-12349", "event": "role_change", "employeeId": "EMP005",
            "oldRole": "Analyst", "newRole": "Senior Analyst",
        }))),
    )),
    responses((status = 200, body = EventReceived, description = "Stored"), Error))]
async fn accept_event(
    State(intake): State<Intake>,
    caller: Caller,
    correlation: CorrelationId,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let new = envelope::read(&headers, &body)?;
    let corr = correlation.given.then_some(correlation.id);
    let accepted = intake.accept(&caller, &new, corr).await?;
    let message = format!("Event {} for case {} queued for processing", new.event, new.case_id);
    let answer = EventReceived { status: "received", event_id: accepted.id, message };
    let mut response = Json(answer).into_response();
    if accepted.replayed {
        let replayed = HeaderValue::from_static("true");
        response.headers_mut().insert("idempotent-replayed", replayed);
    }
    Ok(response)
}

/// Filters of the list of events; all that are given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// How many, 1 to 100; 10 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Only of this type.
    event: Option<String>,
    /// Only of this status.
    status: Option<String>,
    /// Only of this case.
    case_id: Option<String>,
    /// Only received at this moment or later: RFC 3339, or a date (UTC).
    #[param(example = "2026-01-31")]
    since: Option<String>,
    /// Only received before this moment: RFC 3339, or a date (UTC).
    #[param(example = "2030-12-31T00:00:00Z")]
    until: Option<String>,
    /// Where to go on: what the `Link` header of the page before says.
    cursor: Option<String>,
}

/// Lists events, newest first.
///
/// The next page's address is in the `Link` header (`rel="next"`).
#[utoipa::path(get, path = "/events", tag = "pega", params(ListParams),
    responses((status = 200, body = Vec<EventView>, description = "One page"), Error))]
async fn list_events(
    State(log): State<EventLog>,
    caller: Caller,
    uri: Uri,
    Query(params): Query<ListParams>,
) -> Result<Page<EventView>> {
    let Some(filter) = params.filter()? else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    let (events, next) = log.list(&caller.tenant, filter).await?;
    let items = events.into_iter().map(EventView::of).collect::<Result<_>>()?;
    Ok(Page { items, next: next.map(|id| next_link::<ListParams>(&uri, &id.to_string())) })
}

/// Shows one event and what became of it.
#[utoipa::path(get, path = "/events/{event_id}", tag = "pega",
    params(("event_id" = i64, Path, description = "The event's number", example = 1)),
    responses((status = 200, body = EventView, description = "The event"), Error))]
async fn find_event(
    State(log): State<EventLog>,
    caller: Caller,
    Path(event_id): Path<i64>,
) -> Result<Json<EventView>> {
    let recorded = log.find(&caller.tenant, event_id).await?;
    Ok(Json(EventView::of(recorded)?))
}

/// Has an event worked through again.
///
/// Possible for one that failed, one that waits, and one whose worker died; any
/// other answers 400.
#[utoipa::path(post, path = "/events/{event_id}/reprocess", tag = "pega",
    params(("event_id" = i64, Path, description = "The event's number", example = 1)),
    responses(
        (status = 200, body = EventQueued, description = "Queued"),
        (status = 400, body = Problem, description = "It is being worked through, or was",
            content_type = "application/problem+json"),
        Error,
    ))]
async fn reprocess_event(
    State(log): State<EventLog>,
    caller: Caller,
    Path(event_id): Path<i64>,
) -> Result<Json<EventQueued>> {
    log.reprocess(&caller, event_id).await?;
    Ok(Json(EventQueued { status: "queued", message: "Event queued for reprocessing" }))
}

/// Shows what happened to an event after it was received, in order: attempts that failed,
/// people who decided or had it worked through again.
#[utoipa::path(get, path = "/events/{event_id}/history", tag = "pega",
    params(("event_id" = i64, Path, description = "The event's number", example = 1)),
    responses((status = 200, body = Vec<HappenedView>, description = "All of it"), Error))]
async fn show_event_history(
    State(log): State<EventLog>,
    caller: Caller,
    Path(event_id): Path<i64>,
) -> Result<Json<Vec<HappenedView>>> {
    let happened = log.history(&caller.tenant, event_id).await?;
    Ok(Json(happened.iter().map(Happened::shown).collect::<Result<_>>()?))
}

/// What a person decides.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRuling {
    decision: Verdict,
    /// Why.
    #[schema(max_length = 1000)]
    comment: Option<String>,
}

/// Decides about an event that waits for a person (`requires_action`).
///
/// When it is approved, what follows from it is done; when it is rejected, nothing more is.
/// Whoever is first decides.
#[utoipa::path(post, path = "/events/{event_id}/decision", tag = "pega",
    params(("event_id" = i64, Path, description = "The event's number", example = 1)),
    request_body = NewRuling,
    responses((status = 200, body = EventQueued, description = "It goes on"), Error, Conflict))]
async fn decide_event(
    State(log): State<EventLog>,
    caller: Caller,
    Path(event_id): Path<i64>,
    JsonBody(new): JsonBody<NewRuling>,
) -> Result<Json<EventQueued>> {
    at_most(LONGEST_COMMENT, "comment", new.comment.as_deref().unwrap_or_default())?;
    log.rule(&caller, event_id, new.decision, new.comment).await?;
    Ok(Json(EventQueued { status: "queued", message: "The event goes on as decided" }))
}

impl ListParams {
    /// The filter; none when it names a status that no event can have.
    fn filter(self) -> Result<Option<Filter>> {
        let limit = page_limit(self.limit, 10, 100)?;
        let status = match self.status {
            None => None,
            Some(word) => match serde_json::from_value::<Status>(word.into()) {
                Ok(status) => Some(status),
                Err(_) => return Ok(None),
            },
        };
        let cursor = self.cursor.map(|cursor| {
            let number = cursor.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| Error::invalid("cursor", "is not one that was given out"))
        });
        Ok(Some(Filter {
            limit,
            event: self.event,
            status,
            case_id: self.case_id,
            since: self.since.map(|text| moment("since", &text)).transpose()?,
            until: self.until.map(|text| moment("until", &text)).transpose()?,
            before: cursor.transpose()?,
        }))
    }
}
