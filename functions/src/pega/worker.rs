//! Use case: work through one event. In the order of its case, at most one note
//! on the case, and the result with the event in one write.

use serde_json::{Value as Json, json};
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Done, Failure, Ready, Record, Row, Runner, Work, still_open};
use shared::table::{Key, Read, Table, Update, Written};

use super::client::Environments;
use super::event::{Event, IGNORED, REQUIRES_ACTION, event_key, events_table, jobs};
use super::history::{self, What};
use super::matter::Matter;
use super::progress::Next;
use super::rules::{Effect, RuleBook};
use super::steps::Steps;
use super::{note, report};
use crate::messages::Emitter;
use crate::messages::catalogue::{
    EventType, PEGA_EVENT_FAILED, PEGA_EVENT_PROCESSED, PEGA_EVENT_REQUIRES_ACTION,
};

/// How long an event waits for the one before it until the sweeper asks again;
/// whoever settles that one asks at once.
const BEHIND_MS: i64 = 10 * 60_000;

/// The worker of events: needs the tables `events`, `messages`, `integrations` and
/// `control`, the vault, and the queues of events, of deliveries and of live messages.
pub(super) fn worker(env: &Env, pegas: Environments) -> Result<Runner<Events>> {
    let events = Events {
        events: events_table(env)?,
        rules: RuleBook::load(env)?,
        pegas,
        steps: Steps::load(env)?,
        emitter: Emitter::load(env)?,
        clock: env.clock(),
    };
    Ok(Runner::new(events, jobs(env)?, env.queue("EVENTS_QUEUE_URL")?))
}

/// The work that events are.
pub struct Events {
    events: Table,
    rules: RuleBook,
    pegas: Environments,
    steps: Steps,
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
        let matter = self.look(event).await?;
        if matter.next().is_some() {
            return Ok(None);
        }
        self.finish(matter, Record::default()).await.map(Some)
    }

    /// What is to be done next, and the end when there is nothing behind that.
    async fn run(&self, event: &Event, claim: &Claim, _: Option<()>) -> Result<Done, Failure> {
        let mut matter = self.look(event).await?;
        let mut record = Record::default();
        // A message may take half a transaction, and so may the one at the end.
        let handed_over = matches!(matter.next(), Some(Next::HandOver(_)));
        match matter.next() {
            None => {}
            Some(Next::Alert(pega, text)) => {
                note::leave(claim, pega, &event.case_id, text).await?;
                matter.progress.alerted = Some(self.clock.now_ms());
            }
            Some(Next::Call(step, call)) => {
                let made = self.steps.call(&matter, step, call, claim).await?;
                let name = step.name.clone();
                matter.progress.steps.insert(name, made);
            }
            Some(Next::HandOver(step)) => {
                let written = self.steps.hand_over(&matter, step).await?;
                let name = step.name.clone();
                record = written.record;
                matter.progress.steps.insert(name, written.made);
            }
        }
        if matter.next().is_none() && !handed_over {
            return Ok(self.finish(matter, record).await?);
        }
        record.set.extend(matter.progress.kept()?);
        record.set.push(("rules", matter.held.name().into()));
        Ok(Done { record, park: None, again: Some(self.clock.now_ms()) })
    }

    async fn failed(&self, event: &Event, failure: &Failure, last: bool) -> Result<Record> {
        let details = history::of_attempt(event.job(), &failure.reason, last);
        let now = self.clock.now_ms();
        let happened =
            history::told(&self.events, event, What::AttemptFailed, None, now, &details)?;
        let record = Record { also: vec![happened], ..Record::default() };
        if !last {
            return Ok(record);
        }
        let result = report::failed(&failure.reason);
        let told = self.told(event, PEGA_EVENT_FAILED, &result).await?;
        Ok(record.and(self.outcome(result)).and(told))
    }

    /// The event that waits for this one, as it said on this one's row.
    async fn next(&self, event: &Event) -> Result<Option<Key>> {
        let row: Option<Event> = self.events.get(&event.key(), Read::Consistent).await?;
        let next = row.and_then(|row| row.next);
        next.map(|next| Ok(event_key(&event.tenant()?, next))).transpose()
    }
}

impl Events {
    /// An event with what the rules say of it and how far it has come.
    async fn look<'a>(&self, event: &'a Event) -> Result<Matter<'a>> {
        let tenant = event.tenant()?;
        let payload = event.payload(&self.events).await?;
        // What was begun or decided by some rules is ended by them.
        let held = match &event.rules {
            Some(rules) if event.is_under_way() => self.rules.named(&tenant, rules).await?,
            _ => self.rules.of(&tenant).await?,
        };
        let mut matter = Matter::of(event, &payload, held)?;
        if matter.has_alert() {
            matter.pega = self.pegas.usual(&tenant).await?;
        }
        Ok(matter)
    }

    /// The end of an event, with its checklists and whatever else is to be written.
    async fn finish(&self, mut matter: Matter<'_>, mut record: Record) -> Result<Done> {
        let (status, park, kind) = if matter.awaits_ruling() {
            ("requires_action", Some(REQUIRES_ACTION), PEGA_EVENT_REQUIRES_ACTION)
        } else if matter.is_rejected() {
            ("rejected", None, PEGA_EVENT_PROCESSED)
        } else {
            ("processed", None, PEGA_EVENT_PROCESSED)
        };
        let event = matter.event;
        if status == "processed" {
            record = record.and(self.make_lists(&mut matter).await?);
        }
        let (result, park) = match matter.plan() {
            Some(plan) => (report::of(status, &matter, plan)?, park),
            None => (report::ignored(&event.event), Some(IGNORED)),
        };
        record.set.extend(matter.progress.kept()?);
        record.set.push(("rules", matter.held.name().into()));
        let told = self.told(event, kind, &result).await?;
        let record = record.and(self.outcome(result)).and(told);
        Ok(Done { record, park, again: None })
    }

    /// Makes the checklists that were not made yet.
    async fn make_lists(&self, matter: &mut Matter<'_>) -> Result<Record> {
        let (mut record, mut made) = (Record::default(), Vec::new());
        for step in matter.plan().iter().flat_map(|plan| &plan.steps) {
            if let Some(Effect::Checklist(list)) = &step.effect
                && !matter.progress.steps.contains_key(&step.name)
            {
                let written = self.steps.make_list(matter, step, list).await?;
                record = record.and(written.record);
                made.push((step.name.clone(), written.made));
            }
        }
        matter.progress.steps.extend(made);
        Ok(record)
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
