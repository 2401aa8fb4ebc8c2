//! Use case: work through one event. In the order of its case, at most one note
//! on the case, and the result with the event in one write.

use serde_json::{Value as Json, json};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Record, Row, Runner, State, Work};
use shared::queue::Hint;
use shared::table::{Cond, Key, Read, Table, Update, Value, Written};

use super::client::Pega;
use super::decision::{Decision, Plan, decide};
use super::event::{Event, IGNORED, event_key, events_table, jobs};
use super::note::CaseNote;
use super::{payload, report};
use crate::messages::Emitter;
use crate::messages::catalogue::{EventType, PEGA_EVENT_FAILED, PEGA_EVENT_PROCESSED};

/// How long an event waits for the one before it until the sweeper asks again;
/// whoever settles that one asks at once.
const BEHIND_MS: i64 = 10 * 60_000;

/// The worker of events.
pub type Worker = Runner<Events>;

/// Needs the tables `events`, `messages` and `control`, the queues of events, of
/// deliveries and of live messages, and Pega's credentials.
pub fn worker(env: &Env) -> Result<Worker> {
    let (events, emitter) = (events_table(env)?, Emitter::load(env)?);
    let events = Events { events, pega: Pega::load(env)?, emitter, clock: env.clock() };
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
    emitter: Emitter,
    clock: Clock,
}

impl Work for Events {
    type Row = Event;
    type Leave = ();

    /// Events of one case go one after the other, in the order they came. One that
    /// must wait says so on the row of the one before, which wakes it when it is
    /// settled; if that happened meanwhile, there is nothing to wait for.
    async fn ready(&self, event: &Event) -> Result<Ready> {
        let Some(before) = event.after else { return Ok(Ready::Now(())) };
        let key = event_key(&event.tenant()?, before);
        let row: Option<Event> = self.events.get(&key, Read::Consistent).await?;
        let Some(row) = row.filter(|row| row.job.open()) else { return Ok(Ready::Now(())) };
        if row.next.is_none() {
            let waits = Update::of(key).set("next", event.id()).when(still_open()?);
            if let Written::Refused(_) = self.events.update(waits).await? {
                return Ok(Ready::Now(()));
            }
        }
        Ok(Ready::After(row.job.due_at.max(self.clock.now_ms()) + BEHIND_MS))
    }

    /// Most events need nobody outside.
    async fn at_once(&self, event: &Event) -> Result<Option<Done>> {
        match self.decide(event).await? {
            Decision::Process(plan) if plan.note.is_some() => Ok(None),
            decision => self.done(event, &decision, false).await.map(Some),
        }
    }

    async fn run(&self, event: &Event, claim: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let decision = self.decide(event).await?;
        let alerted = match &decision {
            Decision::Process(plan) => self.alert(event, plan, claim).await?,
            Decision::Ignore => false,
        };
        Ok(self.done(event, &decision, alerted).await?)
    }

    async fn failed(&self, event: &Event, failure: &Failure, last: bool) -> Result<Record> {
        if !last {
            return Ok(Record::default());
        }
        let result = report::failed(&failure.reason);
        let told = self.told(event, PEGA_EVENT_FAILED, &result).await?;
        Ok(self.outcome(result).and(told))
    }

    /// The event that waits for this one, as it said on this one's row.
    async fn next(&self, event: &Event) -> Result<Option<Key>> {
        let row: Option<Event> = self.events.get(&event.key(), Read::Consistent).await?;
        let next = row.and_then(|row| row.next);
        next.map(|next| Ok(event_key(&event.tenant()?, next))).transpose()
    }
}

/// The condition that a row's job is not settled.
fn still_open() -> Result<Cond> {
    let is = |state: State| Ok::<_, Error>(Cond::Eq("state", Value::of(&state)?));
    Ok(Cond::Any(vec![is(State::Ready)?, is(State::Leased)?]))
}

impl Events {
    async fn decide(&self, event: &Event) -> Result<Decision> {
        let text = payload::unpack(&self.events, event).await?;
        let payload: Json = serde_json::from_str(&text).map_err(Error::internal)?;
        let payload = payload.as_object().ok_or_else(|| Error::bug("a payload is no object"))?;
        Ok(decide(&event.event, payload))
    }

    async fn done(&self, event: &Event, decision: &Decision, alerted: bool) -> Result<Done> {
        let (result, park) = match decision {
            Decision::Ignore => (report::ignored(&event.event), Some(IGNORED)),
            Decision::Process(plan) => (report::processed(&event.event, plan, alerted)?, None),
        };
        let told = self.told(event, PEGA_EVENT_PROCESSED, &result).await?;
        Ok(Done { record: self.outcome(result).and(told), park, again: None })
    }

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

    /// What is told to others of an event that was worked through, well or badly.
    async fn told(&self, event: &Event, kind: EventType, result: &str) -> Result<Record> {
        let result: Json = serde_json::from_str(result).map_err(Error::internal)?;
        let data = json!({
            "event_id": event.id(),
            "event": event.event,
            "case_id": event.case_id,
            "processing_result": result,
        });
        let emission = self.emitter.prepare(&event.tenant()?, kind, &data).await?;
        Ok(self.emitter.record(emission))
    }

    fn outcome(&self, result: String) -> Record {
        let set = vec![("result", result.into()), ("processed_at", self.clock.now_ms().into())];
        Record { set, ..Record::default() }
    }
}
