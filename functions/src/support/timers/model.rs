//! The model: a timer's row, which is also that of its job, and what becomes of a ticket when
//! it is due. Pure.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::error::{Error, Result};
use shared::jobs::{Job, Policy, Row};
use shared::table::{Item, Key};
use shared::tenant::Tenant;

use crate::messages::catalogue::{TICKET_ESCALATED, TICKET_REMINDER};
use crate::support::people::Interrupt;
use crate::support::tickets::{Change, Signal, Ticket, Told};

/// What the partitions of timers are called.
pub const TIMER: &str = "TIMER";

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// Whoever is asked is reminded.
    Remind,
    /// The one of this place on the ladder, from 0, is asked.
    Escalate(usize),
}

/// A timer's row in the table `tickets`. Moments are milliseconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Timer {
    pk: String,
    sk: String,
    pub(super) ticket_id: String,
    /// The question that it is of.
    interrupt: String,
    what: What,
    #[serde(flatten)]
    job: Job,
}

impl Row for Timer {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

/// The rows of the timers that came about when a ticket became `next`, which was `seen`:
/// those of a question that is asked, or that is asked of somebody higher up.
pub fn made(
    tenant: &Tenant,
    seen: &Ticket,
    next: &Ticket,
    policy: &Policy,
    now: i64,
) -> Result<Vec<Item>> {
    let Some(asked) = &next.pending else { return Ok(Vec::new()) };
    let known = seen.pending.as_ref().filter(|before| before.id == asked.id);
    let mut rows = Vec::new();
    if known.is_none() && asked.remind_at < asked.due_at {
        rows.push((What::Remind, asked.remind_at));
    }
    if known.is_none_or(|before| before.level != asked.level) {
        rows.push((What::Escalate(asked.level), asked.due_at));
    }
    let rows = rows.into_iter();
    rows.map(|(what, at)| Item::of(&Timer::new(tenant, next, asked, what, at, policy, now)))
        .collect()
}

impl Timer {
    fn new(
        tenant: &Tenant,
        ticket: &Ticket,
        of: &Interrupt,
        what: What,
        at: i64,
        policy: &Policy,
        now: i64,
    ) -> Self {
        let sk = match what {
            What::Remind => format!("{}#remind", of.id),
            What::Escalate(level) => format!("{}#escalate#{level}", of.id),
        };
        Self {
            pk: tenant.pk(TIMER, &ticket.ticket_id),
            sk,
            ticket_id: ticket.ticket_id.clone(),
            interrupt: of.id.clone(),
            what,
            job: Job::fresh(now, ticket.rank, policy).not_before(at),
        }
    }

    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a timer outside every tenant"))
    }

    /// What becomes of the ticket; nothing when the question was answered, or asked of
    /// somebody else since. `due_at` is when the next one must have answered.
    pub(super) fn act(&self, ticket: &mut Ticket, due_at: i64, now: i64) -> Result<Option<Change>> {
        let Some(asked) = ticket.pending.as_mut().filter(|it| it.id == self.interrupt) else {
            return Ok(None);
        };
        match self.what {
            What::Remind if asked.level == 0 => {
                let told = json!({
                    "assignee": asked.assignee, "question": asked.question,
                    "question_id": asked.id, "due_at": shared::web::to_the_second(asked.due_at),
                });
                let change = Change::of("ticket.remind", Told::of("reminder", told));
                Ok(Some(Change { message: Some(TICKET_REMINDER), ..change }))
            }
            What::Escalate(level) if asked.level == level => {
                escalated(ticket, due_at, "Nobody answered in time", now).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// Asks the next one who is higher up, as far as there is one.
pub fn escalated(ticket: &mut Ticket, due_at: i64, why: &str, now: i64) -> Result<Change> {
    let next = ticket.pending.as_mut().and_then(|asked| asked.escalate(due_at));
    let told = match next {
        Some(next) => format!("{why}: {next} is asked"),
        None => format!("{why}, and there is nobody else to ask"),
    };
    ticket.signal(Signal::Escalate, now)?;
    let change = Change::of("ticket.escalate", Told::update(ticket, &told));
    Ok(Change { message: Some(TICKET_ESCALATED), ..change })
}
