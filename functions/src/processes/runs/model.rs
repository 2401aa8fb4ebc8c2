//! The model: a run with its step runs, one row, so that nobody ever sees one without the
//! other, or a status that its steps do not have.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::error::{Error, Kind, Result};
use shared::jobs::parked;
use shared::table::Key;
use shared::tenant::Tenant;

use super::status::{Moments, RunStatus, StepStatus};
use crate::processes::definitions::Process;
use crate::processes::figures::percent;

/// The kind of a run's partition key.
pub const RUN: &str = "RUN";
/// The list of runs with a failure that nobody took care of.
pub const UNRESOLVED: &str = "unresolved";
/// A step run's id is its run's, times this, and its number in the run.
const STEPS_A_RUN: i64 = 1000;
/// The most step runs that a run can have, attempts that were run again among them.
pub const MOST_STEPS: usize = 999;
/// The largest a run can be, in bytes of JSON: DynamoDB's rows have 400 KB.
pub const LARGEST: usize = 350 * 1024;

/// A run's row in the table `runs`. Moments are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pk: String,
    sk: String,
    /// Its number, larger for newer ones. Its place in lists, too.
    pub rank: i64,
    /// The process that it is of.
    pub process_id: i64,
    /// Which version of the process it is of.
    pub process_version: i64,
    /// What it is about.
    pub entity_id: String,
    /// What that is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_name: Option<String>,
    /// What the caller said of it: a JSON object's text.
    pub meta: String,
    /// As its steps are.
    pub status: RunStatus,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// The tries of its steps, in the order that they were made in.
    pub steps: Vec<StepRun>,
    /// Which change of it this is, from 1.
    pub version: i64,
    /// When it is to have ended, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<i64>,
    /// When it was found late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_at: Option<i64>,
    /// When it was deleted, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
    /// When whatever may be about people was taken out of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neutralised_at: Option<i64>,
    /// Partition of the index `by_status`, unless it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_status: Option<String>,
    /// Partition of the index `parked`, while a failure is unresolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parked: Option<String>,
}

/// One try of one step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRun {
    /// Its number in the run, from 1.
    pub number: i64,
    /// The step of the process.
    pub step_id: i64,
    /// Its place among the others.
    pub step_index: i64,
    /// What the step was called when it was made.
    pub name: String,
    /// How it is.
    pub status: StepStatus,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
    /// Why it failed: a JSON object's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What was said of it: a JSON object's text.
    pub meta: String,
    /// Whether another try may follow when it failed.
    pub can_rerun: bool,
    /// How it is run again: a JSON object's text.
    pub rerun_config: String,
    /// How many tries came before it.
    pub rerun_count: u32,
    /// How many tries may follow the first one.
    pub max_reruns: u32,
    /// The number of the step run that this one is another try of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<i64>,
    /// The number of the step run that is another try of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<i64>,
    /// That somebody said that its failure needs nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed: Option<Dismissal>,
    /// Who changed it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<String>,
    /// How long it may take, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<i64>,
    /// When it was found late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

/// Who said that a failure needs nothing more, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissal {
    /// Who.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Why.
    pub reason: String,
}

/// What a run is to be made of.
pub struct Start<'a> {
    /// The process.
    pub process: &'a Process,
    /// What it is about.
    pub entity_id: String,
    /// What that is called.
    pub entity_name: Option<String>,
    /// What the caller says of it.
    pub meta: &'a Map<String, Json>,
    /// When it is to have ended, if not as the process says.
    pub deadline: Option<i64>,
}

impl Run {
    /// A run that starts with a step run for each step of its process.
    pub fn new(tenant: &Tenant, id: i64, start: Start<'_>, now: i64) -> Self {
        let Key { pk, sk } = run_key(tenant, id);
        let process = start.process;
        let steps = process.steps.iter().zip(1..);
        let mut run = Self {
            pk,
            sk,
            rank: id,
            process_id: process.id,
            process_version: process.version,
            entity_id: start.entity_id,
            entity_name: start.entity_name,
            meta: Json::Object(start.meta.clone()).to_string(),
            status: RunStatus::Pending,
            started_at: None,
            finished_at: None,
            created_at: now,
            updated_at: now,
            steps: steps.map(|(step, number)| step.started(number, now)).collect(),
            version: 1,
            deadline: start.deadline.or_else(|| process.run_deadline(now)),
            late_at: None,
            deleted_at: None,
            neutralised_at: None,
            by_status: None,
            parked: None,
        };
        run.place(tenant);
        run
    }

    /// Its number.
    pub fn id(&self) -> i64 {
        self.rank
    }

    /// Its key.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    /// The id of one of its step runs.
    pub fn step_run_id(&self, number: i64) -> i64 {
        self.rank * STEPS_A_RUN + number
    }

    /// One of its step runs.
    pub fn step(&self, number: i64) -> Option<&StepRun> {
        self.steps.iter().find(|step| step.number == number)
    }

    /// One of its step runs, to be changed.
    ///
    /// # Errors
    /// `NotFound` when there is none with this number.
    pub fn step_mut(&mut self, number: i64) -> Result<&mut StepRun> {
        let found = self.steps.iter_mut().find(|step| step.number == number);
        found.ok_or_else(unknown_step_run)
    }

