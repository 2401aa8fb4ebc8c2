//! An identity provider: OpenID Connect discovery, its key set (RFC 7517), tokens
//! signed by RSA and EC keys, and the OAuth2 token endpoint for client credentials.
//! What nobody should be given is in [`forgeries`].

mod endpoints;
pub mod forgeries;
mod jws;
mod keys;
mod oauth;
mod short;
mod state;

use std::io::Result;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::fault::misbehave;
use crate::{Faults, Server, Stopped};

use keys::SigningKey;
use state::State;

/// OAuth2 client id and secret that the simulator knows.
pub const CLIENT: (&str, &str) = ("hr-suite", "client-secret-of-the-simulator");
/// The audience and the scope that this client may have tokens for.
pub const AUDIENCE: &str = "https://caseway.example/api";
/// See [`AUDIENCE`].
pub const SCOPE: &str = "events:write";

/// A running identity provider.
pub struct IdentityProvider {
    server: Server,
    state: Arc<State>,
    /// What goes wrong next.
    pub faults: Faults,
}

impl IdentityProvider {
    /// Starts one with fresh keys on any free port. `now` tells it the time, in
    /// milliseconds since 1970.
    pub async fn start(now: impl Fn() -> i64 + Send + Sync + 'static) -> Result<Self> {
        let state = Arc::new(State::new(Box::new(now))?);
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

    /// The `iss` of its tokens.
    pub fn issuer(&self) -> String {
        format!("{}/realm", self.server.url())
    }

    /// Where its keys are.
    pub fn jwks_url(&self) -> String {
        format!("{}/jwks", self.issuer())
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.issuer())
    }

    /// How often its keys were asked for, whether it answered or not.
    pub fn jwks_calls(&self) -> usize {
        self.state.calls_of("/realm/jwks")
    }

    /// How often its discovery document was asked for.
    pub fn discovery_calls(&self) -> usize {
        self.state.calls_of("/realm/.well-known/openid-configuration")
    }

    /// How often anything was asked of the attacker whom forgeries point at.
    pub fn attacker_calls(&self) -> usize {
        self.state.calls_of("/attacker/")
    }

    /// A token with these claims, RS256. `iss`, `iat` and `exp` are filled in if they
    /// are absent, and left out if they are null.
    pub fn token(&self, claims: Value) -> String {
        self.token_with(json!({}), claims)
    }

    /// The same, ES256.
    pub fn token_es256(&self, claims: Value) -> String {
        self.signed(&self.state.ec(), json!({}), claims)
    }

    /// An RS256 token whose header has these members too, or lacks them if they are null.
    pub fn token_with(&self, header: Value, claims: Value) -> String {
        self.signed(&self.state.rsa(), header, claims)
    }

    /// Signs with new keys from now on. The old ones stay published.
    pub fn rotate(&self) -> Result<()> {
        self.state.rotate()
    }

    /// Publishes only the keys that it signs with.
    pub fn retire(&self) {
        self.state.retire();
    }

    fn signed(&self, key: &SigningKey, header: Value, claims: Value) -> String {
        self.state.signed(&self.issuer(), key, header, claims)
    }
}

fn router(state: Arc<State>, faults: Faults) -> Router {
    Router::new()
        .route("/realm/.well-known/openid-configuration", get(endpoints::discovery))
        .route("/realm/jwks", get(endpoints::keys))
        .route("/realm/token", post(oauth::token))
        .route("/attacker/jwks", get(endpoints::attackers_keys))
        .layer(from_fn_with_state(faults, misbehave))
        .layer(from_fn_with_state(state.clone(), endpoints::count))
        .with_state(state)
}
