//! Use case: run a step again. A new step run takes the place of the one that failed, and
//! the job that has it done is written with it.

use serde_json::{Map, Value as Json, json};
use shared::env::Env;
use shared::error::{Error, Kind, Result};
use shared::idempotency::IdempotencyKey;
use shared::ids;
use shared::jobs::Lane;
use shared::queue::Hint;
use shared::table::{Cond, Item, Table};
use shared::web::{Caller, at_most};

use super::config::{AdapterName, RerunConfig, may_name};
use super::model::{Rerun, rerun_key};
use crate::messages::catalogue::STEP_RERUN;
use crate::processes::lane;
use crate::processes::runs::{Change, Run, RunStore, StepRun, StepStatus, unknown_step_run};

/// The largest metadata of a step run, in bytes.
const LARGEST_META: usize = 16 * 1024;
/// The longest reason, in bytes.
pub(super) const LONGEST_REASON: usize = 500;
/// The use cases of reruns. Cheap to clone.
#[derive(Clone)]
pub struct Reruns {
    pub(super) store: RunStore,
    pub(super) lane: Lane,
    control: Table,
}

/// A rerun as somebody wants it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What the new step run's metadata are.
    pub meta: Map<String, Json>,
    /// Why.
    pub reason: Option<String>,
    /// Members of the configuration that are otherwise this time.
    pub config: Map<String, Json>,
    /// The bulk rerun that it is of.
    pub bulk: Option<String>,
}

/// A rerun that has begun: the run, and the number of the new step run in it.
pub struct Begun {
    pub run: Run,
    pub number: i64,
    pub adapter: String,
}

impl Reruns {
    /// Needs all that runs need, and the queue of runs.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            store: RunStore::load(env)?,
            lane: lane(env)?,
            control: env.table("CONTROL_TABLE")?,
        })
    }

    /// Runs a step again, or answers what was begun under this key.
    ///
    /// # Errors
    /// `NotFound`; `Malformed` when it is not to be run again, as its contract words it;
    /// `Conflict` when it was; `Invalid`, naming the member.
    pub async fn rerun(
        &self,
        by: &Caller,
        id: i64,
        wanted: &Wanted,
        key: Option<IdempotencyKey>,
    ) -> Result<Begun> {
        wanted.check()?;
        let what = json!([id, wanted.meta, wanted.reason, wanted.config]).to_string();
        let digest = ids::hex_digest(what.as_bytes());
        if let Some(begun) = self.known(by, key.as_ref(), &digest).await? {
            return Ok(begun);
        }
        match self.begin(by, id, wanted, key.as_ref().map(|key| (key, &*digest))).await {
            // The same call at the same moment was faster.
            Err(error) if error.kind == Kind::Conflict => {
                self.known(by, key.as_ref(), &digest).await?.ok_or(error)
            }
            begun => begun,
        }
    }

    async fn begin(
        &self,
        by: &Caller,
        id: i64,
        wanted: &Wanted,
        key: Option<(&IdempotencyKey, &str)>,
    ) -> Result<Begun> {
        let (seen, number) = self.store.of_step_run(&by.tenant, id).await?;
        let act = |run: &mut Run, now| {
            let failed = run.step(number).cloned().ok_or_else(unknown_step_run)?;
            must_be_rerunnable(run, &failed)?;
            let config = wanted.over(&failed)?;
            let plan = RerunConfig::read("rerun_config", &config)?;
            if !wanted.config.is_empty() {
                may_name(by, &config)?;
            }
            if plan.adapter == AdapterName::AutomationServer && plan.workitem_id.is_none() {
                return Err(Error::malformed("Step run has no workitem_id in rerun_config"));
            }
            let next = run.add(|next| wanted.again(&failed, next, by, now))?;
            let step = run.step_mut(number)?;
            (step.superseded_by, step.updated_at) = (Some(next), now);
            let step = run.step(next).cloned().ok_or_else(unknown_step_run)?;
            let mut row = Rerun::new(by, run, &step, (&plan, &config), &self.lane.jobs.policy, now);
            row.bulk.clone_from(&wanted.bulk);
            let mut change = Change::of_step("step-run.rerun", STEP_RERUN, run, &step);
            let how = json!({
                "original_step_run_id": id, "adapter": row.adapter, "rerun_count": step.rerun_count,
            });
            for (name, value) in how.as_object().into_iter().flatten() {
                change.details[name] = value.clone();
                if let Some((_, told)) = &mut change.message {
                    told[name] = value.clone();
                }
            }
            change.details["bulk"] = json!(wanted.bulk);
            change.also.push(self.store.table.put(Item::of(&row)?, Some(Cond::Absent("pk"))));
            if let Some((key, digest)) = key {
                let (clock, made) = (&self.store.clock, run.step_run_id(next));
                change.also.push(key.remember(&self.control, &by.tenant, clock, made, digest)?);
            }
            Ok(Some(change))
        };
        let run = self.store.change(by, seen.id(), act).await?;
        let made = run.step(number).and_then(|step| step.superseded_by);
        let made = made.ok_or_else(|| Error::bug("a rerun that is not there"))?;
        let begun = self.begun(by, run, made).await?;
        self.lane.hint(Hint::at(rerun_key(&by.tenant, begun.run.step_run_id(made)))).await;
        Ok(begun)
    }

    /// What was begun under this key before.
    async fn known(
        &self,
        by: &Caller,
        key: Option<&IdempotencyKey>,
        digest: &str,
    ) -> Result<Option<Begun>> {
        let Some(key) = key else { return Ok(None) };
        let known = key.look_up(&self.control, &by.tenant, &self.store.clock).await?;
        let Some(known) = known else { return Ok(None) };
        if known.body != digest {
            let message = "was used before for another rerun";
            return Err(Error::invalid("header Idempotency-Key", message));
        }
        let (run, number) = self.store.of_step_run(&by.tenant, known.id).await?;
        self.begun(by, run, number).await.map(Some)
    }

    async fn begun(&self, by: &Caller, run: Run, number: i64) -> Result<Begun> {
        let row = self.find(&by.tenant, run.step_run_id(number)).await?;
        let adapter = row.map(|row| row.adapter).unwrap_or_default();
        Ok(Begun { run, number, adapter })
    }
}

