//! Use cases: comment on a ticket, have somebody else asked, cancel it, open it again.

use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::web::{Caller, at_most};

use super::event::Told;
use super::model::{Ticket, unknown_ticket};
use super::request::{Tickets, name};
use super::status::{Decision, Signal, TicketStatus};
use super::store::Change;
use crate::access::permission::TICKETS_APPROVE;
use crate::messages::catalogue::{TICKET_COMMENTED, TICKET_REASSIGNED};
use crate::support::people::{person, sees};
use crate::support::workflow::{Stage, ask};

/// The longest comment and reason, in bytes.
const LONGEST: usize = 4096;
/// The most who can be asked.
const MOST: usize = 50;

impl Tickets {
    /// A ticket that a caller may see.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub(super) async fn seen(&self, by: &Caller, id: &str) -> Result<Ticket> {
        let ticket = self.store.log.find(&by.tenant, id).await?;
        if sees(by, &ticket) { Ok(ticket) } else { Err(unknown_ticket()) }
    }

    /// Says something about a ticket, to all who see it.
    ///
    /// # Errors
    /// `Invalid`, naming `comment`; `NotFound`.
    pub(super) async fn comment(&self, by: &Caller, id: &str, comment: &str) -> Result<Ticket> {
        if comment.trim().is_empty() {
            return Err(Error::invalid("comment", "must not be empty"));
        }
        at_most(LONGEST, "comment", comment)?;
        self.seen(by, id).await?;
        let say = |_: &mut Ticket, _| {
            let told = Told::of("comment", json!({ "comment": comment, "by": by.actor }));
            let change = Change::of("ticket.comment", told);
            Ok(Some(Change { message: Some(TICKET_COMMENTED), ..change }))
        };
        self.store.change(by, id, say).await
    }

    /// Has others asked what the ticket waits for: another question, which has all its time.
    ///
    /// # Errors
    /// `Conflict` when it waits for nobody; `Invalid`, naming `approvers`; `NotFound`.
    pub(super) async fn reassign(
        &self,
        by: &Caller,
        id: &str,
        approvers: &[String],
    ) -> Result<Ticket> {
        if approvers.is_empty() {
            return Err(Error::invalid("approvers", "must name somebody"));
        }
        if approvers.len() > MOST {
            return Err(Error::invalid("approvers", format!("must be at most {MOST}")));
        }
        for (at, approver) in approvers.iter().enumerate() {
            let field = format!("approvers[{at}]");
            name(&field, approver)?;
            if approvers[..at].contains(approver) {
                return Err(Error::invalid(&field, "is named twice"));
            }
        }
        let seen = self.seen(by, id).await?;
        if person(by).is_some_and(|person| seen.is_asked_for_by(person)) {
            let told = "Nobody says who approves what they asked for themselves";
            return Err(Error::new(Kind::Forbidden, told));
        }
        let held = self.book.of(&by.tenant).await?;
        let reassign = |ticket: &mut Ticket, now| {
            let Some(asked) = &ticket.pending else {
                return Err(Error::new(Kind::Conflict, "Nothing is asked of anybody"));
            };
            if approvers.len() < asked.needed() {
                let told = format!("must be {}, as many as must approve", asked.needed());
                return Err(Error::invalid("approvers", told));
            }
            let due = held.rules.due(ticket.request.priority, now);
            let asked = asked.to_others(approvers, due, now);
            let assignee = asked.assignee.clone();
            ask(ticket, asked, now)?;
            let mut change = Change::of(
                "ticket.reassign",
                Told::of(
                    "reassigned",
                    json!({
                        "assignee": assignee, "approvers": approvers, "by": by.actor,
                    }),
                ),
            );
            change.details = json!({ "approvers": approvers });
            change.message = Some(TICKET_REASSIGNED);
            Ok(Some(change))
        };
        self.store.change(by, id, reassign).await
    }

    /// Cancels a ticket: it is not wanted any more. By whoever may see it and asked for it,
    /// or may approve.
    ///
    /// # Errors
    /// `Conflict` when it has ended; `NotFound`.
    pub(super) async fn cancel(&self, by: &Caller, id: &str, reason: &str) -> Result<Ticket> {
        at_most(LONGEST, "reason", reason)?;
        self.owned(by, id).await?;
        let cancel = |ticket: &mut Ticket, now| {
            ticket.signal(Signal::Cancel, now)?;
            ticket.pending = None;
            ticket.summary = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
            Ok(Some(Change::of("ticket.cancel", Told::update(ticket, "It was cancelled"))))
        };
        self.store.change(by, id, cancel).await
    }

    /// Opens a ticket again that has ended. What could not go on goes on where it stopped;
    /// what was decided otherwise is decided anew.
    ///
    /// # Errors
    /// `Conflict` when it has not ended; `NotFound`.
    pub(super) async fn reopen(&self, by: &Caller, id: &str, reason: &str) -> Result<Ticket> {
        at_most(LONGEST, "reason", reason)?;
        self.owned(by, id).await?;
        let reopen = |ticket: &mut Ticket, now| {
            let goes_on = ticket.status == TicketStatus::Error;
            ticket.signal(Signal::Reopen, now)?;
            (ticket.error, ticket.summary) = (None, None);
            if !goes_on {
                ticket.round += 1;
                ticket.stage = Stage::Classify;
                ticket.decision = Decision::Pending;
                (ticket.assessment, ticket.plan) = (None, None);
            }
            let told = match reason {
                "" => "It was opened again".to_owned(),
                reason => format!("It was opened again: {reason}"),
            };
            let mut change = Change::of("ticket.reopen", Told::update(ticket, &told));
            change.details = json!({ "round": ticket.round, "reason": reason });
            Ok(Some(change))
        };
        self.store.change(by, id, reopen).await
    }

    /// That a caller asked for a ticket, or may approve.
    async fn owned(&self, by: &Caller, id: &str) -> Result<()> {
        let ticket = self.seen(by, id).await?;
        let is_own = ticket.requested_by == by.actor
            || person(by).is_some_and(|person| ticket.is_asked_for_by(person));
        if is_own || by.permissions.allow(TICKETS_APPROVE) {
            return Ok(());
        }
        let told = "Only who asked for it, or may approve, does this";
        Err(Error::new(Kind::Forbidden, told))
    }
}
