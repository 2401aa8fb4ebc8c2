//! The lane of notices: its jobs, its queue, its worker.

use std::time::Duration;

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Jobs, Lane, Policy, Runner};
use shared::mail;
use shared::queue::Hint;

use super::worker::Notices;

/// How patient notices are: about a day of an other side that is not there.
pub(super) fn policy(env: &Env) -> Result<Policy> {
    Ok(Policy { max_attempts: 40, settle: Duration::ZERO, lane: "N", ..Policy::of(env)? })
}

/// The lane, for the sweeper.
pub fn lane(env: &Env) -> Result<Lane> {
    let (table, clock) = (env.table("MESSAGES_TABLE")?, env.clock());
    let jobs = Jobs { table, clock, policy: policy(env)? };
    Ok(Lane { jobs, queue: env.queue("NOTICES_QUEUE_URL")? })
}

/// Works through hints at notices.
pub type Worker = Runner<Notices>;

/// Needs all that notices need, and a mailer if there is to be mail.
pub fn worker(env: &Env) -> Result<Worker> {
    let Lane { jobs, queue } = lane(env)?;
    Ok(Runner::new(Notices::load(env)?, jobs, queue))
}

/// The same with mail over Amazon SES.
pub fn worker_over_ses(env: &Env) -> Result<Worker> {
    worker(&env.clone().with_mailer(mail::ses(env)))
}

/// Works through one hint; the method that a function's `main` names.
pub async fn deliver(worker: &Worker, hint: Hint) -> Result<()> {
    worker.deliver(hint).await
}
