//! DX API v1, as its Swagger describes it: cases are changed by `PUT` under `If-Match`,
//! their local actions as well, the actions of assignments by `POST` to the assignment.

use serde_json::{Value as Json, json};
use shared::error::Result;
use shared::outbound::Method;
use shared::web::path_segment;

use super::manner::Paths;
use super::operations::NewCase;
use super::place::{Place, names};
use crate::integrations::connections::client::Request;

/// Creates a case.
pub fn create(paths: &Paths, case: &NewCase) -> Request {
    Request::new(Method::POST, &paths.cases).json(json!(case))
}

/// Shows a case.
pub fn show(paths: &Paths, case_id: &str) -> Result<Request> {
    Ok(Request::get(&of_case(paths, case_id)?))
}

/// What a shown case holds.
pub fn content(case: &Json) -> &Json {
    &case["content"]
}

/// Where a case is changed, by one of its local actions or by the usual one.
pub fn place_of_update(paths: &Paths, case_id: &str, action: Option<&str>) -> Result<Place> {
    let path = of_case(paths, case_id)?;
    let (told_at, action) = (path.clone(), action.map(str::to_owned));
    Ok(Place { method: Method::PUT, path, action, told_at, guarded: true })
}

/// Where an action of this shown case is run: as its own, or as one of its assignments'.
pub fn place_of_action(
    paths: &Paths,
    case_id: &str,
    case: &Json,
    action: &str,
) -> Result<Option<Place>> {
    if names(&case["actions"], action) {
        return place_of_update(paths, case_id, Some(action)).map(Some);
    }
    let mut assignments = case["assignments"].as_array().into_iter().flatten();
    let offering = assignments.find(|assignment| names(&assignment["actions"], action));
    let Some(id) = offering.and_then(|assignment| assignment["ID"].as_str()) else {
        return Ok(None);
    };
    Ok(Some(Place {
        method: Method::POST,
        path: format!("{}/{}", paths.assignments, path_segment("assignment", id)?),
        action: Some(action.to_owned()),
        told_at: of_case(paths, case_id)?,
        guarded: false,
    }))
}

/// Posts a message about a case.
pub fn post(paths: &Paths, case_id: &str, text: &str) -> Request {
    let message = json!({ "postMessage": { "context": case_id, "message": text } });
    Request::new(Method::POST, &paths.messages).json(message)
}

fn of_case(paths: &Paths, case_id: &str) -> Result<String> {
    Ok(format!("{}/{}", paths.cases, path_segment("case_id", case_id)?))
}
