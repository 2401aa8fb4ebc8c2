//! Use cases: add a step to a process, change it, take it out. Runs keep the steps that they
//! started with.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use shared::error::{Error, Result};
use shared::table::Cond;
use shared::web::{Caller, Changes};
use utoipa::ToSchema;

use super::change::given;
use super::model::{Process, Step, unknown_step};
use super::store::{Deed, Processes, place};
use super::wanted::{self, NewStep};
use crate::processes::reruns::may_name;

/// A step that is to be added to a process.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddedStep {
    #[schema(example = 1)]
    pub(super) process_id: i64,
    /// Its place, from 0; behind the others when not given.
    #[schema(minimum = 0)]
    index: Option<i64>,
    #[schema(min_length = 1, max_length = 255, example = "Check credit")]
    name: String,
    /// Whether a failed try may be followed by another one.
    #[serde(default)]
    is_rerunnable: bool,
    /// How it is run again. At most 8 KiB.
    #[serde(default)]
    #[schema(value_type = Object)]
    rerun_config: Map<String, Json>,
    /// How long it may take from its start, in seconds, before it is told to be late.
    #[schema(minimum = 1)]
    deadline_seconds: Option<i64>,
}

/// What is changed of a step; what is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepChange {
    #[schema(minimum = 0)]
    index: Option<i64>,
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    is_rerunnable: Option<bool>,
    /// All of it; what is not in it is gone.
    #[schema(value_type = Option<Object>)]
    rerun_config: Option<Map<String, Json>>,
    /// In seconds; null for as long as it takes.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1)]
    deadline_seconds: Option<Option<i64>>,
}

impl Changes for StepChange {
    const SHOWN_ONLY: &'static [&'static str] = &["id", "process_id"];
}

impl AddedStep {
    fn into_new(self) -> NewStep {
        NewStep {
            index: self.index,
            name: self.name,
            is_rerunnable: self.is_rerunnable,
            rerun_config: self.rerun_config,
            deadline_seconds: self.deadline_seconds,
        }
    }
}

impl Processes {
    /// Adds a step, and answers it with its process.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound` when there is no such process.
    pub(super) async fn add_step(&self, by: &Caller, added: AddedStep) -> Result<(Process, i64)> {
        let process = self.find(&by.tenant, added.process_id).await?;
        let new = added.into_new();
        may_name(by, &new.rerun_config)?;
        new.clone().read("", 0, 0)?;
        let id = self.step_ids.next(&by.tenant).await?;
        let add = |process: &mut Process, _| {
            wanted::count("process_id", process.steps.len() + 1)?;
            let next = process.steps.iter().map(|step| step.index + 1).max().unwrap_or(0);
            let step = new.clone().read("", id, next)?;
            let mut deed = deed("step.create", &step);
            let place = place(&by.tenant, id, process.id)?;
            deed.also.push(self.table.put(place, Some(Cond::Absent("pk"))));
            process.steps.push(step);
            Ok(Some(deed))
        };
        Ok((self.change(by, process.id, add).await?, id))
    }

    /// Changes a step, and answers its process.
    ///
    /// # Errors
    /// `Invalid`, naming the member; `NotFound` when there is no such step.
    pub(super) async fn change_step(
        &self,
        by: &Caller,
        id: i64,
        change: &StepChange,
    ) -> Result<Process> {
        if let Some(config) = &change.rerun_config {
            may_name(by, config)?;
        }
        let process = self.of_step(&by.tenant, id).await?;
        let update = |process: &mut Process, _| {
            let found = process.steps.iter_mut().find(|step| step.id == id);
            let step = found.ok_or_else(unknown_step)?;
            let next = change.of(step)?;
            let changed = next != *step;
            *step = next;
            Ok(changed.then(|| deed("step.update", step)))
        };
        self.change(by, process.id, update).await
    }

    /// Takes a step out of its process.
    ///
    /// # Errors
    /// `NotFound` when there is no such step.
    pub(super) async fn remove_step(&self, by: &Caller, id: i64) -> Result<()> {
        let process = self.of_step(&by.tenant, id).await?;
        let remove = |process: &mut Process, _| {
            let at = process.steps.iter().position(|step| step.id == id);
            let step = process.steps.remove(at.ok_or_else(unknown_step)?);
            Ok(Some(deed("step.delete", &step)))
        };
        self.change(by, process.id, remove).await.map(drop)
    }
}

impl StepChange {
    fn of(&self, step: &Step) -> Result<Step> {
        let config: Map<String, Json> =
            serde_json::from_str(&step.rerun_config).map_err(Error::internal)?;
        let wanted = NewStep {
            index: self.index.or(Some(step.index)),
            name: self.name.clone().unwrap_or_else(|| step.name.clone()),
            is_rerunnable: self.is_rerunnable.unwrap_or(step.is_rerunnable),
            rerun_config: self.rerun_config.clone().unwrap_or(config),
            deadline_seconds: self.deadline_seconds.unwrap_or(step.deadline_seconds),
        };
        wanted.read("", step.id, step.index)
    }
}

fn deed(action: &'static str, step: &Step) -> Deed {
    Deed::of(action, json!({ "step_id": step.id, "name": step.name, "index": step.index }))
}
