//! Keeping records.

use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::Result;
use shared::table::{Item, Key, Table, Write, Written};

use super::keys::Centre;
use super::kinds::{Kept, Mark, StatusMark};
use super::model::Record;
use super::row::{Origin, Row, first_key};

/// Rows that are written in one call, and calls side by side.
const TOGETHER: usize = 25;
pub(super) const AT_ONCE: usize = 4;
/// How long records are kept, in days, unless `WORKFORCE_KEEP_DAYS` says otherwise.
const KEEP_DAYS: i64 = 400;

/// The records of all contact centres. Cheap to clone.
#[derive(Clone)]
pub struct Records {
    pub(super) table: Table,
    pub(super) clock: Clock,
    keep_seconds: i64,
}

/// A record that is to be kept.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// Where it came from.
    pub origin: Origin,
    /// What was sent, as JSON text, if that is to be shown again.
    pub raw: Option<String>,
}

impl Records {
    /// Needs the table `workforce`.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            table: env.table("WORKFORCE_TABLE")?,
            clock: env.clock(),
            keep_seconds: env.within("WORKFORCE_KEEP_DAYS", KEEP_DAYS, 1..=36_500)? * 24 * 3600,
        })
    }

    /// Keeps these records of a centre, each instead of what there is with its natural key;
    /// of two with the same, the last. They are on record when this is back. When it fails,
    /// some may be kept, and keeping all of them again does no harm.
    ///
    /// # Errors
    /// `Invalid` when a record cannot be kept: nothing is, then. `Unavailable` when the table
    /// does not answer.
    pub async fn keep(&self, centre: Centre<'_>, entries: &[Entry]) -> Result<()> {
        entries.iter().try_for_each(|entry| entry.record.check())?;
        let mut items = Vec::new();
        for entry in entries {
            items.extend(self.items(centre, entry)?);
        }
        self.put_all(items).await
    }

    /// Puts rows; of two with the same key, the last.
    pub(super) async fn put_all(&self, rows: Vec<Item>) -> Result<()> {
        let text = |row: &Item, name| row.text(name).unwrap_or_default().to_owned();
        let unique: HashMap<_, _> =
            rows.into_iter().map(|row| ((text(&row, "pk"), text(&row, "sk")), row)).collect();
        let rows: Vec<Item> = unique.into_values().collect();
        let calls = rows.chunks(TOGETHER).map(|chunk| self.table.put_many(chunk.to_vec()));
        let calls: Vec<_> = calls.collect();
        stream::iter(calls).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }

    /// Makes writes of whatever tables together.
    pub(in crate::integrations::contact_center) async fn transact(
        &self,
        token: &str,
        writes: Vec<Write>,
    ) -> Result<Written> {
        self.table.transact(token, writes).await
    }

    /// The rows of a record.
    pub(super) fn items(&self, centre: Centre<'_>, entry: &Entry) -> Result<Vec<Item>> {
        match &entry.record {
            Record::AgentStatus(status) => {
                let mark = StatusMark { mark: Mark::Entered, status: status.clone() };
                self.rows(centre, mark, entry)
            }
            Record::GroupMetrics(record) => self.rows(centre, record.clone(), entry),
            Record::QueueMetrics(record) => self.rows(centre, record.clone(), entry),
            Record::AgentLogin(record) => self.rows(centre, record.clone(), entry),
            Record::AgentCall(record) => self.rows(centre, record.clone(), entry),
            Record::AgentChat(record) => self.rows(centre, record.clone(), entry),
            Record::ChatDay(record) => self.rows(centre, record.clone(), entry),
        }
    }

    fn rows<T: Kept>(&self, centre: Centre<'_>, record: T, entry: &Entry) -> Result<Vec<Item>> {
        let who = self.introduces(centre, &entry.record, record.who())?;
        let row = self.row(centre, record, entry.origin, entry.raw.clone());
        let mut items = Row::all(centre, &row)?;
        items.extend(who);
        Ok(items)
    }

    /// The first row of something kept.
    pub(in crate::integrations::contact_center) fn row<T: Kept>(
        &self,
        centre: Centre<'_>,
        record: T,
        origin: Origin,
        raw: Option<String>,
    ) -> Row<T> {
        let Key { pk, sk } = first_key(centre, &record);
        Row { pk, sk, echo_of: None, record, origin, raw, expires_at: self.expires_at() }
    }

    /// Until when what is kept now is, in seconds since 1970.
    pub(super) fn expires_at(&self) -> i64 {
        self.clock.now_ms() / 1000 + self.keep_seconds
    }
}

/// The key of a record's first row: its natural key, whose and when it is.
pub fn natural_key(centre: Centre<'_>, record: &Record) -> Key {
    match record {
        Record::AgentStatus(status) => {
            first_key(centre, &StatusMark { mark: Mark::Entered, status: status.clone() })
        }
        Record::GroupMetrics(record) => first_key(centre, record),
        Record::QueueMetrics(record) => first_key(centre, record),
        Record::AgentLogin(record) => first_key(centre, record),
        Record::AgentCall(record) => first_key(centre, record),
        Record::AgentChat(record) => first_key(centre, record),
        Record::ChatDay(record) => first_key(centre, record),
    }
}
