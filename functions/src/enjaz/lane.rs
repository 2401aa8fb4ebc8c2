//! The lane of the table `enjaz`: its queue, and its worker, which tells kinds of jobs apart
//! by their keys.

use std::time::Duration;

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Jobs, Kinds, Lane, Policy};

use super::account::ACCOUNTS;
use super::means::Means;
use super::removal::{REMOVALS, Removing};
use super::sync::{Alarm, SYNCS, Syncing};

/// The longest that a step may take: a sign-in of a slow portal, and pages after that.
const LONGEST_STEP: Duration = Duration::from_secs(180);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// How patient the jobs are.
fn policy(env: &Env) -> Result<Policy> {
    let lease = LONGEST_STEP + Duration::from_secs(30);
    // What is read may be read again at once.
    let settle = Duration::ZERO;
    let usual = Policy::of(env)?;
    let backoff_cap = usual.backoff_cap.min(LONGEST_WAIT);
    Ok(Policy { attempt_timeout: LONGEST_STEP, lease, settle, backoff_cap, lane: "E", ..usual })
}

/// The lane, for the sweeper and for whoever hints at its jobs.
pub fn lane(env: &Env) -> Result<Lane> {
    let table = env.table("ENJAZ_TABLE")?;
    let jobs = Jobs { table, clock: env.clock(), policy: policy(env)? };
    Ok(Lane { jobs, queue: env.queue("ENJAZ_QUEUE_URL")? })
}

/// Works through hints at jobs of every kind. Needs what everything here needs.
pub fn worker(env: &Env) -> Result<Kinds> {
    let means = Means::load(env)?;
    Ok(Kinds::new(means.lane.clone())
        .with(ACCOUNTS, Alarm::with(&means))
        .with(SYNCS, Syncing::with(&means))
        .with(REMOVALS, Removing::with(&means)))
}
