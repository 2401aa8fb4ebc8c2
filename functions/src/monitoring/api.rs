//! Routes of monitoring.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use shared::web::Routes;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::Health;
use super::health::HealthReport;
use super::system::SystemInfo;

/// `/` and `/health`, which anybody may ask.
pub fn routes() -> Routes<Health> {
    Routes::new()
        .open(routes!(show_system))
        .open(routes!(get_health))
        .open(routes!(get_pega_health))
}

/// Tells what system this is.
#[utoipa::path(get, path = "/", tag = "monitoring", responses(
    (status = 200, body = SystemInfo, description = "The system"),
))]
async fn show_system(State(health): State<Health>) -> Json<SystemInfo> {
    Json(health.system)
}

/// Tells whether the service is well.
#[utoipa::path(get, path = "/health", tag = "monitoring", responses(
    (status = 200, body = HealthReport, description = "It is well"),
    (status = 503, body = HealthReport, description = "The database does not answer"),
))]
async fn get_health(State(health): State<Health>) -> (StatusCode, Json<HealthReport>) {
    let report = health.look().await;
    let well = report.status == "healthy";
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(report))
}

/// The health of the bridge alone, in its own one word.
#[derive(Debug, Serialize, ToSchema)]
struct BridgeHealth {
    /// `ok`, or `unavailable` when the database does not answer.
    status: &'static str,
}

/// Tells whether the Pega bridge is well, as it told before.
#[utoipa::path(get, path = "/pega/health", tag = "monitoring", responses(
    (status = 200, body = BridgeHealth, description = "It is well"),
    (status = 503, body = BridgeHealth, description = "The database does not answer"),
))]
async fn get_pega_health(State(health): State<Health>) -> (StatusCode, Json<BridgeHealth>) {
    match health.look().await.status {
        "healthy" => (StatusCode::OK, Json(BridgeHealth { status: "ok" })),
        _ => (StatusCode::SERVICE_UNAVAILABLE, Json(BridgeHealth { status: "unavailable" })),
    }
}
