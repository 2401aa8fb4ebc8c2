//! Pega's DX API in both versions over the same cases: v1 as its Swagger describes it, v2 as
//! its clients use it; cases with ETags, Pulse messages, the OAuth2 token endpoint, the error
//! bodies of each, and a strict 404 for whatever no Pega has.

mod auth;
mod ledger;
mod listing;
mod save;
mod state;
mod types;
mod v1;
mod v2;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use serde_json::{Map, Value};

use crate::fault::misbehave;
use crate::{Faults, Server, Stopped};

pub use state::Message;
use state::State;
pub use types::CaseType;

/// Operator and client that the simulator knows.
pub const OPERATOR: (&str, &str) = ("hr.bridge", "rules-4-all");
/// OAuth2 client id and secret that the simulator knows.
pub const CLIENT: (&str, &str) = ("caseway", "client-secret-of-the-simulator");

/// A running Pega.
pub struct Pega {
    server: Server,
    state: Arc<State>,
    /// What goes wrong next.
    pub faults: Faults,
}

impl Pega {
    /// Starts an empty Pega on any free port.
    pub async fn start() -> std::io::Result<Self> {
        let state = Arc::new(State::default());
        let faults = Faults::default();
        let server = Server::start(router(state.clone(), faults.clone()), 0).await?;
        Ok(Self { server, state, faults })
    }

    /// Stops listening, as if it were down, and answers what starts it again with
    /// everything it knew.
    pub async fn stop(self) -> Stopped<Self> {
        let Self { server, state, faults } = self;
        server.stop(|server| Self { server, state, faults }).await
    }

    /// The base address of DX API v1.
    pub fn url(&self) -> String {
        format!("{}/prweb/api/v1", self.server.url())
    }

    /// The base address of DX API v2.
    pub fn url_v2(&self) -> String {
        format!("{}/prweb/api/application/v2", self.server.url())
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/prweb/PRRestService/oauth2/v1/token", self.server.url())
    }

    /// All messages that were posted, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.state.locked().messages.clone()
    }

    /// The texts of the messages on one case.
    pub fn notes_on(&self, case_id: &str) -> Vec<String> {
        let on_case = |message: &Message| message.context == case_id;
        self.messages().into_iter().filter(on_case).map(|message| message.text).collect()
    }

    /// Makes a case and answers its key. The type must be one of this Pega's.
    pub fn case(&self, case_type: &str, content: &Value) -> Option<String> {
        let content = content.as_object().cloned().unwrap_or_default();
        Some(self.state.locked().create(types::find(case_type)?, None, content))
    }

    /// The keys of all cases.
    pub fn cases(&self) -> Vec<String> {
        self.state.locked().cases.keys().cloned().collect()
    }

    /// What a case holds; nothing when there is none.
    pub fn content(&self, id: &str) -> Map<String, Value> {
        let known = self.state.locked();
        known.cases.get(id).map(|case| case.content.clone()).unwrap_or_default()
    }

    /// Saves something over a case, as its users do.
    pub fn save(&self, id: &str, content: &Value) {
        let content = content.as_object().cloned().unwrap_or_default();
        self.state.locked().save(id, content, false);
    }

    /// Opens a case, so that nobody else may save it, or closes it.
    pub fn lock(&self, id: &str, locked: bool) {
        let mut known = self.state.locked();
        if locked {
            known.locked.insert(id.to_owned());
        } else {
            known.locked.remove(id);
        }
    }

    /// Method and path of each call of the DX APIs, oldest first; paths without the base.
    pub fn calls(&self) -> Vec<String> {
        self.state.locked().calls.clone()
    }

    /// The most calls of the DX APIs that were ever under way at a time.
    pub fn most_at_once(&self) -> usize {
        self.state.locked().at_once.most()
    }

    /// Makes every token given out so far invalid.
    pub fn expire_tokens(&self) {
        self.state.locked().tokens.clear();
    }

    /// How often a token was asked for.
    pub fn token_calls(&self) -> usize {
        self.state.locked().token_calls
    }
}

fn router(state: Arc<State>, faults: Faults) -> Router {
    let guarded =
        |routes: Router<Arc<State>>| routes.layer(from_fn_with_state(state.clone(), auth::check));
    Router::new()
        .nest("/prweb/api/v1", guarded(v1::routes()))
        .nest("/prweb/api/application/v2", guarded(v2::routes()))
        .route("/prweb/PRRestService/oauth2/v1/token", post(auth::token))
        .fallback(no_such_resource)
        .method_not_allowed_fallback(no_such_resource)
        .layer(from_fn_with_state(faults, misbehave))
        .layer(from_fn_with_state(state.clone(), ledger::note))
        .with_state(state)
}

/// Any address or method that the API does not have.
async fn no_such_resource() -> StatusCode {
    StatusCode::NOT_FOUND
}
