//! HTTP calls to other systems: explicit timeouts, no redirects, no proxy, a cap
//! on what is read, and failures sorted by the one question that matters to a
//! retry: may it have happened?
//!
//! Addresses that the operator configured are called with [`Outbound::new`]; those that
//! users gave with [`Outbound::guarded`], which reaches public addresses alone.

mod cookies;
mod failure;
mod names;
mod targets;
mod tls;

pub use cookies::Jar;
pub use failure::{CallError, Class, Outcome};
pub use names::{Names, SystemNames};
pub use targets::{Place, Targets};

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::fmt::rfc2822;
pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
pub use reqwest::{Method, StatusCode};

use crate::boxed::Boxed;
use crate::error::{Error, Result};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Shorter texts are words that an answer may hold by chance.
const SHORTEST_SECRET: usize = 6;
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
    targets: Option<Targets>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, or the beginning of it if no more was to be kept.
    pub body: Bytes,
    /// Whether there was more of it.
    pub truncated: bool,
}

/// A call under construction.
pub struct Call {
    request: Result<reqwest::RequestBuilder, CallError>,
    gate: Option<Arc<dyn Gate>>,
    keep: Keep,
}

/// What becomes of an answer that is larger than it may be.
#[derive(Clone, Copy)]
enum Keep {
    /// It is a failure.
    AllOf(usize),
    /// Its beginning is kept.
    BeginningOf(usize),
}

impl Outbound {
    /// A client whose calls all pass `gate`, for addresses that the operator gave.
    pub fn new(gate: Option<Arc<dyn Gate>>) -> Result<Self> {
        let client = settings()?.build().map_err(Error::internal)?;
        Ok(Self { client, gate, targets: None })
    }

    /// A client that reaches `targets` alone, for addresses that users gave.
    pub fn guarded(gate: Option<Arc<dyn Gate>>, targets: Targets) -> Result<Self> {
        Self::patient(gate, targets, CONNECT_TIMEOUT)
    }

    /// The same for those that are slow: a connection may take this long to come about
    /// instead of the usual three seconds.
    pub fn patient(
        gate: Option<Arc<dyn Gate>>,
        targets: Targets,
        connect: Duration,
    ) -> Result<Self> {
        let settings = settings()?.dns_resolver(Arc::new(targets.clone()));
        let client = settings.connect_timeout(connect).build().map_err(Error::internal)?;
        Ok(Self { client, gate, targets: Some(targets) })
    }

    /// A call of this method to this address.
    pub fn call(&self, method: Method, url: &str) -> Call {
        let vetted = match &self.targets {
            // Names are vetted when they are resolved, where no answer can change any more.
            Some(targets) => targets.vet(url).map(|url| url.to_string()),
            None => Ok(url.to_owned()),
        };
        let request = vetted.map(|url| self.client.request(method, url));
        let request = request.map_err(|why| CallError::refused(Class::Target, why));
        Call { request, gate: self.gate.clone(), keep: Keep::AllOf(MAX_ANSWER) }
    }
}

/// What all clients have in common.
fn settings() -> Result<reqwest::ClientBuilder> {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes an HTTP client")]
    let builder = reqwest::Client::builder();
    Ok(builder
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_backend_preconfigured(tls::config()?)
        .user_agent(concat!("caseway/", env!("CARGO_PKG_VERSION"))))
}

