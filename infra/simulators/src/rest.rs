//! Any other system with a REST API: it knows who calls by HTTP Basic, a bearer token, a
//! key in `X-API-Key` or a token of its own token endpoint (RFC 6749, client credentials
//! in the header), answers every path, and keeps what it was asked.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, Request, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::authorization::{basic, credentials};
use crate::fault::misbehave;
use crate::{Faults, Server};

/// User and password that it knows.
pub const USER: (&str, &str) = ("wfm_user", "secure-password-of-the-simulator");
/// The key that it knows.
pub const API_KEY: &str = "api-key-of-the-simulator";
/// The fixed token that it knows.
pub const BEARER: &str = "bearer-token-of-the-simulator";
/// OAuth client id and secret that it knows.
pub const CLIENT: (&str, &str) = ("caseway-client", "client-secret-of-the-simulator");

/// How long its tokens say that they last.
pub const LIFETIME_SECONDS: u64 = 3600;

/// A running system.
pub struct Rest {
    server: Server,
    state: Arc<State>,
    /// What goes wrong next.
    pub faults: Faults,
}

#[derive(Default)]
struct State(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Method and path with query of each call that was let in.
    asked: Vec<String>,
    tokens: BTreeSet<String>,
    token_calls: usize,
}

impl Rest {
    /// Starts one on any free port.
    pub async fn start() -> std::io::Result<Self> {
        let (state, faults) = (Arc::new(State::default()), Faults::default());
        let router = Router::new()
            .route("/oauth/token", post(token))
            .fallback(answer)
            .layer(from_fn_with_state(faults.clone(), misbehave))
            .with_state(state.clone());
        let server = Server::start(router, 0).await?;
        Ok(Self { server, state, faults })
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Its token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/oauth/token", self.server.url())
    }

    /// Method and path with query of each call that was let in, oldest first.
    pub fn asked(&self) -> Vec<String> {
        self.state.locked().asked.clone()
    }

    /// How often a token was asked for.
    pub fn token_calls(&self) -> usize {
        self.state.locked().token_calls
    }

    /// Makes every token given out so far invalid.
    pub fn expire_tokens(&self) {
        self.state.locked().tokens.clear();
    }
}

impl State {
    fn locked(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(Extracted(state): Extracted<Arc<State>>, request: Request) -> Response {
    let mut known = state.locked();
    let headers = request.headers();
    let is_known = match credentials(headers) {
        Some(("Basic", value)) => basic(value).is_some_and(|given| is(&given, USER)),
        Some(("Bearer", token)) => token == BEARER || known.tokens.contains(token),
        _ => headers.get("x-api-key").is_some_and(|key| key == API_KEY),
    };
    if !is_known {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    known.asked.push(format!("{} {}", request.method(), request.uri()));
    Json(json!({"status": "ok"})).into_response()
}

/// A token call's form.
#[derive(Deserialize)]
struct TokenCall {
    grant_type: String,
}

async fn token(
    Extracted(state): Extracted<Arc<State>>,
    headers: HeaderMap,
    Form(call): Form<TokenCall>,
) -> Response {
    let mut known = state.locked();
    known.token_calls += 1;
    let client = match credentials(&headers) {
        Some(("Basic", value)) => basic(value),
        _ => None,
    };
    if !client.is_some_and(|given| is(&given, CLIENT)) {
        // Words that a careless server could say, and that must go no further.
        let told = json!({"error": "invalid_client", "error_description": CLIENT.1});
        return (StatusCode::UNAUTHORIZED, Json(told)).into_response();
    }
    if call.grant_type != "client_credentials" {
        let told = json!({"error": "unsupported_grant_type"});
        return (StatusCode::BAD_REQUEST, Json(told)).into_response();
    }
    let token = format!("token-of-the-simulator-{}", known.token_calls);
    known.tokens.insert(token.clone());
    let answer =
        json!({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS});
    Json(answer).into_response()
}

fn is((user, password): &(String, String), known: (&str, &str)) -> bool {
    (user.as_str(), password.as_str()) == known
}
