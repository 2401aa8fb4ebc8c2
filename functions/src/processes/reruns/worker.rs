//! The work that reruns are: whoever runs the step is told; what was answered is written on
//! the rerun first and then, however often that is tried, on its step run once.

use serde_json::json;
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::{Key, Value};
use shared::web::Caller;

use super::adapters::{Adapters, Refusal, Task};
use super::apply::apply;
use super::model::{Answer, Outcome, Rerun};
use crate::processes::runs::{Run, RunStore, StepStatus};

/// The work.
pub struct Rerunning {
    store: RunStore,
    adapters: Adapters,
}

impl Rerunning {
    /// Needs all that runs and connections need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { store: RunStore::load(env)?, adapters: Adapters::load(env)? })
    }

    /// The run of which the step is to be run; or the rerun's end, when it is not any more.
    /// That nobody was told as the run was deleted is written on its step run.
    async fn awaited(&self, rerun: &Rerun) -> Result<Result<Run, Done>> {
        let run = self.store.any(&rerun.tenant()?, rerun.run_id).await?;
        let waits = run.step(rerun.number).is_some_and(|it| it.status == StepStatus::Pending);
        if waits && run.deleted_at.is_none() {
            return Ok(Ok(run));
        }
        if waits {
            let failure = json!({
                "error": "run_deleted", "message": "The run was deleted before the rerun",
                "adapter": rerun.adapter, "result_type": "failure", "attempts": rerun.tries,
            });
            self.apply(rerun, &Answer::failed(failure)).await?;
        }
        ended(Outcome::NotNeeded).map(Err)
    }

    /// Tells whoever runs the step.
    async fn call(&self, rerun: &Rerun, run: &Run, claim: &Claim) -> Result<Done, Failure> {
        let (plan, tenant, now) = (rerun.plan()?, rerun.tenant()?, self.store.clock.now_ms());
        let step = run.step(rerun.number).ok_or_else(|| Error::bug("a rerun without its step"))?;
        let attempt = rerun.tries + 1;
        let task = Task { tenant: &tenant, run, step, plan: &plan, attempt };
        let called = self.adapters.of(plan.adapter)?.call(&task, claim).await?;
        let mut record = called.record;
        record.set.push(("called_at", rerun.called_at.unwrap_or(now).into()));
        let answer = match called.answer {
            Ok(answer) => answer,
            Err(refusal) => {
                record.set.push(("tries", attempt.into()));
                if refusal.failed.is_of(&plan.conditions) && attempt <= plan.max_retries {
                    return Err(Failure {
                        retry: true,
                        in_doubt: refusal.in_doubt,
                        wait: plan.wait(attempt, refusal.retry_after),
                        retry_after: refusal.retry_after,
                        record,
                        ..Failure::permanent(refusal.reason)
                    });
                }
                given_up(rerun, &refusal, attempt)
            }
        };
        let text = serde_json::to_string(&answer).map_err(Error::internal)?;
        record.set.push(("answer", text.into()));
        // What was answered is kept now, whatever becomes of the step run.
        Ok(Done { record, again: Some(now), ..Done::default() })
    }

    /// Writes what was answered on the step run, unless it is there. A run that was deleted
    /// can be restored, and says it then.
    async fn apply(&self, rerun: &Rerun, answer: &Answer) -> Result<Done> {
        let by = Caller { corr: rerun.corr.clone(), ..Caller::system(&rerun.tenant()?) };
        let called_at = rerun.called_at.unwrap_or(rerun.created_at);
        let change = async |answer: &Answer| {
            let act = |run: &mut Run, now| apply(run, rerun.number, answer, called_at, now);
            self.store.change_deleted(&by, rerun.run_id, act).await
        };
        match change(answer).await {
            Err(error) if error.kind == Kind::TooLarge => change(&answer.bare()).await?,
            changed => changed?,
        };
        let mut done = ended(answer.outcome())?;
        done.record.set.push(("failed_with", Value::of(&answer.failed_with)?));
        Ok(done)
    }
}

/// The end of a rerun. How it was done and what was answered is no longer kept here: it may
/// be about people.
fn ended(outcome: Outcome) -> Result<Done> {
    let set = vec![
        ("outcome", Value::of(&outcome)?),
        ("answer", Value::of(&None::<String>)?),
        ("config", "{}".into()),
    ];
    Ok(Done { record: Record { set, ..Record::default() }, ..Done::default() })
}

/// That nobody could be told.
fn given_up(rerun: &Rerun, refusal: &Refusal, attempts: u32) -> Answer {
    let failure = json!({
        "error": refusal.failed.name(),
        "message": refusal.reason,
        "adapter": rerun.adapter,
        "result_type": "failure",
        "http_status": refusal.failed.status,
        "attempts": attempts,
    });
    Answer { failed_with: Some(refusal.failed.name().to_owned()), ..Answer::failed(failure) }
}

impl Work for Rerunning {
    type Row = Rerun;
    type Leave = ();

    async fn ready(&self, _: &Rerun) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn at_once(&self, rerun: &Rerun) -> Result<Option<Done>> {
        if let Some(answer) = rerun.answer()? {
            return self.apply(rerun, &answer).await.map(Some);
        }
        Ok(self.awaited(rerun).await?.err())
    }

    async fn run(&self, rerun: &Rerun, claim: &Claim, _: Option<()>) -> Result<Done, Failure> {
        if let Some(answer) = rerun.answer()? {
            return Ok(self.apply(rerun, &answer).await?);
        }
        match self.awaited(rerun).await? {
            Ok(run) => self.call(rerun, &run, claim).await,
            Err(done) => Ok(done),
        }
    }

    async fn failed(&self, rerun: &Rerun, failure: &Failure, last: bool) -> Result<Record> {
        if !last {
            return Ok(Record::default());
        }
        let told = json!({
            "error": "internal", "message": failure.reason, "adapter": rerun.adapter,
            "result_type": "failure", "attempts": rerun.job.attempt,
        });
        let answer = Answer { failed_with: Some("internal".to_owned()), ..Answer::failed(told) };
        match self.apply(rerun, &answer).await {
            Ok(done) => Ok(done.record),
            Err(error) if error.kind == Kind::Unavailable => Err(error),
            Err(error) => {
                tracing::error!(%error, "a rerun's failure could not be written on its step run");
                Ok(Record::default())
            }
        }
    }

    async fn next(&self, _: &Rerun) -> Result<Option<Key>> {
        Ok(None)
    }
}
