//! Webhooks and deliveries as they are shown.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;
use shared::jobs::State;
use shared::tenant::Tenant;
use shared::vault::{ExposeSecret, SecretString};
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::delivery::{Delivery, DeliveryStatus, ErrorClass};
use super::endpoint::{AuthType, Endpoint, Format};
use super::schedule::RetryPolicy;
use super::stats::Counted;

/// A webhook, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookView {
    id: String,
    name: String,
    url: String,
    method: String,
    headers: BTreeMap<String, String>,
    event_types: Vec<String>,
    #[schema(value_type = Option<Object>)]
    filter: Option<Json>,
    auth_type: AuthType,
    timeout_seconds: u32,
    retry_policy: RetryPolicy,
    retry_attempts: u32,
    retry_delay_seconds: u32,
    rate_limit_per_minute: Option<u32>,
    ordered: bool,
    format: Format,
    is_active: bool,
    /// Why it was disabled, if that was not a person.
    disabled_reason: Option<String>,
    disabled_at: Option<String>,
    /// Since when every attempt has failed.
    failing_since: Option<String>,
    /// When a message was last taken.
    last_triggered: Option<String>,
    /// Attempts that were successful, and those that failed.
    success_count: i64,
    failure_count: i64,
    /// How long successful attempts took, in milliseconds.
    latency_ms: Percentiles,
    organization_id: String,
    created_at: String,
    updated_at: String,
}

/// Durations that half, 95 and 99 of a hundred do not exceed: the ends of the ranges
/// that they are counted in, in milliseconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Percentiles {
    p50: Option<i64>,
    p95: Option<i64>,
    p99: Option<i64>,
}

/// A webhook with the secret that was made for it.
#[derive(Serialize, ToSchema)]
pub struct NewWebhookView {
    #[serde(flatten)]
    webhook: WebhookView,
    /// What its deliveries are signed with; shown this once, and only if it was made here.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// A delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// The message's id, which its receiver is told as `webhook-id`.
    pub(super) id: String,
    webhook_id: String,
    event_type: String,
    /// What happened; null when the message has expired.
    event_data: Option<Json>,
    delivery_status: DeliveryStatus,
    http_status: Option<u16>,
    /// The first 1,000 characters of the last answer's body.
    response_body: Option<String>,
    error_message: Option<String>,
    /// In what way the last attempt failed.
    error_class: Option<ErrorClass>,
    created_at: String,
    delivered_at: Option<String>,
    /// Failed attempts since it was last driven anew.
    retry_count: u32,
    next_retry_at: Option<String>,
    /// The message's number.
    sequence: i64,
}

impl WebhookView {
    pub(super) fn of(endpoint: Endpoint, tenant: &Tenant, counted: &Counted) -> Self {
        let disabled = endpoint.disabled;
        let disabled_at = disabled.as_ref().map(|disabled| to_the_millisecond(disabled.at));
        Self {
            id: endpoint.id,
            name: endpoint.name,
            url: endpoint.url,
            method: endpoint.method,
            headers: endpoint.headers,
            event_types: endpoint.event_types,
            filter: endpoint.filter.and_then(|text| serde_json::from_str(&text).ok()),
            auth_type: endpoint.auth_type,
            timeout_seconds: endpoint.timeout_seconds,
            retry_policy: endpoint.schedule.policy,
            retry_attempts: endpoint.schedule.retries(),
            retry_delay_seconds: endpoint.schedule.delay_seconds,
            rate_limit_per_minute: endpoint.rate_limit,
            ordered: endpoint.ordered,
            format: endpoint.format,
            is_active: endpoint.is_active,
            disabled_reason: disabled.map(|disabled| disabled.reason),
            disabled_at,
            failing_since: endpoint.failing_since.map(to_the_millisecond),
            last_triggered: counted.last_successful.map(to_the_millisecond),
            success_count: counted.successful,
            failure_count: counted.failed,
            latency_ms: Percentiles::of(counted),
            organization_id: tenant.as_str().to_owned(),
            created_at: to_the_millisecond(endpoint.created_at),
            updated_at: to_the_millisecond(endpoint.updated_at),
        }
    }

    pub(super) fn with(self, secret: Option<SecretString>) -> NewWebhookView {
        let secret = secret.map(|secret| secret.expose_secret().to_owned());
        NewWebhookView { webhook: self, secret }
    }
}

impl Percentiles {
    pub(super) fn of(counted: &Counted) -> Self {
        let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|part| counted.percentile(part));
        Self { p50, p95, p99 }
    }
}

impl DeliveryView {
    pub(super) fn of(delivery: Delivery, webhook: &str, data: Option<Json>) -> Self {
        let (id, status) = (delivery.id().to_owned(), delivery.status());
        let failing = status != DeliveryStatus::Delivered;
        let job = delivery.job;
        let waits = job.state == State::Ready && delivery.failed_tries > 0;
        let error = job.error.filter(|_| failing);
        Self {
            id,
            webhook_id: webhook.to_owned(),
            event_type: delivery.event_type,
            event_data: data,
            delivery_status: status,
            http_status: delivery.http_status,
            response_body: delivery.response,
            error_message: error.map(|error| error.reason),
            error_class: delivery.class.filter(|_| failing),
            created_at: to_the_millisecond(delivery.created_at),
            delivered_at: delivery.delivered_at.map(to_the_millisecond),
            retry_count: delivery.failed_tries,
            next_retry_at: waits.then(|| to_the_millisecond(job.due_at)),
            sequence: delivery.seq,
        }
    }
}
