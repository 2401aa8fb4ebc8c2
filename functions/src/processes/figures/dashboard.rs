//! Use case: how a process is doing: its newest runs, what is counted of all of them, and
//! how long they and their steps took. What it costs does not depend on how many runs there
//! are.

use serde::Deserialize;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::table::{Key, Query, Read, Table};
use shared::tenant::Tenant;

use super::durations::Durations;
use super::statistics::RunStatistics;
use super::tally::{Of, day};
use super::view::DurationsView;
use crate::processes::definitions::{Process, Processes};
use crate::processes::runs::{Run, RunStatus, by_status, runs_table};

/// The days that durations are told of, when nobody says otherwise, and at most.
const DAYS: i64 = 30;
const MOST_DAYS: i64 = 366;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct Dashboard {
    pub(super) processes: Processes,
    runs: Table,
    clock: Clock,
}

/// What stands in the index of runs by their status.
#[derive(Deserialize)]
struct Entry {
    #[serde(flatten)]
    key: Key,
    rank: i64,
}

impl Dashboard {
    /// Needs what [`Processes`] needs.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { processes: Processes::load(env)?, runs: runs_table(env)?, clock: env.clock() })
    }

    /// A process, its newest runs, and its statistics.
    ///
    /// # Errors
    /// `NotFound` when there is no such process, here and below.
    pub(super) async fn of(
        &self,
        tenant: &Tenant,
        process: i64,
        limit: usize,
    ) -> Result<(Process, Vec<Run>, RunStatistics)> {
        let process = self.processes.find(tenant, process).await?;
        let statistics = RunStatistics::of(&self.runs, tenant, process.id).await?;
        let runs = self.newest(tenant, process.id, limit).await?;
        Ok((process, runs, statistics))
    }

    /// The newest runs of a process.
    async fn newest(&self, tenant: &Tenant, process: i64, limit: usize) -> Result<Vec<Run>> {
        let most = i32::try_from(limit).map_err(Error::internal)?;
        let mut entries: Vec<Entry> = Vec::new();
        for status in RunStatus::ALL {
            let partition = by_status(tenant, process, status);
            let query = Query::index("by_status", "by_status", &partition);
            entries.extend(self.runs.query(query.descending().limit(most)).await?.items);
        }
        // One that changes its status just now may stand in two lists.
        entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.rank));
        entries.dedup_by_key(|entry| entry.rank);
        let keys: Vec<Key> = entries.into_iter().take(limit).map(|entry| entry.key).collect();
        let mut runs: Vec<Run> = self.runs.get_many(&keys, Read::Consistent).await?;
        runs.retain(|run| run.deleted_at.is_none());
        runs.sort_unstable_by_key(|run| std::cmp::Reverse(run.id()));
        Ok(runs)
    }

    /// How long the completed runs of a process took, and its steps, that ended from one day
    /// to another (UTC).
    ///
    /// # Errors
    /// `Invalid`, naming `days`.
    pub(super) async fn durations(
        &self,
        tenant: &Tenant,
        process: i64,
        days: Option<i64>,
    ) -> Result<DurationsView> {
        let days = days.unwrap_or(DAYS);
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Error::invalid("days", format!("must be between 1 and {MOST_DAYS}")));
        }
        let process = self.processes.find(tenant, process).await?;
        let now = self.clock.now_ms();
        let (from, to) = (day(now - (days - 1) * DAY_MS), day(now));
        let mut view = DurationsView::new(&process, &from, &to);
        let all = std::iter::once(None).chain(process.steps.iter().map(Some));
        for step in all {
            let of = step.map_or(Of::Runs, |step| Of::Step(step.id));
            let by_day =
                Durations::by_day(&self.runs, tenant, process.id, of, (&from, &to)).await?;
            view.add(step, &by_day);
        }
        Ok(view)
    }
}
