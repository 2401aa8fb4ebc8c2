//! A call to a system that does a step of an event, as an effect. The other side is sent
//! the same idempotency key at every attempt; whether it knows that decides whether a call
//! that may have happened is made again.

use shared::jobs::{Effect, Repeat};
use shared::outbound::{CallError, Outcome};

use crate::integrations::connections::client::{Connector, Failed, Request};

/// The call.
pub(super) struct StepCall<'a> {
    pub connector: &'a Connector,
    pub request: Request,
}

/// To one who recognises the key.
pub(super) struct Known<'a>(pub StepCall<'a>);

/// To one who does not.
pub(super) struct Unknown<'a>(pub StepCall<'a>);

impl Effect for Known<'_> {
    type Answer = u16;
    type Error = CallError;
    const REPEAT: Repeat = Repeat::Keyed;

    async fn send(&self, key: &str) -> Result<u16, CallError> {
        self.0.send(key).await
    }
}

impl Effect for Unknown<'_> {
    type Answer = u16;
    type Error = CallError;
    const REPEAT: Repeat = Repeat::AtMostOnce;

    async fn send(&self, key: &str) -> Result<u16, CallError> {
        self.0.send(key).await
    }
}

impl StepCall<'_> {
    /// Makes it; answers the status of a success.
    async fn send(&self, key: &str) -> Result<u16, CallError> {
        let request = self.request.clone().header("idempotency-key", key);
        let reply = self.connector.call(request).await.map_err(|failed| match failed {
            Failed::Call(error) => error,
            Failed::Held(held) => CallError {
                retry_after: Some(held.retry_after),
                ..CallError::new(Outcome::NotDone, held.reason)
            },
        })?;
        let status = reply.status.as_u16();
        if reply.status.is_success() {
            return Ok(status);
        }
        Err(reply.failure(format!("the other side answered HTTP {status}")))
    }
}
