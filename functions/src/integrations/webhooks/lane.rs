//! The lane of deliveries and recoveries: its jobs, its queues, and its worker, which
//! tells the two apart by their keys.

use std::time::Duration;

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Jobs, Lane, Policy, Runner};
use shared::queue::Hint;
use shared::tenant::Tenant;

use super::delivery::LONGEST_TIMEOUT;
use super::recovery::{RECOVERY, Recoveries};
use super::store::Webhooks;
use super::worker::Deliveries;

/// How patient deliveries are with themselves; how often they are tried is their
/// webhook's schedule.
pub fn policy(env: &Env) -> Result<Policy> {
    let attempt_timeout = Duration::from_secs(u64::from(LONGEST_TIMEOUT) + 15);
    let settle = Duration::ZERO;
    let lease = attempt_timeout + Duration::from_secs(30);
    Ok(Policy { attempt_timeout, lease, settle, max_attempts: 40, ..Policy::of(env)? })
}

/// The jobs of deliveries.
pub(super) fn jobs(env: &Env) -> Result<Jobs> {
    Ok(Jobs { table: env.table("MESSAGES_TABLE")?, clock: env.clock(), policy: policy(env)? })
}

/// The lane of deliveries, for the sweeper: what it finds was tried before, or lost.
pub fn lane(env: &Env) -> Result<Lane> {
    Ok(Lane { jobs: jobs(env)?, queue: env.queue("RETRIES_QUEUE_URL")? })
}

/// Works through hints of both queues, first attempts and further ones alike.
pub struct Worker {
    deliveries: Runner<Deliveries>,
    recoveries: Runner<Recoveries>,
}

/// Needs all that deliveries and recoveries need.
pub fn worker(env: &Env) -> Result<Worker> {
    let (webhooks, deliveries) = (Webhooks::load(env)?, Deliveries::load(env)?);
    let (jobs, retries) = (webhooks.jobs.clone(), webhooks.lane.queue.clone());
    Ok(Worker {
        deliveries: Runner::new(deliveries, jobs.clone(), retries.clone()),
        recoveries: Runner::new(Recoveries(webhooks), jobs, retries),
    })
}

/// Works through one hint; the method that a function's `main` names.
pub async fn deliver(worker: &Worker, hint: Hint) -> Result<()> {
    let tenant = Tenant::of_pk(&hint.key.pk);
    if tenant.is_some_and(|tenant| tenant.id_in(RECOVERY, &hint.key.pk).is_some()) {
        worker.recoveries.deliver(hint).await
    } else {
        worker.deliveries.deliver(hint).await
    }
}
