//! Routes of sources.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Path, Routes};
use utoipa_axum::routes;

use super::Sources;
use super::register::NewSource;
use super::rotate::Rotation;
use super::view::{NewSourceView, SourceView};
use crate::access::Done;
use crate::access::permission::ADMIN;

/// `/api/v1/sources`.
pub fn routes() -> Routes<Sources> {
    Routes::new()
        .guarded(ADMIN.of_admins(), routes!(create_source))
        .guarded(ADMIN.of_admins(), routes!(list_sources))
        .guarded(ADMIN.of_admins(), routes!(find_source))
        .guarded(ADMIN.of_admins(), routes!(remove_source))
        .guarded(ADMIN.of_admins(), routes!(toggle_source))
        .guarded(ADMIN.of_admins(), routes!(rotate_source))
}

/// Registers a source of events, and shows its secrets this once.
#[utoipa::path(post, path = "/api/v1/sources", tag = "access", request_body = NewSource,
    responses((status = 201, body = NewSourceView, description = "Registered"), Error, Conflict))]
async fn create_source(
    State(sources): State<Sources>,
    caller: Caller,
    JsonBody(new): JsonBody<NewSource>,
) -> Result<(StatusCode, Json<NewSourceView>)> {
    let (source, shown) = sources.register(&caller, new).await?;
    let view = SourceView::of(source, Default::default()).with(shown);
    Ok((StatusCode::CREATED, Json(view)))
}

/// Lists the tenant's sources, by name.
#[utoipa::path(get, path = "/api/v1/sources", tag = "access",
    responses((status = 200, body = Vec<SourceView>, description = "All sources"), Error))]
async fn list_sources(
    State(sources): State<Sources>,
    caller: Caller,
) -> Result<Json<Vec<SourceView>>> {
    let mut used = sources.usage.totals(&caller.tenant, "source:").await?;
    let found = sources.list(&caller.tenant).await?.into_iter();
    let views = found.map(|source| {
        let used = used.remove(&source.actor()).unwrap_or_default();
        SourceView::of(source, used)
    });
    Ok(Json(views.collect()))
}

/// Shows one source.
#[utoipa::path(get, path = "/api/v1/sources/{source_name}", tag = "access",
    params(("source_name" = String, Path, description = "The source's name", example = "hr")),
    responses((status = 200, body = SourceView, description = "The source"), Error))]
async fn find_source(
    State(sources): State<Sources>,
    caller: Caller,
    Path(source_name): Path<String>,
) -> Result<Json<SourceView>> {
    let source = sources.find(&caller.tenant, &source_name).await?;
    sources.show(&caller, source).await.map(Json)
}

/// Removes a source and its credentials.
///
/// Its requests are refused everywhere within fifteen seconds; its events stay.
#[utoipa::path(delete, path = "/api/v1/sources/{source_name}", tag = "access",
    params(("source_name" = String, Path, description = "The source's name", example = "hr")),
    responses((status = 200, body = Done, description = "Removed"), Error, Conflict))]
async fn remove_source(
    State(sources): State<Sources>,
    caller: Caller,
    Path(source_name): Path<String>,
) -> Result<Json<Done>> {
    sources.remove(&caller, &source_name).await?;
    Ok(Json(Done { message: "Source removed" }))
}

/// Switches an active source off, an inactive one on.
#[utoipa::path(patch, path = "/api/v1/sources/{source_name}/toggle", tag = "access",
    params(("source_name" = String, Path, description = "The source's name", example = "hr")),
    responses((status = 200, body = SourceView, description = "What it is now"), Error, Conflict))]
async fn toggle_source(
    State(sources): State<Sources>,
    caller: Caller,
    Path(source_name): Path<String>,
) -> Result<Json<SourceView>> {
    let source = sources.toggle(&caller, &source_name).await?;
    sources.show(&caller, source).await.map(Json)
}

/// Gives a source a new secret, and shows it this once.
///
/// The old one stays valid for the grace period.
#[utoipa::path(post, path = "/api/v1/sources/{source_name}/rotate", tag = "access",
    params(("source_name" = String, Path, description = "The source's name", example = "hr")),
    request_body = Rotation,
    responses((status = 200, body = NewSourceView, description = "Renewed"), Error, Conflict))]
async fn rotate_source(
    State(sources): State<Sources>,
    caller: Caller,
    Path(source_name): Path<String>,
    JsonBody(rotation): JsonBody<Rotation>,
) -> Result<Json<NewSourceView>> {
    let (source, shown) = sources.rotate(&caller, &source_name, rotation).await?;
    Ok(Json(sources.show(&caller, source).await?.with(shown)))
}

impl Sources {
    async fn show(&self, caller: &Caller, source: super::model::Source) -> Result<SourceView> {
        let used = self.usage.total(&caller.tenant, &source.actor()).await?;
        Ok(SourceView::of(source, used))
    }
}
