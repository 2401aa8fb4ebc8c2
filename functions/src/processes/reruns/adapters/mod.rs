//! Whoever runs steps again. Each is an adapter in the registry: to add one, implement
//! [`Adapter`], name it in [`super::config::AdapterName`], and list it in [`Adapters::load`].

mod api_endpoint;
mod automation_server;
mod over;
mod reply;
mod webhook;

use std::time::Duration;

use serde_json::{Map, Value as Json, json};
use shared::boxed::Boxed;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Failure, Record};
use shared::outbound::{CallError, Outcome};
use shared::tenant::Tenant;

use super::condition::Failed;
use super::config::{AdapterName, RerunConfig};
use super::model::Answer;
use crate::integrations::connections::client::Connectors;
use crate::processes::runs::{Run, StepRun, unknown_step_run};

/// One way to have a step run again.
pub trait Adapter: Send + Sync {
    /// What configurations call it.
    fn name(&self) -> AdapterName;

    /// Tells whoever runs the step, in one outside call at most.
    ///
    /// # Errors
    /// A fault of ours; what the other side says is in [`Called`].
    fn call<'a>(
        &'a self,
        task: &'a Task<'a>,
        claim: &'a Claim,
    ) -> Boxed<'a, Result<Called, Failure>>;
}

/// What is to be done.
pub struct Task<'a> {
    pub tenant: &'a Tenant,
    pub run: &'a Run,
    pub step: &'a StepRun,
    pub plan: &'a RerunConfig,
    /// Which call this is, from 1.
    pub attempt: u32,
}

/// What came of it.
pub struct Called {
    pub answer: Result<Answer, Refusal>,
    /// What is to be written with it.
    pub record: Record,
}

/// A call that was not answered, or answered badly.
#[derive(Debug)]
pub struct Refusal {
    pub failed: Failed,
    /// In one line.
    pub reason: String,
    /// When the other side asked to be tried again.
    pub retry_after: Option<Duration>,
    /// Whether it may have been done all the same.
    pub in_doubt: bool,
}

/// All adapters.
pub struct Adapters(Vec<Box<dyn Adapter>>);

impl Adapters {
    /// Needs the tables `integrations`, `control` and `messages`, the vault, and the queues
    /// of deliveries, of notices and of live messages.
    pub fn load(env: &Env) -> Result<Self> {
        let connectors = Connectors::load(env)?;
        Ok(Self(vec![
            Box::new(api_endpoint::ApiEndpoint::load(env, connectors.clone())?),
            Box::new(automation_server::AutomationServer(connectors)),
            Box::new(webhook::ByWebhook::load(env)?),
        ]))
    }

    /// The one of this name.
    pub fn of(&self, name: AdapterName) -> Result<&dyn Adapter> {
        let found = self.0.iter().find(|adapter| adapter.name() == name);
        found.map(AsRef::as_ref).ok_or_else(|| Error::bug("a rerun that nobody does"))
    }
}

impl Task<'_> {
    /// What is said of it to whoever does it.
    fn told(&self) -> Result<Json> {
        let Self { run, step, .. } = self;
        let original = step.original.ok_or_else(unknown_step_run)?;
        let meta: Map<String, Json> = serde_json::from_str(&step.meta).map_err(Error::internal)?;
        Ok(json!({
            "step_run_id": run.step_run_id(step.number),
            "original_step_run_id": run.step_run_id(original),
            "run_id": run.id(),
            "process_id": run.process_id,
            "step_id": step.step_id,
            "step_name": step.name,
            "subprocess_id": self.plan.subprocess_id,
            "entity_id": run.entity_id,
            "entity_name": run.entity_name,
            "meta": meta,
            "run_meta": run.meta()?,
            "attempt": self.attempt,
        }))
    }
}

impl Called {
    fn answered(answer: Result<Answer, Refusal>) -> Self {
        Self { answer, record: Record::default() }
    }
}

impl Refusal {
    /// Something that no further call changes.
    fn for_good(reason: impl Into<String>) -> Self {
        let failed = Failed { condition: None, status: None };
        Self { failed, reason: reason.into(), retry_after: None, in_doubt: false }
    }

    fn unanswered(error: CallError) -> Self {
        Self {
            failed: Failed::unanswered(&error),
            in_doubt: error.outcome == Outcome::InDoubt,
            reason: error.reason,
            retry_after: error.retry_after,
        }
    }
}
