//! The model: a deadline's row, which is also that of its job, and what is made of a run
//! that missed it. Pure.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::error::{Error, Result};
use shared::jobs::{Job, Policy, Row};
use shared::table::{Item, Key};
use shared::tenant::Tenant;
use shared::web::to_the_millisecond;

use crate::messages::catalogue::DEADLINE_MISSED;
use crate::processes::runs::{Change, Run, StepRun, StepStatus};

/// What the partitions of deadlines are called.
pub const DEADLINE: &str = "DEADLINE";

/// A deadline's row in the table `runs`. Moments are milliseconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deadline {
    pk: String,
    sk: String,
    pub(super) run_id: i64,
    /// The number of the step run that it is of, and which start of it; the run's own
    /// without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<Start>,
    /// The moment.
    at: i64,
    #[serde(flatten)]
    job: Job,
}

/// One start of a step run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Start {
    number: i64,
    at: i64,
}

impl Row for Deadline {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    fn job(&self) -> &Job {
        &self.job
    }
}

/// The rows of the deadlines that came about when a run became `after`, which was `before`,
/// if it was: its own, and those of steps that started. Of a run that is restored all come
/// about anew, as nobody looked while it was deleted.
pub fn made(
    tenant: &Tenant,
    before: Option<&Run>,
    after: &Run,
    policy: &Policy,
    now: i64,
) -> Result<Vec<Item>> {
    let before = before.filter(|run| run.deleted_at.is_none());
    let own = after.deadline.filter(|_| before.is_none()).map(|at| (None, at));
    let started = after.steps.iter().filter_map(|step| {
        let (start, at) = deadline_of(step)?;
        let known = before.and_then(|run| deadline_of(run.step(step.number)?));
        (known != Some((start, at))).then_some((Some(start), at))
    });
    let rows = own.into_iter().chain(started);
    rows.map(|(step, at)| Item::of(&Deadline::new(tenant, after.id(), step, at, policy, now)))
        .collect()
}

/// Which start of a step run has a deadline now, and when that is.
fn deadline_of(step: &StepRun) -> Option<(Start, i64)> {
    let began = step.started_at.filter(|_| step.status == StepStatus::Running)?;
    let at = began.saturating_add(step.deadline_seconds?.saturating_mul(1000));
    Some((Start { number: step.number, at: began }, at))
}

impl Deadline {
    fn new(
        tenant: &Tenant,
        run_id: i64,
        step: Option<Start>,
        at: i64,
        policy: &Policy,
        now: i64,
    ) -> Self {
        let sk = match step {
            Some(Start { number, at }) => format!("{number}#{at}"),
            None => "run".to_owned(),
        };
        let job = Job::fresh(now, run_id, policy).not_before(at);
        Self { pk: tenant.pk(DEADLINE, run_id), sk, run_id, step, at, job }
    }

    /// Whose it is.
    pub(super) fn tenant(&self) -> Result<Tenant> {
        Tenant::of_pk(&self.pk).ok_or_else(|| Error::bug("a deadline outside every tenant"))
    }

    /// Marks what missed it at `now`, once; nothing when it was kept, or is of a start that
    /// was followed by another one.
    pub(super) fn missed(&self, run: &mut Run, now: i64) -> Result<Option<Change>> {
        let late = |finished_at: Option<i64>| finished_at.is_none_or(|end| end > self.at);
        let mut told = json!({
            "run_id": run.id(),
            "process_id": run.process_id,
            "entity_id": run.entity_id,
            "deadline": to_the_millisecond(self.at),
        });
        let subject = match self.step {
            None if run.late_at.is_none() && late(run.finished_at) => {
                run.late_at = Some(now);
                None
            }
            None => return Ok(None),
            Some(start) => {
                let id = run.step_run_id(start.number);
                let step = run.step_mut(start.number)?;
                let same = step.started_at == Some(start.at);
                if !same || step.late_at.is_some() || !late(step.finished_at) {
                    return Ok(None);
                }
                step.late_at = Some(now);
                told["step_run_id"] = json!(id);
                told["step_id"] = json!(step.step_id);
                told["step_name"] = json!(step.name);
                Some(format!("step-run:{id}"))
            }
        };
        let action = if subject.is_some() { "step-run.late" } else { "run.late" };
        let details = json!({ "run_id": run.id(), "deadline": to_the_millisecond(self.at) });
        let message = Some((DEADLINE_MISSED, told));
        Ok(Some(Change { subject, details, message, ..Change::of(action) }))
    }
}
