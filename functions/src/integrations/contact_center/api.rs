//! Routes of a contact centre: what was and is, its people, its connection.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Missing, Query, Routes};
use utoipa_axum::routes;

use super::client::CentrePersonnel;
use super::{ContactCenter, historic, online, pull, validate};
use crate::access::permission::{INTEGRATIONS_ADMIN, INTEGRATIONS_READ};
use crate::integrations::answer::IntegrationResponse;
use crate::integrations::connections::{
    ConnectionTestResponse, IntegrationStatus, IntegrationType, OfConnection, TestRequest,
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
        .and(validate::api::routes())
        .and(pull::api::routes())
        .also_under("/api/v1")
}

/// Tells how the connection to the contact centre is.
#[utoipa::path(get, path = "/integrations/cc/status", tag = "contact center",
    params(OfConnection),
    responses((status = 200, body = IntegrationStatus, description = "How it is"), Error,
        Conflict, Missing))]
async fn get_contact_center_status(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<OfConnection>,
) -> Result<Json<IntegrationStatus>> {
    center.centres.connections.status_of(&caller, OF, of.named()).await.map(Json)
}

/// Replaces the settings of the contact centre's connection.
#[utoipa::path(put, path = "/integrations/cc/config", tag = "contact center",
    params(OfConnection), request_body(content = Object,
        example = json!({ "sync_interval": 900, "time_zone": "Europe/Moscow" })),
    responses((status = 200, body = IntegrationResponse, description = "What they are now"),
        Error, Conflict, Missing))]
async fn configure_contact_center(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    JsonBody(given): JsonBody<Map<String, Value>>,
) -> Result<Json<IntegrationResponse>> {
    center.centres.connections.configure(&caller, OF, of.named(), given).await.map(Json)
}

/// Tests the connection to the contact centre.
///
/// Its status becomes active or error by what comes of it. The answer is a 200 in both cases.
#[utoipa::path(post, path = "/integrations/cc/test-connection", tag = "contact center",
    params(OfConnection), request_body(content = Option<TestRequest>,
        example = json!({ "test_type": "basic" })),
    responses((status = 200, body = ConnectionTestResponse, description = "What came of it"),
        Error, Conflict, Missing))]
async fn test_contact_center(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    body: Option<JsonBody<TestRequest>>,
) -> Result<Json<ConnectionTestResponse>> {
    let asked = body.map(|JsonBody(asked)| asked).unwrap_or_default();
    center.centres.connections.test_of(&caller, OF, of.named(), asked).await.map(Json)
}

/// Tells the contact centre's services, groups and agents, as it says at this moment.
#[utoipa::path(get, path = "/integrations/cc/personnel", tag = "contact center",
    params(OfConnection),
    responses((status = 200, body = CentrePersonnel, description = "People"),
        (status = 502, description = "The contact centre refuses"), Error, Conflict, Missing))]
async fn get_contact_center_people(
    State(center): State<ContactCenter>,
    caller: Caller,
    Query(of): Query<OfConnection>,
) -> Result<Json<CentrePersonnel>> {
    let of = center.centres.one(&caller.tenant, of.named()).await?;
    Ok(Json(center.client(&caller.tenant, &of).await?.personnel().await?))
}
