//! How a ticket is, and what may become of it: the one table of its changes. Pure.
//! Source of the words: the IT support service; `cancelled` is ours.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Kind, Result};
use utoipa::ToSchema;

/// How a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// It was asked for; its workflow starts.
    Pending,
    /// Its workflow is at work.
    InProgress,
    /// Somebody is asked for something.
    WaitingForUser,
    /// Somebody is asked to approve it.
    WaitingForApproval,
    /// It is done.
    Resolved,
    /// It will not be done.
    Denied,
    /// Nobody answered in time: those who are higher up are asked.
    Escalated,
    /// Its workflow could not go on.
    Error,
    /// Whoever asked for it does not want it any more.
    Cancelled,
}

/// What happens to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A worker takes it up.
    Begin,
    /// Somebody is asked for something, or somebody else.
    Ask,
    /// Somebody is asked to approve, or somebody else.
    AskApproval,
    /// Whoever was asked said yes, or what was wanted.
    Answer,
    /// It is not allowed.
    Deny,
    /// Everything is done.
    Finish,
    /// It cannot go on.
    Fail,
    /// Those who are higher up are asked.
    Escalate,
    /// It is not wanted any more.
    Cancel,
    /// It is wanted again.
    Reopen,
}

/// What was decided of a ticket, as callers read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TicketDecision)]
pub enum Decision {
    /// Nothing yet.
    Pending,
    /// It is allowed, by the policies or by whoever was asked.
    Approved,
    /// It is not allowed.
    Denied,
    /// Somebody must approve it.
    RequiresApproval,
    /// It could not be decided.
    Error,
}

impl TicketStatus {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::InProgress,
        Self::WaitingForUser,
        Self::WaitingForApproval,
        Self::Resolved,
        Self::Denied,
        Self::Escalated,
        Self::Error,
        Self::Cancelled,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::WaitingForUser => "waiting_for_user",
            Self::WaitingForApproval => "waiting_for_approval",
            Self::Resolved => "resolved",
            Self::Denied => "denied",
            Self::Escalated => "escalated",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens unless somebody opens it again.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Resolved | Self::Denied | Self::Error | Self::Cancelled)
    }

    /// Whether its workflow has something to do.
    pub fn is_at_work(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }

    /// What is to happen next, in the contract's words.
    pub fn next_action(self) -> Option<&'static str> {
        match self {
            Self::Pending => Some("workflow_starting"),
            Self::InProgress => Some("workflow_in_progress"),
            Self::WaitingForUser => Some("human_input_required"),
            Self::WaitingForApproval => Some("approval_required"),
            Self::Resolved => Some("completed"),
            Self::Denied => Some("request_denied"),
            Self::Escalated | Self::Error | Self::Cancelled => None,
        }
    }

    /// What a ticket in this status becomes.
    ///
    /// # Errors
    /// `Conflict` when that cannot happen to it.
    pub fn after(self, signal: Signal) -> Result<Self> {
        let next = match (self, signal) {
            (Self::Pending, Signal::Begin) => Some(Self::InProgress),
            (open, Signal::Ask) if open.waits() || open == Self::InProgress => {
                Some(Self::WaitingForUser)
            }
            (open, Signal::AskApproval) if open.waits() || open == Self::InProgress => {
                Some(Self::WaitingForApproval)
            }
            (Self::InProgress, Signal::Finish) => Some(Self::Resolved),
            (Self::Pending | Self::InProgress, Signal::Fail) => Some(Self::Error),
            (waiting, Signal::Answer) if waiting.waits() => Some(Self::InProgress),
            (waiting, Signal::Escalate) if waiting.waits() => Some(Self::Escalated),
            (open, Signal::Deny) if open.waits() || open == Self::InProgress => Some(Self::Denied),
            (open, Signal::Cancel) if !open.is_terminal() => Some(Self::Cancelled),
            (closed, Signal::Reopen) if closed.is_terminal() => Some(Self::Pending),
            _ => None,
        };
        next.ok_or_else(|| {
            let told = format!("The ticket is {}, so this cannot be done", self.name());
            Error::new(Kind::Conflict, told)
        })
    }

    fn waits(self) -> bool {
        matches!(self, Self::WaitingForUser | Self::WaitingForApproval | Self::Escalated)
    }
}

#[cfg(test)]
mod tests {
    use super::Signal::*;
    use super::TicketStatus as Is;
    use super::*;

    const SIGNALS: [Signal; 10] =
        [Begin, Ask, AskApproval, Answer, Deny, Finish, Fail, Escalate, Cancel, Reopen];

    /// Every change there is; each other one is refused.
    fn becomes(status: Is, signal: Signal) -> Option<Is> {
        let row = match status {
            Is::Pending => {
                [(Begin, Is::InProgress), (Fail, Is::Error), (Cancel, Is::Cancelled)].as_slice()
            }
            Is::InProgress => &[
                (Ask, Is::WaitingForUser),
                (AskApproval, Is::WaitingForApproval),
                (Finish, Is::Resolved),
                (Deny, Is::Denied),
                (Fail, Is::Error),
                (Cancel, Is::Cancelled),
            ],
            Is::WaitingForUser | Is::WaitingForApproval | Is::Escalated => &[
                (Ask, Is::WaitingForUser),
                (AskApproval, Is::WaitingForApproval),
                (Answer, Is::InProgress),
                (Deny, Is::Denied),
                (Escalate, Is::Escalated),
                (Cancel, Is::Cancelled),
            ],
            Is::Resolved | Is::Denied | Is::Error | Is::Cancelled => &[(Reopen, Is::Pending)],
        };
        row.iter().find(|(on, _)| *on == signal).map(|(_, next)| *next)
    }

    #[test]
    fn what_may_become_of_a_ticket_is_one_table() {
        for status in TicketStatus::ALL {
            for signal in SIGNALS {
                let next = status.after(signal).ok();
                assert_eq!(next, becomes(status, signal), "{status:?} {signal:?}");
            }
        }
    }

    #[test]
    fn words_are_written_as_they_are_read() -> anyhow::Result<()> {
        for status in TicketStatus::ALL {
            assert_eq!(serde_json::to_value(status)?, status.name());
        }
        Ok(())
    }
}