/// That a step run may be run again: the contract's checks, in its order.
fn must_be_rerunnable(run: &Run, step: &StepRun) -> Result<()> {
    let told = if !step.can_rerun {
        "This step run cannot be rerun (can_rerun=False)".to_owned()
    } else if step.rerun_count >= step.max_reruns {
        format!("Maximum reruns ({}) exceeded for this step", step.max_reruns)
    } else if step.status != StepStatus::Failed {
        let status = step.status.name();
        format!("Step must be in FAILED status to be rerun (current: {status})")
    } else if let Some(newer) = step.superseded_by {
        let newer = run.step_run_id(newer);
        let told = format!("This step run was rerun already, as step run {newer}");
        return Err(Error::new(Kind::Conflict, told));
    } else {
        return Ok(());
    };
    Err(Error::malformed(told))
}

impl Wanted {
    fn check(&self) -> Result<()> {
        at_most(LONGEST_REASON, "reason", self.reason.as_deref().unwrap_or_default())?;
        at_most(LARGEST_META, "meta", &Json::Object(self.meta.clone()).to_string())?;
        Ok(())
    }

    /// The configuration of a step run, with what is otherwise this time.
    fn over(&self, step: &StepRun) -> Result<Map<String, Json>> {
        let mut config: Map<String, Json> =
            serde_json::from_str(&step.rerun_config).map_err(Error::internal)?;
        config.extend(self.config.clone());
        Ok(config)
    }

    /// The step run that is another try of this one.
    fn again(&self, failed: &StepRun, number: i64, by: &Caller, now: i64) -> StepRun {
        let mut meta = self.meta.clone();
        if let Some(reason) = &self.reason {
            meta.entry("rerun_reason").or_insert_with(|| json!(reason));
        }
        StepRun {
            number,
            status: StepStatus::Pending,
            started_at: None,
            finished_at: None,
            failure: None,
            meta: Json::Object(meta).to_string(),
            rerun_count: failed.rerun_count + 1,
            original: Some(failed.number),
            superseded_by: None,
            dismissed: None,
            last_modified_by: Some(by.actor.clone()),
            late_at: None,
            created_at: now,
            updated_at: now,
            ..failed.clone()
        }
    }
}
