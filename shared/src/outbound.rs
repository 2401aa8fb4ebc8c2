//! HTTP calls to other systems: explicit timeouts, no redirects, no proxy, a cap
//! on what is read, and failures sorted by the one question that matters to a
//! retry: may it have happened?

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
pub use reqwest::{Method, StatusCode};

use crate::boxed::Boxed;
use crate::error::{Error, Result};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// The most that is read of an answer.
const MAX_ANSWER: usize = 1024 * 1024;

/// Holds a call back until what it rests on is safely stored.
pub trait Gate: Send + Sync {
    /// Returns when the call may leave the process.
    fn pass(&self) -> Boxed<'_, ()>;
}

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    client: reqwest::Client,
    gate: Option<Arc<dyn Gate>>,
}

/// A call that was not answered as hoped.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct CallError {
    /// Whether it may have happened all the same, and whether to try again.
    pub outcome: Outcome,
    /// What was answered, in one line.
    pub reason: String,
    /// When the other side asked to be tried again.
    pub retry_after: Option<Duration>,
}

/// What a failed call may have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing happened, and trying again will not help.
    Refused,
    /// Nothing happened; trying again may help.
    NotDone,
    /// It may have happened: the answer was lost, late or a server's failure.
    InDoubt,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// A call under construction.
pub struct Call {
    request: reqwest::RequestBuilder,
    gate: Option<Arc<dyn Gate>>,
}

impl Outbound {
    /// A client whose calls all pass `gate`.
    pub fn new(gate: Option<Arc<dyn Gate>>) -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "the one place that makes an HTTP client")]
        let builder = reqwest::Client::builder();
        let client = builder
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("caseway/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, gate })
    }

    /// A call of this method to this address.
    pub fn call(&self, method: Method, url: &str) -> Call {
        Call { request: self.client.request(method, url), gate: self.gate.clone() }
    }
}

impl Call {
    /// Adds a header; one that HTTP cannot carry fails the call.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Adds query parameters.
    #[must_use]
    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.request = self.request.query(pairs);
        self
    }

    /// HTTP Basic credentials.
    #[must_use]
    pub fn basic(mut self, user: &str, password: &str) -> Self {
        self.request = self.request.basic_auth(user, Some(password));
        self
    }

    /// A bearer token.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        self.request = self.request.bearer_auth(token);
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn json(mut self, body: &serde_json::Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// A form body.
    #[must_use]
    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        self.request = self.request.form(pairs);
        self
    }

    /// Sends the call and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// `NotDone` when no connection came about, `InDoubt` when it broke later.
    pub async fn send(self) -> Result<Reply, CallError> {
        let Self { request, gate } = self;
        if let Some(gate) = gate {
            gate.pass().await;
        }
        #[expect(clippy::disallowed_methods, reason = "the one place that sends")]
        let answer = request.send().await;
        let mut answer = answer.map_err(CallError::of)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(CallError::of)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                return Err(CallError::new(Outcome::InDoubt, "the answer is larger than 1 MiB"));
            }
        }
        let headers = std::mem::take(answer.headers_mut());
        Ok(Reply { status: answer.status(), headers, body: body.freeze() })
    }
}

impl Reply {
    /// The failure that this answer is, told as `reason`. A status of 408, 423, 425
    /// or 429 says that nothing was done yet, and so do a redirect (to maintenance,
    /// to a login) and a refused credential, which somebody will mend; other 4xx say
    /// that it will not be; anything else leaves it open.
    pub fn failure(&self, reason: String) -> CallError {
        let outcome = match self.status.as_u16() {
            300..=399 | 401 | 407 | 408 | 423 | 425 | 429 => Outcome::NotDone,
            400..=499 => Outcome::Refused,
            _ => Outcome::InDoubt,
        };
        CallError { outcome, reason, retry_after: self.retry_after() }
    }

    /// `Retry-After` in its seconds form.
    fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

impl CallError {
    /// A failure without an answer.
    pub fn new(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self { outcome, reason: reason.into(), retry_after: None }
    }

    /// Of a failed exchange. The address is left out: it may hold a secret.
    fn of(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let (outcome, what) = if error.is_builder() {
            (Outcome::Refused, "the call cannot be made")
        } else if error.is_connect() {
            (Outcome::NotDone, "no connection")
        } else if error.is_timeout() {
            (Outcome::InDoubt, "no answer in time")
        } else {
            (Outcome::InDoubt, "the connection broke")
        };
        Self::new(outcome, format!("{what}: {:#}", anyhow::Error::new(error)))
    }
}
