//! A call to a system that does a step, as an effect. The other side is sent the same
//! idempotency key at every attempt; whether it knows that decides whether a call that may
//! have happened is made again.

use serde_json::Value as Json;
use shared::error::{Error, Result};
use shared::jobs::{Claim, Effect, Failure, Repeat};
use shared::outbound::{CallError, Method, Outcome};
use shared::web::path_segment;

use super::errand::{Errand, How, Made};
use super::file::Call;
use super::{Outlets, of_step};
use crate::fill::{fill_whole, fill_with};
use crate::integrations::connections::client::{Connector, Failed, Request};

impl Outlets {
    /// Calls the system that does a step, under the claim of the step's job.
    ///
    /// # Errors
    /// A failure that names the step.
    pub async fn call(
        &self,
        errand: &Errand<'_>,
        call: &Call,
        claim: &Claim,
    ) -> Result<Made, Failure> {
        let opened = self.connectors.open(&errand.tenant, &call.connection).await;
        let connector = opened.map_err(|error| of_step(errand, error.into()))?;
        let path = path(call, errand).map_err(|error| of_step(errand, error.into()))?;
        let body = match &call.body {
            Some(body) => fill_whole(&Json::Object(body.clone()), errand.fields),
            None => errand.told.clone(),
        };
        let method = Method::from_bytes(call.method.as_bytes()).map_err(Error::internal)?;
        let request = Request::new(method, &path).json(body).once();
        let claim = claim.of_part(errand.name);
        let step_call = StepCall { connector: &connector, request };
        let done = match call.repeat.unwrap_or(true) {
            true => claim.perform(&Known(step_call)).await,
            false => claim.perform(&Unknown(step_call)).await,
        };
        let status = done.map_err(|failure| of_step(errand, failure))?;
        let detail = Some(format!("HTTP {status}"));
        Ok(Made { how: How::Done, at: self.clock.now_ms(), detail })
    }
}

/// The path of a call, of which each part that is filled in is a segment of its own.
///
/// # Errors
/// `Invalid`, naming the field, when it is missing, no text or number, or would lead
/// elsewhere.
fn path(call: &Call, errand: &Errand<'_>) -> Result<String> {
    let mut wrong = None;
    let path = fill_with(&call.path, |field| {
        let text = match errand.fields.get(field) {
            Some(Json::String(text)) => text.clone(),
            Some(Json::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        path_segment(field, &text).unwrap_or_else(|error| {
            wrong.get_or_insert(error);
            String::new()
        })
    });
    wrong.map_or(Ok(path), Err)
}

/// The call.
struct StepCall<'a> {
    connector: &'a Connector,
    request: Request,
}

/// To one who recognises the key.
struct Known<'a>(StepCall<'a>);

/// To one who does not.
struct Unknown<'a>(StepCall<'a>);

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
