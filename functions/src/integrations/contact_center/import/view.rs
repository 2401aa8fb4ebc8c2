//! Imports as they are shown.

use serde::Serialize;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::super::records::DataKind;
use super::model::{Import, ImportStatus};
use super::parts::RecordError;

/// What came of an import. The first six members are the contract's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkOperationResponse)]
pub struct BulkOperationView {
    total_records: i64,
    /// Records that are kept, now or before.
    successful_records: i64,
    /// Records that are not: each is told of in `errors`, or would have been imported had not
    /// all or none been asked for.
    failed_records: i64,
    /// What is wrong with records, by their places; of the first thousand.
    errors: Vec<RecordError>,
    processing_time_ms: i64,
    /// The import's id.
    #[schema(format = "uuid")]
    batch_id: String,
    status: ImportStatus,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    /// Also the id of its sync log.
    #[schema(format = "uuid")]
    import_id: String,
    status: ImportStatus,
    data_type: DataKind,
    #[schema(format = "uuid")]
    connection_id: String,
    validate_before_import: bool,
    update_existing: bool,
    total_records: i64,
    /// Records of which it is known what becomes of them.
    processed_records: i64,
    successful_records: i64,
    failed_records: i64,
    #[schema(minimum = 0, maximum = 100)]
    progress_percentage: i64,
    #[schema(format = DateTime)]
    started_at: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    created_by: String,
    /// Why the last attempt to go on failed.
    error: Option<String>,
}

/// What is wrong with an import's records.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportErrors {
    pub(super) errors: Vec<RecordError>,
    /// How many records there is something wrong with, so far.
    pub(super) total_errors: usize,
    /// What `after` is for the next page, if there is more.
    pub(super) next: Option<usize>,
}

impl BulkOperationView {
    pub(super) fn of(import: &Import, errors: Vec<RecordError>) -> Self {
        let ended_at = import.ended_at.filter(|_| !import.rejected);
        Self {
            total_records: import.total,
            successful_records: import.successful,
            failed_records: import.failed,
            errors,
            processing_time_ms: ended_at.map_or(0, |at| at - import.started_at),
            batch_id: import.id().to_owned(),
            status: import.status(),
        }
    }
}

impl ImportView {
    pub(super) fn of(import: Import) -> Self {
        let processed_records = import.successful + import.failed;
        let percent = (processed_records * 100).checked_div(import.total).unwrap_or(100);
        Self {
            status: import.status(),
            data_type: import.options.data_type,
            validate_before_import: import.options.whole,
            update_existing: import.options.update_existing,
            total_records: import.total,
            processed_records,
            successful_records: import.successful,
            failed_records: import.failed,
            progress_percentage: percent,
            started_at: to_the_millisecond(import.started_at),
            ended_at: import.ended_at.map(to_the_millisecond),
            created_by: import.by,
            error: import.job.error.map(|last| last.reason),
            import_id: import.sk,
            connection_id: import.connection_id,
        }
    }
}
