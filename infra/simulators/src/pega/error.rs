//! Pega's error bodies.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// `{"pxObjClass":"Pega-API","errors":[…]}` with one error.
pub(super) fn error(status: StatusCode, id: &str, message: &str) -> Response {
    let error = json!({"ID": id, "message": message, "pxObjClass": "Pega-API-Error"});
    (status, Json(json!({"pxObjClass": "Pega-API", "errors": [error]}))).into_response()
}

pub(super) fn invalid(message: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "Pega_API_001", message)
}

pub(super) fn case_not_found() -> Response {
    let message = "Case not found for the given parameter ID";
    error(StatusCode::NOT_FOUND, "Pega_API_011", message)
}

/// Any address or method that the API does not have.
pub(super) async fn no_such_resource() -> StatusCode {
    StatusCode::NOT_FOUND
}
