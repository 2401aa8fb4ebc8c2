//! The work that retention is: some runs at a time, oldest first, until none is due.

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::{Key, Read, Value};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::model::{Retention, due_before, next_night};
use crate::processes::definitions::Processes;
use crate::processes::runs::{Run, RunStore, neutralise, run_key};

/// How many runs are looked at in one attempt.
const BATCH: i32 = 25;

/// The work. Cheap to clone.
#[derive(Clone)]
pub struct Retaining {
    runs: RunStore,
    processes: Processes,
}

impl Retaining {
    /// Needs what runs and processes need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { runs: RunStore::load(env)?, processes: Processes::load(env)? })
    }

    /// Some of a process's runs after this number that were made at `bound` or before, by
    /// their numbers; and whether there may be more.
    pub(super) async fn due(
        &self,
        tenant: &Tenant,
        process: i64,
        after: i64,
        bound: i64,
    ) -> Result<(Vec<Run>, bool)> {
        let ids = self.runs.index.of_process(tenant, process, after, BATCH).await?;
        let full = ids.len() == usize::try_from(BATCH).unwrap_or_default();
        let keys: Vec<Key> = ids.into_iter().map(|id| run_key(tenant, id)).collect();
        let mut runs: Vec<Run> = self.runs.table.get_many(&keys, Read::Consistent).await?;
        let found = runs.len();
        // The index may hold numbers that no run has, or not yet.
        runs.retain(|run| run.process_id == process && run.created_at <= bound);
        runs.sort_unstable_by_key(Run::id);
        let all_due = runs.len() == found;
        Ok((runs, full && all_due))
    }

    /// After how many months a process's runs are due, deleted or not; none without
    /// retention.
    pub(super) async fn months(&self, tenant: &Tenant, process: i64) -> Result<Option<u32>> {
        Ok(self.processes.any(tenant, process).await?.retention_months)
    }
}

impl Work for Retaining {
    type Row = Retention;
    type Leave = ();

    async fn ready(&self, _: &Retention) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, row: &Retention, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let (tenant, now) = (row.tenant()?, self.runs.clock.now_ms());
        let Some(months) = self.months(&tenant, row.process_id).await? else {
            return Ok(Done::default());
        };
        let bound = due_before(now, months);
        let (due, more) = self.due(&tenant, row.process_id, row.up_to, bound).await?;
        let by = Caller::system(&tenant);
        let (mut up_to, mut neutralised) = (row.up_to, row.neutralised);
        for run in due {
            if run.neutralised_at.is_none() {
                neutralise(&self.runs, &by, run.id()).await?;
                neutralised += 1;
            }
            up_to = run.id();
        }
        let set: Vec<(&'static str, Value)> =
            vec![("up_to", up_to.into()), ("neutralised", neutralised.into())];
        let again = Some(if more { now } else { next_night(now) });
        Ok(Done { record: Record { set, ..Record::default() }, again, park: None })
    }

    async fn failed(&self, _: &Retention, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Retention) -> Result<Option<Key>> {
        Ok(None)
    }
}
