//! Routes of tickets.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::error::{Error, Result};
use shared::idempotency::idempotency_key;
use shared::web::{
    Caller, Conflict, JsonBody, Missing, Path, Query, Routes, next_link, page_limit, to_the_second,
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::list::Filter;
use super::request::{NewRequest, Tickets};
use super::status::TicketStatus;
use super::view::{TicketList, TicketState, TicketView};
use crate::access::permission::{TICKETS_APPROVE, TICKETS_READ, TICKETS_REQUEST};

/// Tickets of a page that does not say how many, and at most.
const USUAL: usize = 100;
const MOST: usize = 500;

/// `/support`, but for answers, policies and the stream.
pub fn routes() -> Routes<Tickets> {
    Routes::new()
        .guarded(TICKETS_REQUEST.of_people(), routes!(request_support))
        .guarded(TICKETS_READ.of_people().or(TICKETS_REQUEST), routes!(list_tickets))
        .guarded(TICKETS_READ.of_people().or(TICKETS_REQUEST), routes!(find_ticket))
        .guarded(TICKETS_READ.of_people().or(TICKETS_REQUEST), routes!(list_ticket_events))
        .guarded(TICKETS_REQUEST.of_people(), routes!(comment_ticket))
        .guarded(TICKETS_APPROVE.of_people(), routes!(reassign_ticket))
        .guarded(TICKETS_REQUEST.of_people(), routes!(cancel_ticket))
        .guarded(TICKETS_REQUEST.of_people(), routes!(reopen_ticket))
        .open(routes!(support_health))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "headers are read by name; this is their documentation")]
struct RequestHeaders {
    /// A repeat under the same key is answered with the ticket that was made first.
    #[serde(rename = "Idempotency-Key")]
    #[param(max_length = 255)]
    idempotency_key: Option<String>,
}

/// Which tickets are listed; all that are given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TicketFilter {
    /// Only those for this employee.
    employee_id: Option<String>,
    /// Only those in this status.
    status: Option<String>,
    /// Only those that matter so much, as the request said it.
    priority: Option<String>,
    /// Only requests of this type.
    category: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<i64>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Which events are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventFilter {
    /// Only those behind this number.
    #[param(minimum = 0, default = 0)]
    after: Option<i64>,
}

/// What happened to a ticket, in order.
#[derive(Debug, Serialize, ToSchema)]
struct TicketHistory {
    ticket_id: String,
    /// As the stream tells them, with their numbers; at most 200, so that `after` goes on.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Value>,
    /// How many these are.
    event_count: usize,
    #[schema(format = DateTime)]
    last_updated: String,
}

/// What somebody says about a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewComment {
    #[schema(min_length = 1, max_length = 4096, example = "Any news?")]
    comment: String,
}

/// Who is asked instead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reassignment {
    /// The first of them is the one whose work it is.
    #[schema(min_items = 1, max_items = 50, example = json!(["MANAGER002"]))]
    approvers: Vec<String>,
}

/// Why.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithReason {
    #[serde(default)]
    #[schema(max_length = 4096)]
    reason: String,
}

/// That tickets are taken.
#[derive(Debug, Serialize, ToSchema)]
struct SupportHealth {
    #[schema(example = "healthy")]
    status: &'static str,
    #[schema(format = DateTime)]
    timestamp: String,
}

/// Asks for support.
///
/// The workflow begins by itself; `GET /support/events/{ticket_id}` tells how it goes.
#[utoipa::path(post, path = "/support/request", tag = "support", params(RequestHeaders),
    request_body = NewRequest,
    responses((status = 200, body = TicketState, description = "It was received"), Error))]
async fn request_support(
    State(tickets): State<Tickets>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(new): JsonBody<NewRequest>,
) -> Result<Json<TicketState>> {
    let ticket = tickets.ask(&caller, &new, idempotency_key(&headers, "ticket")?).await?;
    Ok(Json(TicketState::of(&ticket)))
}

/// Lists tickets, newest first: of those who may see all, all; of others, their own.
#[utoipa::path(get, path = "/support/tickets", tag = "support", params(TicketFilter),
    responses((status = 200, body = TicketList, description = "One page"), Error))]
