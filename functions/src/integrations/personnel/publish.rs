//! How a synchronisation ends: what it made is published, or dropped, with its log, the
//! entry of the audit trail and the messages in the same moment.

use serde_json::{Value as Json, json};
use shared::error::Result;
use shared::jobs::Record;
use shared::table::Value;

use super::roster::Roster;
use super::start::Personnel;
use super::sync::{PersonnelSync, Stage};
use crate::integrations::connections::Records;
use crate::integrations::means::Told;
use crate::messages::catalogue::{
    EventType, ONEC_PERSONNEL_SYNCED, PERSONNEL_SYNC_COMPLETED, SYNC_COMPLETED, SYNC_FAILED,
};
use crate::pages::PageSet;

impl Personnel {
    /// Publishes the generation that was compared last.
    pub(super) async fn publish(&self, sync: &PersonnelSync) -> Result<Record> {
        let (tenant, now) = (sync.tenant()?, self.means.clock.now_ms());
        let failed = sync.told.as_ref().map_or(0, |told| told.failed);
        let error = (failed > 0).then(|| format!("{failed} records could not be read"));
        let subject = (&tenant, sync.connection_id.as_str(), sync.id());
        let kinds = [SYNC_COMPLETED, PERSONNEL_SYNC_COMPLETED, ONEC_PERSONNEL_SYNCED];
        let mut record = self.ended(sync, "personnel.publish", error.as_deref(), &kinds).await?;
        record.also.push(Roster::publish(&self.means.table, subject, &sync.next, now)?);
        record.set.push(("stage", Value::of(&Stage::Clear)?));
        record.set.push(("ended_at", now.into()));
        Ok(record)
    }

    /// Drops what was compared, for this reason.
    pub(super) async fn drop_it(&self, sync: &PersonnelSync, reason: &str) -> Result<Record> {
        let mut record = self.unpublished(sync, "personnel.reject", reason, None).await?;
        record.set.push(("stage", Value::of(&Stage::Clear)?));
        record.set.push(("refused", reason.into()));
        record.set.push(("ended_at", self.means.clock.now_ms().into()));
        Ok(record)
    }

    /// Ends one that cannot go on. What it leaves behind is cleared away by the next one.
    pub(super) async fn give_up(&self, sync: &PersonnelSync, reason: &str) -> Result<Record> {
        self.unpublished(sync, "personnel.fail", reason, Some(&sync.next)).await
    }

    async fn unpublished(
        &self,
        sync: &PersonnelSync,
        action: &'static str,
        reason: &str,
        left: Option<&PageSet>,
    ) -> Result<Record> {
        let tenant = sync.tenant()?;
        let mut record = self.ended(sync, action, Some(reason), &[SYNC_FAILED]).await?;
        let subject = (&tenant, sync.connection_id.as_str(), sync.id());
        record.also.push(Roster::release(&self.means.table, subject, left)?);
        Ok(record)
    }

    async fn ended(
        &self,
        sync: &PersonnelSync,
        action: &'static str,
        error: Option<&str>,
        kinds: &[EventType],
    ) -> Result<Record> {
        let records = records(sync);
        let data = told(sync, records, error);
        let told = Told { connection: &sync.connection_id, action, data: &data };
        self.means.end(&sync.caller()?, &sync.log, (records, error), told, kinds).await
    }
}

/// The records that it looked at.
fn records(sync: &PersonnelSync) -> Records {
    let (successful, failed) = sync
        .told
        .as_ref()
        .map_or((0, 0), |told| (i64::try_from(told.set.total).unwrap_or(i64::MAX), told.failed));
    Records { processed: successful + failed, successful, failed }
}

fn told(sync: &PersonnelSync, records: Records, error: Option<&str>) -> Json {
    json!({
        "sync_id": sync.id(),
        "connection_id": sync.connection_id,
        "sync_type": "personnel",
        "records_processed": records.processed,
        "records_successful": records.successful,
        "records_failed": records.failed,
        "changes": sync.counts,
        "error": error,
    })
}
