//! How much each caller uses: counted in the process, written down at most every
//! five seconds in counters spread over shards, so that no row is hot. A batch is
//! written whole under a token of its own, so a lost reply counts nothing twice.
//!
//! A process that is ended with notice writes the rest down; an instance of a
//! function is ended without, so what it counted within five seconds of its last
//! writing is lost if no request comes after.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use shared::clock::{Clock, timestamp};
use shared::env::Env;
use shared::error::Result;
use shared::ids;
use shared::table::{Key, Query, Range, Read, Table, Update, Write};
use shared::tenant::Tenant;
use shared::web::Caller;

/// Shards of each counter; a process writes to one.
const SHARDS: u32 = 8;
/// How long counts stay in a process that is called, in milliseconds.
const WRITE_EVERY: i64 = 5_000;
/// Counters a transaction writes; DynamoDB takes 100.
const BATCH: usize = 50;
/// How long a day's counts are kept, in days.
const DAYS_KEPT: i64 = 35;

const DAY_MS: i64 = 24 * 3600 * 1000;

/// The counts. Cheap to clone.
#[derive(Clone)]
pub struct Usage {
    table: Table,
    clock: Clock,
    shard: u32,
    counted: Arc<Mutex<Counted>>,
    writing: Arc<tokio::sync::Mutex<VecDeque<Batch>>>,
}

#[derive(Default)]
struct Counted {
    /// When counts were last written down.
    written: i64,
    seen: HashMap<Seen, Total>,
}

/// Who used what, on which day.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Seen {
    tenant: Tenant,
    actor: String,
    day: i64,
    endpoint: String,
}

/// How often, and when last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Requests.
    pub count: i64,
    /// In milliseconds since 1970.
    pub last: Option<i64>,
}

/// What one transaction writes, again and again until it is known to be written.
struct Batch {
    token: String,
    seen: Vec<(Seen, Total)>,
}

#[derive(Deserialize)]
struct Counter {
    sk: String,
    n: i64,
    #[serde(default)]
    last: Option<i64>,
}

/// What a caller used in the last days.
#[derive(Debug, Default)]
pub struct Week {
    /// Requests of this day (UTC).
    pub today: i64,
    /// Requests of this day and the six before.
    pub week: i64,
    /// Those of the week by endpoint.
    pub endpoints: BTreeMap<String, i64>,
}

impl Usage {
    /// Needs the table `control`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            table: env.table("CONTROL_TABLE")?,
            clock: env.clock(),
            shard: fastrand::u32(0..SHARDS),
            counted: Arc::default(),
            writing: Arc::default(),
        })
    }

    /// Counts a request.
    pub fn count(&self, caller: &Caller, endpoint: &str) {
        let now = self.clock.now_ms();
        let seen = Seen {
            tenant: caller.tenant.clone(),
            actor: caller.actor.clone(),
            day: now / DAY_MS,
            endpoint: endpoint.to_owned(),
        };
        let mut counted = self.counted();
        let total = counted.seen.entry(seen).or_default();
        total.count += 1;
        total.last = Some(now);
    }

    /// Writes down what was counted, if it has waited long enough.
    pub async fn settle(&self) {
        let now = self.clock.now_ms();
        let due =
            |counted: &Counted| !counted.seen.is_empty() && now - counted.written >= WRITE_EVERY;
        if due(&self.counted()) {
            self.write().await;
        }
    }

    /// Writes down what was counted. What cannot be written now is kept.
    pub async fn write(&self) {
        let mut batches = self.writing.lock().await;
        let mut seen: Vec<_> = {
            let mut counted = self.counted();
            counted.written = self.clock.now_ms();
            counted.seen.drain().collect()
        };
        while !seen.is_empty() {
            let rest = seen.split_off(seen.len().min(BATCH));
            batches.push_back(Batch { token: ids::time_ordered(), seen });
            seen = rest;
        }
        while let Some(batch) = batches.front() {
            let written = self.table.transact(&batch.token, self.writes(batch)).await;
            if let Err(error) = written {
                tracing::warn!(%error, "usage was not written; it is kept for the next time");
                return;
            }
            batches.pop_front();
        }
    }

    fn writes(&self, batch: &Batch) -> Vec<Write> {
        let mut totals: HashMap<(&Tenant, &str), Total> = HashMap::new();
        let mut writes = Vec::new();
        for (seen, counted) in &batch.seen {
            let total = totals.entry((&seen.tenant, &seen.actor)).or_default();
            total.count += counted.count;
            total.last = total.last.max(counted.last);
            let sk = format!("{}#{}#{}", day_name(seen.day), seen.endpoint, self.shard);
            let update = Update::of(Key { pk: of_days(&seen.tenant, &seen.actor), sk })
                .add("n", counted.count)
                .set("expires_at", (seen.day + DAYS_KEPT) * DAY_MS / 1000);
            writes.push(self.table.change(update));
        }
        for ((tenant, actor), total) in totals {
            let update = Update::of(total_key(tenant, actor, self.shard)).add("n", total.count);
            let update = update.assign("last", total.last.map(Into::into));
            writes.push(self.table.change(update));
        }
        writes
    }

    /// How much each of the tenant's callers used whom the records call something that
    /// starts so.
    pub async fn totals(&self, tenant: &Tenant, start: &str) -> Result<HashMap<String, Total>> {
        let range = Range::Between(start.into(), format!("{start}~").into());
        let query = Query::partition(&of_totals(tenant)).range("sk", range);
        let mut totals: HashMap<String, Total> = HashMap::new();
        for counter in self.table.query_all::<Counter>(query).await? {
            let actor = counter.sk.rsplit_once('#').map_or("", |(actor, _)| actor);
            totals.entry(actor.to_owned()).or_default().join(&counter);
        }
        Ok(totals)
    }

    /// How much one caller used.
    pub async fn total(&self, tenant: &Tenant, actor: &str) -> Result<Total> {
        let keys: Vec<_> = (0..SHARDS).map(|shard| total_key(tenant, actor, shard)).collect();
        let mut total = Total::default();
        for counter in self.table.get_many::<Counter>(&keys, Read::Consistent).await? {
            total.join(&counter);
        }
        Ok(total)
    }

    /// What one caller used in the last seven days.
    pub async fn week(&self, tenant: &Tenant, actor: &str) -> Result<Week> {
        let today = self.clock.now_ms() / DAY_MS;
        let range = Range::From(day_name(today - 6).into());
        let query = Query::partition(&of_days(tenant, actor)).range("sk", range);
        let (mut week, today) = (Week::default(), day_name(today));
        for counter in self.table.query_all::<Counter>(query).await? {
            let Some((day, rest)) = counter.sk.split_once('#') else { continue };
            let endpoint = rest.rsplit_once('#').map_or(rest, |(endpoint, _)| endpoint);
            week.week += counter.n;
            *week.endpoints.entry(endpoint.to_owned()).or_default() += counter.n;
            if day == today {
                week.today += counter.n;
            }
        }
        Ok(week)
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Total {
    fn join(&mut self, counter: &Counter) {
        self.count += counter.n;
        self.last = self.last.max(counter.last);
    }
}

fn day_name(day: i64) -> String {
    timestamp(day * DAY_MS).strftime("%Y-%m-%d").to_string()
}

fn of_days(tenant: &Tenant, actor: &str) -> String {
    tenant.pk("USE", actor)
}

fn of_totals(tenant: &Tenant) -> String {
    tenant.pk("USED", "")
}

fn total_key(tenant: &Tenant, actor: &str, shard: u32) -> Key {
    Key { pk: of_totals(tenant), sk: format!("{actor}#{shard}") }
}
