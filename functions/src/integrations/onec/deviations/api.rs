//! Route of deviations.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, Missing, Problem, Query, Routes};
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::super::OneC;
use super::super::api::Upstream;
use super::super::moment::{day, period};
use super::list::DeviationList;
use crate::access::permission::INTEGRATIONS_READ;

/// Adds it to the routes of 1C.
pub fn add(routes: Routes<OneC>) -> Routes<OneC> {
    routes.guarded(INTEGRATIONS_READ.of_people(), routes!(list_onec_deviations))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeviationFilter {
    /// First day.
    #[param(format = "date", example = "2018-01-01")]
    start_date: String,
    /// Last day, less than 92 days later.
    #[param(format = "date", example = "2018-01-31")]
    end_date: String,
    /// Only of this employee.
    employee_id: Option<String>,
    /// The connection, where the tenant has several to 1C.
    #[param(format = "uuid")]
    connection_id: Option<String>,
}

/// Lists how plan and fact differ.
///
/// The plan is what was sent as schedules; the fact is what was sent as worked, or else what
/// 1C's timesheet says. Days that are not over are left out.
#[utoipa::path(get, path = "/integrations/1c/deviations", tag = "integrations",
    params(DeviationFilter),
    responses((status = 200, body = DeviationList, description = "Deviations"),
        (status = 400, body = Problem, description = "The period ends before it begins",
            content_type = "application/problem+json"), Missing, Upstream, Error, Conflict))]
async fn list_onec_deviations(
    State(onec): State<OneC>,
    caller: Caller,
    Query(filter): Query<DeviationFilter>,
) -> Result<Json<DeviationList>> {
    let span = (day("start_date", &filter.start_date)?, day("end_date", &filter.end_date)?);
    let (named, only) = (filter.connection_id.as_deref(), filter.employee_id.as_deref());
    let span = period(span.0, span.1)?;
    onec.deviations(&caller.tenant, named, span, only.filter(|id| !id.is_empty())).await.map(Json)
}
