//! How an import goes on and ends: its counts, with its sync log, the entry of the audit
//! trail and the messages in the same moment.

use serde_json::{Value as Json, json};
use shared::audit::Trail;
use shared::env::Env;
use shared::error::Result;
use shared::jobs::Record;

use super::model::Import;
use crate::integrations::connections::{Records, SyncLogs};
use crate::messages::Emitter;
use crate::messages::catalogue::{
    DATA_IMPORTED, EventType, IMPORT_PROGRESSED, SYNC_COMPLETED, SYNC_FAILED,
};

/// What tells of imports. Cheap to clone.
#[derive(Clone)]
pub(super) struct Ends {
    trail: Trail,
    emitter: Emitter,
    logs: SyncLogs,
}

impl Ends {
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            trail: Trail::load(env)?,
            emitter: Emitter::load(env)?,
            logs: SyncLogs::load(env)?,
        })
    }

    /// What tells that more of it is done, as it stands now.
    pub async fn progressed(&self, import: &Import) -> Result<Record> {
        self.tell(import, &[IMPORT_PROGRESSED], &told(import, None)).await
    }

    /// What ends it as it stands now: imported as far as it can be, or rejected.
    pub async fn over(&self, import: &Import) -> Result<Record> {
        if import.is_rejected() {
            let error = format!("{} of {} records cannot be imported", import.failed, import.total);
            return self
                .ended(import, "contact_center.import.reject", Some(&error), &[SYNC_FAILED])
                .await;
        }
        let kinds = [SYNC_COMPLETED, DATA_IMPORTED];
        self.ended(import, "contact_center.import.complete", None, &kinds).await
    }

    /// What ends one that cannot go on.
    pub async fn given_up(&self, import: &Import, reason: &str) -> Result<Record> {
        self.ended(import, "contact_center.import.fail", Some(reason), &[SYNC_FAILED]).await
    }

    async fn ended(
        &self,
        import: &Import,
        action: &'static str,
        error: Option<&str>,
        kinds: &[EventType],
    ) -> Result<Record> {
        let (tenant, told) = (import.tenant()?, told(import, error));
        let mut record = self.tell(import, kinds, &told).await?;
        let (successful, failed) = (import.successful, import.failed);
        let records = Records { processed: successful + failed, successful, failed };
        record.also.extend(self.logs.finish(&tenant, &import.log, records, error));
        let subject = format!("connection:{}", import.connection_id);
        record.also.push(self.trail.entry(&import.caller()?, action, subject, &told)?);
        Ok(record)
    }

    async fn tell(&self, import: &Import, kinds: &[EventType], told: &Json) -> Result<Record> {
        let (tenant, mut record) = (import.tenant()?, Record::default());
        for kind in kinds {
            let emission = self.emitter.prepare(&tenant, *kind, told).await?;
            record = record.and(self.emitter.record(emission));
        }
        Ok(record)
    }
}

fn told(import: &Import, error: Option<&str>) -> Json {
    json!({
        "sync_id": import.id(),
        "import_id": import.id(),
        "connection_id": import.connection_id,
        "sync_type": "bulk_import",
        "data_type": import.options.data_type,
        "records_total": import.total,
        "records_processed": import.successful + import.failed,
        "records_successful": import.successful,
        "records_failed": import.failed,
        "error": error,
    })
}
