//! A replay as it is shown.

use serde::Serialize;
use shared::error::Result;
use shared::web::to_the_second;
use utoipa::ToSchema;

use super::model::Replay;
use super::select::Replayed;
use crate::bulk::BulkStatus;

/// A replay.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayView {
    id: String,
    status: BulkStatus,
    /// What it is about; what is not given does not matter.
    selection: SelectionView,
    reason: String,
    /// Events a second.
    pace: u32,
    /// Whether what was done already is done again.
    afresh: bool,
    /// Events that it has found so far; all of them once it runs.
    found: i64,
    /// Events that were driven anew.
    driven: i64,
    /// Events that had changed meanwhile and were let be.
    passed_over: i64,
    created_by: String,
    created_at: String,
    ended_at: Option<String>,
    /// Why it could not go on, if it failed.
    error: Option<String>,
}

/// What a replay is about.
#[derive(Debug, Serialize, ToSchema)]
struct SelectionView {
    status: Replayed,
    event: Option<String>,
    case_id: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

impl ReplayView {
    /// Shows a replay.
    pub(super) fn of(replay: Replay) -> Result<Self> {
        let selection = replay.selection()?;
        Ok(Self {
            id: replay.id().to_owned(),
            status: replay.progress.status(&replay.job),
            selection: SelectionView {
                status: selection.status,
                event: selection.event,
                case_id: selection.case_id,
                since: selection.since.map(|moment| moment.to_string()),
                until: selection.until.map(|moment| moment.to_string()),
            },
            reason: replay.reason,
            pace: replay.pace,
            afresh: replay.afresh,
            found: replay.progress.found,
            driven: replay.progress.driven,
            passed_over: replay.progress.passed_over,
            created_by: replay.by,
            created_at: to_the_second(replay.created_at),
            ended_at: replay.progress.ended_at.map(to_the_second),
            error: replay.job.error.map(|error| error.reason),
        })
    }
}
