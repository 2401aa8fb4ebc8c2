//! Use cases: say how a step of a run is going, and add one. How a change follows from what
//! is said is pure.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::web::{Caller, Changes, at_most, moment};
use utoipa::ToSchema;

use super::change::Change;
use super::create::Runs;
use super::model::{Run, StepRun, unknown_step_run};
use super::status::StepStatus;
use crate::messages::catalogue::STEP_UPDATED;
use crate::processes::definitions::{given, unknown_step};
use crate::processes::reruns::{RerunConfig, may_name};

/// The largest metadata, failure and configuration of a step run, in bytes.
const LARGEST: usize = 16 * 1024;
/// The longest name of whoever changed it.
const LONGEST_NAME: usize = 255;

/// How a step of a run is going; what is not named stays as it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepRunChange {
    pub(super) status: Option<StepStatus>,
    /// When it began: RFC 3339. The moment of the call, when it begins to run and nothing is
    /// given.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "2025-10-03T10:15:00Z")]
    started_at: Option<Option<String>>,
    /// When it ended; the moment of the call, when it ends and nothing is given.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "2025-10-03T10:17:30Z")]
    finished_at: Option<Option<String>>,
    /// Why it failed.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    failure: Option<Option<Json>>,
    /// Put over its metadata, member by member.
    #[schema(value_type = Option<Object>)]
    meta: Option<Map<String, Json>>,
    /// All of its configuration.
    #[schema(value_type = Option<Object>)]
    rerun_config: Option<Map<String, Json>>,
    #[schema(max_length = 255)]
    last_modified_by: Option<String>,
}

impl Changes for StepRunChange {
    const SHOWN_ONLY: &'static [&'static str] = &[
        "id",
        "run_id",
        "step_id",
        "step_index",
        "name",
        "can_rerun",
        "rerun_count",
        "max_reruns",
        "original_step_run_id",
        "superseded_by",
        "dismissed",
        "deadline_seconds",
        "late_at",
        "created_at",
        "updated_at",
    ];
}

/// A step run that is to be added to a run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStepRun {
    #[schema(example = 1)]
    run_id: i64,
    /// A step of the run's process.
    #[schema(example = 1)]
    step_id: i64,
    /// Its place; the step's when not given.
    #[schema(minimum = 0)]
    step_index: Option<i64>,
}

impl Runs {
    /// The run of this step run, and the step run's number in it.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) async fn of_step_run(&self, by: &Caller, id: i64) -> Result<(Run, i64)> {
        self.store.of_step_run(&by.tenant, id).await
    }

    /// Says how a step run is going.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound`.
    pub(super) async fn change_step(
        &self,
        by: &Caller,
        id: i64,
        change: &StepRunChange,
    ) -> Result<(Run, i64)> {
        let (run, number) = self.of_step_run(by, id).await?;
        if let Some(config) = &change.rerun_config {
            may_name(by, config)?;
        }
        let said = change.read()?;
        let act = |run: &mut Run, now| {
            if said.may_be_of_people() {
                run.must_be_of_somebody()?;
            }
            let step = run.step_mut(number)?;
            let seen = step.clone();
            said.apply(step, now)?;
            if *step == seen {
                return Ok(None);
            }
            step.updated_at = now;
            if said.last_modified_by.is_none() {
                step.last_modified_by = Some(by.actor.clone());
            }
            let step = step.clone();
            Ok(Some(Change::of_step("step-run.update", STEP_UPDATED, run, &step)))
        };
        Ok((self.store.change(by, run.id(), act).await?, number))
    }

    /// Adds a step run to a run.
    ///
    /// # Errors
    /// `NotFound` when there is no such run, or step of its process; `Conflict` when it has
    /// too many.
    pub(super) async fn add_step(&self, by: &Caller, new: &NewStepRun) -> Result<(Run, i64)> {
        if new.step_index.is_some_and(|index| index < 0) {
            return Err(Error::invalid("step_index", "must not be negative"));
        }
        let run = self.store.find(&by.tenant, new.run_id).await?;
        let process = self.processes.of_step(&by.tenant, new.step_id).await?;
        let step = process.step(new.step_id).filter(|_| process.id == run.process_id);
        let step = step.ok_or_else(unknown_step)?;
        let add = |run: &mut Run, now| {
            let number = run.add(|number| {
                let made = step.started(number, now);
                StepRun { step_index: new.step_index.unwrap_or(step.index), ..made }
            })?;
            let made = run.step(number).cloned().ok_or_else(unknown_step_run)?;
            Ok(Some(Change::of_step("step-run.create", STEP_UPDATED, run, &made)))
        };
        let run = self.store.change(by, run.id(), add).await?;
        let number = run.steps.iter().map(|step| step.number).max().unwrap_or(0);
        Ok((run, number))
    }
}

