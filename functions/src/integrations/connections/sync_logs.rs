//! Sync logs: what was synchronised over a connection. Their rows are written together
//! with what they tell of, and counted as they are written, so that no list is read to
//! its end for a number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::ids;
use shared::table::{Cond, Item, Key, Query, Range, Table, Update, Value, Write};
use shared::tenant::Tenant;

use super::model::{Connection, connection_key};
use super::sync_types::{Direction, SyncStatus, SyncType};

/// How long an hour's numbers are kept, in seconds: eight days.
const HOURS_KEPT: i64 = 8 * 24 * 3600;
const HOUR: i64 = 3600 * 1000;
/// The syncs that count as recent: those of the last twenty-four hours.
const RECENT: i64 = 24 * HOUR;

/// The logs of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct SyncLogs {
    table: Table,
    clock: Clock,
}

/// A log as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SyncLog {
    pk: String,
    /// Its id, a UUID that sorts by the time it was made.
    #[serde(rename = "sk")]
    pub id: String,
    /// The connection's id.
    pub connection_id: String,
    /// What was synchronised.
    pub sync_type: SyncType,
    /// Which way.
    pub direction: Direction,
    /// How far it is.
    pub status: SyncStatus,
    /// When it started, milliseconds since 1970.
    pub started_at: i64,
    /// When it ended, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// What came of its records.
    #[serde(flatten)]
    pub records: Records,
    /// The records that were taken by their kinds, where a sync has several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_kind: BTreeMap<String, i64>,
    /// What went wrong, for people; holds no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_details: Option<String>,
}

/// What came of a sync's records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// Records that were looked at.
    #[serde(rename = "records_processed")]
    pub processed: i64,
    /// Those that were taken.
    #[serde(rename = "records_successful")]
    pub successful: i64,
    /// Those that were not.
    #[serde(rename = "records_failed")]
    pub failed: i64,
}

/// How many logs of one type a connection has, by their status.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Counts {
    sk: String,
    pending: i64,
    started: i64,
    completed: i64,
    failed: i64,
}

/// What a tenant's connections did lately.
#[derive(Debug, Default)]
pub(super) struct Lately {
    /// Syncs that started in the last twenty-four hours.
    pub started: i64,
    /// Those of them that ended well.
    pub completed: i64,
    /// When a sync of a type last ended well, milliseconds since 1970.
    pub last: Vec<(String, i64)>,
}

/// A row of the tenant's numbers: of an hour, or of a type.
#[derive(Deserialize)]
struct Number {
    sk: String,
    #[serde(default)]
    started: i64,
    #[serde(default)]
    completed: i64,
    #[serde(default)]
    at: i64,
}

