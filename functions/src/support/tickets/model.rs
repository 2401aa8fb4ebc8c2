//! The model: a ticket's row. Whatever happens to a ticket goes through [`Ticket::signal`];
//! its events are rows of their own beside it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::error::{Error, Kind, Result};
use shared::table::Key;
use shared::tenant::Tenant;
use uuid::Uuid;

use super::status::{Decision, Signal, TicketStatus};
use crate::support::people::{Decided, Interrupt};
use crate::support::workflow::{Assessment, Plan, Stage};

/// What the partitions of tickets are called.
pub const TICKET: &str = "TICKET";
/// The largest a ticket can be, in bytes of JSON: DynamoDB's rows have 400 KB.
const LARGEST: usize = 350 * 1024;

/// How much a ticket matters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[schema(as = TicketPriority)]
pub enum Priority {
    /// It can wait.
    Low,
    /// As usual.
    Medium,
    /// It should not wait.
    High,
    /// It must not wait.
    #[serde(alias = "critical")]
    Urgent,
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// For whom.
    pub employee_id: String,
    /// What kind of thing, in any words.
    pub request_type: String,
    /// In one line.
    pub title: String,
    /// In full.
    pub description: String,
    /// How much it matters.
    pub priority: Priority,
    /// As the caller wrote it, `urgent` or `CRITICAL`.
    pub priority_said: String,
    /// How soon it is wanted, in any words.
    pub urgency: String,
    /// Why it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_justification: Option<String>,
    /// By when it is wanted, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired_completion: Option<i64>,
}

/// A ticket's row in the table `tickets`. Moments are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pk: String,
    sk: String,
    /// Its number, larger for newer ones. Its place in lists, too.
    pub rank: i64,
    /// What callers know it by: a UUID.
    pub ticket_id: String,
    /// Who sent the request, `user:anna` or `key:5`.
    pub requested_by: String,
    /// What was asked for.
    pub request: Request,
    /// What was given since, by its name.
    #[serde(default)]
    pub given: BTreeMap<String, String>,
    /// How it is. Only [`Ticket::signal`] changes it.
    pub status: TicketStatus,
    /// What was decided.
    pub decision: Decision,
    /// Where its workflow is.
    pub stage: Stage,
    /// How often its workflow began: once, and again when it was opened again.
    pub round: u32,
    /// What the policies say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
    /// What is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// Whom it waits for, and for what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Interrupt>,
    /// What people decided, in order.
    #[serde(default)]
    pub decided: Vec<Decided>,
    /// Why it could not go on, if it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How it ended, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// Which change of it this is, from 1.
    pub version: i64,
    /// The number of its last event, from 1, without a gap.
    pub seq: i64,
    /// Partitions of the lists it stands in.
    listed: String,
    by_employee: String,
    by_status: String,
}

impl Ticket {
    /// A ticket of this number that was asked for at `now`.
    pub fn new(tenant: &Tenant, rank: i64, by: &str, request: Request, now: i64) -> Self {
        let ticket_id = ticket_id(tenant, rank);
        let Key { pk, sk } = ticket_key(tenant, &ticket_id);
        let status = TicketStatus::Pending;
        Self {
            pk,
            sk,
            rank,
            ticket_id,
            requested_by: by.to_owned(),
            listed: all_tickets(tenant),
            by_employee: of_employee(tenant, &request.employee_id),
            by_status: in_status(tenant, status),
            request,
            given: BTreeMap::new(),
            status,
            decision: Decision::Pending,
            stage: Stage::Classify,
            round: 1,
            assessment: None,
            plan: None,
            pending: None,
            decided: Vec::new(),
            error: None,
            summary: None,
            created_at: now,
            updated_at: now,
            ended_at: None,
            version: 1,
            seq: 0,
        }
    }

    /// Where it is.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    /// Whose it is.
    pub fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a ticket outside every tenant"))
    }

    /// Has this happen to it.
    ///
    /// # Errors
    /// `Conflict` when that cannot happen to a ticket in its status.
    pub fn signal(&mut self, signal: Signal, now: i64) -> Result<()> {
        self.status = self.status.after(signal)?;
        self.ended_at = self.status.is_terminal().then_some(now);
        Ok(())
    }

    /// Whether this is who asked for it, or for whom.
    pub fn is_asked_for_by(&self, name: &str) -> bool {
        let same = |other: &str| other.to_lowercase() == name.to_lowercase();
        same(&self.request.employee_id) || self.requested_by.strip_prefix("user:").is_some_and(same)
    }

    /// Where it stands in lists, once everything is as it is to be.
    pub fn settle(&mut self, tenant: &Tenant, now: i64) {
        self.by_status = in_status(tenant, self.status);
        self.updated_at = now;
        self.version += 1;
    }

    /// That it fits into a row.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn must_fit(&self) -> Result<()> {
        let size = serde_json::to_vec(self).map_err(Error::internal)?.len();
        if size <= LARGEST {
            return Ok(());
        }
        let told = format!("The ticket would be larger than {LARGEST} bytes");
        Err(Error::new(Kind::TooLarge, told))
    }
}

/// The id of the ticket of this number.
pub fn ticket_id(tenant: &Tenant, rank: i64) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, tenant.pk(TICKET, rank).as_bytes()).to_string()
}

/// Where a ticket is, and its events.
pub fn ticket_key(tenant: &Tenant, id: &str) -> Key {
    Key { pk: tenant.pk(TICKET, id), sk: "A".to_owned() }
}

/// The list of all tickets, a partition of the index `listed`.
pub fn all_tickets(tenant: &Tenant) -> String {
    tenant.pk("TICKETS", "")
}

/// The list of an employee's tickets, a partition of the index `by_employee`.
pub fn of_employee(tenant: &Tenant, employee: &str) -> String {
    tenant.pk("EMPLOYEE", employee)
}

/// The list of tickets in a status, a partition of the index `by_status`.
pub fn in_status(tenant: &Tenant, status: TicketStatus) -> String {
    tenant.pk("STATUS", status.name())
}

/// That there is no such ticket, in the contract's words.
pub fn unknown_ticket() -> Error {
    Error::not_found("Ticket not found")
}
