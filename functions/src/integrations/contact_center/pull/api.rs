//! Routes of pulls.

use axum::Json;
use axum::extract::State;
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Missing, Query, Routes};
use utoipa_axum::routes;

use super::super::ContactCenter;
use super::job::pull_key;
use super::marks::Marks;
use super::start::NewPull;
use super::view::{PullState, PullView};
use crate::access::permission::{INTEGRATIONS_READ, INTEGRATIONS_SYNC};
use crate::bulk;
use crate::integrations::connections::{IntegrationType, OfConnection};

/// `/integrations/cc/pull`.
pub fn routes() -> Routes<ContactCenter> {
    Routes::new()
        .guarded(INTEGRATIONS_SYNC.of_people(), routes!(pull_contact_center))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_contact_center_pull))
}

/// Pulls what was from the contact centre.
///
/// Without a period it goes on from where the last pull ended, and a little before: see
/// `config.pull`. There is one at a time for a connection.
#[utoipa::path(post, path = "/integrations/cc/pull", tag = "contact center",
    params(OfConnection), request_body(content = Option<NewPull>,
        example = json!({ "kinds": ["agentCallsData"] })),
    responses((status = 200, body = PullView, description = "It has started"), Error, Missing,
        Conflict))]
async fn pull_contact_center(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    body: Option<JsonBody<NewPull>>,
) -> Result<Json<PullView>> {
    let new = body.map(|JsonBody(new)| new).unwrap_or_default();
    Ok(Json(PullView::of(center.pulls.start(&caller, of.named(), new).await?)))
}

/// Tells how far the contact centre is pulled, what came of the last pull, and when the next
/// one is due.
#[utoipa::path(get, path = "/integrations/cc/pull", tag = "contact center",
    params(OfConnection),
    responses((status = 200, body = PullState, description = "How far it is"), Error, Missing,
        Conflict))]
async fn get_contact_center_pull(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<OfConnection>,
) -> Result<Json<PullState>> {
    let (means, of) = (&center.pulls.means, (IntegrationType::ContactCenter, of.named()));
    let connection = means.connections.configured(&caller.tenant, of.0, of.1).await?;
    let marks = Marks::find(&means.table, &caller.tenant, &connection.id).await?;
    let last = match &marks.last {
        Some(id) => bulk::find(&means.table, &pull_key(&caller.tenant, &connection.id, id)).await?,
        None => None,
    };
    PullState::of(&connection, &marks, last, means.clock.now_ms()).map(Json)
}
