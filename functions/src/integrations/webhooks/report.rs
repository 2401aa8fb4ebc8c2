//! Use cases: which types of messages there are, and how deliveries went.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::Serialize;
use shared::error::Result;
use shared::tenant::Tenant;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::stats::{self, Counted};
use super::store::Webhooks;
use super::view::Percentiles;
use crate::integrations::answer::percentage;
use crate::messages::catalogue::{Entry, INTEGRATIONS, OTHERS};

/// The types of messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTypes {
    /// The workforce integrations' types and what each is for.
    event_types: BTreeMap<&'static str, &'static str>,
    /// How many those are.
    total_types: usize,
    /// Their names by what they begin with.
    categories: BTreeMap<&'static str, Vec<&'static str>>,
    /// The types of the product's other parts.
    other_event_types: BTreeMap<&'static str, &'static str>,
}

/// How deliveries went.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statistics {
    period: Period,
    webhooks: WebhookCounts,
    deliveries: DeliveryCounts,
    /// By the type of their messages.
    event_types: BTreeMap<String, TypeCounts>,
    /// How long successful attempts took, in milliseconds.
    latency_ms: Percentiles,
    timestamp: String,
}

/// The days that were counted.
#[derive(Debug, Serialize, ToSchema)]
struct Period {
    start_date: String,
    end_date: String,
    days: i64,
}

/// How many webhooks there are.
#[derive(Debug, Serialize, ToSchema)]
struct WebhookCounts {
    total: usize,
    active: usize,
    inactive: usize,
}

/// Deliveries of messages of the period.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryCounts {
    #[serde(flatten)]
    counts: TypeCounts,
    /// Successful ones of a hundred, with two decimals; 0 when there is none.
    success_rate: f64,
}

/// Deliveries by where they stand.
#[derive(Debug, Serialize, ToSchema)]
struct TypeCounts {
    total: i64,
    successful: i64,
    failed: i64,
    pending: i64,
}

impl EventTypes {
    /// All of them.
    pub(super) fn all() -> Self {
        let described = |entries: &'static [Entry]| {
            entries.iter().map(|entry| (entry.of.0, entry.description)).collect()
        };
        let mut categories: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for entry in &INTEGRATIONS {
            categories.entry(entry.of.category()).or_default().push(entry.of.0);
        }
        Self {
            event_types: described(&INTEGRATIONS),
            total_types: INTEGRATIONS.len(),
            categories,
            other_event_types: described(&OTHERS),
        }
    }
}

impl Webhooks {
    /// How deliveries of the last so many days went; today is one of them.
    pub(super) async fn statistics(&self, tenant: &Tenant, days: i64) -> Result<Statistics> {
        let now = self.clock.now().to_zoned(TimeZone::UTC);
        let today = now.date();
        let from = today.saturating_sub((days - 1).days());
        let counted = stats::of_days(&self.messages, tenant, from, today).await?;
        let endpoints = self.all(tenant).await?;
        let active = endpoints.iter().filter(|endpoint| endpoint.is_active).count();
        let mut all = Counted::default();
        counted.values().for_each(|one| all.and(one));
        Ok(Statistics {
            period: Period { start_date: from.to_string(), end_date: today.to_string(), days },
            webhooks: WebhookCounts {
                total: endpoints.len(),
                active,
                inactive: endpoints.len() - active,
            },
            latency_ms: Percentiles::of(&all),
            deliveries: DeliveryCounts {
                counts: TypeCounts::of(&all),
                success_rate: percentage(all.successful, all.total),
            },
            event_types: counted
                .into_iter()
                .map(|(kind, counted)| (kind, TypeCounts::of(&counted)))
                .collect(),
            timestamp: to_the_millisecond(self.clock.now_ms()),
        })
    }
}

impl TypeCounts {
    fn of(counted: &Counted) -> Self {
        let Counted { total, successful, failed, .. } = *counted;
        Self { total, successful, failed, pending: total - successful - failed }
    }
}
