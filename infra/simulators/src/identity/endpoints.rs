//! What is published: the discovery document and the key set.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State as Extracted};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Value, json};

use super::SCOPE;
use super::jws::overlaid;
use super::state::State;

/// Counts every call, also one that a fault keeps from its answer.
pub(super) async fn count(
    Extracted(state): Extracted<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    state.count(request.uri().path());
    next.run(request).await
}

/// `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0).
pub(super) async fn discovery(headers: HeaderMap) -> Json<Value> {
    let issuer = issuer(&headers);
    Json(json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwks"),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "ES384", "PS256"],
        "scopes_supported": ["openid", SCOPE],
    }))
}

/// The key set.
pub(super) async fn keys(Extracted(state): Extracted<Arc<State>>) -> Json<Value> {
    Json(json!({"keys": state.published()}))
}

/// An attacker's key, under the names of the provider's own.
pub(super) async fn attackers_keys(Extracted(state): Extracted<Arc<State>>) -> Json<Value> {
    let key = state.attacker.jwk();
    let renamed = overlaid(key.clone(), json!({"kid": state.rsa().kid}));
    Json(json!({"keys": [key, renamed]}))
}

/// The issuer as its callers know it.
pub(super) fn issuer(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}/realm", host.unwrap_or_default())
}
