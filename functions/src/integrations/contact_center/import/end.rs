//! How an import goes on and ends: its counts, with its sync log, the entry of the audit
//! trail and the messages in the same moment.

use serde_json::{Value as Json, json};
use shared::error::Result;
use shared::jobs::Record;

use super::model::Import;
use crate::integrations::connections::Records;
use crate::integrations::means::{Means, Told};
use crate::messages::catalogue::{
    DATA_IMPORTED, EventType, IMPORT_PROGRESSED, SYNC_COMPLETED, SYNC_FAILED,
};

/// What tells that more of an import is done, as it stands now.
pub async fn progressed(means: &Means, import: &Import) -> Result<Record> {
    let (tenant, told) = (import.tenant()?, told(import, None));
    let emission = means.emitter.prepare(&tenant, IMPORT_PROGRESSED, &told).await?;
    Ok(means.emitter.record(emission))
}

/// What ends an import of which so many records cannot be imported, and so none is.
pub async fn rejected(means: &Means, import: &Import, wrong: i64) -> Result<Record> {
    let error = format!("{wrong} of {} records cannot be imported", import.total);
    let action = "contact_center.import.reject";
    ended(means, import, action, Some(&error), &[SYNC_FAILED]).await
}

/// What ends an import as it stands now: imported as far as it can be.
pub async fn completed(means: &Means, import: &Import) -> Result<Record> {
    let kinds = [SYNC_COMPLETED, DATA_IMPORTED];
    ended(means, import, "contact_center.import.complete", None, &kinds).await
}

/// What ends one that cannot go on.
pub async fn given_up(means: &Means, import: &Import, reason: &str) -> Result<Record> {
    ended(means, import, "contact_center.import.fail", Some(reason), &[SYNC_FAILED]).await
}

async fn ended(
    means: &Means,
    import: &Import,
    action: &'static str,
    error: Option<&str>,
    kinds: &[EventType],
) -> Result<Record> {
    let data = told(import, error);
    let (successful, failed) = (import.successful, import.failed);
    let records = Records { processed: successful + failed, successful, failed };
    let told = Told { connection: &import.connection_id, action, data: &data };
    means.end(&import.caller()?, &import.log, (records, error), told, kinds).await
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
