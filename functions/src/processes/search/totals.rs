//! How many runs there are, where the counts say it.

use shared::error::Result;
use shared::tenant::Tenant;

use super::RunSearch;
use super::filter::Filter;
use crate::processes::figures::RunStatistics;

/// The most processes whose counts are added up.
const MOST_PROCESSES: i64 = 100;

impl RunSearch {
    /// How many runs pass a filter that has no rules but a process, a status or both; none
    /// for another, or when there are too many processes.
    pub(super) async fn counted(&self, tenant: &Tenant, filter: &Filter) -> Result<Option<usize>> {
        let plain = Filter { status: None, ..filter.clone() };
        let others = !plain.is_by_terms_alone() || filter.entity_id.is_some();
        if others || !filter.meta.is_empty() {
            return Ok(None);
        }
        let processes = match filter.process {
            Some(process) => process..=process,
            // Runs of processes that were deleted are there.
            None => 1..=self.processes.last(tenant).await?,
        };
        if filter.process.is_none() && *processes.end() > MOST_PROCESSES {
            return Ok(None);
        }
        let mut count = 0;
        for process in processes {
            let statistics = RunStatistics::of(&self.table, tenant, process).await?;
            count +=
                filter.status.map_or(statistics.total_runs, |status| statistics.in_status(status));
        }
        Ok(Some(usize::try_from(count).unwrap_or_default()))
    }
}
