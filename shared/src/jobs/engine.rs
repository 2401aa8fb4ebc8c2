//! Settle, commit, fail, defer, re-drive: each one conditional write, fenced by
//! state, attempt and owner, that recognises its own earlier try when a reply
//! was lost and the SDK repeated it. What is counted of a row is counted with it.

use super::claim::Claim;
use super::job::parked;
use super::{Failure, Job, LastError, Policy, Row, State, Station, backoff};
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

/// What is to be written with the end of an attempt, and told when it is written.
#[derive(Clone, Debug, Default)]
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
    /// Ends a job that needs no outside call, unclaimed: as an attempt that was made in
    /// this one write. False when the row is no longer as it was read.
    pub async fn settle<R: Row>(&self, row: &R, done: Done) -> Result<bool> {
        let claim = Claim::unleased(row);
        let fence = as_seen(row.job())?;
        let seen = Station::of(row.job());
        let (owner, attempt) = (claim.owner().to_owned(), claim.attempt);
        let taken =
            move |update: Update| update.set("owner", owner).set("attempt", attempt).when(fence);
        self.ended(row, &claim, seen, done, taken).await
    }

    /// Ends an attempt well. False when the lease had passed to somebody else.
    pub async fn commit<R: Row>(&self, row: &R, claim: &Claim, done: Done) -> Result<bool> {
        let fence = claim.fence()?;
        self.ended(row, claim, Station::LEASED, done, |update| update.when(fence)).await
    }

    async fn ended<R: Row>(
        &self,
        row: &R,
        claim: &Claim,
        from: Station<'_>,
        done: Done,
        fenced: impl FnOnce(Update) -> Update,
    ) -> Result<bool> {
        let key = claim.key();
        let (update, to) = match done.again {
            // What was in doubt is done now.
            Some(at) => {
                let next = ready_at(key, at)?.set("attempt", 0_u32).remove("doubt");
                (next, Station::READY)
            }
            None => (settled(key, State::Done)?, Station { state: State::Done, list: done.park }),
        };
        let Record { set, mut also, tell } = done.record;
        let mut update = fenced(with(update, set)).remove("error");
        if let Some(list) = done.park {
            update = update.set("parked", parked(&tenant(key)?, list));
        }
        also.extend(self.counted(row, from, to));
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
    pub async fn fail<R: Row>(
        &self,
        row: &R,
        claim: &Claim,
        failure: &Failure,
        Record { set, mut also, tell }: Record,
    ) -> Result<Verdict> {
        let (now, again) = (self.clock.now_ms(), self.goes_on(claim, failure));
        let delay = backoff::delay(&self.policy, claim.attempt, failure);
        let delay = if failure.in_doubt { delay.max(self.policy.settle) } else { delay };
        let due_at = now + millis(delay);
        let mut update = match again {
            true => with(ready_at(claim.key(), due_at)?, set),
            false => failed(claim.key(), set)?,
        };
        let to = if again { Station::READY } else { Station::FAILED };
        also.extend(self.counted(row, Station::LEASED, to));
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
            let token = format!("{}|{}|{how}", claim.owner(), claim.attempt);
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
        Record { set, mut also, tell }: Record,
    ) -> Result<bool> {
        let job = row.job();
        also.extend(self.counted(row, Station::of(job), Station::FAILED));
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

    /// Starts the job anew, as a person asked, with `set` put on the row and `remove` taken
    /// off it, and what `also` belongs to that. False when the row is no longer as it was read.
    pub async fn redrive<R: Row>(
        &self,
        row: &R,
        set: Vec<(&'static str, Value)>,
        remove: &[&'static str],
        also: Vec<Write>,
    ) -> Result<bool> {
        let (job, now) = (row.job(), self.clock.now_ms());
        let nonce = ids::unique();
        let mut update = with(self.ready_again(row, job.generation + 1, now)?, set)
            .set("attempt", 0_u32)
            .set("owner", nonce.as_str())
            .remove("parked")
            .remove("error");
        for name in remove {
            update = update.remove(name);
        }
        let mut writes = vec![self.table.change(update)];
        writes.extend(also);
        writes.extend(self.counted(row, Station::of(job), Station::READY));
        // A repeat after a lost reply has the same token, and so the same answer.
        let written = self.table.transact(&ids::derived(&nonce), writes).await?;
        Ok(matches!(written, Written::Done))
    }

    /// Takes the lease off a job whose worker is known to be dead.
    pub(super) async fn release<R: Row>(&self, row: &R) -> Result<()> {
        let update = self.ready_again(row, row.job().generation, self.clock.now_ms())?;
        let mut writes = vec![self.table.change(update)];
        writes.extend(self.counted(row, Station::of(row.job()), Station::READY));
        self.table.transact(&ids::derived(&ids::unique()), writes).await.map(drop)
    }

    /// What is counted of a row whose job goes from here to there.
    pub(super) fn counted<R: Row>(
        &self,
        row: &R,
        from: Station<'_>,
        to: Station<'_>,
    ) -> Vec<Write> {
        let counted = row.moved(from, to, self.clock.now_ms());
        counted.into_iter().map(|update| self.table.change(update)).collect()
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

/// The row as it was read.
pub(super) fn as_seen(job: &Job) -> Result<Cond> {
    let mut conditions =
        vec![Cond::Eq("state", state(job.state)?), Cond::Eq("attempt", job.attempt.into())];
    conditions.push(match &job.owner {
        Some(owner) => Cond::Eq("owner", owner.as_str().into()),
        None => Cond::Absent("owner"),
    });
    Ok(Cond::All(conditions))
}

/// The condition that a row's job is not settled.
pub fn still_open() -> Result<Cond> {
    Ok(Cond::Any(vec![
        Cond::Eq("state", state(State::Ready)?),
        Cond::Eq("state", state(State::Leased)?),
    ]))
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

fn tenant(key: &Key) -> Result<Tenant> {
    Tenant::of_pk(&key.pk).ok_or_else(|| Error::bug("a job outside every tenant"))
}

pub(super) fn state(state: State) -> Result<Value> {
    Value::of(&state)
}

fn error(reason: &str, at: i64) -> Result<Value> {
    Value::of(&LastError { reason: reason.to_owned(), at })
}
