//! What is synchronised, which way, and how far that is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What can be synchronised.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SyncType {
    /// People.
    Personnel,
    /// Everything.
    Full,
    /// What changed.
    Incremental,
    /// Single records as they change.
    RealTime,
    /// Schedules.
    Schedule,
    /// Times worked.
    Timesheet,
    /// Records that were sent in bulk.
    BulkImport,
    /// The settings.
    ConfigUpdate,
}

/// How far a sync is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncStatus {
    /// It waits.
    Pending,
    /// It is under way.
    Started,
    /// It ended well.
    Completed,
    /// It did not.
    Failed,
}

/// Which way a sync goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the other system.
    Inbound,
    /// To the other system.
    Outbound,
    /// Both.
    Bidirectional,
}

impl SyncType {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Personnel => "personnel",
            Self::Full => "full",
            Self::Incremental => "incremental",
            Self::RealTime => "real_time",
            Self::Schedule => "schedule",
            Self::Timesheet => "timesheet",
            Self::BulkImport => "bulk_import",
            Self::ConfigUpdate => "config_update",
        }
    }
}

impl SyncStatus {
    /// All there are.
    pub(super) const ALL: [Self; 4] = [Self::Pending, Self::Started, Self::Completed, Self::Failed];

    /// As the API and the counters write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}
