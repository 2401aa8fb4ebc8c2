//! The error bodies of DX API v1.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::super::save::Unsaved;

/// `{"pxObjClass":"Pega-API","errors":[…]}` with one error.
pub(super) fn error(status: StatusCode, id: &str, message: &str) -> Response {
    of(status, json!({"ID": id, "message": message, "pxObjClass": "Pega-API-Error"}))
}

fn of(status: StatusCode, error: Value) -> Response {
    (status, Json(json!({"pxObjClass": "Pega-API", "errors": [error]}))).into_response()
}

pub(super) fn invalid() -> Response {
    error(StatusCode::BAD_REQUEST, "Pega_API_001", "Invalid request data")
}

pub(super) fn case_not_found() -> Response {
    let message = "Case not found for the given parameter ID";
    error(StatusCode::NOT_FOUND, "Pega_API_011", message)
}

pub(super) fn no_action() -> Response {
    let message = "Action not found for the given parameter actionID";
    error(StatusCode::BAD_REQUEST, "Pega_API_007", message)
}

/// Why something was not saved.
pub(super) fn unsaved(why: &Unsaved) -> Response {
    match why {
        Unsaved::NoCase => case_not_found(),
        Unsaved::NoAction => no_action(),
        Unsaved::NoVersion => {
            error(StatusCode::FORBIDDEN, "Pega_API_020", "Missing If-Match request header")
        }
        Unsaved::Stale => {
            let message = "Unauthorized access: If-Match does not match ETag";
            error(StatusCode::PRECONDITION_FAILED, "Pega_API_021", message)
        }
        Unsaved::Locked => {
            let message = "Resource is locked by System Admin";
            error(StatusCode::LOCKED, "Pega_API_022", message)
        }
        Unsaved::Blank(property) => blank(property),
    }
}

pub(super) fn blank(property: &str) -> Response {
    let message =
        json!({"ValidationMessage": "Value cannot be blank", "Path": format!(".{property}")});
    let error = json!({"ID": "Pega_API_055", "message": "Validation messages found.",
        "ValidationMessages": [message], "pxObjClass": "Pega-API-Error"});
    of(StatusCode::BAD_REQUEST, error)
}
