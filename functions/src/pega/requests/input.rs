//! What callers send: as query parameters, as the service before this one wanted it, or as
//! JSON; and the headers that say how.

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::idempotency::{IdempotencyKey, MAX_KEY};
use shared::web::{Caller, does_not_wait, path_segment};
use utoipa::{IntoParams, ToSchema};

use super::ask::Asked;
use super::operation::Operation;

/// The longest name of anything in Pega, in bytes.
const LONGEST_NAME: usize = 256;
/// The longest note, in characters.
const LONGEST_NOTE: usize = 4_000;

/// A new case, when the query does not name its type.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCaseBody {
    /// Its type, as Pega's id of it.
    #[serde(alias = "caseTypeID")]
    #[schema(example = "HRSR-Work")]
    case_type: String,
    /// What it begins with.
    #[schema(value_type = Option<Object>)]
    content: Option<Map<String, Json>>,
    /// The process it starts with.
    #[serde(alias = "processID")]
    process_id: Option<String>,
    /// The case that it belongs to.
    #[serde(alias = "parentCaseID")]
    parent_case_id: Option<String>,
}

/// A note, when it is not in the query.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteBody {
    /// What it says: 1 to 4,000 characters.
    #[serde(alias = "content", alias = "message")]
    #[schema(example = "Approved by telephone")]
    note: String,
}

/// How a case is created.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CreateParams {
    /// Its type, as Pega's id of it; the whole body is then what it begins with.
    case_type: Option<String>,
    /// Which Pega connection is meant, by its id or name, where there are several.
    environment: Option<String>,
}

/// How a case is changed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UpdateParams {
    /// The local action to change it by, instead of the usual one.
    action_id: Option<String>,
    /// Which Pega connection is meant, by its id or name, where there are several.
    environment: Option<String>,
}

/// How a note is left.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct NoteParams {
    /// What it says, if no body does: 1 to 4,000 characters.
    note: Option<String>,
    /// Which Pega connection is meant, by its id or name, where there are several.
    environment: Option<String>,
}

/// Where an action is run, or a case shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WhereParams {
    /// Which Pega connection is meant, by its id or name, where there are several.
    pub environment: Option<String>,
}

/// A body as it was sent.
pub(super) type Members = Option<Map<String, Json>>;

/// A new case.
pub(super) fn create(params: CreateParams, body: Members) -> Result<(Operation, Option<String>)> {
    let operation = match params.case_type {
        Some(case_type) => Operation::CreateCase {
            case_type: name("case_type", case_type)?,
            process_id: None,
            parent_case_id: None,
            content: body.unwrap_or_default(),
        },
        None => {
            let body: NewCaseBody = read(body)?;
            let optional =
                |field, given: Option<String>| given.map(|id| name(field, id)).transpose();
            Operation::CreateCase {
                case_type: name("case_type", body.case_type)?,
                process_id: optional("process_id", body.process_id)?,
                parent_case_id: optional("parent_case_id", body.parent_case_id)?,
                content: body.content.unwrap_or_default(),
            }
        }
    };
    Ok((operation, params.environment))
}

/// A change of a case.
pub(super) fn update(
    case_id: String,
    params: UpdateParams,
    content: Map<String, Json>,
) -> Result<(Operation, Option<String>)> {
    let case_id = name("case_id", case_id)?;
    let action_id = params.action_id.map(|id| name("action_id", id)).transpose()?;
    Ok((Operation::UpdateCase { case_id, action_id, content }, params.environment))
}

/// A note on a case.
pub(super) fn note(
    case_id: String,
    params: NoteParams,
    body: Members,
) -> Result<(Operation, Option<String>)> {
    let text = match (params.note, body.filter(|body| !body.is_empty())) {
        (Some(note), None) => note,
        (Some(_), Some(_)) => return Err(Error::invalid("note", "is given twice")),
        (None, body) => read::<NoteBody>(body)?.note,
    };
    let text = text.trim().to_owned();
    if text.is_empty() || text.chars().count() > LONGEST_NOTE {
        return Err(Error::invalid("note", format!("must have 1 to {LONGEST_NOTE} characters")));
    }
    Ok((Operation::AddNote { case_id: name("case_id", case_id)?, text }, params.environment))
}

/// An action to be run.
pub(super) fn action(
    case_id: String,
    action_id: String,
    params: WhereParams,
    content: Members,
) -> Result<(Operation, Option<String>)> {
    let (case_id, action_id) = (name("case_id", case_id)?, name("action_id", action_id)?);
    let content = content.unwrap_or_default();
    Ok((Operation::RunAction { case_id, action_id, content }, params.environment))
}

/// A name of something in Pega, as Pega will find it in a path.
pub(super) fn name(field: &str, given: String) -> Result<String> {
    let fits = (1..=LONGEST_NAME).contains(&given.len()) && !given.trim().is_empty();
    if !fits || given.chars().any(char::is_control) {
        let message = format!("must have 1 to {LONGEST_NAME} characters that can be printed");
        return Err(Error::invalid(field, message));
    }
    path_segment(field, &given)?;
    Ok(given)
}

/// What is asked, with what the headers say of it. A version means something only where a
/// version is compared.
pub(super) fn asked(
    by: &Caller,
    headers: &HeaderMap,
    (operation, environment): (Operation, Option<String>),
) -> Result<Asked> {
    let compares = matches!(operation, Operation::UpdateCase { .. } | Operation::RunAction { .. });
    let if_match = header(headers, "If-Match")?.filter(|version| compares && version != "*");
    let key = header(headers, "Idempotency-Key")?.map(|value| IdempotencyKey {
        sender: by.sender().unwrap_or_default().to_owned(),
        place: "pega-request",
        value,
    });
    Ok(Asked { operation, environment, if_match, key, later: does_not_wait(headers) })
}

/// A header's text, byte for byte.
fn header(headers: &HeaderMap, name: &str) -> Result<Option<String>> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| text.len() <= MAX_KEY);
    let text = text.ok_or_else(|| {
        let message = format!("must be at most {MAX_KEY} printable ASCII characters");
        Error::invalid(&format!("header {name}"), message)
    })?;
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// A body of a known shape.
fn read<T: for<'de> Deserialize<'de>>(body: Members) -> Result<T> {
    shared::web::of_members(body.unwrap_or_default())
}
