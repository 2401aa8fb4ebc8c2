//! An automation server: work items in queues, whose status clients with a bearer token set.
//! Source: what the clients of the process dashboard send to theirs; its refusals are those
//! of its framework (FastAPI).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::fault::misbehave;
use crate::{Faults, Server};

/// The token that it knows.
pub const TOKEN: &str = "token-of-the-automation-server";
/// What the status of a work item can be.
const STATUSES: [&str; 5] = ["new", "in progress", "completed", "failed", "pending user action"];

/// A running automation server.
pub struct Automation {
    server: Server,
    state: Arc<Queue>,
    /// What goes wrong next.
    pub faults: Faults,
}

#[derive(Default)]
struct Queue(Mutex<BTreeMap<i64, String>>);

impl Automation {
    /// Starts one on any free port.
    pub async fn start() -> std::io::Result<Self> {
        let (state, faults) = (Arc::new(Queue::default()), Faults::default());
        let router = Router::new()
            .route("/workitems/{id}/status", put(set_status))
            .layer(from_fn_with_state(faults.clone(), misbehave))
            .with_state(state.clone());
        let server = Server::start(router, 0).await?;
        Ok(Self { server, state, faults })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Adds a work item, or sets its status.
    pub fn put(&self, id: i64, status: &str) {
        self.state.locked().insert(id, status.to_owned());
    }

    /// The status of a work item.
    pub fn status(&self, id: i64) -> Option<String> {
        self.state.locked().get(&id).cloned()
    }
}

impl Queue {
    fn locked(&self) -> MutexGuard<'_, BTreeMap<i64, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn set_status(
    State(queue): State<Arc<Queue>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = headers.get("authorization").and_then(|value| value.to_str().ok());
    if signed != Some(&format!("Bearer {TOKEN}")) {
        return told(StatusCode::UNAUTHORIZED, "Invalid token");
    }
    let Ok(id) = id.parse() else {
        return told(StatusCode::UNPROCESSABLE_ENTITY, "id is no number");
    };
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let status = body["status"].as_str().filter(|status| STATUSES.contains(status));
    let Some(status) = status else {
        return told(StatusCode::UNPROCESSABLE_ENTITY, "status is none of a work item");
    };
    match queue.locked().get_mut(&id) {
        Some(item) => {
            status.clone_into(item);
            Json(json!({ "id": id, "status": status })).into_response()
        }
        None => told(StatusCode::NOT_FOUND, "Workitem not found"),
    }
}

fn told(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail }))).into_response()
}
