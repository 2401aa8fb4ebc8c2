//! Routes of reruns of single steps.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::error::{Error, Result};
use shared::idempotency::idempotency_key;
use shared::web::{Caller, Conflict, JsonBody, Path, Routes};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::start::{Reruns, Wanted};
use super::view::{StartedRerun, TryView};
use super::{api_unresolved, bulk};
use crate::access::permission::{PROCESSES_READ, PROCESSES_WRITE};

/// Reruns of single steps and of many, and the failures that nobody took care of.
pub fn routes() -> Routes<Reruns> {
    let own = Routes::new()
        .guarded(PROCESSES_WRITE.of_people(), routes!(rerun_step_run))
        .guarded(PROCESSES_READ.of_people(), routes!(list_reruns_of_step_run));
    bulk::api::add(api_unresolved::add(own))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "headers are read by name; this is their documentation")]
struct RerunHeaders {
    /// A repeat under the same key is answered with the rerun that was begun first.
    #[serde(rename = "Idempotency-Key")]
    #[param(max_length = 255)]
    idempotency_key: Option<String>,
}

/// A rerun that is wanted.
#[derive(Debug, Default, Deserialize, ToSchema)]
struct RerunRequest {
    /// What is to be known of the new step run; `rerun_reason` says why there is one.
    #[serde(default)]
    #[schema(value_type = Object)]
    meta: Map<String, Value>,
    /// Why; the same as `rerun_reason` in `meta`.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// Members of the step's `rerun_config` that are otherwise this time. Where it names a
    /// connection or a webhook, that asks for `integrations.write`.
    #[serde(default)]
    #[schema(value_type = Object)]
    rerun_config: Map<String, Value>,
}

/// Runs a failed step again.
///
/// A new step run takes its place, and whoever its `rerun_config` names is told to run it:
/// `api_endpoint` is called, a work item of an automation server begins anew, a webhook gets
/// a message; without any of these the new step run waits for whoever runs such steps.
#[utoipa::path(post, path = "/api/v1/step-runs/{step_run_id}/rerun", tag = "processes",
    params(("step_run_id" = i64, Path, description = "The failed step run's number"),
        RerunHeaders),
    request_body = Option<RerunRequest>,
    responses((status = 200, body = StartedRerun, description = "It is being run again"), Error,
        Conflict))]
async fn rerun_step_run(
    State(reruns): State<Reruns>,
    caller: Caller,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Option<JsonBody<RerunRequest>>,
) -> Result<Json<StartedRerun>> {
    let RerunRequest { meta, reason, rerun_config } =
        body.map(|JsonBody(request)| request).unwrap_or_default();
    let wanted = Wanted { meta, reason, config: rerun_config, bulk: None };
    let key = idempotency_key(&headers, "rerun")?;
    let begun = reruns.rerun(&caller, id, &wanted, key).await?;
    StartedRerun::of(&begun).map(Json)
}

/// Lists all tries of a step of a run, oldest first, and what became of each.
#[utoipa::path(get, path = "/api/v1/step-runs/{step_run_id}/reruns", tag = "processes",
    params(("step_run_id" = i64, Path, description = "The number of any of them")),
    responses((status = 200, body = Vec<TryView>, description = "The tries"), Error))]
async fn list_reruns_of_step_run(
    State(reruns): State<Reruns>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<Vec<TryView>>> {
    reruns.lineage(&caller.tenant, id).await.map(Json)
}
