//! Routes of what is asked of Pega, and of what became of it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::error::{Error, Result};
use shared::web::{
    Caller, Conflict, JsonBody, Page, Path, Problem, Query, Routes, next_link, page_limit,
};
use utoipa::{IntoParams, IntoResponses};
use utoipa_axum::routes;

use super::answer::{self, Accepted, Success};
use super::input::{
    self, CreateParams, Members, NewCaseBody, NoteBody, NoteParams, UpdateParams, WhereParams,
};
use super::list::Filter;
use super::model::Status;
use super::operation::Operation;
use super::store::PegaRequests;
use super::view::{PegaRequestDetails, PegaRequestView};
use crate::access::permission::{EVENTS_READ, EVENTS_WRITE};

/// The routes.
pub fn routes() -> Routes<PegaRequests> {
    Routes::new()
        .guarded(EVENTS_WRITE.of_people(), routes!(create_pega_case))
        .guarded(EVENTS_WRITE.of_people(), routes!(update_pega_case))
        .guarded(EVENTS_READ.of_people(), routes!(show_pega_case))
        .guarded(EVENTS_WRITE.of_people(), routes!(add_pega_note))
        .guarded(EVENTS_WRITE.of_people(), routes!(run_pega_action))
        .guarded(EVENTS_READ.of_people(), routes!(list_pega_requests))
        .guarded(EVENTS_READ.of_people(), routes!(find_pega_request))
        .guarded(EVENTS_WRITE.of_people(), routes!(retry_pega_request))
}

/// What Pega's refusals become.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only documents")]
enum Refused {
    /// Somebody saved the case since the version that was seen (`stale_version`), or the first
    /// request under the idempotency key is still under way (`conflict`)
    #[response(status = 409, content_type = "application/problem+json")]
    Stale(Problem),
    /// Somebody has the case open in Pega
    #[response(status = 423, content_type = "application/problem+json")]
    Locked(Problem),
    /// Pega refused, which is no fault of the caller's
    #[response(status = 502, content_type = "application/problem+json")]
    Elsewhere(Problem),
    /// It is not known whether Pega did it; the request in `Location` tells more
    #[response(status = 504, content_type = "application/problem+json")]
    Unknown(Problem),
}

/// Headers of everything that is asked of Pega.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only documents")]
struct Headers {
    /// A request repeated under the same key is answered with what came of the first.
    #[serde(rename = "Idempotency-Key")]
    #[param(max_length = 255)]
    idempotency_key: Option<String>,
    /// `respond-async`: the answer is 202 at once, and Pega is asked as often as it takes.
    #[serde(rename = "Prefer")]
    prefer: Option<String>,
}

/// The version that the caller saw.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only documents")]
struct Version {
    /// The `ETag` of the case as the caller saw it, byte for byte.
    #[serde(rename = "If-Match")]
    #[param(max_length = 255)]
    if_match: Option<String>,
}

/// Creates a case in Pega.
///
/// The type is in the query and the whole body is what the case begins with, or the body
/// says both.
#[utoipa::path(post, path = "/pega/case", tag = "pega", params(CreateParams, Headers),
    request_body(content = NewCaseBody),
    responses(
        (status = 200, body = Success, description = "Created"),
        (status = 202, body = Accepted, description = "It will be, as preferred"),
        Refused, Error,
    ))]
async fn create_pega_case(
    State(requests): State<PegaRequests>,
    caller: Caller,
    headers: HeaderMap,
    Query(params): Query<CreateParams>,
    body: Option<JsonBody<Members>>,
) -> Result<Response> {
    let asked = input::create(params, body.and_then(|body| body.0))?;
    answer_to(&requests, &caller, &headers, asked).await
}

/// Changes a case in Pega.
///
/// Over the version of `If-Match`, or else over the one that the case has now; if somebody
/// saves it in between, nothing is changed and the answer is 409.
#[utoipa::path(put, path = "/pega/case/{case_id}", tag = "pega",
    params(("case_id" = String, Path, description = "The case's key, with its class",
        example = "HRSR-WORK C-1"), UpdateParams, Headers, Version),
    request_body(content = Object),
    responses(
        (status = 200, body = Success, description = "Changed"),
        (status = 202, body = Accepted, description = "It will be, as preferred"),
        Refused, Error,
    ))]
async fn update_pega_case(
    State(requests): State<PegaRequests>,
    caller: Caller,
    headers: HeaderMap,
    Path(case_id): Path<String>,
    Query(params): Query<UpdateParams>,
    JsonBody(content): JsonBody<Map<String, Value>>,
) -> Result<Response> {
    let asked = input::update(case_id, params, content)?;
    answer_to(&requests, &caller, &headers, asked).await
}

/// Shows a case as Pega does.
///
/// The header `ETag` is its version.
#[utoipa::path(get, path = "/pega/case/{case_id}", tag = "pega",
    params(("case_id" = String, Path, description = "The case's key, with its class",
        example = "HRSR-WORK C-1"), WhereParams),
    responses((status = 200, body = Success, description = "The case"), Refused, Error))]
async fn show_pega_case(
    State(requests): State<PegaRequests>,
    caller: Caller,
    Path(case_id): Path<String>,
    Query(params): Query<WhereParams>,
) -> Result<Response> {
    let case_id = input::name("case_id", case_id)?;
    let taken = requests.show(&caller, &case_id, params.environment.as_deref()).await?;
    Ok(answer::shown(taken.answer, taken.etag.as_deref()))
}