impl SyncLogs {
    /// Needs the table `integrations`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { table: env.table("INTEGRATIONS_TABLE")?, clock: env.clock() })
    }

    /// A log of a sync that starts, and the writes that keep it, to be made together with
    /// whatever starts it. They are refused when the connection is gone.
    pub fn start(
        &self,
        tenant: &Tenant,
        connection: &Connection,
        sync_type: SyncType,
        direction: Direction,
    ) -> Result<(SyncLog, Vec<Write>)> {
        let log = self.begun(tenant, connection, sync_type, direction);
        let kept = Update::of(connection_key(tenant, &connection.id)).set("has_history", true);
        let counted = Update::of(counts_key(tenant, &log)).add("started", 1);
        let writes = vec![
            self.table.put(Item::of(&log)?, Some(Cond::Absent("pk"))),
            self.table.change(kept.when(Cond::Present("pk"))),
            self.table.change(counted),
            self.table.change(self.hour(tenant, &log).add("started", 1)),
        ];
        Ok((log, writes))
    }

    fn begun(
        &self,
        tenant: &Tenant,
        connection: &Connection,
        sync_type: SyncType,
        direction: Direction,
    ) -> SyncLog {
        SyncLog {
            pk: partition(tenant, &connection.id),
            id: ids::time_ordered(),
            connection_id: connection.id.clone(),
            sync_type,
            direction,
            status: SyncStatus::Started,
            started_at: self.clock.now_ms(),
            ended_at: None,
            records: Records::default(),
            by_kind: BTreeMap::new(),
            error_details: None,
        }
    }

    /// When a sync of this type last ended well, among all connections.
    fn last(&self, tenant: &Tenant, log: &SyncLog, now: i64) -> Write {
        let key = Key { pk: numbers(tenant), sk: format!("LAST#{}", log.sync_type.name()) };
        self.table.change(Update::of(key).set("at", now))
    }

    /// The writes that end a sync, to be made together with what it changed last. It ended
    /// well if `error` is none; `log.by_kind` is kept as it is. They are refused when it has
    /// ended already.
    pub fn finish(
        &self,
        tenant: &Tenant,
        log: &SyncLog,
        records: Records,
        error: Option<&str>,
    ) -> Vec<Write> {
        let now = self.clock.now_ms();
        let status = if error.is_some() { SyncStatus::Failed } else { SyncStatus::Completed };
        let key = Key { pk: log.pk.clone(), sk: log.id.clone() };
        let ended = Update::of(key)
            .set("status", status.name())
            .set("ended_at", now)
            .set("records_processed", records.processed)
            .set("records_successful", records.successful)
            .set("records_failed", records.failed)
            .assign("error_details", error.map(Into::into))
            .assign("by_kind", Value::of(&log.by_kind).ok().filter(|_| !log.by_kind.is_empty()))
            .when(Cond::Eq("status", SyncStatus::Started.name().into()));
        let counted = Update::of(counts_key(tenant, log)).add("started", -1).add(status.name(), 1);
        let hour = self.hour(tenant, log).add(status.name(), 1);
        let mut writes =
            vec![self.table.change(ended), self.table.change(counted), self.table.change(hour)];
        if status == SyncStatus::Completed {
            let connection = Update::of(connection_key(tenant, &log.connection_id));
            let connection = connection.set("last_sync", now).when(Cond::Present("pk"));
            writes.push(self.table.change(connection));
            writes.push(self.last(tenant, log, now));
        }
        writes
    }

    /// A log of a sync that is over when it is told, and the writes that keep it, to be made
    /// together with what it changed. It ended well if `error` is none. The connection's row
    /// is not among them: it has a history from now on.
    pub fn over(
        &self,
        tenant: &Tenant,
        connection: &Connection,
        (sync_type, direction): (SyncType, Direction),
        records: Records,
        error: Option<&str>,
    ) -> Result<(SyncLog, Vec<Write>)> {
        let (now, failed) = (self.clock.now_ms(), error.is_some());
        let log = SyncLog {
            status: if failed { SyncStatus::Failed } else { SyncStatus::Completed },
            ended_at: Some(now),
            records,
            error_details: error.map(str::to_owned),
            ..self.begun(tenant, connection, sync_type, direction)
        };
        let counted = Update::of(counts_key(tenant, &log)).add(log.status.name(), 1);
        let hour = self.hour(tenant, &log).add("started", 1).add(log.status.name(), 1);
        let mut writes = vec![
            self.table.put(Item::of(&log)?, Some(Cond::Absent("pk"))),
            self.table.change(counted),
            self.table.change(hour),
        ];
        if !failed {
            writes.push(self.last(tenant, &log, now));
        }
        Ok((log, writes))
    }

    /// The write that changes a connection's own row, for whoever keeps a log of its end.
    pub fn of_connection(&self, update: Update) -> Write {
        self.table.change(update)
    }

    /// A connection's newest logs.
    pub(super) async fn newest(
        &self,
        tenant: &Tenant,
        connection: &str,
        limit: i32,
    ) -> Result<Vec<SyncLog>> {
        let query = Query::partition(&partition(tenant, connection)).descending().limit(limit);
        Ok(self.table.query(query).await?.items)
    }

    /// A connection's logs of this type and status, newest first, and how many there are.
    pub(super) async fn list(
        &self,
        tenant: &Tenant,
        connection: &str,
        (sync_type, status): (Option<SyncType>, Option<SyncStatus>),
        (skip, limit): (usize, usize),
    ) -> Result<(Vec<SyncLog>, i64)> {
        let wanted = |log: &SyncLog| {
            sync_type.is_none_or(|of| of == log.sync_type)
                && status.is_none_or(|is| is == log.status)
        };
        let query = Query::partition(&partition(tenant, connection)).descending();
        let logs = self.table.query_window(query, wanted, skip, limit).await?;
        let counts = Query::partition(&tenant.pk("SYNC-COUNTS", connection));
        let counts: Vec<Counts> = self.table.query_all(counts).await?;
        let of_type =
            counts.iter().filter(|counts| sync_type.is_none_or(|of| of.name() == counts.sk));
        Ok((logs, of_type.map(|counts| counts.of(status)).sum()))
    }

    /// What a tenant's connections did lately.
    pub(super) async fn lately(&self, tenant: &Tenant) -> Result<Lately> {
        let first = hour_sk(self.clock.now_ms() - RECENT + HOUR);
        let span = Range::Between(first.as_str().into(), "LAST#~".into());
        let query = Query::partition(&numbers(tenant)).range("sk", span);
        let mut lately = Lately::default();
        for number in self.table.query_all::<Number>(query).await? {
            lately.started += number.started;
            lately.completed += number.completed;
            if let Some(sync_type) = number.sk.strip_prefix("LAST#") {
                lately.last.push((sync_type.to_owned(), number.at));
            }
        }
        Ok(lately)
    }

    /// The numbers of the hour in which a sync started.
    fn hour(&self, tenant: &Tenant, log: &SyncLog) -> Update {
        let key = Key { pk: numbers(tenant), sk: hour_sk(log.started_at) };
        Update::of(key).set("expires_at", log.started_at / 1000 + HOURS_KEPT)
    }
}

impl Counts {
    fn of(&self, status: Option<SyncStatus>) -> i64 {
        let one = |status| match status {
            SyncStatus::Pending => self.pending,
            SyncStatus::Started => self.started,
            SyncStatus::Completed => self.completed,
            SyncStatus::Failed => self.failed,
        };
        status.map_or_else(|| SyncStatus::ALL.into_iter().map(one).sum(), one)
    }
}

/// The partition of a connection's logs.
fn partition(tenant: &Tenant, connection: &str) -> String {
    tenant.pk("SYNCS", connection)
}

fn counts_key(tenant: &Tenant, log: &SyncLog) -> Key {
    let pk = tenant.pk("SYNC-COUNTS", &log.connection_id);
    Key { pk, sk: log.sync_type.name().to_owned() }
}

/// The partition of what all connections of a tenant did.
fn numbers(tenant: &Tenant) -> String {
    tenant.pk("SYNC-NUMBERS", "")
}

fn hour_sk(at: i64) -> String {
    format!("HOUR#{:012}", at.div_euclid(HOUR).max(0))
}
