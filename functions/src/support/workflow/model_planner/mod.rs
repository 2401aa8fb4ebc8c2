//! The language model beside the rules: it is asked over a connection, held to the form of
//! its answer, and may be stricter than the rules, never milder. It only says what it thinks
//! of a request; what is done is the rules' plan. An answer that is of no use leaves the
//! rules and a person.
//! Source of the protocol: OpenAI's chat completions with structured outputs.

mod answer;
mod merge;
mod prompt;
mod unfit;

use std::time::Duration;

use shared::env::Env;
use shared::error::Result;
use shared::outbound::{Method, Reply};
use shared::tenant::Tenant;
use tokio::time::{Instant, timeout};

use answer::{Answer, read_answer};
use merge::{fallback, merge};
use unfit::Unfit;

use super::assessment::Assessment;
use crate::integrations::connections::client::{Connectors, Request};
use crate::support::policies::{Model, Policies, Policy};
use crate::support::tickets::Ticket;

/// Where the protocol has it, behind the connection's address.
const PATH: &str = "/chat/completions";

/// What is left of a model's time when its call must have ended, so that the connection's
/// circuit breaker hears of it in time.
const RESERVE: Duration = Duration::from_millis(200);

/// Who asks. Cheap to clone.
#[derive(Clone)]
pub(super) struct ModelPlanner {
    connectors: Connectors,
}

impl ModelPlanner {
    /// Needs the tables `integrations` and `control`, and the vault.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self { connectors: Connectors::load(env)? })
    }

    /// What the rules and a model say of a ticket together; the rules and a person, when the
    /// model is of no use. Takes no longer than the model may think. Asking changes nothing,
    /// so that it may be repeated.
    pub async fn beside(
        &self,
        (file, model): (&Policies, &Model),
        (tenant, ticket): (&Tenant, &Ticket),
        rules: Assessment,
    ) -> Assessment {
        let cited = rules.citations.iter();
        let policies: Vec<&Policy> = cited.filter_map(|it| file.policy(&it.source)).collect();
        let answer = self.ask(tenant, model, &policies, ticket).await;
        match answer.map(|answer| answer.asking_once(ticket)) {
            Ok(answer) => merge(rules, answer, file.confidence_threshold, &model.model),
            Err(unfit) => {
                let (ticket, connection) = (&ticket.ticket_id, &model.connection);
                tracing::warn!(ticket, connection, reason = %unfit, "a language model was no use");
                fallback(rules, unfit)
            }
        }
    }

    async fn ask(
        &self,
        tenant: &Tenant,
        model: &Model,
        policies: &[&Policy],
        ticket: &Ticket,
    ) -> Result<Answer, Unfit> {
        let body = prompt::body(&model.model, policies, ticket.fields());
        let request = Request::new(Method::POST, PATH).json(body).once();
        let patience = Duration::from_secs(model.timeout_seconds);
        let call = self.call(tenant, &model.connection, request, patience.saturating_sub(RESERVE));
        let reply = timeout(patience, call).await.map_err(|_| Unfit::Late)??;
        read_answer(&reply.body, policies)
    }

    async fn call(
        &self,
        tenant: &Tenant,
        connection: &str,
        request: Request,
        time: Duration,
    ) -> Result<Reply, Unfit> {
        let until = Instant::now() + time;
        let connector = self.connectors.open(tenant, connection).await.map_err(Unfit::unopened)?;
        let left = until.saturating_duration_since(Instant::now());
        let reply = connector.call_within(request, left).await?;
        match reply.status.is_success() {
            true => Ok(reply),
            false => Err(Unfit::Status(reply.status.as_u16())),
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::tenant::Tenant;

    use crate::support::tickets::{Priority, Request, Ticket};

    /// A ticket that says this.
    pub fn ticket(description: &str) -> anyhow::Result<Ticket> {
        let request = Request {
            employee_id: "E1".to_owned(),
            request_type: "access".to_owned(),
            title: "Access".to_owned(),
            description: description.to_owned(),
            priority: Priority::Low,
            priority_said: "low".to_owned(),
            urgency: "normal".to_owned(),
            business_justification: None,
            desired_completion: None,
        };
        Ok(Ticket::new(&Tenant::parse("default")?, 1, "user:E1", request, 0))
    }
}