async fn list_tickets(
    State(tickets): State<Tickets>,
    caller: Caller,
    uri: Uri,
    Query(filter): Query<TicketFilter>,
) -> Result<Response> {
    let status = filter
        .status
        .as_ref()
        .map(|text| TicketStatus::ALL.into_iter().find(|status| status.name() == text));
    // No ticket is in a status that there is not; the service before this one said so too.
    if status == Some(None) {
        return Ok(Json(TicketList::of(&[], None)).into_response());
    }
    let before = filter.cursor.as_deref().map(|cursor| {
        cursor.parse().map_err(|_| Error::invalid("cursor", "is not one that was given"))
    });
    let filter = Filter {
        employee_id: filter.employee_id,
        status: status.flatten(),
        priority: filter.priority,
        category: filter.category,
        limit: page_limit(filter.limit, USUAL, MOST)?,
        before: before.transpose()?,
    };
    let (found, next) = tickets.list(&caller, &filter).await?;
    let mut response = Json(TicketList::of(&found, next)).into_response();
    let link = next.map(|next| next_link::<TicketFilter>(&uri, &next.to_string()));
    if let Some(link) = link.and_then(|link| link.parse().ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// Shows a ticket.
#[utoipa::path(get, path = "/support/tickets/{ticket_id}", tag = "support",
    params(("ticket_id" = String, Path, description = "Its id")),
    responses((status = 200, body = TicketView, description = "The ticket"), Error))]
async fn find_ticket(
    State(tickets): State<Tickets>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TicketView>> {
    Ok(Json(TicketView::of(&tickets.seen(&caller, &id).await?)))
}

/// Lists what happened to a ticket, in order.
#[utoipa::path(get, path = "/support/events/{ticket_id}/history", tag = "support",
    params(("ticket_id" = String, Path, description = "The ticket's id"), EventFilter),
    responses((status = 200, body = TicketHistory, description = "The events"), Error))]
async fn list_ticket_events(
    State(tickets): State<Tickets>,
    caller: Caller,
    Path(id): Path<String>,
    Query(filter): Query<EventFilter>,
) -> Result<Json<TicketHistory>> {
    let after = filter.after.unwrap_or(0);
    if after < 0 {
        return Err(Error::invalid("after", "must not be negative"));
    }
    let ticket = tickets.seen(&caller, &id).await?;
    let events = tickets.store.log.events(&caller.tenant, &id, after).await?;
    let events: Vec<Value> = events.iter().map(|event| event.shown()).collect::<Result<_>>()?;
    Ok(Json(TicketHistory {
        ticket_id: id,
        event_count: events.len(),
        events,
        last_updated: to_the_second(ticket.updated_at),
    }))
}

/// Says something about a ticket, to all who see it.
#[utoipa::path(post, path = "/support/tickets/{ticket_id}/comments", tag = "support",
    params(("ticket_id" = String, Path, description = "Its id")), request_body = NewComment,
    responses((status = 200, body = TicketState, description = "It was said"), Error, Missing))]
async fn comment_ticket(
    State(tickets): State<Tickets>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(new): JsonBody<NewComment>,
) -> Result<Json<TicketState>> {
    Ok(Json(TicketState::of(&tickets.comment(&caller, &id, &new.comment).await?)))
}

/// Has others asked what a ticket waits for.
#[utoipa::path(post, path = "/support/tickets/{ticket_id}/reassign", tag = "support",
    params(("ticket_id" = String, Path, description = "Its id")), request_body = Reassignment,
    responses((status = 200, body = TicketView, description = "They are asked"), Error, Missing,
        Conflict))]
async fn reassign_ticket(
    State(tickets): State<Tickets>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(to): JsonBody<Reassignment>,
) -> Result<Json<TicketView>> {
    Ok(Json(TicketView::of(&tickets.reassign(&caller, &id, &to.approvers).await?)))
}

/// Cancels a ticket that has not ended.
#[utoipa::path(post, path = "/support/tickets/{ticket_id}/cancel", tag = "support",
    params(("ticket_id" = String, Path, description = "Its id")), request_body = WithReason,
    responses((status = 200, body = TicketState, description = "It is cancelled"), Error, Missing,
        Conflict))]
async fn cancel_ticket(
    State(tickets): State<Tickets>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(why): JsonBody<WithReason>,
) -> Result<Json<TicketState>> {
    Ok(Json(TicketState::of(&tickets.cancel(&caller, &id, &why.reason).await?)))
}

/// Opens a ticket again that has ended.
///
/// One whose workflow could not go on goes on where it stopped; any other is decided anew.
#[utoipa::path(post, path = "/support/tickets/{ticket_id}/reopen", tag = "support",
    params(("ticket_id" = String, Path, description = "Its id")), request_body = WithReason,
    responses((status = 200, body = TicketState, description = "It is open"), Error, Missing,
        Conflict))]
async fn reopen_ticket(
    State(tickets): State<Tickets>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(why): JsonBody<WithReason>,
) -> Result<Json<TicketState>> {
    Ok(Json(TicketState::of(&tickets.reopen(&caller, &id, &why.reason).await?)))
}

/// Says that tickets are taken.
#[utoipa::path(get, path = "/support/health", tag = "support",
    responses((status = 200, body = SupportHealth, description = "They are"), Error))]
async fn support_health(State(tickets): State<Tickets>) -> Result<Json<SupportHealth>> {
    let now = tickets.store.log.look().await?;
    Ok(Json(SupportHealth { status: "healthy", timestamp: to_the_second(now) }))
}
