//! Routes of monitoring.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared::web::Routes;
use utoipa_axum::routes;

use super::Health;
use super::health::HealthReport;

/// `/health`, which anybody may ask.
pub fn routes() -> Routes<Health> {
    Routes::new().open(routes!(get_health))
}

/// Whether the service is well.
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
