//! The work that requests are: one attempt at one of them.

use std::time::Duration;

use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Done, Failure, Jobs, Ready, Record, Runner, Standing, Work};
use shared::table::{Key, Table};

use super::super::client::{Environments, Meaning, Taken, Trouble};
use super::super::event::events_table;
use super::model::{PegaRequest, at_once, case_in, enter, kept, patient};
use super::perform::perform;

/// What an attempt leaves of its time for writing down what came of it.
const RESERVE: Duration = Duration::from_secs(1);

/// Does what is asked of Pega.
pub struct Performer {
    table: Table,
    pegas: Environments,
    clock: Clock,
    /// Whether it is the process of a caller who waits.
    at_once: bool,
    /// How long an attempt may take.
    time: Duration,
}

/// Who does what waits for nobody.
pub(in crate::pega) fn worker(env: &Env, pegas: Environments) -> Result<Runner<Performer>> {
    runner(env, pegas, patient(env)?, false)
}

/// Who does what a caller waits for.
pub(super) fn attendant(env: &Env, pegas: Environments) -> Result<Runner<Performer>> {
    runner(env, pegas, at_once(env)?, true)
}

fn runner(env: &Env, pegas: Environments, jobs: Jobs, at_once: bool) -> Result<Runner<Performer>> {
    let (table, clock) = (events_table(env)?, env.clock());
    let time = jobs.policy.attempt_timeout.saturating_sub(RESERVE);
    let performer = Performer { table, pegas, clock, at_once, time };
    Ok(Runner::new(performer, jobs, env.queue("EVENTS_QUEUE_URL")?))
}

impl Work for Performer {
    type Row = PegaRequest;
    type Leave = ();

    async fn ready(&self, _: &PegaRequest) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, row: &PegaRequest, claim: &Claim, _: Option<()>) -> Result<Done, Failure> {
        if row.once.is_some() && !self.at_once {
            return Err(deserted(claim).into());
        }
        let operation = row.operation(&self.table).await?;
        let pega = self.pegas.again(&row.tenant()?, &row.environment).await?;
        let taken = perform(claim, &pega.within(self.time), row, &operation).await?;
        Ok(Done { record: self.taken(row, taken)?, ..Done::default() })
    }

    async fn failed(&self, row: &PegaRequest, failure: &Failure, last: bool) -> Result<Record> {
        let mut record = Record::default();
        if !last {
            return Ok(record);
        }
        record.set.push(("settled_at", self.clock.now_ms().into()));
        let told = failure.record.set.iter().any(|(name, _)| *name == Trouble::ATTRIBUTE);
        if !told {
            // The attempt broke off, or its time, attempts or environment are gone.
            let standing = row.job.standing(self.clock.now_ms(), u32::MAX);
            let unknown = failure.in_doubt
                || standing == Standing::Abandoned
                || row.job.doubt == Some(row.job.generation);
            let trouble = match unknown {
                true => Trouble::unknown(failure.reason.as_str()),
                false => Trouble::refused(Meaning::NotDone, failure.reason.as_str()),
            };
            let text = serde_json::to_string(&trouble).map_err(Error::internal)?;
            record.set.push((Trouble::ATTRIBUTE, text.into()));
        }
        Ok(record)
    }

    async fn next(&self, _: &PegaRequest) -> Result<Option<Key>> {
        Ok(None)
    }
}

impl Performer {
    /// What is written of a request that Pega took.
    fn taken(&self, row: &PegaRequest, taken: Taken) -> Result<Record> {
        let mut record = Record::default();
        record.set.push(("settled_at", self.clock.now_ms().into()));
        if let Some(status) = taken.status {
            record.set.push(("pega_status", u32::from(status).into()));
        }
        if let Some(etag) = taken.etag {
            record.set.push(("etag", etag.into()));
        }
        let Some(answer) = taken.answer else { return Ok(record) };
        if let (None, Some(case_id)) = (&row.case_id, case_in(&answer)) {
            record.set.push(("case_id", case_id.into()));
            record.also.push(enter(&self.table, &row.tenant()?, case_id, row.id)?);
        }
        record.set.push(("answer", kept(&answer).into()));
        Ok(record)
    }
}

/// What became of a request whose caller's process ended: nobody else does it.
fn deserted(claim: &Claim) -> Trouble {
    if claim.attempt > 1 {
        return Trouble::unknown("unknown outcome: the process that asked Pega ended meanwhile");
    }
    let reason = "not done: the process that was to ask Pega ended before it did";
    Trouble::refused(Meaning::NotDone, reason)
}
