//! The token endpoint: `POST /token` with client credentials (RFC 6749, section 4.4),
//! the client's in the header or in the form, never in both.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State as Extracted};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::state::{LIFETIME_SECONDS, State};
use super::{AUDIENCE, CLIENT, SCOPE, endpoints};

/// A token call's form.
#[derive(Deserialize)]
pub(super) struct TokenCall {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
    audience: Option<String>,
}

/// Why a call gets no token (RFC 6749, section 5.2).
struct Refusal(StatusCode, &'static str);

/// Gives a token out.
pub(super) async fn token(
    Extracted(state): Extracted<Arc<State>>,
    headers: HeaderMap,
    call: Result<Form<TokenCall>, FormRejection>,
) -> Response {
    let scope =
        match call.map_err(|_| bad("invalid_request")).and_then(|call| check(&headers, &call)) {
            Ok(scope) => scope,
            Err(refusal) => return refusal.into_response(),
        };
    let claims = json!({"sub": CLIENT.0, "client_id": CLIENT.0, "aud": AUDIENCE, "scope": scope});
    let token = state.signed(&endpoints::issuer(&headers), &state.rsa(), json!({}), claims);
    let answer = json!({
        "access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS,
        "scope": scope,
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// The scope that is granted.
fn check(headers: &HeaderMap, call: &TokenCall) -> Result<String, Refusal> {
    let in_header = headers.get(header::AUTHORIZATION).map(|value| value.to_str().ok());
    let in_form = call.client_id.as_deref().zip(call.client_secret.as_deref());
    let known = match (in_header, in_form) {
        (Some(_), Some(_)) => return Err(bad("invalid_request")),
        (Some(header), None) => header
            .and_then(basic)
            .is_some_and(|(id, secret)| (id.as_str(), secret.as_str()) == CLIENT),
        (None, form) => form == Some(CLIENT),
    };
    if !known {
        return Err(Refusal(StatusCode::UNAUTHORIZED, "invalid_client"));
    }
    match call.grant_type.as_deref() {
        None => return Err(bad("invalid_request")),
        Some("client_credentials") => {}
        Some(_) => return Err(bad("unsupported_grant_type")),
    }
    if call.audience.as_deref().is_some_and(|audience| audience != AUDIENCE) {
        return Err(bad("invalid_target"));
    }
    match call.scope.as_deref() {
        None | Some(SCOPE) => Ok(SCOPE.to_owned()),
        Some(_) => Err(bad("invalid_scope")),
    }
}

fn basic(header: &str) -> Option<(String, String)> {
    let text = BASE64_STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(text).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn bad(error: &'static str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, error)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, error) = self;
        let mut response = (status, Json(json!({"error": error}))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            let challenge = header::HeaderValue::from_static("Basic realm=\"clients\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
