//! Retention as the API shows it.

use serde::Serialize;
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::model::Retention;
use crate::processes::definitions::Process;

/// How far the retention of processes is.
#[derive(Debug, Serialize, ToSchema)]
pub struct CleanupStats {
    /// The processes that have one.
    pub(super) processes: Vec<RetentionView>,
    /// Runs that are due and not neutral yet, together.
    pub(super) due_runs: usize,
    /// Whether there are more than were counted.
    pub(super) more: bool,
}

/// How far the retention of a process is.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionView {
    process_id: i64,
    process_name: String,
    retention_months: Option<u32>,
    /// Runs that are due and not neutral yet, as far as they were counted.
    pub(super) due_runs: usize,
    /// Whether there are more than were counted.
    pub(super) more: bool,
    /// How many it neutralised.
    neutralized_runs: i64,
    /// When it looks next.
    #[schema(format = DateTime)]
    next_at: Option<String>,
}

impl RetentionView {
    pub(super) fn of(process: &Process, row: Option<&Retention>, due: usize, more: bool) -> Self {
        let next_at =
            row.filter(|row| row.job.open()).map(|row| to_the_millisecond(row.job.due_at));
        Self {
            process_id: process.id,
            process_name: process.name.clone(),
            retention_months: process.retention_months,
            due_runs: due,
            more,
            neutralized_runs: row.map_or(0, |row| row.neutralised),
            next_at,
        }
    }
}
