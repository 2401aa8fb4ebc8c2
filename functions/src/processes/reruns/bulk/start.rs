//! Use case: start a bulk rerun, count before that, and see those there are.

use serde_json::json;
use shared::error::{Error, Result};
use shared::ids;
use shared::jobs::Job;
use shared::queue::Hint;
use shared::table::{Cond, Item, Key, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::model::{BulkRerun, bulk_key};
use super::select::Selection;
use crate::bulk::{self, Progress};
use crate::processes::reruns::Reruns;

/// Failures that are counted before a bulk rerun, at most, and pages that are looked at for
/// it.
const COUNTED: usize = 20_000;
const PAGES: usize = 250;

/// What a bulk rerun is to be.
pub(super) struct NewBulk {
    pub selection: Selection,
    pub reason: String,
    pub pace: u32,
}

impl Reruns {
    /// How many failures a bulk rerun would be about, and whether there are more.
    pub(super) async fn count_bulk(
        &self,
        tenant: &Tenant,
        selection: &Selection,
    ) -> Result<(usize, bool)> {
        let (mut count, mut pages, mut below) = (0, 0, Some(i64::MAX));
        while let Some(from) = below.filter(|_| count < COUNTED && pages < PAGES) {
            pages += 1;
            let (ids, next) = selection.page(self, tenant, from).await?;
            count += ids.len();
            below = next;
        }
        Ok((count, below.is_some()))
    }

    /// Starts one about the failures that there are now.
    pub(super) async fn start_bulk(&self, by: &Caller, new: NewBulk) -> Result<BulkRerun> {
        let (id, now) = (ids::time_ordered(), self.store.clock.now_ms());
        let Key { pk, sk } = bulk_key(&by.tenant, &id);
        let policy = &self.lane.jobs.policy;
        let bulk = BulkRerun {
            pk,
            sk,
            selection: serde_json::to_string(&new.selection).map_err(Error::internal)?,
            reason: new.reason,
            by: by.actor.clone(),
            corr: by.corr.clone(),
            pace: new.pace,
            progress: Progress::below(self.store.last_number(&by.tenant).await? + 1),
            created_at: now,
            job: Job::fresh(now, now, policy).not_before(now),
        };
        let details = json!({ "selection": new.selection, "reason": bulk.reason });
        let writes = vec![
            self.store.table.put(Item::of(&bulk)?, Some(Cond::Absent("pk"))),
            self.store.trail.entry(by, "bulk-rerun.start", format!("bulk-rerun:{id}"), &details)?,
        ];
        match self.store.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.lane.hint(Hint::at(bulk_key(&by.tenant, &id))).await;
                Ok(bulk)
            }
            Written::Refused(_) => Err(Error::bug("a bulk rerun's id was given twice")),
        }
    }

    /// One bulk rerun.
    pub(super) async fn find_bulk(&self, tenant: &Tenant, id: &str) -> Result<BulkRerun> {
        let row = bulk::find(&self.store.table, &bulk_key(tenant, id)).await?;
        row.ok_or_else(|| Error::not_found("Bulk rerun not found"))
    }

    /// A page of bulk reruns, newest first, and the id behind which to go on.
    pub(super) async fn list_bulk(
        &self,
        tenant: &Tenant,
        limit: usize,
        behind: Option<&str>,
    ) -> Result<(Vec<BulkRerun>, Option<String>)> {
        bulk::newest(&self.store.table, &bulk_key(tenant, "").pk, limit, behind).await
    }
}
