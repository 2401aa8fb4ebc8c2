//! Tickets as they are stored: read, written for the first time, and changed. Whatever
//! belongs to a change is in its transaction: the ticket, its events, the job of its
//! workflow, when people are reminded, the entry of the audit trail, the messages.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shared::audit::Trail;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::ids;
use shared::jobs::{Lane, Policy, Row};
use shared::queue::{Hint, Unsent};
use shared::sequence::Sequence;
use shared::table::{Cond, Item, Write, Written};
use shared::tenant::Tenant;
use shared::web::Caller;

use super::event::{TicketEvent, Told};
use super::log::TicketLog;
use super::model::Ticket;
use crate::messages::catalogue::{EventType, TICKET_CREATED, TICKET_STATUS_CHANGED};
use crate::messages::{Emission, Emitter};
use crate::support::lane::{lane, timers_policy};
use crate::support::timers;
use crate::support::workflow::{Workflow, workflow_key};

/// How often a change that others interfere with is tried.
const TRIES: u32 = 16;

/// Tickets. Cheap to clone.
#[derive(Clone)]
pub struct TicketStore {
    /// Tickets as they are.
    pub log: TicketLog,
    trail: Trail,
    emitter: Emitter,
    numbers: Sequence,
    lane: Lane,
    timers: Policy,
}

/// A change that was made to a ticket.
pub struct Change {
    /// What the audit trail calls it, for example `ticket.cancel`.
    pub action: &'static str,
    /// What else is to be known of it; nothing that a caller said of people.
    pub details: Json,
    /// What is told to those who watch the ticket, in order.
    pub told: Vec<Told>,
    /// Who else is told of it beside those who hear of a ticket's status.
    pub message: Option<EventType>,
    /// What else belongs to it.
    pub also: Vec<Write>,
    /// Hints at that.
    pub tell: Unsent,
}

impl Change {
    /// A change of this name, of which this is told.
    pub fn of(action: &'static str, told: Told) -> Self {
        Self {
            action,
            details: json!({}),
            told: vec![told],
            message: None,
            also: Vec::new(),
            tell: Unsent::default(),
        }
    }
}

