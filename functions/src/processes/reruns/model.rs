//! The model: a rerun's row, which is also that of its job, and what it came to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Result};
use shared::jobs::{Job, Policy, Row, State};
use shared::table::Key;
use shared::tenant::Tenant;
use shared::web::Caller;
use utoipa::ToSchema;

use super::config::{AdapterName, RerunConfig};
use crate::processes::runs::{Run, StepRun, StepStatus};

/// What the partitions of reruns are called.
pub const RERUN: &str = "RERUN";

/// A rerun's row in the table `runs`. What may be about people stands on its step run alone.
/// Moments are milliseconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rerun {
    pk: String,
    sk: String,
    pub(super) run_id: i64,
    /// The number of the step run that it is of.
    pub(super) number: i64,
    /// Who asked for it, and under which correlation id.
    pub(super) by: String,
    pub(super) corr: String,
    /// The bulk rerun that it is of, if it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bulk: Option<String>,
    pub(super) adapter: String,
    /// How it is done, until it is done: a JSON object's text.
    pub(super) config: String,
    /// Calls that were answered badly or not at all.
    pub(super) tries: u32,
    /// When it was called first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) called_at: Option<i64>,
    /// What was answered, until the step run says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Outcome>,
    /// In what way it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failed_with: Option<String>,
    pub(super) created_at: i64,
    #[serde(flatten)]
    pub(super) job: Job,
}

/// What a rerun came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RerunOutcome)]
pub enum Outcome {
    /// Somebody was told, and has not begun.
    Told,
    /// Somebody has begun, and will say how it went.
    Running,
    /// It went well.
    Success,
    /// It failed.
    Failed,
    /// It was not done, as the step run was no longer to be run.
    NotNeeded,
}

/// What whoever runs a step again said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// How the step is going.
    pub status: StepStatus,
    /// Put over the step run's metadata, member by member.
    pub meta: Map<String, Json>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Json>,
    /// In what way the call failed, if that was why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_with: Option<String>,
}

impl Row for Rerun {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

impl Rerun {
    /// The rerun that a step run of this run is, to be done as this configuration says.
    pub(super) fn new(
        by: &Caller,
        run: &Run,
        step: &StepRun,
        (plan, config): (&RerunConfig, &Map<String, Json>),
        policy: &Policy,
        now: i64,
    ) -> Self {
        let id = run.step_run_id(step.number);
        let Key { pk, sk } = rerun_key(&by.tenant, id);
        // Looked for by the sweeper at once, whatever becomes of the hint.
        let job = Job::fresh(now, id, policy).not_before(now);
        // Nothing is called where people see it themselves.
        let done = Job { state: State::Done, due_shard: None, wake_at: None, ..job.clone() };
        let manual = plan.adapter == AdapterName::Manual;
        let config =
            if manual { "{}".to_owned() } else { Json::Object(config.clone()).to_string() };
        Self {
            pk,
            sk,
            run_id: run.id(),
            number: step.number,
            by: by.actor.clone(),
            corr: by.corr.clone(),
            bulk: None,
            adapter: plan.adapter.name().to_owned(),
            config,
            tries: 0,
            called_at: None,
            answer: None,
            outcome: manual.then_some(Outcome::Told),
            failed_with: None,
            created_at: now,
            job: if manual { done } else { job },
        }
    }

    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a rerun outside every tenant"))
    }

    /// How it is done.
    pub(super) fn plan(&self) -> Result<RerunConfig> {
        let members = serde_json::from_str(&self.config).map_err(Error::internal)?;
        RerunConfig::read("rerun_config", &members)
    }

    /// What was answered, if that does not stand on the step run yet.
    pub(super) fn answer(&self) -> Result<Option<Answer>> {
        self.answer.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)
    }
}

impl Answer {
    /// That a step is in this status, and nothing else.
    pub fn of(status: StepStatus) -> Self {
        Self { status, meta: Map::new(), failure: None, failed_with: None }
    }

    /// That it failed, with why.
    pub fn failed(failure: Json) -> Self {
        Self { failure: Some(failure), ..Self::of(StepStatus::Failed) }
    }

    /// The same without what may be about people, or large.
    #[must_use]
    pub fn bare(&self) -> Self {
        let failure = self.failure.as_ref().map(|_| json!({ "error": self.failed_with }));
        Self { meta: Map::new(), failure, ..self.clone() }
    }

    /// What the rerun came to.
    pub fn outcome(&self) -> Outcome {
        match self.status {
            StepStatus::Pending => Outcome::Told,
            StepStatus::Running => Outcome::Running,
            StepStatus::Failed => Outcome::Failed,
            _ => Outcome::Success,
        }
    }
}

/// Where the rerun is that a step run of this id is.
pub fn rerun_key(tenant: &Tenant, step_run: i64) -> Key {
    Key::alone(tenant.pk(RERUN, step_run))
}
