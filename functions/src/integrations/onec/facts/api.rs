//! Routes of times worked.

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::error::{Error, Result};
use shared::web::{
    Caller, Conflict, JsonBody, Missing, Path, Problem, Query, Routes, page_limit, page_skip,
    to_the_millisecond,
};
use utoipa::{IntoParams, IntoResponses, ToSchema};
use utoipa_axum::routes;

use super::super::OneC;
use super::super::api::Upstream;
use super::super::moment::hours;
use super::model::{Fact, FactState};
use super::resolve::Resolution;
use super::send::{FactsAnswer, FactsBody};
use super::store::unknown;
use crate::access::permission::{INTEGRATIONS_READ, INTEGRATIONS_WRITE};
use crate::integrations::connections::OfConnection;

/// Adds them to the routes of 1C.
pub fn add(routes: Routes<OneC>) -> Routes<OneC> {
    routes
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(send_onec_fact_work_time))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_onec_facts))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(resolve_onec_fact))
}

/// What an answer that was lost becomes.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only documents")]
enum Lost {
    /// It is not known whether 1C has the fact; in the vendor's shape only
    #[response(status = 504, content_type = "application/problem+json")]
    Unknown(Problem),
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FactFilter {
    /// `unknown`: those whose outcome is not known.
    #[param(inline)]
    state: Listed,
    /// How many are left out before.
    #[param(minimum = 0)]
    skip: Option<i64>,
    /// How many, 1 to 1000; 100 when not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// The connection, where the tenant has several to 1C.
    #[param(format = "uuid")]
    connection_id: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Listed {
    Unknown,
}

/// A fact.
#[derive(Debug, Serialize, ToSchema)]
struct OnecFact {
    id: String,
    #[schema(format = "uuid")]
    connection_id: String,
    employee_id: String,
    /// The day that the shift starts on.
    #[schema(value_type = String, format = "date")]
    date: Date,
    /// Hours worked from 06:00 to 22:00.
    day_hours: f64,
    /// Hours worked by night.
    night_hours: f64,
    state: FactState,
    /// The document that 1C made of it.
    doc: Option<String>,
    /// What is known of its last attempt.
    message: Option<String>,
    /// When it was last sent.
    sent_at: String,
    /// Who sent it.
    sent_by: String,
    /// Who settled it, and why so.
    resolution: Option<String>,
}

/// Sends what was worked to 1C, each shift once.
///
/// A record that fails does not stop the rest. One that 1C has is answered as it was before;
/// one whose answer was lost is not sent again until a person has settled it.
#[utoipa::path(post, path = "/integrations/1c/sendFactWorkTime", tag = "integrations",
    params(OfConnection), request_body = FactsBody,
    responses((status = 200, body = FactsAnswer, description = "What came of each"), Missing,
        Upstream, Lost, Error, Conflict))]
async fn send_onec_fact_work_time(
    State(onec): State<OneC>,
    caller: Caller,
    Query(of): Query<OfConnection>,
    JsonBody(body): JsonBody<Value>,
) -> Result<Json<FactsAnswer>> {
    onec.send_facts(&caller, of.named(), body).await.map(Json)
}

/// Lists the facts whose outcome is not known, oldest attempt first.
#[utoipa::path(get, path = "/integrations/1c/facts", tag = "integrations", params(FactFilter),
    responses((status = 200, body = Vec<OnecFact>, description = "Facts"), Missing, Error,
        Conflict))]
async fn list_onec_facts(
    State(onec): State<OneC>,
    caller: Caller,
    Query(filter): Query<FactFilter>,
) -> Result<Json<Vec<OnecFact>>> {
    let Listed::Unknown = filter.state;
    let (skip, limit) = (page_skip(filter.skip)?, page_limit(filter.limit, 100, 1000)?);
    let connection = onec.configured(&caller.tenant, filter.connection_id.as_deref()).await?;
    let found = unknown(&onec.table, &caller.tenant, &connection.id).await?;
    Ok(Json(found.into_iter().skip(skip).take(limit).map(OnecFact::of).collect()))
}

/// Settles a fact after a look into 1C.
///
/// One that did not happen, or whose document was deleted there, may be sent again.
#[utoipa::path(post, path = "/integrations/1c/facts/{fact_id}/resolve", tag = "integrations",
    params(("fact_id" = String, Path, description = "The fact's id",
        example = "2018-01-10T09:00:00~a-1"), OfConnection),
    request_body = Resolution,
    responses((status = 200, body = OnecFact, description = "What it is now"), Error, Conflict))]
async fn resolve_onec_fact(
    State(onec): State<OneC>,
    caller: Caller,
    Path(fact_id): Path<String>,
    Query(of): Query<OfConnection>,
    JsonBody(given): JsonBody<Resolution>,
) -> Result<Json<OnecFact>> {
    let named = of.named();
    onec.resolve(&caller, named, &fact_id, given).await.map(|fact| Json(OnecFact::of(fact)))
}

impl OnecFact {
    fn of(fact: Fact) -> Self {
        let worked = fact.worked();
        Self {
            id: fact.id,
            connection_id: fact.connection_id,
            employee_id: fact.employee_id,
            date: fact.date,
            day_hours: hours(worked.day),
            night_hours: hours(worked.night),
            state: fact.state,
            doc: fact.doc,
            message: fact.told,
            sent_at: to_the_millisecond(fact.sent_at),
            sent_by: fact.actor,
            resolution: fact.resolution,
        }
    }
}
