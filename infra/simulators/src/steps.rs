//! A system that runs steps again when it is told to: it knows its steps, does each thing
//! that it is asked under an idempotency key once, and answers the same to a repeat.
//! Source of what it is told: `rerun_config.api_endpoint` and the steps of tickets in README.md.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::at_once::{AtOnce, counted};
use crate::fault::misbehave;
use crate::{Faults, Server};

/// Members that it must be told of a step that is run again, and of one of a ticket.
const OF_RERUNS: &[&str] =
    &["step_run_id", "original_step_run_id", "run_id", "process_id", "step_id", "meta", "attempt"];
const OF_TICKETS: &[&str] = &["ticket_id", "step", "text", "employee_id", "request"];

/// A running system.
pub struct Steps {
    server: Server,
    state: Arc<Works>,
    /// What goes wrong next.
    pub faults: Faults,
}

struct Works {
    needed: &'static [&'static str],
    known: Mutex<Known>,
    at_once: AtOnce,
}

#[derive(Default)]
struct Known {
    /// What it answers to each step that it knows.
    steps: BTreeMap<String, (StatusCode, Value)>,
    /// What it did, in order, and under which key.
    done: Vec<(String, Value)>,
    /// Calls that came as far as being read.
    calls: usize,
}

impl Steps {
    /// Starts one on any free port that is told of steps that are run again.
    pub async fn start() -> std::io::Result<Self> {
        Self::told(OF_RERUNS).await
    }

    /// Starts one on any free port that is told of steps of tickets.
    pub async fn start_for_tickets() -> std::io::Result<Self> {
        Self::told(OF_TICKETS).await
    }

    async fn told(needed: &'static [&'static str]) -> std::io::Result<Self> {
        let state = Arc::new(Works { needed, known: Mutex::default(), at_once: AtOnce::default() });
        let faults = Faults::default();
        let router = Router::new()
            .route("/steps/{step}", post(run))
            .layer(from_fn_with_state(faults.clone(), misbehave))
            .layer(from_fn_with_state(state.at_once.clone(), counted))
            .with_state(state.clone());
        let server = Server::start(router, 0).await?;
        Ok(Self { server, state, faults })
    }

    /// From now on it knows this step, and answers so; its address.
    pub fn knows(&self, step: &str, status: StatusCode, body: Value) -> String {
        self.state.locked().steps.insert(step.to_owned(), (status, body));
        format!("{}/steps/{step}", self.server.url())
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What it was told of each thing that it did, in order.
    pub fn done(&self) -> Vec<Value> {
        self.state.locked().done.iter().map(|(_, told)| told.clone()).collect()
    }

    /// Under which keys it did them.
    pub fn keys(&self) -> Vec<String> {
        self.state.locked().done.iter().map(|(key, _)| key.clone()).collect()
    }

    /// The most calls that were under way at a time.
    pub fn most_at_once(&self) -> usize {
        self.state.at_once.most()
    }

    /// How many calls came as far as being read, repeats among them.
    pub fn calls(&self) -> usize {
        self.state.locked().calls
    }
}

impl Works {
    fn locked(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn run(
    State(works): State<Arc<Works>>,
    Path(step): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut known = works.locked();
    known.calls += 1;
    let Some((status, answer)) = known.steps.get(&step).cloned() else {
        return (StatusCode::NOT_FOUND, Json(json!({ "error": "no such step" }))).into_response();
    };
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if !header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let Some(key) = header("idempotency-key").filter(|key| !key.is_empty()) else {
        return (StatusCode::BAD_REQUEST, "no Idempotency-Key").into_response();
    };
    let told: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(missing) = works.needed.iter().find(|name| told[**name].is_null()) {
        return (StatusCode::UNPROCESSABLE_ENTITY, format!("no {missing}")).into_response();
    }
    if known.done.iter().all(|(one, _)| one != key) {
        known.done.push((key.to_owned(), told));
    }
    match answer {
        Value::Null => status.into_response(),
        answer => (status, Json(answer)).into_response(),
    }
}
