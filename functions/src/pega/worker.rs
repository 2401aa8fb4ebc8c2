//! Use case: work through one event. In the order of its case, at most one note
//! on the case, and the result with the event in one write.

use serde_json::{Value as Json, json};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Record, Row, Runner, State, Work};
use shared::table::{Cond, Key, Read, Table, Update, Value, Written};

use super::client::Environments;
use super::decision::{Decision, Plan, decide};
use super::event::{Event, IGNORED, event_key, events_table, jobs};
use super::{note, report};
use crate::messages::Emitter;
use crate::messages::catalogue::{EventType, PEGA_EVENT_FAILED, PEGA_EVENT_PROCESSED};

/// How long an event waits for the one before it until the sweeper asks again;
/// whoever settles that one asks at once.
const BEHIND_MS: i64 = 10 * 60_000;

/// The worker of events: needs the tables `events`, `messages` and `control`, and the
/// queues of events, of deliveries and of live messages.
pub(super) fn worker(env: &Env, pegas: Environments) -> Result<Runner<Events>> {
    let (events, emitter) = (events_table(env)?, Emitter::load(env)?);
    let events = Events { events, pegas, emitter, clock: env.clock() };
    Ok(Runner::new(events, jobs(env)?, env.queue("EVENTS_QUEUE_URL")?))
}

/// The work that events are.
pub struct Events {
    events: Table,
    pegas: Environments,
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

    async fn run(&self, event: &Event, claim: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let text = event.payload(&self.events).await?;
        let payload: Json = serde_json::from_str(&text).map_err(Error::internal)?;
        let payload = payload.as_object().ok_or_else(|| Error::bug("a payload is no object"))?;
        let (result, park) = match decide(&event.event, payload) {
            Decision::Ignore => (report::ignored(&event.event), Some(IGNORED)),
            Decision::Process(plan) => {
                let alerted = self.alert(event, &plan, claim).await?;
                (report::processed(&event.event, &plan, alerted)?, None)
            }
        };
        let told = self.told(event, PEGA_EVENT_PROCESSED, &result).await?;
        Ok(Done { record: self.outcome(result).and(told), park, again: None })
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
    /// Puts the plan's note on the case, if it has one and there is a Pega. True
    /// when Pega has taken it.
    async fn alert(&self, event: &Event, plan: &Plan, claim: &Claim) -> Result<bool, Failure> {
        let Some(text) = &plan.note else { return Ok(false) };
        let Some(pega) = self.pegas.usual(&event.tenant()?).await? else { return Ok(false) };
        note::leave(claim, &pega, &event.case_id, text).await?;
        Ok(true)
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
