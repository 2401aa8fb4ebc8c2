//! The dashboard as the API shows it.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::error::Result;
use utoipa::ToSchema;

use super::durations::Durations;
use super::statistics::RunStatistics;
use crate::processes::definitions::{Process, ProcessView, Step};
use crate::processes::runs::{Run, RunStatus, RunView};

/// How a process is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardView {
    process: ProcessSummary,
    /// The newest ones.
    runs: Vec<RunSummary>,
    statistics: RunStatistics,
}

/// A process in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessSummary {
    id: i64,
    name: String,
    total_steps: usize,
}

/// A run in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunSummary {
    id: i64,
    entity_id: String,
    entity_name: Option<String>,
    status: RunStatus,
    /// Of its steps, how many in a hundred ended well.
    #[schema(example = 87.5)]
    success_rate: f64,
}

/// A process with its newest runs and statistics, all in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverviewView {
    process: ProcessView,
    /// The newest ones.
    runs: Vec<RunView>,
    #[serde(flatten)]
    statistics: RunStatistics,
}

/// How long completed runs of a process took, and their steps.
#[derive(Debug, Serialize, ToSchema)]
pub struct DurationsView {
    process_id: i64,
    /// The first and the last day (UTC), both included.
    #[schema(format = Date)]
    from: String,
    #[schema(format = Date)]
    to: String,
    runs: DurationOf,
    steps: Vec<StepDuration>,
}

/// How long a step took.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepDuration {
    step_id: i64,
    name: String,
    #[serde(flatten)]
    durations: DurationOf,
}

/// How long something took, over all days and by day.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct DurationOf {
    all: DurationPercentiles,
    /// By the day (UTC) that it ended on; days without any are left out.
    days: BTreeMap<String, DurationPercentiles>,
}

/// Durations in milliseconds. DurationPercentiles are at most a twentieth too large; none of none.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct DurationPercentiles {
    count: i64,
    mean_ms: Option<i64>,
    p50_ms: Option<i64>,
    p90_ms: Option<i64>,
    p95_ms: Option<i64>,
    p99_ms: Option<i64>,
}

impl DashboardView {
    pub(super) fn of(process: &Process, runs: &[Run], statistics: RunStatistics) -> Self {
        let (id, name) = (process.id, process.name.clone());
        let runs = runs.iter().map(|run| RunSummary {
            id: run.id(),
            entity_id: run.entity_id.clone(),
            entity_name: run.entity_name.clone(),
            status: run.status,
            success_rate: run.success_rate(),
        });
        Self {
            process: ProcessSummary { id, name, total_steps: process.steps.len() },
            runs: runs.collect(),
            statistics,
        }
    }
}

impl OverviewView {
    pub(super) fn of(process: Process, runs: &[Run], statistics: RunStatistics) -> Result<Self> {
        let runs = runs.iter().map(RunView::of).collect::<Result<_>>()?;
        Ok(Self { process: ProcessView::of(process)?, runs, statistics })
    }
}

impl DurationsView {
    pub(super) fn new(process: &Process, from: &str, to: &str) -> Self {
        Self {
            process_id: process.id,
            from: from.to_owned(),
            to: to.to_owned(),
            runs: DurationOf::default(),
            steps: Vec::new(),
        }
    }

    /// Adds what was found of the runs, or of a step.
    pub(super) fn add(&mut self, step: Option<&Step>, by_day: &BTreeMap<String, Durations>) {
        let mut all = Durations::default();
        by_day.values().for_each(|day| all.add(day));
        let days =
            by_day.iter().map(|(day, of)| (day.clone(), DurationPercentiles::of(of))).collect();
        let durations = DurationOf { all: DurationPercentiles::of(&all), days };
        match step {
            None => self.runs = durations,
            Some(step) => {
                let (step_id, name) = (step.id, step.name.clone());
                self.steps.push(StepDuration { step_id, name, durations });
            }
        }
    }
}

impl DurationPercentiles {
    fn of(durations: &Durations) -> Self {
        Self {
            count: durations.count(),
            mean_ms: durations.mean_ms(),
            p50_ms: durations.percentile_ms(50),
            p90_ms: durations.percentile_ms(90),
            p95_ms: durations.percentile_ms(95),
            p99_ms: durations.percentile_ms(99),
        }
    }
}
