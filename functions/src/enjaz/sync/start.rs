//! Use case: begin a synchronisation of an account that has none under way.

use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::ids;
use shared::jobs::{Job, Record, Row};
use shared::queue::{Hint, Unsent};
use shared::table::{Cond, Item, Key, Read};
use shared::web::Caller;

use super::super::account::Account;
use super::super::connect::interfered;
use super::super::means::{Means, TRIES};
use super::run::{Goal, Seen, Stage, SyncRun, Trigger, syncs_of};

/// How long it is known what came of one, in seconds: ninety days.
const KEPT: i64 = 90 * 24 * 3600;

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct NewSync {
    pub goal: Goal,
    /// Whether any number of cases may be missing.
    pub accepts_missing: bool,
}

impl Means {
    /// Begins one, for its caller to carry out or to leave to a worker, or answers the one
    /// that is under way. Whether it began here is told.
    ///
    /// # Errors
    /// `Unavailable` without a portal; `Conflict` when the portal refused the credentials;
    /// `TooMany` while the portal is left alone.
    pub(in crate::enjaz) async fn start(
        &self,
        by: &Caller,
        account: &Account,
        new: NewSync,
    ) -> Result<(SyncRun, bool)> {
        self.portal(&by.tenant).await?;
        for _ in 0..TRIES {
            let Some(account) = self.look_up(&account.key()).await? else {
                return Err(Error::not_found("Enjaz account not found"));
            };
            if let Some(running) = &account.running {
                return Ok((self.sync(&account, running).await?, false));
            }
            self.may_start(&account)?;
            let run = self.begun(by, &account, Trigger::Person, new)?;
            let set = vec![("running", run.id().into())];
            let record = self.record(by, &account, &run)?;
            if self.lane.jobs.redrive(&account, set, &[], record.also).await? {
                return Ok((run, true));
            }
        }
        Err(interfered())
    }

    fn may_start(&self, account: &Account) -> Result<()> {
        if account.is_rejected() {
            let told = "The portal does not take what the account signs in with. Connect it again \
                        with what it takes.";
            return Err(Error::new(Kind::Conflict, told));
        }
        let rest = account.rests_until.unwrap_or_default() - self.clock.now_ms();
        let Ok(rest @ 1..) = u64::try_from(rest) else { return Ok(()) };
        let told = "The portal failed, and is left alone for a while";
        let mut error = Error::new(Kind::TooMany, told);
        error.retry_after = Some(std::time::Duration::from_millis(rest));
        Err(error)
    }

    /// A synchronisation that begins now.
    pub(super) fn begun(
        &self,
        by: &Caller,
        account: &Account,
        trigger: Trigger,
        new: NewSync,
    ) -> Result<SyncRun> {
        let now = self.clock.now_ms();
        Ok(SyncRun {
            pk: syncs_of(&account.tenant()?, account.id),
            sk: ids::time_ordered_at(now, account.id),
            account_id: account.id,
            account: account.key(),
            version: account.version,
            trigger,
            goal: new.goal,
            accepts_missing: new.accepts_missing,
            by: by.actor.clone(),
            corr: by.corr.clone(),
            started_at: now,
            stage: Stage::Read,
            has_session: false,
            signed_in_again: false,
            parts: 0,
            seen: Seen::default(),
            result: None,
            expires_at: now / 1000 + KEPT,
            job: Job::fresh(now, now, &self.lane.jobs.policy),
        })
    }

    /// What is written with it, and the hint at it.
    pub(super) fn record(&self, by: &Caller, account: &Account, run: &SyncRun) -> Result<Record> {
        let told = json!({ "sync_id": run.id(), "account_id": account.id,
            "trigger": run.trigger, "goal": run.goal });
        let also = vec![
            self.table.put(Item::of(run)?, Some(Cond::Absent("pk"))),
            self.trail.entry(by, "enjaz.sync", account.subject(), &told)?,
        ];
        let mut tell = Unsent::default();
        tell.add(&self.lane.queue, vec![Hint::at(run.key())]);
        Ok(Record { also, tell, ..Record::default() })
    }

    /// A synchronisation of an account.
    ///
    /// # Errors
    /// `NotFound`.
    pub(in crate::enjaz) async fn sync(&self, account: &Account, id: &str) -> Result<SyncRun> {
        let key = Key { pk: syncs_of(&account.tenant()?, account.id), sk: id.to_owned() };
        let found = crate::bulk::find(&self.table, &key).await?;
        found.ok_or_else(|| Error::not_found("Synchronisation not found"))
    }

    /// A synchronisation as it stands; none once it is cleared away.
    pub(super) async fn again(&self, run: &SyncRun) -> Result<Option<SyncRun>> {
        self.table.get(&run.key(), Read::Consistent).await
    }
}
