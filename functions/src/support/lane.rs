//! The lane of the table `tickets`: its queue, and its worker, which tells kinds of jobs
//! apart by their keys.

use std::time::Duration;

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Jobs, Kinds, Lane, Policy};
use shared::table::Table;

use super::timers::{TIMER, Timers};
use super::workflow::{Flowing, WORKFLOW};

/// The longest that one step of a workflow may take, in seconds: longer than any call, and
/// than a model may think.
const LONGEST_STEP: u64 = 75;

/// The longest that a step waits to be tried again: people wait for it.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The table of tickets.
pub fn tickets_table(env: &Env) -> Result<Table> {
    env.table("TICKETS_TABLE")
}

/// How patient workflows are.
pub fn policy(env: &Env) -> Result<Policy> {
    let attempt_timeout = Duration::from_secs(LONGEST_STEP);
    let lease = attempt_timeout + Duration::from_secs(30);
    let policy = Policy::of(env)?;
    let backoff_cap = policy.backoff_cap.min(LONGEST_WAIT);
    Ok(Policy { attempt_timeout, lease, backoff_cap, lane: "T", ..policy })
}

/// The lane, for the sweeper and for whoever hints at its jobs.
pub fn lane(env: &Env) -> Result<Lane> {
    let jobs = Jobs { table: tickets_table(env)?, clock: env.clock(), policy: policy(env)? };
    Ok(Lane { jobs, queue: env.queue("TICKETS_QUEUE_URL")? })
}

/// Works through hints at jobs of every kind. Needs all that those need.
pub fn worker(env: &Env) -> Result<Kinds> {
    let lane = lane(env)?;
    Ok(Kinds::new(lane).with(WORKFLOW, Flowing::load(env)?).with(TIMER, Timers::load(env)?))
}
