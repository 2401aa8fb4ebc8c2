//! Routes of deliveries: seeing them, trying a webhook out, and getting back what was
//! not taken.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json_, json};
use shared::error::{Error, Kind, Result};
use shared::jobs::State as JobState;
use shared::web::{
    Caller, Conflict, JsonBody, Page, Path, Query, Routes, moment, next_link, page_limit,
    page_skip, to_the_millisecond,
};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::attempts::TriedView;
use super::log::DeliveryFilter;
use super::recovery::{FARTHEST, Recovery, What};
use super::store::Webhooks;
use super::view::DeliveryView;
use crate::access::permission::{INTEGRATIONS_ADMIN, INTEGRATIONS_READ, INTEGRATIONS_WRITE};
use crate::integrations::answer::IntegrationResponse;
use crate::messages::LARGEST;
use crate::messages::catalogue::TEST;

/// Deliveries listed at most, and when nothing else is asked for.
const MOST: usize = 1000;
const USUAL: usize = 100;

/// Routes below one webhook.
pub(super) fn routes() -> Routes<Webhooks> {
    Routes::new()
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(test_webhook))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(send_webhook_example))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_deliveries))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_delivery))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(retry_delivery))
        .guarded(INTEGRATIONS_WRITE.of_people(), routes!(recover_deliveries))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(enable_webhook))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_recovery))
}

/// Which example is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Example {
    /// A type of message, as `GET …/events/types` lists them.
    #[schema(example = "integration.sync.completed")]
    event_type: String,
}

/// What is to be recovered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Recover {
    /// From when on: an RFC 3339 time or a date, thirty days ago at most.
    #[schema(example = "2026-01-31T12:00:00Z")]
    since: String,
    /// Whether deliveries that failed are driven anew; they are when not given.
    failed: Option<bool>,
    /// Whether messages that were never on their way there are sent; not when not given.
    missing: Option<bool>,
    /// Only counts the deliveries that failed.
    dry_run: Option<bool>,
}

/// What happens when a webhook is enabled again.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Enable {
    /// Whether it gets what it missed and what failed; it does when not given.
    replay: Option<bool>,
    /// From when on; when it was disabled, or had begun to fail, when not given.
    since: Option<String>,
}

/// A recovery, and how far it is.
#[derive(Serialize, ToSchema)]
struct RecoveryView {
    /// None for one that only counted.
    recovery_id: Option<String>,
    webhook_id: String,
    since: String,
    /// `counted`, `running`, `completed` or `failed`.
    status: &'static str,
    error_message: Option<String>,
    /// Deliveries that failed since then, as counted before.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_count: Option<usize>,
    /// Whether there are more than were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<bool>,
    /// Deliveries that were driven anew.
    recovered: i64,
    /// Messages that were sent there for the first time.
    replayed: i64,
}

/// A delivery and the attempts at it.
#[derive(Serialize, ToSchema)]
struct DeliveryDetail {
    #[serde(flatten)]
    delivery: DeliveryView,
    attempts: Vec<TriedView>,
}

/// Has a trial message delivered, whether the webhook is active or not.
#[utoipa::path(post, path = "/integrations/webhooks/{webhook_id}/test", tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id")),
    request_body = Option<Object>,
    responses((status = 200, body = IntegrationResponse, description = "On its way"), Error))]
async fn test_webhook(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path(webhook_id): Path<String>,
    payload: Option<JsonBody<serde_json::Map<String, Json_>>>,
) -> Result<Json<IntegrationResponse>> {
    let endpoint = webhooks.find(&caller.tenant, &webhook_id).await?;
    let payload = match payload {
        Some(JsonBody(payload)) => Json_::Object(payload),
        None => json!({
            "event_type": TEST.0,
            "data": {
                "message": "Test webhook delivery",
                "timestamp": to_the_millisecond(webhooks.clock.now_ms()),
                "webhook_id": endpoint.id,
            },
        }),
    };
    if payload.to_string().len() > LARGEST {
        return Err(Error::new(Kind::TooLarge, "The payload is larger than a message may be"));
    }
    webhooks.send(&caller, &endpoint, TEST, &payload).await?;
    let data = json!({ "webhook_id": endpoint.id, "test_payload": payload });
    Ok(Json(webhooks.done(&caller, "Test webhook delivery scheduled", data)))
}

