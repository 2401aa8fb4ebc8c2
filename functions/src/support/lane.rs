//! The lanes of the table `tickets`: workflows, of which so many are at work at a time, and
//! timers, which wait for none of them.

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

/// Works through hints at workflows. Needs all that those need.
pub fn worker(env: &Env) -> Result<Kinds> {
    Ok(Kinds::new(lane(env)?).with(WORKFLOW, Flowing::load(env)?))
}

/// How patient timers are.
pub fn timers_policy(env: &Env) -> Result<Policy> {
    Ok(Policy { lane: "A", ..Policy::of(env)? })
}

/// The lane of timers, for the sweeper, which is who hints at them.
pub fn timers_lane(env: &Env) -> Result<Lane> {
    let (table, policy) = (tickets_table(env)?, timers_policy(env)?);
    let jobs = Jobs { table, clock: env.clock(), policy };
    Ok(Lane { jobs, queue: env.queue("TIMERS_QUEUE_URL")? })
}

/// Works through hints at timers. Needs all that those need.
pub fn timers_worker(env: &Env) -> Result<Kinds> {
    Ok(Kinds::new(timers_lane(env)?).with(TIMER, Timers::load(env)?))
}