/// Leaves a note on a case in Pega.
#[utoipa::path(post, path = "/pega/case/{case_id}/note", tag = "pega",
    params(("case_id" = String, Path, description = "The case's key, with its class",
        example = "HRSR-WORK C-1"), NoteParams, Headers),
    request_body(content = Option<NoteBody>),
    responses(
        (status = 200, body = Success, description = "Added"),
        (status = 202, body = Accepted, description = "It will be, as preferred"),
        Refused, Error,
    ))]
async fn add_pega_note(
    State(requests): State<PegaRequests>,
    caller: Caller,
    headers: HeaderMap,
    Path(case_id): Path<String>,
    Query(params): Query<NoteParams>,
    body: Option<JsonBody<Members>>,
) -> Result<Response> {
    let asked = input::note(case_id, params, body.and_then(|body| body.0))?;
    answer_to(&requests, &caller, &headers, asked).await
}

/// Runs an action of a case in Pega, or of one of its assignments.
///
/// The body, if there is one, is what the action is given.
#[utoipa::path(post, path = "/pega/case/{case_id}/action/{action_id}", tag = "pega",
    params(("case_id" = String, Path, description = "The case's key, with its class",
        example = "HRSR-WORK C-1"),
        ("action_id" = String, Path, description = "The action", example = "Escalate"),
        WhereParams, Headers, Version),
    request_body(content = Option<Object>),
    responses(
        (status = 200, body = Success, description = "Run"),
        (status = 202, body = Accepted, description = "It will be, as preferred"),
        Refused, Error,
    ))]
async fn run_pega_action(
    State(requests): State<PegaRequests>,
    caller: Caller,
    headers: HeaderMap,
    Path((case_id, action_id)): Path<(String, String)>,
    Query(params): Query<WhereParams>,
    body: Option<JsonBody<Members>>,
) -> Result<Response> {
    let asked = input::action(case_id, action_id, params, body.and_then(|body| body.0))?;
    answer_to(&requests, &caller, &headers, asked).await
}

/// Which requests are listed; all that is given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// How many, 1 to 100; 10 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Only those that stand so.
    #[param(inline)]
    status: Option<Status>,
    /// Only those about this case.
    case_id: Option<String>,
    /// Where to go on: what the `Link` header of the page before says.
    cursor: Option<String>,
}

/// Lists what was asked of Pega, newest first.
///
/// The next page's address is in the `Link` header (`rel="next"`).
#[utoipa::path(get, path = "/pega/requests", tag = "pega", params(ListParams),
    responses((status = 200, body = Vec<PegaRequestView>, description = "One page"), Error))]
async fn list_pega_requests(
    State(requests): State<PegaRequests>,
    caller: Caller,
    uri: Uri,
    Query(params): Query<ListParams>,
) -> Result<Page<PegaRequestView>> {
    let (rows, next) = requests.log.list(&caller.tenant, &params.filter()?).await?;
    let items = rows.iter().map(PegaRequestView::of).collect::<Result<_>>()?;
    Ok(Page { items, next: next.map(|id| next_link::<ListParams>(&uri, &id.to_string())) })
}

/// Shows what was asked of Pega, and what came of it.
#[utoipa::path(get, path = "/pega/requests/{request_id}", tag = "pega",
    params(("request_id" = i64, Path, description = "The request's number", example = 1)),
    responses((status = 200, body = PegaRequestDetails, description = "The request"), Error))]
async fn find_pega_request(
    State(requests): State<PegaRequests>,
    caller: Caller,
    Path(request_id): Path<i64>,
) -> Result<Json<PegaRequestDetails>> {
    let row = requests.find(&caller.tenant, request_id).await?;
    let operation = row.operation(&requests.table).await?;
    Ok(Json(PegaRequestDetails::of(&row, &operation)?))
}

/// Has a request that failed made again.
///
/// One of which nobody knows what came of it may be done twice then: look at the case first.
#[utoipa::path(post, path = "/pega/requests/{request_id}/retry", tag = "pega",
    params(("request_id" = i64, Path, description = "The request's number", example = 1)),
    responses((status = 202, body = Accepted, description = "It will be"), Conflict, Error))]
async fn retry_pega_request(
    State(requests): State<PegaRequests>,
    caller: Caller,
    Path(request_id): Path<i64>,
) -> Result<Response> {
    requests.retry(&caller, request_id).await?;
    Ok(answer::accepted(request_id))
}

/// Asks Pega, and tells the caller what came of it.
async fn answer_to(
    requests: &PegaRequests,
    caller: &Caller,
    headers: &HeaderMap,
    asked: (Operation, Option<String>),
) -> Result<Response> {
    let asked = input::asked(caller, headers, asked)?;
    let operation = asked.operation.clone();
    answer::of(&requests.ask(caller, asked).await?, &operation)
}

impl ListParams {
    fn filter(self) -> Result<Filter> {
        let cursor = self.cursor.map(|cursor| {
            let number = cursor.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| Error::invalid("cursor", "is not one that was given out"))
        });
        Ok(Filter {
            limit: page_limit(self.limit, 10, 100)?,
            status: self.status,
            case_id: self.case_id,
            before: cursor.transpose()?,
        })
    }
}
