//! Pega DX API v1 as its Swagger describes it (`PegaAPI v1`): cases with ETags,
//! Pulse messages, the OAuth2 token endpoint, Pega's error bodies, and a strict
//! 404 for `POST /cases/{id}/actions/…`, which no Pega ever had.

mod auth;
mod cases;
mod error;
mod messages;
mod state;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::fault::misbehave;
use crate::{Faults, Server};

pub use messages::Message;
use state::State;

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
        Self::start_on(0).await
    }

    /// Starts an empty Pega on this port.
    pub async fn start_on(port: u16) -> std::io::Result<Self> {
        let state = Arc::new(State::default());
        let faults = Faults::default();
        let server = Server::start(router(state.clone(), faults.clone()), port).await?;
        Ok(Self { server, state, faults })
    }

    /// Stops listening, as if it were down, and answers what starts it again with
    /// everything it knew.
    pub fn stop(self) -> Stopped {
        Stopped { port: self.server.port(), state: self.state, faults: self.faults }
    }

    /// The base address of DX API v1.
    pub fn url(&self) -> String {
        format!("{}/prweb/api/v1", self.server.url())
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

    /// Makes every token given out so far invalid.
    pub fn expire_tokens(&self) {
        self.state.locked().tokens.clear();
    }

    /// How often a token was asked for.
    pub fn token_calls(&self) -> usize {
        self.state.locked().token_calls
    }
}

/// A Pega that is down.
pub struct Stopped {
    port: u16,
    state: Arc<State>,
    faults: Faults,
}

impl Stopped {
    /// Comes up again on the same port.
    pub async fn start(self) -> std::io::Result<Pega> {
        let Self { port, state, faults } = self;
        let server = Server::start(router(state.clone(), faults.clone()), port).await?;
        Ok(Pega { server, state, faults })
    }
}

fn router(state: Arc<State>, faults: Faults) -> Router {
    let api = Router::new()
        .route("/cases", post(cases::create))
        .route("/cases/{id}", get(cases::read).put(cases::update))
        .route("/messages", get(messages::list).post(messages::create))
        .layer(from_fn_with_state(state.clone(), auth::check));
    Router::new()
        .nest("/prweb/api/v1", api)
        .route("/prweb/PRRestService/oauth2/v1/token", post(auth::token))
        .fallback(error::no_such_resource)
        .method_not_allowed_fallback(error::no_such_resource)
        .layer(from_fn_with_state(faults, misbehave))
        .with_state(state)
}
