//! Tokens of OAuth 2.0 clients (RFC 6749, section 4.4): fetched once for all calls of
//! this process, and anew before they end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value as Json;
use shared::clock::Clock;
use shared::outbound::{CallError, Method, Outbound, Outcome, Reply};
use shared::turns::Turns;
use shared::vault::{ExposeSecret, SecretString};

use super::super::credentials::Client;

/// How long a token lasts if its answer does not say, and at most, in seconds.
const USUAL: u64 = 3600;
const LONGEST: u64 = 24 * 3600;
/// The part of its life after which a token is not used any more: between these, so that
/// not all processes fetch one in the same moment.
const EARLY: (f64, f64) = (0.8, 0.1);
/// What a token endpoint may say of a refusal (RFC 6749, section 5.2). Its other words
/// could quote what it was sent.
const REFUSALS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// The tokens of this process. Cheap to clone.
#[derive(Clone)]
pub(super) struct Tokens {
    kept: Arc<Mutex<HashMap<String, Token>>>,
    turns: Turns,
    clock: Clock,
}

struct Token {
    text: SecretString,
    /// Until when it is used, milliseconds since 1970.
    until: i64,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    token_type: Option<String>,
    /// A number, or one as text, which some servers send.
    expires_in: Option<Json>,
}

impl Tokens {
    /// None yet.
    pub fn new(clock: Clock) -> Self {
        Self { kept: Arc::default(), turns: Turns::default(), clock }
    }

    /// The token that is kept under this key, or a new one. Who asks while one is being
    /// fetched waits for that one.
    pub async fn of(
        &self,
        outbound: &Outbound,
        key: &str,
        client: &Client,
        time: Duration,
    ) -> Result<SecretString, CallError> {
        if let Some(token) = self.known(key) {
            return Ok(token);
        }
        let _turn = self.turns.take(key).await;
        if let Some(token) = self.known(key) {
            return Ok(token);
        }
        let now = self.clock.now_ms();
        let (text, lasts) = fetch(outbound, client, time).await?;
        let mut kept = self.kept();
        kept.retain(|_, token| token.until > now);
        kept.insert(key.to_owned(), Token { text: text.clone(), until: now + lasts });
        Ok(text)
    }

    /// Forgets a token that was refused, unless there is a newer one already.
    pub fn forget(&self, key: &str, refused: &SecretString) {
        let mut kept = self.kept();
        let is_it = |token: &Token| token.text.expose_secret() == refused.expose_secret();
        if kept.get(key).is_some_and(is_it) {
            kept.remove(key);
        }
    }

    fn known(&self, key: &str) -> Option<SecretString> {
        let (kept, now) = (self.kept(), self.clock.now_ms());
        kept.get(key).filter(|token| token.until > now).map(|token| token.text.clone())
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Token>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A new token, and for how many milliseconds it is used.
async fn fetch(
    outbound: &Outbound,
    client: &Client,
    time: Duration,
) -> Result<(SecretString, i64), CallError> {
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(client.scope.as_deref().map(|scope| ("scope", scope)));
    let call = outbound.call(Method::POST, &client.token_url).within(time);
    let call = call.basic(&client.id, client.secret.expose_secret()).form(&form);
    let call = call.header("accept", "application/json");
    // Whatever came of it: a token call changes nothing.
    let not_done = |error: CallError| match error.outcome {
        Outcome::Refused => error,
        _ => CallError { outcome: Outcome::NotDone, ..error },
    };
    let reply = call.send().await.map_err(not_done)?;
    if !reply.status.is_success() {
        return Err(refusal(&reply));
    }
    let answer = serde_json::from_slice::<Answer>(&reply.body).ok().filter(Answer::is_good);
    let answer = answer.ok_or_else(|| {
        let reason = "the token endpoint answered without a bearer token";
        CallError { outcome: Outcome::NotDone, ..reply.failure(reason.to_owned()) }
    })?;
    let lasts = answer.used_for();
    Ok((answer.access_token, lasts))
}

impl Answer {
    fn is_good(&self) -> bool {
        let bearer = self.token_type.as_ref().is_none_or(|of| of.eq_ignore_ascii_case("bearer"));
        let token = self.access_token.expose_secret();
        bearer && !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())
    }

    /// For how many milliseconds it is used.
    fn used_for(&self) -> i64 {
        let seconds = match &self.expires_in {
            Some(Json::String(text)) => text.parse().ok(),
            Some(number) => number.as_u64(),
            None => None,
        };
        let life = Duration::from_secs(seconds.unwrap_or(USUAL).min(LONGEST));
        shared::clock::millis(life.mul_f64(EARLY.0 + EARLY.1 * fastrand::f64()))
    }
}

fn refusal(reply: &Reply) -> CallError {
    let body: Json = serde_json::from_slice(&reply.body).unwrap_or_default();
    let told = body.get("error").and_then(Json::as_str);
    let told = told.and_then(|error| REFUSALS.into_iter().find(|known| *known == error));
    let status = reply.status.as_u16();
    let reason = match told {
        Some(told) => format!("the token endpoint gave no token: HTTP {status} {told}"),
        None => format!("the token endpoint gave no token: HTTP {status}"),
    };
    let passes = matches!(status, 408 | 425 | 429 | 500..=599);
    let outcome = if passes { Outcome::NotDone } else { Outcome::Refused };
    CallError { outcome, ..reply.failure(reason) }
}
