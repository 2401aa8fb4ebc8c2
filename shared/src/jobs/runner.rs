//! One hint, worked through: read the row, see whether it may run, claim it, run
//! it, settle it, wake whoever waits for it.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tracing::{Instrument, info, warn};

use super::{Claim, Done, Failure, Jobs, Record, Row, Standing, Verdict};
use crate::error::{Kind, Result};
use crate::queue::{Hint, MAX_DELAY, Queue};
use crate::table::{Key, Read};

/// A hint that comes this much too early is sent again rather than dropped.
const EARLY: i64 = 120_000;

/// One kind of work.
pub trait Work: Send + Sync + 'static {
    /// The row it works on.
    type Row: Row;
    /// What [`Work::ready`] found out or took hold of for the attempt.
    type Leave: Send;

    /// Whether it may run now; asked before the claim, so a wait costs no attempt. Not
    /// asked when a fresh hint says that nothing comes before it.
    fn ready(&self, row: &Self::Row) -> impl Future<Output = Result<Ready<Self::Leave>>> + Send;

    /// How it ends, if that takes no outside call: then it is settled in one write,
    /// without a claim. An error here is found again by an attempt, which counts.
    fn at_once(&self, row: &Self::Row) -> impl Future<Output = Result<Option<Done>>> + Send {
        let _ = row;
        async { Ok(None) }
    }

    /// Does it, with at most one outside effect. Without `leave` it was not asked
    /// whether it may.
    fn run(
        &self,
        row: &Self::Row,
        claim: &Claim,
        leave: Option<Self::Leave>,
    ) -> impl Future<Output = Result<Done, Failure>> + Send;

    /// What is to be written with an attempt that failed, beside what the attempt has
    /// to write down itself; `last` when none follows it.
    fn failed(
        &self,
        row: &Self::Row,
        failure: &Failure,
        last: bool,
    ) -> impl Future<Output = Result<Record>> + Send;

    /// Whom to wake once this one is settled.
    fn next(&self, row: &Self::Row) -> impl Future<Output = Result<Option<Key>>> + Send;
}

/// Whether work may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready<Leave = ()> {
    /// It may.
    Now(Leave),
    /// Something else comes first; whoever finishes that wakes this one, and the
    /// sweeper need not look before then (milliseconds since 1970).
    After(i64),
    /// Not before then (milliseconds since 1970), and then at once.
    At(i64),
}

/// Works through hints of one kind of work.
pub struct Runner<W> {
    work: W,
    jobs: Jobs,
    queue: Arc<dyn Queue>,
}

impl<W: Work> Runner<W> {
    /// A runner of `work` on `jobs`, whose hints travel through `queue`.
    pub fn new(work: W, jobs: Jobs, queue: Arc<dyn Queue>) -> Self {
        Self { work, jobs, queue }
    }

    /// Works through one hint.
    ///
    /// # Errors
    /// Only when the table does not answer: then the hint should come again.
    /// A job's own failure is written on its row and is no error here.
    pub async fn deliver(&self, hint: Hint) -> Result<()> {
        let span = tracing::info_span!("job", pk = %hint.key.pk);
        self.deliver_one(hint).instrument(span).await
    }

    async fn deliver_one(&self, hint: Hint) -> Result<()> {
        let row: Option<W::Row> = self.jobs.table.get(&hint.key, Read::Consistent).await?;
        let Some(row) = row else { return Ok(()) };
        let now = self.jobs.clock.now_ms();
        match row.job().standing(now, self.jobs.policy.max_attempts) {
            Standing::Settled | Standing::Held => return Ok(()),
            Standing::Later(at) if at - now <= EARLY => {
                self.hint(hint.key, at - now).await;
                return Ok(());
            }
            Standing::Later(_) => return Ok(()),
            Standing::Exhausted => return self.exhaust(&row).await,
            Standing::Due | Standing::Abandoned => {}
        }
        let ready = if hint.fresh { None } else { Some(self.work.ready(&row).await?) };
        let leave = match ready {
            None => None,
            Some(Ready::Now(leave)) => Some(leave),
            Some(Ready::After(until)) => return self.defer(&row, until).await,
            Some(Ready::At(at)) => {
                self.defer(&row, at).await?;
                self.hint(hint.key, at - now).await;
                return Ok(());
            }
        };
        self.take(&row, leave).await
    }

