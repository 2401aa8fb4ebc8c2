//! Path and query parameters whose rejections are problems that name the field.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, path::ErrorKind};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::{Error, Kind};

/// Path parameters.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(failed)) => {
                Err(of_path(failed.kind()))
            }
            Err(other) => Err(Error::internal(other)),
        }
    }
}

fn of_path(kind: &ErrorKind) -> Error {
    match kind {
        ErrorKind::ParseErrorAtKey { key, expected_type, .. } => {
            Error::invalid(key, format!("must be of type {expected_type}"))
        }
        ErrorKind::ParseError { expected_type, .. } => {
            Error::invalid("path", format!("must be of type {expected_type}"))
        }
        other => Error::invalid("path", other.to_string()),
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
    let told = text.split_once(": ").map_or(text, |(_, told)| told);
    match told.split_once(": ") {
        Some((field, message)) => Error::invalid(field, message),
        None => Error::new(Kind::Invalid, told).field("query", told),
    }
}
