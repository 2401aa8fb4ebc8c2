//! Routes of 1C:ZUP.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};
use shared::error::{Error, Result};
use shared::web::{Caller, Conflict, JsonBody, Missing, Path, Problem, Query, Routes};
use utoipa::{IntoParams, IntoResponses};
use utoipa_axum::routes;

use super::OneC;
use super::agents::OnecAgentList;
use super::calendar::CalendarDays;
use super::calendars::CalendarView;
use super::deviations;
use super::facts;
use super::moment::{day, period};
use super::norm_hours::{NormHoursAnswer, NormHoursBody};
use super::schedules::{ScheduleAnswer, ScheduleBody};
use super::time_types::{TimetypeAnswer, TimetypeBody};
use crate::access::permission::{INTEGRATIONS_ADMIN, INTEGRATIONS_READ, INTEGRATIONS_WRITE};
use crate::integrations::answer::IntegrationResponse;
use crate::integrations::connections::{
    ConnectionTestResponse, IntegrationStatus, IntegrationType, OfConnection, TestRequest,
};

const OF: IntegrationType = IntegrationType::OneC;

/// `/integrations/1c`, and the same under `/api/v1`.
pub fn routes() -> Routes<OneC> {
    let routes = Routes::new()
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_onec_agents))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(send_onec_schedule))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_onec_norm_hours))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_onec_timetype_info))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(get_onec_status))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(configure_onec))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(test_onec))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_onec_calendar))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(load_onec_calendar));
    deviations::api::add(facts::api::add(routes)).also_under("/api/v1")
}

/// What a period becomes that ends before it begins.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only documents")]
pub(super) enum Backwards {
    /// The period ends before it begins
    #[response(status = 400, content_type = "application/problem+json")]
    Period(Problem),
}

/// What failures of 1C become.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only documents")]
pub(super) enum Upstream {
    /// 1C refuses, in its words, or its answer cannot be read
    #[response(status = 502, content_type = "application/problem+json")]
    Refused(Problem),
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read from the query by name; this is its documentation")]
struct OfDepartments {
    /// Only of this department (id or name); can be repeated.
    departments: Option<Vec<String>>,
}

/// Lists the employees whom 1C tells of.
///
/// They are as they are now, leavers of the last month among them; the period bounds their
/// balances of vacation.
#[utoipa::path(get, path = "/integrations/1c/agents/{start_date}/{end_date}",
    tag = "integrations",
    params(("start_date" = String, Path, description = "First day", format = "date",
            example = "2018-01-01"),
        ("end_date" = String, Path, description = "Last day", format = "date",
            example = "2018-01-31"), OfConnection, OfDepartments),
    responses((status = 200, body = OnecAgentList, description = "Employees"),
        Backwards, Upstream, Error, Conflict))]
async fn list_onec_agents(
    State(onec): State<OneC>,
    caller: Caller,
    Path((start, end)): Path<(String, String)>,
    Query(of): Query<OfConnection>,
    Query(parameters): Query<Vec<(String, String)>>,
) -> Result<Json<OnecAgentList>> {
    let span = period(day("start_date", &start)?, day("end_date", &end)?)?;
    let departments = parameters.into_iter().filter(|(name, _)| name == "departments");
    let departments = departments.map(|(_, value)| value).filter(|value| !value.is_empty());
    onec.agents(&caller.tenant, of.named(), span, departments.collect()).await.map(Json)
}

/// Sends schedules to 1C.
///
/// One employee after the other; one that is refused does not stop the rest. Sending the same
/// months again replaces them.
#[utoipa::path(post, path = "/integrations/1c/sendSchedule", tag = "integrations",
    params(OfConnection), request_body = ScheduleBody,
    responses((status = 200, body = ScheduleAnswer, description = "What came of it"),
        Backwards, Missing, Upstream, Error, Conflict))]
async fn send_onec_schedule(
    State(onec): State<OneC>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    JsonBody(body): JsonBody<Map<String, Value>>,
) -> Result<Json<ScheduleAnswer>> {
    onec.send_schedule(&caller, of.named(), body).await.map(Json)
}

