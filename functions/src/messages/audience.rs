//! Who listens to a tenant: its webhooks, and until when somebody watches live.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Query, Table};
use shared::tenant::Tenant;

use crate::integrations::webhooks::Endpoint;

/// One who listens, as a row of the tenant's partition of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Subscriber {
    /// A webhook.
    Webhook(Box<Endpoint>),
    /// Somebody watches, until that moment at most (milliseconds since 1970).
    Watched {
        /// That moment.
        watched_until: i64,
    },
}

/// All who listen to a tenant at `now` (milliseconds since 1970), read consistently: a
/// webhook hears of everything that is emitted after it was made.
pub async fn audience(messages: &Table, tenant: &Tenant, now: i64) -> Result<Vec<Subscriber>> {
    let found: Vec<Subscriber> = messages.query_all(Query::partition(&partition(tenant))).await?;
    let listens = |subscriber: &Subscriber| match subscriber {
        Subscriber::Webhook(_) => true,
        Subscriber::Watched { watched_until } => *watched_until > now,
    };
    Ok(found.into_iter().filter(listens).collect())
}

/// The partition of those who listen to a tenant.
pub fn partition(tenant: &Tenant) -> String {
    tenant.pk("SUBSCRIBERS", "")
}
