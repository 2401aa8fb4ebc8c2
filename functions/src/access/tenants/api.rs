//! Routes of tenants.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use shared::error::{Error, Result};
use shared::tenant::Tenant;
use shared::web::{Caller, Conflict, JsonBody, Path, Routes, to_the_second};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::Tenants;
use super::model::{Registration, Status};
use super::registry::NewTenant;
use crate::access::permission::INSTALLATION;

/// `/api/v1/tenants`.
pub fn routes() -> Routes<Tenants> {
    Routes::new()
        .guarded(INSTALLATION.of_admins(), routes!(create_tenant))
        .guarded(INSTALLATION.of_admins(), routes!(list_tenants))
        .guarded(INSTALLATION.of_admins(), routes!(find_tenant))
        .guarded(INSTALLATION.of_admins(), routes!(suspend_tenant))
        .guarded(INSTALLATION.of_admins(), routes!(resume_tenant))
}

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
struct TenantView {
    #[schema(value_type = String)]
    id: Tenant,
    name: String,
    status: Status,
    created_at: String,
    updated_at: String,
}

/// A new tenant.
#[derive(Serialize, ToSchema)]
struct NewTenantView {
    #[serde(flatten)]
    tenant: TenantView,
    /// Its first admin key; shown this once.
    admin_key: String,
}

impl TenantView {
    fn of(registration: Registration) -> Self {
        Self {
            id: registration.tenant,
            name: registration.name,
            status: registration.status,
            created_at: to_the_second(registration.created_at),
            updated_at: to_the_second(registration.updated_at),
        }
    }
}

/// Registers a tenant, and shows its first admin key this once.
#[utoipa::path(post, path = "/api/v1/tenants", tag = "access", request_body = NewTenant,
    responses((status = 201, body = NewTenantView, description = "Registered"), Error, Conflict))]
async fn create_tenant(
    State(tenants): State<Tenants>,
    caller: Caller,
    JsonBody(new): JsonBody<NewTenant>,
) -> Result<(StatusCode, Json<NewTenantView>)> {
    let (registration, key) = tenants.register(&caller, new).await?;
    let admin_key = key.reveal().to_owned();
    let view = NewTenantView { tenant: TenantView::of(registration), admin_key };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Lists all tenants, by id.
#[utoipa::path(get, path = "/api/v1/tenants", tag = "access",
    responses((status = 200, body = Vec<TenantView>, description = "All tenants"), Error))]
async fn list_tenants(State(tenants): State<Tenants>) -> Result<Json<Vec<TenantView>>> {
    let tenants = tenants.list().await?;
    Ok(Json(tenants.into_iter().map(TenantView::of).collect()))
}

/// Shows one tenant.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant_id}", tag = "access",
    params(("tenant_id" = String, Path, description = "The tenant's id", example = "acme")),
    responses((status = 200, body = TenantView, description = "The tenant"), Error))]
async fn find_tenant(
    State(tenants): State<Tenants>,
    Path(tenant_id): Path<String>,
) -> Result<Json<TenantView>> {
    Ok(Json(TenantView::of(tenants.find(&tenant_id).await?)))
}

/// Shuts a tenant's callers out.
///
/// Within fifteen seconds every key, token and source of the tenant is refused. What
/// was accepted before is still worked through.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant_id}/suspend", tag = "access",
    params(("tenant_id" = String, Path, description = "The tenant's id", example = "acme")),
    responses((status = 200, body = TenantView, description = "Suspended"), Error, Conflict))]
async fn suspend_tenant(
    State(tenants): State<Tenants>,
    caller: Caller,
    Path(tenant_id): Path<String>,
) -> Result<Json<TenantView>> {
    let suspended = tenants.set_status(&caller, &tenant_id, Status::Suspended).await?;
    Ok(Json(TenantView::of(suspended)))
}

/// Lets a suspended tenant's callers in again.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant_id}/resume", tag = "access",
    params(("tenant_id" = String, Path, description = "The tenant's id", example = "acme")),
    responses((status = 200, body = TenantView, description = "Active"), Error))]
async fn resume_tenant(
    State(tenants): State<Tenants>,
    caller: Caller,
    Path(tenant_id): Path<String>,
) -> Result<Json<TenantView>> {
    let active = tenants.set_status(&caller, &tenant_id, Status::Active).await?;
    Ok(Json(TenantView::of(active)))
}
