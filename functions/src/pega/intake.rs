//! Use case: accept an event. One transaction writes the event with its job, the
//! order within its case, and the sender's key; only then is it answered.

use std::time::Duration;

use serde_json::json;
use shared::audit::Trail;
use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::idempotency::{IdempotencyKey, Remembered};
use shared::ids;
use shared::jobs::{Job, Lane};
use shared::queue::Hint;
use shared::sequence::Sequence;
use shared::table::{Cond, Item, Read, Refusal, Table, Update, Write, Written};
use shared::turns::Turns;
use shared::web::Caller;

use super::envelope::NewEvent;
use super::event::{Case, Event, case_key, event_key, events_table, type_partition};
use super::lane::lane;
use super::{figures, payload};
use crate::messages::Emitter;
use crate::messages::catalogue::PEGA_EVENT_RECEIVED;

/// How often a case that other events enter at the same moment is tried.
const TRIES: u32 = 20;
/// Two equal bodies without a key within this time are told as possible duplicates.
const SUSPICIOUS_MS: i64 = 5 * 60 * 1000;

/// The use case.
#[derive(Clone)]
pub struct Intake {
    events: Table,
    control: Table,
    lane: Lane,
    ids: Sequence,
    turns: Turns,
    trail: Trail,
    emitter: Emitter,
    clock: Clock,
}

/// What an accepted event is called.
pub(super) struct Accepted {
    pub id: i64,
    /// Whether the same request had been accepted before.
    pub replayed: bool,
}

/// One request on its way into the table.
struct Request<'a> {
    caller: &'a Caller,
    new: &'a NewEvent,
    key: Option<IdempotencyKey>,
    corr: Option<String>,
    /// SHA-256 of what makes it this request, hexadecimal.
    digest: String,
}

/// What comes of one try.
enum Tried {
    Accepted(Accepted),
    /// Another event entered the case first.
    Outrun,
}

