//! Use case: make a process, with the steps that it has from the beginning.

use shared::error::Result;
use shared::tenant::Tenant;
use shared::web::Caller;

use super::model::{Process, Step, process_key};
use super::store::Processes;
use super::wanted::{self, NewProcess, NewStep};
use crate::processes::reruns::may_name;

/// A process that is to be made, as it was checked.
pub(super) struct Plan {
    pub name: String,
    pub meta: String,
    pub steps: Vec<NewStep>,
    pub retention_months: Option<u32>,
    pub deadline_seconds: Option<i64>,
    pub template: Option<String>,
}

impl NewProcess {
    /// What is asked for, if it can be so.
    ///
    /// # Errors
    /// `Invalid`, naming the member.
    pub(super) fn read(self) -> Result<Plan> {
        wanted::count("steps", self.steps.len())?;
        numbered(self.steps.clone(), 0..)?;
        Ok(Plan {
            name: wanted::name("name", &self.name)?,
            meta: wanted::meta(self.meta)?,
            steps: self.steps,
            retention_months: wanted::retention(self.retention_months)?,
            deadline_seconds: wanted::deadline("deadline_seconds", self.deadline_seconds)?,
            template: None,
        })
    }
}

impl Processes {
    /// Makes a process.
    ///
    /// # Errors
    /// `TooLarge`.
    pub(super) async fn create(&self, by: &Caller, plan: Plan) -> Result<Process> {
        let tenant = &by.tenant;
        for step in &plan.steps {
            may_name(by, &step.rerun_config)?;
        }
        let mut ids = Vec::with_capacity(plan.steps.len());
        for _ in &plan.steps {
            ids.push(self.step_ids.next(tenant).await?);
        }
        let (id, now) = (self.ids.next(tenant).await?, self.clock.now_ms());
        let steps = numbered(plan.steps.clone(), ids.into_iter())?;
        let process = plan.made(tenant, id, steps, now);
        self.write_new(by, &process).await?;
        Ok(process)
    }
}

impl Plan {
    fn made(self, tenant: &Tenant, id: i64, steps: Vec<Step>, now: i64) -> Process {
        let key = process_key(tenant, id);
        Process {
            pk: key.pk,
            sk: key.sk,
            id,
            name: self.name,
            meta: self.meta,
            steps,
            version: 1,
            retention_months: self.retention_months,
            deadline_seconds: self.deadline_seconds,
            template: self.template,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }
}

/// The steps with these ids, in the order of their indices.
///
/// # Errors
/// `Invalid`, naming the member.
fn numbered(steps: Vec<NewStep>, ids: impl Iterator<Item = i64>) -> Result<Vec<Step>> {
    let mut next = 0;
    let mut made = Vec::with_capacity(steps.len());
    for ((at, step), id) in steps.into_iter().enumerate().zip(ids) {
        let step = step.read(&format!("steps[{at}]."), id, next)?;
        next = next.max(step.index + 1);
        made.push(step);
    }
    made.sort_by_key(|step| (step.index, step.id));
    Ok(made)
}