impl Call {
    /// Adds a header; one that HTTP cannot carry fails the call.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|request| request.header(name, value))
    }

    /// Adds query parameters.
    #[must_use]
    pub fn query(self, pairs: &[(&str, &str)]) -> Self {
        self.with(|request| request.query(pairs))
    }

    /// HTTP Basic credentials.
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Self {
        self.with(|request| request.basic_auth(user, Some(password)))
    }

    /// A bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.with(|request| request.bearer_auth(token))
    }

    /// A JSON body.
    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.with(|request| request.json(body))
    }

    /// A form body.
    #[must_use]
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        self.with(|request| request.form(pairs))
    }

    /// A body of exactly these bytes.
    #[must_use]
    pub fn body(self, bytes: impl Into<Bytes>) -> Self {
        self.with(|request| request.body(bytes.into()))
    }

    /// Gives the whole exchange this time instead of the usual fifteen seconds.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        self.with(|request| request.timeout(time))
    }

    /// Takes an answer's body of up to this many bytes instead of the usual mebibyte.
    #[must_use]
    pub fn taking(self, most: usize) -> Self {
        Self { keep: Keep::AllOf(most), ..self }
    }

    /// Keeps this many bytes of the answer's body and leaves the rest unread.
    #[must_use]
    pub fn keeping(self, most: usize) -> Self {
        Self { keep: Keep::BeginningOf(most), ..self }
    }

    fn with(self, add: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder) -> Self {
        Self { request: self.request.map(add), ..self }
    }

    /// Sends the call and reads the answer, whatever its status.
    ///
    /// # Errors
    /// `Refused` when the address may not be called, `NotDone` when no connection came
    /// about, `InDoubt` when it broke later.
    pub async fn send(self) -> Result<Reply, CallError> {
        let Self { request, gate, keep } = self;
        let request = request?;
        if let Some(gate) = gate {
            gate.pass().await;
        }
        #[expect(clippy::disallowed_methods, reason = "the one place that sends")]
        let answer = request.send().await;
        let mut answer = answer.map_err(CallError::of)?;
        let mut body = BytesMut::new();
        let mut truncated = false;
        while let Some(chunk) = answer.chunk().await.map_err(CallError::of)? {
            body.extend_from_slice(&chunk);
            match keep {
                Keep::AllOf(most) if body.len() > most => return Err(CallError::too_large(most)),
                Keep::BeginningOf(most) if body.len() > most => {
                    body.truncate(most);
                    truncated = true;
                    break;
                }
                _ => {}
            }
        }
        let headers = std::mem::take(answer.headers_mut());
        Ok(Reply { status: answer.status(), headers, body: body.freeze(), truncated })
    }
}

impl Reply {
    /// The same answer, in whose body these secrets are not: a careless server says what it
    /// was sent.
    #[must_use]
    pub fn without<'a>(self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut body = self.body;
        for secret in secrets.into_iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
            let text = String::from_utf8_lossy(&body);
            if text.contains(secret) {
                body = Bytes::from(text.replace(secret, "…"));
            }
        }
        Self { body, ..self }
    }

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
        CallError { outcome, class: Class::Answer, reason, retry_after: self.retry_after() }
    }

    /// `Retry-After`, in seconds or as a moment, which is compared with the answer's own
    /// `Date` (RFC 9110, section 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        let text = |name| self.headers.get(name)?.to_str().ok();
        let asked = text("retry-after")?.trim();
        if let Ok(seconds) = asked.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let moment = |text: &str| Some(rfc2822::parse(text).ok()?.timestamp());
        moment(asked)?.duration_since(moment(text("date")?)?).try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(retry_after: &str, seconds: Option<u64>) -> anyhow::Result<()> {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", retry_after.parse()?);
        headers.insert("date", "Wed, 21 Oct 2026 07:28:00 GMT".parse()?);
        let (status, body) = (StatusCode::TOO_MANY_REQUESTS, Bytes::new());
        let reply = Reply { status, headers, body, truncated: false };
        assert_eq!(reply.retry_after(), seconds.map(Duration::from_secs), "{retry_after}");
        Ok(())
    }

    #[test]
    fn an_answer_does_not_repeat_what_it_was_sent() {
        let told = |body: &'static str, secrets: &[&str]| {
            let (status, headers) = (StatusCode::OK, HeaderMap::new());
            let reply = Reply { status, headers, body: Bytes::from(body), truncated: false };
            String::from_utf8_lossy(&reply.without(secrets.iter().copied()).body).into_owned()
        };
        assert_eq!(told("Cannot POST /T1/s3cretx s3cretx", &["s3cretx"]), "Cannot POST /T1/… …");
        assert_eq!(told("a word", &["a", "word"]), "a word");
    }

    #[test]
    fn when_to_try_again_is_told_in_seconds_or_as_a_moment() -> anyhow::Result<()> {
        check("120", Some(120))?;
        check(" 0 ", Some(0))?;
        check("Wed, 21 Oct 2026 07:30:00 GMT", Some(120))?;
        check("Wed, 21 Oct 2026 07:20:00 GMT", None)?;
        check("18446744073709551615", Some(u64::MAX))?;
        for none in ["-1", "1.5", "soon", ""] {
            check(none, None)?;
        }
        Ok(())
    }
}
