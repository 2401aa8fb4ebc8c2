//! The work that a synchronisation is, step by step.

use shared::error::Result;
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::{Key, Value};

use super::super::generation::Counts;
use super::super::means::Means;
use super::super::portal::Outcome;
use super::finish::Ended;
use super::parts::part_keys;
use super::read::{Ground, session_name};
use super::run::{Ending, Stage, SyncRun};

/// The work.
#[derive(Clone)]
pub struct Syncing {
    means: Means,
}

impl Syncing {
    /// With these means.
    pub fn with(means: &Means) -> Self {
        Self { means: means.clone() }
    }

    async fn read(&self, run: &SyncRun, claim: &Claim) -> Result<Done> {
        let means = &self.means;
        let account = means.look_up(&run.account).await?;
        let Some(account) = account.as_ref().filter(|account| run.is_of(account)) else {
            let told = "the account was disconnected or connected anew";
            return means.finish(run, account.as_ref(), self.broken_off(None, told)).await;
        };
        let tenant = run.tenant()?;
        let profile = means.portal(&tenant).await?.profile;
        let ground = Ground { tenant, run, account, profile, attempt: claim.attempt };
        let reading = means.read_on(&ground).await?;
        means.written_down(&ground, reading).await
    }

    async fn clear(&self, run: &SyncRun) -> Result<Done> {
        let means = &self.means;
        means.table.delete_many(&part_keys(run)?).await?;
        means.vault.remove(&session_name(&run.tenant()?, run.id())?).await?;
        Ok(Done::default())
    }

    fn broken_off(&self, outcome: Option<Outcome>, detail: &str) -> Ended {
        let ending = Ending {
            outcome,
            detail: detail.to_owned(),
            fingerprint: None,
            counts: Counts::default(),
            at: self.means.clock.now_ms(),
        };
        Ended { ending, standing: None, cases: None, asked_to_wait: None }
    }
}

impl Work for Syncing {
    type Row = SyncRun;
    type Leave = ();

    async fn ready(&self, _: &SyncRun) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, run: &SyncRun, claim: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let done = match run.stage {
            Stage::Read => self.read(run, claim).await,
            Stage::Clear => self.clear(run).await,
        };
        Ok(done?)
    }

    async fn failed(&self, run: &SyncRun, failure: &Failure, last: bool) -> Result<Record> {
        if !last || run.stage == Stage::Clear {
            return Ok(Record::default());
        }
        // Nothing clears away after it: rows go by themselves, secrets do not.
        self.means.vault.remove(&session_name(&run.tenant()?, run.id())?).await?;
        let account = self.means.look_up(&run.account).await?;
        let ended = self.broken_off(Some(Outcome::PortalUnavailable), &failure.reason);
        let mut record = self.means.finish(run, account.as_ref(), ended).await?.record;
        record.set.push(("stage", Value::of(&Stage::Clear)?));
        Ok(record)
    }

    async fn next(&self, _: &SyncRun) -> Result<Option<Key>> {
        Ok(None)
    }
}
