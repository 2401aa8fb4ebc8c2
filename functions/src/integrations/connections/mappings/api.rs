//! Routes of mappings.

use axum::Json;
use axum::extract::State;
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Path, Query, Routes};
use utoipa_axum::routes;

use super::super::Connections;
use super::change::{MappingUpdate, NewMapping, Rollback};
use super::dry_run::{DryRunRequest, DryRunResponse};
use super::read::{Place, VersionFilter};
use super::view::MappingView;
use crate::access::Done;
use crate::access::permission::{INTEGRATIONS_READ, INTEGRATIONS_WRITE};

/// Adds them to the routes of connections.
pub fn add(routes: Routes<Connections>) -> Routes<Connections> {
    routes
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_mappings))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(create_mapping))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(update_mapping))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(remove_mapping))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_mapping_versions))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(rollback_mapping))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(dry_run_mapping))
}

/// Lists a connection's mappings.
#[utoipa::path(get, path = "/integrations/connections/{connection_id}/mappings",
    tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
        example = "00000000-0000-7000-8000-000000000001")),
    responses((status = 200, body = Vec<MappingView>, description = "Its mappings"), Error))]
async fn list_mappings(
    State(connections): State<Connections>,
    caller: Caller,
    Path(connection_id): Path<String>,
) -> Result<Json<Vec<MappingView>>> {
    let found = connections.mappings(&caller.tenant, &connection_id).await?;
    found.into_iter().map(MappingView::of).collect::<Result<_>>().map(Json)
}

/// Creates a mapping.
#[utoipa::path(post, path = "/integrations/connections/{connection_id}/mappings",
    tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
        example = "00000000-0000-7000-8000-000000000001")),
    request_body = NewMapping,
    responses((status = 200, body = MappingView, description = "Created"), Error, Conflict))]
async fn create_mapping(
    State(connections): State<Connections>,
    caller: Caller,
    Path(connection_id): Path<String>,
    JsonBody(new): JsonBody<NewMapping>,
) -> Result<Json<MappingView>> {
    let made = connections.create_mapping(&caller, &connection_id, new).await?;
    MappingView::of(made).map(Json)
}

/// Changes a mapping, which makes a new version of it.
#[utoipa::path(put, path = "/integrations/connections/{connection_id}/mappings/{mapping_id}",
    tag = "integrations", params(Place), request_body = MappingUpdate,
    responses((status = 200, body = MappingView, description = "What it is now"), Error,
        Conflict))]
async fn update_mapping(
    State(connections): State<Connections>,
    caller: Caller,
    Path(place): Path<Place>,
    JsonBody(update): JsonBody<MappingUpdate>,
) -> Result<Json<MappingView>> {
    let changed = connections.update_mapping(&caller, &place, update).await?;
    MappingView::of(changed).map(Json)
}

/// Deletes a mapping and its versions.
#[utoipa::path(delete, path = "/integrations/connections/{connection_id}/mappings/{mapping_id}",
    tag = "integrations",
    params(("connection_id" = String, Path, description = "The connection's id", format = "uuid",
            example = "00000000-0000-7000-8000-000000000001"),
        ("mapping_id" = String, Path, description = "The mapping's id", format = "uuid",
            example = "00000000-0000-7000-8000-000000000004")),
    responses((status = 200, body = Done, description = "Deleted"), Error, Conflict))]
async fn remove_mapping(
    State(connections): State<Connections>,
    caller: Caller,
    Path(place): Path<Place>,
) -> Result<Json<Done>> {
    connections.remove_mapping(&caller, &place).await?;
    Ok(Json(Done { message: "Mapping deleted" }))
}

/// Lists a mapping's versions, newest first.
#[utoipa::path(get,
    path = "/integrations/connections/{connection_id}/mappings/{mapping_id}/versions",
    tag = "integrations", params(Place, VersionFilter),
    responses((status = 200, body = Vec<MappingView>, description = "Its versions"), Error))]
async fn list_mapping_versions(
    State(connections): State<Connections>,
    caller: Caller,
    Path(place): Path<Place>,
    Query(filter): Query<VersionFilter>,
) -> Result<Json<Vec<MappingView>>> {
    let found = connections.versions(&caller.tenant, &place, &filter).await?;
    found.into_iter().map(MappingView::of).collect::<Result<_>>().map(Json)
}

/// Takes an old version of a mapping back, which makes a new one.
#[utoipa::path(post,
    path = "/integrations/connections/{connection_id}/mappings/{mapping_id}/rollback",
    tag = "integrations", params(Place), request_body = Rollback,
    responses((status = 200, body = MappingView, description = "What it is now"), Error,
        Conflict))]
async fn rollback_mapping(
    State(connections): State<Connections>,
    caller: Caller,
    Path(place): Path<Place>,
    JsonBody(to): JsonBody<Rollback>,
) -> Result<Json<MappingView>> {
    let changed = connections.roll_mapping_back(&caller, &place, &to).await?;
    MappingView::of(changed).map(Json)
}

/// Tries a mapping on records, and writes nothing.
#[utoipa::path(post,
    path = "/integrations/connections/{connection_id}/mappings/{mapping_id}/dry-run",
    tag = "integrations", params(Place), request_body = Option<DryRunRequest>,
    responses((status = 200, body = DryRunResponse, description = "What becomes of them"),
        Error))]
async fn dry_run_mapping(
    State(connections): State<Connections>,
    caller: Caller,
    Path(place): Path<Place>,
    body: Option<JsonBody<DryRunRequest>>,
) -> Result<Json<DryRunResponse>> {
    let asked = body.map(|JsonBody(asked)| asked).unwrap_or_default();
    connections.try_mapping(&caller.tenant, &place, asked).await.map(Json)
}
