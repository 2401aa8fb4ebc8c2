//! Routes of reports.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Caller, Path, Query, Routes, accepts};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::gather::Compliance;
use super::page;
use super::view::{CaseReport, EventReport};
use crate::access::permission::EVENTS_READ;

/// Reports of events and of cases.
pub fn routes() -> Routes<Compliance> {
    Routes::new()
        .guarded(EVENTS_READ.of_people(), routes!(report_event))
        .guarded(EVENTS_READ.of_people(), routes!(report_case))
}

/// What a report is wanted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    Json,
    Html,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportParams {
    /// `json` or `html`; what `Accept` asks for when not given.
    #[param(inline)]
    format: Option<Format>,
}

/// Reports all there is to tell of an event, as JSON or as a page to print.
#[utoipa::path(get, path = "/events/{event_id}/report", tag = "pega",
    params(("event_id" = i64, Path, description = "The event's number", example = 1), ReportParams),
    responses(
        (status = 200, description = "The report", content(
            (EventReport = "application/json"),
            (String = "text/html"),
        )),
        Error,
    ))]
async fn report_event(
    State(compliance): State<Compliance>,
    caller: Caller,
    Path(event_id): Path<i64>,
    Query(params): Query<ReportParams>,
    headers: HeaderMap,
) -> Result<Response> {
    let report = compliance.of_event(&caller.tenant, event_id).await?;
    match params.format.unwrap_or_else(|| wanted(&headers)) {
        Format::Json => Ok(Json(report).into_response()),
        Format::Html => page::of_event(&report),
    }
}

/// Reports all there is to tell of a case, as JSON or as a page to print.
#[utoipa::path(get, path = "/pega/case/{case_id}/report", tag = "pega",
    params(("case_id" = String, Path, description = "The case as events name it"), ReportParams),
    responses(
        (status = 200, description = "The report", content(
            (CaseReport = "application/json"),
            (String = "text/html"),
        )),
        Error,
    ))]
async fn report_case(
    State(compliance): State<Compliance>,
    caller: Caller,
    Path(case_id): Path<String>,
    Query(params): Query<ReportParams>,
    headers: HeaderMap,
) -> Result<Response> {
    let report = compliance.of_case(&caller.tenant, &case_id).await?;
    match params.format.unwrap_or_else(|| wanted(&headers)) {
        Format::Json => Ok(Json(report).into_response()),
        Format::Html => page::of_case(&report),
    }
}

/// A browser asks for HTML by name; programs do not.
fn wanted(headers: &HeaderMap) -> Format {
    if accepts(headers, "text/html") { Format::Html } else { Format::Json }
}
