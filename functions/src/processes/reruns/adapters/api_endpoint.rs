//! The outside system: whoever listens at the address that a step names.

use shared::boxed::Boxed;
use shared::env::Env;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Effect, Failure, Repeat};
use shared::outbound::{CallError, Method, Outbound, Reply};

use super::over::{Over, Said, open};
use super::{Adapter, Called, Refusal, Task, reply};
use crate::integrations::connections::client::{Connectors, Request};
use crate::processes::reruns::config::AdapterName;

/// The most that is read of an answer, in bytes.
const READ: usize = 64 * 1024;

/// The adapter.
pub(super) struct ApiEndpoint {
    outbound: Outbound,
    connectors: Connectors,
}

/// A call to an address that is no connection's.
struct Post<'a> {
    outbound: &'a Outbound,
    url: &'a str,
    task: &'a Task<'a>,
    body: serde_json::Value,
}

impl Effect for Post<'_> {
    type Answer = Result<Reply, CallError>;
    type Error = Failure;
    const REPEAT: Repeat = Repeat::Keyed;

    async fn send(&self, key: &str) -> Said {
        let call = self.outbound.call(Method::POST, self.url).json(&self.body);
        let call = call.header("accept", "application/json").header("idempotency-key", key);
        Ok(call.within(self.task.plan.timeout).keeping(READ).send().await)
    }
}

impl ApiEndpoint {
    pub fn load(env: &Env, connectors: Connectors) -> Result<Self> {
        Ok(Self { outbound: env.guarded_outbound()?, connectors })
    }

    async fn post(&self, task: &Task<'_>, claim: &Claim) -> Result<Called, Failure> {
        let (plan, body) = (task.plan, task.told()?);
        let url = plan.api_endpoint.as_deref();
        let url = url.ok_or_else(|| Error::bug("a rerun without an address"))?;
        let said = match &plan.connection_id {
            None => claim.perform(&Post { outbound: &self.outbound, url, task, body }).await?,
            Some(id) => match open(&self.connectors, task.tenant, id).await? {
                Err(refusal) => return Ok(Called::answered(Err(refusal))),
                Ok(connector) => {
                    let request = Request::new(Method::POST, url).json(body);
                    let over = Over { connector: &connector, request, time: plan.timeout };
                    claim.perform(&over).await?
                }
            },
        };
        let answer = said.map_err(Refusal::unanswered).and_then(|said| reply::read(&said));
        Ok(Called::answered(answer))
    }
}

impl Adapter for ApiEndpoint {
    fn name(&self) -> AdapterName {
        AdapterName::ApiEndpoint
    }

    fn call<'a>(
        &'a self,
        task: &'a Task<'a>,
        claim: &'a Claim,
    ) -> Boxed<'a, Result<Called, Failure>> {
        Box::pin(self.post(task, claim))
    }
}
