//! Routes of retention.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Missing, Routes};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::cleanup::Cleanup;
use super::view::CleanupStats;
use crate::access::permission::ADMIN;

/// `/api/v1/admin/cleanup`.
pub fn routes() -> Routes<Cleanup> {
    Routes::new()
        .guarded(ADMIN.of_admins(), routes!(get_cleanup_stats))
        .guarded(ADMIN.of_admins(), routes!(neutralize_due_runs))
}

/// Which runs are to be neutralised now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CleanupRequest {
    /// Only those of this process.
    #[schema(example = 1)]
    process_id: Option<i64>,
    /// Only to count; so it is when not given.
    #[serde(default = "yes")]
    dry_run: bool,
}

fn yes() -> bool {
    true
}

/// Tells how many runs are due to be neutralised, and when that happens.
#[utoipa::path(get, path = "/api/v1/admin/cleanup/stats", tag = "processes",
    responses((status = 200, body = CleanupStats, description = "How far it is"), Error))]
async fn get_cleanup_stats(
    State(cleanup): State<Cleanup>,
    caller: Caller,
) -> Result<Json<CleanupStats>> {
    cleanup.stats(&caller.tenant, None).await.map(Json)
}

/// Neutralises runs that are due now instead of at night, or only counts them.
///
/// Whatever may be about people is taken out of them; it cannot be taken back.
#[utoipa::path(post, path = "/api/v1/admin/cleanup/neutralize", tag = "processes",
    request_body = CleanupRequest,
    responses((status = 200, body = CleanupStats, description = "What is due"), Error, Missing,
        Conflict))]
async fn neutralize_due_runs(
    State(cleanup): State<Cleanup>,
    caller: Caller,
    JsonBody(request): JsonBody<CleanupRequest>,
) -> Result<Json<CleanupStats>> {
    let stats = cleanup.stats(&caller.tenant, request.process_id).await?;
    if !request.dry_run {
        cleanup.begin(&caller, request.process_id).await?;
    }
    Ok(Json(stats))
}
