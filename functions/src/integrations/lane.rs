//! The lane of the table `workforce`: its queue, and its worker, which tells kinds of jobs
//! apart by their keys.

use std::time::Duration;

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Jobs, Kinds, Lane, Policy};

use super::contact_center::import::{IMPORT, Importing};
use super::contact_center::pull::{PULL, Pulling};
use super::personnel::{SYNC, Syncing};

/// The longest that a source may take to tell everything, in seconds.
const LONGEST_CALL: u64 = 300;

/// Attempts at a step. Whatever keeps failing makes way for what is asked for next.
const ATTEMPTS: u32 = 8;
/// The longest wait between two of them.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// How patient the jobs of workforce data are.
fn policy(env: &Env) -> Result<Policy> {
    let attempt_timeout = Duration::from_secs(LONGEST_CALL + 15);
    let lease = attempt_timeout + Duration::from_secs(30);
    // What is read may be read again at once.
    let settle = Duration::ZERO;
    let usual = Policy::of(env)?;
    let backoff_cap = usual.backoff_cap.min(LONGEST_WAIT);
    let max_attempts = usual.max_attempts.min(ATTEMPTS);
    Ok(Policy { attempt_timeout, lease, settle, backoff_cap, max_attempts, lane: "W", ..usual })
}

/// The lane, for the sweeper and for whoever hints at its jobs.
pub fn lane(env: &Env) -> Result<Lane> {
    let table = env.table("WORKFORCE_TABLE")?;
    let jobs = Jobs { table, clock: env.clock(), policy: policy(env)? };
    Ok(Lane { jobs, queue: env.queue("WORKFORCE_QUEUE_URL")? })
}

/// Works through hints at jobs of every kind. Needs all that those need.
pub fn worker(env: &Env) -> Result<Kinds> {
    Ok(Kinds::new(lane(env)?)
        .with(SYNC, Syncing::load(env)?)
        .with(PULL, Pulling::load(env)?)
        .with(IMPORT, Importing::load(env)?))
}
