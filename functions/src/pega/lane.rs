//! The lane of events, of replays and of requests to Pega: its queue, and its worker, which
//! tells them apart by their keys.

use serde::Deserialize;
use shared::env::Env;
use shared::error::Result;
use shared::jobs::{Errand, Job, Lane, Row, Runner, Station};
use shared::queue::Hint;
use shared::table::{Key, Update};
use shared::tenant::Tenant;

use super::client::Environments;
use super::event::{Event, jobs};
use super::replays::{REPLAYS, Replaying, Replays};
use super::requests::{self, Performer, REQUEST};
use super::worker::{self, Events};

/// The lane, for the sweeper.
pub fn lane(env: &Env) -> Result<Lane> {
    Ok(Lane { jobs: jobs(env)?, queue: env.queue("EVENTS_QUEUE_URL")? })
}

/// A row of the lane.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum LaneRow {
    /// An event, which is counted wherever it goes.
    Event(Box<Event>),
    /// A replay or a request.
    Other(Box<Errand>),
}

impl Row for LaneRow {
    fn key(&self) -> Key {
        match self {
            Self::Event(event) => event.key(),
            Self::Other(errand) => errand.key(),
        }
    }

    fn job(&self) -> &Job {
        match self {
            Self::Event(event) => event.job(),
            Self::Other(errand) => errand.job(),
        }
    }

    fn moved(&self, from: Station<'_>, to: Station<'_>, now: i64) -> Vec<Update> {
        match self {
            Self::Event(event) => event.moved(from, to, now),
            Self::Other(_) => Vec::new(),
        }
    }
}

/// Works through hints at events, at replays, and at requests that nobody waits for.
pub struct Worker {
    events: Runner<Events>,
    replays: Runner<Replaying>,
    requests: Runner<Performer>,
}

/// Needs all that events, requests and connections need, and Pega's credentials.
pub fn worker(env: &Env) -> Result<Worker> {
    let pegas = Environments::load(env)?;
    let requests = requests::worker(env, pegas.clone())?;
    let lane = lane(env)?;
    let replays = Runner::new(Replaying(Replays::load(env)?), lane.jobs, lane.queue);
    Ok(Worker { events: worker::worker(env, pegas)?, replays, requests })
}

/// Works through one hint; the method that a function's `main` names.
pub async fn deliver(worker: &Worker, hint: Hint) -> Result<()> {
    let tenant = Tenant::of_pk(&hint.key.pk);
    let is = |kind| tenant.as_ref().is_some_and(|of| of.id_in(kind, &hint.key.pk).is_some());
    if is(REQUEST) {
        worker.requests.deliver(hint).await
    } else if is(REPLAYS) {
        worker.replays.deliver(hint).await
    } else {
        worker.events.deliver(hint).await
    }
}
