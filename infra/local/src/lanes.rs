//! The queues of the local process, and who works through each.

use std::sync::Arc;

use anyhow::Result;
use functions::integrations::{self, webhooks};
use functions::live::Fanout;
use functions::{enjaz, notifications, pega, processes, support};
use shared::env::Env;
use shared::queue::Hint;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::hints::{Hinted, Queues, channel, work};

/// Events that are worked through side by side.
const EVENTS_AT_ONCE: u32 = 16;
/// Deliveries that are under way side by side: they mostly wait for their receivers.
const DELIVERIES_AT_ONCE: u32 = 256;
/// Notices that are under way side by side.
const NOTICES_AT_ONCE: u32 = 32;
/// Jobs of runs that are under way side by side: they mostly wait for whom they call.
const RUNS_AT_ONCE: u32 = 32;
/// Workflows of tickets that are at work side by side, if nobody says otherwise.
const WORKFLOWS_AT_ONCE: u32 = 10;
/// Timers of tickets that are looked at side by side.
const TIMERS_AT_ONCE: u32 = 4;
/// Jobs of workforce data that are under way side by side.
const WORKFORCE_AT_ONCE: u32 = 8;
/// Synchronisations of Enjaz that are under way side by side, if nobody says otherwise: a
/// portal is not to be overrun.
const ENJAZ_AT_ONCE: u32 = 10;
/// Whoever watches is told in order.
const IN_ORDER: u32 = 1;

/// Where hints come out, before anybody works through them.
pub(crate) struct Lanes {
    events: Hinted,
    deliveries: Hinted,
    retries: Hinted,
    notices: Hinted,
    runs: Hinted,
    tickets: Hinted,
    timers: Hinted,
    workforce: Hinted,
    enjaz: Hinted,
    live: Hinted,
}

impl Lanes {
    /// All lanes, and the ends that hints go into.
    pub fn open() -> (Self, Queues) {
        let (into_events, events) = channel();
        let (into_deliveries, deliveries) = channel();
        let (into_retries, retries) = channel();
        let (into_notices, notices) = channel();
        let (into_runs, runs) = channel();
        let (into_tickets, tickets) = channel();
        let (into_timers, timers) = channel();
        let (into_workforce, workforce) = channel();
        let (into_enjaz, enjaz) = channel();
        let (into_live, live) = channel();
        let queues: Queues = vec![
            ("EVENTS_QUEUE_URL", into_events),
            ("DELIVERIES_QUEUE_URL", into_deliveries),
            ("RETRIES_QUEUE_URL", into_retries),
            ("NOTICES_QUEUE_URL", into_notices),
            ("RUNS_QUEUE_URL", into_runs),
            ("TICKETS_QUEUE_URL", into_tickets),
            ("TIMERS_QUEUE_URL", into_timers),
            ("WORKFORCE_QUEUE_URL", into_workforce),
            ("ENJAZ_QUEUE_URL", into_enjaz),
            ("LIVE_QUEUE_URL", into_live),
        ];
        let lanes = Self {
            events,
            deliveries,
            retries,
            notices,
            runs,
            tickets,
            timers,
            workforce,
            enjaz,
            live,
        };
        (lanes, queues)
    }

    /// Works through all of them until told to stop. First deliveries and further ones
    /// have places of their own, so that late ones never keep a first one waiting.
    pub fn work(
        self,
        env: &Env,
        tasks: &mut JoinSet<()>,
        stopped: &watch::Receiver<bool>,
    ) -> Result<()> {
        let mut crew = Crew { tasks, stopped };
        let events = Arc::new(pega::worker(env)?);
        crew.works(EVENTS_AT_ONCE, self.events, events, |worker, hint| async move {
            pega::deliver(&worker, hint).await
        });
        let messages = Arc::new(webhooks::worker(env)?);
        for hinted in [self.deliveries, self.retries] {
            crew.works(DELIVERIES_AT_ONCE, hinted, messages.clone(), |worker, hint| async move {
                webhooks::deliver(&worker, hint).await
            });
        }
        let notices = Arc::new(notifications::worker(env)?);
        crew.works(NOTICES_AT_ONCE, self.notices, notices, |worker, hint| async move {
            worker.deliver(hint).await
        });
        let workflows = env.parsed("MAX_CONCURRENT_WORKFLOWS", WORKFLOWS_AT_ONCE)?.max(1);
        let enjaz_at_once = env.parsed("ENJAZ_AT_ONCE", ENJAZ_AT_ONCE)?.max(1);
        for (at_once, hinted, worker) in [
            (RUNS_AT_ONCE, self.runs, processes::worker(env)?),
            (workflows, self.tickets, support::worker(env)?),
            (TIMERS_AT_ONCE, self.timers, support::timers_worker(env)?),
            (WORKFORCE_AT_ONCE, self.workforce, integrations::worker(env)?),
            (enjaz_at_once, self.enjaz, enjaz::worker(env)?),
        ] {
            crew.works(at_once, hinted, Arc::new(worker), |worker, hint| async move {
                worker.deliver(hint).await
            });
        }
        let fanout = Arc::new(Fanout::load(env)?);
        crew.works(IN_ORDER, self.live, fanout, |worker, hint| async move {
            worker.deliver(hint).await
        });
        Ok(())
    }
}

/// Starts who works through lanes.
struct Crew<'a> {
    tasks: &'a mut JoinSet<()>,
    stopped: &'a watch::Receiver<bool>,
}

impl Crew<'_> {
    /// Has a worker work through a lane, so many hints side by side.
    fn works<W, F>(
        &mut self,
        at_once: u32,
        hinted: Hinted,
        worker: Arc<W>,
        deliver: impl Fn(Arc<W>, Hint) -> F + Send + 'static,
    ) where
        W: Send + Sync + 'static,
        F: Future<Output = shared::error::Result<()>> + Send + 'static,
    {
        let deliver = move |hint| deliver(worker.clone(), hint);
        self.tasks.spawn(work(at_once, hinted, self.stopped.clone(), deliver));
    }
}
