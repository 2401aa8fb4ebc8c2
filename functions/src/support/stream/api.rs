//! The route of the stream.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Caller, Path, Problem, Query, Routes};
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::viewing::Streams;
use crate::access::permission::{TICKETS_READ, TICKETS_REQUEST};

/// `/support/events/{ticket_id}`.
pub fn routes() -> Routes<Streams> {
    Routes::new().guarded(TICKETS_READ.of_people().or(TICKETS_REQUEST), routes!(watch_ticket))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "headers are read by name; this is their documentation")]
struct StreamHeaders {
    /// The number of the last event that the viewer has: what follows it is told.
    #[serde(rename = "Last-Event-ID")]
    last_event_id: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StreamParams {
    /// The same as `Last-Event-ID`, for those who cannot send it.
    #[param(minimum = 0)]
    after: Option<i64>,
}

/// Streams what happens to a ticket, as server-sent events.
///
/// First comes `connected`, then everything behind the event that the viewer has, each with
/// its number as `id`, then what follows as it happens; `keepalive` every 15 seconds. It ends
/// when the ticket has ended, and otherwise after a time, for the viewer to come back with
/// `Last-Event-ID`. `204` says that nothing is to come any more.
#[utoipa::path(get, path = "/support/events/{ticket_id}", tag = "support",
    params(("ticket_id" = String, Path, description = "The ticket's id"), StreamHeaders,
        StreamParams),
    responses(
        (status = 200, body = serde_json::Value, description = "The events", content_type = "text/event-stream"),
        (status = 204, description = "Nothing is to come any more"),
        (status = 503, body = Problem, description = "Too many watch",
            content_type = "application/problem+json"),
        Error,
    ))]
async fn watch_ticket(
    State(streams): State<Streams>,
    caller: Caller,
    Path(id): Path<String>,
    Query(params): Query<StreamParams>,
    headers: HeaderMap,
) -> Result<Response> {
    let after = after(&headers, params.after)?;
    let Some(stream) = streams.watch(&caller, &id, after).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache, no-transform"),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// The event that the viewer has; an empty header is none.
fn after(headers: &HeaderMap, asked: Option<i64>) -> Result<i64> {
    let header = headers.get("last-event-id").map(|value| value.to_str().unwrap_or("?").trim());
    let (field, after) = match header {
        Some("") | None => ("after", asked),
        Some(text) => ("header Last-Event-ID", Some(text.parse().unwrap_or(-1))),
    };
    match after.unwrap_or(0) {
        after @ 0.. => Ok(after),
        _ => Err(Error::invalid(field, "must be the number of an event")),
    }
}
