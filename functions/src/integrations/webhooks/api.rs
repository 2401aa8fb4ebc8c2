//! Routes of webhooks.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use shared::error::{Error, Result};
use shared::web::{
    Caller, Changed, Conflict, JsonBody, Path, Query, Routes, page_limit, page_skip,
};
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::api_deliveries as deliveries;
use super::endpoint::Endpoint;
use super::register::NewSecret;
use super::report::{EventTypes, Statistics};
use super::stats;
use super::store::Webhooks;
use super::view::{NewWebhookView, WebhookView};
use super::wanted::{NewWebhook, WebhookFields};
use crate::access::permission::{INTEGRATIONS_ADMIN, INTEGRATIONS_READ};
use crate::integrations::answer::IntegrationResponse;

/// Webhooks listed at most, and when nothing else is asked for.
const MOST: usize = 1000;
const USUAL: usize = 100;

/// `/integrations/webhooks`, also under `/api/v1`.
pub fn routes() -> Routes<Webhooks> {
    Routes::new()
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(create_webhook))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_webhooks))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(list_event_types))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(show_webhook_stats))
        .guarded(INTEGRATIONS_READ.of_people(), routes!(find_webhook))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(update_webhook))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(delete_webhook))
        .guarded(INTEGRATIONS_ADMIN.of_people(), routes!(rotate_webhook_secret))
        .and(deliveries::routes())
        .also_under("/api/v1")
}

/// Which webhooks are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WebhookFilter {
    /// How many to leave out, from the newest on.
    #[param(minimum = 0)]
    skip: Option<i64>,
    /// How many to list, 1 to 1000; 100 when not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Only those that are, or are not.
    is_active: Option<bool>,
    /// Only those that hear of this type.
    event_type: Option<String>,
}

/// How far back statistics go.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatisticsPeriod {
    /// How many days, 1 to 365, today included; 30 when not given.
    #[param(minimum = 1, maximum = 365)]
    days: Option<i64>,
}

/// Registers a webhook.
///
/// A secret that was made for it is shown in this answer and never again.
#[utoipa::path(post, path = "/integrations/webhooks", tag = "integrations",
    request_body = NewWebhook,
    responses((status = 200, body = NewWebhookView, description = "Registered"), Error, Conflict))]
async fn create_webhook(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    JsonBody(new): JsonBody<NewWebhook>,
) -> Result<Json<NewWebhookView>> {
    let (endpoint, secret) = webhooks.register(&caller, new).await?;
    Ok(Json(webhooks.show(&caller, endpoint).await?.with(secret)))
}

/// Lists webhooks, the newest first.
#[utoipa::path(get, path = "/integrations/webhooks", tag = "integrations", params(WebhookFilter),
    responses((status = 200, body = Vec<WebhookView>, description = "Webhooks"), Error))]
async fn list_webhooks(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Query(filter): Query<WebhookFilter>,
) -> Result<Json<Vec<WebhookView>>> {
    let (skip, limit) = (page_skip(filter.skip)?, page_limit(filter.limit, USUAL, MOST)?);
    let wanted = |endpoint: &Endpoint| {
        filter.is_active.is_none_or(|active| active == endpoint.is_active)
            && filter.event_type.as_ref().is_none_or(|kind| endpoint.hears_of(kind))
    };
    let found = webhooks.all(&caller.tenant).await?.into_iter().filter(wanted);
    let found: Vec<Endpoint> = found.skip(skip).take(limit).collect();
    let ids = found.iter().map(|endpoint| endpoint.id.as_str());
    let mut counted = stats::of_endpoints(&webhooks.messages, &caller.tenant, ids).await?;
    let views = found.into_iter().map(|endpoint| {
        let counted = counted.remove(&endpoint.id).unwrap_or_default();
        WebhookView::of(endpoint, &caller.tenant, &counted)
    });
    Ok(Json(views.collect()))
}

/// Lists the types of messages there are.
#[utoipa::path(get, path = "/integrations/webhooks/events/types", tag = "integrations",
    responses((status = 200, body = EventTypes, description = "All types"), Error))]
