//! Use case: see which runs are due to be neutralised, and have that done now.

use serde_json::json;
use shared::audit::Trail;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::{Lane, Row};
use shared::queue::Hint;
use shared::table::{Cond, Item, Read, Table, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::model::{Retention, due_before, retention_key};
use super::view::{CleanupStats, RetentionView};
use super::worker::Retaining;
use crate::processes::definitions::{Process, Processes};

/// How many due runs are counted of each process.
const COUNTED: usize = 1000;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct Cleanup {
    work: Retaining,
    processes: Processes,
    table: Table,
    trail: Trail,
    lane: Lane,
}

impl Cleanup {
    /// Needs what runs and processes need, and the queue of runs.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            work: Retaining::load(env)?,
            processes: Processes::load(env)?,
            table: env.table("RUNS_TABLE")?,
            trail: Trail::load(env)?,
            lane: crate::processes::lane(env)?,
        })
    }

    /// What is due, of one process or of all that have a retention.
    ///
    /// # Errors
    /// `NotFound` when there is no such process, here and below.
    pub(super) async fn stats(&self, tenant: &Tenant, only: Option<i64>) -> Result<CleanupStats> {
        let mut processes = Vec::new();
        for process in self.retained(tenant, only).await? {
            let row: Option<Retention> =
                self.table.get(&retention_key(tenant, process.id), Read::Consistent).await?;
            let from = row.as_ref().map_or((0, 0), |row| (row.up_to, row.settled));
            let (due, more) = self.count(tenant, &process, from).await?;
            processes.push(RetentionView::of(&process, row.as_ref(), due, more));
        }
        let due_runs = processes.iter().map(|one| one.due_runs).sum();
        let more = processes.iter().any(|one| one.more);
        Ok(CleanupStats { processes, due_runs, more })
    }

    /// Those that have a retention, or the one that is named: deleted ones as well, as their
    /// runs are kept no longer.
    async fn retained(&self, tenant: &Tenant, only: Option<i64>) -> Result<Vec<Process>> {
        match only {
            Some(id) => Ok(vec![self.processes.any(tenant, id).await?]),
            None => {
                let mut all = self.processes.ever(tenant).await?;
                all.retain(|process| process.retention_months.is_some());
                Ok(all)
            }
        }
    }

    /// How many runs are due, of those after this number; and whether there are more.
    async fn count(
        &self,
        tenant: &Tenant,
        process: &Process,
        (mut after, settled): (i64, i64),
    ) -> Result<(usize, bool)> {
        let Some(months) = process.retention_months else { return Ok((0, false)) };
        let bound = due_before(self.lane.jobs.clock.now_ms(), months);
        let mut count = 0;
        loop {
            let due = self.work.due(tenant, process.id, after, (bound, settled)).await?;
            count += due.runs.iter().filter(|run| run.neutralised_at.is_none()).count();
            after = due.up_to;
            if !due.more || count >= COUNTED {
                return Ok((count, due.more));
            }
        }
    }

    /// Has the retention of processes look now.
    ///
    /// # Errors
    /// `Conflict` when a process has none.
    pub(super) async fn begin(&self, by: &Caller, only: Option<i64>) -> Result<()> {
        for process in self.retained(&by.tenant, only).await? {
            if process.retention_months.is_none() {
                let told = "The process has no retention";
                return Err(Error::new(Kind::Conflict, told));
            }
            let key = retention_key(&by.tenant, process.id);
            let seen: Option<Retention> = self.table.get(&key, Read::Consistent).await?;
            let (policy, now) = (&self.lane.jobs.policy, self.lane.jobs.clock.now_ms());
            let row = Retention::of(&by.tenant, process.id, seen.as_ref(), policy, now);
            let subject = format!("process:{}", process.id);
            let writes = vec![
                self.table.put(Item::of(&row)?, Some(Cond::Present("pk"))),
                self.trail.entry(by, "process.cleanup", subject, &json!({}))?,
            ];
            match self.table.transact(&ids::time_ordered(), writes).await? {
                Written::Done => self.lane.hint(Hint::at(row.key())).await,
                Written::Refused(_) => {
                    return Err(Error::new(Kind::Conflict, "The process has no retention"));
                }
            }
        }
        Ok(())
    }
}
