//! The queues of the local process, and who works through each.

use std::sync::Arc;

use anyhow::Result;
use functions::integrations::webhooks;
use functions::live::Fanout;
use functions::{notifications, pega, processes, support};
use shared::env::Env;
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
        let (into_live, live) = channel();
        let queues: Queues = vec![
            ("EVENTS_QUEUE_URL", into_events),
            ("DELIVERIES_QUEUE_URL", into_deliveries),
            ("RETRIES_QUEUE_URL", into_retries),
            ("NOTICES_QUEUE_URL", into_notices),
            ("RUNS_QUEUE_URL", into_runs),
            ("TICKETS_QUEUE_URL", into_tickets),
            ("LIVE_QUEUE_URL", into_live),
        ];
        (Self { events, deliveries, retries, notices, runs, tickets, live }, queues)
    }

    /// Works through all of them until told to stop. First deliveries and further ones
    /// have places of their own, so that late ones never keep a first one waiting.
    pub fn work(
        self,
        env: &Env,
        tasks: &mut JoinSet<()>,
        stopped: &watch::Receiver<bool>,
    ) -> Result<()> {
        let events = Arc::new(pega::worker(env)?);
        tasks.spawn(work(EVENTS_AT_ONCE, self.events, stopped.clone(), move |hint| {
            let events = events.clone();
            async move { pega::deliver(&events, hint).await }
        }));
        let messages = Arc::new(webhooks::worker(env)?);
        for hinted in [self.deliveries, self.retries] {
            let messages = messages.clone();
            tasks.spawn(work(DELIVERIES_AT_ONCE, hinted, stopped.clone(), move |hint| {
                let messages = messages.clone();
                async move { webhooks::deliver(&messages, hint).await }
            }));
        }
        let notices = Arc::new(notifications::worker(env)?);
        tasks.spawn(work(NOTICES_AT_ONCE, self.notices, stopped.clone(), move |hint| {
            let notices = notices.clone();
            async move { notices.deliver(hint).await }
        }));
        let runs = Arc::new(processes::worker(env)?);
        tasks.spawn(work(RUNS_AT_ONCE, self.runs, stopped.clone(), move |hint| {
            let runs = runs.clone();
            async move { runs.deliver(hint).await }
        }));
        let tickets = Arc::new(support::worker(env)?);
        let at_once = env.parsed("MAX_CONCURRENT_WORKFLOWS", WORKFLOWS_AT_ONCE)?.max(1);
        tasks.spawn(work(at_once, self.tickets, stopped.clone(), move |hint| {
            let tickets = tickets.clone();
            async move { tickets.deliver(hint).await }
        }));
        let fanout = Arc::new(Fanout::load(env)?);
        tasks.spawn(work(IN_ORDER, self.live, stopped.clone(), move |hint| {
            let fanout = fanout.clone();
            async move { fanout.deliver(hint).await }
        }));
        Ok(())
    }
}
