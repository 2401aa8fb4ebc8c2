//! Who listens to a tenant: its webhooks, its rules of notifications and their targets,
//! and until when somebody watches live.

use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::table::{Cond, Key, Query, Table, Update, Value, Write};
use shared::tenant::Tenant;

use crate::integrations::webhooks::Endpoint;
use crate::notifications::{Rule, Target};

/// The sort key of the row that says until when somebody watches. No webhook is called so.
const WATCHED: &str = "watched";

/// Webhooks and targets of one tenant together at most: a message and all of its
/// deliveries and notices are written in the transaction of the change, which takes a
/// hundred writes and may emit two.
const MOST: i64 = 20;

/// What is said to somebody who wants more of them.
pub const TOO_MANY: &str =
    "There are 20 webhooks and targets of notifications, which is as many as there may be";

/// One who listens, as a row of the tenant's partition of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Subscriber {
    /// A webhook.
    Webhook(Box<Endpoint>),
    /// A rule of notifications.
    Rule(Box<Rule>),
    /// Where they go.
    Target(Box<Target>),
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
        Subscriber::Webhook(_) | Subscriber::Rule(_) | Subscriber::Target(_) => true,
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

/// The write that counts one more webhook or target. Refused when there are as many as
/// there may be.
pub fn one_more(messages: &Table, tenant: &Tenant) -> Write {
    let room = Cond::Any(vec![Cond::Absent("n"), Cond::Lt("n", MOST.into())]);
    messages.change(Update::of(count_key(tenant)).add("n", 1).when(room))
}

/// The write that counts one less.
pub fn one_less(messages: &Table, tenant: &Tenant) -> Write {
    messages.change(Update::of(count_key(tenant)).add("n", -1))
}

/// Where a tenant's webhooks and targets are counted.
fn count_key(tenant: &Tenant) -> Key {
    Key::alone(tenant.pk("WEBHOOKS", "COUNT"))
}

/// The partition of those who listen to a tenant.
pub fn partition(tenant: &Tenant) -> String {
    tenant.pk("SUBSCRIBERS", "")
}
