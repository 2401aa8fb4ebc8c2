//! Routes of a contact centre: what was and is, its people, its connection.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Missing, Query, Routes, to_the_second};
use utoipa_axum::routes;

use super::centre::CentreParam;
use super::client::CentrePersonnel;
use super::{ContactCenter, export, historic, online};
use crate::access::permission::{INTEGRATIONS_ADMIN, INTEGRATIONS_READ};
use crate::integrations::answer::IntegrationResponse;
use crate::integrations::connections::{
    ConnectionTestResponse, IntegrationStatus, IntegrationType, TestRequest,
};

const OF: IntegrationType = IntegrationType::ContactCenter;

/// `/integrations/cc`, and the same under `/api/v1`.
pub fn routes() -> Routes<ContactCenter> {
    Routes::new()
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_contact_center_status))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(configure_contact_center))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(test_contact_center))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_contact_center_people))
        .and(historic::api::routes())
        .and(online::api::routes())
        .and(export::api::routes())
        .also_under("/api/v1")
}

/// Tells how the connection to the contact centre is.
#[utoipa::path(get, path = "/integrations/cc/status", tag = "contact center",
    params(CentreParam),
    responses((status = 200, body = IntegrationStatus, description = "How it is"), Error,
        Conflict, Missing))]
async fn get_contact_center_status(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<CentreParam>,
) -> Result<Json<IntegrationStatus>> {
    let connections = &center.centres.connections;
    let of = connections.configured(&caller.tenant, OF, of.connection_id.as_deref()).await?;
    connections.status(&caller.tenant, &of.id).await.map(Json)
}

/// Replaces the settings of the contact centre's connection.
#[utoipa::path(put, path = "/integrations/cc/config", tag = "contact center",
    params(CentreParam), request_body(content = Object,
        example = json!({ "sync_interval": 900, "time_zone": "Europe/Moscow" })),
    responses((status = 200, body = IntegrationResponse, description = "What they are now"),
        Error, Conflict, Missing))]
async fn configure_contact_center(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<CentreParam>,
    JsonBody(given): JsonBody<Map<String, Value>>,
) -> Result<Json<IntegrationResponse>> {
    super::settings::check(&given)?;
    let connections = &center.centres.connections;
    let old = connections.configured(&caller.tenant, OF, of.connection_id.as_deref()).await?;
    let new = connections.configure(&caller, &old, given).await?;
    let data = json!({ "connection_id": new.id, "config": new.config()?.shown(),
        "updated_at": to_the_second(center.clock.now_ms()) });
    let message = "Contact Center configuration updated successfully";
    Ok(Json(IntegrationResponse::done(message, data, &center.clock, &caller.corr)))
}

/// Tests the connection to the contact centre.
///
/// Its status becomes active or error by what comes of it. The answer is a 200 in both cases.
#[utoipa::path(post, path = "/integrations/cc/test-connection", tag = "contact center",
    params(CentreParam), request_body(content = Option<TestRequest>,
        example = json!({ "test_type": "basic" })),
    responses((status = 200, body = ConnectionTestResponse, description = "What came of it"),
        Error, Conflict, Missing))]
async fn test_contact_center(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<CentreParam>,
    body: Option<JsonBody<TestRequest>>,
) -> Result<Json<ConnectionTestResponse>> {
    let connections = &center.centres.connections;
    let of = connections.configured(&caller.tenant, OF, of.connection_id.as_deref()).await?;
    let asked = body.map(|JsonBody(asked)| asked).unwrap_or_default();
    connections.test(&caller, &of.id, asked).await.map(Json)
}

/// Tells the contact centre's services, groups and agents, as it says at this moment.
#[utoipa::path(get, path = "/integrations/cc/personnel", tag = "contact center",
    params(CentreParam),
    responses((status = 200, body = CentrePersonnel, description = "People"),
        (status = 502, description = "The contact centre refuses"), Error, Conflict, Missing))]
async fn get_contact_center_people(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<CentreParam>,
) -> Result<Json<CentrePersonnel>> {
    let of = center.centres.one(&caller.tenant, of.connection_id.as_deref()).await?;
    center.client(&caller.tenant, &of).await?.personnel().await.map(Json)
}
