//! Processes, steps, versions and templates as the API shows them.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use shared::error::{Error, Result};
use shared::web::to_the_millisecond;
use utoipa::ToSchema;

use super::model::{Process, Step};
use super::store::Version;
use super::templates::Template;
use super::wanted::NewProcess;

/// A process.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessView {
    id: i64,
    name: String,
    #[schema(value_type = Object)]
    meta: Map<String, Json>,
    /// In the order of their indices.
    steps: Vec<StepView>,
    /// Which version it is, from 1; each change makes one.
    version: i64,
    /// The template that it was made of, and its version: `<id>@<version>`.
    template: Option<String>,
    retention_months: Option<u32>,
    deadline_seconds: Option<i64>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// A step of a process.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    id: i64,
    process_id: i64,
    index: i64,
    name: String,
    is_rerunnable: bool,
    #[schema(value_type = Object)]
    rerun_config: Map<String, Json>,
    deadline_seconds: Option<i64>,
}

/// A version that there was of a process.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    version: i64,
    /// Who made it.
    created_by: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// The process as it was.
    process: ProcessView,
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateView {
    id: i64,
    /// Which version it is, from 1.
    version: i64,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// What processes are made of it.
    definition: NewProcess,
}

impl ProcessView {
    /// Of this process.
    ///
    /// # Errors
    /// `Internal` when the row is broken.
    pub fn of(process: Process) -> Result<Self> {
        Ok(Self {
            meta: process.meta()?,
            steps: StepView::all_of(&process, |_| true)?,
            id: process.id,
            name: process.name,
            version: process.version,
            template: process.template,
            retention_months: process.retention_months,
            deadline_seconds: process.deadline_seconds,
            created_at: to_the_millisecond(process.created_at),
            updated_at: to_the_millisecond(process.updated_at),
        })
    }
}

impl StepView {
    /// Those of a process's steps that are wanted.
    ///
    /// # Errors
    /// `Internal` when the row is broken, here and below.
    pub(super) fn all_of(process: &Process, wanted: impl Fn(&Step) -> bool) -> Result<Vec<Self>> {
        let steps = process.steps.iter().filter(|step| wanted(step));
        steps.map(|step| Self::of(process.id, step)).collect()
    }

    pub(super) fn of(process_id: i64, step: &Step) -> Result<Self> {
        Ok(Self {
            id: step.id,
            process_id,
            index: step.index,
            name: step.name.clone(),
            is_rerunnable: step.is_rerunnable,
            rerun_config: serde_json::from_str(&step.rerun_config).map_err(Error::internal)?,
            deadline_seconds: step.deadline_seconds,
        })
    }
}

impl VersionView {
    pub(super) fn of(version: Version) -> Result<Self> {
        Ok(Self {
            version: version.version,
            created_by: version.by,
            created_at: to_the_millisecond(version.at),
            process: ProcessView::of(version.process)?,
        })
    }
}

impl TemplateView {
    pub(super) fn of(template: &Template) -> Result<Self> {
        Ok(Self {
            id: template.id,
            version: template.version,
            created_at: to_the_millisecond(template.created_at),
            updated_at: to_the_millisecond(template.updated_at),
            definition: template.definition()?,
        })
    }
}
