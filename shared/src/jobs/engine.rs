//! Claim, commit, fail, defer, re-drive: each one conditional write, fenced by
//! state, attempt and owner, that recognises its own earlier try when a reply
//! was lost and the SDK repeated it.

use super::job::parked;
use super::{Failure, Job, LastError, Policy, Row, Standing, State, backoff};
use crate::clock::{Clock, millis};
use crate::error::{Error, Result};
use crate::ids;
use crate::queue::Unsent;
use crate::table::{Cond, Key, Table, Update, Value, Write, Written};
use crate::tenant::Tenant;

/// The jobs of one table.
#[derive(Clone)]
pub struct Jobs {
    /// Where they live.
    pub table: Table,
    /// What time it is for them.
    pub clock: Clock,
    /// How patient they are.
    pub policy: Policy,
}

/// The right to settle a job, while the lease lasts.
#[derive(Clone, Debug)]
pub struct Claim {
    key: Key,
    owner: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    pub(super) generation: u32,
    pub(super) doubt: Option<u32>,
    pub(super) effect_name: String,
}

/// What is to be written with the end of an attempt, and told when it is written.
#[derive(Debug, Default)]
pub struct Record {
    /// Attributes of the row to set.
    pub set: Vec<(&'static str, Value)>,
    /// What else belongs to the same moment.
    pub also: Vec<Write>,
    /// Hints at what is written there.
    pub tell: Unsent,
}

impl Record {
    /// This and that together.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.set.extend(more.set);
        self.also.extend(more.also);
        self.tell.append(more.tell);
        self
    }
}

/// How an attempt ended well.
#[derive(Debug, Default)]
pub struct Done {
    /// What is to be written.
    pub record: Record,
    /// The list to stand in afterwards, if people are to look at it.
    pub park: Option<&'static str>,
    /// When the job goes on, if this was one of its steps and not its end (milliseconds
    /// since 1970). The next step starts with all of its attempts.
    pub again: Option<i64>,
}

/// What became of a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Tried again at that moment.
    Retry(i64),
    /// Failed for good, in the list `failed`.
    Failed,
    /// The lease had passed to somebody else; nothing was written.
    Lost,
}

impl Jobs {
    /// Claims the job on this row, as it was read. None when somebody was faster.
    pub async fn claim<R: Row>(&self, row: &R) -> Result<Option<Claim>> {
        let (job, now) = (row.job(), self.clock.now_ms());
        let abandoned = job.standing(now, self.policy.max_attempts) == Standing::Abandoned;
        let owner = ids::unique();
        let lease_until = now + millis(self.policy.lease);
        let doubt = if abandoned { Some(job.generation) } else { job.doubt };
        let mut update = Update::of(row.key())
            .set("state", state(State::Leased)?)
            .set("owner", owner.as_str())
            .set("attempt", job.attempt + 1)
            .set("lease_until", lease_until)
            .when(as_seen(job)?);
        if job.wake_at.is_none_or(|at| at < lease_until) {
            update = update.set("wake_at", lease_until);
        }
        if abandoned {
            update = update.set("doubt", job.generation);
        }
        match self.table.update(update).await? {
            Written::Refused(refusals) if !mine(&refusals, &owner) => Ok(None),
            _ => Ok(Some(Claim::of(row, owner, job.attempt + 1, doubt))),
        }
    }

    /// Claims a job that was never claimed before, without having read its row, and
    /// answers the row. None when it is not so, or somebody was faster.
    pub async fn claim_unread<R: Row>(&self, key: &Key) -> Result<Option<(Claim, R)>> {
        let (owner, now) = (ids::unique(), self.clock.now_ms());
        let update = Update::of(key.clone())
            .set("state", state(State::Leased)?)
            .set("owner", owner.as_str())
            .set("attempt", 1_u32)
            .set("lease_until", now + millis(self.policy.lease))
            .when(Cond::All(vec![
                Cond::Eq("state", state(State::Ready)?),
                Cond::Eq("attempt", 0_u32.into()),
                Cond::Absent("owner"),
            ]));
        let claimed = match self.table.update_returning(update).await? {
            (claimed, Written::Done) => claimed,
            (_, Written::Refused(refusals)) if mine(&refusals, &owner) => {
                refusals.into_iter().find_map(|refusal| refusal.found)
            }
            _ => None,
        };
        let Some(row) = claimed else { return Ok(None) };
        let row: R = row.parse()?;
        let claim = Claim::of(&row, owner, 1, row.job().doubt);
        Ok(Some((claim, row)))
    }

