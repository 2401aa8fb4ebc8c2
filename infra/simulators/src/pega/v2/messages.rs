//! Pulse messages of DX API v2: `POST /messages` and `GET /messages`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State as Extracted};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::super::listing::Listing;
use super::super::state::State;
use super::error::invalid;

/// Posts a message; the answer is a word and no JSON.
pub(super) async fn create(Extracted(state): Extracted<Arc<State>>, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
    let (Some(context), Some(message)) = (text("context"), text("message")) else {
        return invalid("context and message are required");
    };
    state.locked().post(context, message);
    (StatusCode::CREATED, "Accept").into_response()
}

/// Lists messages, newest first.
pub(super) async fn list(
    Extracted(state): Extracted<Arc<State>>,
    Query(listing): Query<Listing>,
) -> Response {
    match listing.show(&state.locked()) {
        Some(messages) => Json(json!({ "data": messages })).into_response(),
        None => invalid("filterBy is not known"),
    }
}
