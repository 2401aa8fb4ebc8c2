//! The work that deadlines are: when one is due, what missed it is marked, and others are
//! told.

use shared::env::Env;
use shared::error::{Kind, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Record, Work};
use shared::table::Key;
use shared::web::Caller;

use super::model::Deadline;
use crate::processes::runs::RunStore;

/// How long a deadline's row is kept once it is settled, in seconds: a week.
const KEPT: i64 = 7 * 24 * 3600;

/// The work.
pub struct Deadlines(RunStore);

impl Deadlines {
    /// Needs all that runs need.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self(RunStore::load(env)?))
    }

    async fn settle(&self, deadline: &Deadline) -> Result<Done> {
        let by = Caller::system(&deadline.tenant()?);
        let marked = self.0.change(&by, deadline.run_id, |run, now| deadline.missed(run, now));
        match marked.await {
            Err(error) if error.kind != Kind::NotFound => return Err(error),
            _ => {}
        }
        let expires_at = self.0.clock.now_ms() / 1000 + KEPT;
        let record = Record { set: vec![("expires_at", expires_at.into())], ..Record::default() };
        Ok(Done { record, ..Done::default() })
    }
}

impl Work for Deadlines {
    type Row = Deadline;
    type Leave = ();

    async fn ready(&self, _: &Deadline) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn at_once(&self, deadline: &Deadline) -> Result<Option<Done>> {
        self.settle(deadline).await.map(Some)
    }

    async fn run(&self, deadline: &Deadline, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        Ok(self.settle(deadline).await?)
    }

    async fn failed(&self, _: &Deadline, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Deadline) -> Result<Option<Key>> {
        Ok(None)
    }
}