    /// Ends an attempt well. False when the lease had passed to somebody else.
    pub async fn commit(&self, claim: &Claim, done: Done) -> Result<bool> {
        let update = match done.again {
            Some(at) => ready_at(&claim.key, at)?.set("attempt", 0_u32),
            None => settled(&claim.key, State::Done)?,
        };
        let Record { set, also, tell } = done.record;
        let mut update = with(update, set).when(claim.fence()?).remove("error");
        if let Some(list) = done.park {
            update = update.set("parked", parked(&tenant(&claim.key)?, list));
        }
        let ended = self.end(claim, update, also, "commit").await?;
        if ended {
            tell.send().await;
        }
        Ok(ended)
    }

    /// Whether an attempt that failed so is followed by another one.
    pub(super) fn goes_on(&self, claim: &Claim, failure: &Failure) -> bool {
        failure.retry && claim.attempt < self.policy.max_attempts
    }

    /// Ends a failed attempt, and says what comes of the job.
    pub async fn fail(
        &self,
        claim: &Claim,
        failure: &Failure,
        Record { set, also, tell }: Record,
    ) -> Result<Verdict> {
        let (now, again) = (self.clock.now_ms(), self.goes_on(claim, failure));
        let delay = backoff::delay(&self.policy, claim.attempt, failure);
        let delay = if failure.in_doubt { delay.max(self.policy.settle) } else { delay };
        let due_at = now + millis(delay);
        let mut update = match again {
            true => with(ready_at(&claim.key, due_at)?, set),
            false => failed(&claim.key, set)?,
        };
        if failure.in_doubt {
            update = update.set("doubt", claim.generation);
        }
        let update = update.set("error", error(&failure.reason, now)?).when(claim.fence()?);
        if !self.end(claim, update, also, "fail").await? {
            return Ok(Verdict::Lost);
        }
        tell.send().await;
        Ok(if again { Verdict::Retry(due_at) } else { Verdict::Failed })
    }

    /// Writes how a claim ended. False when the lease had passed to somebody else.
    async fn end(
        &self,
        claim: &Claim,
        update: Update,
        also: Vec<Write>,
        how: &str,
    ) -> Result<bool> {
        let written = if also.is_empty() {
            self.table.update(update).await?
        } else {
            let token = format!("{}|{}|{how}", claim.owner, claim.attempt);
            let mut writes = vec![self.table.change(update)];
            writes.extend(also);
            self.table.transact(&ids::derived(&token), writes).await?
        };
        if let Written::Refused(refusals) = &written
            && let Some(other) = refusals.iter().find(|refusal| refusal.at > 0)
        {
            return Err(Error::bug(format!("write {} beside a {how} was refused", other.at)));
        }
        Ok(claim.took(&written))
    }

    /// Moves a job whose attempts are used up to the list `failed`.
    pub async fn exhaust<R: Row>(
        &self,
        row: &R,
        reason: &str,
        Record { set, also, tell }: Record,
    ) -> Result<bool> {
        let job = row.job();
        let update = failed(&row.key(), set)?.when(as_seen(job)?);
        let update = update.set("error", error(reason, self.clock.now_ms())?);
        let mut writes = vec![self.table.change(update)];
        writes.extend(also);
        let token = format!("{}|{:?}|{}|exhaust", row.key().pk, job.owner, job.attempt);
        let written = self.table.transact(&ids::derived(&token), writes).await?;
        let done = matches!(written, Written::Done);
        if done {
            tell.send().await;
        }
        Ok(done)
    }

    /// Lets the sweeper pass by until `until`; a hint still finds the job claimable.
    pub async fn defer<R: Row>(&self, row: &R, until: i64) -> Result<()> {
        let update = Update::of(row.key()).set("wake_at", until).when(as_seen(row.job())?);
        // Refused means that it moved on meanwhile, which is as good.
        self.table.update(update).await.map(drop)
    }

