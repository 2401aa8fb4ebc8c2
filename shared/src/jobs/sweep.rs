//! The sweeper: sends hints for whatever is due and was not worked on. It is
//! what makes every other message dispensable.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::job::DUE_SHARDS;
use super::{Jobs, Row, State};
use crate::error::Result;
use crate::queue::{Hint, Queue};
use crate::table::{Key, Query, Range, Read};
use crate::tenant::Tenant;

/// The most hints that one sweep sends for one partition of the index: each gets its
/// share, however much stands in the others.
const MOST_A_SHARD: usize = 125;

/// Jobs of one table and the queue that their hints go through.
#[derive(Clone)]
pub struct Lane {
    /// The jobs.
    pub jobs: Jobs,
    /// The queue.
    pub queue: Arc<dyn Queue>,
}

impl Lane {
    /// Tells a worker; if that fails, the sweeper will.
    pub async fn hint(&self, hint: Hint) {
        if let Err(error) = self.queue.send(vec![hint], Duration::ZERO).await {
            tracing::warn!(%error, "hint not sent; the sweeper will");
        }
    }
}

/// What a sweep found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Hints sent.
    pub hints: usize,
    /// How long the oldest of them had been due, in milliseconds.
    pub oldest_ms: i64,
}

#[derive(Deserialize)]
struct DueEntry {
    #[serde(flatten)]
    key: Key,
    wake_at: i64,
}

/// Sends a hint for every job of the lane that the index says is due.
pub async fn sweep(lane: &Lane) -> Result<Swept> {
    let now = lane.jobs.clock.now_ms();
    let mut swept = Swept::default();
    for shard in 0..DUE_SHARDS {
        let due = entries(lane, shard, now, MOST_A_SHARD).await?;
        for entry in &due {
            swept.oldest_ms = swept.oldest_ms.max(now - entry.wake_at);
        }
        swept.hints += due.len();
        let hints: Vec<_> = due.into_iter().map(|entry| Hint::at(entry.key)).collect();
        if !hints.is_empty() {
            lane.queue.send(hints, Duration::ZERO).await?;
        }
    }
    Ok(swept)
}

/// Takes the leases off all claimed jobs of the lane and sends hints for all that
/// is open. Only for a process that knows that no other one works on this table.
pub async fn release_abandoned<R: Row>(lane: &Lane) -> Result<Swept> {
    let mut swept = Swept::default();
    for shard in 0..DUE_SHARDS {
        for entry in entries(lane, shard, i64::MAX, usize::MAX).await? {
            let row: Option<R> = lane.jobs.table.get(&entry.key, Read::Consistent).await?;
            let Some(row) = row else { continue };
            if row.job().state == State::Leased {
                lane.jobs.release(&row).await?;
            }
            // A queue that is full leaves the rest to the sweeper.
            let _ = lane.queue.send(vec![Hint::at(entry.key)], Duration::ZERO).await;
            swept.hints += 1;
        }
    }
    Ok(swept)
}

/// The keys of this tenant's jobs of the lane that are not settled, in no order.
pub async fn open_jobs(lane: &Lane, tenant: &Tenant) -> Result<Vec<Key>> {
    let mut open = Vec::new();
    for shard in 0..DUE_SHARDS {
        let entries = entries(lane, shard, i64::MAX, usize::MAX).await?;
        let keys = entries.into_iter().map(|entry| entry.key);
        open.extend(keys.filter(|key| Tenant::of_pk(&key.pk).as_ref() == Some(tenant)));
    }
    Ok(open)
}

/// What stands in one partition of the `due` index up to `until`.
async fn entries(lane: &Lane, shard: i64, until: i64, most: usize) -> Result<Vec<DueEntry>> {
    let mut found = Vec::new();
    let mut next = None;
    while found.len() < most {
        let query = Query::index("due", "due_shard", &lane.jobs.policy.due_shard(shard))
            .range("wake_at", Range::UpTo(until.into()))
            .limit(100)
            .after(next);
        let page = lane.jobs.table.query(query).await?;
        found.extend(page.items);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}