/// Sends an example of a message, as a receiver would get it.
#[utoipa::path(post, path = "/integrations/webhooks/{webhook_id}/send-example",
    tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id")),
    request_body = Example,
    responses((status = 200, body = IntegrationResponse, description = "On its way"), Error,
        Conflict))]
async fn send_webhook_example(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path(webhook_id): Path<String>,
    JsonBody(example): JsonBody<Example>,
) -> Result<Json<IntegrationResponse>> {
    let endpoint = webhooks.find(&caller.tenant, &webhook_id).await?;
    let (kind, payload) = Webhooks::example(&example.event_type)?;
    webhooks.must_be_active(&endpoint)?;
    webhooks.send(&caller, &endpoint, kind, &payload).await?;
    let data = json!({ "webhook_id": endpoint.id, "payload": payload });
    Ok(Json(webhooks.done(&caller, "Example delivery scheduled", data)))
}

/// Lists a webhook's deliveries, the newest first.
#[utoipa::path(get, path = "/integrations/webhooks/{webhook_id}/deliveries",
    tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id"), DeliveryFilter),
    responses((status = 200, body = Vec<DeliveryView>, description = "Deliveries",
        headers(("link" = String, description = "The next page, if there is one"))), Error))]
async fn list_deliveries(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    uri: Uri,
    Path(webhook_id): Path<String>,
    Query(filter): Query<DeliveryFilter>,
) -> Result<Page<DeliveryView>> {
    let limit = page_limit(filter.limit, USUAL, MOST)?;
    let window = (page_skip(filter.skip)?, limit);
    let (items, next) = webhooks.deliveries(&caller.tenant, &webhook_id, &filter, window).await?;
    let next = next.map(|cursor| next_link::<DeliveryFilter>(&uri, &cursor));
    Ok(Page { items, next })
}

/// Shows a delivery and the attempts at it.
#[utoipa::path(get, path = "/integrations/webhooks/{webhook_id}/deliveries/{delivery_id}",
    tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id"),
        ("delivery_id" = String, Path, description = "The delivery's id")),
    responses((status = 200, body = DeliveryDetail, description = "The delivery"), Error))]
async fn find_delivery(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path((webhook_id, delivery_id)): Path<(String, String)>,
) -> Result<Json<DeliveryDetail>> {
    let (delivery, attempts) = webhooks.delivery(&caller.tenant, &webhook_id, &delivery_id).await?;
    Ok(Json(DeliveryDetail { delivery, attempts }))
}

/// Has a delivery tried again that failed or waits, with all of its attempts before it.
#[utoipa::path(post, path = "/integrations/webhooks/{webhook_id}/deliveries/{delivery_id}/retry",
    tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id"),
        ("delivery_id" = String, Path, description = "The delivery's id")),
    responses((status = 200, body = IntegrationResponse, description = "On its way"),
        (status = 400, description = "It was taken already", body = shared::web::Problem,
            content_type = "application/problem+json"), Error, Conflict))]
async fn retry_delivery(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path((webhook_id, delivery_id)): Path<(String, String)>,
) -> Result<Json<IntegrationResponse>> {
    webhooks.retry(&caller, &webhook_id, &delivery_id).await?;
    let data = json!({ "webhook_id": webhook_id, "delivery_id": delivery_id });
    Ok(Json(webhooks.done(&caller, "Webhook delivery retry scheduled", data)))
}

/// Gets back what was not taken since a moment.
#[utoipa::path(post, path = "/integrations/webhooks/{webhook_id}/recover", tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id")),
    request_body = Recover,
    responses((status = 200, body = RecoveryView, description = "Counted"),
        (status = 202, body = RecoveryView, description = "Started"), Error, Conflict))]
