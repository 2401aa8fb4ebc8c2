//! Pulse messages: `POST /messages` and `GET /messages`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State as Extracted};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::invalid;
use super::state::State;

/// A message that was posted.
#[derive(Clone, Debug)]
pub struct Message {
    /// `PEGASOCIAL-MESSAGE M-<n>`.
    pub id: String,
    /// What it is about, mostly a case's key.
    pub context: String,
    /// What it says.
    pub text: String,
}

/// Posts a message.
pub(super) async fn create(Extracted(state): Extracted<Arc<State>>, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body["postMessage"][name].as_str().filter(|text| !text.is_empty());
    let (Some(context), Some(message)) = (text("context"), text("message")) else {
        return invalid("Invalid request data");
    };
    let mut known = state.locked();
    let id = format!("PEGASOCIAL-MESSAGE M-{}", known.number());
    let (context, text) = (context.to_owned(), message.to_owned());
    known.messages.push(Message { id: id.clone(), context, text });
    (StatusCode::CREATED, Json(json!({"ID": id}))).into_response()
}

/// What is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listing {
    filter_by: Option<String>,
    filter_for: Option<String>,
    page_size: Option<usize>,
}

/// Lists messages, newest first.
pub(super) async fn list(
    Extracted(state): Extracted<Arc<State>>,
    Query(listing): Query<Listing>,
) -> Response {
    if listing.filter_by.as_deref().is_some_and(|by| by != "context") {
        return invalid("Invalid request data");
    }
    let known = state.locked();
    let wanted = |message: &&Message| {
        listing.filter_for.as_ref().is_none_or(|context| *context == message.context)
    };
    let show = |message: &Message| json!({"ID": message.id, "context": message.context, "message": message.text});
    let newest = known.messages.iter().rev().filter(wanted).take(listing.page_size.unwrap_or(50));
    let messages: Vec<Value> = newest.map(show).collect();
    Json(json!({"pxObjClass": "Pega-API-Social", "messages": messages})).into_response()
}
