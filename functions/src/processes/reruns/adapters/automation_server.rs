//! The outside system: an automation server, whose work items begin anew when their status
//! is set to `new`. Source: what the clients of the process dashboard send there.

use serde_json::json;
use shared::boxed::Boxed;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Failure};
use shared::outbound::Method;
use shared::tenant::Tenant;
use shared::web::path_segment;

use super::over::{Over, open};
use super::{Adapter, Called, Refusal, Task, reply};
use crate::integrations::connections::IntegrationType;
use crate::integrations::connections::client::{Connector, Connectors, Request};
use crate::processes::reruns::config::AdapterName;
use crate::processes::reruns::model::Answer;
use crate::processes::runs::StepStatus;

/// The adapter.
pub(super) struct AutomationServer(pub Connectors);

impl AutomationServer {
    async fn put(&self, task: &Task<'_>, claim: &Claim) -> Result<Called, Failure> {
        let plan = task.plan;
        let item = plan.workitem_id.as_deref();
        let item = item.ok_or_else(|| Error::bug("a rerun without a work item"))?;
        let Ok(item) = path_segment("workitem_id", item) else {
            let refusal = Refusal::for_good("workitem_id can be no part of a path");
            return Ok(Called::answered(Err(refusal)));
        };
        let connector = match self.server(task.tenant, plan.connection_id.as_deref()).await? {
            Ok(connector) => connector,
            Err(refusal) => return Ok(Called::answered(Err(refusal))),
        };
        let request = Request::new(Method::PUT, &format!("/workitems/{item}/status"));
        let request = request.json(json!({ "status": "new" }));
        let over = Over { connector: &connector, request, time: plan.timeout };
        let said = claim.perform(&over).await?;
        let answer = said.map_err(Refusal::unanswered).and_then(|said| match said.status {
            // Its body is the work item, and not what became of the step.
            status if status.is_success() => Ok(Answer::of(StepStatus::Pending)),
            _ => reply::read(&said),
        });
        Ok(Called::answered(answer))
    }

    /// The connection of this id, or the only one to an automation server.
    async fn server(
        &self,
        tenant: &Tenant,
        id: Option<&str>,
    ) -> Result<Result<Connector, Refusal>> {
        if let Some(id) = id {
            return open(&self.0, tenant, id).await;
        }
        let active = self.0.active(tenant, IntegrationType::AutomationServer).await?;
        match &*active {
            [only] => self.0.connect(tenant, only).await.map(Ok),
            [] => {
                Ok(Err(Refusal::for_good("there is no active connection to an automation server")))
            }
            _ => Ok(Err(Refusal::for_good(
                "there are several connections to automation servers, and connection_id names none",
            ))),
        }
    }
}

impl Adapter for AutomationServer {
    fn name(&self) -> AdapterName {
        AdapterName::AutomationServer
    }

    fn call<'a>(
        &'a self,
        task: &'a Task<'a>,
        claim: &'a Claim,
    ) -> Boxed<'a, Result<Called, Failure>> {
        Box::pin(self.put(task, claim))
    }
}
