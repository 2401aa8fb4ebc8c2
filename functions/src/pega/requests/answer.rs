//! What callers are told of a request: in the words of the contract when Pega took it, as a
//! problem when it did not, and where to see what becomes of it.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use shared::error::{Error, Kind as ErrorKind, Result};
use utoipa::ToSchema;

use super::ask::Answered;
use super::model::{PegaRequest, Status};
use super::operation::{Kind, Operation};

/// Pega took it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PegaSuccess)]
pub(super) struct Success {
    /// Always `success`.
    status: &'static str,
    /// Of a case that was created, changed or shown: what Pega said of it; null when it
    /// said nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    case: Option<Value>,
    /// Of a note or an action: that it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Note added")]
    message: Option<String>,
}

/// Pega will be asked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PegaAccepted)]
pub(super) struct Accepted {
    /// Always `accepted`.
    status: &'static str,
    /// Its number, under `/pega/requests`.
    request_id: i64,
}

/// A case, with the version that callers may send back as `If-Match`.
pub(super) fn shown(case: Option<Value>, etag: Option<&str>) -> Response {
    let success =
        Success { status: "success", case: Some(case.unwrap_or_default()), message: None };
    let mut response = Json(success).into_response();
    put(&mut response, header::ETAG, etag);
    response
}

/// That a request will be worked through.
pub(super) fn accepted(id: i64) -> Response {
    let body = Accepted { status: "accepted", request_id: id };
    let mut response = (StatusCode::ACCEPTED, Json(body)).into_response();
    put(&mut response, header::LOCATION, Some(&place_of(id)));
    response
}

/// What became of a request. `operation` is what was asked, if it is known anyway.
pub(super) fn of(answered: &Answered, operation: &Operation) -> Result<Response> {
    let row = &answered.row;
    let waits = row.once.is_some();
    let mut response = match row.status() {
        Status::Done => success(row, operation)?,
        Status::Failed => refusal(row)?,
        Status::Accepted | Status::Running if !waits => accepted_as_preferred(row.id),
        Status::Accepted | Status::Running if answered.replayed => under_way(),
        Status::Accepted | Status::Running => lost(row.id),
    };
    put(&mut response, header::LOCATION, Some(&place_of(row.id)));
    if answered.replayed {
        put(&mut response, HeaderName::from_static("idempotent-replayed"), Some("true"));
    }
    Ok(response)
}

fn success(row: &PegaRequest, operation: &Operation) -> Result<Response> {
    let message = match operation {
        Operation::RunAction { action_id, .. } => Some(format!("Action {action_id} executed")),
        Operation::AddNote { .. } => Some("Note added".to_owned()),
        Operation::CreateCase { .. } | Operation::UpdateCase { .. } => None,
    };
    let shows = matches!(row.operation, Kind::CreateCase | Kind::UpdateCase);
    let case = if shows { Some(row.answer()?) } else { None };
    let mut response = Json(Success { status: "success", case, message }).into_response();
    put(&mut response, header::ETAG, row.etag.as_deref());
    Ok(response)
}

fn refusal(row: &PegaRequest) -> Result<Response> {
    let Some(trouble) = row.trouble()? else { return Ok(lost(row.id)) };
    let mut error = Error::from(trouble);
    if error.kind == ErrorKind::OutcomeUnknown {
        error.detail = format!("{}; {}", error.detail, look_at(row.id));
    }
    Ok(error.into_response())
}

fn accepted_as_preferred(id: i64) -> Response {
    let mut response = accepted(id);
    let name = HeaderName::from_static("preference-applied");
    put(&mut response, name, Some("respond-async"));
    response
}

/// The same request, while the first one's caller still waits.
fn under_way() -> Response {
    let detail = "The first request under this idempotency key is still under way";
    let mut error = Error::new(ErrorKind::Conflict, detail);
    error.retry_after = Some(Duration::from_secs(1));
    error.into_response()
}

/// What came of it could not be written down in time.
fn lost(id: i64) -> Response {
    let detail = format!("It is not known what came of the call to Pega; {}", look_at(id));
    Error::new(ErrorKind::OutcomeUnknown, detail).into_response()
}

fn look_at(id: i64) -> String {
    format!("see request {id} before it is tried again")
}

fn place_of(id: i64) -> String {
    format!("/pega/requests/{id}")
}

/// Sets a header, as far as HTTP can carry the value.
fn put(response: &mut Response, name: HeaderName, value: Option<&str>) {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
        response.headers_mut().insert(name, value);
    }
}
