//! Pulse messages of DX API v1: `POST /messages` and `GET /messages`.

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

/// Posts a message.
pub(super) async fn create(Extracted(state): Extracted<Arc<State>>, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body["postMessage"][name].as_str().filter(|text| !text.is_empty());
    let (Some(context), Some(message)) = (text("context"), text("message")) else {
        return invalid();
    };
    let id = state.locked().post(context, message);
    (StatusCode::CREATED, Json(json!({ "ID": id }))).into_response()
}

/// Lists messages, newest first.
pub(super) async fn list(
    Extracted(state): Extracted<Arc<State>>,
    Query(listing): Query<Listing>,
) -> Response {
    match listing.show(&state.locked()) {
        Some(messages) => {
            Json(json!({"pxObjClass": "Pega-API-Social", "messages": messages})).into_response()
        }
        None => invalid(),
    }
}
