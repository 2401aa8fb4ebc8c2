//! The work that retention is: some runs at a time, oldest first, until none is due.

use std::collections::HashMap;

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

/// Runs that are due.
pub(super) struct Due {
    /// By their numbers.
    pub runs: Vec<Run>,
    /// Up to this number all were looked at.
    pub up_to: i64,
    /// Whether there may be more behind it.
    pub more: bool,
}

impl Retaining {
    /// Needs what runs and processes need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { runs: RunStore::load(env)?, processes: Processes::load(env)? })
    }

    /// Some of a process's runs after this number that were made at `bound` or before.
    /// Numbers up to `settled` that no run has will have none.
    pub(super) async fn due(
        &self,
        tenant: &Tenant,
        process: i64,
        after: i64,
        (bound, settled): (i64, i64),
    ) -> Result<Due> {
        let ids = self.runs.index.of_process(tenant, process, after, BATCH).await?;
        let full = ids.len() == usize::try_from(BATCH).unwrap_or_default();
        let keys: Vec<Key> = ids.iter().map(|id| run_key(tenant, *id)).collect();
        let rows: Vec<Run> = self.runs.table.get_many(&keys, Read::Consistent).await?;
        let mut rows: HashMap<i64, Run> = rows.into_iter().map(|run| (run.id(), run)).collect();
        let mut due = Due { runs: Vec::new(), up_to: after, more: full };
        for id in ids {
            match rows.remove(&id) {
                Some(run) if run.process_id == process && run.created_at <= bound => {
                    due.runs.push(run);
                }
                // What the index has too much of.
                Some(run) if run.process_id != process => {}
                None if id <= settled => {}
                _ => {
                    due.more = false;
                    break;
                }
            }
            due.up_to = id;
        }
        Ok(due)
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
        let due = self.due(&tenant, row.process_id, row.up_to, (bound, row.settled)).await?;
        let by = Caller::system(&tenant);
        let mut neutralised = row.neutralised;
        for run in due.runs.iter().filter(|run| run.neutralised_at.is_none()) {
            neutralise(&self.runs, &by, run.id()).await?;
            neutralised += 1;
        }
        let mut set: Vec<(&'static str, Value)> =
            vec![("up_to", due.up_to.into()), ("neutralised", neutralised.into())];
        if !due.more {
            // By the next night whoever has taken a number has used it, or never will.
            set.push(("settled", self.runs.last_number(&tenant).await?.into()));
        }
        let again = Some(if due.more { now } else { next_night(now) });
        Ok(Done { record: Record { set, ..Record::default() }, again, park: None })
    }

    async fn failed(&self, _: &Retention, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Retention) -> Result<Option<Key>> {
        Ok(None)
    }
}
