//! Workflows of Microsoft Teams whose trigger is "When a Teams webhook request is
//! received", and the connectors before them.
//! Source: learn.microsoft.com, "Create incoming webhooks with Workflows" and "Create and
//! send messages with incoming webhooks".

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::Value;

use crate::fault::misbehave;
use crate::{Faults, Server};

/// The largest body that it takes, in bytes.
const LARGEST: usize = 28 * 1024;
/// A query that an address has, with characters that must stay as they are.
const QUERY: &str = "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=a-b_c%2Bd%2Fe";

/// A running workflow, and one before it was one.
pub struct Teams {
    server: Server,
    state: Arc<Mutex<Vec<Value>>>,
    /// What goes wrong next.
    pub faults: Faults,
}

impl Teams {
    /// Starts one on any free port.
    pub async fn start() -> std::io::Result<Self> {
        let (state, faults) = (Arc::<Mutex<Vec<Value>>>::default(), Faults::default());
        let router = Router::new()
            .route("/workflows/{id}/triggers/manual/paths/invoke", post(run))
            .route("/webhookb2/{group}/IncomingWebhook/{id}/{owner}", post(connect))
            .layer(from_fn_with_state(faults.clone(), misbehave))
            .with_state(state.clone());
        let server = Server::start(router, 0).await?;
        Ok(Self { server, state, faults })
    }

    /// The address of its workflow, signature and all.
    pub fn workflow(&self) -> String {
        format!("{}/workflows/1a2b/triggers/manual/paths/invoke?{QUERY}", self.server.url())
    }

    /// The address of its connector.
    pub fn connector(&self) -> String {
        format!("{}/webhookb2/group/IncomingWebhook/1a2b/owner", self.server.url())
    }

    /// The cards that it took, in order: subject and text of each.
    pub fn cards(&self) -> Vec<(String, String)> {
        let text = |block: &Value| {
            let runs = block["inlines"].as_array().into_iter().flatten();
            runs.filter_map(|run| run["text"].as_str()).collect()
        };
        let cards = locked(&self.state);
        cards.iter().map(|card| (text(&card["body"][0]), text(&card["body"][1]))).collect()
    }
}

fn locked(cards: &Mutex<Vec<Value>>) -> MutexGuard<'_, Vec<Value>> {
    cards.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn run(
    State(cards): State<Arc<Mutex<Vec<Value>>>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if query.as_deref() != Some(QUERY) {
        let told = "The request signature is not valid.";
        return (StatusCode::UNAUTHORIZED, told).into_response();
    }
    if body.len() > LARGEST {
        return (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity too large").into_response();
    }
    match card(&headers, &body) {
        Some(card) => {
            locked(&cards).push(card);
            StatusCode::ACCEPTED.into_response()
        }
        None => (StatusCode::BAD_REQUEST, "TriggerInputSchemaMismatch").into_response(),
    }
}

/// A connector answers 200 whatever becomes of it.
async fn connect(
    State(cards): State<Arc<Mutex<Vec<Value>>>>,
    Path(_): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let failed = |status: u16| {
        let told = "Webhook message delivery failed with error: Microsoft Teams endpoint returned \
            HTTP error";
        format!("{told} {status} with ContextId tcid=1.").into_response()
    };
    if body.len() > LARGEST {
        return failed(413);
    }
    match card(&headers, &body) {
        Some(card) => {
            locked(&cards).push(card);
            "1".into_response()
        }
        None => failed(400),
    }
}

/// The Adaptive Card of a message; none when it is no message with one.
fn card(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let media_type = headers.get("content-type")?.to_str().ok()?;
    let message: Value = serde_json::from_slice(body).ok()?;
    let [attachment] = message["attachments"].as_array()?.as_slice() else { return None };
    let card = &attachment["content"];
    let blocks = card["body"].as_array()?;
    // Of a card's blocks, it knows that of text without mark-up.
    let is_run = |run: &Value| run["type"] == "TextRun" && run["text"].is_string();
    let is_text = |block: &Value| {
        let runs = block["inlines"].as_array();
        block["type"] == "RichTextBlock" && runs.is_some_and(|runs| runs.iter().all(is_run))
    };
    let fits = media_type.starts_with("application/json")
        && message["type"] == "message"
        && attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        && card["type"] == "AdaptiveCard"
        && card["version"] == "1.2"
        && !blocks.is_empty()
        && blocks.iter().all(is_text);
    fits.then(|| card.clone())
}
