//! The alarm of an account: begins a synchronisation whenever one is due, and looks again when
//! the next one is. Whoever changes an account has its alarm look again at once.

use shared::error::Result;
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::Key;
use shared::web::Caller;

use super::super::account::Account;
use super::super::means::Means;
use super::run::{Goal, Trigger};
use super::start::NewSync;

/// When it looks again while one is under way, and when nothing is due before somebody does
/// something, in milliseconds.
const BUSY_MS: i64 = 60_000;
const IDLE_MS: i64 = 24 * 3_600_000;

/// The work.
pub struct Alarm {
    means: Means,
}

impl Alarm {
    /// With these means.
    pub fn with(means: &Means) -> Self {
        Self { means: means.clone() }
    }

    async fn look(&self, account: &Account) -> Result<Done> {
        let now = self.means.clock.now_ms();
        let wait = |at| Done { again: Some(at), ..Done::default() };
        let Some(due) = account.next_sync_at() else { return Ok(wait(now + IDLE_MS)) };
        if account.running.is_some() {
            return Ok(wait(now + BUSY_MS));
        }
        if due > now {
            return Ok(wait(due));
        }
        let tenant = account.tenant()?;
        let by = Caller { actor: account.user.clone(), ..Caller::system(&tenant) };
        let new = NewSync { goal: Goal::Cases, accepts_missing: false };
        let run = self.means.begun(&by, account, Trigger::Schedule, new)?;
        let mut record = self.means.record(&by, account, &run)?;
        let next = next(account, now);
        record.set.extend([("running", run.id().into()), ("next_sync_at", next.into())]);
        Ok(Done { record, again: Some(next), park: None })
    }
}

/// When the next one is due after one that begins now: in step with those before it, unless
/// it is late by more than that.
fn next(account: &Account, now: i64) -> i64 {
    let interval = account.interval_minutes * 60_000;
    let next = account.next_sync_at + interval;
    if next > now { next } else { now + interval }
}

impl Work for Alarm {
    type Row = Account;
    type Leave = ();

    async fn ready(&self, _: &Account) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, account: &Account, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        // An alarm never gives up: it looks again.
        let looked = self.look(account).await;
        Ok(looked.unwrap_or_else(|error| {
            tracing::warn!(%error, account = account.id, "no synchronisation started");
            Done { again: Some(self.means.clock.now_ms() + BUSY_MS), ..Done::default() }
        }))
    }

    async fn failed(&self, _: &Account, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Account) -> Result<Option<Key>> {
        Ok(None)
    }
}
