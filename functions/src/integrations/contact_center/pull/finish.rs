//! How a pull ends: its log, the entry of the audit trail and the messages say by kind what
//! came of it, and the connection's row that none is under way.

use serde_json::{Value as Json, json};
use shared::error::Result;
use shared::jobs::Record;

use super::job::{Pull, PullStatus, outcome};
use super::marks::Marks;
use super::start::Pulls;
use crate::integrations::means::Told;
use crate::messages::catalogue::{SYNC_COMPLETED, SYNC_FAILED};

impl Pulls {
    /// Ends one of which all is asked for.
    pub(super) async fn finish(&self, pull: &Pull) -> Result<Record> {
        let error = pull.error();
        let status = outcome(&pull.kinds, &pull.came);
        let mut record = self.ended(pull, status, error.as_deref()).await?;
        record.set.push(("ended_at", self.means.clock.now_ms().into()));
        Ok(record)
    }

    /// Ends one that cannot go on, for this reason.
    pub(super) async fn give_up(&self, pull: &Pull, reason: &str) -> Result<Record> {
        let error = pull.error().map(|before| format!("{reason}; {before}"));
        self.ended(pull, PullStatus::Failed, Some(error.as_deref().unwrap_or(reason))).await
    }

    async fn ended(&self, pull: &Pull, status: PullStatus, error: Option<&str>) -> Result<Record> {
        let (tenant, records) = (pull.tenant()?, pull.records());
        let (action, message) = match status {
            PullStatus::Completed => ("contact_center.pull.complete", SYNC_COMPLETED),
            _ => ("contact_center.pull.fail", SYNC_FAILED),
        };
        let data = told(pull, status, error);
        let mut log = pull.log.clone();
        log.by_kind = pull.by_kind();
        let told = Told { connection: &pull.connection_id, action, data: &data };
        let caller = pull.caller()?;
        let mut record = self.means.end(&caller, &log, (records, error), told, &[message]).await?;
        let subject = (&tenant, pull.connection_id.as_str(), pull.id());
        record.also.push(Marks::moved(&self.means.table, subject, pull.plan.as_ref(), true)?);
        Ok(record)
    }
}

fn told(pull: &Pull, status: PullStatus, error: Option<&str>) -> Json {
    let records = pull.records();
    json!({
        "sync_id": pull.id(),
        "connection_id": pull.connection_id,
        "sync_type": "incremental",
        "outcome": status,
        "records_processed": records.processed,
        "records_successful": records.successful,
        "records_failed": records.failed,
        "records_by_kind": pull.by_kind(),
        "error": error,
    })
}
