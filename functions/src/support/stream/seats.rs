//! How many may watch at a time: each viewer has a seat, a row that holds for a short while
//! and is renewed, so that seats of those who are gone become free by themselves.

use serde::{Deserialize, Serialize};
use shared::clock::Clock;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::table::{Cond, Item, Key, Query, Table, Update, Written};
use shared::tenant::Tenant;
use std::time::Duration;

/// How long a seat holds without being renewed, in milliseconds: three keepalives.
const HOLDS_MS: i64 = 45_000;
/// How often one is looked for when others take them at the same moment.
const TRIES: usize = 8;
/// When to come back for one.
const COME_BACK: Duration = Duration::from_secs(10);

/// The seats of each tenant.
#[derive(Clone)]
pub struct Seats {
    table: Table,
    clock: Clock,
    most: usize,
}

/// A seat that is taken.
#[derive(Clone)]
pub struct Seat {
    table: Table,
    clock: Clock,
    key: Key,
    holder: String,
}

/// A seat as stored.
#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    key: Key,
    holder: String,
    /// Until when it holds, milliseconds since 1970.
    until: i64,
    expires_at: i64,
}

impl Seats {
    /// So many seats for each tenant, in the table `tickets`.
    pub fn new(table: Table, clock: Clock, most: usize) -> Self {
        Self { table, clock, most }
    }

    /// Takes a seat.
    ///
    /// # Errors
    /// `Unavailable`, with when to come back, when none is free.
    pub async fn take(&self, tenant: &Tenant) -> Result<Seat> {
        let pk = tenant.pk("SEATS", "");
        let holder = ids::unique();
        for _ in 0..TRIES {
            let taken: Vec<Row> = self.table.query_all(Query::partition(&pk)).await?;
            let now = self.clock.now_ms();
            let is_held = |sk: &str| taken.iter().any(|row| row.key.sk == sk && row.until >= now);
            let free: Vec<String> =
                (0..self.most).map(|n| format!("S#{n:04}")).filter(|sk| !is_held(sk)).collect();
            let Some(sk) = fastrand::choice(&free) else { break };
            let known = taken.iter().find(|row| row.key.sk == *sk);
            let unchanged = match known {
                None => Cond::Absent("pk"),
                Some(row) => Cond::Eq("holder", row.holder.as_str().into()),
            };
            let key = Key { pk: pk.clone(), sk: sk.clone() };
            let row = Row {
                key: key.clone(),
                holder: holder.clone(),
                until: now + HOLDS_MS,
                expires_at: (now + HOLDS_MS) / 1000 + 60,
            };
            let put = self.table.put(Item::of(&row)?, Some(unchanged));
            if let Written::Done = self.table.transact(&ids::time_ordered(), vec![put]).await? {
                let (table, clock) = (self.table.clone(), self.clock.clone());
                return Ok(Seat { table, clock, key, holder });
            }
        }
        let told = format!("{} streams are open, and no more are served at a time", self.most);
        Err(Error { retry_after: Some(COME_BACK), ..Error::new(Kind::Unavailable, told) })
    }
}

impl Seat {
    /// Holds it for another while. False when somebody else has it by now.
    pub async fn renew(&self) -> Result<bool> {
        let until = self.clock.now_ms() + HOLDS_MS;
        let update = Update::of(self.key.clone())
            .set("until", until)
            .set("expires_at", until / 1000 + 60)
            .when(Cond::Eq("holder", self.holder.as_str().into()));
        Ok(matches!(self.table.update(update).await?, Written::Done))
    }

    /// Leaves it to others.
    pub async fn leave(self) {
        let own = Cond::Eq("holder", self.holder.as_str().into());
        let delete = self.table.delete(self.key.clone(), Some(own));
        if let Err(error) = self.table.transact(&ids::time_ordered(), vec![delete]).await {
            tracing::warn!(%error, "a seat becomes free later by itself");
        }
    }
}