    /// Starts the job anew, as a person asked, with `remove` taken off the row, and what
    /// `also` belongs to that. False when the row is no longer as it was read.
    pub async fn redrive<R: Row>(
        &self,
        row: &R,
        remove: &[&'static str],
        also: Vec<Write>,
    ) -> Result<bool> {
        let (job, now) = (row.job(), self.clock.now_ms());
        let nonce = ids::unique();
        let mut update = self
            .ready_again(row, job.generation + 1, now)?
            .set("attempt", 0_u32)
            .set("owner", nonce.as_str())
            .remove("parked")
            .remove("error");
        for name in remove {
            update = update.remove(name);
        }
        let mut writes = vec![self.table.change(update)];
        writes.extend(also);
        // A repeat after a lost reply has the same token, and so the same answer.
        let written = self.table.transact(&ids::derived(&nonce), writes).await?;
        Ok(matches!(written, Written::Done))
    }

    /// Takes the lease off a job whose worker is known to be dead.
    pub(super) async fn release<R: Row>(&self, row: &R) -> Result<()> {
        let update = self.ready_again(row, row.job().generation, self.clock.now_ms())?;
        self.table.update(update).await.map(drop)
    }

    /// Due if still as seen: now, or when an attempt in doubt has settled.
    fn ready_again<R: Row>(&self, row: &R, generation: u32, now: i64) -> Result<Update> {
        let job = row.job();
        let fresh = Job::fresh(now, job.rank, &self.policy);
        let in_doubt = job.state == State::Leased || job.doubt == Some(job.generation);
        let mut update = Update::of(row.key())
            .set("state", state(State::Ready)?)
            .set("due_at", if in_doubt { now + millis(self.policy.settle) } else { now })
            .set("due_shard", self.policy.due_shard(job.rank))
            .set("wake_at", fresh.wake_at.unwrap_or(now))
            .set("generation", generation)
            .remove("lease_until")
            .when(as_seen(job)?);
        if job.state == State::Leased {
            update = update.set("doubt", job.generation);
        }
        Ok(update)
    }
}

impl Claim {
    fn of<R: Row>(row: &R, owner: String, attempt: u32, doubt: Option<u32>) -> Self {
        let (key, job) = (row.key(), row.job());
        let effect_name = format!("{}|{}|{}", key.pk, key.sk, job.rank);
        Self { key, owner, attempt, generation: job.generation, doubt, effect_name }
    }

    /// The row that is claimed.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The job is still this claim's.
    fn fence(&self) -> Result<Cond> {
        Ok(Cond::All(vec![
            Cond::Eq("state", state(State::Leased)?),
            Cond::Eq("owner", self.owner.as_str().into()),
            Cond::Eq("attempt", self.attempt.into()),
        ]))
    }

    /// Whether the write was applied, now or by an earlier try of the same call: then the
    /// row is still its owner's, and leased no more.
    fn took(&self, written: &Written) -> bool {
        let Written::Refused(refusals) = written else { return true };
        refusals.iter().filter_map(|r| r.found.as_ref()).any(|found| {
            found.text("owner") == Some(&self.owner)
                && found.text("state") != state_name(State::Leased).as_deref()
        })
    }
}

/// The row as it was read.
fn as_seen(job: &Job) -> Result<Cond> {
    let mut conditions =
        vec![Cond::Eq("state", state(job.state)?), Cond::Eq("attempt", job.attempt.into())];
    conditions.push(match &job.owner {
        Some(owner) => Cond::Eq("owner", owner.as_str().into()),
        None => Cond::Absent("owner"),
    });
    Ok(Cond::All(conditions))
}

fn settled(key: &Key, as_what: State) -> Result<Update> {
    let update = Update::of(key.clone()).set("state", state(as_what)?);
    Ok(update.remove("due_shard").remove("wake_at").remove("lease_until"))
}

fn ready_at(key: &Key, due_at: i64) -> Result<Update> {
    let update = Update::of(key.clone()).set("state", state(State::Ready)?);
    Ok(update.set("due_at", due_at).set("wake_at", due_at).remove("lease_until"))
}

fn failed(key: &Key, set: Vec<(&'static str, Value)>) -> Result<Update> {
    let update = settled(key, State::Failed)?.set("parked", parked(&tenant(key)?, "failed"));
    Ok(with(update, set))
}

fn with(update: Update, set: Vec<(&'static str, Value)>) -> Update {
    set.into_iter().fold(update, |update, (name, value)| update.set(name, value))
}

fn mine(refusals: &[crate::table::Refusal], owner: &str) -> bool {
    refusals.iter().any(|r| r.found.as_ref().and_then(|f| f.text("owner")) == Some(owner))
}

fn tenant(key: &Key) -> Result<Tenant> {
    Tenant::of_pk(&key.pk).ok_or_else(|| Error::bug("a job outside every tenant"))
}

fn state(state: State) -> Result<Value> {
    Value::of(&state)
}

fn state_name(state: State) -> Option<String> {
    serde_json::to_value(state).ok()?.as_str().map(str::to_owned)
}

fn error(reason: &str, at: i64) -> Result<Value> {
    Value::of(&LastError { reason: reason.to_owned(), at })
}
