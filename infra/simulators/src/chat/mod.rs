//! A language model behind OpenAI's chat protocol with structured outputs: it knows who
//! calls by a bearer key, refuses what the real one refuses in the same words, and answers
//! well, badly or not at all, as it is told to. It is asked for policies as JSON in the
//! system message, and decides about what the user message says.
//! Source: OpenAI's API reference, "Create chat completion", and its guide to structured
//! outputs.

mod asked;
mod say;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::authorization::credentials;
use crate::fault::misbehave;
use crate::{Fault, Faults, Server};

use asked::{Refusal, refusal};
pub use say::Say;

/// The key that it knows.
pub const KEY: &str = "sk-key-of-the-simulated-language-model";
/// The model that it has.
pub const MODEL: &str = "gpt-4o-mini";
/// Where it answers.
const PATH: &str = "/v1/chat/completions";

/// A running model.
pub struct Chat {
    server: Server,
    state: Arc<Conversations>,
    /// What goes wrong next.
    pub faults: Faults,
}

struct Conversations(Mutex<Known>);

struct Known {
    /// How it answers.
    say: Say,
    /// The bodies of the requests that it let in.
    asked: Vec<Value>,
}

impl Chat {
    /// Starts one on any free port, which answers well.
    pub async fn start() -> std::io::Result<Self> {
        let known = Known { say: Say::Decision(serde_json::json!({})), asked: Vec::new() };
        let (state, faults) = (Arc::new(Conversations(Mutex::new(known))), Faults::default());
        let router = Router::new()
            .route(PATH, post(complete).fallback(wrong_method))
            .fallback(unknown)
            .layer(from_fn_with_state(faults.clone(), misbehave))
            .with_state(state.clone());
        let server = Server::start(router, 0).await?;
        Ok(Self { server, state, faults })
    }

    /// What comes before `/chat/completions`.
    pub fn url(&self) -> String {
        format!("{}/v1", self.server.url())
    }

    /// Answers so from now on.
    pub fn says(&self, say: Say) {
        self.state.locked().say = say;
    }

    /// Does not answer the next request until it is told to; first it tells that the
    /// request is there.
    pub fn hangs(&self) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let at_once = Fault::Delay(std::time::Duration::ZERO);
        self.faults.plan_held("POST", PATH, at_once)
    }

    /// The bodies of the requests that it let in, oldest first.
    pub fn asked(&self) -> Vec<Value> {
        self.state.locked().asked.clone()
    }
}

impl Conversations {
    fn locked(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn complete(
    State(conversations): State<Arc<Conversations>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = match signed_in(&headers).and_then(|()| asked::read(&headers, &body)) {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    let mut known = conversations.locked();
    known.asked.push(asked.clone());
    known.say.answer(&asked, known.asked.len())
}

fn signed_in(headers: &HeaderMap) -> Result<(), Refusal> {
    let told = match credentials(headers) {
        Some(("Bearer", KEY)) => return Ok(()),
        // The real one masks what it was sent; this one is careless.
        Some((_, key)) => {
            let told = format!("Incorrect API key provided: {key}.");
            return Err(refusal(StatusCode::UNAUTHORIZED, &told).code("invalid_api_key"));
        }
        None => "You didn't provide an API key.",
    };
    Err(refusal(StatusCode::UNAUTHORIZED, told))
}

async fn wrong_method(method: Method) -> Response {
    let told = format!("Not allowed to {method} on {PATH}.");
    let refused = refusal(StatusCode::METHOD_NOT_ALLOWED, &told).code("method_not_supported");
    refused.into_response()
}

async fn unknown(method: Method, uri: Uri) -> Response {
    let told = format!("Invalid URL ({method} {})", uri.path());
    refusal(StatusCode::NOT_FOUND, &told).into_response()
}
