//! The outside system: whoever listens at a webhook's address.

use std::time::{Duration, Instant};

use shared::clock::{Clock, millis};
use shared::error::Result;
use shared::outbound::{CallError, Method, Outbound, Reply};

use super::body::body;
use super::delivery::ErrorClass;
use super::endpoint::Endpoint;
use super::secrets::{Auth, Secrets};
use crate::messages::Message;

/// The most that is kept of an answer's body, in bytes.
const KEPT: usize = 64 * 1024;
/// What deliveries call themselves: as the service before this one did.
const AGENT: &str =
    concat!("WFM-Integration-Webhook/1.0 (Caseway/", env!("CARGO_PKG_VERSION"), ")");

/// What came of one attempt.
pub(super) struct Attempt {
    pub took_ms: i64,
    pub http_status: Option<u16>,
    /// The answer's body, as text; its beginning if it was long.
    pub response: Option<String>,
    /// Why it failed; none when the message was taken.
    pub failed: Option<Refusal>,
}

/// Why a message was not taken.
pub(super) struct Refusal {
    pub class: ErrorClass,
    pub reason: String,
    /// When the receiver asked to be tried again.
    pub retry_after: Option<Duration>,
    /// The receiver said that there is nothing at this address any more.
    pub gone: bool,
}

/// Delivers a message once. Only a status of 2xx says that it was taken.
pub(super) async fn deliver(
    outbound: &Outbound,
    clock: &Clock,
    endpoint: &Endpoint,
    secrets: &Secrets,
    message: &Message,
) -> Result<Attempt> {
    let (bytes, media_type) = body(endpoint, message)?;
    let signed = secrets.headers(&message.id, clock.now_ms(), &bytes)?;
    let method = if endpoint.method == "PUT" { Method::PUT } else { Method::POST };
    let mut call = outbound.call(method, &endpoint.url);
    let own = [("content-type", media_type), ("user-agent", AGENT)];
    let own = own.iter().filter(|(name, _)| !endpoint.headers.contains_key(*name));
    call = own.fold(call, |call, (name, value)| call.header(name, value));
    call = endpoint.headers.iter().fold(call, |call, (name, value)| call.header(name, value));
    call = signed.iter().fold(call, |call, (name, value)| call.header(name, value));
    call = match &secrets.auth {
        Auth::None => call,
        Auth::Basic { username, password } => call.basic(username, password),
        Auth::Bearer(token) => call.bearer(token),
        Auth::ApiKey(key) => call.header("x-api-key", key),
    };
    let time = Duration::from_secs(u64::from(endpoint.timeout_seconds));
    let began = Instant::now();
    let reply = call.body(bytes).within(time).keeping(KEPT).send().await;
    let took_ms = millis(began.elapsed());
    Ok(match reply {
        Ok(reply) => Attempt::answered(took_ms, &reply),
        Err(error) => Attempt::unanswered(took_ms, error),
    })
}

impl Attempt {
    /// Whether the receiver is not there, or not well, which its breaker counts.
    pub fn is_unwell(&self) -> bool {
        self.failed.as_ref().is_some_and(|refusal| match refusal.class {
            ErrorClass::Connection | ErrorClass::Timeout | ErrorClass::Broken => true,
            ErrorClass::Http => self.http_status.is_some_and(|status| status >= 500),
            _ => false,
        })
    }

    fn answered(took_ms: i64, reply: &Reply) -> Self {
        let status = reply.status;
        let mut response = String::from_utf8_lossy(&reply.body).into_owned();
        response.truncate(response.floor_char_boundary(KEPT));
        let failed = (!status.is_success()).then(|| Refusal {
            class: if status.is_redirection() { ErrorClass::Redirect } else { ErrorClass::Http },
            reason: format!("HTTP {}: {}", status.as_u16(), beginning(&response, 490)),
            retry_after: reply.failure(String::new()).retry_after,
            gone: status.as_u16() == 410,
        });
        Self { took_ms, http_status: Some(status.as_u16()), response: Some(response), failed }
    }

    fn unanswered(took_ms: i64, error: CallError) -> Self {
        let class = ErrorClass::from(error.class);
        let timeout = class == ErrorClass::Timeout;
        let reason = if timeout { "Request timeout".to_owned() } else { error.reason };
        let failed = Refusal { class, reason, retry_after: error.retry_after, gone: false };
        Self { took_ms, http_status: None, response: None, failed: Some(failed) }
    }
}

/// The first so many characters of a text.
pub(super) fn beginning(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
