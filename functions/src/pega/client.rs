//! Pega DX API v1: signing in, and notes on cases. Notes are Pulse messages,
//! which is the only note that v1 knows (`POST /messages`).

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::clock::{Clock, millis};
use shared::env::Env;
use shared::error::Result;
use shared::outbound::{Call, CallError, Method, Outbound, Outcome, Reply, StatusCode};
use shared::vault::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::settings::{Access, Settings, Source};

/// A token is renewed this long before it ends.
const EARLY: Duration = Duration::from_secs(60);
/// Notes that are looked through for a mark: the newest of the case.
const LOOKED_THROUGH: &str = "100";

/// The client. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pega {
    outbound: Outbound,
    source: Source,
    clock: Clock,
    token: Arc<Mutex<Option<Token>>>,
}

struct Token {
    text: SecretString,
    until: i64,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<u64>,
}

impl Pega {
    /// Needs Pega's credentials, from the vault or the variables.
    pub fn load(env: &Env) -> Result<Self> {
        Ok(Self {
            outbound: env.outbound()?,
            source: Source::of(env)?,
            clock: env.clock(),
            token: Arc::default(),
        })
    }

    /// Whether there is a Pega to talk to.
    pub async fn configured(&self) -> Result<bool> {
        Ok(self.source.read().await?.is_some())
    }

    /// Adds a note to a case.
    pub async fn add_note(&self, case_id: &str, text: &str) -> Result<(), CallError> {
        let body = json!({"postMessage": {"context": case_id, "message": text}});
        let post =
            |url: &str| self.outbound.call(Method::POST, &format!("{url}/messages")).json(&body);
        let reply = self.send(post).await?;
        // Only this says that there is a note now; a login page is a 200 as well.
        if reply.status == StatusCode::CREATED { Ok(()) } else { Err(failure(&reply, "the note")) }
    }

    /// Whether one of the case's newest notes holds this text.
    pub async fn has_note(&self, case_id: &str, text: &str) -> Result<bool, CallError> {
        let query = [("filterBy", "context"), ("filterFor", case_id), ("pageSize", LOOKED_THROUGH)];
        let get =
            |url: &str| self.outbound.call(Method::GET, &format!("{url}/messages")).query(&query);
        let reply = self.send(get).await?;
        if !reply.status.is_success() {
            return Err(failure(&reply, "the list of notes"));
        }
        // The list's shape differs between releases; the mark is looked for in its text.
        Ok(String::from_utf8_lossy(&reply.body).contains(text))
    }

    /// Sends a call, signed in; when Pega refuses the credential, once more with a
    /// fresh one.
    async fn send(&self, call: impl Fn(&str) -> Call) -> Result<Reply, CallError> {
        let reply = self.send_once(&call).await?;
        if reply.status != StatusCode::UNAUTHORIZED {
            return Ok(reply);
        }
        self.token.lock().await.take();
        self.source.forget().await;
        self.send_once(&call).await
    }

    async fn send_once(&self, call: &impl Fn(&str) -> Call) -> Result<Reply, CallError> {
        let settings = self.source.read().await.map_err(|error| {
            CallError::new(Outcome::NotDone, format!("no credentials for Pega: {}", error.detail))
        })?;
        let settings = settings
            .ok_or_else(|| CallError::new(Outcome::Refused, "Pega client not configured"))?;
        let call = call(&settings.url).header("accept", "application/json");
        let call = match &settings.access {
            Access::Basic { username, password } => call.basic(username, password.expose_secret()),
            Access::Bearer(token) => call.bearer(token.expose_secret()),
            Access::Client { .. } => call.bearer(self.token(&settings).await?.expose_secret()),
        };
        call.send().await
    }

    /// The token of the client credentials, fetched when there is none or it ends soon.
    async fn token(&self, settings: &Settings) -> Result<SecretString, CallError> {
        let Access::Client { token_url, id, secret } = &settings.access else {
            return Err(CallError::new(Outcome::Refused, "no client credentials for Pega"));
        };
        let mut kept = self.token.lock().await;
        let now = self.clock.now_ms();
        if let Some(token) = kept.as_ref().filter(|token| token.until > now) {
            return Ok(token.text.clone());
        }
        let call = self.outbound.call(Method::POST, token_url).basic(id, secret.expose_secret());
        let reply = call.form(&[("grant_type", "client_credentials")]).send().await;
        let reply = reply.map_err(|error| CallError { outcome: Outcome::NotDone, ..error })?;
        if !reply.status.is_success() {
            return Err(token_failure(&reply));
        }
        let answer: TokenAnswer = serde_json::from_slice(&reply.body).map_err(|_| {
            CallError::new(Outcome::NotDone, "Pega's token endpoint answered without a token")
        })?;
        let lasts = Duration::from_secs(answer.expires_in.unwrap_or(3600)).saturating_sub(EARLY);
        let text = SecretString::from(answer.access_token);
        *kept = Some(Token { text: text.clone(), until: now + millis(lasts) });
        Ok(text)
    }
}

/// A call that Pega did not take, with its own words (DX API v1's `errors`).
fn failure(reply: &Reply, what: &str) -> CallError {
    let told = told(&reply.body);
    let status = reply.status.as_u16();
    reply.failure(format!("Pega did not take {what}: HTTP {status}{told}"))
}

/// A refused token call: only RFC 6749's two members are told, never the body.
fn token_failure(reply: &Reply) -> CallError {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let told = ["error", "error_description"].iter().filter_map(|name| body.get(name)?.as_str());
    let told: Vec<_> = told.collect();
    let status = reply.status.as_u16();
    let error = reply.failure(format!("Pega gave no token: HTTP {status} {}", told.join(": ")));
    // A token call changes nothing, whatever came of it.
    let refused = error.outcome == Outcome::Refused;
    CallError { outcome: if refused { Outcome::Refused } else { Outcome::NotDone }, ..error }
}

/// The ids and messages of an error body, after a colon; nothing if it has none.
fn told(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = body.get("errors").and_then(Value::as_array).into_iter().flatten();
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let told: Vec<String> = errors
        .flat_map(|error| {
            let fields = error.get("ValidationMessages").and_then(Value::as_array);
            let fields = fields.into_iter().flatten().filter_map(|m| text(m, "ValidationMessage"));
            [text(error, "ID"), text(error, "message")].into_iter().flatten().chain(fields)
        })
        .collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pegas_own_words_are_told_and_nothing_else_of_its_body() {
        let body = br#"{"errors":[{"ID":"Pega_API_055","message":"Validation messages found.",
            "ValidationMessages":[{"ValidationMessage":"Value cannot be blank","Path":".Name"}]}]}"#;
        assert_eq!(told(body), ": Pega_API_055 Validation messages found. Value cannot be blank");
        assert_eq!(told(b"<html>token=secret</html>"), "");
        assert_eq!(told(b""), "");
    }
}
