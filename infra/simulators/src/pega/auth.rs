//! Signing in: HTTP Basic of an operator, or a bearer token of the token endpoint
//! (RFC 6749, client credentials, in the header or in the form).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Form, Request, State as Extracted};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::state::State;
use super::{CLIENT, OPERATOR};
use crate::authorization::{basic, credentials};

/// Lets known callers through; others get a 401, which has no documented body.
pub(super) async fn check(
    Extracted(state): Extracted<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let known = match credentials(request.headers()) {
        Some(("Basic", value)) => basic(value) == Some((OPERATOR.0.into(), OPERATOR.1.into())),
        Some(("Bearer", token)) => state.locked().tokens.contains(token),
        _ => false,
    };
    if known { next.run(request).await } else { StatusCode::UNAUTHORIZED.into_response() }
}

/// A token call's form.
#[derive(Deserialize)]
pub(super) struct TokenCall {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Gives a token out for an hour.
pub(super) async fn token(
    Extracted(state): Extracted<Arc<State>>,
    headers: HeaderMap,
    Form(call): Form<TokenCall>,
) -> Response {
    let mut known = state.locked();
    known.token_calls += 1;
    if call.grant_type != "client_credentials" {
        return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let in_header = match credentials(&headers) {
        Some(("Basic", value)) => basic(value),
        _ => None,
    };
    if in_header.or(call.client_id.zip(call.client_secret))
        != Some((CLIENT.0.to_owned(), CLIENT.1.to_owned()))
    {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let token = format!("token-{}", known.number());
    known.tokens.insert(token.clone());
    Json(json!({"access_token": token, "token_type": "bearer", "expires_in": 3600})).into_response()
}

fn refused(status: StatusCode, error: &str) -> Response {
    let description = "The client could not be authenticated";
    (status, Json(json!({"error": error, "error_description": description}))).into_response()
}
