//! The lane of the table `runs`: its queue, and its worker, which tells kinds of jobs apart
//! by their keys.

use std::time::Duration;

use shared::boxed::Boxed;
use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Jobs, Lane, Policy, Runner, Work};
use shared::queue::Hint;
use shared::tenant::Tenant;

use super::deadlines::{DEADLINE, Deadlines};
use super::index::{SEAL, Sealer};
use super::reruns::{BULK, BulkRerunning, RERUN, Rerunning, Reruns};
use super::retention::{RETENTION, Retaining};
use super::runs::runs_table;

/// The longest that a call to whoever runs a step again may take, in seconds.
pub const LONGEST_CALL: u32 = 300;

/// How patient the jobs of runs are. How often a rerun is tried is its step's configuration.
pub fn policy(env: &Env) -> Result<Policy> {
    let attempt_timeout = Duration::from_secs(u64::from(LONGEST_CALL) + 15);
    let lease = attempt_timeout + Duration::from_secs(30);
    // Whoever is called knows a call by its key, so that the next one need not wait.
    let settle = Duration::ZERO;
    Ok(Policy { attempt_timeout, lease, settle, lane: "R", ..Policy::of(env)? })
}

/// The lane, for the sweeper and for whoever hints at its jobs.
pub fn lane(env: &Env) -> Result<Lane> {
    let jobs = Jobs { table: runs_table(env)?, clock: env.clock(), policy: policy(env)? };
    Ok(Lane { jobs, queue: env.queue("RUNS_QUEUE_URL")? })
}

/// Works through hints at jobs of every kind.
pub struct Worker {
    lane: Lane,
    kinds: Vec<(&'static str, Box<dyn Kind>)>,
}

/// Needs all that its kinds of jobs need.
pub fn worker(env: &Env) -> Result<Worker> {
    let worker = Worker { lane: lane(env)?, kinds: Vec::new() };
    Ok(worker
        .with(RERUN, Rerunning::load(env)?)
        .with(BULK, BulkRerunning(Reruns::load(env)?))
        .with(DEADLINE, Deadlines::load(env)?)
        .with(SEAL, Sealer::load(env)?)
        .with(RETENTION, Retaining::load(env)?))
}

/// Works through one hint; the method that a function's `main` names.
pub async fn deliver(worker: &Worker, hint: Hint) -> Result<()> {
    let tenant = Tenant::of_pk(&hint.key.pk);
    let is = |kind| tenant.as_ref().is_some_and(|of| of.id_in(kind, &hint.key.pk).is_some());
    match worker.kinds.iter().find(|(kind, _)| is(kind)) {
        Some((_, kind)) => kind.deliver(hint).await,
        None => {
            tracing::error!(pk = %hint.key.pk, "a hint at a job of no kind was dropped");
            Ok(())
        }
    }
}

impl Worker {
    /// With the work of the jobs whose partition keys are of this kind.
    fn with(mut self, kind: &'static str, work: impl Work) -> Self {
        let Lane { jobs, queue } = self.lane.clone();
        self.kinds.push((kind, Box::new(Runner::new(work, jobs, queue))));
        self
    }
}

/// A runner of any work.
trait Kind: Send + Sync {
    fn deliver(&self, hint: Hint) -> Boxed<'_, Result<()>>;
}

impl<W: Work> Kind for Runner<W> {
    fn deliver(&self, hint: Hint) -> Boxed<'_, Result<()>> {
        Box::pin(self.deliver(hint))
    }
}
