//! A receiver of webhooks: keeps what it takes, checks signatures with Standard Webhooks'
//! own library if it was given a secret, and misbehaves on demand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use bytes::Bytes;
use standardwebhooks::Webhook;
use tokio::sync::watch;

use crate::at_once::{AtOnce, counted};
use crate::fault::misbehave;
use crate::{Faults, Server};

/// The largest body that it takes, in bytes.
const LARGEST: usize = 1024 * 1024;

/// How long somebody waits for what is to come.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running receiver.
pub struct Receiver {
    server: Server,
    state: Arc<Ledger>,
    /// What goes wrong next.
    pub faults: Faults,
}

/// A request that it took.
#[derive(Clone, Debug)]
pub struct Taken {
    /// `POST` or another method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as sent.
    pub body: Bytes,
    /// When it was there whole.
    pub at: Instant,
}

struct Ledger {
    taken: watch::Sender<Vec<Taken>>,
    /// One of these must have signed; none when nothing is checked.
    secrets: Mutex<Vec<String>>,
    at_once: AtOnce,
}

impl Taken {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Receiver {
    /// Starts one on any free port that takes everything.
    pub async fn start() -> std::io::Result<Self> {
        Self::start_on(0).await
    }

    /// Starts one on this port.
    pub async fn start_on(port: u16) -> std::io::Result<Self> {
        let ledger = Ledger {
            taken: watch::Sender::default(),
            secrets: Mutex::default(),
            at_once: AtOnce::default(),
        };
        let (state, faults) = (Arc::new(ledger), Faults::default());
        let router = Router::new()
            .fallback(take)
            .layer(from_fn_with_state(faults.clone(), misbehave))
            .layer(from_fn_with_state(state.at_once.clone(), counted))
            .with_state(state.clone());
        let server = Server::start(router, port).await?;
        Ok(Self { server, state, faults })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// From now on it takes only what one of these secrets has signed just now, and
    /// answers 401 to all else.
    pub fn check(&self, secrets: &[&str]) {
        *self.state.secrets() = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    }

    /// What it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.taken.borrow().clone()
    }

    /// How many requests were under way at a time, at most.
    pub fn most_at_once(&self) -> usize {
        self.state.at_once.most()
    }

    /// Waits until it took this many, and answers all it took; fewer when they do not come.
    pub async fn took(&self, many: usize) -> Vec<Taken> {
        let mut taken = self.state.taken.subscribe();
        let enough = taken.wait_for(|taken| taken.len() >= many);
        // A test then fails at what is missing instead of waiting for ever.
        let _ = tokio::time::timeout(PATIENCE, enough).await;
        self.taken()
    }
}

impl Ledger {
    fn secrets(&self) -> MutexGuard<'_, Vec<String>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_signed(&self, headers: &HeaderMap, body: &Bytes) -> bool {
        let secrets = self.secrets();
        let signed = |secret: &String| {
            Webhook::new(secret).is_ok_and(|webhook| webhook.verify(body, headers).is_ok())
        };
        secrets.is_empty() || secrets.iter().any(signed)
    }
}

async fn take(State(ledger): State<Arc<Ledger>>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE };
    if !ledger.is_signed(&parts.headers, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let (method, headers) = (parts.method.to_string(), parts.headers);
    let taken = Taken { method, path, headers, body, at: Instant::now() };
    ledger.taken.send_modify(|all| all.push(taken));
    StatusCode::NO_CONTENT
}
