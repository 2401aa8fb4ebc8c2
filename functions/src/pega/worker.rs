//! Use case: work through one event. In the order of its case, at most one note
//! on the case, and the result with the event in one write.

use serde_json::Value as Json;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Runner, Work};
use shared::queue::Hint;
use shared::table::{Key, Read, Table, Value};

use super::client::Pega;
use super::decision::{Decision, Plan, decide};
use super::event::{Case, Event, IGNORED, case_key, event_key, events_table, jobs};
use super::note::CaseNote;
use super::{payload, report};

/// How long an event waits for the one before it, at the least, until the sweeper
/// asks again; whoever finishes that one asks at once.
const BEHIND_MS: i64 = 60_000;

/// The worker of events.
pub type Worker = Runner<Events>;

/// Needs the table `events`, its queue, and Pega's credentials.
pub fn worker(env: &Env) -> Result<Worker> {
    let events = Events { events: events_table(env)?, pega: Pega::load(env)?, clock: env.clock() };
    Ok(Runner::new(events, jobs(env)?, env.queue("EVENTS_QUEUE_URL")?))
}

/// Works through one hint; the method that a function's `main` names.
pub async fn deliver(worker: &Worker, hint: Hint) -> Result<()> {
    worker.deliver(hint).await
}

/// The work that events are.
pub struct Events {
    events: Table,
    pega: Pega,
    clock: Clock,
}

impl Work for Events {
    type Row = Event;

    /// Events of one case go one after the other, in the order they came.
    async fn ready(&self, event: &Event) -> Result<Ready> {
        let Some(before) = event.after else { return Ok(Ready::Now) };
        let key = event_key(&event.tenant()?, before);
        let before: Option<Event> = self.events.get(&key, Read::Consistent).await?;
        Ok(match before {
            Some(before) if before.job.open() => {
                let due = before.job.due_at.max(self.clock.now_ms());
                Ready::After(due + BEHIND_MS)
            }
            _ => Ready::Now,
        })
    }

    async fn run(&self, event: &Event, claim: &Claim) -> Result<Done, Failure> {
        let text = payload::unpack(&self.events, event).await?;
        let payload: Json = serde_json::from_str(&text).map_err(Error::internal)?;
        let payload = payload.as_object().ok_or_else(|| Error::bug("a payload is no object"))?;
        let (result, park) = match decide(&event.event, payload) {
            Decision::Ignore => (report::ignored(&event.event), Some(IGNORED)),
            Decision::Process(plan) => {
                let alerted = self.alert(event, &plan, claim).await?;
                (report::processed(&event.event, &plan, alerted)?, None)
            }
        };
        Ok(Done { set: self.outcome(result), park, ..Done::default() })
    }

    fn failed(&self, _: &Event, reason: &str) -> Result<Vec<(&'static str, Value)>> {
        Ok(self.outcome(report::failed(reason)))
    }

    /// The event of the same case that came next: found from the newest one back.
    async fn next(&self, event: &Event) -> Result<Option<Key>> {
        let tenant = event.tenant()?;
        let key = case_key(&tenant, &event.case_id);
        let case: Option<Case> = self.events.get(&key, Read::Consistent).await?;
        let mut later = case.map_or(event.id(), |case| case.tail);
        while later > event.id() {
            let key = event_key(&tenant, later);
            let row: Option<Event> = self.events.get(&key, Read::Consistent).await?;
            match row.and_then(|row| row.after) {
                Some(before) if before > event.id() => later = before,
                _ => return Ok(Some(key)),
            }
        }
        Ok(None)
    }
}

impl Events {
    /// Puts the plan's note on the case, if it has one and there is a Pega. True
    /// when Pega has taken it.
    async fn alert(&self, event: &Event, plan: &Plan, claim: &Claim) -> Result<bool, Failure> {
        let Some(text) = &plan.note else { return Ok(false) };
        if !self.pega.configured().await? {
            return Ok(false);
        }
        let note = CaseNote { pega: &self.pega, case_id: &event.case_id, text };
        claim.perform(&note).await.map(|()| true)
    }

    fn outcome(&self, result: String) -> Vec<(&'static str, Value)> {
        vec![("result", result.into()), ("processed_at", self.clock.now_ms().into())]
    }
}
