//! Slack's incoming webhooks: one channel an address, answers in plain text.
//! Source: docs.slack.dev, "Sending messages using incoming webhooks".

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::Value;

use crate::fault::misbehave;
use crate::{Faults, Server};

/// The longest text that it takes, in characters.
const LONGEST: usize = 40_000;

/// A running Slack.
pub struct Slack {
    server: Server,
    state: Arc<Workspace>,
    /// What goes wrong next.
    pub faults: Faults,
}

#[derive(Default)]
struct Workspace(Mutex<Known>);

#[derive(Default)]
struct Known {
    channels: BTreeMap<String, Channel>,
}

#[derive(Default)]
struct Channel {
    messages: Vec<Value>,
    /// What it answers instead of taking messages.
    refusal: Option<(StatusCode, &'static str)>,
}

impl Slack {
    /// Starts one on any free port, which takes messages however fast they come.
    pub async fn start() -> std::io::Result<Self> {
        let (state, faults) = (Arc::new(Workspace::default()), Faults::default());
        let router = Router::new()
            .route("/services/{team}/{bot}/{token}", post(take))
            .layer(from_fn_with_state(faults.clone(), misbehave))
            .with_state(state.clone());
        let server = Server::start(router, 0).await?;
        Ok(Self { server, state, faults })
    }

    /// The address of a new webhook of this channel.
    pub fn webhook(&self, channel: &str) -> String {
        let path = format!("T0000000/B{channel}/token-of-the-simulator");
        self.state.locked().channels.insert(path.clone(), Channel::default());
        format!("{}/services/{path}", self.server.url())
    }

    /// From now on the channel answers so; none lets it take messages again.
    pub fn refuse(&self, channel: &str, refusal: Option<(StatusCode, &'static str)>) {
        let mut known = self.state.locked();
        known.of(channel).refusal = refusal;
    }

    /// The messages of a channel, in order.
    pub fn messages(&self, channel: &str) -> Vec<Value> {
        self.state.locked().of(channel).messages.clone()
    }

    /// The texts of them.
    pub fn texts(&self, channel: &str) -> Vec<String> {
        let messages = self.messages(channel).into_iter();
        messages.map(|message| message["text"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Workspace {
    fn locked(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn of(&mut self, channel: &str) -> &mut Channel {
        let path = format!("T0000000/B{channel}/token-of-the-simulator");
        self.channels.entry(path).or_default()
    }
}

async fn take(
    State(workspace): State<Arc<Workspace>>,
    Path((team, bot, token)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut known = workspace.locked();
    let of_team = |path: &String| path.starts_with(&format!("{team}/"));
    if !known.channels.keys().any(of_team) {
        return (StatusCode::NOT_FOUND, "no_team").into_response();
    }
    let Some(channel) = known.channels.get_mut(&format!("{team}/{bot}/{token}")) else {
        let known_bot =
            known.channels.keys().any(|path| path.starts_with(&format!("{team}/{bot}/")));
        return match known_bot {
            true => (StatusCode::FORBIDDEN, "invalid_token").into_response(),
            false => (StatusCode::NOT_FOUND, "no_service").into_response(),
        };
    };
    if let Some(refusal) = channel.refusal {
        return refusal.into_response();
    }
    match checked(&headers, &body) {
        Ok(message) => {
            channel.messages.push(message);
            "ok".into_response()
        }
        Err(code) => (StatusCode::BAD_REQUEST, code).into_response(),
    }
}

/// The message, or what is wrong with it.
fn checked(headers: &HeaderMap, body: &[u8]) -> Result<Value, &'static str> {
    let media_type = headers.get("content-type").and_then(|value| value.to_str().ok());
    if !media_type.is_some_and(|kind| kind.starts_with("application/json")) {
        return Err("invalid_payload");
    }
    let message: Value = serde_json::from_slice(body).map_err(|_| "invalid_payload")?;
    let members = message.as_object().ok_or("invalid_payload")?;
    let text = members.get("text").and_then(Value::as_str).unwrap_or_default();
    let blocks = members.get("blocks");
    if blocks.is_some_and(|blocks| !blocks.is_array()) {
        return Err("invalid_blocks");
    }
    if text.is_empty() && blocks.is_none() {
        return Err("no_text");
    }
    if text.chars().count() > LONGEST {
        return Err("msg_too_long");
    }
    Ok(message)
}
