//! Runs as they are stored: read, written for the first time, and changed. Whatever belongs
//! to a change is in its transaction: the run with its steps, the counts, the entry of the
//! audit trail, the messages.

use std::time::Duration;

use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::Policy;
use shared::sequence::Sequence;
use shared::table::{Cond, Item, Read, Table, Write, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::change::{Change, told};
use super::model::{Run, run_key, step_run_of, unknown_run, unknown_step_run};
use crate::messages::catalogue::{RUN_CREATED, RUN_STATUS_CHANGED};
use crate::messages::{Emission, Emitter};
use crate::processes::index::{RunIndex, sealing};
use crate::processes::{deadlines, figures, policy};

/// How often a change that others interfere with is tried.
const TRIES: u32 = 32;
/// How long after its number was taken a run can be written, in milliseconds: the index
/// relies on it that numbers are used in their order.
const NUMBER_HOLDS_MS: i64 = 60_000;

/// Runs. Cheap to clone.
#[derive(Clone)]
pub struct RunStore {
    /// The table `runs`.
    pub table: Table,
    /// The audit trail.
    pub trail: Trail,
    /// Who is told of changes.
    pub emitter: Emitter,
    /// What they are found by.
    pub index: RunIndex,
    /// What time it is for runs.
    pub clock: Clock,
    numbers: Sequence,
    policy: Policy,
}

/// Which runs a change is of.
enum Seen {
    /// One that is not deleted.
    Live,
    /// Any.
    Any,
}

/// The table of processes and runs.
pub fn runs_table(env: &Env) -> Result<Table> {
    env.table("RUNS_TABLE")
}

impl RunStore {
    /// Needs the tables `runs`, `control`, `audit` and `messages`, and the queues of
    /// deliveries, of notices and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            table: runs_table(env)?,
            trail: Trail::load(env)?,
            emitter: Emitter::load(env)?,
            index: RunIndex::load(env)?,
            clock: env.clock(),
            numbers: Sequence::new(env.table("CONTROL_TABLE")?, "runs"),
            policy: policy(env)?,
        })
    }

    /// A run, deleted or not.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn any(&self, tenant: &Tenant, id: i64) -> Result<Run> {
        let found = self.table.get(&run_key(tenant, id), Read::Consistent).await?;
        found.ok_or_else(unknown_run)
    }

    /// A run that is not deleted.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn find(&self, tenant: &Tenant, id: i64) -> Result<Run> {
        let run = self.any(tenant, id).await?;
        if run.deleted_at.is_some() { Err(unknown_run()) } else { Ok(run) }
    }

    /// The run of a step run of this id, unless it is deleted, and the step run's number in it.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn of_step_run(&self, tenant: &Tenant, id: i64) -> Result<(Run, i64)> {
        let (run, number) = step_run_of(id).ok_or_else(unknown_step_run)?;
        let run = self.find(tenant, run).await.map_err(|error| match error.kind {
            Kind::NotFound => unknown_step_run(),
            _ => error,
        })?;
        if run.step(number).is_none() {
            return Err(unknown_step_run());
        }
        Ok((run, number))
    }

    /// The next run's number.
    pub async fn next_number(&self, tenant: &Tenant) -> Result<i64> {
        self.numbers.next(tenant).await
    }

    /// The newest run's number; 0 before the first.
    pub async fn last_number(&self, tenant: &Tenant) -> Result<i64> {
        self.numbers.last(tenant).await
    }

    /// Writes a new run, and what `also` belongs to it. What stood in the way when one of
    /// those was refused.
    ///
    /// # Errors
    /// `TooLarge`; `Unavailable` when its number was taken long ago.
    pub async fn create(
        &self,
        by: &Caller,
        run: &Run,
        also: Vec<Write>,
    ) -> Result<Result<(), Option<Item>>> {
        run.must_fit()?;
        if self.clock.now_ms() - run.created_at > NUMBER_HOLDS_MS {
            return Err(Error::unavailable(anyhow::anyhow!("a run's number is too old")));
        }
        self.index.add(&by.tenant, run).await?;
        let details = json!({ "process_id": run.process_id, "steps": run.steps.len() });
        let mut writes = also;
        let others = writes.len();
        let mut emission = self.emitter.prepare(&by.tenant, RUN_CREATED, &told(run)).await?;
        writes.push(self.table.put(Item::of(run)?, Some(Cond::Absent("pk"))));
        writes.push(self.trail.entry(by, "run.create", subject(run), &details)?);
        writes.extend(self.counted(by, None, run));
        writes.extend(self.deadlines(by, None, run)?);
        let sealing = sealing(&by.tenant, run, &self.policy, self.clock.now_ms())?;
        writes.extend(sealing.map(|row| self.table.put(row, None)));
        writes.extend(emission.take_writes());
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.emitter.announce(emission).await;
                Ok(Ok(()))
            }
            Written::Refused(refusals) => {
                let first = refusals.into_iter().find(|refusal| refusal.at < others);
                let first = first.ok_or_else(|| Error::bug("a run's number was given twice"))?;
                Ok(Err(first.found))
            }
        }
    }

    /// Changes a run that is not deleted: `act` is shown it as it stands and the moment, changes
    /// it, and says what it did; nothing, when that leaves everything as it is. It is shown the
    /// run again when somebody else changed it meanwhile.
    ///
    /// # Errors
    /// `NotFound` when there is none; `TooLarge`; what `act` answers.
    pub async fn change<F>(&self, by: &Caller, id: i64, act: F) -> Result<Run>
    where
        F: Fn(&mut Run, i64) -> Result<Option<Change>>,
    {
        self.change_seen(by, id, Seen::Live, act).await
    }

    /// The same for a run that may be deleted.
    ///
    /// # Errors
    /// As there.
    pub async fn change_deleted<F>(&self, by: &Caller, id: i64, act: F) -> Result<Run>
    where
        F: Fn(&mut Run, i64) -> Result<Option<Change>>,
    {
        self.change_seen(by, id, Seen::Any, act).await
    }

    async fn change_seen<F>(&self, by: &Caller, id: i64, which: Seen, act: F) -> Result<Run>
    where
        F: Fn(&mut Run, i64) -> Result<Option<Change>>,
    {
        for tried in 0..TRIES {
            back_off(tried).await;
            let seen = match which {
                Seen::Live => self.find(&by.tenant, id).await?,
                Seen::Any => self.any(&by.tenant, id).await?,
            };
            if let Some(next) = self.try_change(by, &seen, &act).await? {
                return Ok(next);
            }
        }
        Err(Error::unavailable(anyhow::anyhow!("others kept changing the run")))
    }

    /// The same for a run as it was read, whether deleted or not. None when it is not so any
    /// more.
    async fn try_change<F>(&self, by: &Caller, seen: &Run, act: &F) -> Result<Option<Run>>
    where
        F: Fn(&mut Run, i64) -> Result<Option<Change>>,
    {
        let (mut next, now) = (seen.clone(), self.clock.now_ms());
        let Some(change) = act(&mut next, now)? else { return Ok(Some(next)) };
        next.settle(&by.tenant, now);
        if !is_neutralised(seen, &next) {
            next.must_fit()?;
        }
        self.indexed(&by.tenant, seen, &next).await?;
        let unchanged = Cond::Eq("version", seen.version.into());
        let mut emission = self.emission(&by.tenant, seen, &next, &change).await?;
        let subject = change.subject.unwrap_or_else(|| subject(&next));
        let mut writes = vec![
            self.table.put(Item::of(&next)?, Some(unchanged)),
            self.trail.entry(by, change.action, subject, &change.details)?,
        ];
        writes.extend(self.counted(by, Some(seen), &next));
        writes.extend(self.deadlines(by, Some(seen), &next)?);
        writes.extend(change.also);
        writes.extend(emission.take_writes());
        match self.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.emitter.announce(emission).await;
                self.outdated(&by.tenant, seen, &next).await;
                Ok(Some(next))
            }
            Written::Refused(refusals) => {
                if is_neutralised(seen, &next) {
                    self.index.add(&by.tenant, seen).await?;
                }
                let changed = refusals.iter().any(|refusal| refusal.at == 0);
                if changed { Ok(None) } else { Err(interfered()) }
            }
        }
    }

    /// Has the index know what a run is about to become. What is neutralised is forgotten
    /// before: should this stop here, whoever tries again finds nothing left.
    async fn indexed(&self, tenant: &Tenant, seen: &Run, next: &Run) -> Result<()> {
        self.index.change(tenant, seen, next).await?;
        if is_neutralised(seen, next) {
            self.index.forget(tenant, seen, next).await?;
        }
        Ok(())
    }

    /// Has the index forget values that the run does not have any more. It may say too much.
    async fn outdated(&self, tenant: &Tenant, seen: &Run, next: &Run) {
        if let Err(error) = self.index.outdate(tenant, seen, next).await {
            tracing::warn!(%error, run = next.id(), "old values are still listed");
        }
    }

    /// What is told of a change: itself, and that the status is another one. Nothing is told
    /// of what happens to a run while it is deleted.
    async fn emission(
        &self,
        tenant: &Tenant,
        seen: &Run,
        next: &Run,
        change: &Change,
    ) -> Result<Emission> {
        let mut emission = Emission::default();
        if seen.deleted_at.is_some() && next.deleted_at.is_some() {
            return Ok(emission);
        }
        if let Some((kind, data)) = &change.message {
            emission = emission.and(self.emitter.prepare(tenant, *kind, data).await?);
        }
        if seen.status != next.status {
            let mut data = told(next);
            data["previous_status"] = json!(seen.status);
            emission = emission.and(self.emitter.prepare(tenant, RUN_STATUS_CHANGED, &data).await?);
        }
        Ok(emission)
    }

    fn counted(&self, by: &Caller, before: Option<&Run>, after: &Run) -> Vec<Write> {
        let changes = figures::changes(&by.tenant, before, [after]).into_iter();
        changes.map(|update| self.table.change(update)).collect()
    }

    fn deadlines(&self, by: &Caller, before: Option<&Run>, after: &Run) -> Result<Vec<Write>> {
        let now = self.clock.now_ms();
        let made = deadlines::made(&by.tenant, before, after, &self.policy, now)?;
        Ok(made.into_iter().map(|row| self.table.put(row, None)).collect())
    }
}

/// Waits before another try, so that those who were outrun do not all come back at once.
async fn back_off(tried: u32) {
    if tried > 0 {
        tokio::time::sleep(ids::jitter(Duration::from_millis(4 << tried.min(5)))).await;
    }
}

/// Whether a run is neutralised by this change.
fn is_neutralised(seen: &Run, next: &Run) -> bool {
    seen.neutralised_at.is_none() && next.neutralised_at.is_some()
}

/// What the audit trail calls a run.
fn subject(run: &Run) -> String {
    format!("run:{}", run.id())
}

/// The answer to somebody whose change meets another one.
fn interfered() -> Error {
    Error::new(Kind::Conflict, "The run is being changed by others")
}