/// Tells norms of hours: 1C's, those computed here, and the difference.
#[utoipa::path(post, path = "/integrations/1c/getNormHours", tag = "integrations",
    params(OfConnection), request_body = NormHoursBody,
    responses((status = 200, body = NormHoursAnswer, description = "The norms"),
        Backwards, Missing, Upstream, Error, Conflict))]
async fn get_onec_norm_hours(
    State(onec): State<OneC>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    JsonBody(body): JsonBody<Map<String, Value>>,
) -> Result<Json<NormHoursAnswer>> {
    onec.norm_hours(&caller.tenant, of.named(), body).await.map(Json)
}

/// Tells timesheets as 1C has them.
#[utoipa::path(post, path = "/integrations/1c/getTimetypeInfo", tag = "integrations",
    params(OfConnection), request_body = TimetypeBody,
    responses((status = 200, body = TimetypeAnswer, description = "Types and hours"),
        Backwards, Missing, Upstream, Error, Conflict))]
async fn get_onec_timetype_info(
    State(onec): State<OneC>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    JsonBody(body): JsonBody<Map<String, Value>>,
) -> Result<Json<TimetypeAnswer>> {
    onec.time_types(&caller.tenant, of.named(), body).await.map(Json)
}

/// Tells how the connection to 1C is.
#[utoipa::path(get, path = "/integrations/1c/status", tag = "integrations", params(OfConnection),
    responses((status = 200, body = IntegrationStatus, description = "How it is"), Missing,
        Error, Conflict))]
async fn get_onec_status(
    State(onec): State<OneC>,
    caller: Caller,
    Query(of): Query<OfConnection>,
) -> Result<Json<IntegrationStatus>> {
    onec.connections.status_of(&caller, OF, of.named()).await.map(Json)
}

/// Replaces the settings of the connection to 1C.
#[utoipa::path(put, path = "/integrations/1c/config", tag = "integrations", params(OfConnection),
    request_body = Object,
    responses((status = 200, body = IntegrationResponse, description = "What they are now"),
        Missing, Error, Conflict))]
async fn configure_onec(
    State(onec): State<OneC>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    JsonBody(given): JsonBody<Map<String, Value>>,
) -> Result<Json<IntegrationResponse>> {
    onec.connections.configure(&caller, OF, of.named(), given).await.map(Json)
}

/// Tests the connection to 1C.
///
/// Its status becomes active or error by what comes of it. The answer is a 200 in both cases.
#[utoipa::path(post, path = "/integrations/1c/test-connection", tag = "integrations",
    params(OfConnection), request_body = Option<TestRequest>,
    responses((status = 200, body = ConnectionTestResponse, description = "What came of it"),
        Missing, Error, Conflict))]
async fn test_onec(
    State(onec): State<OneC>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    body: Option<JsonBody<TestRequest>>,
) -> Result<Json<ConnectionTestResponse>> {
    let asked = body.map(|JsonBody(asked)| asked).unwrap_or_default();
    onec.connections.test_of(&caller, OF, of.named(), asked).await.map(Json)
}

/// Shows the production calendar of a year, by which norms are computed here.
#[utoipa::path(get, path = "/integrations/1c/calendars/{year}", tag = "integrations",
    params(("year" = i16, Path, description = "The year", minimum = 1990, maximum = 2100,
        example = 2018)),
    responses((status = 200, body = CalendarView, description = "The calendar"), Error))]
async fn find_onec_calendar(
    State(onec): State<OneC>,
    caller: Caller,
    Path(year): Path<i16>,
) -> Result<Json<CalendarView>> {
    onec.calendar(&caller.tenant, year).await.map(Json)
}

/// Loads the production calendar of a year, in place of the one before.
#[utoipa::path(put, path = "/integrations/1c/calendars/{year}", tag = "integrations",
    params(("year" = i16, Path, description = "The year", minimum = 1990, maximum = 2100,
        example = 2018)),
    request_body = CalendarDays,
    responses((status = 200, body = CalendarView, description = "What it is now"), Error))]
async fn load_onec_calendar(
    State(onec): State<OneC>,
    caller: Caller,
    Path(year): Path<i16>,
    JsonBody(days): JsonBody<CalendarDays>,
) -> Result<Json<CalendarView>> {
    onec.load_calendar(&caller, year, days).await.map(Json)
}
