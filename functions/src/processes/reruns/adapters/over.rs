//! Calls over connections, as effects.

use shared::error::{Error, Kind};
use shared::jobs::{Effect, Failure, Repeat};
use shared::outbound::{CallError, Reply};
use shared::tenant::Tenant;
use std::time::Duration;

use super::Refusal;
use crate::integrations::connections::ConnectionStatus;
use crate::integrations::connections::client::{Connector, Connectors, Failed, Request};

/// A call over a connection. Its other side is sent the same key each time.
pub(super) struct Over<'a> {
    pub connector: &'a Connector,
    pub request: Request,
    pub time: Duration,
}

/// What the other side said; none of it when it was not asked.
pub(super) type Said = Result<Result<Reply, CallError>, Failure>;

impl Effect for Over<'_> {
    type Answer = Result<Reply, CallError>;
    type Error = Failure;
    const REPEAT: Repeat = Repeat::Keyed;

    async fn send(&self, key: &str) -> Said {
        let request = self.request.clone().header("idempotency-key", key).once();
        match self.connector.call_within(request, self.time).await {
            Ok(reply) => Ok(Ok(reply)),
            Err(Failed::Call(error)) => Ok(Err(error)),
            // It was not made, and is no try.
            Err(Failed::Held(held)) => Err(Failure {
                retry: true,
                retry_after: Some(held.retry_after),
                ..Failure::permanent(held.reason)
            }),
        }
    }
}

/// Opens the connection of this id, if it is in use.
pub(super) async fn open(
    connectors: &Connectors,
    tenant: &Tenant,
    id: &str,
) -> Result<Result<Connector, Refusal>, Error> {
    match connectors.open(tenant, id).await {
        Ok(connector) if connector.connection().status == ConnectionStatus::Inactive => {
            Ok(Err(Refusal::for_good("the connection is not active")))
        }
        Ok(connector) => Ok(Ok(connector)),
        Err(error) if error.kind == Kind::NotFound => {
            Ok(Err(Refusal::for_good("there is no such connection")))
        }
        Err(error) => Err(error),
    }
}
