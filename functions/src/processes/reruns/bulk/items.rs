//! Use case: see the failures that a bulk rerun found, and what became of each.

use serde::Serialize;
use shared::error::Result;
use shared::table::{Key, Read};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::model::{BulkRerun, chunk_key};
use crate::bulk::{BulkStatus, Chunk};
use crate::processes::reruns::Reruns;
use crate::processes::reruns::model::{Outcome, Rerun, rerun_key};
use crate::processes::runs::{Run, StepStatus, run_key, step_run_of};

/// A failure that a bulk rerun found.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkItem {
    step_run_id: i64,
    run_id: i64,
    result: ItemResult,
    /// Why it was passed over.
    reason: Option<String>,
    /// The step run that it was run again as.
    rerun_step_run_id: Option<i64>,
    /// How that one stands now.
    rerun_status: Option<StepStatus>,
    /// What that rerun came to, so far as is known.
    rerun_outcome: Option<Outcome>,
}

/// What a bulk rerun did with a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BulkItemResult)]
enum ItemResult {
    /// It has yet to come to it.
    Waiting,
    /// It ran it again.
    Rerun,
    /// It passed it over, as it had changed or is not to be run again.
    PassedOver,
    /// It ended before it came to it.
    NotReached,
}

impl Reruns {
    /// A part of what a bulk rerun found, oldest first, and the number of the next; the
    /// first part when no number is given.
    pub(super) async fn bulk_items(
        &self,
        tenant: &Tenant,
        bulk: &BulkRerun,
        part: Option<i64>,
    ) -> Result<(Vec<BulkItem>, Option<i64>)> {
        let (row, next) = bulk.progress.part(part);
        let table = &self.store.table;
        let chunk: Option<Chunk> = match row.map(|row| chunk_key(tenant, bulk.id(), row)) {
            Some(key) => table.get(&key, Read::Consistent).await?,
            None => None,
        };
        let Some(chunk) = chunk else { return Ok((Vec::new(), next)) };
        let mut keys: Vec<Key> =
            chunk.ids.iter().filter_map(|id| Some(run_key(tenant, step_run_of(*id)?.0))).collect();
        keys.dedup();
        let runs: Vec<Run> = table.get_many(&keys, Read::Consistent).await?;
        let newer = chunk.ids.iter().filter_map(|id| newer(&runs, *id));
        let keys: Vec<Key> = newer.map(|(id, _)| rerun_key(tenant, id)).collect();
        let reruns: Vec<Rerun> = table.get_many(&keys, Read::Consistent).await?;
        let items = chunk.ids.iter().rev().map(|id| item(bulk, &chunk, &runs, &reruns, *id));
        Ok((items.collect(), next))
    }
}

/// The step run that took the place of this one, and how it stands.
fn newer(runs: &[Run], id: i64) -> Option<(i64, StepStatus)> {
    let (run_id, number) = step_run_of(id)?;
    let run = runs.iter().find(|run| run.id() == run_id)?;
    let newer = run.step(run.step(number)?.superseded_by?)?;
    Some((run.step_run_id(newer.number), newer.status))
}

fn item(bulk: &BulkRerun, chunk: &Chunk, runs: &[Run], reruns: &[Rerun], id: i64) -> BulkItem {
    let newer = newer(runs, id);
    let rerun = newer.and_then(|(id, _)| {
        let (run_id, number) = step_run_of(id)?;
        let is_it = |rerun: &&Rerun| rerun.run_id == run_id && rerun.number == number;
        reruns.iter().find(is_it).filter(|rerun| rerun.bulk.as_deref() == Some(bulk.id()))
    });
    let newer = newer.filter(|_| rerun.is_some());
    let reason = chunk.notes.get(&id.to_string()).cloned();
    let goes_on = matches!(
        bulk.progress.status(&bulk.job),
        BulkStatus::Counting | BulkStatus::Running | BulkStatus::Paused
    );
    BulkItem {
        step_run_id: id,
        run_id: step_run_of(id).map_or(0, |(run, _)| run),
        result: match (rerun, &reason) {
            (Some(_), _) => ItemResult::Rerun,
            (None, Some(_)) => ItemResult::PassedOver,
            (None, None) if goes_on => ItemResult::Waiting,
            (None, None) => ItemResult::NotReached,
        },
        reason,
        rerun_step_run_id: newer.map(|(id, _)| id),
        rerun_status: newer.map(|(_, status)| status),
        rerun_outcome: rerun.and_then(|rerun| rerun.outcome),
    }
}
