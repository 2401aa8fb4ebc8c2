//! The lane of the table `runs`: its queue, and its worker, which tells kinds of jobs apart
//! by their keys.

use std::time::Duration;

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Jobs, Kinds, Lane, Policy};

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

/// Works through hints at jobs of every kind. Needs all that those need.
pub fn worker(env: &Env) -> Result<Kinds> {
    Ok(Kinds::new(lane(env)?)
        .with(RERUN, Rerunning::load(env)?)
        .with(BULK, BulkRerunning(Reruns::load(env)?))
        .with(DEADLINE, Deadlines::load(env)?)
        .with(SEAL, Sealer::load(env)?)
        .with(RETENTION, Retaining::load(env)?))
}
