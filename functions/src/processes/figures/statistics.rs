//! How many runs a process has in each status, and how long they took: read from the
//! counts, never from the runs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;
use shared::error::Result;
use shared::table::{Query, Table};
use shared::tenant::Tenant;
use utoipa::ToSchema;

use super::tally::{ALL, TIMED, TIMED_MS, TOTAL, UNRESOLVED, statistics_partition};
use crate::processes::runs::RunStatus;

/// RunStatistics of a process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct RunStatistics {
    /// Runs that are not deleted.
    pub total_runs: i64,
    /// Runs whose steps all ended well.
    pub completed_runs: i64,
    /// Runs of which a step failed.
    pub failed_runs: i64,
    /// Runs that are under way.
    pub running_runs: i64,
    /// Runs that have not begun.
    pub pending_runs: i64,
    /// Runs of which a step was cancelled.
    pub cancelled_runs: i64,
    /// Failed step runs that were neither run again nor dismissed.
    pub unresolved_failures: i64,
    /// Of the runs that ended, how many in a hundred completed, to one place behind the
    /// point; 0 when none ended.
    #[schema(example = 96.2)]
    pub success_rate: f64,
    /// The mean time from start to end of completed runs, `HH:MM:SS`; hours may be more
    /// than 24. None before the first.
    #[schema(example = "00:14:32")]
    pub average_completion_time: Option<String>,
}

impl RunStatistics {
    /// Of one process, from its counts.
    pub async fn of(runs: &Table, tenant: &Tenant, process: i64) -> Result<Self> {
        let query = Query::partition(&statistics_partition(tenant, process));
        let rows: Vec<BTreeMap<String, Json>> = runs.query_all(query).await?;
        let sum = |name: &str| {
            rows.iter().filter_map(|row| row.get(name)).filter_map(Json::as_i64).sum::<i64>()
        };
        let of = |status: RunStatus| sum(status.name());
        let (completed, failed) = (of(RunStatus::Completed), of(RunStatus::Failed));
        let ended = completed + failed + of(RunStatus::Cancelled);
        Ok(Self {
            total_runs: sum(TOTAL),
            completed_runs: completed,
            failed_runs: failed,
            running_runs: of(RunStatus::Running),
            pending_runs: of(RunStatus::Pending),
            cancelled_runs: of(RunStatus::Cancelled),
            unresolved_failures: sum(UNRESOLVED),
            success_rate: percent(completed, ended),
            average_completion_time: sum(TIMED_MS).checked_div(sum(TIMED)).map(clock_time),
        })
    }

    /// Of all processes, deleted ones among them: how many failures nobody took care of, and
    /// nothing else.
    pub async fn of_all(runs: &Table, tenant: &Tenant) -> Result<Self> {
        Self::of(runs, tenant, ALL).await
    }

    /// How many runs are in this status.
    pub fn in_status(&self, status: RunStatus) -> i64 {
        match status {
            RunStatus::Pending => self.pending_runs,
            RunStatus::Running => self.running_runs,
            RunStatus::Completed => self.completed_runs,
            RunStatus::Failed => self.failed_runs,
            RunStatus::Cancelled => self.cancelled_runs,
        }
    }
}

/// How many of so many, in a hundred, to one place behind the point; 0 of none.
pub fn percent(some: i64, all: i64) -> f64 {
    if all == 0 { 0.0 } else { (some as f64 * 1000.0 / all as f64).round() / 10.0 }
}

/// Milliseconds as hours, minutes and seconds.
fn clock_time(ms: i64) -> String {
    let seconds = ms / 1000;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::clock_time;

    #[test]
    fn hours_may_be_more_than_a_day() {
        assert_eq!(clock_time(872_999), "00:14:32");
        assert_eq!(clock_time(90_061_000), "25:01:01");
        assert_eq!(clock_time(0), "00:00:00");
    }
}