impl Intake {
    /// Needs the tables `events`, `control`, `audit` and `messages`, and the queues of events,
    /// of deliveries and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        let control = env.table("CONTROL_TABLE")?;
        Ok(Self {
            events: events_table(env)?,
            ids: Sequence::new(control.clone(), "event"),
            turns: Turns::default(),
            trail: Trail::load(env)?,
            emitter: Emitter::load(env)?,
            control,
            lane: lane(env)?,
            clock: env.clock(),
        })
    }

    /// Accepts an event.
    ///
    /// # Errors
    /// `Invalid` when the key was used with another body; `Unavailable` when it is
    /// not known whether the event was stored: the sender should repeat.
    pub(super) async fn accept(
        &self,
        caller: &Caller,
        new: &NewEvent,
        corr: Option<String>,
    ) -> Result<Accepted> {
        let tenant = &caller.tenant;
        let sender = caller.sender().unwrap_or_default().to_owned();
        let key = new.key.clone().map(|key| IdempotencyKey { sender, ..key });
        let request = Request { caller, new, key, corr, digest: ids::hex_digest(&new.identity) };
        if let Some(key) = &request.key
            && let Some(first) = key.look_up(&self.control, tenant, &self.clock).await?
        {
            return replay(&first, &request.digest);
        }
        // One after the other here; the tries are for those in other processes.
        let case = case_key(tenant, &new.case_id);
        let _turn = self.turns.take(&case.pk).await;
        let mut id = self.ids.next(tenant).await?;
        for tried in 0..TRIES {
            if tried > 0 {
                tokio::time::sleep(ids::jitter(Duration::from_millis(4 << tried.min(7)))).await;
            }
            let seen: Option<Case> = self.events.get(&case, Read::Consistent).await?;
            // The order of a case is the order of its numbers.
            if seen.as_ref().is_some_and(|seen| seen.tail >= id) {
                id = self.ids.next(tenant).await?;
            }
            if let Tried::Accepted(accepted) = self.accept_as(id, seen, &request).await? {
                return Ok(accepted);
            }
        }
        Err(Error::unavailable(anyhow::anyhow!("too many events of one case at once")))
    }

    async fn accept_as(&self, id: i64, case: Option<Case>, request: &Request<'_>) -> Result<Tried> {
        let (tenant, new) = (&request.caller.tenant, request.new);
        let packed = payload::pack(new.payload.as_bytes())?;
        let mut event = self.row(request, id);
        event.payload = packed.inline.clone();
        event.parts = packed.parts();
        event.after = case.as_ref().map(|case| case.tail);
        event.duplicate_of = self.suspect(request, case.as_ref());

        let mut writes = vec![
            self.events.put(Item::of(&event)?, Some(Cond::Absent("pk"))),
            self.enter(request, id, case.as_ref()),
            self.trail.entry(request.caller, "event.receive", format!("event:{id}"), &json!({}))?,
        ];
        if let Some(key) = &request.key {
            writes.push(key.remember(&self.control, tenant, &self.clock, id, &request.digest)?);
        }
        writes.extend(packed.writes(&self.events, &event.pk)?);
        writes.push(self.events.change(figures::received(tenant, &event)));
        let told = json!({ "event_id": id, "event": new.event, "case_id": new.case_id });
        let mut emission = self.emitter.prepare(tenant, PEGA_EVENT_RECEIVED, &told).await?;
        writes.extend(emission.take_writes());
        match self.events.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                let key = event_key(tenant, id);
                let first = event.after.is_none();
                self.lane.hint(if first { Hint::fresh(key) } else { Hint::at(key) }).await;
                self.emitter.announce(emission).await;
                Ok(Tried::Accepted(Accepted { id, replayed: false }))
            }
            Written::Refused(refusals) => refused(refusals, request),
        }
    }

    fn row(&self, request: &Request<'_>, id: i64) -> Event {
        let Request { caller, new, corr, .. } = request;
        let now = self.clock.now_ms();
        let key = event_key(&caller.tenant, id);
        Event {
            pk: key.pk,
            sk: key.sk,
            event: new.event.clone(),
            case_id: new.case_id.clone(),
            received_at: now,
            source: caller.actor.clone(),
            by_type: type_partition(&caller.tenant, &new.event),
            payload: None,
            parts: None,
            after: None,
            duplicate_of: None,
            corr: corr.clone(),
            next: None,
            processed_at: None,
            result: None,
            progress: None,
            ruling: None,
            rules: None,
            replay: None,
            job: Job::fresh(now, id, &self.lane.jobs.policy),
        }
    }

    /// An event of the same case with the same body, just before, without a key to
    /// tell them apart. It is told, not dropped: a change back and forth and back
    /// again is three events.
    fn suspect(&self, request: &Request<'_>, case: Option<&Case>) -> Option<i64> {
        let case = case.filter(|_| request.key.is_none())?;
        let recent = self.clock.now_ms() - case.at < SUSPICIOUS_MS;
        (recent && case.body == request.digest).then_some(case.tail)
    }

    /// Makes the event the last of its case, if the case is still as it was read.
    fn enter(&self, request: &Request<'_>, id: i64, case: Option<&Case>) -> Write {
        let seen = case.map_or(Cond::Absent("pk"), |case| Cond::Eq("tail", case.tail.into()));
        let update = Update::of(case_key(&request.caller.tenant, &request.new.case_id))
            .set("tail", id)
            .set("body", request.digest.as_str())
            .set("at", self.clock.now_ms());
        self.events.change(update.when(seen))
    }
}

/// Why the transaction was refused: its writes are event, case, audit, key, in this order.
/// A known key answers, whatever else stood in the way.
fn refused(refusals: Vec<Refusal>, request: &Request<'_>) -> Result<Tried> {
    let known = request.key.is_some();
    let outrun = refusals.iter().any(|refusal| refusal.at == 1);
    let key = refusals.into_iter().find(|refusal| known && refusal.at == 3);
    match key.map(|refusal| refusal.found) {
        Some(Some(first)) => replay(&first.parse()?, &request.digest).map(Tried::Accepted),
        Some(None) => Ok(Tried::Outrun),
        None if outrun => Ok(Tried::Outrun),
        None => Err(Error::bug("an event's number was given twice")),
    }
}

/// The answer to a request whose key is known.
fn replay(first: &Remembered, digest: &str) -> Result<Accepted> {
    if first.body == digest {
        return Ok(Accepted { id: first.id, replayed: true });
    }
    Err(Error::invalid("idempotency key", "was used before with another body"))
}