    /// Settles a job at once, or claims it and makes an attempt.
    async fn take(&self, row: &W::Row, leave: Option<W::Leave>) -> Result<()> {
        let at_once = AssertUnwindSafe(self.work.at_once(row)).catch_unwind().await;
        if let Ok(Ok(Some(done))) = at_once {
            match self.jobs.settle(row, done).await {
                Ok(true) => return self.wake_next(row).await,
                Ok(false) => return Ok(()),
                Err(error) if error.kind == Kind::Unavailable => return Err(error),
                // An attempt will find the same, and end for it.
                Err(error) => tracing::error!(%error, "a result could not be written at once"),
            }
        }
        match self.jobs.claim(row).await? {
            Some(claim) => self.work_on(row, &claim, leave).await,
            None => Ok(()),
        }
    }

    async fn defer(&self, row: &W::Row, until: i64) -> Result<()> {
        if row.job().wake_at.is_some_and(|at| at < until) {
            self.jobs.defer(row, until).await?;
        }
        Ok(())
    }

    /// One attempt, from its claim to its end.
    async fn work_on(&self, row: &W::Row, claim: &Claim, leave: Option<W::Leave>) -> Result<()> {
        let settled = match self.attempt(row, claim, leave).await {
            Ok(done) => match self.commit(row, claim, done).await {
                Err(error) if error.kind != Kind::Unavailable => {
                    // What the table does not take now it will not take later.
                    tracing::error!(%error, "a result could not be written");
                    // What was done is not undone by that.
                    let reason = "the result could not be written; what was done stays done";
                    let failure = Failure { in_doubt: true, ..Failure::permanent(reason) };
                    self.fail(row, claim, failure).await?
                }
                written => written?,
            },
            Err(failure) => self.fail(row, claim, failure).await?,
        };
        if settled { self.wake_next(row).await } else { Ok(()) }
    }

    /// Writes how an attempt ended well. True when that settled the job.
    async fn commit(&self, row: &W::Row, claim: &Claim, done: Done) -> Result<bool> {
        let again = done.again;
        let ended = self.jobs.commit(row, claim, done).await?;
        if let Some(at) = again.filter(|_| ended) {
            self.hint(claim.key().clone(), at - self.jobs.clock.now_ms()).await;
        }
        Ok(ended && again.is_none())
    }

    /// Runs the work within its time; a panic is that job's failure alone.
    async fn attempt(
        &self,
        row: &W::Row,
        claim: &Claim,
        leave: Option<W::Leave>,
    ) -> Result<Done, Failure> {
        let run = AssertUnwindSafe(self.work.run(row, claim, leave)).catch_unwind();
        match tokio::time::timeout(self.jobs.policy.attempt_timeout, run).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure::in_doubt("the worker panicked")),
            Err(_) => Err(Failure::in_doubt("the attempt took too long")),
        }
    }

    /// Ends a failed attempt. True when that settled the job.
    async fn fail(&self, row: &W::Row, claim: &Claim, failure: Failure) -> Result<bool> {
        let mut failure = failure.cut();
        let last = !self.jobs.goes_on(claim, &failure);
        let more = self.work.failed(row, &failure, last).await?;
        let record = std::mem::take(&mut failure.record).and(more);
        let verdict = self.jobs.fail(row, claim, &failure, record).await?;
        warn!(attempt = claim.attempt, ?verdict, reason = %failure.reason, "attempt failed");
        if let Verdict::Retry(at) = verdict {
            self.hint(claim.key().clone(), at - self.jobs.clock.now_ms()).await;
        }
        Ok(verdict == Verdict::Failed)
    }

    async fn exhaust(&self, row: &W::Row) -> Result<()> {
        let reason = match &row.job().error {
            Some(error) => {
                format!("gave up after {} attempts: {}", row.job().attempt, error.reason)
            }
            None => format!("gave up after {} attempts that broke off", row.job().attempt),
        };
        let failure = Failure::permanent(&*reason).cut();
        let record = self.work.failed(row, &failure, true).await?;
        if self.jobs.exhaust(row, &failure.reason, record).await? {
            warn!(reason, "attempts used up");
            self.wake_next(row).await?;
        }
        Ok(())
    }

    async fn wake_next(&self, row: &W::Row) -> Result<()> {
        if let Some(key) = self.work.next(row).await? {
            self.hint(key, 0).await;
        }
        Ok(())
    }

    /// Sends a hint for `delay` milliseconds from now; if that is too far off or
    /// fails, the sweeper does it.
    async fn hint(&self, key: Key, delay: i64) {
        let delay = Duration::from_millis(u64::try_from(delay).unwrap_or(0));
        if delay > MAX_DELAY {
            return;
        }
        if let Err(error) = self.queue.send(vec![Hint::at(key)], delay).await {
            info!(%error, "hint not sent; the sweeper will");
        }
    }
}
