//! The lane of events and of requests to Pega: its queue, and its worker, which tells the
//! two apart by their keys.

use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Lane, Runner};
use shared::queue::Hint;
use shared::tenant::Tenant;

use super::client::Environments;
use super::event::jobs;
use super::requests::{self, Performer, REQUEST};
use super::worker::{self, Events};

/// The lane, for the sweeper.
pub fn lane(env: &Env) -> Result<Lane> {
    Ok(Lane { jobs: jobs(env)?, queue: env.queue("EVENTS_QUEUE_URL")? })
}

/// Works through hints at events and at requests that wait for nobody.
pub struct Worker {
    events: Runner<Events>,
    requests: Runner<Performer>,
}

/// Needs all that events, requests and connections need, and Pega's credentials.
pub fn worker(env: &Env) -> Result<Worker> {
    let pegas = Environments::load(env)?;
    let requests = requests::worker(env, pegas.clone())?;
    Ok(Worker { events: worker::worker(env, pegas)?, requests })
}

/// Works through one hint; the method that a function's `main` names.
pub async fn deliver(worker: &Worker, hint: Hint) -> Result<()> {
    let tenant = Tenant::of_pk(&hint.key.pk);
    if tenant.is_some_and(|tenant| tenant.id_in(REQUEST, &hint.key.pk).is_some()) {
        worker.requests.deliver(hint).await
    } else {
        worker.events.deliver(hint).await
    }
}
