//! Path and query parameters whose rejections are problems that name the field.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, RawPathParams, path::ErrorKind};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::json::told;
use crate::error::{Error, Kind};

/// Path parameters.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(failed)) => {
                let params = RawPathParams::from_request_parts(parts, state).await.ok();
                let at = match failed.kind() {
                    ErrorKind::ParseErrorAtIndex { index, .. } => *index,
                    _ => 0,
                };
                let named = params.as_ref().and_then(|params| params.iter().nth(at));
                Err(of_path(failed.kind(), named.map_or("path", |(name, _)| name)))
            }
            Err(other) => Err(Error::internal(other)),
        }
    }
}

/// A path whose parameters are taken by their order does not say their names; `only` does.
fn of_path(kind: &ErrorKind, only: &str) -> Error {
    match kind {
        ErrorKind::ParseErrorAtKey { key, expected_type, .. } => {
            Error::invalid(key, format!("must be of type {expected_type}"))
        }
        ErrorKind::ParseError { expected_type, .. }
        | ErrorKind::ParseErrorAtIndex { expected_type, .. } => {
            Error::invalid(only, format!("must be of type {expected_type}"))
        }
        other => Error::invalid(only, other.to_string()),
    }
}

/// Query parameters.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            // The rejection's text is "Failed to deserialize query string: limit: invalid digit …".
            Err(rejection) => Err(of_query(&rejection.body_text())),
        }
    }
}

fn of_query(text: &str) -> Error {
    let words = text.split_once(": ").map_or(text, |(_, words)| words);
    match words.split_once(": ") {
        Some((field, message)) => Error::invalid(field, told(message)),
        None => Error::new(Kind::Invalid, words).field("query", words),
    }
}
