//! The job of sealing: written with every 512th run, due when that is old enough, it seals
//! one block after the other until none is complete.

use serde::{Deserialize, Serialize};
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Done, Failure, Job, Policy, Ready, Record, Row, Work};
use shared::sequence::Sequence;
use shared::table::{Item, Key};
use shared::tenant::Tenant;

use super::RunIndex;
use super::seal::SETTLED_MS;
use crate::processes::runs::Run;

/// What the partitions of these jobs are called.
pub const SEAL: &str = "SEAL";
/// With every so many runs there is one.
const EVERY: i64 = 512;
/// How long a job's row is kept once it is settled, in seconds: a day.
const KEPT: i64 = 24 * 3600;

/// A job's row in the table `runs`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sealing {
    pk: String,
    sk: String,
    #[serde(flatten)]
    job: Job,
}

impl Row for Sealing {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

/// The job that is written with a new run, if one is.
pub fn sealing(tenant: &Tenant, run: &Run, policy: &Policy, now: i64) -> Result<Option<Item>> {
    if run.id() % EVERY != 0 {
        return Ok(None);
    }
    let Key { pk, sk } = Key::alone(tenant.pk(SEAL, run.id()));
    let job = Job::fresh(now, run.id(), policy).not_before(now + SETTLED_MS);
    Item::of(&Sealing { pk, sk, job }).map(Some)
}

/// The work.
pub struct Sealer {
    index: RunIndex,
    numbers: Sequence,
}

impl Sealer {
    /// Needs the tables `runs` and `control`.
    pub fn load(env: &Env) -> Result<Self> {
        let numbers = Sequence::new(env.table("CONTROL_TABLE")?, "runs");
        Ok(Self { index: RunIndex::load(env)?, numbers })
    }

    /// The same for this index.
    #[must_use]
    pub fn over(self, index: RunIndex) -> Self {
        Self { index, ..self }
    }

    /// Seals the next block of a tenant, if one is complete.
    pub async fn seal_next(&self, tenant: &Tenant) -> Result<bool> {
        let last = self.numbers.last(tenant).await?;
        self.index.seal_next(tenant, last).await
    }
}

impl Work for Sealer {
    type Row = Sealing;
    type Leave = ();

    async fn ready(&self, _: &Sealing) -> Result<Ready> {
        Ok(Ready::Now(()))
    }

    async fn run(&self, sealing: &Sealing, _: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let tenant = Tenant::of_pk(&sealing.pk);
        let tenant = tenant.ok_or_else(|| Error::bug("a sealing outside every tenant"))?;
        let now = self.index.clock.now_ms();
        let again = self.seal_next(&tenant).await?.then_some(now);
        let ended = vec![("expires_at", (now / 1000 + KEPT).into())];
        let set = if again.is_none() { ended } else { Vec::new() };
        Ok(Done { record: Record { set, ..Record::default() }, park: None, again })
    }

    async fn failed(&self, _: &Sealing, _: &Failure, _: bool) -> Result<Record> {
        Ok(Record::default())
    }

    async fn next(&self, _: &Sealing) -> Result<Option<Key>> {
        Ok(None)
    }
}
