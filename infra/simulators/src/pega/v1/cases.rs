//! Cases of DX API v1: `POST /cases`, `GET /cases/{ID}`, `PUT /cases/{ID}` under `If-Match`,
//! `POST /assignments/{ID}`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::save::{Unsaved, actions, assignments, case_of, save};
use super::super::state::{Case, Known, State};
use super::super::types::{OF_ASSIGNMENTS, OF_CASES, TYPES, find};
use super::error::{blank, case_not_found, error, invalid, no_action, unsaved};

/// The query of a change.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct By {
    #[serde(rename = "actionID")]
    action: Option<String>,
}

/// Lists case types.
pub(super) async fn types() -> Response {
    let types: Vec<Value> = TYPES.iter().map(|one| json!({"ID": one.id, "name": one.id})).collect();
    Json(json!({"caseTypes": types, "pxObjClass": "Pega-API-CaseManagement"})).into_response()
}

/// Creates a case.
pub(super) async fn create(Extracted(state): Extracted<Arc<State>>, body: Bytes) -> Response {
    let Some(body) = object(&body) else { return invalid() };
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let Some(case_type) = text("caseTypeID") else {
        let message = "The parameter caseTypeID is required for this request";
        return error(StatusCode::BAD_REQUEST, "Pega_API_004", message);
    };
    let Some(case_type) = find(case_type) else {
        let message = "Case Type not found for the given parameter caseTypeID";
        return error(StatusCode::BAD_REQUEST, "Pega_API_008", message);
    };
    let content = body.get("content").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(property) = case_type.blank(&content) {
        return blank(property);
    }
    let mut known = state.locked();
    let id = known.create(case_type, text("parentCaseID").map(str::to_owned), content);
    let mut answer = json!({
        "ID": id, "nextPageID": "Confirm", "pxObjClass": "Pega-API-CaseManagement-Case",
    });
    if let Some(assignment) = known.cases[&id].assignment(&id) {
        answer["nextAssignmentID"] = json!(assignment);
    }
    let location = format!("/prweb/api/v1/cases/{}", id.replace(' ', "%20"));
    let headers = [("etag", etag(&known.cases[&id])), ("location", location)];
    (StatusCode::CREATED, headers, Json(answer)).into_response()
}

/// Shows a case.
pub(super) async fn read(
    Extracted(state): Extracted<Arc<State>>,
    Path(id): Path<String>,
) -> Response {
    let known = state.locked();
    let Some(case) = known.cases.get(&id) else { return case_not_found() };
    let mut content: Map<String, Value> =
        case.content.iter().map(|(name, value)| (name.clone(), as_text(value))).collect();
    content.insert("pzInsKey".to_owned(), json!(id));
    content.insert("pxUpdateCounter".to_owned(), json!(case.saves.to_string()));
    let answer = json!({
        "ID": id, "caseTypeID": case.case_type.id, "parentCaseID": case.parent,
        "status": case.status, "urgency": "10", "content": content, "actions": actions(),
        "assignments": assignments(&id, case), "pxObjClass": "Pega-API-CaseManagement-Case",
    });
    ([("etag", etag(case))], Json(answer)).into_response()
}

/// Changes a case that is still as the caller saw it.
pub(super) async fn update(
    Extracted(state): Extracted<Arc<State>>,
    Path(id): Path<String>,
    Query(by): Query<By>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if by.action.is_some_and(|action| !OF_CASES.contains(&action.as_str())) {
        return no_action();
    }
    let seen = headers.get("if-match").and_then(|value| value.to_str().ok());
    let Some(content) = content(&body) else { return invalid() };
    let same = |saved: &str| match seen {
        Some(seen) => Ok(seen == quoted(saved)),
        None => Err(Unsaved::NoVersion),
    };
    let mut known = state.locked();
    match save(&mut known, &id, &content, false, same) {
        Ok(()) => (StatusCode::NO_CONTENT, [("etag", etag(&known.cases[&id]))]).into_response(),
        Err(why) => unsaved(&why),
    }
}

/// Performs an action of an assignment, which ends it.
pub(super) async fn perform(
    Extracted(state): Extracted<Arc<State>>,
    Path(assignment): Path<String>,
    Query(by): Query<By>,
    body: Bytes,
) -> Response {
    let Some(action) = by.action else {
        let message = "The parameter actionID is required for this request";
        return error(StatusCode::BAD_REQUEST, "Pega_API_002", message);
    };
    let Some(content) = content(&body) else { return invalid() };
    let mut known = state.locked();
    let Some(id) = case_of(&known, &assignment) else { return no_assignment() };
    if !OF_ASSIGNMENTS.contains(&action.as_str()) {
        return no_action();
    }
    match save(&mut known, &id, &content, true, |_| Ok(true)) {
        Ok(()) => Json(json!({ "nextPageID": "Confirm" })).into_response(),
        Err(why) => unsaved(&why),
    }
}

/// Shows the form of an action of a case.
pub(super) async fn action(
    Extracted(state): Extracted<Arc<State>>,
    Path((id, action)): Path<(String, String)>,
) -> Response {
    let known: &Known = &state.locked();
    match known.cases.get(&id) {
        None => case_not_found(),
        Some(_) if !OF_CASES.contains(&action.as_str()) => no_action(),
        Some(_) => Json(json!({ "actionID": action, "caseID": id, "view": {} })).into_response(),
    }
}

fn no_assignment() -> Response {
    error(StatusCode::NOT_FOUND, "Pega_API_023", "No assignment is available")
}

/// This version has its ETags in quotes.
fn etag(case: &Case) -> String {
    quoted(&case.saved)
}

fn quoted(saved: &str) -> String {
    format!("\"{saved}\"")
}

fn content(body: &Bytes) -> Option<Map<String, Value>> {
    object(body)?.get("content")?.as_object().cloned()
}

fn object(body: &Bytes) -> Option<Map<String, Value>> {
    serde_json::from_slice(body).ok()
}

/// The clipboard has text alone.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.to_string().into(),
        Value::Bool(truth) => truth.to_string().into(),
        Value::Null => "".into(),
        Value::Array(items) => items.iter().map(as_text).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), as_text(value))).collect()
        }
        Value::String(_) => value.clone(),
    }
}
