//! Cases: `POST /cases`, `GET /cases/{ID}`, `PUT /cases/{ID}` under `If-Match`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::error::{case_not_found, error, invalid};
use super::state::{Case, State};

/// Creates a case.
pub(super) async fn create(Extracted(state): Extracted<Arc<State>>, body: Bytes) -> Response {
    let Some(body) = object(&body) else { return invalid("Invalid request data") };
    let Some(case_type) = body.get("caseTypeID").and_then(Value::as_str) else {
        let message = "The parameter caseTypeID is required for this request";
        return error(StatusCode::BAD_REQUEST, "Pega_API_004", message);
    };
    let content = body.get("content").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut known = state.locked();
    let class = case_type.to_uppercase();
    let id = format!("{class} C-{}", known.number());
    let etag = known.etag();
    let case = Case { case_type: case_type.to_owned(), content, etag: etag.clone() };
    known.cases.insert(id.clone(), case);
    let answer = json!({
        "ID": id, "nextPageID": "Confirm", "pxObjClass": "Pega-API-CaseManagement-Case",
    });
    (StatusCode::CREATED, [("etag", etag)], Json(answer)).into_response()
}

/// Shows a case.
pub(super) async fn read(
    Extracted(state): Extracted<Arc<State>>,
    Path(id): Path<String>,
) -> Response {
    let known = state.locked();
    let Some(case) = known.cases.get(&id) else { return case_not_found() };
    let answer = json!({
        "ID": id, "caseTypeID": case.case_type, "status": "New", "urgency": "10",
        "content": case.content, "pxObjClass": "Pega-API-CaseManagement-Case",
    });
    ([("etag", case.etag.clone())], Json(answer)).into_response()
}

/// Changes a case that is still as the caller saw it.
pub(super) async fn update(
    Extracted(state): Extracted<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut known = state.locked();
    let next = known.etag();
    let Some(case) = known.cases.get_mut(&id) else { return case_not_found() };
    let Some(seen) = headers.get("if-match").and_then(|value| value.to_str().ok()) else {
        return error(StatusCode::FORBIDDEN, "Pega_API_020", "Missing If-Match request header");
    };
    if seen != case.etag {
        let message = "Unauthorized access: If-Match does not match ETag";
        return error(StatusCode::PRECONDITION_FAILED, "Pega_API_021", message);
    }
    let content = object(&body).and_then(|body| body.get("content")?.as_object().cloned());
    let Some(content) = content else { return invalid("Invalid request data") };
    case.content.extend(content);
    case.etag.clone_from(&next);
    (StatusCode::NO_CONTENT, [("etag", next)]).into_response()
}

fn object(body: &Bytes) -> Option<Map<String, Value>> {
    serde_json::from_slice(body).ok()
}
