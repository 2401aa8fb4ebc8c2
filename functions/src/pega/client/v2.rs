//! DX API v2 (Constellation): whatever is saved is saved by an action, of the case or of an
//! assignment, by `PATCH` under the ETag that a `GET` of the same action tells.

use serde_json::{Value as Json, json};
use shared::error::Result;
use shared::outbound::Method;
use shared::web::path_segment;

use super::manner::Paths;
use super::operations::NewCase;
use super::place::{Place, names};
use crate::integrations::connections::client::Request;

/// The local action that changes a case when no other one is named.
const USUAL_ACTION: &str = "pyUpdateCaseDetails";

/// Creates a case, without a view of it in the answer.
pub fn create(paths: &Paths, case: &NewCase) -> Request {
    Request::new(Method::POST, &paths.cases).query("viewType", "none").json(json!(case))
}

/// Shows a case, without a view.
pub fn show(paths: &Paths, case_id: &str) -> Result<Request> {
    Ok(Request::get(&of_case(paths, case_id)?).query("viewType", "none"))
}

/// What a shown case holds.
pub fn content(case: &Json) -> &Json {
    &case["data"]["caseInfo"]["content"]
}

/// Where a case is changed, by one of its actions or by the usual one.
pub fn place_of_update(paths: &Paths, case_id: &str, action: Option<&str>) -> Result<Place> {
    place(&of_case(paths, case_id)?, action.unwrap_or(USUAL_ACTION))
}

/// Where an action of this shown case is run: as its own, or as one of its assignments'.
pub fn place_of_action(
    paths: &Paths,
    case_id: &str,
    case: &Json,
    action: &str,
) -> Result<Option<Place>> {
    let case = &case["data"]["caseInfo"];
    if names(&case["availableActions"], action) {
        return place(&of_case(paths, case_id)?, action).map(Some);
    }
    let mut assignments = case["assignments"].as_array().into_iter().flatten();
    let offering = assignments.find(|assignment| names(&assignment["actions"], action));
    let Some(id) = offering.and_then(|assignment| assignment["ID"].as_str()) else {
        return Ok(None);
    };
    let assignment = format!("{}/{}", paths.assignments, path_segment("assignment", id)?);
    place(&assignment, action).map(Some)
}

/// Posts a message about a case.
pub fn post(paths: &Paths, case_id: &str, text: &str) -> Request {
    let message = json!({ "context": case_id, "message": text });
    Request::new(Method::POST, &paths.messages).json(message)
}

fn place(of: &str, action: &str) -> Result<Place> {
    let path = format!("{of}/actions/{}", path_segment("action_id", action)?);
    let told_at = path.clone();
    Ok(Place { method: Method::PATCH, path, action: None, told_at, guarded: true })
}

fn of_case(paths: &Paths, case_id: &str) -> Result<String> {
    Ok(format!("{}/{}", paths.cases, path_segment("case_id", case_id)?))
}
