//! Routes of connections.

use axum::Json;
use axum::extract::State;
use serde_json::json;
use shared::error::{Error, Result};
use shared::web::{Caller, Changed, Conflict, JsonBody, Path, Query, Routes};
use utoipa_axum::routes;

use super::Connections;
use super::create::NewConnection;
use super::health::ConnectionsHealth;
use super::list::{ConnectionFilter, SyncLogFilter};
use super::mappings;
use super::status::IntegrationStatus;
use super::test::{ConnectionTestResponse, TestRequest};
use super::update::ConnectionUpdate;
use super::uptime::{UptimeFilter, UptimeView};
use super::view::{ConnectionView, SyncLogList};
use crate::access::permission::{INTEGRATIONS_ADMIN, INTEGRATIONS_READ, INTEGRATIONS_WRITE};
use crate::integrations::answer::IntegrationResponse;

/// `/integrations/connections`, and the same under `/api/v1`.
pub fn routes() -> Routes<Connections> {
    let own = Routes::new()
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_connections))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(create_connection))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_connections_health))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_connection))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(update_connection))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(remove_connection))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(test_connection))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_connection_status))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_sync_logs))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_connection_uptime));
    mappings::api::add(own).also_under("/api/v1")
}

/// Lists the tenant's connections, newest first.
#[utoipa::path(get, path = "/integrations/connections", tag = "integrations",
    params(ConnectionFilter),
    responses((status = 200, body = Vec<ConnectionView>, description = "Connections"), Error))]
async fn list_connections(
    State(connections): State<Connections>,
    caller: Caller,
    Query(filter): Query<ConnectionFilter>,
) -> Result<Json<Vec<ConnectionView>>> {
    let found = connections.list(&caller.tenant, &filter).await?.into_iter();
    let views = found.map(|connection| ConnectionView::of(&caller.tenant, connection));
    views.collect::<Result<_>>().map(Json)
}

/// Creates a connection.
///
/// It is inactive until a test goes well or its status is set to active.
#[utoipa::path(post, path = "/integrations/connections", tag = "integrations",
    request_body = NewConnection,
    responses((status = 200, body = ConnectionView, description = "Created"), Error, Conflict))]
async fn create_connection(
    State(connections): State<Connections>,
    caller: Caller,
    JsonBody(new): JsonBody<NewConnection>,
) -> Result<Json<ConnectionView>> {
    let made = connections.create(&caller, new).await?;
    ConnectionView::of(&caller.tenant, made).map(Json)
}

/// Tells how the tenant's connections are together.
#[utoipa::path(get, path = "/integrations/connections/health", tag = "integrations",
    responses((status = 200, body = ConnectionsHealth, description = "How they are"), Error))]
async fn get_connections_health(
    State(connections): State<Connections>,
    caller: Caller,
) -> Result<Json<ConnectionsHealth>> {
    connections.health(&caller.tenant).await.map(Json)
}

/// Shows one connection.
#[utoipa::path(get, path = "/integrations/connections/{connection_id}", tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
        example = "00000000-0000-7000-8000-000000000001")),
    responses((status = 200, body = ConnectionView, description = "The connection"), Error))]
async fn find_connection(
    State(connections): State<Connections>,
    caller: Caller,
    Path(connection_id): Path<String>,
) -> Result<Json<ConnectionView>> {
    let found = connections.find(&caller.tenant, &connection_id).await?;
    ConnectionView::of(&caller.tenant, found).map(Json)
}

/// Changes a connection.
///
/// What is not named stays as it is.
#[utoipa::path(put, path = "/integrations/connections/{connection_id}", tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
        example = "00000000-0000-7000-8000-000000000001")),
    request_body = ConnectionUpdate,
    responses((status = 200, body = ConnectionView, description = "What it is now"), Error,
        Conflict))]
async fn update_connection(
    State(connections): State<Connections>,
    caller: Caller,
    Path(connection_id): Path<String>,
    Changed(update): Changed<ConnectionUpdate>,
) -> Result<Json<ConnectionView>> {
    let changed = connections.update(&caller, &connection_id, update).await?;
    ConnectionView::of(&caller.tenant, changed).map(Json)
}

/// Deletes a connection.
///
/// One with sync logs stays and is deactivated.
#[utoipa::path(delete, path = "/integrations/connections/{connection_id}", tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
        example = "00000000-0000-7000-8000-000000000002")),
    responses((status = 200, body = IntegrationResponse, description = "Deleted or deactivated"),
        Error, Conflict))]
async fn remove_connection(
    State(connections): State<Connections>,
    caller: Caller,
    Path(connection_id): Path<String>,
) -> Result<Json<IntegrationResponse>> {
    let (id, action) = connections.remove(&caller, &connection_id).await?;
    let data = json!({ "connection_id": id, "action": action });
    Ok(Json(IntegrationResponse::done(action.told(), data, &connections.clock, &caller.corr)))
}

/// Tests a connection.
///
/// Its status becomes active or error by what comes of it. The answer is a 200 in both
/// cases; connections of type `ldap` cannot be tested.
#[utoipa::path(post, path = "/integrations/connections/{connection_id}/test",
    tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
        example = "00000000-0000-7000-8000-000000000001")),
    request_body = Option<TestRequest>,
    responses((status = 200, body = ConnectionTestResponse, description = "What came of it"),
        Error, Conflict))]
async fn test_connection(
    State(connections): State<Connections>,
    caller: Caller,
    Path(connection_id): Path<String>,
    body: Option<JsonBody<TestRequest>>,
) -> Result<Json<ConnectionTestResponse>> {
    let asked = body.map(|JsonBody(asked)| asked).unwrap_or_default();
    connections.test(&caller, &connection_id, asked).await.map(Json)
}

/// Tells how a connection is.
#[utoipa::path(get, path = "/integrations/connections/{connection_id}/status",
    tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
        example = "00000000-0000-7000-8000-000000000001")),
    responses((status = 200, body = IntegrationStatus, description = "How it is"), Error))]
async fn get_connection_status(
    State(connections): State<Connections>,
    caller: Caller,
    Path(connection_id): Path<String>,
) -> Result<Json<IntegrationStatus>> {
    connections.status(&caller.tenant, &connection_id).await.map(Json)
}

/// Lists what was synchronised over a connection, newest first.
#[utoipa::path(get, path = "/integrations/connections/{connection_id}/sync-logs",
    tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
        example = "00000000-0000-7000-8000-000000000001"), SyncLogFilter),
    responses((status = 200, body = SyncLogList, description = "Its sync logs"), Error))]
async fn list_sync_logs(
    State(connections): State<Connections>,
    caller: Caller,
    Path(connection_id): Path<String>,
    Query(filter): Query<SyncLogFilter>,
) -> Result<Json<SyncLogList>> {
    connections.sync_logs(&caller.tenant, &connection_id, &filter).await.map(Json)
}

/// Tells how long a connection was in which status.
#[utoipa::path(get, path = "/integrations/connections/{connection_id}/uptime",
    tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
        example = "00000000-0000-7000-8000-000000000001"), UptimeFilter),
    responses((status = 200, body = UptimeView, description = "Its statuses"), Error))]
async fn get_connection_uptime(
    State(connections): State<Connections>,
    caller: Caller,
    Path(connection_id): Path<String>,
    Query(filter): Query<UptimeFilter>,
) -> Result<Json<UptimeView>> {
    connections.uptime(&caller.tenant, &connection_id, filter.days).await.map(Json)
}
