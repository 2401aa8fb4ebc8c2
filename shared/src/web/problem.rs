//! What a caller sees of an [`Error`]: `application/problem+json` (RFC 9457),
//! with the members that clients of the older services look for beside it
//! (`status_code`, `error_type`, `timestamp`).

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use crate::clock::Clock;
use crate::error::{Error, FieldError, Kind};

/// The body of every answer that is not a success.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong, for a person.
    detail: String,
    /// The HTTP status once more.
    status_code: u16,
    /// The kind of failure as one word.
    error_type: &'static str,
    /// When, RFC 3339, UTC.
    timestamp: String,
    /// The name of the rate limit that is used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'static str>,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemField>,
}

/// A field at fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// Its path in the request.
    field: String,
    /// What is wrong with it.
    message: String,
}

impl Kind {
    /// The status and the one word of each kind of failure.
    fn status(self) -> (StatusCode, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict"),
            Self::Stale => (StatusCode::CONFLICT, "stale_version"),
            Self::Locked => (StatusCode::LOCKED, "locked"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"),
            Self::UnsupportedMedia => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            }
            Self::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "validation_error"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::RefusedElsewhere => (StatusCode::BAD_GATEWAY, "refused_elsewhere"),
            Self::OutcomeUnknown => (StatusCode::GATEWAY_TIMEOUT, "unknown_outcome"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
        }
    }
}

/// What somebody is told whose request is refused, whatever shape they are told it in: it
/// goes with the answer, for routes that tell it in a shape of their own.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What is wrong, for a person.
    pub detail: String,
    /// Which of the kinds it is.
    pub kind: Kind,
    /// The fields at fault.
    pub fields: Vec<FieldError>,
}

impl Refused {
    /// The same answer with this body.
    pub(super) fn told_as(answer: Response, body: &impl Serialize) -> Response {
        let body = serde_json::to_vec(body).unwrap_or_default();
        let (mut parts, _) = answer.into_parts();
        let json = HeaderValue::from_static("application/json");
        parts.headers.insert(header::CONTENT_TYPE, json);
        parts.headers.remove(header::CONTENT_LENGTH);
        Response::from_parts(parts, body.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(kind = ?self.kind, cause = %format!("{cause:#}"), "request failed");
        }
        let (status, error_type) = self.kind.status();
        let refused =
            Refused { detail: self.detail.clone(), kind: self.kind, fields: self.fields.clone() };
        let fields = self.fields.into_iter();
        let problem = Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: self.detail,
            status_code: status.as_u16(),
            error_type,
            timestamp: Clock::system().now().to_string(),
            policy: self.quota.map(|quota| quota.policy),
            errors: fields.map(|f| ProblemField { field: f.field, message: f.message }).collect(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.extensions_mut().insert(refused);
        let headers = response.headers_mut();
        let problem_json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem_json);
        if let Some(quota) = self.quota {
            quota.tell(headers);
        }
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response
    }
}

/// In the API document: what can go wrong with every operation.
impl IntoResponses for Error {
    fn responses() -> Responses {
        of([
            (StatusCode::INTERNAL_SERVER_ERROR, "A fault of ours"),
            (StatusCode::SERVICE_UNAVAILABLE, "Please repeat the call"),
        ])
    }
}

/// In the API document: the thing is not in a state that allows the operation.
pub struct Conflict;

impl IntoResponses for Conflict {
    fn responses() -> Responses {
        of([(StatusCode::CONFLICT, "It is not in a state that allows this")])
    }
}

/// In the API document: what the body names is not there.
pub struct Missing;

impl IntoResponses for Missing {
    fn responses() -> Responses {
        of([(StatusCode::NOT_FOUND, "There is no such thing as the body names")])
    }
}

/// Answers by status.
pub(super) type Responses = BTreeMap<String, RefOr<utoipa::openapi::Response>>;

/// In the API document: these statuses are answered with a problem.
pub(super) fn of<const N: usize>(statuses: [(StatusCode, &str); N]) -> Responses {
    let documented = statuses.map(|(status, text)| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description(text);
        let response = response.content("application/problem+json", content).build();
        (status.as_str().to_owned(), RefOr::T(response))
    });
    BTreeMap::from(documented)
}

/// In the API document: every refusal of this operation is told in this shape.
pub(super) fn told_as(operation: &mut Operation, name: &str) {
    let is_refusal = |status: &str| status.starts_with(['4', '5']);
    for (status, answer) in &mut operation.responses.responses {
        if let RefOr::T(answer) = answer
            && is_refusal(status)
        {
            let schema = Some(Ref::from_schema_name(name));
            let content = ContentBuilder::new().schema(schema).build();
            let content = ("application/json".to_owned(), RefOr::T(content));
            answer.content = std::iter::once(content).collect();
        }
    }
}
