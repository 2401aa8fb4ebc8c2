//! Use cases: comment on a ticket, have somebody else asked, cancel it, open it again.

use serde_json::json;
use shared::error::{Error, Kind, Result};
use shared::web::{Caller, at_most};

use super::event::Told;
use super::model::{Ticket, unknown_ticket};
use super::request::{Tickets, name};
use super::status::{Decision, Signal, TicketStatus};
use super::store::{Change, message};
use crate::access::permission::TICKETS_APPROVE;
use crate::messages::catalogue::TICKET_COMMENTED;
use crate::support::people::sees;
use crate::support::workflow::Stage;

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
        let say = |ticket: &mut Ticket, _| {
            let told = Told::of("comment", json!({ "comment": comment, "by": by.actor }));
            let change = Change::of("ticket.comment", told);
            Ok(Some(Change { message: Some((TICKET_COMMENTED, message(ticket))), ..change }))
        };
        self.store.change(by, id, say).await
    }

    /// Has others asked what the ticket waits for.
    ///
    /// # Errors
    /// `Conflict` when it waits for nobody; `Invalid`, naming `approvers`; `NotFound`.
    pub(super) async fn reassign(
        &self,
        by: &Caller,
        id: &str,
        approvers: &[String],
    ) -> Result<Ticket> {
        let [first, ..] = approvers else {
            return Err(Error::invalid("approvers", "must name somebody"));
        };
        if approvers.len() > MOST {
            return Err(Error::invalid("approvers", format!("must be at most {MOST}")));
        }
        for (at, approver) in approvers.iter().enumerate() {
            name(&format!("approvers[{at}]"), approver)?;
        }
        self.seen(by, id).await?;
        let reassign = |ticket: &mut Ticket, _| {
            let Some(asked) = &mut ticket.pending else {
                return Err(Error::new(Kind::Conflict, "Nothing is asked of anybody"));
            };
            asked.assignee.clone_from(first);
            asked.approvers = approvers.to_vec();
            let mut change = Change::of(
                "ticket.reassign",
                Told::of(
                    "reassigned",
                    json!({
                        "assignee": asked.assignee, "approvers": approvers, "by": by.actor,
                    }),
                ),
            );
            change.details = json!({ "approvers": approvers });
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
            let mut change =
                Change::of("ticket.reopen", Told::update(ticket, "It was opened again"));
            change.details = json!({ "round": ticket.round });
            Ok(Some(change))
        };
        self.store.change(by, id, reopen).await
    }

    /// That a caller asked for a ticket, or may approve.
    async fn owned(&self, by: &Caller, id: &str) -> Result<()> {
        let ticket = self.seen(by, id).await?;
        let is_own = ticket.requested_by == by.actor
            || by.actor.strip_prefix("user:") == Some(&ticket.request.employee_id);
        if is_own || by.permissions.allow(TICKETS_APPROVE) {
            return Ok(());
        }
        let told = "Only who asked for it, or may approve, does this";
        Err(Error::new(Kind::Forbidden, told))
    }
}
