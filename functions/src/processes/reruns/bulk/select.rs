//! Which failures a bulk rerun is about.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::error::Result;
use shared::tenant::Tenant;

use crate::processes::reruns::Reruns;
use crate::processes::runs::{Run, StepRun};

/// Which unresolved failures; all that is given must hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Selection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_id: Option<i64>,
    /// What the failure's text holds, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_contains: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Selection {
    /// The ids of the next failed step runs that are meant, of runs with a number below this
    /// one, newest first, and below which number to go on. A page may be empty.
    pub async fn page(
        &self,
        reruns: &Reruns,
        tenant: &Tenant,
        below: i64,
    ) -> Result<(Vec<i64>, Option<i64>)> {
        let (runs, next) = reruns.unresolved_runs(tenant, below).await?;
        let of_run = |run: &Run| {
            let meant = run.steps.iter().rev().filter(|step| self.is_of(run, step));
            meant.map(|step| run.step_run_id(step.number)).collect::<Vec<_>>()
        };
        Ok((runs.iter().flat_map(of_run).collect(), next))
    }

    /// Whether a step run is such a failure now.
    pub fn is_of(&self, run: &Run, step: &StepRun) -> bool {
        let failed_at = step.finished_at.unwrap_or(step.updated_at);
        let holds = |text: &String| {
            step.failure.as_ref().is_some_and(|failure| failure.to_lowercase().contains(text))
        };
        step.is_unresolved()
            && self.process_id.is_none_or(|process| run.process_id == process)
            && self.step_id.is_none_or(|id| step.step_id == id)
            && self.failure_contains.as_ref().is_none_or(holds)
            && self.since.is_none_or(|since| failed_at >= since.as_millisecond())
            && self.until.is_none_or(|until| failed_at < until.as_millisecond())
    }
}
