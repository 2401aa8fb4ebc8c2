//! The error bodies of DX API v2.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::super::save::Unsaved;

/// `{"errorClassification":…,"errorDetails":[…]}` with one detail.
pub(super) fn error(status: StatusCode, classification: &str, key: &str, text: &str) -> Response {
    of(status, classification, json!({"message": key, "localizedValue": text}))
}

fn of(status: StatusCode, classification: &str, detail: Value) -> Response {
    let body = json!({
        "errorClassification": classification, "localizedValue": classification,
        "errorDetails": [detail],
    });
    (status, Json(body)).into_response()
}

pub(super) fn invalid(text: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "Invalid inputs", "Error_Invalid_Inputs", text)
}

pub(super) fn not_found(text: &str) -> Response {
    error(StatusCode::NOT_FOUND, "Resource not found", "Error_Resource_Not_Found", text)
}

/// Why something was not saved.
pub(super) fn unsaved(why: &Unsaved) -> Response {
    match why {
        Unsaved::NoCase => not_found("The case cannot be found"),
        Unsaved::NoAction => not_found("The action cannot be found"),
        Unsaved::NoVersion => {
            let text = "The ETag in the header if-match is missing or malformed";
            let status = StatusCode::PRECONDITION_FAILED;
            error(status, "Invalid inputs", "Error_Invalid_ETag", text)
        }
        Unsaved::Stale => {
            let text = "The case was updated by somebody else";
            error(StatusCode::CONFLICT, "Conflict", "Error_Conflict", text)
        }
        Unsaved::Locked => {
            let text = "Resource is locked by System Admin";
            error(StatusCode::LOCKED, "Resource is locked", "Error_Resource_Locked", text)
        }
        Unsaved::Blank(property) => {
            let detail = json!({"message": "Error_Field_Required",
                "localizedValue": "Value cannot be blank",
                "erroneousInputOutputFieldInPage": format!(".{property}")});
            of(StatusCode::UNPROCESSABLE_ENTITY, "Invalid inputs", detail)
        }
    }
}
