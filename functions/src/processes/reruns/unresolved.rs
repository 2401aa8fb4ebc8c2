//! Use cases: see the failures that nobody took care of, and say that one needs nothing more.
//! A failure is taken care of when its step was run again or somebody dismissed it; the list
//! is empty then.

use serde::Deserialize;
use shared::error::{Error, Kind, Result};
use shared::jobs::parked;
use shared::table::{Key, Query, Range, Read};
use shared::tenant::Tenant;
use shared::web::{Caller, at_most};

use super::start::{LONGEST_REASON, Reruns};
use crate::messages::catalogue::STEP_UPDATED;
use crate::processes::figures::RunStatistics;
use crate::processes::runs::{Change, Dismissal, Run, StepStatus, UNRESOLVED};

/// Runs that are looked at together, and how often for one page.
const LOOK: i32 = 100;
const LOOKS: u32 = 20;

/// What stands in the index of runs with unresolved failures.
#[derive(Deserialize)]
struct Entry {
    #[serde(flatten)]
    key: Key,
    rank: i64,
}

impl Reruns {
    /// The runs with unresolved failures and a number below this one that are looked at
    /// next, newest first, and below which number to go on.
    pub(super) async fn unresolved_runs(
        &self,
        tenant: &Tenant,
        below: i64,
    ) -> Result<(Vec<Run>, Option<i64>)> {
        let query = Query::index("parked", "parked", &parked(tenant, UNRESOLVED));
        let query = query.range("rank", Range::UpTo((below - 1).into())).descending().limit(LOOK);
        let page = self.store.table.query::<Entry>(query).await?;
        let next = page.items.last().filter(|_| page.next.is_some()).map(|last| last.rank);
        let keys: Vec<Key> = page.items.into_iter().map(|entry| entry.key).collect();
        let mut runs: Vec<Run> = self.store.table.get_many(&keys, Read::Consistent).await?;
        runs.retain(|run| run.deleted_at.is_none());
        runs.sort_unstable_by_key(|run| std::cmp::Reverse(run.id()));
        Ok((runs, next))
    }

    /// The runs with unresolved failures, of this process if one is named, newest first: as
    /// many as have this many failures, or fewer when much had to be looked at; and below
    /// which number to go on.
    pub(super) async fn unresolved(
        &self,
        tenant: &Tenant,
        process: Option<i64>,
        limit: usize,
        below: i64,
    ) -> Result<(Vec<Run>, Option<i64>)> {
        let (mut found, mut failures, mut next) = (Vec::new(), 0, Some(below));
        for _ in 0..LOOKS {
            let Some(from) = next else { break };
            let (runs, after) = self.unresolved_runs(tenant, from).await?;
            next = after;
            for run in runs {
                let many = run.unresolved().count();
                if many == 0 || process.is_some_and(|process| run.process_id != process) {
                    continue;
                }
                if failures >= limit {
                    let next = found.last().map(Run::id);
                    return Ok((found, next));
                }
                failures += many;
                found.push(run);
            }
        }
        Ok((found, next))
    }

    /// How many unresolved failures there are, of this process if one is named.
    pub(super) async fn count_unresolved(
        &self,
        tenant: &Tenant,
        process: Option<i64>,
    ) -> Result<i64> {
        let statistics = match process {
            Some(process) => RunStatistics::of(&self.store.table, tenant, process).await?,
            None => RunStatistics::of_all(&self.store.table, tenant).await?,
        };
        Ok(statistics.unresolved_failures)
    }

    /// Says that a failure needs nothing more.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming `reason`; `Malformed` when the step did not fail;
    /// `Conflict` when it was run again.
    pub(super) async fn dismiss(&self, by: &Caller, id: i64, reason: &str) -> Result<(Run, i64)> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Error::invalid("reason", "must not be empty"));
        }
        at_most(LONGEST_REASON, "reason", reason)?;
        let (run, number) = self.store.of_step_run(&by.tenant, id).await?;
        let act = |run: &mut Run, now| {
            let step = run.step_mut(number)?;
            if step.status != StepStatus::Failed {
                let status = step.status.name();
                let told =
                    format!("Step must be in FAILED status to be dismissed (current: {status})");
                return Err(Error::malformed(told));
            }
            if step.superseded_by.is_some() {
                return Err(Error::new(Kind::Conflict, "This step run was rerun already"));
            }
            if step.dismissed.as_ref().is_some_and(|dismissed| dismissed.reason == reason) {
                return Ok(None);
            }
            let reason = reason.to_owned();
            step.dismissed = Some(Dismissal { by: by.actor.clone(), at: now, reason });
            step.updated_at = now;
            let step = step.clone();
            Ok(Some(Change::of_step("step-run.dismiss", STEP_UPDATED, run, &step)))
        };
        Ok((self.store.change(by, run.id(), act).await?, number))
    }

    /// Takes that back; a failure that was not dismissed stays as it is.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn take_up(&self, by: &Caller, id: i64) -> Result<(Run, i64)> {
        let (run, number) = self.store.of_step_run(&by.tenant, id).await?;
        let act = |run: &mut Run, now| {
            let step = run.step_mut(number)?;
            if step.dismissed.take().is_none() {
                return Ok(None);
            }
            step.updated_at = now;
            let step = step.clone();
            Ok(Some(Change::of_step("step-run.take-up", STEP_UPDATED, run, &step)))
        };
        Ok((self.store.change(by, run.id(), act).await?, number))
    }
}
