//! A bulk rerun as it is shown.

use serde::Serialize;
use shared::error::Result;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::model::BulkRerun;
use crate::bulk::BulkStatus;

/// A bulk rerun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkRerun)]
pub struct BulkRerunView {
    id: String,
    status: BulkStatus,
    /// What it is about; what is not given does not matter.
    selection: BulkSelection,
    reason: String,
    /// Failures a second.
    pace: u32,
    /// Failures that it has found so far; all of them once it runs.
    found: i64,
    /// Failures that were run again.
    rerun: i64,
    /// Failures that had changed meanwhile, or are not to be run again.
    passed_over: i64,
    created_by: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// Why it could not go on, if it failed.
    error: Option<String>,
}

/// What a bulk rerun is about.
#[derive(Debug, Serialize, ToSchema)]
struct BulkSelection {
    process_id: Option<i64>,
    step_id: Option<i64>,
    failure_contains: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

impl BulkRerunView {
    /// Shows a bulk rerun.
    pub(super) fn of(bulk: BulkRerun) -> Result<Self> {
        let selection = bulk.selection()?;
        Ok(Self {
            id: bulk.id().to_owned(),
            status: bulk.progress.status(&bulk.job),
            selection: BulkSelection {
                process_id: selection.process_id,
                step_id: selection.step_id,
                failure_contains: selection.failure_contains,
                since: selection.since.map(|moment| moment.to_string()),
                until: selection.until.map(|moment| moment.to_string()),
            },
            reason: bulk.reason,
            pace: bulk.pace,
            found: bulk.progress.found,
            rerun: bulk.progress.driven,
            passed_over: bulk.progress.passed_over,
            created_by: bulk.by,
            created_at: to_the_second(bulk.created_at),
            ended_at: bulk.progress.ended_at.map(to_the_second),
            error: bulk.job.error.map(|error| error.reason),
        })
    }
}
