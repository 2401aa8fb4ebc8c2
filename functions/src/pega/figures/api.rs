//! Routes of the figures.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Caller, Query, Routes, accepts};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::Figures;
use super::exposition;
use super::view::{Dashboard, Metrics};
use super::window::DAY;
use crate::access::permission::EVENTS_READ;

/// `/metrics` and `/dashboard`.
pub fn routes() -> Routes<Figures> {
    Routes::new()
        .guarded(EVENTS_READ.of_people(), routes!(show_metrics))
        .guarded(EVENTS_READ.of_people(), routes!(show_dashboard))
}

/// What the metrics are wanted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    Json,
    Prometheus,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MetricsParams {
    /// `json` or `prometheus`; what `Accept` asks for when not given.
    #[param(inline)]
    format: Option<Format>,
}

/// Counts the events of the last seven days.
///
/// Prometheus gets its own format: by `?format=prometheus`, or by an `Accept` that names
/// `application/openmetrics-text` or `text/plain` and not JSON.
#[utoipa::path(get, path = "/metrics", tag = "pega", params(MetricsParams), responses(
    (status = 200, description = "The counts", content(
        (Metrics = "application/json"),
        (String = "application/openmetrics-text"),
    )),
    Error,
))]
async fn show_metrics(
    State(figures): State<Figures>,
    caller: Caller,
    headers: HeaderMap,
    Query(params): Query<MetricsParams>,
) -> Result<Response> {
    let week = figures.of_last(&caller.tenant, 7 * DAY).await?;
    let metrics = Metrics::of(&week);
    if params.format.unwrap_or_else(|| wanted(&headers)) == Format::Json {
        return Ok(Json(metrics).into_response());
    }
    let day = figures.of_last(&caller.tenant, DAY).await?;
    let dashboard = Dashboard::of(&day, &week, figures.probe.look(&caller.tenant).await);
    let text = exposition::write(&metrics, &dashboard)?;
    Ok(([(header::CONTENT_TYPE, exposition::CONTENT_TYPE)], text).into_response())
}

/// Shows what is to be seen at a glance.
#[utoipa::path(get, path = "/dashboard", tag = "pega",
    responses((status = 200, body = Dashboard, description = "The figures"), Error))]
async fn show_dashboard(State(figures): State<Figures>, caller: Caller) -> Result<Json<Dashboard>> {
    let week = figures.of_last(&caller.tenant, 7 * DAY).await?;
    let day = figures.of_last(&caller.tenant, DAY).await?;
    let connection = figures.probe.look(&caller.tenant).await;
    Ok(Json(Dashboard::of(&day, &week, connection)))
}

/// What a caller's `Accept` asks for.
fn wanted(headers: &HeaderMap) -> Format {
    let text = accepts(headers, "application/openmetrics-text") || accepts(headers, "text/plain");
    if text && !accepts(headers, "application/json") { Format::Prometheus } else { Format::Json }
}
