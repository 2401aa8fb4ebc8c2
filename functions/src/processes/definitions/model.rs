//! The model: a process with its steps, one row, and each version that there was of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::table::Key;
use shared::tenant::Tenant;

use crate::processes::runs::{StepRun, StepStatus};

/// How often a step may be run again, when its configuration does not say.
const RERUNS: u32 = 3;

/// A process's row in the table `runs`. Moments are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    pub(super) pk: String,
    pub(super) sk: String,
    /// Its number.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// What is said of it: a JSON object's text. Its member `run_metadata_schema` names the
    /// fields that its runs' metadata have, and their types.
    pub meta: String,
    /// In the order of their indices.
    pub steps: Vec<Step>,
    /// Which version of it this is, from 1.
    pub version: i64,
    /// After how many months its runs are neutralised; never when there is no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_months: Option<u32>,
    /// How long a run may take, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<i64>,
    /// The template that it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// When it was deleted, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
}

/// A step of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its number, among all steps of the tenant.
    pub id: i64,
    /// Its place in the process, from 0; several may share one.
    pub index: i64,
    /// What people call it.
    pub name: String,
    /// Whether a failed try may be followed by another one.
    pub is_rerunnable: bool,
    /// How it is run again: a JSON object's text.
    pub rerun_config: String,
    /// How long it may take, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<i64>,
}

impl Process {
    /// Its key.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    /// When a run that starts at `now` is to have ended.
    pub fn run_deadline(&self, now: i64) -> Option<i64> {
        self.deadline_seconds.map(|seconds| now.saturating_add(seconds.saturating_mul(1000)))
    }

    /// One of its steps.
    pub fn step(&self, id: i64) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// What is said of it.
    ///
    /// # Errors
    /// `Internal` when the row is broken.
    pub fn meta(&self) -> Result<Map<String, Json>> {
        serde_json::from_str(&self.meta).map_err(Error::internal)
    }
}

impl Step {
    /// The first try of this step in a run.
    pub fn started(&self, number: i64, now: i64) -> StepRun {
        StepRun {
            number,
            step_id: self.id,
            step_index: self.index,
            name: self.name.clone(),
            status: StepStatus::Pending,
            started_at: None,
            finished_at: None,
            failure: None,
            meta: "{}".to_owned(),
            can_rerun: self.is_rerunnable,
            rerun_config: self.rerun_config.clone(),
            rerun_count: 0,
            max_reruns: if self.is_rerunnable { self.max_reruns() } else { 0 },
            original: None,
            superseded_by: None,
            dismissed: None,
            last_modified_by: None,
            deadline_seconds: self.deadline_seconds,
            late_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// How often it may be run again: `max_retries` of its configuration.
    fn max_reruns(&self) -> u32 {
        let config: Option<Json> = serde_json::from_str(&self.rerun_config).ok();
        let most = config.as_ref().and_then(|config| config["max_retries"].as_u64());
        most.map_or(RERUNS, |most| u32::try_from(most).unwrap_or(u32::MAX))
    }
}

/// The partition of a tenant's processes.
pub(super) fn directory(tenant: &Tenant) -> String {
    tenant.pk("PROCESSES", "")
}

/// Where a process is.
pub fn process_key(tenant: &Tenant, id: i64) -> Key {
    Key { pk: directory(tenant), sk: format!("{id:012}") }
}

/// Where it is said which process a step is of.
pub(super) fn step_key(tenant: &Tenant, id: i64) -> Key {
    Key { pk: tenant.pk("STEPS", ""), sk: format!("{id:012}") }
}

/// The answer for a process that is not there, deleted, or another tenant's.
pub fn unknown_process() -> Error {
    Error::not_found("Process not found")
}

/// The answer for a step that is not there, or another tenant's.
pub fn unknown_step() -> Error {
    Error::not_found("Process step not found")
}