async fn recover_deliveries(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path(webhook_id): Path<String>,
    JsonBody(wanted): JsonBody<Recover>,
) -> Result<(StatusCode, Json<RecoveryView>)> {
    let endpoint = webhooks.find(&caller.tenant, &webhook_id).await?;
    let since = webhooks.since(&wanted.since)?;
    if wanted.dry_run.unwrap_or(false) {
        let (failed, more) = webhooks.count_failed(&caller.tenant, &endpoint, since).await?;
        let counted = RecoveryView::counted(&endpoint.id, since, failed, more);
        return Ok((StatusCode::OK, Json(counted)));
    }
    let what =
        What { failed: wanted.failed.unwrap_or(true), missing: wanted.missing.unwrap_or(false) };
    let recovery = webhooks.recover(&caller, &endpoint, what, since, false).await?;
    Ok((StatusCode::ACCEPTED, Json(RecoveryView::of(recovery, &endpoint.id))))
}

/// Makes a webhook active again, and gets back what it missed.
#[utoipa::path(post, path = "/integrations/webhooks/{webhook_id}/enable", tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id")),
    request_body = Option<Enable>,
    responses((status = 202, body = RecoveryView, description = "Enabled"), Error, Conflict))]
async fn enable_webhook(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path(webhook_id): Path<String>,
    wanted: Option<JsonBody<Enable>>,
) -> Result<(StatusCode, Json<RecoveryView>)> {
    let wanted = wanted.map(|JsonBody(wanted)| wanted).unwrap_or_default();
    let endpoint = webhooks.find(&caller.tenant, &webhook_id).await?;
    let since = match &wanted.since {
        Some(since) => webhooks.since(since)?,
        None => {
            let began = endpoint.missed_since.or(endpoint.failing_since);
            let began = began.unwrap_or(endpoint.updated_at);
            began.max(webhooks.clock.now_ms() - FARTHEST)
        }
    };
    let replay = wanted.replay.unwrap_or(true);
    let what = What { failed: replay, missing: replay };
    let recovery = webhooks.recover(&caller, &endpoint, what, since, true).await?;
    Ok((StatusCode::ACCEPTED, Json(RecoveryView::of(recovery, &endpoint.id))))
}

/// Shows how far a recovery is.
#[utoipa::path(get, path = "/integrations/webhooks/{webhook_id}/recoveries/{recovery_id}",
    tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id"),
        ("recovery_id" = String, Path, description = "The recovery's id")),
    responses((status = 200, body = RecoveryView, description = "The recovery"), Error))]
async fn find_recovery(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path((webhook_id, recovery_id)): Path<(String, String)>,
) -> Result<Json<RecoveryView>> {
    let found = webhooks.find_recovery(&caller.tenant, &webhook_id, &recovery_id).await?;
    Ok(Json(RecoveryView::of(found, &webhook_id)))
}

impl RecoveryView {
    fn of(recovery: Recovery, webhook: &str) -> Self {
        let status = match recovery.job.state {
            JobState::Done => "completed",
            JobState::Failed => "failed",
            JobState::Ready | JobState::Leased => "running",
        };
        Self {
            recovery_id: Some(recovery.id),
            webhook_id: webhook.to_owned(),
            since: to_the_millisecond(recovery.since),
            status,
            error_message: recovery.job.error.map(|error| error.reason),
            failed_count: None,
            more: None,
            recovered: recovery.recovered,
            replayed: recovery.replayed,
        }
    }

    fn counted(webhook: &str, since: i64, failed: usize, more: bool) -> Self {
        Self {
            recovery_id: None,
            webhook_id: webhook.to_owned(),
            since: to_the_millisecond(since),
            status: "counted",
            error_message: None,
            failed_count: Some(failed),
            more: Some(more),
            recovered: 0,
            replayed: 0,
        }
    }
}

impl Webhooks {
    /// From when on something is recovered.
    fn since(&self, text: &str) -> Result<i64> {
        let (since, now) = (moment("since", text)?.as_millisecond(), self.clock.now_ms());
        if (now - FARTHEST..=now).contains(&since) {
            return Ok(since);
        }
        Err(Error::invalid("since", "must be within the last thirty days"))
    }
}