/// What was said of a step run, as it was checked. Moments are milliseconds since 1970.
struct Said {
    status: Option<StepStatus>,
    started_at: Option<Option<i64>>,
    finished_at: Option<Option<i64>>,
    failure: Option<Option<String>>,
    meta: Option<Map<String, Json>>,
    rerun_config: Option<String>,
    last_modified_by: Option<String>,
}

impl StepRunChange {
    fn read(&self) -> Result<Said> {
        let at = |field: &str, text: &Option<Option<String>>| -> Result<_> {
            let Some(text) = text else { return Ok(None) };
            let at = text.as_deref().map(|text| moment(field, text)).transpose()?;
            Ok(Some(at.map(|at| at.as_millisecond())))
        };
        let said = Said {
            status: self.status,
            started_at: at("started_at", &self.started_at)?,
            finished_at: at("finished_at", &self.finished_at)?,
            failure: self.failure.as_ref().map(failure).transpose()?,
            meta: self.meta.clone(),
            rerun_config: self.rerun_config.clone().map(config).transpose()?,
            last_modified_by: self.last_modified_by.clone(),
        };
        at_most(LONGEST_NAME, "last_modified_by", said.last_modified_by.as_deref().unwrap_or(""))?;
        if let (Some(Some(start)), Some(Some(end))) = (said.started_at, said.finished_at)
            && end < start
        {
            return Err(Error::invalid("finished_at", "must not be before started_at"));
        }
        let says_something = said.status.is_some()
            || said.started_at.is_some()
            || said.finished_at.is_some()
            || said.failure.is_some()
            || said.meta.is_some()
            || said.rerun_config.is_some()
            || said.last_modified_by.is_some();
        if says_something { Ok(said) } else { Err(Error::invalid("status", "is required")) }
    }
}

fn failure(failure: &Option<Json>) -> Result<Option<String>> {
    match failure {
        None => Ok(None),
        Some(Json::Object(members)) => {
            let text = Json::Object(members.clone()).to_string();
            at_most(LARGEST, "failure", &text)?;
            Ok(Some(text))
        }
        Some(Json::String(text)) => {
            at_most(LARGEST, "failure", text)?;
            Ok(Some(serde_json::json!({ "message": text }).to_string()))
        }
        Some(_) => Err(Error::invalid("failure", "must be an object or a text")),
    }
}

fn config(config: Map<String, Json>) -> Result<String> {
    RerunConfig::read("rerun_config", &config)?;
    let text = Json::Object(config).to_string();
    at_most(LARGEST, "rerun_config", &text)?;
    Ok(text)
}

impl Said {
    fn may_be_of_people(&self) -> bool {
        let fails = matches!(&self.failure, Some(Some(_)));
        fails || self.meta.is_some() || self.rerun_config.is_some()
    }

    /// What becomes of a step run at `now`.
    fn apply(&self, step: &mut StepRun, now: i64) -> Result<()> {
        if let Some(members) = &self.meta {
            let mut meta: Map<String, Json> =
                serde_json::from_str(&step.meta).map_err(Error::internal)?;
            meta.extend(members.clone());
            step.meta = Json::Object(meta).to_string();
            at_most(LARGEST, "meta", &step.meta)?;
        }
        if let Some(config) = &self.rerun_config {
            step.rerun_config.clone_from(config);
        }
        if let Some(name) = &self.last_modified_by {
            step.last_modified_by = Some(name.clone());
        }
        if let Some(status) = self.status {
            step.go_to(status, now);
        }
        step.started_at = self.started_at.unwrap_or(step.started_at);
        step.finished_at = self.finished_at.unwrap_or(step.finished_at);
        if let Some(failure) = &self.failure {
            step.failure.clone_from(failure);
        }
        Ok(())
    }
}

impl StepRun {
    /// Goes to a status at `now`: its moments follow, and what is no longer so is forgotten.
    pub fn go_to(&mut self, status: StepStatus, now: i64) {
        if self.status == status {
            return;
        }
        self.status = status;
        self.dismissed = None;
        if status != StepStatus::Failed {
            self.failure = None;
        }
        match status {
            StepStatus::Pending => (self.started_at, self.finished_at) = (None, None),
            StepStatus::Running => {
                (self.started_at, self.finished_at) = (Some(now), None);
                self.late_at = None;
            }
            StepStatus::Optional => self.finished_at = None,
            _ => self.finished_at = Some(now),
        }
    }
}
