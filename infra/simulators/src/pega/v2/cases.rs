//! Cases of DX API v2: `POST /cases`, `GET /cases/{ID}`, and what is saved by actions, of
//! cases and of assignments.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::super::save::{Unsaved, actions, assignments, case_of, save};
use super::super::state::{Case, Known, State};
use super::super::types::{OF_ASSIGNMENTS, OF_CASES, TYPES, find};
use super::error::{invalid, not_found, unsaved};

/// Lists case types.
pub(super) async fn types() -> Response {
    let types: Vec<Value> = TYPES.iter().map(|one| json!({"ID": one.id, "name": one.id})).collect();
    Json(json!({ "caseTypes": types })).into_response()
}

/// Creates a case.
pub(super) async fn create(Extracted(state): Extracted<Arc<State>>, body: Bytes) -> Response {
    let Some(body) = object(&body) else { return invalid("The body is no object") };
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let Some(case_type) = text("caseTypeID").and_then(find) else {
        return invalid("caseTypeID names no case type");
    };
    let content = body.get("content").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(property) = case_type.blank(&content) {
        return unsaved(&Unsaved::Blank(property));
    }
    let mut known = state.locked();
    let id = known.create(case_type, text("parentCaseID").map(str::to_owned), content);
    (StatusCode::CREATED, told(&known, &id)).into_response()
}

/// Shows a case.
pub(super) async fn read(
    Extracted(state): Extracted<Arc<State>>,
    Path(id): Path<String>,
) -> Response {
    let known = state.locked();
    match known.cases.contains_key(&id) {
        true => told(&known, &id).into_response(),
        false => unsaved(&Unsaved::NoCase),
    }
}

/// Shows an action of a case, and the version that it may be run over.
pub(super) async fn action(
    Extracted(state): Extracted<Arc<State>>,
    Path((id, action)): Path<(String, String)>,
) -> Response {
    let known = state.locked();
    match known.cases.contains_key(&id) {
        false => unsaved(&Unsaved::NoCase),
        true if !OF_CASES.contains(&action.as_str()) => unsaved(&Unsaved::NoAction),
        true => told(&known, &id).into_response(),
    }
}

/// Runs an action of a case.
pub(super) async fn run(
    Extracted(state): Extracted<Arc<State>>,
    Path((id, action)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut known = state.locked();
    if known.cases.contains_key(&id) && !OF_CASES.contains(&action.as_str()) {
        return unsaved(&Unsaved::NoAction);
    }
    patch(&mut known, &id, &headers, &body, false)
}

/// Shows an action of an assignment.
pub(super) async fn form(
    Extracted(state): Extracted<Arc<State>>,
    Path((assignment, action)): Path<(String, String)>,
) -> Response {
    let known = state.locked();
    match case_of(&known, &assignment) {
        None => not_found("The assignment cannot be found"),
        Some(_) if !OF_ASSIGNMENTS.contains(&action.as_str()) => unsaved(&Unsaved::NoAction),
        Some(id) => told(&known, &id).into_response(),
    }
}

/// Runs an action of an assignment, which ends it.
pub(super) async fn perform(
    Extracted(state): Extracted<Arc<State>>,
    Path((assignment, action)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut known = state.locked();
    match case_of(&known, &assignment) {
        None => not_found("The assignment cannot be found"),
        Some(_) if !OF_ASSIGNMENTS.contains(&action.as_str()) => unsaved(&Unsaved::NoAction),
        Some(id) => patch(&mut known, &id, &headers, &body, true),
    }
}

fn patch(known: &mut Known, id: &str, headers: &HeaderMap, body: &Bytes, ends: bool) -> Response {
    let content = object(body).map(|body| body.get("content").cloned().unwrap_or(json!({})));
    let Some(Value::Object(content)) = content else { return invalid("content is no object") };
    let seen = headers.get("if-match").and_then(|value| value.to_str().ok());
    // It compares moments: what is none is malformed.
    let seen = seen.filter(|seen| seen.len() == 23 && seen.ends_with(" GMT"));
    let same = |saved: &str| seen.map(|seen| seen == saved).ok_or(Unsaved::NoVersion);
    match save(known, id, &content, ends, same) {
        Ok(()) => told(known, id).into_response(),
        Err(why) => unsaved(&why),
    }
}

/// A case with its ETag, which this version has without quotes.
fn told(known: &Known, id: &str) -> ([(&'static str, String); 1], Json<Value>) {
    let case: &Case = &known.cases[id];
    let shown = json!({
        "ID": id, "businessID": id.rsplit(' ').next(), "caseTypeID": case.case_type.id,
        "parentCaseInfo": case.parent, "status": case.status, "content": case.content,
        "availableActions": actions(), "assignments": assignments(id, case),
    });
    ([("etag", case.saved.clone())], Json(json!({ "data": { "caseInfo": shown } })))
}

fn object(body: &Bytes) -> Option<Map<String, Value>> {
    serde_json::from_slice(body).ok()
}
