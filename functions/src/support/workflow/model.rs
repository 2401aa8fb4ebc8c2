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
    /// How long it was at work, in milliseconds, waits before further tries among that: since
    /// it began, or a person answered.
    #[serde(default)]
    pub(super) worked_ms: i64,
    /// Which attempt ended last, by its owner, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rested: Option<Rested>,
    #[serde(flatten)]
    pub(super) job: Job,
}

/// The end of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rested {
    /// The attempt's owner. The job's, unless a later attempt died.
    pub by: String,
    /// Milliseconds since 1970.
    pub at: i64,
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
        Self { pk, sk, ticket_id: ticket.ticket_id.clone(), worked_ms: 0, rested: None, job }
    }

    /// How long it was at work when an attempt begins. What it waited for a worker is not
    /// among that, and not what came after a worker died.
    pub(super) fn worked_ms(&self) -> i64 {
        let last =
            self.rested.as_ref().filter(|rested| self.job.owner.as_ref() == Some(&rested.by));
        self.worked_ms + last.map_or(0, |rested| (self.job.due_at - rested.at).max(0))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a workflow was at work that had worked for a second when its last attempt
    /// ended at 5,000, and is due at this moment.
    fn worked(due_at: i64, last_owner: &str) -> anyhow::Result<i64> {
        let row = serde_json::json!({
            "pk": "", "sk": "", "ticket_id": "", "worked_ms": 1000,
            "rested": { "by": "one", "at": 5000 },
            "state": "READY", "attempt": 1, "due_at": due_at, "rank": 1, "owner": last_owner,
        });
        Ok(serde_json::from_value::<Workflow>(row)?.worked_ms())
    }

    #[test]
    fn waits_before_further_tries_are_work_and_deaths_are_not() -> anyhow::Result<()> {
        assert_eq!(worked(5000, "one")?, 1000, "it goes on at once");
        assert_eq!(worked(7000, "one")?, 3000, "it is tried again later");
        assert_eq!(worked(3_600_000, "another")?, 1000, "a later attempt died");
        Ok(())
    }
}
