//! Who listens to a tenant: its webhooks, and until when somebody watches live.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Cond, Key, Query, Table, Update, Value};
use shared::tenant::Tenant;

use crate::integrations::webhooks::Endpoint;

/// The sort key of the row that says until when somebody watches. No webhook is called so.
const WATCHED: &str = "watched";

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

/// Has messages written for whoever watches, until that moment at least (milliseconds
/// since 1970).
pub async fn watch(messages: &Table, tenant: &Tenant, until: i64) -> Result<()> {
    let key = Key { pk: partition(tenant), sk: WATCHED.to_owned() };
    let earlier = Cond::Any(vec![
        Cond::Absent("watched_until"),
        Cond::Lt("watched_until", Value::from(until)),
    ]);
    let update = Update::of(key).set("watched_until", until).set("expires_at", until / 1000 + 1);
    // Refused when somebody watches for longer.
    messages.update(update.when(earlier)).await.map(drop)
}

/// The partition of those who listen to a tenant.
pub fn partition(tenant: &Tenant) -> String {
    tenant.pk("SUBSCRIBERS", "")
}