impl TicketStore {
    /// Needs the tables `tickets`, `control`, `audit` and `messages`, and the queues of
    /// tickets, of deliveries, of notices and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            log: TicketLog::load(env)?,
            trail: Trail::load(env)?,
            emitter: Emitter::load(env)?,
            numbers: Sequence::new(env.table("CONTROL_TABLE")?, "tickets"),
            lane: lane(env)?,
            timers: timers_policy(env)?,
        })
    }

    /// The next ticket's number.
    pub async fn next_number(&self, tenant: &Tenant) -> Result<i64> {
        self.numbers.next(tenant).await
    }

    /// Writes a new ticket, and what `also` belongs to it. What stood in the way when one of
    /// those was refused.
    pub async fn create(
        &self,
        by: &Caller,
        ticket: &mut Ticket,
        also: Vec<Write>,
    ) -> Result<Result<(), Option<Item>>> {
        ticket.must_fit()?;
        let (others, now) = (also.len(), self.log.clock.now_ms());
        let told = Told::update(ticket, "The request was received");
        ticket.seq = 1;
        let mut emission =
            self.emitter.prepare(&by.tenant, TICKET_CREATED, &message(ticket)).await?;
        let workflow = Workflow::new(&by.tenant, ticket, &self.lane.jobs.policy, now);
        let mut writes = also;
        writes.push(self.log.table.put(Item::of(ticket)?, Some(Cond::Absent("pk"))));
        writes.push(self.log.table.put(Item::of(&workflow)?, Some(Cond::Absent("pk"))));
        let event = TicketEvent::new(ticket, 1, &told, now);
        writes.push(self.log.table.put(Item::of(&event)?, Some(Cond::Absent("pk"))));
        let details = json!({ "request_type": ticket.request.request_type });
        writes.push(self.trail.entry(by, "ticket.create", subject(ticket), &details)?);
        writes.extend(emission.take_writes());
        match self.log.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.emitter.announce(emission).await;
                self.lane.hint(Hint::at(workflow.key())).await;
                Ok(Ok(()))
            }
            Written::Refused(refusals) => {
                let first = refusals.into_iter().find(|refusal| refusal.at < others);
                let first = first.ok_or_else(|| Error::bug("a ticket's number was given twice"))?;
                Ok(Err(first.found))
            }
        }
    }

    /// Changes a ticket: `act` is shown it as it stands and the moment, changes it, and says
    /// what it did; nothing, when that leaves everything as it is. It is shown the ticket
    /// again when somebody else changed it meanwhile.
    ///
    /// # Errors
    /// `NotFound` when there is none; `TooLarge`; what `act` answers.
    pub async fn change<F>(&self, by: &Caller, id: &str, mut act: F) -> Result<Ticket>
    where
        F: FnMut(&mut Ticket, i64) -> Result<Option<Change>>,
    {
        for tried in 0..TRIES {
            if tried > 0 {
                tokio::time::sleep(ids::jitter(Duration::from_millis(4 << tried.min(7)))).await;
            }
            let seen = self.log.find(&by.tenant, id).await?;
            let (mut next, now) = (seen.clone(), self.log.clock.now_ms());
            let Some(change) = act(&mut next, now)? else { return Ok(next) };
            if self.write(by, &seen, &mut next, change, now).await? {
                return Ok(next);
            }
        }
        Err(Error::unavailable(anyhow::anyhow!("others kept changing the ticket")))
    }

    /// Writes a change of a ticket as it was read. False when it is not so any more.
    async fn write(
        &self,
        by: &Caller,
        seen: &Ticket,
        next: &mut Ticket,
        change: Change,
        now: i64,
    ) -> Result<bool> {
        next.settle(&by.tenant, now);
        let first = next.seq + 1;
        next.seq += i64::try_from(change.told.len()).unwrap_or_default();
        next.must_fit()?;
        let mut emission = self.emission(&by.tenant, seen, next, &change).await?;
        let unchanged = Cond::Eq("version", seen.version.into());
        let mut writes = vec![
            self.log.table.put(Item::of(next)?, Some(unchanged)),
            self.trail.entry(by, change.action, subject(next), &change.details)?,
        ];
        for (told, seq) in change.told.iter().zip(first..) {
            let event = TicketEvent::new(next, seq, told, now);
            writes.push(self.log.table.put(Item::of(&event)?, Some(Cond::Absent("pk"))));
        }
        let wakes = next.status.is_at_work() && !seen.status.is_at_work();
        if wakes {
            let row = Workflow::new(&by.tenant, next, &self.lane.jobs.policy, now);
            writes.push(self.log.table.put(Item::of(&row)?, None));
        }
        let due = timers::made(&by.tenant, seen, next, &self.timers, now)?;
        writes.extend(due.into_iter().map(|row| self.log.table.put(row, None)));
        writes.extend(change.also);
        writes.extend(emission.take_writes());
        match self.log.table.transact(&ids::time_ordered(), writes).await? {
            Written::Done => {
                self.emitter.announce(emission).await;
                change.tell.send().await;
                if wakes {
                    let key = workflow_key(&by.tenant, &next.ticket_id);
                    self.lane.hint(Hint::at(key)).await;
                }
                Ok(true)
            }
            Written::Refused(refusals) if refusals.iter().any(|refusal| refusal.at == 0) => {
                Ok(false)
            }
            Written::Refused(_) => {
                Err(Error::unavailable(anyhow::anyhow!("what belongs to a change was refused")))
            }
        }
    }

    /// What is told of a change: itself, and that the status is another one.
    async fn emission(
        &self,
        tenant: &Tenant,
        seen: &Ticket,
        next: &Ticket,
        change: &Change,
    ) -> Result<Emission> {
        let mut emission = Emission::default();
        if let Some(kind) = change.message {
            let mut data = message(next);
            for (name, value) in change.told.last().into_iter().flat_map(Told::members) {
                data[name] = value.clone();
            }
            emission = emission.and(self.emitter.prepare(tenant, kind, &data).await?);
        }
        if seen.status != next.status {
            let mut data = message(next);
            data["previous_status"] = json!(seen.status);
            let more = self.emitter.prepare(tenant, TICKET_STATUS_CHANGED, &data).await?;
            emission = emission.and(more);
        }
        Ok(emission)
    }
}

/// What is told of a ticket to those who do not watch it.
fn message(ticket: &Ticket) -> Json {
    json!({
        "ticket_id": ticket.ticket_id,
        "title": ticket.request.title,
        "employee_id": ticket.request.employee_id,
        "request_type": ticket.request.request_type,
        "priority": ticket.request.priority_said,
        "status": ticket.status,
        "decision": ticket.decision,
        "assignee": ticket.pending.as_ref().map(|pending| &pending.assignee),
        "question": ticket.pending.as_ref().map(|pending| &pending.question),
    })
}

fn subject(ticket: &Ticket) -> String {
    format!("ticket:{}", ticket.ticket_id)
}
