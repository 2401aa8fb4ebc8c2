//! Whoever listens at a webhook is told, and says later how it went.

use shared::boxed::Boxed;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Failure};

use super::{Adapter, Called, Refusal, Task};
use crate::messages::Emitter;
use crate::messages::catalogue::STEP_RERUN;
use crate::processes::reruns::config::AdapterName;
use crate::processes::reruns::model::Answer;
use crate::processes::runs::StepStatus;

/// The adapter.
pub(super) struct ByWebhook(Emitter);

impl ByWebhook {
    pub fn load(env: &Env) -> Result<Self> {
        Emitter::load(env).map(Self)
    }

    /// Writes the message with the end of the attempt; its delivery is a job of its own.
    async fn tell(&self, task: &Task<'_>) -> Result<Called, Failure> {
        let webhook = task.plan.webhook_id.as_deref();
        let webhook = webhook.ok_or_else(|| Error::bug("a rerun without a webhook"))?;
        let told = self.0.to_one(task.tenant, STEP_RERUN, &task.told()?, webhook).await?;
        Ok(match told {
            Some(emission) => Called {
                answer: Ok(Answer::of(StepStatus::Pending)),
                record: self.0.record(emission),
            },
            None => Called::answered(Err(Refusal::for_good(
                "there is no such webhook, or it is not active",
            ))),
        })
    }
}

impl Adapter for ByWebhook {
    fn name(&self) -> AdapterName {
        AdapterName::Webhook
    }

    fn call<'a>(&'a self, task: &'a Task<'a>, _: &'a Claim) -> Boxed<'a, Result<Called, Failure>> {
        Box::pin(self.tell(task))
    }
}
