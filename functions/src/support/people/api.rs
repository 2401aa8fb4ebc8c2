//! Routes of answers, and of who answers for whom.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Missing, Path, Routes};
use utoipa_axum::routes;

use super::answer::{Answers, HilAnswer};
use super::delegations::{DelegationView, NewDelegation};
use crate::access::permission::{TICKETS_APPROVE, TICKETS_REQUEST};
use crate::support::tickets::TicketState;

/// `/support/hil` and `/support/delegations`.
pub fn routes() -> Routes<Answers> {
    Routes::new()
        .guarded(TICKETS_REQUEST.of_people().or(TICKETS_APPROVE), routes!(answer_ticket))
        .guarded(TICKETS_APPROVE.of_people(), routes!(list_delegations))
        .guarded(TICKETS_APPROVE.of_people(), routes!(set_delegation))
        .guarded(TICKETS_APPROVE.of_people(), routes!(remove_delegation))
}

/// Answers what a ticket waits for.
///
/// A question is answered by the employee, or by who may approve; an approval by those who
/// are asked, by whom they have answer for them, and by those who are asked when nobody
/// answers in time, but never by who asked for it.
#[utoipa::path(post, path = "/support/hil/{ticket_id}", tag = "support",
    params(("ticket_id" = String, Path, description = "The ticket's id")),
    request_body = HilAnswer,
    responses((status = 200, body = TicketState, description = "It was taken"), Error, Missing,
        Conflict))]
async fn answer_ticket(
    State(answers): State<Answers>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(answer): JsonBody<HilAnswer>,
) -> Result<Json<TicketState>> {
    Ok(Json(TicketState::of(&answers.answer(&caller, &id, &answer).await?)))
}

/// Lists who answers for whom, now or at another time.
#[utoipa::path(get, path = "/support/delegations", tag = "support",
    responses((status = 200, body = Vec<DelegationView>, description = "All of them"), Error))]
async fn list_delegations(
    State(answers): State<Answers>,
    caller: Caller,
) -> Result<Json<Vec<DelegationView>>> {
    answers.delegations.shown(&caller.tenant).await.map(Json)
}

/// Has somebody answer for an approver for some time, instead of whoever did.
#[utoipa::path(put, path = "/support/delegations/{approver_id}", tag = "support",
    params(("approver_id" = String, Path, description = "Who is away", example = "MANAGER001")),
    request_body = NewDelegation,
    responses((status = 200, body = DelegationView, description = "It holds"), Error))]
async fn set_delegation(
    State(answers): State<Answers>,
    caller: Caller,
    Path(approver): Path<String>,
    JsonBody(new): JsonBody<NewDelegation>,
) -> Result<Json<DelegationView>> {
    answers.delegations.set(&caller, &approver, &new).await.map(Json)
}

/// Has nobody answer for an approver any more.
#[utoipa::path(delete, path = "/support/delegations/{approver_id}", tag = "support",
    params(("approver_id" = String, Path, description = "Who was away", example = "MANAGER001")),
    responses((status = 204, description = "It is gone"), Error))]
async fn remove_delegation(
    State(answers): State<Answers>,
    caller: Caller,
    Path(approver): Path<String>,
) -> Result<StatusCode> {
    answers.delegations.remove(&caller, &approver).await?;
    Ok(StatusCode::NO_CONTENT)
}
