//! Routes of the dashboard.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Caller, Path, Query, Routes, page_limit};
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::dashboard::Dashboard;
use super::view::{DashboardView, DurationsView, OverviewView};
use crate::access::permission::PROCESSES_READ;

/// How many runs are shown, when nobody says otherwise, and at most.
const RUNS: usize = 20;
const MOST_RUNS: usize = 100;

/// `/api/v1/dashboard`.
pub fn routes() -> Routes<Dashboard> {
    Routes::new()
        .guarded(PROCESSES_READ.of_people(), routes!(get_process_dashboard))
        .guarded(PROCESSES_READ.of_people(), routes!(get_process_overview))
        .guarded(PROCESSES_READ.of_people(), routes!(get_process_durations))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DashboardParams {
    /// How many runs are shown, 1 to 100; 20 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DurationParams {
    /// How many days (UTC) up to today, 1 to 366; 30 when not given.
    #[param(minimum = 1, maximum = 366)]
    days: Option<i64>,
}

/// Tells how a process is doing: its newest runs, and what is counted of all of them.
#[utoipa::path(get, path = "/api/v1/dashboard/process/{process_id}", tag = "processes",
    params(("process_id" = i64, Path, description = "The process's number", example = 1), DashboardParams),
    responses((status = 200, body = DashboardView, description = "How it is doing"), Error))]
async fn get_process_dashboard(
    State(dashboard): State<Dashboard>,
    caller: Caller,
    Path(process): Path<i64>,
    Query(params): Query<DashboardParams>,
) -> Result<Json<DashboardView>> {
    let limit = page_limit(params.limit, RUNS, MOST_RUNS)?;
    let (process, runs, statistics) = dashboard.of(&caller.tenant, process, limit).await?;
    Ok(Json(DashboardView::of(&process, &runs, statistics)))
}

/// The same with the process and the runs in full.
#[utoipa::path(get, path = "/api/v1/dashboard/overview/{process_id}", tag = "processes",
    params(("process_id" = i64, Path, description = "The process's number", example = 1), DashboardParams),
    responses((status = 200, body = OverviewView, description = "How it is doing"), Error))]
async fn get_process_overview(
    State(dashboard): State<Dashboard>,
    caller: Caller,
    Path(process): Path<i64>,
    Query(params): Query<DashboardParams>,
) -> Result<Json<OverviewView>> {
    let limit = page_limit(params.limit, RUNS, MOST_RUNS)?;
    let (process, runs, statistics) = dashboard.of(&caller.tenant, process, limit).await?;
    OverviewView::of(process, &runs, statistics).map(Json)
}

/// Tells how long completed runs of a process took, and its steps: percentiles by day.
#[utoipa::path(get, path = "/api/v1/dashboard/process/{process_id}/durations",
    tag = "processes",
    params(("process_id" = i64, Path, description = "The process's number", example = 1), DurationParams),
    responses((status = 200, body = DurationsView, description = "How long they took"), Error))]
async fn get_process_durations(
    State(dashboard): State<Dashboard>,
    caller: Caller,
    Path(process): Path<i64>,
    Query(params): Query<DurationParams>,
) -> Result<Json<DurationsView>> {
    dashboard.durations(&caller.tenant, process, params.days).await.map(Json)
}