    /// Adds a step run, and says its number.
    ///
    /// # Errors
    /// `Conflict` when there are too many.
    pub fn add(&mut self, step: impl FnOnce(i64) -> StepRun) -> Result<i64> {
        if self.steps.len() >= MOST_STEPS {
            let told = format!("The run has {MOST_STEPS} step runs already, the most there can be");
            return Err(Error::new(Kind::Conflict, told));
        }
        let number = self.steps.iter().map(|step| step.number).max().unwrap_or(0) + 1;
        self.steps.push(step(number));
        Ok(number)
    }

    /// The step runs that count: those that were not run again since.
    pub fn current(&self) -> impl Iterator<Item = &StepRun> + Clone {
        self.steps.iter().filter(|step| step.superseded_by.is_none())
    }

    /// The next version of it at `now`, after its steps were changed: its status, moments
    /// and lists follow.
    pub fn settle(&mut self, tenant: &Tenant, now: i64) {
        let (from, to) = (self.status, RunStatus::of(self.current().map(|step| step.status)));
        let of_steps = Moments {
            started_at: self.steps.iter().filter_map(|step| step.started_at).min(),
            finished_at: self.current().filter_map(|step| step.finished_at).max(),
        };
        let seen = Moments { started_at: self.started_at, finished_at: self.finished_at };
        let moments = seen.moved(from, to, of_steps, now);
        self.status = to;
        self.started_at = moments.started_at;
        self.finished_at = moments.finished_at;
        self.updated_at = now;
        self.version += 1;
        self.place(tenant);
    }

    /// Puts it into the lists that it is to stand in.
    fn place(&mut self, tenant: &Tenant) {
        let live = self.deleted_at.is_none();
        self.by_status = live.then(|| by_status(tenant, self.process_id, self.status));
        let unresolved = live && self.unresolved().next().is_some();
        self.parked = unresolved.then(|| parked(tenant, UNRESOLVED));
    }

    /// Its failures that were neither run again nor dismissed.
    pub fn unresolved(&self) -> impl Iterator<Item = &StepRun> {
        self.current().filter(|step| step.is_unresolved())
    }

    /// Of its steps, how many in a hundred ended well, to one place behind the point; 0 when
    /// it has none.
    pub fn success_rate(&self) -> f64 {
        let count = |count| i64::try_from(count).unwrap_or(i64::MAX);
        let well = self.current().filter(|step| step.status == StepStatus::Success).count();
        percent(count(well), count(self.current().count()))
    }

    /// How long it took, in milliseconds, if it completed.
    pub fn took(&self) -> Option<i64> {
        let completed = self.status == RunStatus::Completed;
        Some(self.finished_at.filter(|_| completed)? - self.started_at?).filter(|ms| *ms >= 0)
    }

    /// What the caller said of it.
    ///
    /// # Errors
    /// `Internal` when the row is broken.
    pub fn meta(&self) -> Result<Map<String, Json>> {
        serde_json::from_str(&self.meta).map_err(Error::internal)
    }

    /// That it was not neutralised: nothing may be said of people in it any more.
    ///
    /// # Errors
    /// `Conflict`.
    pub fn must_be_of_somebody(&self) -> Result<()> {
        match self.neutralised_at {
            None => Ok(()),
            Some(_) => Err(Error::new(Kind::Conflict, "The run was neutralised")),
        }
    }

    /// How large its row is, in bytes.
    pub fn size(&self) -> Result<usize> {
        Ok(serde_json::to_vec(self).map_err(Error::internal)?.len())
    }

    /// That it fits into its row.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn must_fit(&self) -> Result<()> {
        if self.size()? > LARGEST {
            let told = format!("The run with its step runs would be larger than {LARGEST} bytes");
            return Err(Error::new(Kind::TooLarge, told));
        }
        Ok(())
    }
}

impl StepRun {
    /// Whether it failed, and nobody took care of that.
    pub fn is_unresolved(&self) -> bool {
        self.status == StepStatus::Failed
            && self.superseded_by.is_none()
            && self.dismissed.is_none()
    }

    /// How long it took, in milliseconds, if it ended well.
    pub fn took(&self) -> Option<i64> {
        let well = self.status == StepStatus::Success;
        Some(self.finished_at.filter(|_| well)? - self.started_at?).filter(|ms| *ms >= 0)
    }
}

/// Where a run is.
pub fn run_key(tenant: &Tenant, id: i64) -> Key {
    Key::alone(tenant.pk(RUN, id))
}

/// The run and the number in it that a step run's id says; none when nothing has this id.
pub fn step_run_of(id: i64) -> Option<(i64, i64)> {
    let (run, number) = (id / STEPS_A_RUN, id % STEPS_A_RUN);
    (run > 0 && number > 0).then_some((run, number))
}

/// The partition of the index `by_status` of a process's runs in this status.
pub fn by_status(tenant: &Tenant, process: i64, status: RunStatus) -> String {
    tenant.pk("RUNS", format!("{process}#{}", status.name()))
}

/// The answer for a run that is not there, deleted, or another tenant's.
pub fn unknown_run() -> Error {
    Error::not_found("Process run not found")
}

/// The answer for a step run that is not there, or another tenant's.
pub fn unknown_step_run() -> Error {
    Error::not_found("Process step run not found")
}
