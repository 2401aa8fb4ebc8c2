//! The job that a ticket's workflow is. Where it is, is written on the ticket; the job says
//! who works on it and when.

use serde::{Deserialize, Serialize};
use shared::error::{Error, Result};
use shared::jobs::{Job, Policy, Row};
use shared::table::Key;
use shared::tenant::Tenant;

use crate::support::tickets::Ticket;

/// What the partitions of workflows are called.
pub const WORKFLOW: &str = "WORKFLOW";

/// A workflow's row in the table `tickets`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Workflow {
    pk: String,
    sk: String,
    pub(super) ticket_id: String,
    /// When a worker took it up, milliseconds since 1970: first, or since a person answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) began_at: Option<i64>,
    #[serde(flatten)]
    pub(super) job: Job,
}

impl Row for Workflow {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl Workflow {
    /// The workflow of a ticket, to be gone on with at once.
    pub fn new(tenant: &Tenant, ticket: &Ticket, policy: &Policy, now: i64) -> Self {
        let Key { pk, sk } = workflow_key(tenant, &ticket.ticket_id);
        // The sweeper looks at once, whatever becomes of the hint.
        let job = Job::fresh(now, ticket.rank, policy).not_before(now);
        Self { pk, sk, ticket_id: ticket.ticket_id.clone(), began_at: None, job }
    }

    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a workflow outside every tenant"))
    }
}

/// Where the workflow of a ticket is.
pub fn workflow_key(tenant: &Tenant, ticket: &str) -> Key {
    Key::alone(tenant.pk(WORKFLOW, ticket))
}
