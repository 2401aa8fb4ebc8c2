//! The model: one attempt at a delivery, as it is kept and shown.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Query, Table};
use shared::tenant::Tenant;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::client::Attempt;
use super::delivery::{Delivery, ErrorClass};

/// How long deliveries that are settled, and attempts, can be looked up, in seconds:
/// thirty days.
pub(super) const KEPT_SECONDS: i64 = 30 * 24 * 3600;

/// Attempts that are shown: with 64 KiB each they are half of what a function answers.
const SHOWN: i32 = 50;

/// An attempt's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tried {
    pk: String,
    sk: String,
    number: u32,
    /// Milliseconds since 1970.
    at: i64,
    took_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<ErrorClass>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response: Option<String>,
    expires_at: i64,
}

/// One attempt at a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedView {
    /// Which attempt it was, from 1.
    number: u32,
    at: String,
    /// How long it took, in milliseconds.
    took_ms: i64,
    http_status: Option<u16>,
    /// In what way it failed; null when the message was taken.
    error_class: Option<ErrorClass>,
    error_message: Option<String>,
    /// The answer's body, its first 64 KiB at most.
    response_body: Option<String>,
}

impl Tried {
    /// The row of an attempt that has just ended.
    pub fn of(
        tenant: &Tenant,
        endpoint: &str,
        delivery: &Delivery,
        attempt: &Attempt,
        now: i64,
    ) -> Self {
        let number = delivery.tried + 1;
        let failed = attempt.failed.as_ref();
        Self {
            pk: partition(tenant, endpoint, delivery.id()),
            sk: format!("{number:06}"),
            number,
            at: now,
            took_ms: attempt.took_ms,
            http_status: attempt.http_status,
            class: failed.map(|refusal| refusal.class),
            reason: failed.map(|refusal| refusal.reason.clone()),
            response: attempt.response.clone(),
            expires_at: now / 1000 + KEPT_SECONDS,
        }
    }
}

impl From<Tried> for TriedView {
    fn from(tried: Tried) -> Self {
        Self {
            number: tried.number,
            at: to_the_millisecond(tried.at),
            took_ms: tried.took_ms,
            http_status: tried.http_status,
            error_class: tried.class,
            error_message: tried.reason,
            response_body: tried.response,
        }
    }
}

/// The last attempts at a delivery, the first of them first.
pub(super) async fn of_delivery(
    messages: &Table,
    tenant: &Tenant,
    endpoint: &str,
    delivery: &str,
) -> Result<Vec<TriedView>> {
    let query = Query::partition(&partition(tenant, endpoint, delivery));
    let tried = messages.query::<Tried>(query.descending().limit(SHOWN)).await?.items;
    Ok(tried.into_iter().rev().map(Into::into).collect())
}

fn partition(tenant: &Tenant, endpoint: &str, delivery: &str) -> String {
    tenant.pk("TRIES", format!("{endpoint}#{delivery}"))
}
