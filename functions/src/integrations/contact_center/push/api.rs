//! The route that is pushed to.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use shared::error::{Error, Result};
use shared::web::{Body, Caller, Conflict, Missing, Query, Routes};
use utoipa_axum::routes;

use super::PushIntake;
use super::body::{StatusPush, read};
use crate::access::permission::INTEGRATIONS_WRITE;
use crate::integrations::answer::IntegrationResponse;
use crate::integrations::connections::OfConnection;

/// The largest body, in bytes: 1,000 changes.
const LARGEST: usize = 1024 * 1024;

/// `POST /integrations/cc/status`, and the same under `/api/v1`.
pub fn routes() -> Routes<PushIntake> {
    let guard = INTEGRATIONS_WRITE.of_people().with_body(LARGEST);
    Routes::new().guarded(guard, routes!(push_agent_status)).also_under("/api/v1")
}

/// Takes changes of agents' statuses, one or up to 1,000.
///
/// They are on record before the answer. The same one twice is one; an older one never takes
/// the place of a newer one, and stands in the history all the same.
#[utoipa::path(post, path = "/integrations/cc/status", tag = "contact center",
    params(OfConnection), request_body(content = StatusPush, example = json!({
        "agent_id": "agent123", "status": "available", "timestamp": "2024-01-15T10:30:00Z" })),
    responses((status = 202, body = IntegrationResponse, description = "Taken"), Error, Conflict,
        Missing))]
async fn push_agent_status(
    State(intake): State<PushIntake>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    body: Body,
) -> Result<(StatusCode, Json<IntegrationResponse>)> {
    let pushed = read(&body.bytes, intake.clock.now_ms())?;
    let data = json!({ "accepted": pushed.len() });
    intake.take(&caller.tenant, of.named(), pushed).await?;
    let message = "Real-time status processed successfully";
    let answer = IntegrationResponse::done(message, data, &intake.clock, &caller.corr);
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