async fn list_event_types() -> Json<EventTypes> {
    Json(EventTypes::all())
}

/// Tells how deliveries went.
#[utoipa::path(get, path = "/integrations/webhooks/stats", tag = "integrations",
    params(StatisticsPeriod),
    responses((status = 200, body = Statistics, description = "Counts"), Error))]
async fn show_webhook_stats(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Query(period): Query<StatisticsPeriod>,
) -> Result<Json<Statistics>> {
    let days = period.days.unwrap_or(30);
    if !(1..=365).contains(&days) {
        return Err(Error::invalid("days", "must be between 1 and 365"));
    }
    webhooks.statistics(&caller.tenant, days).await.map(Json)
}

/// Shows one webhook.
#[utoipa::path(get, path = "/integrations/webhooks/{webhook_id}", tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id")),
    responses((status = 200, body = WebhookView, description = "The webhook"), Error))]
async fn find_webhook(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path(webhook_id): Path<String>,
) -> Result<Json<WebhookView>> {
    let endpoint = webhooks.find(&caller.tenant, &webhook_id).await?;
    webhooks.show(&caller, endpoint).await.map(Json)
}

/// Changes a webhook; what is not given stays as it is.
#[utoipa::path(put, path = "/integrations/webhooks/{webhook_id}", tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id")),
    request_body = WebhookFields,
    responses((status = 200, body = WebhookView, description = "What it is now"), Error, Conflict))]
async fn update_webhook(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path(webhook_id): Path<String>,
    Changed(changed): Changed<WebhookFields>,
) -> Result<Json<WebhookView>> {
    let endpoint = webhooks.update(&caller, &webhook_id, changed).await?;
    webhooks.show(&caller, endpoint).await.map(Json)
}

/// Removes a webhook.
///
/// What is still on its way there ends as failed.
#[utoipa::path(delete, path = "/integrations/webhooks/{webhook_id}", tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id")),
    responses((status = 200, body = IntegrationResponse, description = "Removed"), Error, Conflict))]
async fn delete_webhook(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path(webhook_id): Path<String>,
) -> Result<Json<IntegrationResponse>> {
    webhooks.remove(&caller, &webhook_id).await?;
    let data = json!({ "webhook_id": webhook_id });
    let message = "Webhook endpoint deleted successfully";
    Ok(Json(webhooks.done(&caller, message, data)))
}

/// Gives a webhook a new signing secret.
///
/// For a while `webhook-signature` holds signatures of both, so that the receiver can
/// change over. `X-Webhook-Signature` and `-256` hold one, of the new secret.
#[utoipa::path(post, path = "/integrations/webhooks/{webhook_id}/rotate-secret",
    tag = "integrations",
    params(("webhook_id" = String, Path, description = "The webhook's id")),
    request_body = Option<NewSecret>,
    responses((status = 200, body = NewWebhookView, description = "Renewed"), Error, Conflict))]
async fn rotate_webhook_secret(
    State(webhooks): State<Webhooks>,
    caller: Caller,
    Path(webhook_id): Path<String>,
    renewal: Option<JsonBody<NewSecret>>,
) -> Result<Json<NewWebhookView>> {
    let renewal = renewal.map(|JsonBody(renewal)| renewal).unwrap_or_default();
    let (endpoint, secret) = webhooks.rotate(&caller, &webhook_id, renewal).await?;
    Ok(Json(webhooks.show(&caller, endpoint).await?.with(secret)))
}

impl Webhooks {
    async fn show(&self, caller: &Caller, endpoint: Endpoint) -> Result<WebhookView> {
        let ids = std::iter::once(endpoint.id.as_str());
        let mut counted = stats::of_endpoints(&self.messages, &caller.tenant, ids).await?;
        let counted = counted.remove(&endpoint.id).unwrap_or_default();
        Ok(WebhookView::of(endpoint, &caller.tenant, &counted))
    }

    pub(super) fn done(
        &self,
        caller: &Caller,
        message: &'static str,
        data: serde_json::Value,
    ) -> IntegrationResponse {
        IntegrationResponse::done(message, data, &self.clock, &caller.corr)
    }
}
