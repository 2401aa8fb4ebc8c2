//! Use case: accept an event. One transaction writes the event with its job, the
//! order within its case, and the sender's key; only then is it answered.

use std::sync::Arc;
use std::time::Duration;

use shared::clock::Clock;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::idempotency::Remembered;
use shared::ids;
use shared::jobs::{Job, Policy};
use shared::queue::{Hint, Queue};
use shared::sequence::Sequence;
use shared::table::{Cond, Item, Read, Refusal, Table, Update, Write, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::envelope::NewEvent;
use super::event::{Case, Event, case_key, event_key, events_table, type_partition};
use super::payload;

/// How often a case that other events enter at the same moment is tried.
const TRIES: u32 = 12;
/// Two equal bodies without a key within this time are told as possible duplicates.
const SUSPICIOUS_MS: i64 = 5 * 60 * 1000;

/// The use case.
#[derive(Clone)]
pub struct Intake {
    events: Table,
    control: Table,
    queue: Arc<dyn Queue>,
    ids: Sequence,
    policy: Policy,
    clock: Clock,
}

/// What an accepted event is called.
pub(super) struct Accepted {
    pub id: i64,
    /// Whether the same request had been accepted before.
    pub replayed: bool,
}

/// What comes of one try.
enum Tried {
    Accepted(Accepted),
    /// Another event entered the case first.
    Outrun,
}

impl Intake {
    /// Needs the tables `events` and `control`, and the queue of events.
    pub fn load(env: &Env) -> Result<Self> {
        let control = env.table("CONTROL_TABLE")?;
        Ok(Self {
            events: events_table(env)?,
            ids: Sequence::new(control.clone(), "event"),
            control,
            queue: env.queue("EVENTS_QUEUE_URL")?,
            policy: Policy::of(env)?,
            clock: env.clock(),
        })
    }

    /// Accepts an event whose request had this body.
    ///
    /// # Errors
    /// `Invalid` when the key was used with another body; `Unavailable` when it is
    /// not known whether the event was stored: the sender should repeat.
    pub(super) async fn accept(
        &self,
        caller: &Caller,
        new: &NewEvent,
        body: &[u8],
        corr: Option<String>,
    ) -> Result<Accepted> {
        for tried in 0..TRIES {
            if tried > 0 {
                let most = Duration::from_millis(4 << tried.min(7));
                tokio::time::sleep(ids::jitter(most)).await;
            }
            match self.accept_once(caller, new, body, corr.clone()).await? {
                Tried::Accepted(accepted) => return Ok(accepted),
                Tried::Outrun => {}
            }
        }
        Err(Error::unavailable(anyhow::anyhow!("too many events of one case at once")))
    }

    async fn accept_once(
        &self,
        caller: &Caller,
        new: &NewEvent,
        body: &[u8],
        corr: Option<String>,
    ) -> Result<Tried> {
        let tenant = &caller.tenant;
        let key = case_key(tenant, &new.case_id);
        let case = self.events.get::<Case>(&key, Read::Consistent);
        let (id, case) = tokio::try_join!(self.ids.next(tenant), case)?;
        let digest = ids::hex_digest(body);
        let packed = payload::pack(new.payload.as_bytes())?;
        let mut event = self.row(caller, new, id, corr);
        event.payload = packed.inline.clone();
        event.parts = packed.parts();
        event.after = case.as_ref().map(|case| case.tail);
        event.duplicate_of = self.suspect(new, case.as_ref(), &digest);

        let mut writes = vec![
            self.events.put(Item::of(&event)?, Some(Cond::Absent("pk"))),
            self.enter(tenant, new, id, &digest, case.as_ref()),
        ];
        let remembers = new.key.is_some();
        if let Some(key) = &new.key {
            writes.push(key.remember(&self.control, tenant, &self.clock, id, body)?);
        }
        writes.extend(packed.writes(&self.events, &event.pk)?);
        match self.events.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.hint(tenant, id, event.after.is_none()).await;
                Ok(Tried::Accepted(Accepted { id, replayed: false }))
            }
            Written::Refused(refusals) => refused(refusals, remembers, body),
        }
    }

    fn row(&self, caller: &Caller, new: &NewEvent, id: i64, corr: Option<String>) -> Event {
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
            corr,
            processed_at: None,
            result: None,
            job: Job::fresh(now, id, &self.policy),
        }
    }

    /// An event of the same case with the same body, just before, without a key to
    /// tell them apart. It is told, not dropped: a change back and forth and back
    /// again is three events.
    fn suspect(&self, new: &NewEvent, case: Option<&Case>, digest: &str) -> Option<i64> {
        let case = case.filter(|_| new.key.is_none())?;
        let recent = self.clock.now_ms() - case.at < SUSPICIOUS_MS;
        (recent && case.body == digest).then_some(case.tail)
    }

    /// Makes the event the last of its case, if the case is still as it was read.
    fn enter(
        &self,
        tenant: &Tenant,
        new: &NewEvent,
        id: i64,
        digest: &str,
        case: Option<&Case>,
    ) -> Write {
        let seen = case.map_or(Cond::Absent("pk"), |case| Cond::Eq("tail", case.tail.into()));
        let update = Update::of(case_key(tenant, &new.case_id))
            .set("tail", id)
            .set("body", digest)
            .set("at", self.clock.now_ms());
        self.events.change(update.when(seen))
    }

    /// Tells a worker; if that fails, the sweeper will.
    async fn hint(&self, tenant: &Tenant, id: i64, first: bool) {
        let key = event_key(tenant, id);
        let hint = if first { Hint::fresh(key) } else { Hint::at(key) };
        if let Err(error) = self.queue.send(vec![hint], Duration::ZERO).await {
            tracing::warn!(%error, id, "hint not sent; the sweeper will");
        }
    }
}

/// Why the transaction was refused: its writes are event, case, key, in this order.
fn refused(refusals: Vec<Refusal>, remembers: bool, body: &[u8]) -> Result<Tried> {
    for refusal in refusals {
        match (refusal.at, refusal.found) {
            (2, Some(found)) if remembers => return replay(found, body),
            (1 | 2, _) => return Ok(Tried::Outrun),
            _ => {}
        }
    }
    Err(Error::bug("an event's number was given twice"))
}

/// The answer to a request whose key is known.
fn replay(found: Item, body: &[u8]) -> Result<Tried> {
    let first: Remembered = found.parse()?;
    if first.same_body(body) {
        return Ok(Tried::Accepted(Accepted { id: first.id, replayed: true }));
    }
    let message = "was used before with another body";
    Err(Error::invalid("idempotency key", message))
}
